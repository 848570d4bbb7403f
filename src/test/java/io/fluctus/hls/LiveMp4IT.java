package io.fluctus.hls;

import static org.assertj.core.api.Assertions.assertThat;

import io.fluctus.Ffmpeg;
import io.fluctus.LiveGateway;
import io.fluctus.container.Boxes;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Live streams as fragmented MP4 over HTTP and WebSocket, and their last picture. */
class LiveMp4IT {
    private LiveGateway gateway;
    private Process publisher;

    @TempDir
    Path folder;

    @BeforeEach
    void open() throws Exception {
        gateway = new LiveGateway(new JsonObject());
        List<String> arguments = new ArrayList<>(Ffmpeg.pattern(25, 25));
        arguments.addAll(List.of("-f", "flv", gateway.rtmp("live/cam")));
        publisher = Ffmpeg.start(arguments);
        gateway.awaitStream(
                "cam", s -> s.getJsonObject("video", new JsonObject()).getInteger("keyframeIntervalMs", 0) > 0);
    }

    @AfterEach
    void close() throws Exception {
        publisher.destroyForcibly();
        gateway.close();
    }

    @Test
    void ffmpegReadsTheLiveFileWithoutAnError() throws Exception {
        String url = gateway.http("live/live/cam.mp4");
        Ffmpeg.Result read = Ffmpeg.run("ffmpeg", 60, "-xerror", "-i", url, "-t", "4", "-f", "null", "-")
                .succeeded();
        assertThat(read.err()).isEmpty();
        assertThat(Ffmpeg.probe(url).getJsonArray("streams")).hasSize(2);
        assertThat(HttpClient.newHttpClient()
                        .send(
                                HttpRequest.newBuilder(URI.create(gateway.http("live/live/nobody.mp4")))
                                        .build(),
                                HttpResponse.BodyHandlers.discarding())
                        .statusCode())
                .isEqualTo(404);
    }

    @Test
    void aWebSocketGetsTheInitializationThenAFragmentInEachMessage() throws Exception {
        List<Buffer> messages = new CopyOnWriteArrayList<>();
        WebSocket socket = HttpClient.newHttpClient()
                .newWebSocketBuilder()
                .buildAsync(
                        URI.create(gateway.http("live/live/cam.mp4").replace("http", "ws")), new WebSocket.Listener() {
                            private Buffer part = Buffer.buffer();

                            @Override
                            public CompletionStage<?> onBinary(WebSocket from, ByteBuffer data, boolean last) {
                                byte[] bytes = new byte[data.remaining()];
                                data.get(bytes);
                                part.appendBytes(bytes);
                                if (last) {
                                    messages.add(part);
                                    part = Buffer.buffer();
                                }
                                from.request(1);
                                return null;
                            }
                        })
                .join();
        LiveGateway.await("messages", () -> messages.size() > 100);
        socket.abort();
        assertThat(Boxes.of(messages.get(0)).stream().map(Boxes::type)).containsExactly("ftyp", "moov");
        long last = -1;
        for (Buffer message : messages.subList(1, messages.size())) {
            assertThat(Boxes.of(message).stream().map(Boxes::type)).containsExactly("moof", "mdat");
            long sequence = Boxes.one(message, "moof/mfhd").content().getUnsignedInt(4);
            assertThat(sequence).isGreaterThan(last);
            last = sequence;
        }
    }

    @Test
    void theLastPictureIsAFileOfOneFrame() throws Exception {
        HttpResponse<byte[]> response = HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create(gateway.http("api/v1/thumbnails/live/cam")))
                                .build(),
                        HttpResponse.BodyHandlers.ofByteArray());
        assertThat(response.statusCode()).isEqualTo(200);
        Path file = folder.resolve("picture.mp4");
        Files.write(file, response.body());
        JsonObject probed = Ffmpeg.probe(file.toString(), "-count_frames");
        assertThat(probed.getJsonArray("streams").getJsonObject(0).getString("nb_read_frames"))
                .isEqualTo("1");
        assertThat(gateway.get("api/v1/thumbnails/live/nobody").statusCode()).isEqualTo(404);
    }
}
