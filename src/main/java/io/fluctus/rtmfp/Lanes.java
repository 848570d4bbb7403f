package io.fluctus.rtmfp;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** The flows that a dialogue has opened: one for each NetStream and kind of message. */
final class Lanes {
    private static final SendFlow.Priority[] KINDS = SendFlow.Priority.values();

    private final Session session;
    private final Map<Integer, SendFlow[]> streams = new HashMap<>();

    Lanes(Session session) {
        this.session = session;
    }

    /** The flow for this kind of message; a new one answers the far end's control flow. */
    SendFlow open(int streamId, SendFlow.Priority kind, Optional<Long> association) {
        SendFlow[] flows = streams.get(streamId);
        if (flows == null) {
            flows = new SendFlow[KINDS.length];
            streams.put(streamId, flows);
        }
        SendFlow flow = flows[kind.ordinal()];
        if (flow == null) {
            flow = session.openFlow(FlowMetadata.of(streamId).encode(), association, kind);
            flows[kind.ordinal()] = flow;
        }
        return flow;
    }

    /** The next message of its kind opens another one. */
    void forget(SendFlow flow) {
        for (SendFlow[] flows : streams.values()) {
            for (int i = 0; i < flows.length; i++) {
                flows[i] = flows[i] == flow ? null : flows[i];
            }
        }
    }

    /** Takes the flows of a NetStream away that carry media. */
    void takeMedia(int streamId, Consumer<SendFlow> taken) {
        SendFlow[] flows = streams.getOrDefault(streamId, new SendFlow[0]);
        for (int i = 0; i < flows.length; i++) {
            if (flows[i] != null && KINDS[i] != SendFlow.Priority.COMMAND) {
                taken.accept(flows[i]);
                flows[i] = null;
            }
        }
    }

    int queuedBytes() {
        int sum = 0;
        Collection<SendFlow[]> all = streams.values();
        for (SendFlow[] flows : all) {
            for (SendFlow flow : flows) {
                sum += flow == null ? 0 : flow.queuedBytes();
            }
        }
        return sum;
    }
}
