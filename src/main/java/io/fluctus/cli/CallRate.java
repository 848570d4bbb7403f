package io.fluctus.cli;

import io.fluctus.wire.AmfValue;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/** How fast an application answers: so many calls wait at a time, and each answer is followed by the next call. */
final class CallRate {
    private static final long SLOWEST_MICROS = TimeUnit.MINUTES.toMicros(1);
    private static final double PER_SECOND = TimeUnit.SECONDS.toNanos(1);

    private final Runnable call;
    private final long began;
    private final Queue<Long> waiting = new ArrayDeque<>();
    private final Histogram micros = new Histogram(SLOWEST_MICROS, 3);

    /** {@code call} sends one; {@code now}, here and below: nanoseconds. Answers come in the order of the calls. */
    CallRate(Runnable call, long now) {
        this.call = call;
        this.began = now;
    }

    void begin(int window) {
        for (int i = 0; i < window; i++) {
            next(began);
        }
    }

    private void next(long now) {
        waiting.add(now);
        call.run();
    }

    void answered(long now) {
        micros.recordValue(Math.min(SLOWEST_MICROS, TimeUnit.NANOSECONDS.toMicros(now - waiting.remove())));
        next(now);
    }

    /** {@code calls}, {@code callsPerSecond}, and milliseconds until half and 99 of 100 answers were there. */
    AmfValue report(long now) {
        Map<String, AmfValue> report = new LinkedHashMap<>();
        report.put("calls", AmfValue.of(micros.getTotalCount()));
        report.put("callsPerSecond", AmfValue.of(Math.round(micros.getTotalCount() * PER_SECOND / (now - began))));
        report.put("p50Millis", AmfValue.of(micros.getValueAtPercentile(50) / 1_000.0));
        report.put("p99Millis", AmfValue.of(micros.getValueAtPercentile(99) / 1_000.0));
        return AmfValue.Obj.of(report);
    }
}
