package io.fluctus.rtmfp;

import io.fluctus.wire.ByteWriter;
import io.vertx.core.buffer.Buffer;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/** One open session with a far endpoint (RFC 7016 3.5): its flows, acknowledgements, congestion, address and end. */
public final class Session {
    /** Told when there may be something to {@link #poll} or an earlier deadline. */
    interface Wakeup {
        void wake();
    }

    private enum State {
        OPEN,
        NEAR_CLOSE,
        FAR_CLOSE_LINGER,
        CLOSED
    }

    /** What a handshake has settled. */
    record Terms(int role, int nearId, int farId, PacketCipher cipher, SessionKeys keys, Certificate far) {}

    private final Terms terms;
    private final TimeCritical timeCritical;
    private final Sending sending;
    private final Receiving receiving;
    private final Deque<Chunk> control = new ArrayDeque<>();
    private final FragmentedPackets fragmented = new FragmentedPackets(Params.MAX_FRAGMENTED_SESSION);
    private final Mobility mobility;
    private InetSocketAddress peer;
    private Wakeup wakeup = () -> {};
    private State state = State.OPEN;
    private long stateAt;
    private long keepAlive = Params.KEEPALIVE_SERVER;
    private long deadAfter = Params.KEEPALIVE_SERVER * Params.DEAD_AFTER_KEEPALIVES;
    private long lastReceived;
    private long pingAt;
    private long closeAt = Long.MAX_VALUE;
    private int headerEcho;

    Session(Terms terms, InetSocketAddress peer, TimeCritical timeCritical, long now) {
        this.terms = terms;
        this.peer = peer;
        this.timeCritical = timeCritical;
        this.sending = new Sending(timeCritical);
        this.receiving = new Receiving(this::enqueue, sending::has);
        this.mobility = new Mobility(terms.keys.secret());
        this.lastReceived = now;
        this.pingAt = now + keepAlive;
    }

    void wakeup(Wakeup told) {
        wakeup = told;
    }

    public InetSocketAddress peer() {
        return peer;
    }

    /** The far endpoint's certificate; its fingerprint is the peer id. */
    public Certificate farCertificate() {
        return terms.far;
    }

    /** 4.6.5: what only this session's two ends know of this end and of the far one. */
    public Buffer nearNonce() {
        return isInitiator() ? terms.keys.initiatorNonce() : terms.keys.responderNonce();
    }

    public Buffer farNonce() {
        return isInitiator() ? terms.keys.responderNonce() : terms.keys.initiatorNonce();
    }

    public boolean isInitiator() {
        return terms.role == Packet.INITIATOR;
    }

    public boolean isOpen() {
        return state == State.OPEN;
    }

    boolean isClosed() {
        return state == State.CLOSED;
    }

    int nearId() {
        return terms.nearId;
    }

    int farId() {
        return terms.farId;
    }

    PacketCipher cipher() {
        return terms.cipher;
    }

    /** Smoothed round trip in milliseconds; negative while unknown. */
    public double roundTripMillis() {
        return sending.roundTrip().smoothed();
    }

    public int congestionWindow() {
        return sending.congestion().window();
    }

    /** Fragments that the far end has given up: parts of messages that we shall never have. */
    public long lostFragments() {
        return receiving.lostFragments();
    }

    int heldBytes() {
        return receiving.heldBytes();
    }

    int outstandingBytes() {
        return sending.outstandingBytes();
    }

    /** Silence of this length makes us ping; three times of it ends the session. */
    public void keepAlive(long millis) {
        keepAlive(millis, millis * Params.DEAD_AFTER_KEEPALIVES);
    }

    /** After a silence of {@code ask} milliseconds we ping, after one of {@code dead} the far end is gone. */
    void keepAlive(long ask, long dead) {
        keepAlive = ask;
        deadAfter = dead;
        pingAt = lastReceived + ask;
        wakeup.wake();
    }

    // -- flows

    public SendFlow openFlow(Buffer metadata, Optional<Long> association, SendFlow.Priority priority) {
        return sending.open(metadata, association, priority);
    }

    public Receipt write(SendFlow flow, Buffer message, Delivery delivery, long now) {
        Receipt receipt = flow.write(message, delivery, now);
        wakeup.wake();
        return receipt;
    }

    /** Ends a flow of ours when all of it has arrived. */
    public void finish(SendFlow flow) {
        flow.close();
        wakeup.wake();
    }

    /** Refuses the rest of a far flow. */
    public void reject(RecvFlow flow, long code) {
        flow.reject(code);
        enqueue(new Chunk.ExceptionReport(flow.id(), code));
    }

    /** A chunk that belongs to no flow, such as a forwarded hello. */
    void enqueue(Chunk chunk) {
        if (control.size() < Params.MAX_CONTROL_QUEUE) {
            control.add(chunk);
        }
        wakeup.wake();
    }

