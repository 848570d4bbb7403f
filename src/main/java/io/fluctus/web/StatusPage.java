package io.fluctus.web;

import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.stream.Collectors;

/** The state as one HTML page at {@code /status} that needs no script: for text browsers, {@code curl} and bad days. */
final class StatusPage {
    private static final int REFRESH_SECONDS = 5;
    private static final long MEBIBYTE = 1 << 20;

    private final State state;
    private final Gate gate;

    StatusPage(State state, Gate gate) {
        this.state = state;
        this.gate = gate;
    }

    void addTo(Router router) {
        router.get("/status").handler(gate::reading).handler(this::answer);
    }

    private void answer(RoutingContext context) {
        Future<JsonArray> streams = state.streams();
        Future<JsonObject> server = state.server();
        Future.all(streams, server)
                .onSuccess(both -> context.response()
                        .putHeader("Content-Type", "text/html; charset=utf-8")
                        .putHeader("Cache-Control", "no-store")
                        .end(page(streams.result(), server.result(), state.events(), System.currentTimeMillis())))
                .onFailure(context::fail);
    }

    /** {@code now} is milliseconds since 1970. */
    static String page(JsonArray streams, JsonObject server, JsonArray events, long now) {
        return """
                <!doctype html>
                <html lang="en">
                <head>
                <meta charset="utf-8">
                <meta name="viewport" content="width=device-width, initial-scale=1">
                <meta http-equiv="refresh" content="%d">
                <title>Fluctus status</title>
                <link rel="icon" href="/favicon.svg">
                <link rel="stylesheet" href="/style.css">
                </head>
                <body class="plain">
                <h1>Fluctus status</h1>
                <p>%s</p>
                <h2>Streams</h2>
                %s
                <h2>Verticles</h2>
                %s
                <h2>Events</h2>
                %s
                <p><a href="/">Console</a></p>
                </body>
                </html>
                """.formatted(
                REFRESH_SECONDS, summary(server, now), streams(streams, now), verticles(server), events(events));
    }

    private static String summary(JsonObject server, long now) {
        JsonObject memory = server.getJsonObject("memory");
        return escape("Version " + server.getString("version") + ", node " + server.getString("node") + ", up "
                + span(now - server.getLong("since")) + ", heap " + memory.getLong("heapUsed") / MEBIBYTE + " of "
                + memory.getLong("heapMax") / MEBIBYTE + " MiB, CPU " + server.getInteger("cpuPercent") + " %, at "
                + time(now));
    }

    private static String streams(JsonArray streams, long now) {
        if (streams.isEmpty()) {
            return "<p>No stream is live.</p>";
        }
        List<List<String>> rows = streams.stream()
                .map(JsonObject.class::cast)
                .map(stream -> List.of(
                        Figures.pathOf(stream),
                        stream.getBoolean("live") ? "live" : "waits for its publisher",
                        video(stream.getJsonObject("video", new JsonObject())),
                        audio(stream.getJsonObject("audio", new JsonObject())),
                        viewers(stream.getJsonObject("viewers")),
                        span(now - stream.getLong("since")),
                        stream.getJsonObject("publisher").getString("protocol") + " "
                                + stream.getJsonObject("publisher").getString("address")))
                .toList();
        return table(List.of("Stream", "State", "Video", "Audio", "Viewers", "Up", "Publisher"), rows);
    }

    private static String video(JsonObject video) {
        return video.isEmpty()
                ? "none"
                : video.getString("codec", "") + " " + video.getInteger("width", 0) + "x"
                        + video.getInteger("height", 0) + ", " + video.getInteger("fps") + " fps, "
                        + video.getInteger("kbps") + " kbit/s, key frame every "
                        + video.getInteger("keyframeIntervalMs") + " ms";
    }

    private static String audio(JsonObject audio) {
        return audio.isEmpty()
                ? "none"
                : audio.getString("codec", "") + " " + audio.getInteger("sampleRate", 0) + " Hz, "
                        + audio.getInteger("kbps") + " kbit/s";
    }

    private static String viewers(JsonObject viewers) {
        return viewers.fieldNames().stream()
                .map(protocol -> viewers.getInteger(protocol) + " " + protocol)
                .collect(Collectors.joining(", "));
    }

    private static String verticles(JsonObject server) {
        List<List<String>> rows = server.getJsonArray("verticles").stream()
                .map(JsonObject.class::cast)
                .map(verticle -> List.of(
                        verticle.getString("name"),
                        verticle.getInteger("instances").toString(),
                        verticle.containsKey("port")
                                ? verticle.getInteger("port").toString()
                                : ""))
                .toList();
        return table(List.of("Name", "Instances", "Port"), rows);
    }

    private static String events(JsonArray events) {
        if (events.isEmpty()) {
            return "<p>Nothing has happened yet.</p>";
        }
        List<List<String>> rows = events.stream()
                .map(JsonObject.class::cast)
                .map(event -> List.of(
                        time(event.getLong("at")),
                        event.getString("type"),
                        event.getString("stream", event.getString("client", "")),
                        event.getString("reason", event.getString("address", ""))))
                .toList();
        return table(List.of("Time", "Event", "Of", "Detail"), rows);
    }

    private static String table(List<String> head, List<List<String>> rows) {
        String body = rows.stream().map(row -> row(row, "td")).collect(Collectors.joining("\n"));
        return "<div class=\"scroll\"><table>\n<thead>" + row(head, "th") + "</thead>\n<tbody>\n" + body
                + "\n</tbody>\n</table></div>";
    }

    private static String row(List<String> cells, String tag) {
        return cells.stream()
                .map(cell -> "<" + tag + ">" + escape(cell) + "</" + tag + ">")
                .collect(Collectors.joining("", "<tr>", "</tr>"));
    }

    private static String time(long millis) {
        return Instant.ofEpochMilli(millis).truncatedTo(ChronoUnit.SECONDS).toString();
    }

    private static String span(long millis) {
        Duration span = Duration.ofMillis(Math.max(0, millis));
        return "%d:%02d:%02d".formatted(span.toHours(), span.toMinutesPart(), span.toSecondsPart());
    }

    /** Text that stays text between tags and in quotes, whoever sent it. */
    static String escape(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;")
                .replace("'", "&#39;");
    }
}
