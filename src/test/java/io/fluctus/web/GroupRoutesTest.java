package io.fluctus.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What the API says of a group that the gateway takes part in. */
class GroupRoutesTest {
    private static JsonObject stream(String direction, long wanted, long pushed, long pulled) {
        return new JsonObject()
                .put("groupName", "evening")
                .put("direction", direction)
                .put("wanted", wanted)
                .put("pushed", pushed)
                .put("pulled", pulled);
    }

    private static JsonObject joined(JsonObject... streams) {
        JsonArray all = new JsonArray();
        for (JsonObject stream : streams) {
            all.add(stream);
        }
        return GroupRoutes.join(new JsonObject().put("id", "a"), Map.of("a", all));
    }

    @Test
    void whatMembersDidForEachOtherIsWhatTheyWantedLessWhatWasSent() {
        JsonObject group = joined(stream("to", 1_000, 150, 50));
        assertThat(group.getLong("bytesSent")).isEqualTo(200);
        assertThat(group.getLong("bytesSpared")).isEqualTo(800);
        assertThat(group.getString("name")).isEqualTo("evening");
    }

    @Test
    void aStreamFromTheGroupSparesNothing() {
        JsonObject group = joined(stream("to", 100, 150, 0), stream("from", 1_000, 0, 30));
        assertThat(group.getLong("bytesSent")).isEqualTo(180);
        assertThat(group.getLong("bytesSpared")).as("never below nothing").isZero();
    }

    @Test
    void aGroupThatTheGatewayDoesNotTakePartInHasNoNameThatIsKnown() {
        JsonObject group = GroupRoutes.join(new JsonObject().put("id", "b"), Map.of());
        assertThat(group.getString("name")).isEmpty();
        assertThat(group.getJsonArray("streams")).isEmpty();
        assertThat(group.getLong("bytesSpared")).isZero();
    }
}
