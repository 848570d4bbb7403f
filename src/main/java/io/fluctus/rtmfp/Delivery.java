package io.fluctus.rtmfp;

/**
 * How long a message is worth sending: it is abandoned if it has not started by {@code startBy} or not arrived by
 * {@code finishBy}, or at its first loss unless {@code retransmit}. A dependent one falls with the message before it.
 */
public record Delivery(long startBy, long finishBy, boolean retransmit, boolean dependent) {
    public static final Delivery RELIABLE = new Delivery(Long.MAX_VALUE, Long.MAX_VALUE, true, false);

    public static Delivery by(long deadline) {
        return new Delivery(deadline, deadline, true, false);
    }

    public Delivery dependentOnPrevious() {
        return new Delivery(startBy, finishBy, retransmit, true);
    }
}
