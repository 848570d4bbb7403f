package io.fluctus.hls;

import static org.assertj.core.api.Assertions.assertThat;

import io.fluctus.Ffmpeg;
import io.fluctus.LiveGateway;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What players of HLS get from a gateway that ffmpeg publishes to. */
class HlsIT {
    private static final String TOKEN = "token";

    private final HttpClient http = HttpClient.newHttpClient();
    private final List<Process> running = new ArrayList<>();
    private LiveGateway gateway;

    private void open(JsonObject file) throws Exception {
        gateway = new LiveGateway(file);
    }

    @AfterEach
    void close() throws Exception {
        running.forEach(Process::destroyForcibly);
        gateway.close();
    }

    private Process publish(String stream) throws Exception {
        List<String> arguments = new ArrayList<>(Ffmpeg.pattern(25, 25));
        arguments.addAll(List.of("-f", "flv", gateway.rtmp(stream)));
        Process publisher = Ffmpeg.start(arguments);
        running.add(publisher);
        gateway.awaitStream(stream.substring(stream.indexOf('/') + 1), s -> s.containsKey("video"));
        return publisher;
    }

    private HttpResponse<String> get(String path) throws Exception {
        return http.send(
                HttpRequest.newBuilder(URI.create(gateway.http(path))).build(), HttpResponse.BodyHandlers.ofString());
    }

    /** The address of the media playlist, as a new player is told it. */
    private String media(String stream) throws Exception {
        HttpResponse<String> main = get("live/" + stream + "/index.m3u8");
        assertThat(main.statusCode()).as(main.body()).isEqualTo(200);
        assertThat(main.headers().firstValue("Content-Type")).contains("application/vnd.apple.mpegurl");
        String uri = main.body()
                .lines()
                .filter(line -> !line.startsWith("#"))
                .findFirst()
                .orElseThrow();
        return "live/" + stream + "/" + uri;
    }

    @Test
    void ffmpegReadsTheStreamWithoutAnError() throws Exception {
        open(new JsonObject());
        publish("live/cam");
        JsonObject probed = Ffmpeg.probe(gateway.http("live/live/cam/index.m3u8"));
        assertThat(probed.getJsonArray("streams").stream().map(s -> ((JsonObject) s).getString("codec_name")))
                .contains("h264", "aac");
        Ffmpeg.Result read = Ffmpeg.run(
                        "ffmpeg",
                        60,
                        "-xerror",
                        "-i",
                        gateway.http("live/live/cam/index.m3u8"),
                        "-t",
                        "6",
                        "-f",
                        "null",
                        "-")
                .succeeded();
        assertThat(read.err()).doesNotContainIgnoringCase("error", "invalid", "monoton", "corrupt", "missing");
    }

    @Test
    void everyPartIsThereAsSoonAsItIsHintedAndEveryPlaylistKeepsTheRules() throws Exception {
        open(new JsonObject());
        publish("live/cam");
        String address = media("live/cam");
        M3u8 playlist = M3u8.of(get(address).body());
        int parts = 0;
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(6);
        while (System.nanoTime() < end) {
            String hint = playlist.hint;
            String[] numbers = hint.split("\\.");
            HttpResponse<String> next = get(address + "&_HLS_msn=" + numbers[0] + "&_HLS_part=" + numbers[1]
                    + (parts % 3 == 2 ? "&_HLS_skip=YES" : ""));
            assertThat(next.statusCode()).as(next.body()).isEqualTo(200);
            M3u8 after = M3u8.of(next.body());
            after.follows(playlist);
            assertThat(next.body()).contains("URI=\"" + hint + "\"");
            assertThat(get("live/live/cam/" + hint).statusCode()).isEqualTo(200);
            playlist = after;
            parts++;
        }
        assertThat(parts).as("of half a second each").isBetween(9, 16);
        assertThat(get(address + "&_HLS_msn=" + (playlist.sequence + 100)).statusCode())
                .isEqualTo(400);
        assertThat(get("live/live/cam/999999999999.m4s").statusCode()).isEqualTo(404);
        assertThat(get("live/live/nobody/index.m3u8").statusCode()).isEqualTo(404);
        assertThat(get("live/live/nobody/1.m4s").statusCode()).isEqualTo(404);
        assertThat(get("live/live/a%20b/index.m3u8").statusCode()).isEqualTo(400);
        assertThat(get("live/live/%2e%2e/index.m3u8").statusCode()).isEqualTo(404);
    }