    /** Says good-bye; the far end's answer or time ends the session. */
    public void close(long now) {
        if (state == State.OPEN) {
            state = State.NEAR_CLOSE;
            stateAt = now;
            closeAt = now;
            abandonAll();
            wakeup.wake();
        }
    }

    /** Ends without a word: another session has taken over, or the far end is gone. */
    void abort() {
        abandonAll();
        state = State.CLOSED;
        wakeup.wake();
    }

    private void abandonAll() {
        sending.failAll();
        receiving.rejectAll();
        control.clear();
    }

    // -- a packet in

    void receive(Packet packet, InetSocketAddress from, long now, List<SessionEvent> events) {
        if (packet.mode() == terms.role || packet.mode() == 0 || packet.mode() == Packet.STARTUP || isClosed()) {
            return;
        }
        lastReceived = now;
        pingAt = now + keepAlive;
        sending.roundTrip().received(packet.timestamp(), packet.timestampEcho(), now);
        if ((packet.flags() & Packet.TIME_CRITICAL) != 0) {
            timeCritical.received(nearId(), now);
        }
        if ((packet.flags() & Packet.TIME_CRITICAL_REVERSE) != 0) {
            sending.congestion().timeCriticalReverse(now);
        }
        Packet whole = joined(packet, from, now);
        if (state == State.OPEN) {
            receiveOpen(whole, from, now, events);
        }
        receiveClose(whole, now, events);
        if (state == State.OPEN && !from.equals(peer)) {
            mobility.seen(from, now);
        }
        wakeup.wake();
    }

    /** The packet itself, or the one that it is the last fragment of; nothing of a fragment whose others are missing. */
    private Packet joined(Packet packet, InetSocketAddress from, long now) {
        if (packet.chunks().isEmpty() || !(packet.chunks().get(0) instanceof Chunk.Fragment fragment)) {
            return packet;
        }
        FragmentedPackets.Key key = new FragmentedPackets.Key(nearId(), from, packet.mode(), fragment.packetId());
        return fragmented
                .add(key, fragment, now)
                .orElseGet(() -> new Packet(packet.flags(), Packet.NONE, Packet.NONE, List.of()));
    }

    private void receiveOpen(Packet packet, InetSocketAddress from, long now, List<SessionEvent> events) {
        boolean data = false;
        Chunk.UserData previous = null;
        sending.packetBegins();
        for (Chunk chunk : packet.chunks()) {
            previous = userData(chunk, previous);
            if (previous != null) {
                receiving.receive(previous, now, events);
                data = true;
            } else if (chunk instanceof Chunk.PingReply reply) {
                receivePingReply(reply, packet.timestampEcho(), from, now, events);
            } else {
                receiveOther(chunk, now, events);
            }
        }
        if (data) {
            receiving.packetDone();
        }
        sending.packetDone(now);
    }

    /** A NextUserData as the UserData it stands for; null for anything else (2.3.12). */
    private static Chunk.UserData userData(Chunk chunk, Chunk.UserData previous) {
        if (chunk instanceof Chunk.UserData data) {
            return data;
        }
        if (chunk instanceof Chunk.NextUserData next && previous != null) {
            long sequence = previous.sequence() + 1;
            return new Chunk.UserData(
                    next.flags(),
                    previous.flowId(),
                    sequence,
                    sequence - previous.forwardSequence(),
                    next.options(),
                    next.data());
        }
        return null;
    }

    private void receiveOther(Chunk chunk, long now, List<SessionEvent> events) {
        if (chunk instanceof Chunk.AckRanges ranges) {
            sending.acknowledge(ranges, now);
        } else if (chunk instanceof Chunk.AckBitmap bits) {
            sending.acknowledge(
                    new Chunk.AckRanges(bits.flowId(), bits.buffer(), bits.cumulativeAck(), bits.ranges()), now);
        } else if (chunk instanceof Chunk.Ping ping) {
            enqueue(new Chunk.PingReply(ping.message()));
        } else if (chunk instanceof Chunk.BufferProbe probe) {
            receiving.probed(probe.flowId(), now);
        } else if (chunk instanceof Chunk.ExceptionReport report) {
            sending.refused(report.flowId())
                    .ifPresent(flow -> events.add(new SessionEvent.FlowRefused(flow, report.code())));
        } else if (chunk instanceof Chunk.FIHello hello) {
            events.add(new SessionEvent.FarHello(hello));
        }
    }

    private void receivePingReply(
            Chunk.PingReply reply, int echo, InetSocketAddress from, long now, List<SessionEvent> events) {
        if (!from.equals(peer) && mobility.isProved(from, reply.message(), echo, now)) {
            mobility.settled();
            events.add(new SessionEvent.AddressChanged(peer, from));
            peer = from;
            sending.hurry(now);
        }
    }

