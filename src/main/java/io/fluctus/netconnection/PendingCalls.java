package io.fluctus.netconnection;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Our calls that the peer has not answered yet: their transaction ids rise by one and are ours alone (RTMP 1.0 7.2.1.2). */
final class PendingCalls {
    /** Encoders never answer a server's calls: beyond this many, the oldest is forgotten. */
    static final int MAX_PENDING = 256;

    /** What the answer is for. */
    enum Purpose {
        CONNECT,
        CREATE_STREAM,
        COURTESY,
        CALL
    }

    private final Map<Double, Purpose> pending = new LinkedHashMap<>();
    private double last;

    double next(Purpose purpose) {
        if (pending.size() >= MAX_PENDING) {
            pending.remove(pending.keySet().iterator().next());
        }
        pending.put(++last, purpose);
        return last;
    }

    /** Empty for an id that we never gave, gave up, or that was answered before. */
    Optional<Purpose> answered(double transactionId) {
        return Optional.ofNullable(pending.remove(transactionId));
    }
}
