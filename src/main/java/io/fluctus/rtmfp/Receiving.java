package io.fluctus.rtmfp;

import io.fluctus.wire.ByteReader;
import io.vertx.core.buffer.Buffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongPredicate;

/** The far flows of a session and what is owed for them (RFC 7016 3.6.3): one budget of memory for all. */
final class Receiving {
    private final Map<Long, RecvFlow> flows = new LinkedHashMap<>();
    private final Budget budget = new Budget(Params.SESSION_RECEIVE_BUFFER);
    private final Acks acks = new Acks();
    private final Consumer<Chunk> control;
    private final LongPredicate ourFlows;
    private long forgottenLosses;

    /** {@code control} sends a chunk that belongs to no flow of ours; {@code ourFlows} knows those by their ids. */
    Receiving(Consumer<Chunk> control, LongPredicate ourFlows) {
        this.control = control;
        this.ourFlows = ourFlows;
    }

    int heldBytes() {
        return budget.used();
    }

    long lostFragments() {
        return forgottenLosses
                + flows.values().stream().mapToLong(RecvFlow::lost).sum();
    }

    void receive(Chunk.UserData data, long now, List<SessionEvent> events) {
        Optional<RecvFlow> known = Optional.ofNullable(flows.get(data.flowId())).or(() -> open(data, events));
        if (known.isEmpty()) {
            return;
        }
        RecvFlow flow = known.get();
        boolean wasRejected = flow.rejection().isPresent();
        boolean wasComplete = flow.isComplete();
        RecvFlow.Received received = flow.receive(data.flags(), data.sequence(), data.forwardSequence(), data.data());
        for (Buffer message : received.messages()) {
            events.add(new SessionEvent.MessageReceived(flow, message));
        }
        acks.owe(flow, received.urgent() || !data.options().isEmpty(), now);
        if (wasRejected || flow.rejection().isPresent()) {
            control.accept(new Chunk.ExceptionReport(flow.id(), flow.rejection().orElse(0L)));
        }
        if (!wasComplete && flow.isComplete()) {
            flow.completeAt(now);
            events.add(new SessionEvent.FlowFinished(flow));
        }
    }

    /** 3.6.3.1: without metadata, for an unknown flow of ours, or one too many, a flow is refused. */
    private Optional<RecvFlow> open(Chunk.UserData data, List<SessionEvent> events) {
        if (flows.size() >= Params.MAX_FLOWS) {
            flows.values().stream().filter(RecvFlow::isComplete).findFirst().ifPresent(this::forget);
        }
        if (flows.size() >= Params.MAX_FLOWS) {
            control.accept(new Chunk.ExceptionReport(data.flowId(), 0));
            return Optional.empty();
        }
        Optional<Buffer> metadata = Option.find(data.options(), Chunk.UserData.METADATA);
        Optional<Long> association = Option.find(data.options(), Chunk.UserData.RETURN_ASSOCIATION)
                .map(value -> Vlu.read(new ByteReader(value)));
        boolean understood = data.options().stream().allMatch(o -> o.type() < Chunk.UserData.MANDATORY);
        RecvFlow flow = new RecvFlow(data.flowId(), metadata.orElse(Buffer.buffer()), association, budget);
        flows.put(flow.id(), flow);
        boolean welcome = metadata.isPresent()
                && metadata.get().length() <= Params.MAX_METADATA
                && understood
                && association.map(ourFlows::test).orElse(true);
        if (welcome) {
            events.add(new SessionEvent.FlowOpened(flow));
        } else {
            flow.reject(0);
        }
        return Optional.of(flow);
    }

    private void forget(RecvFlow flow) {
        forgottenLosses += flow.lost();
        flows.remove(flow.id());
        acks.forget(flow);
    }

    /** A packet with user data is done. */
    void packetDone() {
        acks.packetReceived();
    }

    void probed(long flowId, long now) {
        Optional.ofNullable(flows.get(flowId)).ifPresent(flow -> acks.owe(flow, true, now));
    }

    void rejectAll() {
        flows.values().forEach(flow -> flow.reject(0));
    }

    boolean ackIsDue() {
        return acks.isDue();
    }

    void assembleAcks(Outgoing packet) {
        acks.assemble(packet, Params.MAX_SESSION_PACKET);
    }

    long deadline() {
        return acks.deadline();
    }

    void tick(long now) {
        acks.tick(now);
        List<RecvFlow> old = flows.values().stream()
                .filter(f -> f.isComplete() && now - f.completeAt() >= Params.FLOW_LINGER)
                .toList();
        old.forEach(this::forget);
    }
}
