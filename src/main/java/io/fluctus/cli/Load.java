package io.fluctus.cli;

import io.fluctus.media.MediaPacket;
import io.fluctus.media.MediaPacket.Kind;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.HdrHistogram.Histogram;

/**
 * The viewers of a measurement and what they saw. A frame counts if it was sent within the window, whenever it arrived; how many
 * there were is what the best viewer can tell: the highest number less the lowest.
 */
final class Load {
    /** A viewer with less than this share of the frames is starved. */
    private static final double SERVED = 0.99;

    private static final long MAX_LATENCY_MICROS = 60_000_000;
    private static final double MICROS_PER_MILLI = 1000;

    private final List<Viewer> viewers = new ArrayList<>();
    private final Histogram latency = new Histogram(MAX_LATENCY_MICROS, 3);
    private final Histogram setUp = new Histogram(MAX_LATENCY_MICROS, 3);
    private final Frames video = new Frames();
    private final Frames audio = new Frames();
    private long windowBegan = Long.MAX_VALUE;
    private long windowEnded = Long.MAX_VALUE;
    private long bytes;
    private int up;
    private int failed;
    private int lost;
    private boolean finished;
    private Optional<String> firstFault = Optional.empty();

    /** The numbers of one track's frames sent within the window. */
    private static final class Frames {
        private long lowest = Long.MAX_VALUE;
        private long highest = -1;

        private void saw(long number) {
            lowest = Math.min(lowest, number);
            highest = Math.max(highest, number);
        }

        private long expected() {
            return highest < 0 ? 0 : highest - lowest + 1;
        }
    }

    /** One connection. */
    final class Viewer implements Session.Listener {
        private final long began = System.nanoTime();
        private final boolean watches;
        private boolean accepted;
        private boolean over;
        private long frames;

        private Viewer(boolean watches) {
            this.watches = watches;
        }

        @Override
        public void accepted() {
            accepted = true;
            up++;
            setUp.recordValue(clamp(System.nanoTime() - began));
        }

        @Override
        public void received(MediaPacket packet) {
            long now = System.nanoTime();
            if (now >= windowBegan && now < windowEnded) {
                bytes += packet.payload().length();
            }
            if (packet.isMedia()) {
                Mark.in(packet.payload())
                        .filter(mark -> mark.sentNanos() >= windowBegan && mark.sentNanos() < windowEnded)
                        .ifPresent(mark -> count(packet.kind(), mark, now));
            }
        }

        @Override
        public void ended(Optional<String> fault) {
            if (over || finished) {
                return;
            }
            over = true;
            firstFault = firstFault.or(() -> fault);
            if (accepted) {
                lost++;
                up--;
            } else {
                failed++;
            }
        }

        private void count(Kind kind, Mark mark, long now) {
            frames++;
            latency.recordValue(clamp(now - mark.sentNanos()));
            (kind == Kind.VIDEO ? video : audio).saw(mark.number());
        }
    }

    /** One more connection, which watches or is just there. */
    Viewer add(boolean watches) {
        Viewer viewer = new Viewer(watches);
        viewers.add(viewer);
        return viewer;
    }

    int up() {
        return up;
    }

    /** Connections that were accepted or refused, or have ended. */
    int settled() {
        return up + failed + lost;
    }

    void open() {
        windowBegan = System.nanoTime();
    }

    void close() {
        windowEnded = System.nanoTime();
    }

    /** From now on a connection that ends is no loss. */
    void finish() {
        finished = true;
    }

    /** Nobody was refused or lost, and every viewer was served in full. */
    boolean complete() {
        return failed == 0 && lost == 0 && starved() == 0;
    }

    JsonObject report() {
        double seconds = (windowEnded - windowBegan) / 1e9;
        JsonObject report = new JsonObject()
                .put("connections", viewers.size())
                .put("established", up)
                .put("failed", failed)
                .put("lost", lost)
                .put("starved", starved())
                .put("seconds", round(seconds))
                .put("bytes", bytes)
                .put("mbps", round(bytes * 8 / seconds / 1e6))
                .put("framesExpected", video.expected() + audio.expected())
                .put("latencyMs", percentiles(latency))
                .put("setUpMs", percentiles(setUp));
        firstFault.ifPresent(fault -> report.put("firstFault", fault));
        return report;
    }

    private long starved() {
        double enough = SERVED * (video.expected() + audio.expected());
        return viewers.stream()
                .filter(v -> v.watches && v.accepted && v.frames < enough)
                .count();
    }

    private static JsonObject percentiles(Histogram micros) {
        return new JsonObject()
                .put("p50", round(micros.getValueAtPercentile(50) / MICROS_PER_MILLI))
                .put("p99", round(micros.getValueAtPercentile(99) / MICROS_PER_MILLI))
                .put("max", round(micros.getMaxValue() / MICROS_PER_MILLI))
                .put("samples", micros.getTotalCount());
    }

    private static long clamp(long nanos) {
        return Math.min(MAX_LATENCY_MICROS, Math.max(0, nanos / 1000));
    }

    static double round(double value) {
        return Math.round(value * 1000) / 1000.0;
    }
}
