package io.fluctus.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The checker of the cluster's history finds what it is there for. */
class HistoryTest {
    private static final Set<String> BOTH = Set.of("a", "b");

    @TempDir
    Path folder;

    private Path file;

    @BeforeEach
    void open() throws Exception {
        file = folder.resolve("history.jsonl");
        new History(file).event("start");
    }

    private void look(long at, String node, String owner) throws Exception {
        JsonObject line = new JsonObject()
                .put("at", at)
                .put("op", "look")
                .put("node", node)
                .put("stream", "s")
                .put("owner", owner);
        Files.writeString(file, line.encode() + "\n", StandardOpenOption.APPEND);
    }

    @Test
    void nodesThatAgreeAreRight() throws Exception {
        look(0, "a", "a");
        look(1, "b", "a");
        look(9_000, "a", "a");
        assertThat(History.wrong(file, BOTH, 0, 10_000)).isEmpty();
        assertThat(History.agreedSince(file, BOTH, "s", "a")).contains(1L);
    }

    @Test
    void twoOwnersForLongAreFound() throws Exception {
        look(0, "a", "a");
        look(10, "b", "b");
        look(3_500, "a", "a");
        assertThat(History.wrong(file, BOTH, 0, 10_000)).hasSize(1);
        assertThat(History.agreedSince(file, BOTH, "s", "a")).isEmpty();
    }

    @Test
    void aMomentsDifferenceIsAllowed() throws Exception {
        look(0, "a", "a");
        look(10, "b", "b");
        look(2_000, "b", "a");
        look(6_000, "b", "a");
        assertThat(History.wrong(file, BOTH, 0, 10_000)).isEmpty();
        assertThat(History.agreedSince(file, BOTH, "s", "a")).contains(2_000L);
    }

    @Test
    void whoDoesNotSeeTheOthersIsNoWitness() throws Exception {
        look(0, "a", "a");
        look(10, "b", "b");
        look(9_000, "a", "a");
        assertThat(History.wrong(file, Set.of("a"), 0, 10_000)).isEmpty();
        assertThat(History.wrong(file, BOTH, 5_000, 10_000))
                .as("what was before does not count")
                .isEmpty();
    }
}
