package io.fluctus.netconnection;

import static org.assertj.core.api.Assertions.assertThat;

import io.fluctus.media.MediaPacket;
import io.fluctus.wire.AmfValue;
import io.fluctus.wire.ProtocolException;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** A server and a client in memory, and storms of commands against both. */
class PairTest {
    private final NetConnection server = NetConnection.server();
    private final NetConnection client = NetConnection.client();
    private final List<Event> atServer = new ArrayList<>();
    private final List<Event> atClient = new ArrayList<>();

    /** Carries messages to and fro until both are silent. */
    private void settle() {
        boolean moved = true;
        while (moved) {
            moved = carry(client, server, atServer) | carry(server, client, atClient);
        }
    }

    private static boolean carry(NetConnection from, NetConnection to, List<Event> events) {
        Message message = from.poll();
        if (message != null) {
            events.addAll(to.receive(message, 0));
        }
        return message != null;
    }

    private static List<String> take(List<Event> events) {
        List<String> words = events.stream().map(Words::of).toList();
        events.clear();
        return words;
    }

    private void connect() {
        client.connect("live", "rtmp://h/live?k=1", true);
        settle();
        assertThat(atServer).hasSize(1);
        assertThat(((Event.ConnectRequested) atServer.get(0)).query()).isEqualTo("k=1");
        atServer.clear();
        server.accept();
        settle();
        assertThat(take(atClient)).containsExactly("Connected NetConnection.Connect.Success");
        client.createStream();
        settle();
        assertThat(take(atClient)).containsExactly("StreamCreated 1");
    }

    @Test
    void aStreamIsPublishedFromEndToEnd() {
        connect();
        client.publish(1, "cam", "live");
        settle();
        assertThat(take(atServer)).containsExactly("PublishRequested 1 cam - live");
        server.acceptPublish(1);
        settle();
        assertThat(take(atClient)).containsExactly("StatusReceived 1 NetStream.Publish.Start");
        client.send(1, MediaPacket.of(MediaPacket.Kind.DATA, 0, Words.data("onMetaData", "1")));
        client.send(1, MediaPacket.of(MediaPacket.Kind.VIDEO, 40, Words.hex("17")));
        settle();
        assertThat(take(atServer))
                .containsExactly("PacketReceived 1 DATA @0 onMetaData 1", "PacketReceived 1 VIDEO @40 17");
        client.deleteStream(1);
        settle();
        assertThat(take(atServer)).containsExactly("PublishStopped 1");
        assertThat(take(atClient)).containsExactly("StatusReceived 1 NetStream.Unpublish.Success");
    }

    @Test
    void aStreamIsPlayedFromEndToEnd() {
        connect();
        client.play(1, "cam", -1);
        settle();
        assertThat(take(atServer)).containsExactly("PlayRequested 1 cam - -1 -1 true");
        assertThat(server.acceptPlay(1)).map(Words::of).containsExactly("BufferLengthSet 1 3000");
        server.published(1);
        server.unpublished(1);
        settle();
        assertThat(take(atClient))
                .containsExactly(
                        "StatusReceived 1 NetStream.Play.Reset",
                        "StatusReceived 1 NetStream.Play.Start",
                        "StatusReceived 1 NetStream.Play.PublishNotify",
                        "StatusReceived 1 NetStream.Play.UnpublishNotify");
        client.deleteStream(1);
        settle();
        assertThat(take(atServer)).containsExactly("PlayStopped 1");
    }

    @Test
    void bothSidesCallEachOther() {
        connect();
        double asked = client.call("sum", AmfValue.of(3), AmfValue.of(4));
        settle();
        Event.CallReceived call = (Event.CallReceived) atServer.get(0);
        server.result(call.transactionId(), AmfValue.of(7));
        double back = server.call("who");
        settle();
        assertThat(take(atClient))
                .containsExactly(
                        "CallAnswered " + Words.of(AmfValue.of(asked)) + " true [7]",
                        "CallReceived " + Words.of(AmfValue.of(back)) + " who []");
    }

    @Test
    void aRefusedClientHearsWhyAndIsDone() {
        client.connect("live", "rtmp://h/live", false);
        settle();
        server.reject(Status.error(Status.CONNECT_REJECTED, "no"));
        settle();
        assertThat(take(atClient))
                .containsExactly(
                        "ConnectRefused NetConnection.Connect.Rejected", "CloseRequested the server said close");
    }

