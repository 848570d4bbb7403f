package io.fluctus.rtmfp;

import io.fluctus.wire.ProtocolException;
import io.vertx.core.buffer.Buffer;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * One RTMFP endpoint without its socket (RFC 7016 3.5): datagrams and time go in, events and datagrams come out. Whatever comes
 * from a stranger costs no memory and no Diffie-Hellman before a good cookie returns; nothing that is received throws.
 */
public final class RtmfpEndpoint implements Outbox {
    /** What happened, told to the owner. */
    public sealed interface Event {
        /** Compute it away from the event loop, then {@link RtmfpEndpoint#deliver}. */
        record AgreementNeeded(Agreement agreement) implements Event {}

        /** @param opening what {@link RtmfpEndpoint#open} returned; empty for a session that the far end began */
        record SessionOpened(Session session, Optional<Integer> opening) implements Event {}

        record InSession(Session session, SessionEvent event) implements Event {}

        record OpeningFailed(int opening) implements Event {}

        /** A stranger says hello, and whoever owns this endpoint wants to be asked: {@link RtmfpEndpoint#welcome} answers. */
        record HelloReceived(InetSocketAddress from, Chunk.IHello hello, String path, int bytesIn) implements Event {}

        /** Somebody looks for an endpoint that is not this one: a forwarder may introduce them (3.5.1.4). */
        record IntroductionWanted(InetSocketAddress from, Buffer fingerprint, Buffer tag) implements Event {}
    }

    private final Identity identity;
    private final int instance;
    private final RandomGenerator random;
    private final Cookies cookies;
    private final HelloLimit limit;
    private final PacketCipher startup = PacketCipher.startup();
    private final TimeCritical timeCritical = new TimeCritical();
    private final FragmentedPackets fragmented = new FragmentedPackets(Params.MAX_FRAGMENTED_STARTUP);
    private final SessionTable sessions = new SessionTable();
    private final Map<Integer, InitiatorHandshake> openings = new LinkedHashMap<>();
    private final HalfOpen halfOpen = new HalfOpen();
    private final Deque<Datagram> out = new ArrayDeque<>();
    private final Outgoing outgoing = new Outgoing();
    private List<Address> redirection = List.of();
    private boolean asking;
    private int agreements;
    private long dropped;
    private long now;

    /** @param instance 0 to 255: the first byte of its session ids, so that a datagram finds the instance of its session */
    public RtmfpEndpoint(Identity identity, Buffer cookieSecret, int instance, RandomGenerator random) {
        this.identity = identity;
        this.instance = instance;
        this.random = random;
        this.cookies = new Cookies(cookieSecret, random);
        this.limit = new HelloLimit(random.nextInt(), Params.HELLOS_PER_ADDRESS);
    }

    /** Which instance's session a datagram is for; empty for startup packets and fragments of datagrams. */
    public static Optional<Integer> instanceOf(Buffer datagram) {
        if (datagram.length() < PacketCipher.MIN_DATAGRAM) {
            return Optional.empty();
        }
        int id = PacketCipher.sessionId(datagram);
        return id == 0 ? Optional.empty() : Optional.of(id >>> 24);
    }

    /** Datagrams that were thrown away: not opened, not understood, unwanted or over a limit. */
    public long dropped() {
        return dropped;
    }

    public int sessionCount() {
        return sessions.confirmedCount();
    }

    int halfOpenCount() {
        return halfOpen.size();
    }

    public Optional<Session> session(Buffer fingerprint) {
        return sessions.get(fingerprint);
    }

    /** Looks for the endpoint that {@code epd} selects; the number comes back in SessionOpened or OpeningFailed. */
    public int open(Epd epd, List<InetSocketAddress> candidates, long now) {
        this.now = now;
        if (openings.size() >= Params.MAX_OPENINGS) {
            throw new IllegalStateException("more than " + Params.MAX_OPENINGS + " handshakes at a time");
        }
        InitiatorHandshake opening = new InitiatorHandshake(newId(), epd, identity, this, random, now);
        openings.put(opening.nearId(), opening);
        candidates.forEach(c -> opening.addCandidate(c, now));
        opening.tick(now);
        return opening.nearId();
    }