    @Test
    void aPublisherThatComesBackGoesOnInTheSamePlaylist() throws Exception {
        open(new JsonObject().put("stream", new JsonObject().put("holdSeconds", 10)));
        Process first = publish("live/cam");
        String address = media("live/cam");
        M3u8 before = M3u8.of(get(address).body());
        first.destroyForcibly().waitFor();
        publish("live/cam");
        M3u8[] last = {before};
        LiveGateway.await("a segment behind the discontinuity", () -> {
            try {
                M3u8 now = M3u8.of(get(address).body());
                now.follows(last[0]);
                last[0] = now;
                return now.segments.stream().anyMatch(M3u8.Entry::discontinuity);
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
        Ffmpeg.Result read = Ffmpeg.run(
                "ffmpeg", 60, "-live_start_index", "0", "-i", gateway.http(address), "-t", "6", "-f", "null", "-");
        assertThat(read.exitCode()).isZero();
    }

    @Test
    void viewersAreCountedAndListedAndCanBeSentAway() throws Exception {
        open(new JsonObject().put("web", new JsonObject().put("adminToken", TOKEN)));
        publish("live/cam");
        List<String> players = List.of(media("live/cam"), media("live/cam"), media("live/cam"));
        for (int i = 0; i < 3; i++) {
            for (String player : players) {
                assertThat(get(player).statusCode()).isEqualTo(200);
            }
        }
        gateway.awaitStream("cam", s -> s.getJsonObject("viewers").getInteger("hls", 0) == 3);
        JsonArray viewers = new JsonArray(get("api/v1/viewers/live/cam").body());
        assertThat(viewers).hasSize(3);
        String client = viewers.getJsonObject(0).getString("client");
        HttpRequest kick = HttpRequest.newBuilder(URI.create(gateway.http("api/v1/clients/" + client + "/kick")))
                .header("Authorization", "Bearer " + TOKEN)
                .POST(HttpRequest.BodyPublishers.noBody())
                .build();
        assertThat(http.send(kick, HttpResponse.BodyHandlers.ofString()).statusCode())
                .isEqualTo(200);
        assertThat(get(players.get(0)).statusCode()).isEqualTo(410);
        gateway.awaitStream("cam", s -> s.getJsonObject("viewers").getInteger("hls", 0) == 0);
    }

    @Test
    void whereWatchingIsPrivateASessionOpensEverythingAndNothingElseDoes() throws Exception {
        open(new JsonObject()
                .put("web", new JsonObject().put("adminToken", TOKEN).put("private", true)));
        List<String> arguments = new ArrayList<>(Ffmpeg.pattern(25, 25));
        arguments.addAll(List.of("-f", "flv", gateway.rtmp("live/cam")));
        running.add(Ffmpeg.start(arguments));
        LiveGateway.await("the stream", () -> {
            try {
                return get("live/live/cam/index.m3u8?token=" + TOKEN).statusCode() == 200;
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
        assertThat(get("live/live/cam/index.m3u8").statusCode()).isEqualTo(401);
        assertThat(get("live/live/cam/media.m3u8").statusCode()).isEqualTo(401);
        assertThat(get("live/live/cam/media.m3u8?s=abcdefghijklmnopqrst").statusCode())
                .isEqualTo(401);
        JsonObject probed = Ffmpeg.probe(gateway.http("live/live/cam/index.m3u8?token=" + TOKEN));
        assertThat(probed.getJsonArray("streams").size()).isGreaterThanOrEqualTo(2);
    }
}
