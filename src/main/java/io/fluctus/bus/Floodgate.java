package io.fluctus.bus;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Collapses what a verticle says to the log or the bus at its source, so that nothing grows because someone knocks often: so many
 * words a second, one complaint about a host in 10 s, and a count of what was left out. Not for more than one thread.
 */
public final class Floodgate {
    /** Words a second. */
    public static final int PER_SECOND = 50;

    /** Milliseconds between two complaints about one host, and between two counts of what was left out. */
    public static final long HOST_MILLIS = 10_000;

    /** Hosts that are remembered; if more of them knock at a time, the oldest is forgotten. */
    public static final int MAX_HOSTS = 1024;

    private static final long SECOND = 1_000;

    private final Map<String, Long> hosts = new LinkedHashMap<>();
    private long second = Long.MIN_VALUE;
    private int words;
    private long leftOut;
    private long leftOutSince;
    private String last = "";

    /** Whether {@code word} may be said; if not, it is counted. {@code now}, here and below: monotonic milliseconds. */
    public boolean admits(String word, long now) {
        if (now / SECOND != second) {
            second = now / SECOND;
            words = 0;
        }
        if (words < PER_SECOND) {
            words++;
            return true;
        }
        leaveOut(word, now);
        return false;
    }

    /** As {@link #admits}, for a complaint about {@code host}. */
    public boolean admitsFrom(String host, String word, long now) {
        Long said = hosts.get(host);
        if (said != null && now - said < HOST_MILLIS) {
            leaveOut(word, now);
            return false;
        }
        if (!admits(word, now)) {
            return false;
        }
        hosts.remove(host); // so that the map is in the order of time
        hosts.put(host, now);
        if (hosts.size() > MAX_HOSTS) {
            hosts.remove(hosts.keySet().iterator().next());
        }
        return true;
    }

    /** What was left out, as one word; empty while there is nothing, or the first of it is younger than 10 s. */
    public Optional<String> leftOut(long now) {
        hosts.values().removeIf(said -> now - said >= HOST_MILLIS);
        if (leftOut == 0 || now - leftOutSince < HOST_MILLIS) {
            return Optional.empty();
        }
        String count = "left out " + leftOut + (leftOut == 1 ? " line: " : " lines, the last: ") + last;
        leftOut = 0;
        last = "";
        return Optional.of(count);
    }

    private void leaveOut(String word, long now) {
        if (leftOut++ == 0) {
            leftOutSince = now;
        }
        last = word;
    }
}
