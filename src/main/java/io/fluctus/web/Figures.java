package io.fluctus.web;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** What the verticles report each second, added up by stream, joined with what the registry knows: the streams as the API shows them. */
final class Figures {
    /** A source that has not reported for so long is gone. */
    static final long FORGET_MILLIS = 5_000;

    /** The sources that carry every live stream, whether anybody watches or not. */
    private static final String RELAY = "relay.";

    private static final int KBPS_OF_A_SECOND = 125; // bytes

    /** The newest report of each source. */
    private final Map<String, Report> reports = new TreeMap<>();

    private final Map<String, Sent> sent = new HashMap<>();
    private final History history = new History();

    /** What one source said last, and when. */
    private record Report(JsonObject figures, long at) {
        private JsonObject of(String stream) {
            return figures.getJsonObject("streams").getJsonObject(stream, new JsonObject());
        }
    }

    /** Totals since the stream began. */
    private static final class Sent {
        private long bytesOut;
        private long dropped;
    }

    History history() {
        return history;
    }

    /** One report of {@code stats.<node>}: {@code {source, streams: {path: figures}}}; {@code now} is monotonic milliseconds. */
    void add(JsonObject report, long now) {
        reports.put(report.getString("source"), new Report(report, now));
        reports.values().removeIf(old -> now - old.at > FORGET_MILLIS);
        if (report.getString("source").startsWith(RELAY)) {
            forgetWhatIsOver();
        }
        JsonObject streams = report.getJsonObject("streams");
        for (String path : streams.fieldNames()) {
            JsonObject figures = streams.getJsonObject(path);
            if (figures.containsKey("bytesOut")) {
                Sent total = sent.computeIfAbsent(path, key -> new Sent());
                total.bytesOut += figures.getLong("bytesOut");
                total.dropped += figures.getLong("dropped");
            } else {
                history.add(path, sample(path, figures));
            }
        }
    }

    /** The registry's list as the API's array. */
    JsonArray streams(JsonArray listed) {
        JsonArray streams = new JsonArray();
        Set<String> present = new HashSet<>();
        for (int i = 0; i < listed.size(); i++) {
            JsonObject stream = listed.getJsonObject(i);
            String path = pathOf(stream);
            present.add(path);
            streams.add(describe(path, stream));
        }
        sent.keySet().retainAll(present);
        history.retain(present);
        return streams;
    }

    /** Names that no relay carries and nobody watches any more: anybody may ask to play any name. */
    private void forgetWhatIsOver() {
        Set<String> reported = new HashSet<>();
        reports.values()
                .forEach(r -> reported.addAll(r.figures.getJsonObject("streams").fieldNames()));
        sent.keySet().retainAll(reported);
        history.retain(reported);
    }

    /** The instances that have viewers of the stream. */
    List<String> watching(String path) {
        List<String> sources = new ArrayList<>();
        reports.forEach((source, report) -> {
            if (!report.of(path).getJsonObject("viewers", new JsonObject()).isEmpty()) {
                sources.add(source);
            }
        });
        return sources;
    }

    /** Each instance that has an event loop of its own to show: how late it was within the last second, and its connections. */
    JsonArray loops() {
        JsonArray loops = new JsonArray();
        reports.forEach((source, report) -> {
            if (report.figures.containsKey("delayMillis")) {
                loops.add(new JsonObject()
                        .put("source", source)
                        .put("delayMillis", report.figures.getLong("delayMillis"))
                        .put("connections", report.figures.getInteger("connections")));
            }
        });
        return loops;
    }

    static String pathOf(JsonObject stream) {
        String app = stream.getString("app");
        return app.isEmpty() ? stream.getString("name") : app + "/" + stream.getString("name");
    }

    private History.Sample sample(String path, JsonObject figures) {
        JsonObject video = figures.getJsonObject("video", new JsonObject());
        JsonObject audio = figures.getJsonObject("audio", new JsonObject());
        return new History.Sample(
                video.getInteger("kbps", 0) + audio.getInteger("kbps", 0),
                video.getInteger("fps", 0),
                video.getInteger("keyframeIntervalMs", 0),
                viewers(path).getInteger("total"));
    }

    private JsonObject viewers(String path) {
        JsonObject viewers = new JsonObject().put("total", 0);
        reports.values().forEach(report -> count(report.of(path).getJsonObject("viewers", new JsonObject()), viewers));
        return viewers;
    }

    private JsonObject describe(String path, JsonObject listed) {
        JsonObject described = listed.copy().put("bytesIn", 0L);
        described.getJsonObject("publisher").put("client", described.remove("client"));
        long out = 0;
        for (Report report : reports.values()) {
            JsonObject figures = report.of(path);
            if (figures.containsKey("viewers")) {
                out += figures.getLong("bytesOut");
            } else {
                described.mergeIn(figures);
            }
        }
        Sent total = sent.getOrDefault(path, new Sent());
        return described
                .put("viewers", viewers(path))
                .put("kbpsOut", out / KBPS_OF_A_SECOND)
                .put("bytesOut", total.bytesOut)
                .put("dropped", total.dropped);
    }

    private static void count(JsonObject from, JsonObject to) {
        for (String protocol : from.fieldNames()) {
            int viewers = from.getInteger(protocol);
            to.put(protocol, to.getInteger(protocol, 0) + viewers);
            to.put("total", to.getInteger("total") + viewers);
        }
    }
}
