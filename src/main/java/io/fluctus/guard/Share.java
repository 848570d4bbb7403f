package io.fluctus.guard;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A share of the line: a token bucket, kept as the moment at which all that was taken is paid for. Without a lock, as the viewers of
 * one stream are on several event loops.
 */
public final class Share {
    /** What may be taken at once: a late joiner's prelude, or a key frame, is no breach. */
    static final long BURST_NANOS = TimeUnit.SECONDS.toNanos(4);

    /** No debt is remembered beyond this, so that one large packet does not silence a viewer for minutes. */
    private static final long MOST_NANOS = 2 * BURST_NANOS;

    private static final double BITS = 8;
    private static final double NANOS_PER_MILLI = 1_000_000;

    private final int kbps;
    private final double nanosPerByte;
    private final AtomicLong paidAt = new AtomicLong(Long.MIN_VALUE);

    /** {@code kbps}: kbit/s, above 0. */
    public Share(int kbps) {
        this.kbps = kbps;
        this.nanosPerByte = BITS * NANOS_PER_MILLI / kbps;
    }

    public int kbps() {
        return kbps;
    }

    /** {@code now}, here and below: monotonic nanoseconds. */
    public void take(long bytes, long now) {
        long cost = (long) (bytes * nanosPerByte);
        paidAt.updateAndGet(paid -> Math.min(Math.max(paid, now) + cost, now + MOST_NANOS));
    }

    /** More was taken than the share and its burst. */
    public boolean exceeded(long now) {
        return owed(now) > BURST_NANOS;
    }

    /** All that was taken is paid for. */
    public boolean paid(long now) {
        return owed(now) <= 0;
    }

    private long owed(long now) {
        long paid = paidAt.get();
        return paid == Long.MIN_VALUE ? 0 : paid - now;
    }
}
