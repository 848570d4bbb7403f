package io.fluctus.script;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** What one event may cost an application: CPU time of its thread, and memory of its state. Asked in the engine's hook. */
final class Budget {
    /**
     * The limits.
     *
     * @param millis CPU time of one event's function
     * @param kilobytes memory of one state
     */
    record Limits(long millis, long kilobytes) {
        static final Limits STANDARD = new Limits(200, 32 * 1024);
    }

    private static final long UNKNOWN = -1;

    private final Limits limits;
    private final LongSupplier cpuNanos;
    private long since = UNKNOWN;
    private String breach = "";
    private boolean starved;

    /** {@code cpuNanos}: of the thread that asks. */
    Budget(Limits limits, LongSupplier cpuNanos) {
        this.limits = limits;
        this.cpuNanos = cpuNanos;
    }

    /** Another function of a script begins. The clock is read at the first question only: most events end before it. */
    void fresh() {
        since = UNKNOWN;
        breach = "";
    }

    /** Why the running event must end, again and again until the next one; empty while it may go on. */
    String check(long kilobytes) {
        if (!breach.isEmpty()) {
            return breach;
        }
        long now = cpuNanos.getAsLong();
        if (since == UNKNOWN) {
            since = now;
        } else if (now - since > TimeUnit.MILLISECONDS.toNanos(limits.millis)) {
            breach = "stopped: more than " + limits.millis + " ms of CPU time";
        }
        if (kilobytes > limits.kilobytes) {
            starved = true;
            breach = "stopped: more than " + limits.kilobytes / 1024 + " MiB of memory";
        }
        return breach;
    }

    /** Whether memory was short since this was asked last. */
    boolean starved() {
        boolean was = starved;
        starved = false;
        return was;
    }
}