    @Test
    void stormsEndInEventsOrASentence() {
        Random random = new Random(1935);
        int refused = 0;
        for (int storm = 0; storm < 150; storm++) {
            NetConnection peer = storm % 4 == 0 ? NetConnection.client() : NetConnection.server();
            try {
                storm(peer, storm % 4 != 0, random);
            } catch (ProtocolException sentence) {
                assertThat(sentence.getMessage()).isNotBlank();
                refused++;
            }
        }
        assertThat(refused).isLessThan(150);
    }

    private static void storm(NetConnection peer, boolean server, Random random) {
        if (server) {
            peer.receive(Script.connect("live"), 0);
        }
        for (int i = 0; i < 300; i++) {
            peer.receive(anything(random), i);
            if (server) {
                answer(peer, random);
            }
            while (peer.poll() != null) {
                // the peer reads
            }
        }
    }

    private static void answer(NetConnection peer, Random random) {
        int streamId = random.nextInt(4);
        switch (random.nextInt(9)) {
            case 0 -> peer.accept();
            case 1 -> peer.acceptPublish(streamId);
            case 2 -> peer.acceptPlay(streamId);
            case 3 -> peer.rejectPlay(streamId, Status.error(Status.PLAY_FAILED, "no"));
            case 4 -> peer.published(streamId);
            case 5 -> peer.unpublished(streamId);
            case 6 -> peer.call("ask");
            case 7 -> peer.rejectPublish(streamId, Status.error(Status.PUBLISH_DENIED, "no"));
            default -> peer.status(streamId, Status.status(Status.DATA_START, "so"));
        }
    }

    private static final String[] NAMES = {
        "createStream",
        "createStream",
        "createStream",
        "deleteStream",
        "closeStream",
        "publish",
        "publish",
        "play",
        "play",
        "play2",
        "pause",
        "pauseRaw",
        "seek",
        "receiveAudio",
        "receiveVideo",
        "FCPublish",
        "FCUnpublish",
        "FCSubscribe",
        "_result",
        "_error",
        "onStatus",
        "checkBandwidth",
        "getStreamLength",
        "sum",
        "",
        "onBWDone"
    };

    /** Called "a": version 0, no flags, one event, release. */
    private static final Buffer SHARED_OBJECT = Words.hex("0001610000000000000000000000000200000000");

    private static Message anything(Random random) {
        int streamId = random.nextInt(5) - 1;
        Buffer bytes = Buffer.buffer(new byte[random.nextInt(3) == 0 ? 0 : random.nextInt(20)]);
        return switch (random.nextInt(30)) {
            case 0 -> new Message.Audio(streamId, random.nextLong(), bytes);
            case 1 -> new Message.Video(streamId, random.nextLong(), bytes);
            case 2 -> new Message.Data(streamId, random.nextLong(), Words.data("onMetaData", "x"), false);
            case 3 -> new Message.SharedObject(streamId, 0, SHARED_OBJECT, true);
            case 4 -> new Message.Unknown(random.nextInt(), streamId, 0, bytes);
            case 5 -> new Message.UserControl(random.nextInt(9), bytes);
            case 6 -> new Message.Aggregate(streamId, 0, Buffer.buffer());
            default -> command(streamId, random);
        };
    }

    private static Message command(int streamId, Random random) {
        AmfValue[] any = {
            AmfValue.NULL,
            AmfValue.UNDEFINED,
            AmfValue.of("s" + random.nextInt(3)),
            AmfValue.of(random.nextInt(5)),
            AmfValue.of(Double.NaN),
            AmfValue.of(-1e308),
            AmfValue.of(random.nextBoolean()),
            AmfValue.Array.of(),
            new AmfValue.Int(1),
            new AmfValue.Cycle(3),
            AmfValue.of("x".repeat(random.nextInt(6000)))
        };
        double[] ids = {0, 1, 2, Double.NaN, -1, 1e308, Double.POSITIVE_INFINITY, 0.5};
        List<AmfValue> values = new ArrayList<>();
        for (int n = random.nextInt(6); n > 0; n--) {
            values.add(any[random.nextInt(any.length)]);
        }
        String name = NAMES[random.nextInt(NAMES.length)];
        return new Message.Command(streamId, 0, name, ids[random.nextInt(ids.length)], values, random.nextBoolean());
    }
}
