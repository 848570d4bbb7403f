package io.fluctus.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DeliveriesTest {
    @ParameterizedTest
    @CsvSource({
        "key=s3cret, key=...",
        "a=1&key=s3cret&b, a=...&key=...&...",
        "s3cret, ...",
        "=s3cret, =...",
        "key=a=s3cret, key=...",
        "'', ''",
    })
    void valuesOfParametersAreHidden(String query, String shown) {
        assertThat(Deliveries.withoutSecrets(new JsonObject().put("query", query))
                        .getString("query"))
                .isEqualTo(shown);
    }

    @Test
    void argumentsAndHeadersAreHidden() {
        JsonObject request =
                Asked.json("{'arguments': {'token': 's3cret'}, 'authorization': 'Bearer s3cret', 'host': 'h'}");
        JsonObject shown = Deliveries.withoutSecrets(request);
        assertThat(shown.encode()).doesNotContain("s3cret");
        assertThat(shown.getString("host")).isEqualTo("h");
        assertThat(request.encode()).contains("s3cret"); // the site's own copy is whole
    }

    @Test
    void theLastHundredOfEachActionAreKept() {
        Deliveries deliveries = new Deliveries();
        for (int i = 0; i < 250; i++) {
            deliveries.add(Action.PLAY, new JsonObject().put("n", i), new JsonObject(), 1, i % 2 == 0);
        }
        deliveries.add(Action.PUBLISH, new JsonObject(), new JsonObject(), 1, false);
        JsonObject play = deliveries.toJson().getJsonObject("play");
        assertThat(play.getJsonArray("deliveries")).hasSize(Deliveries.KEPT);
        assertThat(play.getJsonArray("deliveries")
                        .getJsonObject(0)
                        .getJsonObject("request")
                        .getInteger("n"))
                .isEqualTo(249);
        assertThat(play.getLong("calls")).isEqualTo(250);
        assertThat(play.getLong("failures")).isEqualTo(125);
        assertThat(deliveries.toJson().getJsonObject("publish").getJsonArray("deliveries"))
                .hasSize(1);
    }
}
