package io.fluctus.script;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** What one event may cost an application: CPU time of its thread, and memory of its state. Asked in the engine's hook. */
final class Budget {
    /** CPU time of one event's function. */
    static final long MAX_MILLIS = 200;

    /** Memory of one state. */
    static final long MAX_KILOBYTES = 32 * 1024;

    private static final long UNKNOWN = -1;

    private final LongSupplier cpuNanos;
    private long since = UNKNOWN;
    private String breach = "";
    private boolean starved;

    /** {@code cpuNanos}: of the thread that asks. */
    Budget(LongSupplier cpuNanos) {
        this.cpuNanos = cpuNanos;
    }

    /** Another event begins. The clock is read at the first question only: most events end before it. */
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
        } else if (now - since > TimeUnit.MILLISECONDS.toNanos(MAX_MILLIS)) {
            breach = "stopped: more than " + MAX_MILLIS + " ms of CPU time";
        }
        if (kilobytes > MAX_KILOBYTES) {
            starved = true;
            breach = "stopped: more than " + MAX_KILOBYTES / 1024 + " MiB of memory";
        }
        return breach;
    }

    /** Whether the running event must end. */
    boolean breached() {
        return !breach.isEmpty();
    }

    /** Whether memory was short since this was asked last. */
    boolean starved() {
        boolean was = starved;
        starved = false;
        return was;
    }
}
