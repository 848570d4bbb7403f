package io.fluctus.rtmfp;

import io.fluctus.wire.ByteReader;
import io.fluctus.wire.ByteWriter;
import io.vertx.core.buffer.Buffer;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** One open session with a far endpoint (RFC 7016 3.5): its flows, acknowledgements, congestion, address and end. */
public final class Session {
    /** What the far endpoint did in this session. */
    public sealed interface Event {
        record FlowOpened(RecvFlow flow) implements Event {}

        record MessageReceived(RecvFlow flow, Buffer message) implements Event {}

        /** Everything of the flow has arrived or was given up. */
        record FlowFinished(RecvFlow flow) implements Event {}

        /** The far end wants no more of this flow, or did not keep up with it. */
        record FlowRefused(SendFlow flow, long code) implements Event {}

        record AddressChanged(InetSocketAddress from, InetSocketAddress to) implements Event {}

        record FarHello(Chunk.FIHello hello) implements Event {}

        record Closed(String reason) implements Event {}
    }

    /** Told when there may be something to {@link #poll} or an earlier deadline. */
    interface Wakeup {
        void wake(Session session);
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
    private final Wakeup wakeup;
    private final RoundTrip roundTrip = new RoundTrip();
    private final CongestionControl congestion = new CongestionControl();
    private final Outstanding outstanding = new Outstanding();
    private final Map<Long, SendFlow> sendFlows = new LinkedHashMap<>();
    private final List<SendFlow> turn = new ArrayList<>();
    private final Map<Long, RecvFlow> recvFlows = new LinkedHashMap<>();
    private final Budget budget = new Budget(Params.SESSION_RECEIVE_BUFFER);
    private final Acks acks = new Acks();
    private final Deque<Chunk> control = new ArrayDeque<>();
    private final Mobility mobility;
    private InetSocketAddress peer;
    private State state = State.OPEN;
    private long stateAt;
    private long nextFlowId = 2;
    private long keepAlive = Params.KEEPALIVE_SERVER;
    private long lastReceived;
    private long pingAt;
    private long timeoutAt = Long.MAX_VALUE;
    private long lastProgress;
    private long closeAt = Long.MAX_VALUE;

    Session(Terms terms, InetSocketAddress peer, TimeCritical timeCritical, Wakeup wakeup, long now) {
        this.terms = terms;
        this.peer = peer;
        this.timeCritical = timeCritical;
        this.wakeup = wakeup;
        this.mobility = new Mobility(terms.keys.secret());
        this.lastReceived = now;
        this.lastProgress = now;
        this.pingAt = now + keepAlive;
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
        return roundTrip.smoothed();
    }

    public int congestionWindow() {
        return congestion.window();
    }

    int heldBytes() {
        return budget.used();
    }

    int outstandingBytes() {
        return outstanding.bytes();
    }

    /** Silence of this length makes us ping; three times of it ends the session. */
    public void keepAlive(long millis) {
        keepAlive = millis;
        pingAt = Math.min(pingAt, lastReceived + millis);
        wakeup.wake(this);
    }

    // -- flows

    public SendFlow openFlow(Buffer metadata, Optional<Long> association, SendFlow.Priority priority) {
        SendFlow flow = new SendFlow(nextFlowId++, metadata, association, priority);
        sendFlows.put(flow.id(), flow);
        turn.add(flow);
        turn.sort((a, b) -> a.priority().compareTo(b.priority()));
        return flow;
    }

    public Receipt write(SendFlow flow, Buffer message, Delivery delivery, long now) {
        Receipt receipt = flow.write(message, delivery, now);
        wakeup.wake(this);
        return receipt;
    }

    /** Ends a flow of ours when all of it has arrived. */
    public void finish(SendFlow flow) {
        flow.close();
        wakeup.wake(this);
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
        wakeup.wake(this);
    }

    /** Says good-bye; the far end's answer or time ends the session. */
    public void close(long now) {
        if (state == State.OPEN) {
            state = State.NEAR_CLOSE;
            stateAt = now;
            closeAt = now;
            abandonAll();
            wakeup.wake(this);
        }
    }

    /** Ends without a word: another session has taken over, or the far end is gone. */
    void abort() {
        abandonAll();
        state = State.CLOSED;
        wakeup.wake(this);
    }

    private void abandonAll() {
        sendFlows.values().forEach(SendFlow::fail);
        outstanding.takeAll();
        recvFlows.values().forEach(f -> f.reject(0));
        control.clear();
        timeoutAt = Long.MAX_VALUE;
    }

    // -- a packet in

