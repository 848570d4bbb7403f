package io.fluctus.web;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/** The last minutes of each stream, one sample a second, for charts that are not empty when a page is opened. */
final class History {
    /** Samples kept of each stream: five minutes. */
    static final int LENGTH = 300;

    /** Streams that are remembered; the charts of more begin when they are opened. */
    static final int MAX_STREAMS = 1_000;

    private final Map<String, Series> streams = new HashMap<>();

    /**
     * One second of a stream.
     *
     * @param kbps video and audio
     */
    record Sample(int kbps, int fps, int keyframeIntervalMs, int viewers) {}

    /** A ring of samples. */
    private static final class Series {
        private final int[][] columns = new int[4][LENGTH];
        private int next;
        private int count;

        private void add(Sample sample) {
            columns[0][next] = sample.kbps;
            columns[1][next] = sample.fps;
            columns[2][next] = sample.keyframeIntervalMs;
            columns[3][next] = sample.viewers;
            next = (next + 1) % LENGTH;
            count = Math.min(LENGTH, count + 1);
        }

        private JsonArray column(int column, int newest) {
            JsonArray values = new JsonArray();
            for (int i = Math.min(newest, count); i > 0; i--) {
                values.add(columns[column][Math.floorMod(next - i, LENGTH)]);
            }
            return values;
        }
    }

    void add(String stream, Sample sample) {
        Series series = streams.get(stream);
        if (series == null && streams.size() < MAX_STREAMS) {
            series = new Series();
            streams.put(stream, series);
        }
        if (series != null) {
            series.add(sample);
        }
    }

    void retain(Set<String> present) {
        streams.keySet().retainAll(present);
    }

    /** The newest samples by column, oldest first; the last is of the last second. */
    JsonObject of(String stream) {
        Series series = streams.getOrDefault(stream, new Series());
        return new JsonObject()
                .put("stepMillis", 1_000)
                .put("kbps", series.column(0, LENGTH))
                .put("fps", series.column(1, LENGTH))
                .put("keyframeIntervalMs", series.column(2, LENGTH))
                .put("viewers", series.column(3, LENGTH));
    }

    /** The newest bitrates alone. */
    JsonArray bitrates(String stream, int newest) {
        return streams.getOrDefault(stream, new Series()).column(0, newest);
    }
}
