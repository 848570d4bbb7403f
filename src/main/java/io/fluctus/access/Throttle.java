package io.fluctus.access;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Slows down guessing: after so many wrong passwords of an account from an address, neither is heard for a while. */
final class Throttle {
    static final int TRIES = 20;
    static final long DELAY_SECONDS = TimeUnit.MINUTES.toSeconds(15);

    /** Pairs that are remembered; the oldest is forgotten for one more. */
    static final int MAX_PAIRS = 10_000;

    private final Map<String, Failures> failures = new LinkedHashMap<>();

    private record Failures(int count, long last) {}

    /** Whether a try counts at all now. */
    boolean admits(String account, String host, long seconds) {
        Failures old = failures.get(pair(account, host));
        return old == null || old.count < TRIES || seconds - old.last >= DELAY_SECONDS;
    }

    void failed(String account, String host, long seconds) {
        String pair = pair(account, host);
        Failures old = failures.remove(pair); // so that the map is in the order of time
        boolean over = old == null || seconds - old.last >= DELAY_SECONDS;
        failures.put(pair, new Failures(over ? 1 : old.count + 1, seconds));
        if (failures.size() > MAX_PAIRS) {
            failures.remove(failures.keySet().iterator().next());
        }
    }

    void succeeded(String account, String host) {
        failures.remove(pair(account, host));
    }

    /** An account is a line of its own: no host holds a line break. */
    private static String pair(String account, String host) {
        return Secrets.fingerprint(account) + "\n" + host;
    }
}
