package io.fluctus.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.fluctus.TestFlv;
import io.fluctus.cluster.Tool.Said;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** Nodes that are changed and emptied while they run; two of them name each other as their parent, which is a circle. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ChangeIT {
    @TempDir
    static Path folder;

    private static Path source;
    private static String moved = "rtmp at another port";
    private static final List<Node> NODES = new ArrayList<>();

    @BeforeAll
    static void start() throws Exception {
        source = Files.write(
                folder.resolve("source.flv"), TestFlv.file(TestFlv.packets(250)).getBytes());
        List<Integer> ports = Node.freePorts(3);
        NODES.add(Node.start(folder.resolve("n0"), ports.get(0), ports));
        NODES.add(Node.start(
                folder.resolve("n1"), ports.get(1), ports, "--set", "cluster.parent=127.0.0.1:" + ports.get(2)));
        NODES.add(Node.start(
                folder.resolve("n2"), ports.get(2), ports, "--set", "cluster.parent=127.0.0.1:" + ports.get(1)));
        for (Node node : NODES) {
            node.ready();
        }
        Node.await(
                "all to know all",
                20,
                () -> NODES.stream().allMatch(node -> node.nodes().size() == 3));
    }

    @AfterAll
    static void end() {
        NODES.forEach(Node::close);
    }

    private static CompletableFuture<Said> publish(Node node, String name, int seconds) {
        return Tool.start("publish", node.rtmp("live/" + name), source, "--loop", "--seconds", seconds);
    }

    private static JsonObject change(int code, String method, String path, String body) throws Exception {
        HttpResponse<String> answer = NODES.get(0).ask(method, path, body);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(code);
        return new JsonObject(answer.body());
    }

    private static JsonObject verticle(JsonObject node, String name) {
        return node.getJsonArray("verticles").stream()
                .map(JsonObject.class::cast)
                .filter(verticle -> verticle.getString("name").equals(name))
                .findFirst()
                .orElseThrow();
    }

    @Test
    @Order(1)
    void parentsThatNameEachOtherFindTheOwnerAllTheSame() throws Exception {
        CompletableFuture<Said> publisher = publish(NODES.get(0), "circle", 20);
        String owner = NODES.get(0).id();
        for (Node node : NODES) {
            Node.await("circle", 15, () -> node.ownerOf("circle").equals(Optional.of(owner)));
        }
        List<CompletableFuture<Said>> players = NODES.subList(1, 3).stream()
                .map(node -> Tool.start("play", node.rtmp("live/circle"), "--seconds", 4, "--json"))
                .toList();
        for (CompletableFuture<Said> player : players) {
            JsonObject video = Tool.get(player).json().getJsonObject("video");
            assertThat(video.getLong("frames")).isGreaterThan(25);
            assertThat(video.getLong("gaps")).isZero();
        }
        Tool.get(publisher);
    }

    @Test
    @Order(2)
    void aNodesVerticlesAreChangedFromAnother() throws Exception {
        String path = "/api/v1/nodes/" + NODES.get(1).id() + "/verticles";
        JsonObject scaled = change(200, "POST", path + "/web", "{\"instances\": 3}");
        assertThat(verticle(scaled, "web").getInteger("instances")).isEqualTo(3);
        JsonObject without = change(200, "DELETE", path + "/rtmp", "");
        assertThat(without.getJsonArray("notRunning")).contains("rtmp");
        assertThat(Tool.run("probe", NODES.get(1).rtmp("live/x")).code()).isNotZero();
        JsonObject again = change(200, "POST", path + "/rtmp", "");
        int port = verticle(again, "rtmp").getInteger("port");
        moved = "rtmp://127.0.0.1:" + port + "/live";
        CompletableFuture<Said> publisher =
                Tool.start("publish", "rtmp://127.0.0.1:" + port + "/live/again", source, "--seconds", 2);
        assertThat(Tool.get(publisher).code()).isZero();
        assertThat(change(200, "GET", path, "").getJsonArray("history")).hasSize(3);
    }

    @Test
    @Order(3)
    void whatMayNotBeChangedIsRefused() throws Exception {
        String path = "/api/v1/nodes/" + NODES.get(1).id() + "/verticles";
        change(409, "DELETE", path + "/relay", "");
        change(404, "POST", path + "/rtpm", "");
        change(400, "POST", path + "/web", "[");
        change(400, "POST", path + "/web", "{\"instances\": \"many\"}");
        change(502, "DELETE", "/api/v1/nodes/nobody/verticles/web", "");
    }

    @Test
    @Order(4)
    void aDrainedNodeRefusesNewcomersAndEnds() throws Exception {
        Node leaving = NODES.get(2);
        CompletableFuture<Said> publisher = publish(leaving, "leaving", 60);
        Node.await("the stream", 15, () -> NODES.get(0).ownerOf("leaving").isPresent());
        Follower follower = new Follower(leaving.rtmp("live"));
        Node.await("it to be accepted", 15, () -> follower.heard("NetConnection.Connect.Success"));
        JsonObject progress = change(200, "POST", "/api/v1/nodes/" + leaving.id() + "/drain", "");
        assertThat(progress.getBoolean("draining")).isTrue();
        assertThat(Tool.get(publisher).err()).contains("this node is about to end");
        Node.await("the request", 12, () -> follower.heard("NetConnection.Connect.ReconnectRequest"));
        assertThat(List.of(NODES.get(0).rtmp("live"), moved)).as("where to").anyMatch(where -> follower.heard(where));
        follower.close();
        Node.await(
                "the others to know",
                5,
                () -> NODES.get(0).nodes().size() == 2
                        || NODES.get(0).nodes().stream()
                                .anyMatch(node -> ((JsonObject) node).getBoolean("draining", false)));
        CompletableFuture<Said> again = publish(NODES.get(0), "leaving", 2);
        assertThat(Tool.get(again).code()).isZero();
        long millis = Node.await("it to end", 30, () -> !leaving.isAlive());
        System.out.println("a drained node ended after " + millis + " ms more");
        assertThat(leaving.exitCode()).isZero();
        Node.await("it to be gone", 15, () -> NODES.get(0).nodes().size() == 2);
    }
}
