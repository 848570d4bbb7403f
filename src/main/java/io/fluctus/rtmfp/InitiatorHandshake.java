package io.fluctus.rtmfp;

import io.vertx.core.buffer.Buffer;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/** The initiator's side of one handshake (RFC 7016 3.5.1.1): hello to every candidate address, keying with the first that answers. */
final class InitiatorHandshake {
    private static final int TAG = 16;

    private enum State {
        HELLO,
        KEYING,
        AGREEING,
        DONE
    }

    private final int nearId;
    private final Epd epd;
    private final Identity identity;
    private final Outbox outbox;
    private final Buffer tag;
    private final Buffer randomness;
    private final long startedAt;
    private final List<InetSocketAddress> candidates = new ArrayList<>();
    private final Deque<Datagram> early = new ArrayDeque<>();
    private State state = State.HELLO;
    private long repeatAt;
    private long interval = Params.HELLO_INITIAL;
    private InetSocketAddress peer;
    private Certificate far;
    private DhGroup.KeyPair key;
    private Buffer component;
    private Buffer cookie;
    private boolean cookieChanged;
    private Chunk.RIKeying answer;

    InitiatorHandshake(int nearId, Epd epd, Identity identity, Outbox outbox, RandomGenerator random, long now) {
        this.nearId = nearId;
        this.epd = epd;
        this.identity = identity;
        this.outbox = outbox;
        this.startedAt = now;
        this.repeatAt = now;
        byte[] bytes = new byte[TAG];
        random.nextBytes(bytes);
        this.tag = Buffer.buffer(bytes);
        this.randomness = Buffer.buffer(Keying.randomness(random));
    }

    int nearId() {
        return nearId;
    }

    Buffer tag() {
        return tag;
    }

    InetSocketAddress peer() {
        return peer;
    }

    Deque<Datagram> early() {
        return early;
    }

    void addCandidate(InetSocketAddress address, long now) {
        if (state == State.HELLO && candidates.size() < Params.MAX_REDIRECTS && !candidates.contains(address)) {
            candidates.add(address);
            repeatAt = now;
        }
    }

    /** Sends again what has not been answered, later each time; false when the handshake has failed. */
    boolean tick(long now) {
        if (now - startedAt >= Params.OPENING_LIMIT) {
            return false;
        }
        if (now >= repeatAt) {
            if (state == State.HELLO) {
                candidates.forEach(to -> outbox.send(0, new Chunk.IHello(epd.encode(), tag), to));
            } else if (state == State.KEYING) {
                sendKeying();
            }
            repeatAt = now + interval;
            interval += Params.HELLO_BACKOFF;
        }
        return true;
    }

    long deadline() {
        return Math.min(repeatAt, startedAt + Params.OPENING_LIMIT);
    }

    void receive(Chunk.RHello hello, InetSocketAddress from, long now) {
        Certificate certificate = Certificate.decode(hello.certificate());
        Optional<DhGroup.KeyPair> common = identity.keyFor(certificate);
        if (state != State.HELLO || !certificate.isSelectedBy(epd) || common.isEmpty()) {
            return;
        }
        state = State.KEYING;
        peer = from;
        far = certificate;
        key = common.get();
        cookie = hello.cookie();
        component = Keying.initiator(key.group(), Negotiation.OFFER, randomness.getBytes());
        restart(now);
    }

    private void restart(long now) {
        interval = Params.HELLO_INITIAL;
        repeatAt = now;
        tick(now);
    }

    private void sendKeying() {
        Chunk.IIKeying keying =
                new Chunk.IIKeying(nearId, cookie, identity.certificate().encoded(), component, Certificate.SIGNATURE);
        outbox.send(0, keying, peer);
    }

    /** 3.5.1.1.1: followed while nobody has answered. */
    void receive(Chunk.Redirect redirect, InetSocketAddress from, long now) {
        if (redirect.addresses().isEmpty()) {
            addCandidate(from, now);
        }
        redirect.addresses().stream().filter(Address::isUsable).forEach(a -> addCandidate(a.socket(), now));
    }

    /** 3.5.1.2: believed once, from wherever it comes. */
    void receive(Chunk.RHelloCookieChange change, InetSocketAddress from, long now) {
        if (state == State.KEYING && !cookieChanged && change.oldCookie().equals(cookie)) {
            cookieChanged = true;
            cookie = change.newCookie();
            peer = from;
            restart(now);
        }
    }

    Optional<Agreement> receive(Chunk.RIKeying keying, InetSocketAddress from) {
        if (state != State.KEYING) {
            return Optional.empty();
        }
        Keying.FarKey farKey = Keying.decode(keying.keyingComponent()).farKey(far, key.group());
        state = State.AGREEING;
        answer = keying;
        peer = from;
        return Optional.of(new Agreement(nearId, Optional.of(key), farKey));
    }

    /** The session's terms; empty if the responder's key was bad: then a better RIKeying may still come. */
    Optional<Session.Terms> deliver(Agreement.Result result) {
        if (state != State.AGREEING) {
            return Optional.empty();
        }
        if (result.secret().isEmpty()) {
            state = State.KEYING;
            return Optional.empty();
        }
        state = State.DONE;
        SessionKeys keys = SessionKeys.derive(result.secret().get(), component, answer.keyingComponent());
        Negotiation offered = Keying.decode(answer.keyingComponent()).negotiation();
        PacketCipher cipher = keys.cipher(true, Negotiation.OFFER, offered);
        return Optional.of(new Session.Terms(Packet.INITIATOR, nearId, answer.sessionId(), cipher, keys, far));
    }

    /** A packet that may belong to the session, ahead of the keys to open it. */
    void keepEarly(Datagram datagram) {
        if (state != State.HELLO && early.size() < Params.MAX_EARLY_PACKETS) {
            early.add(new Datagram(datagram.peer(), datagram.bytes().copy()));
        }
    }

    /** 4.3.6 of the profile: both sides began, this certificate's owner knocks at ours. */
    boolean isKeyingWith(Certificate certificate) {
        return (state == State.KEYING || state == State.AGREEING)
                && far.encoded().equals(certificate.encoded());
    }
}
