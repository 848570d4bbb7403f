package io.fluctus.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What is remembered of a stream. */
class HistoryTest {
    private final History history = new History();

    @Test
    void samplesAreKeptByColumnOldestFirst() {
        history.add("live/cam", new History.Sample(100, 25, 1_000, 1));
        history.add("live/cam", new History.Sample(200, 24, 2_000, 3));
        assertThat(history.of("live/cam"))
                .isEqualTo(new JsonObject()
                        .put("stepMillis", 1_000)
                        .put("kbps", new JsonArray().add(100).add(200))
                        .put("fps", new JsonArray().add(25).add(24))
                        .put("keyframeIntervalMs", new JsonArray().add(1_000).add(2_000))
                        .put("viewers", new JsonArray().add(1).add(3)));
    }

    @Test
    void theOldestSampleMakesRoom() {
        IntStream.rangeClosed(1, History.LENGTH + 7).forEach(i -> history.add("s", new History.Sample(i, 0, 0, 0)));
        JsonArray bitrates = history.of("s").getJsonArray("kbps");
        assertThat(bitrates).hasSize(History.LENGTH);
        assertThat(bitrates.getInteger(0)).isEqualTo(8);
        assertThat(bitrates.getInteger(History.LENGTH - 1)).isEqualTo(History.LENGTH + 7);
        assertThat(history.bitrates("s", 2)).containsExactly(History.LENGTH + 6, History.LENGTH + 7);
    }

    @Test
    void whatIsUnknownIsEmpty() {
        assertThat(history.bitrates("nobody", 60)).isEmpty();
        assertThat(history.of("nobody").getJsonArray("fps")).isEmpty();
    }

    @Test
    void streamsThatEndedAreForgottenAndTheirNumberIsBounded() {
        IntStream.range(0, History.MAX_STREAMS + 1).forEach(i -> history.add("s" + i, new History.Sample(1, 1, 1, 1)));
        assertThat(history.bitrates("s" + History.MAX_STREAMS, 1)).isEmpty();
        history.retain(Set.of("s1"));
        assertThat(history.bitrates("s0", 1)).isEmpty();
        assertThat(history.bitrates("s1", 1)).hasSize(1);
    }
}
