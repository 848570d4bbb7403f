package io.fluctus.guard;

import io.fluctus.config.Config;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/**
 * How many connections one address has open and how many it opens in a second, over all protocols of the node. An entry lives as long
 * as a connection of its address or the second in which one was tried.
 */
public final class AddressLimits {
    /** Addresses that are remembered: whoever comes from one more is not counted, as memory is worth more than this limit. */
    static final int MAX_ADDRESSES = 200_000;

    private static final long SECOND_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final int open;
    private final int fresh;
    private final Map<String, Count> counts = new ConcurrentHashMap<>();
    private final LongAdder refusedOpen = new LongAdder();
    private final LongAdder refusedFresh = new LongAdder();

    /** Connections that are open, and those of the second that began at {@code since}; whether the last try was {@code admitted}. */
    private record Count(int open, int fresh, long since, boolean admitted) {
        private boolean idle(long now) {
            return open == 0 && now - since >= SECOND_NANOS;
        }
    }

    public AddressLimits(Config.Limits limits) {
        this.open = limits.connectionsPerAddress();
        this.fresh = limits.newConnectionsPerAddress();
    }

    /** Whether one more connection of {@code host} may stand; if so, {@link #closed} follows. {@code now} is monotonic nanoseconds. */
    public boolean opened(String host, long now) {
        if (unlimited(host)) {
            return true;
        }
        if (counts.size() >= MAX_ADDRESSES) {
            counts.values().removeIf(count -> count.idle(now));
        }
        if (counts.size() >= MAX_ADDRESSES && !counts.containsKey(host)) {
            return true;
        }
        return counts.compute(host, (key, old) -> next(old == null ? new Count(0, 0, now, true) : old, now)).admitted;
    }

    private Count next(Count old, long now) {
        boolean sameSecond = now - old.since < SECOND_NANOS;
        int tried = sameSecond ? old.fresh + 1 : 1;
        boolean tooMany = open > 0 && old.open >= open;
        boolean tooFast = fresh > 0 && tried > fresh;
        if (tooMany) {
            refusedOpen.increment();
        } else if (tooFast) {
            refusedFresh.increment();
        }
        boolean admitted = !tooMany && !tooFast;
        return new Count(admitted ? old.open + 1 : old.open, tried, sameSecond ? old.since : now, admitted);
    }

    public void closed(String host, long now) {
        if (!unlimited(host)) {
            counts.computeIfPresent(host, (key, old) -> {
                Count less = new Count(Math.max(0, old.open - 1), old.fresh, old.since, old.admitted);
                return less.idle(now) ? null : less;
            });
        }
    }

    /** Forgets who tried and left: to be called about once a second. */
    public void tick(long now) {
        counts.values().removeIf(count -> count.idle(now));
    }

    private boolean unlimited(String host) {
        return open == 0 && fresh == 0
                || host.startsWith("127.")
                || host.equals("::1")
                || host.equals("0:0:0:0:0:0:0:1");
    }

    public int limitOpen() {
        return open;
    }

    public int limitFresh() {
        return fresh;
    }

    public long refusedOpen() {
        return refusedOpen.sum();
    }

    public long refusedFresh() {
        return refusedFresh.sum();
    }

    public int addresses() {
        return counts.size();
    }
}
