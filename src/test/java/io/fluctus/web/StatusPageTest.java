package io.fluctus.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import org.junit.jupiter.api.Test;

/** The page for those without a script. */
class StatusPageTest {
    private static final String HOSTILE = "<img src=x onerror=\"alert('1')\">&amp;";

    private static JsonObject server() {
        return new JsonObject()
                .put("version", "1")
                .put("node", "n")
                .put("since", 0L)
                .put("cpuPercent", 3)
                .put("memory", new JsonObject().put("heapUsed", 5L << 20).put("heapMax", 10L << 20))
                .put(
                        "verticles",
                        new JsonArray()
                                .add(new JsonObject()
                                        .put("name", "web")
                                        .put("instances", 2)
                                        .put("port", 8080)));
    }

    private static JsonObject stream(String word) {
        return new JsonObject()
                .put("app", "live")
                .put("name", "cam")
                .put("live", true)
                .put("since", 1_000L)
                .put("publisher", new JsonObject().put("protocol", word).put("address", word))
                .put("viewers", new JsonObject().put("total", 2).put("flv", 2))
                .put(
                        "video",
                        new JsonObject()
                                .put("codec", word)
                                .put("fps", 25)
                                .put("kbps", 800)
                                .put("keyframeIntervalMs", 2_000))
                .put("audio", new JsonObject().put("codec", word).put("kbps", 64));
    }

    private static String page(String word) {
        JsonArray events = new JsonArray()
                .add(new JsonObject().put("at", 0L).put("type", word).put("stream", word));
        return StatusPage.page(new JsonArray().add(stream(word)), server(), events, 3_723_000);
    }

    @Test
    void itTellsStreamsVerticlesAndEvents() {
        assertThat(page("word"))
                .contains(
                        "<td>live/cam</td>",
                        "<td>2 total, 2 flv</td>",
                        "<td>1:02:02</td>",
                        "800 kbit/s",
                        "<td>8080</td>")
                .contains("heap 5 of 10 MiB", "up 1:02:03", "1970-01-01T00:00:00Z")
                .doesNotContain("<script");
    }

    @Test
    void whatOthersSayStaysText() {
        assertThat(page(HOSTILE))
                .doesNotContain("<img")
                .contains("&lt;img src=x onerror=&quot;alert(&#39;1&#39;)&quot;&gt;&amp;amp;");
    }

    @Test
    void anEmptyGatewaySaysSo() {
        assertThat(StatusPage.page(new JsonArray(), server(), new JsonArray(), 0))
                .contains("No stream is live.", "Nothing has happened yet.");
    }

    @Test
    void aStreamThatHasJustBegunHasNoFigures() {
        JsonObject young = stream("x");
        young.remove("video");
        young.remove("audio");
        young.put("live", false);
        assertThat(StatusPage.page(new JsonArray().add(young), server(), new JsonArray(), 0))
                .contains("<td>waits for its publisher</td><td>none</td><td>none</td>");
    }
}
