package io.fluctus;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.UnsynchronizedAppenderBase;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Carries lines to a slow place on a thread of its own. Whoever logs never waits: a line that finds the queue full is dropped,
 * and how many were is said as soon as the place takes lines again.
 */
final class LogQueue extends UnsynchronizedAppenderBase<ILoggingEvent> {
    static final int CAPACITY = 8192;

    private static final long POLL_MILLIS = 500;

    private final Appender<ILoggingEvent> place;
    private final long stopMillis;
    private final BlockingQueue<ILoggingEvent> queue = new ArrayBlockingQueue<>(CAPACITY);
    private final AtomicLong dropped = new AtomicLong();
    private final Thread writer;
    private volatile boolean stopping;

    /** At the end of the process, {@code place} gets {@code stopMillis} to take what is queued. */
    LogQueue(LoggerContext context, Appender<ILoggingEvent> place, long stopMillis) {
        this.place = place;
        this.stopMillis = stopMillis;
        setContext(context);
        setName(place.getName());
        writer = new Thread(this::drain, "log-" + place.getName());
        writer.setDaemon(true);
    }

    @Override
    public void start() {
        writer.start();
        super.start();
    }

    @Override
    protected void append(ILoggingEvent event) {
        // Formatted here and now: the arguments may have changed when the line is written.
        event.getFormattedMessage();
        if (!queue.offer(event)) {
            dropped.incrementAndGet();
        }
    }

    /** Writes what is queued, but does not wait longer than it was told. */
    @Override
    public void stop() {
        if (!isStarted()) {
            return;
        }
        super.stop();
        stopping = true;
        try {
            writer.join(stopMillis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void drain() {
        try {
            while (!stopping || !queue.isEmpty()) {
                ILoggingEvent event = queue.poll(stopping ? 0 : POLL_MILLIS, TimeUnit.MILLISECONDS);
                if (event != null) {
                    place.doAppend(event);
                }
                sayDropped();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        place.stop();
    }

    private void sayDropped() {
        long lost = dropped.getAndSet(0);
        if (lost > 0) {
            LoggerContext context = (LoggerContext) getContext();
            place.doAppend(new LoggingEvent(
                    LogQueue.class.getName(),
                    context.getLogger("log"),
                    Level.WARN,
                    lost + " lines were dropped, as they came faster than they could be written",
                    null,
                    null));
        }
    }
}
