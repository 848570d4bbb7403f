package io.fluctus.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.fluctus.TestFlv;
import io.fluctus.cluster.Tool.Said;
import io.vertx.core.json.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** Three nodes in processes of their own, on loopback; the tests that end nodes come last. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ClusterIT {
    @TempDir
    static Path folder;

    private static Path source;
    private static List<Node> nodes = new ArrayList<>();

    @BeforeAll
    static void start() throws Exception {
        source = Files.write(
                folder.resolve("source.flv"), TestFlv.file(TestFlv.packets(250)).getBytes());
        List<Integer> ports = Node.freePorts(3);
        for (int i = 0; i < 3; i++) {
            nodes.add(Node.start(folder.resolve("n" + i), ports.get(i), ports));
        }
        for (Node node : nodes) {
            node.ready();
        }
        Node.await(
                "all to know all",
                20,
                () -> nodes.stream().allMatch(node -> node.nodes().size() == 3));
    }

    @AfterAll
    static void end() {
        nodes.forEach(Node::close);
    }

    private static CompletableFuture<Said> publish(Node node, String name, int seconds) {
        return Tool.start("publish", node.rtmp("live/" + name), source, "--loop", "--seconds", seconds);
    }

    private static void awaitOwner(String name, Optional<String> owner, int seconds) throws Exception {
        for (Node node : nodes) {
            if (node.isAlive()) {
                Node.await(
                        name + " at " + owner, seconds, () -> node.ownerOf(name).equals(owner));
            }
        }
    }

    @Test
    @Order(1)
    void aViewerOnAnyNodeGetsTheStreamOverAnyProtocol() throws Exception {
        CompletableFuture<Said> publisher = publish(nodes.get(0), "one", 6);
        awaitOwner("one", Optional.of(nodes.get(0).id()), 5);
        List<CompletableFuture<Said>> players = List.of(
                Tool.start("play", nodes.get(1).rtmp("live/one"), "--seconds", 3, "--json"),
                Tool.start("play", nodes.get(2).flv("live/one"), "--seconds", 3, "--json"),
                Tool.start("play", nodes.get(0).rtmp("live/one"), "--seconds", 3, "--json"));
        for (CompletableFuture<Said> player : players) {
            JsonObject seen = Tool.get(player).json();
            JsonObject video = seen.getJsonObject("video");
            assertThat(video.getLong("frames")).isGreaterThan(60);
            assertThat(video.getLong("gaps")).isZero();
            assertThat(video.getLong("backwardSteps")).isZero();
            assertThat(video.getLong("longestStepMs")).isEqualTo(40);
            assertThat(seen.getDouble("firstKeyFrameMs")).isLessThan(1_000);
        }
        assertThat(Tool.get(publisher).code()).isZero();
        awaitOwner("one", Optional.empty(), 5);
    }

    @Test
    @Order(2)
    void aViewerMayComeBeforeThePublisherOfAnotherNode() throws Exception {
        CompletableFuture<Said> player = Tool.start("play", nodes.get(2).rtmp("live/two"), "--seconds", 5, "--json");
        Node.await("the viewer", 5, () -> nodes.get(2).said("plays live/two"));
        CompletableFuture<Said> publisher = publish(nodes.get(0), "two", 3);
        assertThat(Tool.get(player).json().getJsonObject("video").getLong("frames"))
                .isGreaterThan(50);
        Tool.get(publisher);
    }

    @Test
    @Order(3)
    void aPublisherMayComeBackOnAnotherNodeAndViewersOfAllNodesStay() throws Exception {
        CompletableFuture<Said> first = publish(nodes.get(0), "three", 20);
        awaitOwner("three", Optional.of(nodes.get(0).id()), 5);
        List<CompletableFuture<Said>> players = nodes.stream()
                .map(node -> Tool.start("play", node.rtmp("live/three"), "--seconds", 6, "--json"))
                .toList();
        for (Node node : nodes) {
            Node.await("its viewer", 5, () -> node.said("plays live/three"));
        }
        CompletableFuture<Said> second = publish(nodes.get(1), "three", 6);
        awaitOwner("three", Optional.of(nodes.get(1).id()), 5);
        assertThat(Tool.get(first).err()).contains("another publisher took over live/three");
        for (CompletableFuture<Said> player : players) {
            JsonObject video = Tool.get(player).json().getJsonObject("video");
            assertThat(video.getLong("frames")).isGreaterThan(110);
            assertThat(video.getLong("backwardSteps")).isZero();
            assertThat(video.getLong("longestStepMs")).isLessThan(2_000);
        }
        Tool.get(second);
    }

    @Test
    @Order(4)
    void ofPublishersAtTheSameMomentOneOwnsTheStreamOnEveryNode() throws Exception {
        for (int round = 0; round < 3; round++) {
            String name = "race" + round;
            List<CompletableFuture<Said>> publishers =
                    nodes.stream().map(node -> publish(node, name, 2)).toList();
            Node.await("one owner of " + name, 5, () -> {
                Set<Optional<String>> owners =
                        nodes.stream().map(node -> node.ownerOf(name)).collect(Collectors.toSet());
                return owners.size() == 1 && owners.iterator().next().isPresent();
            });
            for (CompletableFuture<Said> publisher : publishers) {
                Tool.get(publisher);
            }
        }
    }

    @Test
    @Order(5)
    void everyNodeListsAllNodesAndTheStreamsOfAll() throws Exception {
        List<CompletableFuture<Said>> publishers = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            publishers.add(publish(nodes.get(i), "list" + i, 4));
        }
        for (int i = 0; i < 3; i++) {
            awaitOwner("list" + i, Optional.of(nodes.get(i).id()), 5);
        }
        for (Node node : nodes) {
            assertThat(node.nodes())
                    .extracting(known -> ((JsonObject) known).getString("node"))
                    .containsExactlyInAnyOrder(
                            nodes.get(0).id(), nodes.get(1).id(), nodes.get(2).id());
        }
        for (CompletableFuture<Said> publisher : publishers) {
            Tool.get(publisher);
        }
    }

    @Test
    @Order(6)
    void aFrozenNodesStreamMovesToWhoeverPublishesItAnew() throws Exception {
        CompletableFuture<Said> first = publish(nodes.get(2), "ice", 40);
        awaitOwner("ice", Optional.of(nodes.get(2).id()), 5);
        nodes.get(2).freeze();
        CompletableFuture<Said> second = publish(nodes.get(0), "ice", 25);
        String owner = nodes.get(0).id();
        for (Node node : nodes.subList(0, 2)) {
            Node.await("ice at its new owner", 10, () -> node.ownerOf("ice").equals(Optional.of(owner)));
        }
        Node.await("the others to miss it", 12, () -> nodes.get(0).nodes().size() == 2);
        nodes.get(2).thaw();
        long millis = Node.await(
                "the thawed node to step down",
                10,
                () -> nodes.get(2).ownerOf("ice").equals(Optional.of(owner)));
        System.out.println("a thawed node stepped down after " + millis + " ms");
        assertThat(Tool.get(first).err()).contains("another publisher took over live/ice");
        Node.await(
                "all to know all again",
                30,
                () -> nodes.stream().allMatch(node -> node.nodes().size() == 3));
        assertThat(Tool.get(second).code()).isZero();
    }

    @Test
    @Order(7)
    void aKilledNodesStreamsAreNotLiveAnywhereSoonAfter() throws Exception {
        CompletableFuture<Said> publisher = publish(nodes.get(2), "gone", 60);
        awaitOwner("gone", Optional.of(nodes.get(2).id()), 5);
        nodes.get(2).kill();
        for (Node node : nodes.subList(0, 2)) {
            long millis = Node.await(
                    "a killed node's stream to be over",
                    10,
                    () -> node.ownerOf("gone").isEmpty());
            System.out.println("a killed node's stream was over after " + millis + " ms");
        }
        assertThat(Tool.get(publisher).code()).isNotZero();
        CompletableFuture<Said> again = publish(nodes.get(0), "gone", 3);
        Said seen = Tool.run("play", nodes.get(1).rtmp("live/gone"), "--seconds", 2, "--json");
        assertThat(seen.json().getJsonObject("video").getLong("frames")).isGreaterThan(20);
        Tool.get(again);
    }

    @Test
    @Order(8)
    void aSigtermEndsANodeInOrderAndTheOthersAreToldAtOnce() throws Exception {
        nodes.get(1).stop();
        assertThat(nodes.get(1).exitCode()).isZero();
        long millis = Node.await(
                "the other to be alone", 5, () -> nodes.get(0).nodes().size() == 1);
        System.out.println("an ended node was gone after " + millis + " ms");
    }
}
