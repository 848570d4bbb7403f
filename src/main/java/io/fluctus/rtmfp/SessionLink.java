package io.fluctus.rtmfp;

import io.vertx.core.buffer.Buffer;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;

/** A session of RTMFP as one group uses it. */
final class SessionLink implements GroupLink {
    /** How long a fragment is worth sending. */
    private static final int NEW_MILLIS = 2_000;

    private final Session session;
    private final LongSupplier clock;
    private final Map<Long, SendFlow> flows = new HashMap<>();
    private final Map<Long, RecvFlow> farFlows = new HashMap<>();

    SessionLink(Session session, LongSupplier clock) {
        this.session = session;
        this.clock = clock;
    }

    Session session() {
        return session;
    }

    boolean owns(long flow) {
        return flows.containsKey(flow);
    }

    boolean hears(long farFlow) {
        return farFlows.containsKey(farFlow);
    }

    void heard(RecvFlow flow) {
        farFlows.put(flow.id(), flow);
    }

    @Override
    public Buffer farPeer() {
        return session.farCertificate().fingerprint();
    }

    @Override
    public Address farAddress() {
        return new Address(session.peer(), Address.OBSERVED);
    }

    @Override
    public Buffer nearNonce() {
        return session.nearNonce();
    }

    @Override
    public Buffer farNonce() {
        return session.farNonce();
    }

    @Override
    public boolean isInitiator() {
        return session.isInitiator();
    }

    @Override
    public long open(GroupFlow kind, Optional<Long> association) {
        SendFlow.Priority priority = kind == GroupFlow.MEDIA ? SendFlow.Priority.VIDEO : SendFlow.Priority.COMMAND;
        SendFlow flow = session.openFlow(kind.metadata(), association, priority);
        flows.put(flow.id(), flow);
        return flow.id();
    }

    @Override
    public void write(long flow, Buffer message, Worth worth) {
        SendFlow to = flows.get(flow);
        if (to != null && session.isOpen() && !to.isFailed()) {
            long now = clock.getAsLong();
            Delivery delivery = worth == Worth.RELIABLE ? Delivery.RELIABLE : Delivery.by(now + NEW_MILLIS);
            session.write(to, message, delivery, now);
        }
    }

    @Override
    public void finish(long flow) {
        SendFlow ended = flows.remove(flow);
        if (ended != null && session.isOpen()) {
            session.finish(ended);
        }
    }

    @Override
    public void reject(long farFlow) {
        RecvFlow refused = farFlows.remove(farFlow);
        if (refused != null && session.isOpen()) {
            session.reject(refused, 0);
        }
    }

    @Override
    public int queuedBytes() {
        return flows.values().stream().mapToInt(SendFlow::queuedBytes).sum();
    }

    /** The session ends with the first group that is left: members have one each. */
    @Override
    public void close() {
        session.close(clock.getAsLong());
    }
}
