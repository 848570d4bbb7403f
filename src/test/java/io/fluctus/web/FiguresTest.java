package io.fluctus.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import org.junit.jupiter.api.Test;

/** How reports of instances become the figures of a stream. */
class FiguresTest {
    private final Figures figures = new Figures();

    private static JsonObject report(String source, JsonObject stream) {
        return new JsonObject()
                .put("source", source)
                .put("connections", 2)
                .put("delayMillis", 3L)
                .put("streams", new JsonObject().put("live/cam", stream));
    }

    private static JsonObject watched(String protocol, int viewers, long bytesOut) {
        return new JsonObject()
                .put("viewers", new JsonObject().put(protocol, viewers))
                .put("bytesOut", bytesOut)
                .put("dropped", 1L);
    }

    private static JsonObject relayed(int kbps) {
        return new JsonObject()
                .put("bytesIn", 77L)
                .put("video", new JsonObject().put("kbps", kbps).put("fps", 25).put("keyframeIntervalMs", 2_000))
                .put("audio", new JsonObject().put("kbps", 64));
    }

    private static JsonArray listed() {
        return new JsonArray()
                .add(new JsonObject()
                        .put("app", "live")
                        .put("name", "cam")
                        .put("client", "rtmp.0/1")
                        .put(
                                "publisher",
                                new JsonObject().put("protocol", "rtmp").put("address", "a:1")));
    }

    @Test
    void viewersAreAddedUpOverInstances() {
        figures.add(report("rtmp.0", watched("rtmp", 2, 125_000)), 0);
        figures.add(report("rtmp.1", watched("rtmp", 1, 125_000)), 0);
        figures.add(report("web.0", watched("flv", 4, 250_000)), 0);
        JsonObject stream = figures.streams(listed()).getJsonObject(0);
        assertThat(stream.getJsonObject("viewers"))
                .isEqualTo(new JsonObject().put("total", 7).put("rtmp", 3).put("flv", 4));
        assertThat(stream.getLong("kbpsOut")).isEqualTo(4_000);
        assertThat(stream.getLong("bytesOut")).isEqualTo(500_000);
        assertThat(stream.getLong("dropped")).isEqualTo(3);
        assertThat(stream.getJsonObject("publisher").getString("client")).isEqualTo("rtmp.0/1");
        assertThat(figures.watching("live/cam")).containsExactly("rtmp.0", "rtmp.1", "web.0");
        assertThat(figures.watching("live/other")).isEmpty();
    }

    @Test
    void whatTheRelaySaysIsShownAndRemembered() {
        figures.add(report("web.0", watched("flv", 4, 0)), 0);
        figures.add(report("relay.0", relayed(900)), 0);
        figures.add(report("relay.0", relayed(936)), 1_000);
        JsonObject stream = figures.streams(listed()).getJsonObject(0);
        assertThat(stream.getJsonObject("video").getInteger("kbps")).isEqualTo(936);
        JsonObject history = figures.history().of("live/cam");
        assertThat(history.getJsonArray("kbps")).containsExactly(964, 1_000);
        assertThat(history.getJsonArray("viewers")).containsExactly(4, 4);
        assertThat(history.getJsonArray("keyframeIntervalMs")).containsExactly(2_000, 2_000);
    }

    @Test
    void anInstanceThatIsSilentIsForgotten() {
        figures.add(report("web.0", watched("flv", 4, 0)), 0);
        figures.add(report("web.1", watched("flv", 1, 0)), Figures.FORGET_MILLIS + 1);
        assertThat(figures.streams(listed())
                        .getJsonObject(0)
                        .getJsonObject("viewers")
                        .getInteger("total"))
                .isOne();
        assertThat(figures.loops())
                .isEqualTo(new JsonArray()
                        .add(new JsonObject()
                                .put("source", "web.1")
                                .put("delayMillis", 3L)
                                .put("connections", 2)));
    }

    @Test
    void aStreamThatEndedBeginsAgainAtZero() {
        figures.add(report("web.0", watched("flv", 1, 1_000)), 0);
        figures.streams(new JsonArray());
        assertThat(figures.streams(listed()).getJsonObject(0).getLong("bytesOut"))
                .isZero();
    }
}
