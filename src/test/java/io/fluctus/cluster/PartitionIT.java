package io.fluctus.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.fluctus.TestFlv;
import io.fluctus.cluster.Tool.Said;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A network that falls apart and grows together, made of network namespaces; needs root on Linux. */
class PartitionIT {
    private static final int PORT = 5701;
    private static final long APART_MILLIS = 12_000;

    @TempDir
    Path folder;

    private final Namespaces network = new Namespaces(3);
    private final List<Node> nodes = new ArrayList<>();
    private Path source;
    private History history;
    private Path log;

    @BeforeEach
    void open() throws Exception {
        boolean possible = network.open();
        if (!possible) {
            System.out.println("PartitionIT is skipped: this user cannot make network namespaces here");
        }
        assumeTrue(possible);
        log = Path.of("target", "partition-history.jsonl");
        Files.deleteIfExists(log);
        history = new History(log);
        source = Files.write(
                folder.resolve("source.flv"), TestFlv.file(TestFlv.packets(250)).getBytes());
        String members = network.host(0) + "," + network.host(1) + "," + network.host(2);
        for (int i = 0; i < 3; i++) {
            nodes.add(Node.start(
                    folder.resolve("n" + i),
                    network.prefix(i),
                    network.host(i),
                    PORT,
                    members,
                    "--set",
                    "publish.key=k",
                    "--set",
                    "stream.holdSeconds=60"));
        }
        for (Node node : nodes) {
            node.ready();
        }
        Node.await(
                "all to know all",
                30,
                () -> nodes.stream().allMatch(node -> node.nodes().size() == 3));
    }

    @AfterEach
    void close() throws Exception {
        nodes.forEach(Node::close);
        network.close();
    }

    private CompletableFuture<Said> publish(int node, String stream, int seconds) {
        return Tool.start(
                "publish", nodes.get(node).rtmp("live/" + stream) + "?key=k", source, "--loop", "--seconds", seconds);
    }

    private void watch(long millis) throws Exception {
        long end = history.now() + millis;
        while (history.now() < end) {
            for (int i = 0; i < 3; i++) {
                history.look("n" + i, nodes.get(i), "cam");
                history.look("n" + i, nodes.get(i), "calm");
            }
            Thread.onSpinWait();
        }
    }

    @Test
    void eachPartHasItsOwnerAndTheHigherFenceStaysWhenTheyMeetAgain() throws Exception {
        CompletableFuture<Said> first = publish(0, "cam", 120);
        CompletableFuture<Said> calm = publish(1, "calm", 120);
        String loser = nodes.get(0).id();
        String winner = nodes.get(1).id();
        for (Node node : nodes) {
            Node.await("cam", 5, () -> node.ownerOf("cam").equals(Optional.of(loser)));
            Node.await("calm", 5, () -> node.ownerOf("calm").equals(Optional.of(winner)));
        }
        watch(1_000);
        network.part(0, 1);
        network.part(0, 2);
        history.event("apart");
        long apart = history.now();
        CompletableFuture<Said> second = publish(1, "cam", 120);
        watch(APART_MILLIS);
        long together = history.now();
        network.heal(0, 1);
        network.heal(0, 2);
        history.event("together");
        watch(15_000);
        assertThat(History.wrong(log, Set.of("n1", "n2"), apart, together)).isEmpty();
        assertThat(History.wrong(log, Set.of("n0"), apart, together)).isEmpty();
        Optional<Long> agreed = History.agreedSince(log, Set.of("n0", "n1", "n2"), "cam", winner);
        assertThat(agreed).as("all agree on the newer publisher at last").isPresent();
        System.out.println("the parts agreed " + (agreed.get() - together) + " ms after they met again");
        assertThat(agreed.get() - together).isLessThan(10_000);
        assertThat(History.agreedSince(log, Set.of("n0", "n1", "n2"), "calm", winner))
                .hasValueSatisfying(at -> assertThat(at - together).isLessThan(10_000));
        assertThat(Tool.get(first).err()).contains("another publisher took over live/cam");
        Said seen = Tool.run("play", nodes.get(0).rtmp("live/cam"), "--seconds", 3, "--json");
        assertThat(seen.json().getJsonObject("video").getLong("frames")).isGreaterThan(50);
        assertThat(second.isDone()).as("the newer publisher goes on").isFalse();
        assertThat(calm.isDone()).as("a stream of one part goes on").isFalse();
    }
}
