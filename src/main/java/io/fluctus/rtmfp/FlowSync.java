package io.fluctus.rtmfp;

import io.vertx.core.buffer.Buffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Far flows that wait for each other (RFC 7425 5.2): what stands behind a Flow Synchronization message is held until as many
 * flows as it names have come to one with its number. A flow that waits too long, or holds too much, goes on alone.
 */
final class FlowSync {
    /** Bytes of all messages that are held. */
    static final int MAX_HELD = 1 << 20;

    /** Synchronizations that are under way. */
    static final int MAX_BARRIERS = 16;

    /** Milliseconds that flows wait for the others at most. */
    static final int PATIENCE = 2_000;

    private static final int HEADER = 5; // 5.3: type and timestamp
    private static final int LENGTH = HEADER + 2 + 4 + 4; // event, number, count of flows

    /** A message whose turn has come. */
    record Due(RecvFlow flow, Buffer message) {}

    private record Barrier(List<RecvFlow> flows, long since) {}

    private final Map<Long, Barrier> barriers = new LinkedHashMap<>();
    private final Map<RecvFlow, Deque<Buffer>> waiting = new HashMap<>();
    private int held;

    /** What may be read now that this message came, in order; synchronizations themselves are left out. */
    List<Due> receive(RecvFlow flow, Buffer message, long now) {
        if (waiting.isEmpty() && !isSynchronization(message)) {
            return List.of(new Due(flow, message));
        }
        List<Due> due = new ArrayList<>();
        if (barriers.values().stream().anyMatch(barrier -> now - barrier.since > PATIENCE)) {
            releaseAll(due);
        }
        if (waiting.containsKey(flow)) {
            waiting.get(flow).add(message);
            held += message.length();
        } else {
            pass(flow, message, now, due);
        }
        if (held > MAX_HELD || barriers.size() > MAX_BARRIERS) {
            releaseAll(due);
        }
        return due;
    }

    int heldBytes() {
        return held;
    }

    private static boolean isSynchronization(Buffer message) {
        return message.length() >= LENGTH
                && message.getUnsignedByte(0) == FlowMessage.USER_CONTROL
                && message.getUnsignedShort(HEADER) == FlowMessage.FLOW_SYNCHRONIZATION;
    }

    private void pass(RecvFlow flow, Buffer message, long now, List<Due> due) {
        if (!isSynchronization(message)) {
            due.add(new Due(flow, message));
            return;
        }
        long number = message.getUnsignedInt(HEADER + 2);
        long count = message.getUnsignedInt(HEADER + 6);
        Barrier barrier = barriers.computeIfAbsent(number, first -> new Barrier(new ArrayList<>(), now));
        barrier.flows.add(flow);
        if (barrier.flows.size() >= Math.min(count, Params.MAX_FLOWS)) {
            barriers.remove(number);
            barrier.flows.forEach(other -> release(other, now, due));
        } else if (flow.order() == RecvFlow.Order.SEQUENCE) {
            waiting.putIfAbsent(flow, new ArrayDeque<>());
        }
    }

    /** Lets a flow go on, up to its next synchronization. */
    private void release(RecvFlow flow, long now, List<Due> due) {
        Deque<Buffer> queue = waiting.remove(flow);
        while (queue != null && !queue.isEmpty()) {
            Buffer next = queue.poll();
            held -= next.length();
            pass(flow, next, now, due);
            if (waiting.containsKey(flow)) {
                waiting.get(flow).addAll(queue);
                return;
            }
        }
    }

    private void releaseAll(List<Due> due) {
        barriers.clear();
        waiting.forEach((flow, queue) -> queue.stream()
                .filter(message -> !isSynchronization(message))
                .forEach(message -> due.add(new Due(flow, message))));
        waiting.clear();
        held = 0;
    }
}
