package io.fluctus.rtmfp;

import java.util.Arrays;

/** So many a second for each of any number of askers, in memory that never grows: askers whose hashes meet share what there is. */
final class RateLimit {
    private static final int BUCKETS = 4_096;
    private static final int BUCKET_BITS = 12;
    private static final int SECOND = 1_000;

    private final byte[] counts = new byte[BUCKETS];
    private final int salt;
    private final int perSecond;
    private long second = Long.MIN_VALUE;

    /** {@code salt} makes the hashes unguessable; {@code perSecond} is at most 127. */
    RateLimit(int salt, int perSecond) {
        this.salt = salt;
        this.perSecond = perSecond;
    }

    boolean take(Object asker, long now) {
        if (now / SECOND != second) {
            second = now / SECOND;
            Arrays.fill(counts, (byte) 0);
        }
        int bucket = (asker.hashCode() ^ salt) * 0x9e3779b1 >>> Integer.SIZE - BUCKET_BITS;
        if (counts[bucket] >= perSecond) {
            return false;
        }
        counts[bucket]++;
        return true;
    }
}