    void receive(Packet packet, InetSocketAddress from, long now, List<Event> events) {
        if (packet.mode() == terms.role || packet.mode() == 0 || packet.mode() == Packet.STARTUP || isClosed()) {
            return;
        }
        lastReceived = now;
        pingAt = now + keepAlive;
        roundTrip.received(packet.timestamp(), packet.timestampEcho(), now);
        if ((packet.flags() & Packet.TIME_CRITICAL) != 0) {
            timeCritical.received(nearId(), now);
        }
        if ((packet.flags() & Packet.TIME_CRITICAL_REVERSE) != 0) {
            congestion.timeCriticalReverse(now);
        }
        if (state == State.OPEN) {
            receiveOpen(packet, from, now, events);
        }
        receiveClose(packet, now, events);
        if (state == State.OPEN && !from.equals(peer)) {
            mobility.seen(from, now);
        }
        wakeup.wake(this);
    }

    private void receiveOpen(Packet packet, InetSocketAddress from, long now, List<Event> events) {
        int before = outstanding.bytes();
        boolean acked = false;
        boolean data = false;
        Chunk.UserData previous = null;
        for (Chunk chunk : packet.chunks()) {
            previous = userData(chunk, previous);
            if (previous != null) {
                receiveUserData(previous, now, events);
                data = true;
            } else if (chunk instanceof Chunk.AckRanges ranges) {
                acked |= receiveAck(ranges, now);
            } else if (chunk instanceof Chunk.AckBitmap bits) {
                acked |= receiveAck(
                        new Chunk.AckRanges(bits.flowId(), bits.buffer(), bits.cumulativeAck(), bits.ranges()), now);
            } else if (chunk instanceof Chunk.PingReply reply) {
                receivePingReply(reply, packet.timestampEcho(), from, now, events);
            } else {
                receiveOther(chunk, now, events);
            }
        }
        if (data) {
            acks.packetReceived();
        }
        if (acked) {
            afterAcks(before, now);
        }
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

    private void receiveOther(Chunk chunk, long now, List<Event> events) {
        if (chunk instanceof Chunk.Ping ping) {
            enqueue(new Chunk.PingReply(ping.message()));
        } else if (chunk instanceof Chunk.BufferProbe probe) {
            RecvFlow flow = recvFlows.get(probe.flowId());
            if (flow != null) {
                acks.owe(flow, true, now);
            }
        } else if (chunk instanceof Chunk.ExceptionReport report) {
            SendFlow flow = sendFlows.get(report.flowId());
            if (flow != null && !flow.isFailed()) {
                flow.fail();
                events.add(new Event.FlowRefused(flow, report.code()));
            }
        } else if (chunk instanceof Chunk.FIHello hello) {
            events.add(new Event.FarHello(hello));
        }
    }

    private void receiveUserData(Chunk.UserData data, long now, List<Event> events) {
        RecvFlow flow = recvFlows.get(data.flowId());
        if (flow == null) {
            flow = openRecvFlow(data, events);
        }
        if (flow == null) {
            return;
        }
        boolean wasRejected = flow.rejection().isPresent();
        boolean wasComplete = flow.isComplete();
        RecvFlow.Received received = flow.receive(data.flags(), data.sequence(), data.forwardSequence(), data.data());
        for (Buffer message : received.messages()) {
            events.add(new Event.MessageReceived(flow, message));
        }
        acks.owe(flow, received.urgent() || !data.options().isEmpty(), now);
        if (wasRejected || flow.rejection().isPresent()) {
            enqueue(new Chunk.ExceptionReport(flow.id(), flow.rejection().orElse(0L)));
        }
        if (!wasComplete && flow.isComplete()) {
            flow.completeAt(now);
            events.add(new Event.FlowFinished(flow));
        }
    }

    /** 3.6.3.1: without metadata, for an unknown flow of ours, or one too many, a flow is refused. */
    private RecvFlow openRecvFlow(Chunk.UserData data, List<Event> events) {
        Optional<Buffer> metadata = Option.find(data.options(), Chunk.UserData.METADATA);
        Optional<Long> association = Option.find(data.options(), Chunk.UserData.RETURN_ASSOCIATION)
                .map(value -> Vlu.read(new ByteReader(value)));
        boolean understood = data.options().stream().allMatch(o -> o.type() < Chunk.UserData.MANDATORY);
        if (recvFlows.size() >= Params.MAX_FLOWS) {
            recvFlows.values().stream().filter(RecvFlow::isComplete).findFirst().ifPresent(this::forget);
        }
        if (recvFlows.size() >= Params.MAX_FLOWS) {
            enqueue(new Chunk.ExceptionReport(data.flowId(), 0));
            return null;
        }
        RecvFlow flow = new RecvFlow(data.flowId(), metadata.orElse(Buffer.buffer()), association, budget);
        recvFlows.put(flow.id(), flow);
        boolean welcome = metadata.isPresent()
                && metadata.get().length() <= Params.MAX_METADATA
                && understood
                && association.map(sendFlows::containsKey).orElse(true);
        if (welcome) {
            events.add(new Event.FlowOpened(flow));
        } else {
            flow.reject(0);
        }
        return flow;
    }

    private void forget(RecvFlow flow) {
        recvFlows.remove(flow.id());
        acks.forget(flow);
    }

    private boolean receiveAck(Chunk.AckRanges ack, long now) {
        SendFlow flow = sendFlows.get(ack.flowId());
        if (flow == null) {
            return false;
        }
        flow.acknowledge(ack, outstanding, now);
        if (flow.isFinished()) {
            sendFlows.remove(flow.id());
            turn.remove(flow);
        }
        return true;
    }

    private void afterAcks(int before, long now) {
        int acked = before - outstanding.bytes();
        Outstanding.Naks naks = outstanding.negativeAcknowledge();
        boolean anyLoss = lose(naks.lost());
        CongestionControl.Report report =
                new CongestionControl.Report(before, outstanding.bytes(), acked, anyLoss, naks.anyNaks());
        congestion.acknowledged(report, timeCritical.isSending(now), now);
        if (acked > 0) {
            lastProgress = now;
        }
        timeoutAt = now + roundTrip.erto();
    }

    private boolean lose(List<OutFragment> fragments) {
        boolean any = false;
        for (OutFragment fragment : fragments) {
            any |= !fragment.sentAbandoned;
            SendFlow flow = sendFlows.get(fragment.flowId);
            if (flow != null) {
                flow.lost(fragment);
            }
        }
        return any;
    }

    private void receivePingReply(
            Chunk.PingReply reply, int echo, InetSocketAddress from, long now, List<Event> events) {
        if (!from.equals(peer) && mobility.isProved(from, reply.message(), echo, now)) {
            mobility.settled();
            events.add(new Event.AddressChanged(peer, from));
            peer = from;
            timeoutAt = Math.min(timeoutAt, now + roundTrip.erto());
        }
    }

    private void receiveClose(Packet packet, long now, List<Event> events) {
        for (Chunk chunk : packet.chunks()) {
            if (chunk instanceof Chunk.Close) {
                boolean wasOpen = state == State.OPEN;
                abandonAll();
                control.add(new Chunk.CloseAck());
                state = State.FAR_CLOSE_LINGER;
                stateAt = now;
                closeAt = Long.MAX_VALUE;
                if (wasOpen) {
                    events.add(new Event.Closed("the far end closed"));
                }
            } else if (chunk instanceof Chunk.CloseAck) {
                end("the far end left", events);
            }
        }
    }

    private void end(String reason, List<Event> events) {
        boolean wasOpen = state == State.OPEN;
        abort();
        if (wasOpen) {
            events.add(new Event.Closed(reason));
        }
    }

    // -- a packet out

    /** The next datagram, or null: nothing. */
    Datagram poll(long now) {
        if (isClosed()) {
            return null;
        }
        if (mobility.isDue() && state == State.OPEN) {
            Optional<InetSocketAddress> candidate = mobility.takeCandidate();
            if (candidate.isPresent()) {
                ByteWriter packet = header(now);
                new Chunk.Ping(mobility.proof()).encode(packet);
                return seal(packet, 0, candidate.get());
            }
        }
        ByteWriter packet = header(now);
        int empty = packet.length();
        if (state != State.OPEN) {
            return pollClosing(packet, now);
        }
        assembleControl(packet);
        boolean ackDue = acks.isDue();
        if (ackDue) {
            acks.assemble(packet, Params.MAX_SESSION_PACKET);
        }
        int flags = assembleData(packet, now);
        if (packet.length() == empty) {
            return null;
        }
        if (!ackDue) {
            acks.assemble(packet, Params.MAX_SESSION_PACKET);
        }
        return seal(packet, flags, peer);
    }

    /** Pitfall 4: a timestamp in every packet, for librtmfp reads no other. */
    private ByteWriter header(long now) {
        int echo = roundTrip.echo(now);
        roundTrip.sent(echo);
        int flags = terms.role
                | Packet.TIMESTAMP
                | (echo == Packet.NONE ? 0 : Packet.TIMESTAMP_ECHO)
                | (timeCritical.reverse(nearId(), now) ? Packet.TIME_CRITICAL_REVERSE : 0);
        return Packet.header(flags, Packet.ticks(now), echo);
    }

    private Datagram seal(ByteWriter packet, int flags, InetSocketAddress to) {
        Buffer bytes = packet.buffer();
        bytes.setByte(0, (byte) (bytes.getByte(0) | flags));
        return new Datagram(to, terms.cipher.seal(terms.farId, bytes));
    }

    private void assembleControl(ByteWriter packet) {
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

    /** One flow a packet, the most urgent first and equals in turn; the flags for the packet. */
    private int assembleData(ByteWriter packet, long now) {
        if (!congestion.maySend(outstanding.bytes(), roundTrip.smoothed(), now)) {
            return 0;
        }
        int before = outstanding.bytes();
        for (int i = 0; i < turn.size(); i++) {
            SendFlow flow = turn.get(i);
            if (flow.isReady() && flow.assemble(packet, Params.MAX_SESSION_PACKET, outstanding, now)) {
                outstanding.packetDone();
                boolean critical = flow.priority().isTimeCritical();
                congestion.sent(outstanding.bytes() - before, critical, now);
                if (critical) {
                    timeCritical.sent(now);
                }
                if (before == 0) {
                    lastProgress = now;
                }
                timeoutAt = now + roundTrip.erto();
                rotate(i);
                return critical ? Packet.TIME_CRITICAL : 0;
            }
        }
        return 0;
    }

    /** Puts the flow that has just spoken behind the others of its priority. */
    private void rotate(int at) {
        SendFlow flow = turn.remove(at);
        int to = at;
        while (to < turn.size() && turn.get(to).priority() == flow.priority()) {
            to++;
        }
        turn.add(to, flow);
    }

    private Datagram pollClosing(ByteWriter packet, long now) {
        if (state == State.NEAR_CLOSE && now >= closeAt) {
            closeAt = now + Params.CLOSE_REPEAT;
            control.add(new Chunk.Close());
        }
        if (control.isEmpty()) {
            return null;
        }
        assembleControl(packet);
        return seal(packet, 0, peer);
    }

    // -- time

    /** When {@link #tick} wants to be called. */
    long deadline() {
        switch (state) {
            case OPEN:
                long deadline = Math.min(Math.min(timeoutAt, acks.deadline()), congestion.burstDeadline());
                for (SendFlow flow : turn) {
                    deadline = Math.min(deadline, Math.min(flow.probeDeadline(), flow.forwardDeadline()));
                }
                return Math.min(deadline, Math.min(pingAt, lastReceived + keepAlive * Params.DEAD_AFTER_KEEPALIVES));
            case NEAR_CLOSE:
                return Math.min(closeAt, stateAt + Params.NEAR_CLOSE);
            case FAR_CLOSE_LINGER:
                return stateAt + Params.FAR_CLOSE_LINGER;
            default:
                return Long.MAX_VALUE;
        }
    }

    void tick(long now, List<Event> events) {
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
        wakeup.wake(this);
    }

    private void tickOpen(long now, List<Event> events) {
        if (now - lastReceived >= keepAlive * Params.DEAD_AFTER_KEEPALIVES) {
            end("the far end is silent", events);
            return;
        }
        if (!outstanding.isEmpty() && now - lastProgress >= Params.RETRANSMIT_LIMIT) {
            end("the far end acknowledges nothing", events);
            return;
        }
        if (now >= timeoutAt) {
            timeOut();
            timeoutAt = outstanding.isEmpty() ? Long.MAX_VALUE : now + roundTrip.erto();
        }
        acks.tick(now);
        congestion.tick(roundTrip.smoothed(), now);
        for (SendFlow flow : turn) {
            flow.tick(now);
            flow.forwardUpdate(now).ifPresent(this::enqueue);
        }
        if (now >= pingAt) {
            pingAt = now + Math.max(Params.PING_REPEAT, keepAlive / Params.DEAD_AFTER_KEEPALIVES);
            enqueue(new Chunk.Ping(Buffer.buffer()));
        }
        List<RecvFlow> old = recvFlows.values().stream()
                .filter(f -> f.isComplete() && now - f.completeAt() >= Params.FLOW_LINGER)
                .toList();
        old.forEach(this::forget);
    }

    private void timeOut() {
        boolean any = !outstanding.isEmpty();
        congestion.timedOut(any);
        if (any) {
            lose(outstanding.takeAll());
            roundTrip.backOff();
        }
    }
}
