package io.fluctus.audience;

import io.fluctus.guard.Share;
import io.fluctus.guard.Shares;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** What one viewer gets of the line: over any of its shares it is thinned to key frames and sound until all is paid for. */
final class Portion {
    /** A viewer that is over its own share for so long, although it gets no more than that, is refused the rest. */
    static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(15);

    private final Shares counters;
    private final List<Share> common;
    private final List<Share> own;
    private final boolean unlimited;
    private boolean thinned;
    private long overSince;

    /** {@code common} are those of other viewers, too. */
    Portion(Shares counters, List<Share> common, List<Share> own) {
        this.counters = counters;
        this.common = common;
        this.own = own;
        this.unlimited = common.isEmpty() && own.isEmpty();
    }

    void take(long bytes) {
        if (!unlimited) {
            take(bytes, System.nanoTime());
        }
    }

    private void take(long bytes, long now) {
        common.forEach(share -> share.take(bytes, now));
        own.forEach(share -> share.take(bytes, now));
    }

    /** Whether there is room for this one beside those who are there. */
    boolean hasRoom() {
        return common.isEmpty() || count(!exceeded(common, System.nanoTime()));
    }

    /** Asked before each step, as what it answers next depends on it. */
    boolean thinned() {
        return !unlimited && thin(System.nanoTime());
    }

    private boolean thin(long now) {
        boolean before = thinned;
        thinned = before ? !(paid(common, now) && paid(own, now)) : exceeded(common, now) || exceeded(own, now);
        if (thinned && !before) {
            counters.countThinned();
        }
        return thinned;
    }

    /** Whether it was thinned when it was last served. */
    boolean wasThinned() {
        return thinned;
    }

    /** False when even what a thinned viewer gets is too much for its own share. */
    boolean isEnough() {
        return own.isEmpty() || count(!lastsTooLong(System.nanoTime()));
    }

    private boolean lastsTooLong(long now) {
        if (!exceeded(own, now)) {
            overSince = 0;
        } else if (overSince == 0) {
            overSince = now;
        }
        return overSince != 0 && now - overSince > PATIENCE_NANOS;
    }

    private boolean count(boolean allowed) {
        if (!allowed) {
            counters.countRefused();
        }
        return allowed;
    }

    private static boolean exceeded(List<Share> shares, long now) {
        return shares.stream().anyMatch(share -> share.exceeded(now));
    }

    private static boolean paid(List<Share> shares, long now) {
        return shares.stream().allMatch(share -> share.paid(now));
    }
}
