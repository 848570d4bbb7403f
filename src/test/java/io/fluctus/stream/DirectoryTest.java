package io.fluctus.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.fluctus.media.StreamName;
import io.fluctus.stream.Directory.Remote;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a node knows of the others, and for how long. */
class DirectoryTest {
    private static final StreamName CAM = StreamName.parse("live/cam");
    private static final StreamName SUB = StreamName.parse("live/sub");

    private final Directory directory = new Directory();

    private static JsonObject claim(StreamName stream, long fence) {
        return new JsonObject()
                .put("stream", stream.path())
                .put("fence", fence)
                .put("live", true)
                .put("credential", "c")
                .put("listed", new JsonObject());
    }

    private static JsonObject word(String node, long version) {
        return new JsonObject()
                .put("node", node)
                .put("version", version)
                .put("about", new JsonObject().put("address", node + ":5701"));
    }

    private static JsonObject change(String node, long from, List<JsonObject> changed, List<String> gone) {
        return word(node, from + 1)
                .put("from", from)
                .put("changed", new JsonArray(changed))
                .put("gone", new JsonArray(gone));
    }

    private static JsonObject all(long version, JsonObject... claims) {
        return new JsonObject().put("version", version).put("claims", new JsonArray(List.of(claims)));
    }

    private void introduce(String node, long fence, long now) {
        directory.hear(word(node, 0), now);
        directory.learn(node, all(0, claim(CAM, fence)), now);
    }

    @Test
    void aNewcomerIsAskedForAllItsStreams() {
        Directory.Heard heard = directory.hear(word("a", 4), 0);
        assertThat(heard.newcomer()).isTrue();
        assertThat(heard.behind()).isTrue();
        assertThat(directory.learn("a", all(4, claim(CAM, 1)), 0)).containsExactly(CAM);
        assertThat(directory.hear(word("a", 4), 1).behind()).isFalse();
        assertThat(directory.find(CAM)).map(Remote::node).contains("a");
    }

    @Test
    void changesFollowOneAnother() {
        introduce("a", 1, 0);
        Directory.Heard heard = directory.hear(change("a", 0, List.of(claim(SUB, 2)), List.of("live/cam")), 10);
        assertThat(heard.behind()).isFalse();
        assertThat(heard.touched()).containsExactlyInAnyOrder(CAM, SUB);
        assertThat(directory.find(CAM)).isEmpty();
        assertThat(directory.find(SUB)).isPresent();
    }

    @Test
    void aLostWordIsNoticed() {
        introduce("a", 1, 0);
        assertThat(directory
                        .hear(change("a", 5, List.of(claim(SUB, 2)), List.of()), 10)
                        .behind())
                .isTrue();
        assertThat(directory.find(SUB))
                .as("nothing is built on what was missed")
                .isEmpty();
        assertThat(directory.learn("a", all(6, claim(SUB, 2)), 11)).containsExactlyInAnyOrder(CAM, SUB);
        assertThat(directory.find(CAM)).isEmpty();
    }

    @Test
    void anAnswerOlderThanAWordChangesNothing() {
        introduce("a", 1, 0);
        directory.hear(change("a", 0, List.of(claim(SUB, 2)), List.of()), 1);
        assertThat(directory.learn("a", all(0, claim(CAM, 1)), 2)).isEmpty();
        assertThat(directory.find(SUB)).isPresent();
    }

    @Test
    void aNodesStreamsLiveAsLongAsItsLease() {
        introduce("a", 1, 1_000);
        assertThat(directory.expire(1_000 + Directory.LEASE_MILLIS)).isEmpty();
        assertThat(directory.expire(1_001 + Directory.LEASE_MILLIS)).containsExactly(CAM);
        assertThat(directory.find(CAM)).isEmpty();
        assertThat(directory.nodes()).isEmpty();
    }

    @Test
    void everyWordRenewsTheLease() {
        introduce("a", 1, 0);
        directory.hear(word("a", 0), 5_000);
        assertThat(directory.expire(5_000 + Directory.LEASE_MILLIS)).isEmpty();
    }

    @Test
    void aNodeThatStoodStillBlamesNobody() {
        introduce("a", 1, 0);
        directory.excuse(30_000);
        assertThat(directory.expire(30_000)).isEmpty();
        assertThat(directory.expire(30_001 + Directory.LEASE_MILLIS)).containsExactly(CAM);
    }

    @Test
    void whoLeavesTakesItsStreamsAlong() {
        introduce("a", 1, 0);
        assertThat(directory.forget("a")).containsExactly(CAM);
        assertThat(directory.forget("a")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"1, 2, b", "2, 1, a", "3, 3, b"})
    void ofTwoOwnersTheHigherFenceCountsAndThenTheHigherNode(long ofA, long ofB, String owner) {
        introduce("a", ofA, 0);
        introduce("b", ofB, 0);
        assertThat(directory.find(CAM)).map(Remote::node).contains(owner);
        assertThat(directory.all()).extracting(Remote::node).containsExactly(owner);
    }

    @Test
    void aNodeIsFoundByItsAddress() {
        introduce("a", 1, 0);
        assertThat(directory.at("a:5701")).contains("a");
        assertThat(directory.at("z:5701")).isEmpty();
    }

    @Test
    void theWordsOfTooManyNodesAreDropped() {
        for (int i = 0; i < Directory.MAX_NODES + 5; i++) {
            directory.hear(word("n" + i, 0), 0);
        }
        assertThat(directory.nodes()).hasSize(Directory.MAX_NODES);
    }
}