    private void receiveClose(Packet packet, long now, List<SessionEvent> events) {
        for (Chunk chunk : packet.chunks()) {
            if (chunk instanceof Chunk.Close) {
                boolean wasOpen = state == State.OPEN;
                abandonAll();
                control.add(new Chunk.CloseAck());
                state = State.FAR_CLOSE_LINGER;
                stateAt = now;
                closeAt = Long.MAX_VALUE;
                if (wasOpen) {
                    events.add(new SessionEvent.Closed("the far end closed", true));
                }
            } else if (chunk instanceof Chunk.CloseAck) {
                end("the far end left", true, events);
            }
        }
    }

    private void end(String reason, boolean orderly, List<SessionEvent> events) {
        boolean wasOpen = state == State.OPEN;
        abort();
        if (wasOpen) {
            events.add(new SessionEvent.Closed(reason, orderly));
        }
    }

    // -- a packet out

    /** Writes the next datagram; false: there is nothing. */
    boolean poll(Outgoing out, long now) {
        if (state != State.OPEN) {
            return !isClosed() && pollClosing(out, now);
        }
        if (mobility.isDue()) {
            Optional<InetSocketAddress> candidate = mobility.takeCandidate();
            if (candidate.isPresent()) {
                header(out, now).chunk(new Chunk.Ping(mobility.proof()));
                return seal(out, candidate.get());
            }
        }
        boolean ackDue = receiving.ackIsDue();
        if (control.isEmpty() && !ackDue && !sending.isReady(now)) {
            return false;
        }
        int empty = header(out, now).length();
        assembleControl(out);
        if (ackDue) {
            receiving.assembleAcks(out);
        }
        int flags = sending.assemble(out, now);
        if (out.length() == empty) {
            return false;
        }
        if (!ackDue) {
            receiving.assembleAcks(out);
        }
        out.addFlags(flags);
        return seal(out, peer);
    }

    /** Pitfall 4: a timestamp in every packet, for librtmfp reads no other. */
    private Outgoing header(Outgoing out, long now) {
        headerEcho = sending.roundTrip().echo(now);
        int flags = terms.role | (timeCritical.reverse(nearId(), now) ? Packet.TIME_CRITICAL_REVERSE : 0);
        return out.begin(flags, Packet.ticks(now), headerEcho);
    }

    private boolean seal(Outgoing out, InetSocketAddress to) {
        sending.roundTrip().sent(headerEcho);
        out.seal(terms.cipher, terms.farId, to);
        return true;
    }

    private void assembleControl(Outgoing packet) {
        while (!control.isEmpty()) {
            ByteWriter chunk = new ByteWriter();
            control.peek().encode(chunk);
            if (packet.length() + chunk.length() > Params.MAX_SESSION_PACKET) {
                if (packet.length() > Params.MAX_HEADER) {
                    return;
                }
                control.poll(); // longer than any packet: it can only be an echo of an oversized ping
                continue;
            }
            control.poll();
            packet.bytes(chunk.buffer());
        }
    }

    private boolean pollClosing(Outgoing out, long now) {
        if (state == State.NEAR_CLOSE && now >= closeAt) {
            closeAt = now + Params.CLOSE_REPEAT;
            control.add(new Chunk.Close());
        }
        if (control.isEmpty()) {
            return false;
        }
        assembleControl(header(out, now));
        return seal(out, peer);
    }

    // -- time

    /** When {@link #tick} wants to be called. */
    long deadline() {
        switch (state) {
            case OPEN:
                long silence = lastReceived + deadAfter;
                return Math.min(Math.min(sending.deadline(), receiving.deadline()), Math.min(pingAt, silence));
            case NEAR_CLOSE:
                return Math.min(closeAt, stateAt + Params.NEAR_CLOSE);
            case FAR_CLOSE_LINGER:
                return stateAt + Params.FAR_CLOSE_LINGER;
            default:
                return Long.MAX_VALUE;
        }
    }

    void tick(long now, List<SessionEvent> events) {
        switch (state) {
            case OPEN:
                tickOpen(now, events);
                break;
            case NEAR_CLOSE:
                if (now >= stateAt + Params.NEAR_CLOSE) {
                    abort();
                }
                break;
            case FAR_CLOSE_LINGER:
                if (now >= stateAt + Params.FAR_CLOSE_LINGER) {
                    abort();
                }
                break;
            default:
                return;
        }
        wakeup.wake();
    }

    private void tickOpen(long now, List<SessionEvent> events) {
        if (now - lastReceived >= deadAfter) {
            end("the far end is silent", false, events);
            return;
        }
        if (sending.isStuck(now)) {
            end("the far end acknowledges nothing", false, events);
            return;
        }
        sending.tick(now, this::enqueue);
        receiving.tick(now);
        if (now >= pingAt) {
            pingAt = now + Math.max(Params.PING_REPEAT, keepAlive / Params.DEAD_AFTER_KEEPALIVES);
            enqueue(new Chunk.Ping(Buffer.buffer()));
        }
    }
}
