package io.fluctus.live;

import static org.assertj.core.api.Assertions.assertThat;

import io.fluctus.LiveGateway;
import io.fluctus.TestFlv;
import io.fluctus.cli.Cli;
import io.fluctus.container.FlvReader;
import io.fluctus.media.MediaPacket;
import io.fluctus.media.MediaPacket.Kind;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The tools of the command line against a gateway, as a person types them. */
class ToolsIT {
    private LiveGateway gateway;

    @TempDir
    Path folder;

    /** What one command said, and its exit code. */
    private record Said(int code, String out, String err) {
        JsonObject json() {
            return new JsonObject(out);
        }
    }

    @BeforeEach
    void open() throws Exception {
        gateway = new LiveGateway();
    }

    @AfterEach
    void close() throws Exception {
        gateway.close();
    }

    private static Said run(Object... words) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        Cli cli = new Cli(launch -> Cli.FAILURE, Map.of(), new PrintWriter(out), new PrintWriter(err));
        String[] args = List.of(words).stream().map(String::valueOf).toArray(String[]::new);
        return new Said(cli.execute(args), out.toString(), err.toString());
    }

    private static CompletableFuture<Said> start(Object... words) {
        return CompletableFuture.supplyAsync(() -> run(words), command -> new Thread(command, "tool").start());
    }

    private static Said get(CompletableFuture<Said> running) throws Exception {
        return running.get(30, TimeUnit.SECONDS);
    }

    private Path file(int frames) throws Exception {
        return Files.write(
                folder.resolve("source.flv"),
                TestFlv.file(TestFlv.packets(frames)).getBytes());
    }

    private List<String> urls(String stream) {
        return List.of(
                gateway.rtmp(stream), gateway.flv(stream), gateway.flv(stream).replaceFirst("^http", "ws"));
    }

    @Test
    void everyFrameOfTheFileArrivesInEachTransport() throws Exception {
        Path source = file(75);
        CompletableFuture<Said> waiting =
                start("play", gateway.rtmp("live/cam"), "--out", folder.resolve("waited.flv"), "--json");
        CompletableFuture<Said> publisher = start("publish", gateway.rtmp("live/cam"), source);
        gateway.awaitStream("cam", s -> s.containsKey("video"));
        List<CompletableFuture<Said>> players = IntStream.range(0, 3)
                .mapToObj(i -> start(
                        "play", urls("live/cam").get(i), "--out", folder.resolve("played" + i + ".flv"), "--json"))
                .toList();
        Said published = get(publisher);
        assertThat(published.err()).isEmpty();
        assertThat(published.code()).isZero();
        assertThat(published.out()).startsWith("published " + gateway.rtmp("live/cam") + ": 153 packets, ");
        Said waited = get(waiting);
        assertThat(waited.code()).as(waited.err()).isZero();
        assertThat(waited.json().getJsonObject("video").getLong("frames")).isEqualTo(75);
        assertThat(frames("waited.flv"))
                .containsExactlyElementsOf(IntStream.range(0, 75).boxed().toList());
        for (int i = 0; i < players.size(); i++) {
            Said played = get(players.get(i));
            assertThat(played.code()).as(played.err()).isZero();
            JsonObject video = played.json().getJsonObject("video");
            assertThat(video.getLong("frames"))
                    .as("player %d sees all but what was before it", i)
                    .isGreaterThan(24);
            assertThat(video.getLong("backwardSteps")).isZero();
            assertThat(video.getLong("longestStepMs")).isEqualTo(40);
            assertThat(played.json().getDouble("firstKeyFrameMs")).isLessThan(2_000);
            List<Integer> numbers = frames("played" + i + ".flv");
            int first = numbers.get(0);
            assertThat(first % TestFlv.FRAMES_PER_KEY)
                    .as("begins with a key frame")
                    .isZero();
            assertThat(numbers)
                    .containsExactlyElementsOf(
                            IntStream.range(first, 75).boxed().toList());
        }
    }

    /** The numbers of the pictures in a file that was written. */
    private List<Integer> frames(String name) throws Exception {
        FlvReader reader = new FlvReader();
        List<MediaPacket> packets = reader.receive(Buffer.buffer(Files.readAllBytes(folder.resolve(name))));
        assertThat(reader.atEndOfTag()).isTrue();
        return packets.stream()
                .filter(p -> p.kind() == Kind.VIDEO && p.payload().getByte(1) == 1)
                .map(p -> p.payload().getInt(p.payload().length() - 4))
                .toList();
    }

    @Test
    void aLoopGoesOnUntilItsTimeIsOver() throws Exception {
        CompletableFuture<Said> publisher =
                start("publish", gateway.rtmp("live/loop"), file(25), "--loop", "--seconds", 3);
        gateway.awaitStream("loop", s -> s.containsKey("video"));
        Said played = run("play", gateway.rtmp("live/loop"), "--json");
        assertThat(get(publisher).code()).isZero();
        JsonObject video = played.json().getJsonObject("video");
        assertThat(video.getLong("lastTimestamp")).isBetween(2_500L, 3_100L);
        assertThat(video.getLong("longestStepMs")).isEqualTo(40);
        assertThat(video.getLong("backwardSteps")).isZero();
    }

    @Test
    void aProbeSaysWhatTheStreamIs() throws Exception {
        CompletableFuture<Said> publisher =
                start("publish", gateway.rtmp("games/chess/cam"), file(25), "--loop", "--seconds", 6);
        gateway.awaitStream("cam", s -> s.containsKey("video"));
        List<CompletableFuture<Said>> probes = urls("games/chess/cam").stream()
                .map(url -> start("probe", url, "--json"))
                .toList();
        Said text = run("probe", gateway.rtmp("games/chess/cam"));
        for (CompletableFuture<Said> probe : probes) {
            Said said = get(probe);
            assertThat(said.code()).as(said.err()).isZero();
            assertThat(said.json().getJsonObject("video").getInteger("width")).isEqualTo(1280);
            assertThat(said.json().getJsonObject("video").getDouble("fps")).isBetween(24.0, 26.0);
            assertThat(said.json().getJsonObject("audio").getInteger("sampleRate"))
                    .isEqualTo(44_100);
            assertThat(said.json().getJsonObject("metadata").getInteger("width"))
                    .isEqualTo(1280);
        }
        assertThat(text.out())
                .contains("  video     H.264 1280x720, profile 100, level 31, 25.0 fps, ")
                .contains("  audio     AAC 44100 Hz, 2 channels, ")
                .contains("  metadata  encoder = made by hand\\u001b[2J");
        assertThat(get(publisher).code()).isZero();
    }

    @Test
    void whatDoesNotWorkIsToldAndTheCodeIsOne() throws Exception {
        Path source = file(3);
        int closed;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            closed = socket.getLocalPort();
        }
        String web = gateway.http("");
        Map<List<Object>, String> sentences = Map.of(
                List.of("play", "rtmp://127.0.0.1:" + closed + "/live/cam"), "cannot connect to 127.0.0.1:" + closed,
                List.of("play", gateway.flv("live/none")),
                        "the server says 404 Not Found: nobody publishes this stream",
                List.of("play", gateway.flv("live/none").replaceFirst("http", "ws")),
                        "the server says 4404: nobody publishes this stream",
                List.of("play", gateway.rtmp("live/none"), "--seconds", 1), "nothing arrived",
                List.of("play", gateway.rtmp("live/a%20b")),
                        "the server says NetStream.Play.StreamNotFound: stream name",
                List.of("play", web + "api/v1/streams"), "what arrives is no stream: does not begin with FLV",
                List.of("publish", gateway.rtmp("live/a%20b"), source),
                        "the server says NetStream.Publish.BadName: stream",
                List.of("publish", gateway.rtmp("live/cam"), folder.resolve("no.flv")), "no such file or directory",
                List.of("publish", web.replaceFirst("http", "rtmp") + "live/cam", source), "fluctus: ");
        for (Map.Entry<List<Object>, String> e : sentences.entrySet()) {
            Said said = run(e.getKey().toArray());
            assertThat(said.code()).as(e.getKey() + said.err()).isEqualTo(1);
            assertThat(said.err())
                    .as("%s", e.getKey())
                    .startsWith("fluctus: ")
                    .contains(e.getValue())
                    .hasLineCount(1);
        }
    }

    @Test
    void aKeyIsSaidToTheServerAndNotPrinted() throws Exception {
        gateway.close();
        gateway = new LiveGateway(new JsonObject().put("publish", new JsonObject().put("key", "hush")));
        Path source = file(3);
        Said refused = run("publish", gateway.rtmp("live/cam?key=wrong"), source);
        assertThat(refused.code()).isEqualTo(1);
        assertThat(refused.err()).contains("NetStream.Publish.Denied").doesNotContain("wrong");
        Said published = run("publish", gateway.rtmp("live/cam?key=hush"), source);
        assertThat(published.code()).as(published.err()).isZero();
        assertThat(published.out()).doesNotContain("hush");
    }

    @Test
    void aPublisherThatIsReplacedSaysSo() throws Exception {
        CompletableFuture<Said> first = start("publish", gateway.rtmp("live/cam"), file(25), "--loop", "--seconds", 20);
        gateway.awaitStream("cam", s -> s.containsKey("video"));
        assertThat(run("publish", gateway.rtmp("live/cam"), file(5)).code()).isZero();
        Said replaced = get(first);
        assertThat(replaced.code()).isEqualTo(1);
        assertThat(replaced.err())
                .isEqualTo("fluctus: the server says NetConnection.Connect.Closed: another publisher took over live/cam"
                        + System.lineSeparator());
    }
}