    /** From now on whoever says hello is sent there; none: answered here again. Keep it up while you mean it (pitfall 14). */
    public void redirectAll(List<Address> addresses) {
        redirection = List.copyOf(addresses);
    }

    /** Whether hellos are told of instead of being answered; not while all are redirected. */
    public void askFirst(boolean wanted) {
        asking = wanted;
    }

    /** Answers a hello that was told of: with addresses elsewhere, or as ever if there are none. */
    public void welcome(Event.HelloReceived told, List<Address> elsewhere, long now) {
        this.now = now;
        answerHello(told.hello(), told.from(), told.bytesIn(), elsewhere);
    }

    /** Tells one who looks for another endpoint where to find it. */
    public void redirect(InetSocketAddress to, Buffer tag, List<Address> addresses) {
        send(0, new Chunk.Redirect(tag, addresses), to);
    }

    /** Tells {@code target} that somebody at {@code from} looks for it. */
    public void forward(Session target, InetSocketAddress from, Buffer tag) {
        Epd epd = Epd.ofFingerprint(target.farCertificate().fingerprint());
        target.enqueue(new Chunk.FIHello(epd.encode(), new Address(from, Address.OBSERVED), tag));
    }

    // -- in

    public List<Event> receive(Datagram in, long now) {
        this.now = now;
        List<Event> events = new ArrayList<>();
        int length = in.bytes().length();
        if (length < PacketCipher.MIN_DATAGRAM || length > Params.MAX_DATAGRAM) {
            dropped++;
            return events;
        }
        try {
            int id = PacketCipher.sessionId(in.bytes());
            Optional<Session> session = id == 0 ? Optional.empty() : sessions.get(id);
            boolean used =
                    session.isPresent() ? receiveInSession(session.get(), in, events) : receiveStartup(id, in, events);
            if (!used) {
                dropped++;
            }
        } catch (ProtocolException e) {
            dropped++; // a stranger can forge what passes a checksum of 16 bits: the session stays
        }
        return events;
    }

    private boolean receiveInSession(Session session, Datagram in, List<Event> events) {
        Optional<Buffer> plain = session.cipher().open(in.bytes());
        if (plain.isEmpty()) {
            return false;
        }
        Packet packet = Packet.decode(plain.get());
        Optional<ResponderHandshake> handshake = halfOpen.get(session.nearId());
        if (handshake.isPresent()) {
            halfOpen.remove(handshake.get());
            opened(session, handshake.get().opening(), events);
        }
        List<SessionEvent> inside = new ArrayList<>();
        try {
            session.receive(packet, in.peer(), now, inside);
        } finally {
            tell(session, inside, events);
        }
        return true;
    }

    private void opened(Session session, Optional<Integer> opening, List<Event> events) {
        sessions.confirm(session).ifPresent(old -> {
            old.abort();
            events.add(new Event.InSession(old, new SessionEvent.Closed("overridden by a new session", false)));
        });
        events.add(new Event.SessionOpened(session, opening));
    }

    private void tell(Session session, List<SessionEvent> inside, List<Event> events) {
        for (SessionEvent event : inside) {
            if (event instanceof SessionEvent.FarHello far) {
                answerForwarded(far.hello());
            } else {
                events.add(new Event.InSession(session, event));
            }
        }
    }

