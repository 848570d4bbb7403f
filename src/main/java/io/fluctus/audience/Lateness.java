package io.fluctus.audience;

import io.vertx.core.Vertx;
import java.util.concurrent.TimeUnit;

/** How late an event loop comes to its work: a timer that notes by how much it was missed. */
final class Lateness {
    private static final long PROBE_MILLIS = 100;

    private final Vertx vertx;
    private final long timer;
    private long expected;
    private long worst;

    Lateness(Vertx vertx) {
        this.vertx = vertx;
        this.expected = now() + PROBE_MILLIS;
        this.timer = vertx.setPeriodic(PROBE_MILLIS, id -> probe(now()));
    }

    void close() {
        vertx.cancelTimer(timer);
    }

    /** Milliseconds of the worst probe since the last question. */
    long worst() {
        long answer = worst;
        worst = 0;
        return answer;
    }

    private void probe(long now) {
        worst = Math.max(worst, now - expected);
        expected = now + PROBE_MILLIS;
    }

    private static long now() {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
    }
}
