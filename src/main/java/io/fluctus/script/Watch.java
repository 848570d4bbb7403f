package io.fluctus.script;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.Optional;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/**
 * Looks at what runs on one thread from another one, now and then, and has it stopped when it has had its CPU time: for engines that
 * have no hook. What runs pays two writes for it.
 */
final class Watch implements AutoCloseable {
    /** Between two looks: so much later than it should a function may be stopped. */
    static final long LOOK_MILLIS = 10;

    private static final long NOTHING = 0;

    private final ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    private final Budget.Limits limits;
    private final long thread;
    private final Runnable stop;
    private final ScheduledFuture<?> looks;
    private volatile long running = NOTHING;
    private volatile boolean breached;
    private long last;

    // What follows belongs to the thread that looks.
    private long seen = NOTHING;
    private long since;

    /** Watches the thread that makes it; {@code stop} is called on a thread of {@code clock}, again and again while it is of no use. */
    Watch(Budget.Limits limits, ScheduledExecutorService clock, Runnable stop) {
        this.limits = limits;
        this.thread = Thread.currentThread().getId();
        this.stop = stop;
        this.looks = clock.scheduleWithFixedDelay(this::look, LOOK_MILLIS, LOOK_MILLIS, TimeUnit.MILLISECONDS);
    }

    /** A function of a script begins. */
    void begin() {
        breached = false;
        running = ++last;
    }

    /** It has ended: the sentence if it was stopped. */
    Optional<String> end() {
        running = NOTHING;
        return breached ? Optional.of("stopped: more than " + limits.millis() + " ms of CPU time") : Optional.empty();
    }

    private void look() {
        long now = running;
        if (now == NOTHING) {
            seen = NOTHING;
        } else if (now != seen) {
            seen = now;
            since = threads.getThreadCpuTime(thread);
        } else if (threads.getThreadCpuTime(thread) - since > TimeUnit.MILLISECONDS.toNanos(limits.millis())) {
            breached = true;
            stop.run();
        }
    }

    @Override
    public void close() {
        looks.cancel(false);
    }
}
