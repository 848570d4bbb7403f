package io.fluctus.rtmfp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fluctus.media.MediaPacket;
import io.fluctus.media.MediaPacket.Kind;
import io.fluctus.netconnection.Event;
import io.fluctus.netconnection.Message;
import io.fluctus.netconnection.Status;
import io.fluctus.wire.AmfValue;
import io.fluctus.wire.ProtocolException;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The dialogue over flows: recorded messages, and a client and a server in memory that publish, play and call. */
class RtmfpConnectionTest {
    private static final Buffer KEY = Captures.hex("170100000001");
    private static final Buffer INTER = Captures.hex("270100000002");
    private static final Buffer HEADER = Captures.hex("17000000000142d00b");
    private static final Buffer AUDIO = Captures.hex("af0121");

    private final World world = new World(7425);
    private final World.Host server = world.server();
    private final World.Host client = world.client(5000);
    private RtmfpConnection near;
    private RtmfpConnection far;
    private final List<Event> atServer = new ArrayList<>();
    private final List<Event> atClient = new ArrayList<>();

    /** Every message in a recorded dialogue that is complete in one fragment. */
    private static List<Buffer> recordedMessages(String name) {
        List<Buffer> messages = new ArrayList<>();
        for (Buffer plain : Captures.packets(name)) {
            for (Chunk chunk : Packet.decode(plain).chunks()) {
                if (chunk instanceof Chunk.UserData data
                        && (data.flags() & (Chunk.UserData.FRAGMENT_CONTROL | Chunk.UserData.ABANDON)) == 0
                        && data.data().length() > 0) {
                    messages.add(data.data());
                }
            }
        }
        return messages;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "librtmfp-call",
                "librtmfp-rejected",
                "librtmfp-server-close",
                "librtmfp-setpeerinfo",
                "tcconn-introduction",
                "tcserver-shutdown",
                "tcpublish-rebind"
            })
    void recordedMessagesAreReadAndWrittenAgain(String name) {
        assertThat(recordedMessages(name)).isNotEmpty().allSatisfy(bytes -> {
            FlowMessage message = FlowMessage.read(bytes);
            assertThat(message.write()).isEqualTo(bytes);
            Message decoded = message.decode(3);
            if (decoded instanceof Message.Command command) { // Cumulus puts AMF3 numbers into AMF0 commands
                Message.Command again =
                        (Message.Command) FlowMessage.encode(command).decode(3);
                assertThat(again.name()).isEqualTo(command.name());
                assertThat(again.values()).hasSameSizeAs(command.values());
            } else if (!(decoded instanceof Message.Unknown)) {
                assertThat(FlowMessage.encode(decoded).decode(3)).isEqualTo(decoded);
            }
        });
    }

    @Test
    void everyTruncationOfARecordedMessageIsReadOrRefused() {
        for (Buffer bytes : recordedMessages("librtmfp-call")) {
            for (int length = 0; length < bytes.length(); length++) {
                try {
                    FlowMessage.read(bytes.getBuffer(0, length)).decode(0);
                } catch (ProtocolException refused) {
                    assertThat(refused).hasMessageMatching(".+");
                }
            }
        }
    }

    @Test
    void flowMetadataNameTheMessageStream() {
        assertThat(FlowMetadata.of(0).encode()).isEqualTo(Captures.hex("54430400"));
        assertThat(FlowMetadata.of(300).encode()).isEqualTo(Captures.hex("544304822c"));
        assertThat(FlowMetadata.decode(Captures.hex("54430501")))
                .contains(new FlowMetadata(1, RecvFlow.Order.AS_SOON_AS_POSSIBLE));
        assertThat(FlowMetadata.decode(Captures.hex("4743"))).isEmpty();
        assertThat(FlowMetadata.decode(Captures.hex("474300"))).isEmpty();
        assertThatThrownBy(() -> FlowMetadata.decode(Captures.hex("544304ffffffff7f")))
                .isInstanceOf(ProtocolException.class);
        assertThatThrownBy(() -> FlowMetadata.decode(Captures.hex("544304"))).isInstanceOf(ProtocolException.class);
    }

    private void connect(int objectEncoding) {
        world.connect(client, server);
        near = RtmfpConnection.client(client.session());
        far = RtmfpConnection.server(server.session(), RtmfpConnection.KeepAlive.DEFAULT, world.now);
        near.dialogue().connect("live", "rtmfp://server/live", false, Map.of());
        near.flush(world.now);
        pump(500);
        assertThat(atServer).hasAtLeastOneElementOfType(Event.ConnectRequested.class);
        far.dialogue().accept();
        pump(500);
        assertThat(atClient).hasAtLeastOneElementOfType(Event.Connected.class);
    }

    /** Lets the world run, and both dialogues hear what came. */
    private void pump(long millis) {
        Map<World.Host, Integer> heard = new HashMap<>();
        world.onMessage = (host, message) -> {
            if (host == server) {
                atServer.addAll(far.receive(message, world.now));
                far.flush(world.now);
            } else {
                atClient.addAll(near.receive(message, world.now));
                near.flush(world.now);
            }
        };
        far.flush(world.now);
        near.flush(world.now);
        for (long end = world.now + millis; world.now < end; ) {
            world.run(10);
            open(server, far, heard);
            open(client, near, heard);
        }
    }

    private void open(World.Host host, RtmfpConnection connection, Map<World.Host, Integer> heard) {
        List<SessionEvent.FlowOpened> opened = host.inside(SessionEvent.FlowOpened.class);
        opened.subList(Math.min(heard.getOrDefault(host, 0), opened.size()), opened.size())
                .forEach(e -> connection.receive(e, world.now));
        heard.put(host, opened.size());
    }

    private <T extends Event> T last(List<Event> events, Class<T> type) {
        return events.stream()
                .filter(type::isInstance)
                .map(type::cast)
                .reduce((a, b) -> b)
                .orElseThrow();
    }

    private int createStream() {
        near.dialogue().createStream();
        pump(300);
        return last(atClient, Event.StreamCreated.class).streamId();
    }

    @Test
    void aClientPublishesAndTheServerGetsEveryPacketInOrder() {
        connect(0);
        int streamId = createStream();
        near.dialogue().publish(streamId, "cam1", "live");
        pump(300);
        Event.PublishRequested asked = last(atServer, Event.PublishRequested.class);
        assertThat(asked.name()).isEqualTo("cam1");
        far.dialogue().acceptPublish(asked.streamId());
        pump(300);
        assertThat(last(atClient, Event.StatusReceived.class).status().code()).isEqualTo(Status.PUBLISH_START);
        near.dialogue().send(streamId, MediaPacket.of(Kind.VIDEO, 0, HEADER));
        near.dialogue().send(streamId, MediaPacket.of(Kind.VIDEO, 0, KEY));
        near.dialogue().send(streamId, MediaPacket.of(Kind.AUDIO, 5, AUDIO));
        near.dialogue().send(streamId, MediaPacket.of(Kind.VIDEO, 40, INTER));
        pump(1_000);
        assertThat(packets(atServer, Kind.VIDEO)).containsExactly(HEADER, KEY, INTER);
        assertThat(packets(atServer, Kind.AUDIO)).containsExactly(AUDIO);
        near.dialogue().deleteStream(streamId);
        pump(500);
        assertThat(atServer).hasAtLeastOneElementOfType(Event.PublishStopped.class);
    }

    private static List<Buffer> packets(List<Event> events, Kind kind) {
        return events.stream()
                .filter(e -> e instanceof Event.PacketReceived)
                .map(e -> ((Event.PacketReceived) e).packet())
                .filter(p -> p.kind() == kind)
                .map(MediaPacket::payload)
                .toList();
    }

    private int play() {
        connect(0);
        int streamId = createStream();
        near.dialogue().play(streamId, "cam1", -1);
        pump(300);
        Event.PlayRequested asked = last(atServer, Event.PlayRequested.class);
        far.dialogue().acceptPlay(asked.streamId());
        pump(300);
        return asked.streamId();
    }

    @Test
    void aViewerGetsOneFlowForEachKindOfMedia() {
        int streamId = play();
        far.send(streamId, MediaPacket.of(Kind.VIDEO, 0, HEADER), world.now);
        far.send(streamId, MediaPacket.of(Kind.AUDIO, 0, AUDIO), world.now);
        far.send(streamId, MediaPacket.of(Kind.VIDEO, 0, KEY), world.now);
        pump(500);
        assertThat(packets(atClient, Kind.VIDEO)).containsExactly(HEADER, KEY);
        assertThat(packets(atClient, Kind.AUDIO)).containsExactly(AUDIO);
        long control = near.session().isInitiator() ? 2 : 0; // our first flow
        List<SessionEvent.FlowOpened> flows = client.inside(SessionEvent.FlowOpened.class);
        assertThat(flows).allMatch(e -> e.flow().association().equals(Optional.of(control)));
        assertThat(flows.stream().filter(e -> e.flow().metadata().equals(Captures.hex("54430401"))))
                .hasSizeGreaterThanOrEqualTo(3);
    }

    @Test
    void lateFramesAreAbandonedButNotCodecHeadersAndKeyFrames() {
        int streamId = play();
        world.weather = new World.Weather(1, 0, 0, 5);
        far.send(streamId, MediaPacket.of(Kind.VIDEO, 0, HEADER), world.now);
        far.send(streamId, MediaPacket.of(Kind.VIDEO, 0, KEY), world.now);
        for (int i = 0; i < 20; i++) {
            far.send(streamId, MediaPacket.of(Kind.VIDEO, i, INTER), world.now);
            far.send(streamId, MediaPacket.of(Kind.AUDIO, i, AUDIO), world.now);
        }
        pump(4_000);
        world.weather = World.Weather.FINE;
        pump(10_000);
        assertThat(packets(atClient, Kind.VIDEO)).containsExactly(HEADER, KEY);
        assertThat(packets(atClient, Kind.AUDIO)).isEmpty();
        assertThat(far.session().outstandingBytes()).isZero();
    }

    @Test
    void aKeyFrameThatWasReplacedMayBeAbandoned() {
        int streamId = play();
        world.weather = new World.Weather(1, 0, 0, 5);
        Buffer newer = Captures.hex("170100000009");
        far.send(streamId, MediaPacket.of(Kind.VIDEO, 0, KEY), world.now);
        far.send(streamId, MediaPacket.of(Kind.VIDEO, 40, newer), world.now);
        pump(4_000);
        world.weather = World.Weather.FINE;
        pump(10_000);
        assertThat(packets(atClient, Kind.VIDEO)).containsExactly(newer);
    }

    @Test
    void setPeerInfoIsAnsweredWithTheKeepaliveTimes() {
        // pitfall 12
        connect(0);
        List<FlowMessage> controls = new ArrayList<>();
        pump(10);
        assertThat(far.isIntroducible()).isFalse();
        AmfValue wildcard = AmfValue.of("0.0.0.0:1935");
        near.dialogue().tell("setPeerInfo", AmfValue.of("192.168.1.2:1935"), wildcard, AmfValue.of("no address"));
        near.flush(world.now);
        pump(500);
        client.received().stream()
                .map(FlowMessage::read)
                .filter(m -> m.type() == FlowMessage.USER_CONTROL)
                .forEach(controls::add);
        assertThat(far.isIntroducible()).isTrue();
        assertThat(far.addresses()).extracting(Address::origin).containsExactly(Address.OBSERVED, Address.REPORTED);
        assertThat(controls).contains(new FlowMessage(4, 0, Captures.hex("0029 00003a98 00002710")));
    }

    @Test
    void aFlowOfAnotherKindIsRefused() {
        connect(0);
        SendFlow group = client.session().openFlow(Captures.hex("4743"), Optional.empty(), SendFlow.Priority.DATA);
        client.session().write(group, Captures.hex("01"), Delivery.RELIABLE, world.now);
        pump(500);
        assertThat(client.inside(SessionEvent.FlowRefused.class)).hasSize(1);
    }

    @Test
    void aViewerWithMuchWaitingIsNotWritable() {
        int streamId = play();
        assertThat(far.writable()).isTrue();
        world.weather = new World.Weather(1, 0, 0, 5);
        Buffer big = Buffer.buffer(new byte[600_000]).setByte(0, (byte) 0x17).setByte(1, (byte) 1);
        far.send(streamId, MediaPacket.of(Kind.VIDEO, 0, big), world.now);
        assertThat(far.writable()).isFalse();
        world.weather = World.Weather.FINE;
        pump(20_000);
        assertThat(far.writable()).isTrue();
        assertThat(packets(atClient, Kind.VIDEO)).containsExactly(big);
        far.finishMedia(streamId);
        pump(500);
        assertThat(client.inside(SessionEvent.FlowFinished.class)).isNotEmpty();
    }
}
