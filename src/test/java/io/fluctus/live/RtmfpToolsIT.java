package io.fluctus.live;

import static org.assertj.core.api.Assertions.assertThat;

import io.fluctus.LiveGateway;
import io.fluctus.TestFlv;
import io.fluctus.cli.Cli;
import io.fluctus.container.FlvReader;
import io.fluctus.media.MediaPacket;
import io.fluctus.rtmfp.LossyPath;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The tools of the command line over RTMFP, against a gateway and beside the other protocols. */
class RtmfpToolsIT {
    private LiveGateway gateway;

    @TempDir
    Path folder;

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

    /** The numbers of the pictures in a file that was written. */
    private List<Integer> frames(String name) throws Exception {
        FlvReader reader = new FlvReader();
        List<MediaPacket> packets = reader.receive(Buffer.buffer(Files.readAllBytes(folder.resolve(name))));
        assertThat(reader.atEndOfTag()).isTrue();
        return packets.stream()
                .filter(p -> p.kind() == MediaPacket.Kind.VIDEO && p.payload().getByte(1) == 1)
                .map(p -> p.payload().getInt(p.payload().length() - 4))
                .toList();
    }

    private void awaitViewers(String stream, int count) throws Exception {
        LiveGateway.await("viewers of " + stream, () -> {
            try {
                return new JsonArray(gateway.get("api/v1/viewers/" + stream).body()).size() == count;
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
    }

    @Test
    void everyFrameCrossesBetweenRtmfpAndTheOthersBothWays() throws Exception {
        Path source = file(50);
        for (String publisher : List.of("rtmfp", "rtmp")) {
            String stream = "live/from-" + publisher;
            String url = publisher.equals("rtmfp") ? gateway.rtmfp(stream) : gateway.rtmp(stream);
            List<String> players = List.of(gateway.rtmfp(stream), gateway.rtmp(stream));
            List<CompletableFuture<Said>> playing = IntStream.range(0, 2)
                    .mapToObj(i ->
                            start("play", players.get(i), "--out", folder.resolve(publisher + i + ".flv"), "--json"))
                    .toList();
            awaitViewers(stream, 2);
            Said published = get(start("publish", url, source));
            assertThat(published.code()).as(published.err()).isZero();
            assertThat(published.out()).startsWith("published " + url + ": 103 packets, ");
            for (int i = 0; i < 2; i++) {
                Said played = get(playing.get(i));
                assertThat(played.code()).as(played.err()).isZero();
                assertThat(played.json().getLong("lostFragments")).isZero();
                assertThat(frames(publisher + i + ".flv"))
                        .as("%s to %s", url, players.get(i))
                        .containsExactlyElementsOf(
                                IntStream.range(0, 50).boxed().toList());
            }
        }
    }

    @Test
    void aProbeSaysWhatTheStreamIs() throws Exception {
        CompletableFuture<Said> publisher =
                start("publish", gateway.rtmfp("live/cam"), file(25), "--loop", "--seconds", 5);
        gateway.awaitStream("cam", s -> s.containsKey("video"));
        Said said = run("probe", gateway.rtmfp("live/cam"), "--json");
        assertThat(said.code()).as(said.err()).isZero();
        assertThat(said.json().getJsonObject("video").getInteger("width")).isEqualTo(1280);
        assertThat(said.json().getJsonObject("metadata").getInteger("width")).isEqualTo(1280);
        assertThat(get(publisher).code()).isZero();
    }

    @Test
    void benchServesItsViewersInFull() {
        Said said = run(
                "bench",
                gateway.rtmfp("live/load"),
                "--publishers",
                1,
                "--viewers",
                8,
                "--idle",
                2,
                "--seconds",
                2,
                "--kbps",
                400,
                "--json");
        assertThat(said.code()).as(said.err() + said.out()).isZero();
        assertThat(said.json().getInteger("established")).isEqualTo(10);
        assertThat(said.json().getLong("framesExpected")).isGreaterThan(100);
        assertThat(said.json().getJsonObject("latencyMs").getDouble("p50")).isLessThan(200);
    }

    /** Loss, jitter in milliseconds each way, and the share of frames that comes through in time all the same. */
    @ParameterizedTest
    @CsvSource({"0.05, 20, 0.9, 2000", "0.2, 100, 0.1, 4500", "0.4, 100, 0, 4500"})
    void overABadWayFramesComeInTimeOrNotAtAll(double loss, int jitter, double share, double late) throws Exception {
        CompletableFuture<Said> publisher = start(
                "bench",
                gateway.rtmfp("live/far"),
                "--publishers",
                1,
                "--viewers",
                1,
                "--seconds",
                8,
                "--kbps",
                400,
                "--json");
        gateway.awaitStream("far", s -> s.containsKey("video"));
        int port = URI.create(gateway.rtmfp("x")).getPort();
        try (LossyPath path = new LossyPath(port, new LossyPath.Weather(loss, 0.05, 10, jitter))) {
            Said said = run(
                    "bench",
                    "rtmfp://127.0.0.1:" + path.port() + "/live/far",
                    "--viewers",
                    1,
                    "--seconds",
                    4,
                    "--json");
            JsonObject latency = said.json().getJsonObject("latencyMs");
            Said near = get(publisher);
            System.out.printf("loss %s, jitter %d ms: %s%n", loss, jitter, latency);
            assertThat(latency.getLong("samples")).isGreaterThanOrEqualTo((long) (share * 4 * 68));
            assertThat(latency.getDouble("max"))
                    .as("a key frame is sent until the next is there")
                    .isLessThan(late);
            assertThat(near.code())
                    .as("the one beside is not affected: %s", near.out())
                    .isZero();
        }
    }

    @Test
    void whatDoesNotWorkIsToldAndTheCodeIsOne() throws Exception {
        Path source = file(3);
        Map<List<Object>, String> sentences = Map.of(
                List.of("play", "rtmfp://no.such.host.invalid/live/cam"),
                "cannot connect to no.such.host.invalid:1935: no such host",
                List.of("play", gateway.rtmfp("live/a%20b")),
                "the server says NetStream.Play.StreamNotFound: stream name",
                List.of("publish", gateway.rtmfp("live/a%20b"), source),
                "the server says NetStream.Publish.BadName: stream",
                List.of("call", gateway.rtmfp(""), "nothing"),
                "Method not found (nothing)");
        for (Map.Entry<List<Object>, String> e : sentences.entrySet()) {
            Said said = run(e.getKey().toArray());
            assertThat(said.code()).as(e.getKey() + said.err()).isEqualTo(1);
            assertThat(said.err())
                    .startsWith("fluctus: ")
                    .contains(e.getValue())
                    .hasLineCount(1);
        }
    }

    @Test
    void aServerThatIsNotThereIsToldInTime() {
        Said said = run("play", "rtmfp://127.0.0.1:9/live/cam", "--seconds", 1);
        assertThat(said.code()).isEqualTo(1);
        assertThat(said.err()).contains("nothing arrived");
    }
}
