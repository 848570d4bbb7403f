package io.fluctus.record;

import static org.assertj.core.api.Assertions.assertThat;

import io.fluctus.Ffmpeg;
import io.fluctus.LiveGateway;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A gateway that records what ffmpeg publishes, and what ffmpeg finds in the files. */
class RecordIT {
    private static final String TOKEN = "token";
    private static final int SECONDS = 4;

    private final HttpClient http = HttpClient.newHttpClient();
    private final List<Process> running = new ArrayList<>();
    private LiveGateway gateway;

    @TempDir
    Path folder;

    private void open(JsonObject record) throws Exception {
        gateway = new LiveGateway(new JsonObject()
                .put("web", new JsonObject().put("adminToken", TOKEN))
                .put("record", record.put("folder", folder.resolve("r").toString())));
    }

    @AfterEach
    void close() throws Exception {
        running.forEach(Process::destroyForcibly);
        gateway.close();
    }

    private Path source() throws Exception {
        Path source = folder.resolve("source.flv");
        List<String> make = new ArrayList<>(Ffmpeg.pattern(25, 25));
        make.removeIf("-re"::equals);
        make.addAll(0, List.of("-y"));
        make.addAll(List.of("-t", "" + SECONDS, source.toString()));
        Ffmpeg.run("ffmpeg", 60, make.toArray(String[]::new)).succeeded();
        return source;
    }

    private Process publish(Path source, String stream) throws Exception {
        Process publisher =
                Ffmpeg.start(List.of("-re", "-i", source.toString(), "-c", "copy", "-f", "flv", gateway.rtmp(stream)));
        running.add(publisher);
        return publisher;
    }

