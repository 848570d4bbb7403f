package io.fluctus.rtmfp;

import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** Our flows of a session: which one speaks next, what is in flight, and what acknowledgements and time make of it. */
final class Sending {
    private final RoundTrip roundTrip = new RoundTrip();
    private final CongestionControl congestion = new CongestionControl();
    private final Outstanding outstanding = new Outstanding();
    private final Map<Long, SendFlow> flows = new LinkedHashMap<>();
    private final List<SendFlow> turn = new ArrayList<>();
    private final TimeCritical timeCritical;
    private long nextFlowId = 2;
    private long timeoutAt = Long.MAX_VALUE;
    private long lastProgress;
    private int before;
    private boolean acked;

    Sending(TimeCritical timeCritical) {
        this.timeCritical = timeCritical;
    }

    RoundTrip roundTrip() {
        return roundTrip;
    }

    CongestionControl congestion() {
        return congestion;
    }

    int outstandingBytes() {
        return outstanding.bytes();
    }

    SendFlow open(Buffer metadata, Optional<Long> association, SendFlow.Priority priority) {
        SendFlow flow = new SendFlow(nextFlowId++, metadata, association, priority);
        flows.put(flow.id(), flow);
        turn.add(flow);
        turn.sort((a, b) -> a.priority().compareTo(b.priority()));
        return flow;
    }

    boolean has(long flowId) {
        return flows.containsKey(flowId);
    }

    /** The far end wants no more of a flow; empty if it is none of ours or known to have failed. */
    Optional<SendFlow> refused(long flowId) {
        Optional<SendFlow> flow = Optional.ofNullable(flows.get(flowId)).filter(f -> !f.isFailed());
        flow.ifPresent(SendFlow::fail);
        return flow;
    }

    void failAll() {
        flows.values().forEach(SendFlow::fail);
        outstanding.takeAll();
        timeoutAt = Long.MAX_VALUE;
    }

    // -- acknowledgements: all of one packet count together

    void packetBegins() {
        before = outstanding.bytes();
        acked = false;
    }

    void acknowledge(Chunk.AckRanges ack, long now) {
        SendFlow flow = flows.get(ack.flowId());
        if (flow == null) {
            return;
        }
        acked = true;
        flow.acknowledge(ack, outstanding, now);
        if (flow.isFinished()) {
            flows.remove(flow.id());
            turn.remove(flow);
        }
    }

    void packetDone(long now) {
        if (!acked) {
            return;
        }
        int bytes = before - outstanding.bytes();
        Outstanding.Naks naks = outstanding.negativeAcknowledge();
        boolean anyLoss = lose(naks.lost());
        CongestionControl.Report report =
                new CongestionControl.Report(before, outstanding.bytes(), bytes, anyLoss, naks.anyNaks());
        congestion.acknowledged(report, timeCritical.isSending(now), now);
        if (bytes > 0) {
            lastProgress = now;
        }
        timeoutAt = now + roundTrip.erto();
    }

    private boolean lose(List<OutFragment> fragments) {
        boolean any = false;
        for (OutFragment fragment : fragments) {
            any |= !fragment.sentAbandoned;
            SendFlow flow = flows.get(fragment.flowId);
            if (flow != null) {
                flow.lost(fragment);
            }
        }
        return any;
    }

    // -- data out

    /** Whether a flow has something for a packet that may leave now, as far as that is seen without writing it. */
    boolean isReady(long now) {
        for (int i = 0; i < turn.size(); i++) {
            if (turn.get(i).isReady()) {
                return congestion.maySend(outstanding.bytes(), roundTrip.smoothed(), now);
            }
        }
        return false;
    }

    /** One flow a packet, the most urgent first and equals in turn; the flags for the packet. */
    int assemble(Outgoing packet, long now) {
        if (!isReady(now)) {
            return 0;
        }
        int inFlight = outstanding.bytes();
        for (int i = 0; i < turn.size(); i++) {
            SendFlow flow = turn.get(i);
            if (flow.isReady() && flow.assemble(packet, Params.MAX_SESSION_PACKET, outstanding, now)) {
                outstanding.packetDone();
                boolean critical = flow.priority().isTimeCritical();
                congestion.sent(outstanding.bytes() - inFlight, critical, now);
                if (critical) {
                    timeCritical.sent(now);
                }
                if (inFlight == 0) {
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

    // -- time

    long deadline() {
        long deadline = Math.min(timeoutAt, congestion.burstDeadline());
        for (SendFlow flow : turn) {
            deadline = Math.min(deadline, Math.min(flow.probeDeadline(), flow.forwardDeadline()));
        }
        return deadline;
    }

    /** Whether the far end has acknowledged nothing for so long that it must be gone. */
    boolean isStuck(long now) {
        return !outstanding.isEmpty() && now - lastProgress >= Params.RETRANSMIT_LIMIT;
    }

    /** {@code control} sends what does not wait for the window. */
    void tick(long now, Consumer<Chunk> control) {
        if (now >= timeoutAt) {
            timeOut();
        }
        congestion.tick(roundTrip.smoothed(), now);
        for (SendFlow flow : turn) {
            flow.tick(now);
            flow.forwardUpdate(now).ifPresent(control);
        }
    }

    private void timeOut() {
        boolean any = !outstanding.isEmpty();
        congestion.timedOut(any);
        if (any) {
            lose(outstanding.takeAll());
            roundTrip.backOff();
        }
        timeoutAt = Long.MAX_VALUE; // the next packet sets it again
    }

    /** The far end has moved: what was in flight to its old address is looked after soon. */
    void hurry(long now) {
        timeoutAt = Math.min(timeoutAt, now + roundTrip.erto());
    }
}
