package io.fluctus.rtmfp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fluctus.config.Config;
import io.fluctus.config.ConfigException;
import io.fluctus.wire.ProtocolException;
import io.vertx.core.json.JsonObject;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@code groups.streams} may say. */
class CarriedTest {
    private static final String SPEC = GroupMessageTest.SPEC;

    @Test
    void aStreamGoesToAGroupUnderItsOwnNameOrAnother() {
        Carried plain = Carried.of("live/cam1", new JsonObject().put("to", SPEC));
        assertThat(plain.direction()).isEqualTo(Carried.Direction.TO);
        assertThat(plain.name()).isEqualTo("cam1");
        assertThat(plain.group().name()).isEqualTo("test");
        Carried named =
                Carried.of("live/show", new JsonObject().put("from", SPEC).put("name", "evening"));
        assertThat(named.direction()).isEqualTo(Carried.Direction.FROM);
        assertThat(named.name()).isEqualTo("evening");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{'to': 7}",
                "{'to': 'SPEC', 'from': 'SPEC'}",
                "{'to': 'G:zz'}",
                "{'to': 'SPEC', 'name': ''}",
                "{'to': 'SPEC', 'name': 1}",
            })
    void anythingElseIsRefusedWithASentence(String said) {
        JsonObject json = new JsonObject(said.replace('\'', '"').replace("SPEC", SPEC));
        assertThatThrownBy(() -> Carried.of("live/cam1", json)).isInstanceOf(ProtocolException.class);
    }

    @Test
    void aWrongConfigurationStopsTheStartAndNamesTheKeyAndTheStream() {
        JsonObject streams = new JsonObject().put("live/cam1", new JsonObject().put("to", "nobody"));
        Config config = Config.from(new JsonObject().put("groups", new JsonObject().put("streams", streams)));
        assertThatThrownBy(() -> new MemberVerticle(null, config, null, 1935))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("groups.streams")
                .hasMessageContaining("live/cam1");
    }
}