    private HttpResponse<String> send(String method, String path, String token) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create(gateway.http(path)))
                .method(method, HttpRequest.BodyPublishers.noBody())
                .header("Authorization", "Bearer " + token)
                .build();
        return http.send(request, HttpResponse.BodyHandlers.ofString());
    }

    private JsonObject list() throws Exception {
        return new JsonObject(gateway.get("api/v1/recordings").body());
    }

    /** Waits for one file that is so, and gives its path. */
    private String file(Predicate<JsonObject> condition) throws Exception {
        String[] found = new String[1];
        LiveGateway.await("a recording", () -> {
            try {
                JsonArray files = list().getJsonArray("files");
                files.stream()
                        .map(JsonObject.class::cast)
                        .filter(condition)
                        .forEach(file -> found[0] = file.getString("path"));
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
            return found[0] != null;
        });
        return found[0];
    }

    private static void readsClean(Path file, int least) throws Exception {
        JsonObject probed = Ffmpeg.probe(file.toString(), "-count_packets");
        assertThat(Integer.parseInt(
                        probed.getJsonArray("streams").getJsonObject(0).getString("nb_read_packets")))
                .isGreaterThanOrEqualTo(least);
        Ffmpeg.Result decoded = Ffmpeg.run("ffmpeg", 60, "-xerror", "-i", file.toString(), "-f", "null", "-")
                .succeeded();
        assertThat(decoded.err()).isEmpty();
    }

    private static List<String> hashes(Path file) throws Exception {
        return Ffmpeg.run("ffmpeg", 30, "-i", file.toString(), "-map", "0", "-c", "copy", "-f", "framemd5", "-")
                .succeeded()
                .out()
                .lines()
                .filter(line -> !line.startsWith("#"))
                .map(line -> line.split(","))
                .map(fields -> fields[0] + fields[4] + fields[5])
                .sorted()
                .toList();
    }

    private static List<String> video(List<String> hashes) {
        return hashes.stream().filter(line -> line.startsWith("0")).toList();
    }

    private static double duration(Path file) throws Exception {
        return Double.parseDouble(Ffmpeg.probe(file.toString(), "-show_format")
                .getJsonObject("format")
                .getString("duration"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"mp4", "flv"})
    void whatTheConfigurationNamesBecomesAFileWithEveryFrame(String format) throws Exception {
        open(new JsonObject().put("streams", "live/*").put("format", format));
        Path source = source();
        assertThat(publish(source, "live/cam").waitFor(30, TimeUnit.SECONDS)).isTrue();
        Path file = folder.resolve("r").resolve(file(f -> !f.getBoolean("recording")));
        assertThat(file.getParent().getFileName().toString()).isEqualTo("live");
        readsClean(file, SECONDS * 25);
        List<String> recorded = hashes(file);
        List<String> published = hashes(source);
        assertThat(published).containsAll(recorded);
        assertThat(video(recorded)).isEqualTo(video(published));
        assertThat(published.size() - recorded.size())
                .as("sound from before the first key frame")
                .isLessThan(4);
        assertThat(duration(file)).isBetween(SECONDS - 0.2, SECONDS + 0.2);
    }

    @Test
    void theAdministratorStartsAndStopsARecordingAndAnybodyReadsIt() throws Exception {
        open(new JsonObject());
        assertThat(send("POST", "api/v1/recordings/live/cam", TOKEN).statusCode())
                .isEqualTo(404);
        publish(source(), "live/cam");
        gateway.awaitStream("cam", stream -> stream.containsKey("video"));
        assertThat(send("POST", "api/v1/recordings/live/cam", "wrong").statusCode())
                .isEqualTo(401);
        assertThat(send("POST", "api/v1/recordings/live/cam", TOKEN).statusCode())
                .isEqualTo(200);
        assertThat(send("POST", "api/v1/recordings/live/cam", TOKEN).statusCode())
                .isEqualTo(409);
        LiveGateway.await("bytes", () -> {
            try {
                JsonArray active = list().getJsonArray("active");
                return active.size() == 1 && active.getJsonObject(0).getLong("bytes") > 30_000;
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
        JsonObject stopped = new JsonObject(
                send("DELETE", "api/v1/recordings/live/cam", TOKEN).body());
        String path = stopped.getString("path");
        assertThat(send("DELETE", "api/v1/recordings/live/cam", TOKEN).statusCode())
                .isEqualTo(404);
        readsClean(folder.resolve("r").resolve(path), 20);

        Path whole = folder.resolve("r").resolve(path);
        byte[] bytes = Files.readAllBytes(whole);
        HttpRequest range = HttpRequest.newBuilder(URI.create(gateway.http("vod/" + path)))
                .header("Range", "bytes=100-199")
                .build();
        HttpResponse<byte[]> part = http.send(range, HttpResponse.BodyHandlers.ofByteArray());
        assertThat(part.statusCode()).isEqualTo(206);
        assertThat(part.body()).isEqualTo(java.util.Arrays.copyOfRange(bytes, 100, 200));
        assertThat(part.headers().firstValue("Content-Type")).contains("video/mp4");
        assertThat(Ffmpeg.probe(gateway.http("vod/" + path)).getJsonArray("streams"))
                .hasSize(2);
    }

    @Test
    void nothingOutsideTheFolderIsServed() throws Exception {
        open(new JsonObject());
        Files.createDirectories(folder.resolve("r/live"));
        Files.writeString(folder.resolve("secret.mp4"), "secret");
        Files.writeString(folder.resolve("r/live/a.mp4"), "public");
        Files.writeString(folder.resolve("r/notes.txt"), "secret");
        Files.writeString(folder.resolve("r/.hidden.mp4"), "secret");
        Files.createSymbolicLink(folder.resolve("r/link.mp4"), folder.resolve("secret.mp4"));
        Files.createSymbolicLink(folder.resolve("r/dir"), folder);
        assertThat(gateway.get("vod/live/a.mp4").body()).isEqualTo("public");
        for (String path : List.of(
                "vod/../secret.mp4",
                "vod/%2e%2e/secret.mp4",
                "vod/..%2fsecret.mp4",
                "vod/..%5csecret.mp4",
                "vod/live/../../secret.mp4",
                "vod/live/%2e%2e/%2e%2e/secret.mp4",
                "vod/%252e%252e/secret.mp4",
                "vod//" + folder.resolve("secret.mp4"),
                "vod/link.mp4",
                "vod/dir/secret.mp4",
                "vod/notes.txt",
                "vod/.hidden.mp4",
                "vod/live/a.mp4%00",
                "vod/live%00/a.mp4",
                "vod/",
                "vod/live",
                "vod/" + "a".repeat(4_096) + ".mp4",
                "vod/%zz.mp4")) {
            HttpResponse<String> response;
            try {
                response = gateway.get(path);
            } catch (IllegalArgumentException e) {
                continue; // no address for this client; HostileHttpIT sends what URLs cannot say
            }
            assertThat(response.statusCode()).as(path).isBetween(400, 404);
            assertThat(response.body()).as(path).doesNotContain("secret.mp4", "public");
        }
    }

    @Test
    void aDiskThatRefusesIsSaidAndTheStreamGoesOn() throws Exception {
        Files.writeString(folder.resolve("r"), "a file stands where the folder should be");
        open(new JsonObject().put("streams", "*"));
        publish(source(), "live/cam");
        gateway.awaitStream("cam", stream -> stream.containsKey("video"));
        LiveGateway.await("the event", () -> {
            try {
                return gateway.get("api/v1/events").body().contains("record-failed");
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
        assertThat(Ffmpeg.probe(gateway.flv("live/cam")).getJsonArray("streams"))
                .hasSize(2);
        assertThat(list().getJsonArray("active")).isEmpty();
    }

    @Test
    void whatIsBeingWrittenPlaysUpToItsLastWholeFragmentWhereverItIsCut() throws Exception {
        open(new JsonObject().put("streams", "*").put("format", "mp4"));
        publish(source(), "live/cam").waitFor(30, TimeUnit.SECONDS);
        Path whole = folder.resolve("r").resolve(file(f -> !f.getBoolean("recording")));
        byte[] bytes = Files.readAllBytes(whole);
        for (double part : new double[] {0.55, 0.7, 0.83, 0.99}) {
            Path cut = folder.resolve("cut.mp4");
            Files.write(cut, java.util.Arrays.copyOf(bytes, (int) (bytes.length * part)));
            JsonObject probed = Ffmpeg.probe(cut.toString(), "-count_packets");
            String frames = probed.getJsonArray("streams").getJsonObject(0).getString("nb_read_packets");
            assertThat(Integer.parseInt(frames)).as("%s of the file", part).isGreaterThanOrEqualTo(25);
        }
    }
}