    private boolean receiveStartup(int id, Datagram in, List<Event> events) {
        InitiatorHandshake opening = openings.get(id);
        if (id != 0 && opening == null) {
            return false;
        }
        Optional<Buffer> plain = startup.open(in.bytes());
        if (plain.isEmpty()) {
            if (opening != null) {
                opening.keepEarly(in);
            }
            return opening != null;
        }
        Packet packet = Packet.decode(plain.get());
        if (packet.mode() != Packet.STARTUP || packet.chunks().isEmpty()) {
            return false;
        }
        Chunk chunk = packet.chunks().get(0); // one chunk a packet: nobody makes us work many times for one datagram
        if (chunk instanceof Chunk.Fragment fragment) {
            FragmentedPackets.Key key = new FragmentedPackets.Key(id, in.peer(), packet.mode(), fragment.packetId());
            Optional<Packet> whole = fragmented.add(key, fragment, now);
            if (whole.filter(p -> !p.chunks().isEmpty()).isEmpty()) {
                return true;
            }
            chunk = whole.get().chunks().get(0);
        }
        return opening == null ? receiveHello(chunk, in, events) : receiveKeying(opening, chunk, in, events);
    }

    private boolean receiveHello(Chunk chunk, Datagram in, List<Event> events) {
        if (chunk instanceof Chunk.IHello hello) {
            return receive(hello, in, events);
        } else if (chunk instanceof Chunk.IIKeying keying) {
            return receive(keying, in, events);
        } else if (chunk instanceof Chunk.RHello hello) {
            opening(hello.tag()).ifPresent(o -> o.receive(hello, in.peer(), now));
            return true;
        } else if (chunk instanceof Chunk.Redirect redirect) {
            opening(redirect.tag()).ifPresent(o -> o.receive(redirect, in.peer(), now));
            return true;
        } else if (chunk instanceof Chunk.RHelloCookieChange change) {
            openings.values().forEach(o -> o.receive(change, in.peer(), now));
            return true;
        }
        return false;
    }

    private Optional<InitiatorHandshake> opening(Buffer tag) {
        return openings.values().stream().filter(o -> o.tag().equals(tag)).findFirst();
    }

    private boolean receiveKeying(InitiatorHandshake opening, Chunk chunk, Datagram in, List<Event> events) {
        if (chunk instanceof Chunk.RIKeying keying) {
            opening.receive(keying, in.peer()).ifPresent(a -> {
                agreements++;
                events.add(new Event.AgreementNeeded(a));
            });
            return true;
        } else if (chunk instanceof Chunk.RHelloCookieChange change) {
            opening.receive(change, in.peer(), now);
            return true;
        }
        return false;
    }

    // -- the responder's side

    private boolean receive(Chunk.IHello hello, Datagram in, List<Event> events) {
        Epd epd = Epd.decode(hello.epd());
        int bytesIn = in.bytes().length();
        if (!identity.certificate().isSelectedBy(epd)) {
            if (epd.fingerprint().isEmpty() || !limit.take(in.peer(), bytesIn, 0, now)) {
                return false;
            }
            events.add(new Event.IntroductionWanted(in.peer(), epd.fingerprint().get(), hello.tag()));
            return true;
        }
        if (asking && redirection.isEmpty()) {
            Chunk.IHello kept = new Chunk.IHello(hello.epd().copy(), hello.tag().copy());
            events.add(new Event.HelloReceived(in.peer(), kept, epd.path(), bytesIn));
            return true;
        }
        return answerHello(hello, in.peer(), bytesIn, redirection);
    }

    private boolean answerHello(Chunk.IHello hello, InetSocketAddress to, int bytesIn, List<Address> elsewhere) {
        Chunk answer = elsewhere.isEmpty()
                ? new Chunk.RHello(
                        hello.tag(),
                        cookies.bake(to, now),
                        identity.certificate().encoded())
                : new Chunk.Redirect(hello.tag(), elsewhere);
        return answerStranger(0, answer, to, bytesIn);
    }

    /** Never more than four bytes for one (F1), twenty times a second. */
    private boolean answerStranger(int sessionId, Chunk answer, InetSocketAddress to, int bytesIn) {
        Buffer datagram = sealStartup(sessionId, answer);
        if (!limit.take(to, bytesIn, datagram.length(), now)) {
            return false;
        }
        out.add(new Datagram(to, datagram));
        return true;
    }

    /** As if a forwarder of ours had said so: somebody looks for us. */
    void hear(Chunk.FIHello hello, long now) {
        this.now = now;
        answerForwarded(hello);
    }

