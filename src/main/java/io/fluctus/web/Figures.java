package io.fluctus.web;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** What the verticles report each second, added up by stream, joined with what the registry knows: the streams as the API shows them. */
final class Figures {
    /** The newest report of each source, and its streams. */
    private final Map<String, JsonObject> reports = new HashMap<>();

    private final Map<String, Sent> sent = new HashMap<>();

    /** Totals since the stream began. */
    private static final class Sent {
        private long bytesOut;
        private long dropped;
    }

    /** One report of {@code stats.<node>}: {@code {source, streams: {path: figures}}}. */
    void add(JsonObject report) {
        JsonObject streams = report.getJsonObject("streams");
        reports.put(report.getString("source"), streams);
        for (String path : streams.fieldNames()) {
            JsonObject figures = streams.getJsonObject(path);
            if (figures.containsKey("bytesOut")) {
                Sent total = sent.computeIfAbsent(path, key -> new Sent());
                total.bytesOut += figures.getLong("bytesOut");
                total.dropped += figures.getLong("dropped");
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
        return streams;
    }

    static String pathOf(JsonObject stream) {
        String app = stream.getString("app");
        return app.isEmpty() ? stream.getString("name") : app + "/" + stream.getString("name");
    }

    private JsonObject describe(String path, JsonObject listed) {
        JsonObject viewers = new JsonObject().put("total", 0);
        JsonObject described = listed.copy().put("bytesIn", 0L);
        described.remove("client");
        for (JsonObject report : reports.values()) {
            JsonObject figures = report.getJsonObject(path);
            if (figures == null) {
                continue;
            }
            if (figures.containsKey("viewers")) {
                count(figures.getJsonObject("viewers"), viewers);
            } else {
                described.mergeIn(figures);
            }
        }
        Sent total = sent.getOrDefault(path, new Sent());
        return described.put("viewers", viewers).put("bytesOut", total.bytesOut).put("dropped", total.dropped);
    }

    private static void count(JsonObject from, JsonObject to) {
        for (String protocol : from.fieldNames()) {
            int viewers = from.getInteger(protocol);
            to.put(protocol, to.getInteger(protocol, 0) + viewers);
            to.put("total", to.getInteger("total") + viewers);
        }
    }
}
