package io.fluctus.live;

import static org.assertj.core.api.Assertions.assertThat;

import io.fluctus.Ffmpeg;
import io.fluctus.LiveGateway;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a broadcaster and a viewer with ffmpeg see. */
class FfmpegIT {
    private static final int FPS = 25;

    private final List<Process> running = new ArrayList<>();
    private LiveGateway gateway;

    @TempDir
    Path folder;

    @BeforeEach
    void open() throws Exception {
        gateway = new LiveGateway(new JsonObject().put("stream", new JsonObject().put("holdSeconds", 5)));
    }

    @AfterEach
    void close() throws Exception {
        running.forEach(Process::destroyForcibly);
        gateway.close();
    }

    private Process publish(String stream, String... more) throws Exception {
        List<String> arguments = new ArrayList<>(Ffmpeg.pattern(FPS, FPS));
        arguments.addAll(List.of(more));
        arguments.addAll(List.of("-f", "flv", gateway.rtmp(stream)));
        Process publisher = Ffmpeg.start(arguments);
        running.add(publisher);
        return publisher;
    }

    private static Set<String> codecs(JsonObject probed) {
        return probed.getJsonArray("streams").stream()
                .map(s -> ((JsonObject) s).getString("codec_name"))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    @Test
    void whatIsPublishedIsSeenOverRtmpAndHttpFlv() throws Exception {
        publish("live/cam");
        gateway.awaitStream(
                "cam",
                s -> s.containsKey("audio")
                        && s.getJsonObject("video", new JsonObject()).getInteger("keyframeIntervalMs", 0) > 0);
        for (String url : List.of(gateway.rtmp("live/cam"), gateway.flv("live/cam"))) {
            assertThat(codecs(Ffmpeg.probe(url))).as(url).containsExactly("aac", "h264");
        }
    }

    @Test
    void theApiDescribesTheStream() throws Exception {
        publish("live/cam");
        JsonObject stream = gateway.awaitStream(
                "cam",
                s -> s.containsKey("video")
                        && s.getJsonObject("video").getInteger("keyframeIntervalMs", 0) > 0
                        && Math.abs(s.getJsonObject("video").getInteger("fps") - FPS) <= 5
                        && s.containsKey("audio"));
        assertThat(stream.getString("app")).isEqualTo("live");
        assertThat(stream.getBoolean("live")).isTrue();
        assertThat(stream.getJsonObject("publisher").getString("protocol")).isEqualTo("rtmp");
        JsonObject video = stream.getJsonObject("video");
        assertThat(video.getString("codec")).isEqualTo("H.264");
        assertThat(video.getInteger("width")).isEqualTo(320);
        assertThat(video.getInteger("height")).isEqualTo(180);
        assertThat(video.getInteger("keyframeIntervalMs")).isEqualTo(1_000);
        JsonObject audio = stream.getJsonObject("audio");
        assertThat(audio.getString("codec")).isEqualTo("AAC");
        assertThat(audio.getInteger("sampleRate")).isEqualTo(44_100);
        assertThat(audio.getInteger("channels")).isEqualTo(1);
    }

    @Test
    void aLateJoinerStartsAtAKeyFrameAndTimeNeverGoesBack() throws Exception {
        publish("live/cam");
        gateway.awaitStream(
                "cam", s -> s.getJsonObject("video", new JsonObject()).getInteger("keyframeIntervalMs", 0) > 0);
        for (String url : List.of(gateway.rtmp("live/cam"), gateway.flv("live/cam"))) {
            JsonArray packets =
                    Ffmpeg.probe(url, "-show_packets", "-read_intervals", "%+3").getJsonArray("packets");
            long lastVideo = Long.MIN_VALUE;
            long lastAudio = Long.MIN_VALUE;
            boolean firstVideo = true;
            for (Object entry : packets) {
                JsonObject packet = (JsonObject) entry;
                long dts = packet.getLong("dts");
                if (packet.getString("codec_type").equals("video")) {
                    if (firstVideo) {
                        assertThat(packet.getString("flags")).as(url).startsWith("K");
                        firstVideo = false;
                    }
                    assertThat(dts).as(url).isGreaterThan(lastVideo);
                    lastVideo = dts;
                } else {
                    assertThat(dts).as(url).isGreaterThan(lastAudio);
                    lastAudio = dts;
                }
            }
            assertThat(packets.size()).as(url).isGreaterThan(100);
        }
    }

    @Test
    void theFramesThatComeOutAreTheFramesThatWentIn() throws Exception {
        Path source = folder.resolve("source.flv");
        List<String> make = new ArrayList<>(Ffmpeg.pattern(FPS, FPS));
        make.removeIf("-re"::equals);
        make.addAll(0, List.of("-y"));
        make.addAll(List.of("-t", "4", source.toString()));
        Ffmpeg.run("ffmpeg", 60, make.toArray(String[]::new)).succeeded();
        String in = hashes(source.toString());
        Path received = folder.resolve("received.flv");
        Process viewer = Ffmpeg.start(
                List.of("-y", "-i", gateway.rtmp("live/copy"), "-c", "copy", "-f", "flv", received.toString()));
        running.add(viewer);
        Process publisher = Ffmpeg.start(
                List.of("-re", "-i", source.toString(), "-c", "copy", "-f", "flv", gateway.rtmp("live/copy")));
        assertThat(publisher.waitFor(20, TimeUnit.SECONDS)).isTrue();
        assertThat(viewer.waitFor(20, TimeUnit.SECONDS))
                .as("a clean end ends the viewer")
                .isTrue();
        assertThat(hashes(received.toString())).isEqualTo(in);
    }

    /** One line a frame, without times: stream, size and MD5 of the packet. */
    private static String hashes(String file) throws Exception {
        String out = Ffmpeg.run("ffmpeg", 30, "-i", file, "-c", "copy", "-f", "framemd5", "-")
                .succeeded()
                .out();
        return out.lines()
                .filter(line -> !line.startsWith("#"))
                .map(line -> line.split(",\\s*"))
                .map(cells -> cells[0] + " " + cells[4] + " " + cells[5])
                .sorted()
                .collect(Collectors.joining("\n"));
    }

    @Test
    void aPublisherThatIsKilledAndComesBackKeepsItsViewers() throws Exception {
        Process first = publish("live/cam");
        gateway.awaitStream("cam", s -> s.containsKey("video"));
        Path seen = folder.resolve("seen.flv");
        Process viewer = Ffmpeg.start(
                List.of("-y", "-i", gateway.rtmp("live/cam"), "-c", "copy", "-t", "6", "-f", "flv", seen.toString()));
        running.add(viewer);
        gateway.awaitStream("cam", s -> s.getJsonObject("viewers").getInteger("total") == 1);
        first.destroyForcibly().waitFor();
        gateway.awaitStream("cam", s -> !s.getBoolean("live"));
        publish("live/cam");
        gateway.awaitStream("cam", s -> s.getBoolean("live"));
        assertThat(viewer.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(viewer.exitValue()).isZero();
        JsonArray packets = Ffmpeg.probe(seen.toString(), "-show_packets").getJsonArray("packets");
        List<Long> video = packets.stream()
                .map(JsonObject.class::cast)
                .filter(p -> p.getString("codec_type").equals("video"))
                .map(p -> p.getLong("dts"))
                .toList();
        assertThat(video).isSorted();
        assertThat(video.get(video.size() - 1) - video.get(0))
                .as("milliseconds seen")
                .isGreaterThan(5_000);
    }

    @Test
    void aSecondPublisherFromTheSameHostTakesOverAndViewersStay() throws Exception {
        Process first = publish("live/cam");
        gateway.awaitStream("cam", s -> s.containsKey("video"));
        Process viewer =
                Ffmpeg.start(List.of("-y", "-i", gateway.rtmp("live/cam"), "-c", "copy", "-t", "5", "-f", "null", "-"));
        running.add(viewer);
        JsonObject before =
                gateway.awaitStream("cam", s -> s.getJsonObject("viewers").getInteger("total") == 1);
        publish("live/cam");
        assertThat(first.waitFor(10, TimeUnit.SECONDS))
                .as("the first is told to go")
                .isTrue();
        JsonObject after = gateway.awaitStream("cam", s -> s.getBoolean("live"));
        assertThat(after.getJsonObject("publisher")).isNotEqualTo(before.getJsonObject("publisher"));
        assertThat(after.getLong("since")).isEqualTo(before.getLong("since"));
        assertThat(viewer.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(viewer.exitValue()).isZero();
    }

    @Test
    void aPlayerThatWaitsSeesTheStreamWhenItComes() throws Exception {
        Process viewer = Ffmpeg.start(
                List.of("-y", "-i", gateway.rtmp("live/later"), "-c", "copy", "-t", "2", "-f", "null", "-"));
        running.add(viewer);
        TimeUnit.MILLISECONDS.sleep(500);
        assertThat(viewer.isAlive()).isTrue();
        publish("live/later");
        assertThat(viewer.waitFor(20, TimeUnit.SECONDS)).isTrue();
        assertThat(viewer.exitValue()).isZero();
    }

    @Test
    void aStreamThatIsNotThereIs404OverHttp() throws Exception {
        var answer = gateway.get("live/live/nothing.flv");
        assertThat(answer.statusCode()).isEqualTo(404);
        assertThat(new JsonObject(answer.body()).getJsonObject("error").getString("code"))
                .isEqualTo("not_live");
    }

    @Test
    void enhancedRtmpPassesUntouched() throws Exception {
        running.add(Ffmpeg.start(List.of(
                "-re",
                "-f",
                "lavfi",
                "-i",
                "testsrc2=size=320x180:rate=25",
                "-c:v",
                "libx265",
                "-preset",
                "ultrafast",
                "-x265-params",
                "log-level=none:keyint=25",
                "-pix_fmt",
                "yuv420p",
                "-f",
                "flv",
                gateway.rtmp("live/hevc"))));
        JsonObject stream = gateway.awaitStream("hevc", s -> s.containsKey("video"));
        assertThat(stream.getJsonObject("video").getString("codec")).isEqualTo("HEVC");
        for (String url : List.of(gateway.rtmp("live/hevc"), gateway.flv("live/hevc"))) {
            assertThat(codecs(Ffmpeg.probe(url))).as(url).containsExactly("hevc");
        }
    }

    @Test
    void severalNamesOfApplicationsWork() throws Exception {
        publish("games/chess/cam");
        gateway.awaitStream("cam", s -> s.getString("app").equals("games/chess") && s.containsKey("video"));
        assertThat(codecs(Ffmpeg.probe(gateway.flv("games/chess/cam")))).contains("h264");
        assertThat(Files.exists(folder)).isTrue();
    }
}
