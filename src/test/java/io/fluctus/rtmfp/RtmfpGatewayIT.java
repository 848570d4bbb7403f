package io.fluctus.rtmfp;

import static org.assertj.core.api.Assertions.assertThat;

import io.fluctus.LiveGateway;
import io.fluctus.media.MediaPacket;
import io.fluctus.media.MediaPacket.Kind;
import io.fluctus.netconnection.Event;
import io.fluctus.netconnection.Status;
import io.fluctus.wire.AmfValue;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A gateway with its UDP socket: publishing, playing, refusal, and a client that moves. */
class RtmfpGatewayIT {
    static final Buffer HEADER =
            Captures.hex("1700000000 01 42c01e ff e1 000a 6742c01ed90283f42000 01 0004 68cb8cb2".replace(" ", ""));
    static final Buffer KEY = Captures.hex("1701000000 00000005 6588840000");
    static final Buffer INTER = Captures.hex("2701000000 00000005 419a000000");

    private static LiveGateway gateway;

    @BeforeAll
    static void start() throws Exception {
        gateway = new LiveGateway(new JsonObject());
    }

    @AfterAll
    static void end() throws Exception {
        gateway.close();
    }

    private static RtmfpClient publisher(String stream) throws IOException {
        return publisherAt(gateway, stream);
    }

    static RtmfpClient publisherAt(LiveGateway gateway, String stream) throws IOException {
        RtmfpClient publisher = new RtmfpClient(gateway.rtmfp("live"));
        publisher.connect();
        int streamId = publisher.createStream();
        publisher.connection().dialogue().publish(streamId, stream, "live");
        publisher.connection().flush(RtmfpClient.now());
        publisher.until("a status", () -> publisher.has(Event.StatusReceived.class));
        return publisher;
    }

    private static void send(RtmfpClient publisher, long time, Buffer video) {
        sendAt(publisher, time, video);
    }

    static void sendAt(RtmfpClient publisher, long time, Buffer video) {
        publisher.connection().dialogue().send(1, MediaPacket.of(Kind.VIDEO, time, video));
        publisher.connection().flush(RtmfpClient.now());
    }

    private static RtmfpClient player(String stream) throws IOException {
        RtmfpClient player = new RtmfpClient(gateway.rtmfp("live"));
        player.connect();
        int streamId = player.createStream();
        player.connection().dialogue().play(streamId, stream, -1);
        player.connection().flush(RtmfpClient.now());
        player.until("a status", () -> player.has(Event.StatusReceived.class));
        return player;
    }

    private static List<Buffer> videos(RtmfpClient player) {
        return player.events.stream()
                .filter(e -> e instanceof Event.PacketReceived)
                .map(e -> ((Event.PacketReceived) e).packet())
                .filter(p -> p.kind() == Kind.VIDEO)
                .map(MediaPacket::payload)
                .toList();
    }

    @Test
    void whatIsPublishedIsPlayedAndTheApiTellsOfIt() throws Exception {
        try (RtmfpClient publisher = publisher("cam1");
                RtmfpClient player = player("cam1")) {
            assertThat(publisher.last(Event.StatusReceived.class).status().code())
                    .isEqualTo(Status.PUBLISH_START);
            send(publisher, 0, HEADER);
            send(publisher, 0, KEY);
            send(publisher, 40, INTER);
            player.until("three frames", () -> {
                step(publisher);
                return videos(player).size() >= 3;
            });
            assertThat(videos(player)).containsExactly(HEADER, KEY, INTER);
            JsonObject stream =
                    gateway.awaitStream("cam1", s -> s.getJsonObject("viewers").getInteger("rtmfp", 0) == 1);
            assertThat(stream.getJsonObject("publisher").getString("protocol")).isEqualTo("rtmfp");
        }
    }

    private static void step(RtmfpClient client) {
        try {
            client.step();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void aSecondPublisherIsRefusedAndTold() throws Exception {
        try (RtmfpClient first = publisher("taken")) {
            JsonObject refused = new JsonObject().put("stream", new JsonObject().put("takeover", "never"));
            try (LiveGateway strict = new LiveGateway(refused);
                    RtmfpClient a = new RtmfpClient(strict.rtmfp("live"));
                    RtmfpClient b = new RtmfpClient(strict.rtmfp("live"))) {
                for (RtmfpClient client : List.of(a, b)) {
                    client.connect();
                    client.connection().dialogue().publish(client.createStream(), "one", "live");
                    client.connection().flush(RtmfpClient.now());
                    client.until("a status", () -> client.has(Event.StatusReceived.class));
                }
                assertThat(b.last(Event.StatusReceived.class).status().code()).isEqualTo(Status.PUBLISH_BAD_NAME);
                b.until("the end", () -> !b.closed.isEmpty());
            }
            assertThat(first.closed).isEmpty();
        }
    }

    @Test
    void anApplicationAnswersCallsAndRefuses(@TempDir Path folder) throws Exception {
        Files.writeString(
                folder.resolve("main.lua"),
                "function onConnection(client, ...) function client:test(name, first)\n"
                        + "client.writer:writeAMFMessage('said', client.protocol); return 'Hello ' .. first .. ' ' .. name end end\n"
                        + "function onSubscribe() return false, 'not for you' end");
        JsonObject applications = new JsonObject().put("folder", folder.toString());
        try (LiveGateway scripted = new LiveGateway(new JsonObject().put("applications", applications));
                RtmfpClient client = new RtmfpClient(scripted.rtmfp(""))) {
            client.connect();
            client.connection().dialogue().call("test", AmfValue.of("OpenRTMFP/Cumulus"), AmfValue.of("World"));
            client.connection().flush(RtmfpClient.now());
            client.until(
                    "the answer", () -> client.has(Event.CallAnswered.class) && client.has(Event.CallReceived.class));
            assertThat(client.last(Event.CallAnswered.class).values())
                    .containsExactly(AmfValue.of("Hello World OpenRTMFP/Cumulus"));
            assertThat(client.last(Event.CallReceived.class).arguments()).containsExactly(AmfValue.of("rtmfp"));
            client.connection().dialogue().play(client.createStream(), "cam", -1);
            client.connection().flush(RtmfpClient.now());
            client.until("a status", () -> client.has(Event.StatusReceived.class));
            assertThat(client.last(Event.StatusReceived.class).status().description())
                    .isEqualTo("not for you");
        }
    }

    @Test
    void aViewerThatMovesGoesOnSeeing() throws Exception {
        try (RtmfpClient publisher = publisher("moving");
                RtmfpClient player = player("moving")) {
            send(publisher, 0, HEADER);
            for (int i = 0; i < 40; i++) {
                if (i % 10 == 9) {
                    player.rebind();
                    player.connection().dialogue().tell("stillHere");
                    player.connection().flush(RtmfpClient.now());
                }
                send(publisher, i * 40L, i % 5 == 0 ? KEY : INTER);
                step(publisher);
                step(player);
            }
            player.until("all frames", () -> {
                step(publisher);
                return videos(player).size() >= 41;
            });
            assertThat(videos(player)).hasSize(41);
        }
    }

    @Test
    void closingThePlayerFreesItsSeat() throws Exception {
        try (RtmfpClient publisher = publisher("left")) {
            send(publisher, 0, HEADER);
            try (RtmfpClient player = player("left")) {
                assertThat(player.closed).isEmpty();
            }
            publisher.until("the stream", () -> publisher.has(Event.StatusReceived.class));
            step(publisher);
            gateway.awaitStream("left", s -> s.getJsonObject("viewers").getInteger("total", 0) == 0);
        }
    }
}
