package io.fluctus.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What a console says is on its screen. */
class WatchTest {
    @Test
    void rowsAStreamAndTheServer() {
        Watch watch = of("{\"rows\": [\"a/b\", \"c\"], \"stream\": \"a/b\", \"server\": true}");
        assertThat(watch).isEqualTo(new Watch(Optional.of(Set.of("a/b", "c")), Optional.of("a/b"), true));
        assertThat(watch.shows("c")).isTrue();
        assertThat(watch.shows("d")).isFalse();
    }

    @Test
    void whoeverNamesNoRowsGetsAll() {
        assertThat(of("{}").shows("anything")).isTrue();
        assertThat(of("{}").server()).isFalse();
        assertThat(Watch.EVERYTHING.shows("anything")).isTrue();
    }

    @Test
    void whatIsNotUnderstoodIsNotWatched() {
        for (String said : new String[] {
            "{\"rows\": 7, \"stream\": [], \"server\": \"yes\"}",
            "{\"rows\": {\"a\": 1}, \"stream\": 1, \"server\": 1}",
            "{\"rows\": null, \"stream\": null, \"server\": null}"
        }) {
            assertThat(of(said)).as(said).isEqualTo(new Watch(Optional.empty(), Optional.empty(), false));
        }
        assertThat(of("{\"rows\": [1, null, {}, \"a\"]}").rows()).contains(Set.of("a"));
        assertThat(of("{\"stream\": \"" + "x".repeat(2_000) + "\"}").stream()).isEmpty();
    }

    @Test
    void rowsAreBounded() {
        JsonArray rows = new JsonArray();
        for (int i = 0; i < 5_000; i++) {
            rows.add("s" + i);
        }
        assertThat(Watch.of(new JsonObject().put("rows", rows)).rows().orElseThrow())
                .hasSize(Watch.MAX_ROWS);
    }

    private static Watch of(String json) {
        return Watch.of(new JsonObject(json));
    }
}