    /** 3.5.1.6: a forwarder of ours says that somebody looks for us: let the way to us be opened from here. */
    private void answerForwarded(Chunk.FIHello hello) {
        Epd epd = Epd.decode(hello.epd());
        InetSocketAddress to = hello.replyAddress().socket();
        if (!identity.certificate().isSelectedBy(epd) || !hello.replyAddress().isUsable()) {
            return;
        }
        Chunk answer = new Chunk.RHello(
                hello.tag(), cookies.bake(to, now), identity.certificate().encoded());
        if (limit.take(to, 0, 0, now)) {
            send(0, answer, to);
        }
    }

    private boolean receive(Chunk.IIKeying keying, Datagram in, List<Event> events) {
        switch (cookies.check(keying.cookie(), in.peer(), now)) {
            case GOOD:
                return receiveProved(keying, in, events);
            case OTHER_ADDRESS:
                Buffer cookie = cookies.bake(in.peer(), now);
                Chunk change = new Chunk.RHelloCookieChange(keying.cookie(), cookie);
                return answerStranger(
                        keying.sessionId(), change, in.peer(), in.bytes().length());
            default:
                return false;
        }
    }

    private boolean receiveProved(Chunk.IIKeying keying, Datagram in, List<Event> events) {
        Optional<ResponderHandshake> known = halfOpen.get(keying.cookie());
        if (known.isPresent()) {
            if (!known.get().isRepeatedBy(keying)) {
                return false;
            }
            known.get()
                    .answer()
                    .ifPresent(answer -> answerStranger(
                            known.get().farId(), answer, in.peer(), in.bytes().length()));
            return true;
        }
        if (!halfOpen.mayBegin(keying.cookie(), in.peer().getAddress())
                || sessions.size() >= Params.MAX_SESSIONS
                || agreements >= Params.MAX_AGREEMENTS) {
            return false; // an initiator that meant it asks again
        }
        ResponderHandshake handshake = new ResponderHandshake(newId(), keying, in.peer(), identity, now);
        if (winsGlare(handshake.far())) {
            return false;
        }
        Agreement agreement = handshake.agreement();
        takeGlaring(handshake.far()).ifPresent(handshake::standsFor);
        if (halfOpen.isFull()) {
            halfOpen.oldest().ifPresent(oldest -> giveUp(oldest, events)); // who floods must not keep others out
        }
        halfOpen.begin(handshake, now);
        agreements++;
        events.add(new Event.AgreementNeeded(agreement));
        return true;
    }

    /** RFC 7425 4.3.6: when both sides have begun, the one with the lesser certificate goes on and the other gives up. */
    private boolean winsGlare(Certificate far) {
        Optional<InitiatorHandshake> ours =
                openings.values().stream().filter(o -> o.isKeyingWith(far)).findFirst();
        if (ours.isEmpty()) {
            return false;
        }
        byte[] near = identity.certificate().encoded().getBytes();
        return Arrays.compareUnsigned(far.encoded().getBytes(), near) >= 0;
    }

    /** The opening of ours that gives way to the far end's handshake. */
    private Optional<Integer> takeGlaring(Certificate far) {
        Optional<Integer> opening = openings.values().stream()
                .filter(o -> o.isKeyingWith(far))
                .map(InitiatorHandshake::nearId)
                .findFirst();
        opening.ifPresent(openings::remove);
        return opening;
    }

    // -- an agreement comes back

    public List<Event> deliver(Agreement.Result result, long now) {
        this.now = now;
        agreements--;
        List<Event> events = new ArrayList<>();
        InitiatorHandshake opening = openings.get(result.sessionId());
        if (opening != null) {
            opening.deliver(result).ifPresent(terms -> openInitiated(opening, terms, events));
            return events;
        }
        Optional<ResponderHandshake> answered = halfOpen.get(result.sessionId());
        if (answered.isEmpty()) {
            return events;
        }
        ResponderHandshake handshake = answered.get();
        Optional<Session.Terms> terms = handshake.deliver(result, Keying.randomness(random));
        if (terms.isEmpty()) {
            forget(handshake);
            return events;
        }
        sessions.add(new Session(terms.get(), handshake.peer(), timeCritical, now));
        handshake.answer().ifPresent(answer -> send(handshake.farId(), answer, handshake.peer()));
        return events;
    }

    private void openInitiated(InitiatorHandshake opening, Session.Terms terms, List<Event> events) {
        openings.remove(opening.nearId());
        Session session = new Session(terms, opening.peer(), timeCritical, now);
        sessions.add(session);
        opened(session, Optional.of(opening.nearId()), events);
        for (Datagram early : opening.early()) {
            events.addAll(receive(early, now));
        }
    }

    private void forget(ResponderHandshake handshake) {
        halfOpen.remove(handshake);
        sessions.get(handshake.nearId()).ifPresent(s -> {
            s.abort();
            sessions.remove(s);
        });
    }

    // -- out and time

    @Override
    public void send(int sessionId, Chunk chunk, InetSocketAddress to) {
        out.add(new Datagram(to, sealStartup(sessionId, chunk)));
    }

    private Buffer sealStartup(int sessionId, Chunk chunk) {
        Packet packet = Packet.of(Packet.STARTUP, Packet.ticks(now), Packet.NONE, List.of(chunk));
        return startup.seal(sessionId, packet.encode());
    }

    /** Gives the next datagram to {@code outlet}; false: there is nothing. */
    boolean poll(long now, Outgoing.Outlet outlet) {
        this.now = now;
        if (!out.isEmpty()) {
            Datagram next = out.poll();
            outlet.send(next.peer(), next.bytes().getBytes(), next.bytes().length());
            return true;
        }
        boolean any = sessions.poll(outgoing, now);
        if (any) {
            outgoing.leave(outlet);
        }
        return any;
    }

    /** The next datagram, or null: nothing. */
    public Datagram poll(long now) {
        this.now = now;
        return !out.isEmpty() ? out.poll() : sessions.poll(outgoing, now) ? outgoing.copy() : null;
    }

    /** When {@link #tick} wants to be called; to be asked when {@link #poll} has nothing more. */
    public long deadline() {
        long deadline = sessions.deadline();
        for (InitiatorHandshake opening : openings.values()) {
            deadline = Math.min(deadline, opening.deadline());
        }
        deadline = Math.min(
                deadline, halfOpen.oldest().map(ResponderHandshake::deadline).orElse(Long.MAX_VALUE));
        return deadline;
    }

    public List<Event> tick(long now) {
        this.now = now;
        List<Event> events = new ArrayList<>();
        for (InitiatorHandshake opening : List.copyOf(openings.values())) {
            if (!opening.tick(now)) {
                openings.remove(opening.nearId());
                events.add(new Event.OpeningFailed(opening.nearId()));
            }
        }
        for (Optional<ResponderHandshake> old = expired(); old.isPresent(); old = expired()) {
            giveUp(old.get(), events);
        }
        for (Session session = sessions.due(now); session != null; session = sessions.due(now)) {
            List<SessionEvent> inside = new ArrayList<>();
            session.tick(now, inside);
            tell(session, inside, events);
        }
        return events;
    }

    private void giveUp(ResponderHandshake handshake, List<Event> events) {
        forget(handshake);
        handshake.opening().ifPresent(opening -> events.add(new Event.OpeningFailed(opening)));
    }

    private Optional<ResponderHandshake> expired() {
        return halfOpen.oldest().filter(oldest -> oldest.deadline() <= now);
    }

    /** Says good-bye to all. */
    public void close(long now) {
        this.now = now;
        sessions.all().forEach(s -> s.close(now));
    }

    private int newId() {
        while (true) {
            int id = instance << 24 | random.nextInt(1 << 24);
            if (id != 0
                    && !openings.containsKey(id)
                    && halfOpen.get(id).isEmpty()
                    && sessions.get(id).isEmpty()) {
                return id;
            }
        }
    }
}
