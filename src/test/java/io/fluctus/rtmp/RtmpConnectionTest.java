package io.fluctus.rtmp;

import static io.fluctus.rtmp.ChunkBytes.payload;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fluctus.media.MediaPacket;
import io.fluctus.media.MediaPacket.Kind;
import io.fluctus.netconnection.Event;
import io.fluctus.netconnection.Message;
import io.fluctus.netconnection.Message.UserControl;
import io.fluctus.netconnection.Status;
import io.fluctus.wire.AmfValue;
import io.fluctus.wire.ProtocolException;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class RtmpConnectionTest {
    private static final long START = 5_000_000;

    /** A server whose peer is written by hand: what it says is read as messages. */
    private static final class Server {
        final RtmpConnection connection = RtmpConnection.server(new Random(1), START);
        final ChunkReader reader = new ChunkReader(ChunkReader.Limits.MEDIA);
        final List<Event> events = new ArrayList<>();
        long now = START;

        static Server connected() {
            Server server = new Server();
            server.shakeHands();
            server.say(connect());
            answer(server.connection, server.events);
            server.heard();
            return server;
        }

        static Server publishing() {
            Server server = connected();
            server.say(Message.Command.of(0, "createStream", 2, AmfValue.NULL));
            server.say(Message.Command.of(1, "publish", 3, AmfValue.NULL, AmfValue.of("cam1"), AmfValue.of("live")));
            answer(server.connection, server.events);
            server.heard();
            return server;
        }

        void shakeHands() {
            Buffer handshake = new Recorded("librtmp-publish-c2s", "").handshake();
            connection.receive(handshake, now);
            assertThat(connection.poll().length()).isEqualTo(Handshake.BYTES);
        }

        void say(Message message) {
            Buffer bytes = Buffer.buffer();
            ChunkWriter.write(ChunkReader.DEFAULT_CHUNK_SIZE, RawMessage.encode(message), bytes);
            events.addAll(connection.receive(bytes, now));
        }

        /** What waits for the peer. */
        List<Message> heard() {
            List<Message> messages = new ArrayList<>();
            Buffer bytes = connection.poll();
            if (bytes != null) {
                reader.receive(bytes, 0, now, raw -> messages.add(raw.decode()));
            }
            return messages;
        }

        void tick(long millis) {
            now += millis;
            if (now >= connection.deadline()) { // as the shell does: so each test here holds the deadline, too
                connection.tick(now);
            }
        }
    }

    private static Message connect() {
        return Message.Command.of(
                0,
                "connect",
                1,
                AmfValue.Obj.of(Map.of("app", AmfValue.of("live"), "tcUrl", AmfValue.of("rtmp://host/live"))));
    }

    /** Says yes to everything, as the shell of a gateway without rules. */
    private static List<Event> answer(RtmpConnection server, List<Event> asked) {
        List<Event> more = new ArrayList<>();
        for (Event event : asked) {
            if (event instanceof Event.ConnectRequested) {
                more.addAll(server.accept());
            } else if (event instanceof Event.PublishRequested e) {
                more.addAll(server.acceptPublish(e.streamId()));
            } else if (event instanceof Event.PlayRequested e) {
                more.addAll(server.acceptPlay(e.streamId()));
            }
        }
        if (!more.isEmpty()) {
            more.addAll(answer(server, more));
        }
        return more;
    }

    // -- client and server

    /** Two connections in memory; each round carries what waits, whole or byte by byte. */
    private static final class Pair {
        final RtmpConnection client = RtmpConnection.client(new Random(1), START);
        final RtmpConnection server = RtmpConnection.server(new Random(2), START);
        final List<Event> atClient = new ArrayList<>();
        final List<Event> atServer = new ArrayList<>();
        final int step;

        Pair(int step) {
            this.step = step;
        }

        void run() {
            boolean moved = true;
            while (moved) {
                moved = carry(client, server, atServer, true) | carry(server, client, atClient, false);
            }
        }

        private boolean carry(RtmpConnection from, RtmpConnection to, List<Event> events, boolean answers) {
            Buffer bytes = from.poll();
            if (bytes == null) {
                return false;
            }
            for (int at = 0; at < bytes.length(); at += step) {
                List<Event> news = to.receive(bytes.slice(at, Math.min(bytes.length(), at + step)), START);
                events.addAll(news);
                if (answers) {
                    events.addAll(answer(to, news));
                }
            }
            return true;
        }

        <T extends Event> T last(List<Event> events, Class<T> type) {
            return events.stream()
                    .filter(type::isInstance)
                    .map(type::cast)
                    .reduce((a, b) -> b)
                    .orElseThrow();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 7, 1_000_000})
    void aClientConnectsAndPublishes(int step) {
        Pair pair = new Pair(step);
        pair.client.dialogue().connect("live", "rtmp://host/live", true);
        pair.run();
        assertThat(pair.client.connected()).isTrue();
        assertThat(pair.server.connected()).isTrue();
        assertThat(pair.client.outChunkSize()).isEqualTo(RtmpConnection.OUT_CHUNK_SIZE);
        assertThat(pair.last(pair.atServer, Event.ConnectRequested.class).app()).isEqualTo("live");

        pair.client.dialogue().createStream();
        pair.run();
        int id = pair.last(pair.atClient, Event.StreamCreated.class).streamId();
        pair.client.dialogue().publish(id, "cam1", "live");
        pair.run();
        assertThat(pair.last(pair.atClient, Event.StatusReceived.class).status().code())
                .isEqualTo(Status.PUBLISH_START);

        MediaPacket video = MediaPacket.of(Kind.VIDEO, 0x1234567, payload(150_000));
        pair.client.dialogue().send(id, video);
        pair.run();
        assertThat(pair.last(pair.atServer, Event.PacketReceived.class).packet())
                .isEqualTo(video);

        pair.client.dialogue().deleteStream(id);
        pair.run();
        assertThat(pair.last(pair.atServer, Event.PublishStopped.class).streamId())
                .isEqualTo(id);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 7, 1_000_000})
    void aClientPlaysWhatIsWrittenOnceForAllViewers(int step) {
        Pair pair = new Pair(step);
        pair.client.dialogue().connect("live", "rtmp://host/live", false);
        pair.run();
        pair.client.dialogue().createStream();
        pair.run();
        int id = pair.last(pair.atClient, Event.StreamCreated.class).streamId();
        pair.client.dialogue().play(id, "cam1", -1);
        pair.run();
        assertThat(pair.last(pair.atServer, Event.PlayRequested.class).name()).isEqualTo("cam1");
        assertThat(pair.last(pair.atClient, Event.StatusReceived.class).status().code())
                .isEqualTo(Status.PLAY_START);

        MediaPacket video = MediaPacket.of(Kind.VIDEO, 4_000_000_000L, payload(130_000));
        Buffer shared = Buffer.buffer();
        ChunkWriter.media(pair.server.outChunkSize(), id, video, shared);
        List<Event> events = new ArrayList<>();
        for (int at = 0; at < shared.length(); at += step) {
            events.addAll(pair.client.receive(shared.slice(at, Math.min(shared.length(), at + step)), START));
        }
        assertThat(events).containsExactly(new Event.PacketReceived(id, video));
    }

    @Test
    void theDialogueWaitsForTheHandshake() {
        RtmpConnection client = RtmpConnection.client(new Random(1), START);
        client.dialogue().connect("live", "rtmp://host/live", true);
        assertThat(client.poll().length()).isEqualTo(1 + Handshake.PACKET_BYTES);
        assertThat(client.poll()).isNull();
        client.receive(new Recorded("librtmp-publish-s2c", "").handshake(), START);
        assertThat(client.poll().length()).isGreaterThan(Handshake.PACKET_BYTES + 100);
    }

    // -- what leaves when connect is accepted

    @Test
    void theControlMessagesLeaveBeforeTheResultInOneBuffer() {
        Server server = new Server();
        server.shakeHands();
        server.say(connect());
        assertThat(server.events).hasSize(1).first().isInstanceOf(Event.ConnectRequested.class);
        assertThat(server.connection.connected()).isFalse();
        assertThat(server.heard()).isEmpty();

        server.connection.accept();
        List<Message> heard = server.heard();
        assertThat(heard.subList(0, 3))
                .containsExactly(
                        new Message.WindowAcknowledgementSize(2_500_000),
                        new Message.SetPeerBandwidth(2_500_000, 2),
                        new Message.SetChunkSize(60_000));
        assertThat(heard.subList(3, heard.size()))
                .filteredOn(Message.Command.class::isInstance)
                .extracting(m -> ((Message.Command) m).name())
                .startsWith("_result");
        assertThat(server.connection.poll()).isNull();
    }

    @Test
    void connectIsAcceptedOnceAndOnlyWhenItWasAsked() {
        Server server = new Server();
        server.shakeHands();
        assertThat(server.connection.accept()).isEmpty();
        assertThat(server.heard()).isEmpty();
        assertThat(server.connection.connected()).isFalse();

        Server connected = Server.connected();
        connected.connection.accept();
        assertThat(connected.heard()).isEmpty();
    }

    // -- acknowledgement and bandwidth

    @Test
    void everyHalfWindowIsAcknowledgedBeforeThePeerNamesOne() {
        Server server = Server.publishing();
        long before = server.connection.bytesIn();
        List<Long> acknowledged = new ArrayList<>();
        for (int i = 0; i < 80; i++) {
            server.say(new Message.Video(1, i, payload(50_000)));
            for (Message message : server.heard()) {
                acknowledged.add(((Message.Acknowledgement) message).sequenceNumber());
            }
        }
        long sent = server.connection.bytesIn() - before;
        assertThat(acknowledged).hasSize((int) (sent / 1_250_000));
        assertThat(acknowledged.get(0)).isBetween(1_250_000L, 1_350_000L);
        assertThat(acknowledged.get(1) - acknowledged.get(0)).isBetween(1_250_000L, 1_350_000L);
    }

    @Test
    void thePeersWindowIsObeyedAndATinyOneIsNot() {
        Server server = Server.publishing();
        server.say(new Message.WindowAcknowledgementSize(20_000));
        server.say(new Message.Video(1, 0, payload(10_000)));
        assertThat(server.heard()).hasSize(1).first().isInstanceOf(Message.Acknowledgement.class);

        server.say(new Message.WindowAcknowledgementSize(0));
        server.say(new Message.Video(1, 0, payload(1_000)));
        assertThat(server.heard()).isEmpty();
        server.say(new Message.Video(1, 0, payload(1_100)));
        assertThat(server.heard()).hasSize(1);
    }

    @Test
    void aNewPeerBandwidthIsAnsweredWithTheWindow() {
        Server server = Server.connected();
        server.say(new Message.SetPeerBandwidth(9_000_000, 2)); // dynamic after nothing hard
        server.say(new Message.SetPeerBandwidth(9_000_000, 1)); // soft: not more than before
        server.say(new Message.SetPeerBandwidth(0, 0));
        server.say(new Message.SetPeerBandwidth(7, 99));
        assertThat(server.heard()).isEmpty();

        server.say(new Message.SetPeerBandwidth(1_000_000, 1));
        server.say(new Message.SetPeerBandwidth(3_000_000, 0));
        server.say(new Message.SetPeerBandwidth(4_000_000, 2)); // dynamic after hard
        assertThat(server.heard())
                .containsExactly(
                        new Message.WindowAcknowledgementSize(1_000_000),
                        new Message.WindowAcknowledgementSize(3_000_000),
                        new Message.WindowAcknowledgementSize(4_000_000));
    }

    @Test
    void whoSetsOurBandwidthAndAcknowledgesHasNoMoreThanThatOnItsWay() {
        Server server = Server.connected();
        long sent = Handshake.BYTES + 100_000;
        assertThat(server.connection.windowIsOpen(sent)).isTrue();
        server.say(new Message.SetPeerBandwidth(10_000, 0));
        assertThat(server.connection.windowIsOpen(sent))
                .as("it never acknowledges")
                .isTrue();
        server.say(new Message.Acknowledgement(90_001));
        assertThat(server.connection.windowIsOpen(sent)).isTrue();
        assertThat(server.connection.windowIsOpen(sent + 1)).isFalse();
        server.say(new Message.Acknowledgement(100_000));
        assertThat(server.connection.windowIsOpen(sent + 9_999)).isTrue();
        assertThat(server.connection.windowIsOpen(sent + 10_000)).isFalse();
    }

    @Test
    void whoOnlyAcknowledgesIsNotLimitedAndTheCountMayWrap() {
        Server server = Server.connected();
        server.say(new Message.Acknowledgement(0));
        assertThat(server.connection.windowIsOpen(1L << 31)).isTrue();
        server.say(new Message.SetPeerBandwidth(10_000, 0));
        server.say(new Message.Acknowledgement(0xFFFFFFF0L));
        long sent = Handshake.BYTES + 0xFFFFFFF0L;
        assertThat(server.connection.windowIsOpen(sent + 9_999)).isTrue();
        assertThat(server.connection.windowIsOpen(sent + 10_000)).isFalse();
    }

    // -- pings and time

    @Test
    void aPingIsAnsweredWithItsFourBytes() {
        Server server = Server.connected();
        server.say(UserControl.of(UserControl.PING_REQUEST, 0xCAFEBABEL));
        assertThat(server.heard()).containsExactly(UserControl.of(UserControl.PING_RESPONSE, 0xCAFEBABEL));
    }

    @Test
    void moreThanFiftyPingsASecondGetNoMoreAnswers() {
        Server server = Server.connected();
        server.now += 10_000;
        for (int i = 0; i < 1_000; i++) {
            server.say(UserControl.of(UserControl.PING_REQUEST, i));
        }
        assertThat(server.heard()).hasSize(50);
        server.now += 1_000;
        server.say(UserControl.of(UserControl.PING_REQUEST, 1));
        assertThat(server.heard()).hasSize(1);
    }

    @Test
    void anIdlePeerIsPingedAfterFifteenSecondsAndGivenUpAfterFifteenMore() {
        Server server = Server.connected();
        server.connection.hold();
        server.tick(14_999);
        assertThat(server.heard()).isEmpty();
        server.tick(1);
        assertThat(server.heard()).containsExactly(UserControl.of(UserControl.PING_REQUEST, server.now));
        server.tick(14_999);
        assertThat(server.heard()).isEmpty();
        assertThatThrownBy(() -> server.tick(1)).hasMessageContaining("silent for 30 s");
    }

    @Test
    void aPeerThatDoesNothingIsNotPingedAsItIsCutOffAnyway() {
        Server server = Server.connected();
        server.tick(19_999);
        assertThat(server.heard()).isEmpty();
        assertThatThrownBy(() -> server.tick(1)).hasMessage("no publish or play within 20 s");
    }

    @Test
    void aPeerThatAnswersPingsLives() {
        Server server = Server.connected();
        server.connection.hold();
        for (int i = 0; i < 100; i++) {
            server.tick(15_000);
            assertThat(server.heard()).hasSize(1);
            server.now += 14_000;
            server.say(UserControl.of(UserControl.PING_RESPONSE, 1));
        }
    }

    @Test
    void aPublisherThatAnswersNoPingLivesByItsMedia() {
        Server server = Server.publishing();
        for (int i = 0; i < 100; i++) {
            server.tick(9_000);
            server.say(new Message.Audio(1, i, payload(9)));
        }
    }

    @Test
    void aSilentPublisherIsGivenUpAfterTenSeconds() {
        Server server = Server.publishing();
        server.tick(5_000);
        assertThat(server.heard()).hasSize(1);
        assertThatCode(() -> server.tick(4_999)).doesNotThrowAnyException();
        assertThatThrownBy(() -> server.tick(1))
                .isInstanceOf(ProtocolException.class)
                .hasMessageContaining("silent for 10 s");
    }

    @Test
    void aHandshakeTakesFiveSecondsAtMost() {
        Server server = new Server();
        Buffer handshake = new Recorded("librtmp-publish-c2s", "").handshake();
        server.connection.receive(handshake.getBuffer(0, 3_000), START + 4_000);
        server.tick(4_999);
        assertThatThrownBy(() -> server.tick(1)).hasMessage("no handshake within 5 s");
    }

    @Test
    void connectComesWithinTenSeconds() {
        Server server = new Server();
        server.shakeHands();
        server.tick(9_999);
        assertThatThrownBy(() -> server.tick(1)).hasMessage("no connect within 10 s");
    }

    @Test
    void ourOwnDecisionTakesAsLongAsItTakes() {
        Server server = new Server();
        server.shakeHands();
        server.say(connect());
        assertThatCode(() -> server.tick(60_000)).doesNotThrowAnyException();
        assertThat(server.heard()).isEmpty();
    }

    @Test
    void publishOrPlayComesWithinTwentySeconds() {
        Server server = Server.connected();
        server.tick(19_999);
        assertThatThrownBy(() -> server.tick(1)).hasMessage("no publish or play within 20 s");
    }

    @Test
    void anApplicationThatIsCalledIsAUse() {
        Server server = Server.connected();
        for (int i = 0; i < 10; i++) {
            server.tick(14_000);
            server.say(Message.Command.of(0, "move", 2 + i, AmfValue.NULL, AmfValue.of("e4")));
        }
        assertThat(server.events)
                .filteredOn(Event.CallReceived.class::isInstance)
                .hasSize(10);
    }

    @Test
    void theTwentySecondsBeginAnewWhenThePublisherStops() {
        Server server = Server.publishing();
        server.now += 9_000;
        server.say(Message.Command.of(0, "deleteStream", 0, AmfValue.NULL, AmfValue.of(1)));
        assertThat(server.events).last().isInstanceOf(Event.PublishStopped.class);
        server.tick(19_999);
        assertThatThrownBy(() -> server.tick(1)).hasMessageContaining("no publish or play");
    }

    @Test
    void aRefusedPlayIsNoUse() {
        Server server = Server.connected();
        server.say(Message.Command.of(0, "createStream", 2, AmfValue.NULL));
        server.say(Message.Command.of(1, "play", 3, AmfValue.NULL, AmfValue.of("cam1")));
        assertThatCode(() -> server.tick(14_000)).doesNotThrowAnyException();
        server.connection.rejectPlay(1, Status.error(Status.PLAY_STREAM_NOT_FOUND, "no"));
        assertThat(server.connection.acceptPlay(1)).isEmpty();
        assertThatThrownBy(() -> server.tick(20_000)).hasMessageContaining("no publish or play");
    }

    @Test
    void aClientSendsNoPingsOfItsOwn() {
        Pair pair = new Pair(1_000_000);
        pair.client.dialogue().connect("live", "rtmp://host/live", true);
        pair.run();
        for (int i = 0; i < 100; i++) {
            pair.client.tick(START + i * 10_000L);
            assertThat(pair.client.poll()).isNull();
        }
    }

    // -- limits

    @Test
    void limitsWidenWithWhatThePeerMayDo() {
        Server fresh = new Server();
        fresh.shakeHands();
        assertThatThrownBy(() -> fresh.connection.receive(header(65_537, RawMessage.COMMAND_AMF0), START))
                .hasMessageContaining("65536 are allowed");

        Server connected = Server.connected();
        connected.connection.receive(header(1_048_576, RawMessage.COMMAND_AMF0), START);
        assertThatThrownBy(() -> connected.connection.receive(payload(270_000).setByte(0, (byte) 0), START))
                .isInstanceOf(ProtocolException.class);

        Server publishing = Server.publishing();
        publishing.say(new Message.Video(1, 0, Buffer.buffer(new byte[8 * 1024 * 1024])));
        assertThat(publishing.events).last().isInstanceOf(Event.PacketReceived.class);
    }

    private static Buffer header(int length, int type) {
        return new ChunkBytes().fmt0(3, 0, length, type, 0).bytes;
    }

    @Test
    void whoNeverReadsIsCutOffBeforeMuchWaits() {
        Server server = Server.connected();
        Buffer calls = Buffer.buffer();
        for (int i = 0; i < 3_000; i++) {
            RawMessage raw = RawMessage.encode(Message.Command.of(0, "getStreamLength", 2, AmfValue.NULL));
            ChunkWriter.write(ChunkReader.DEFAULT_CHUNK_SIZE, raw, calls);
        }
        assertThatThrownBy(() -> {
                    for (int second = 1; second < 100; second++) {
                        server.connection.receive(calls, START + 1_000 * second);
                    }
                })
                .isInstanceOf(ProtocolException.class)
                .hasMessageContaining("bytes wait for the peer");
        assertThat(server.connection.poll().length()).isBetween(RtmpConnection.MAX_WAITING, 5_000_000);
    }

    @Test
    void manyRequestsInOneSegmentAreAnsweredInOneBuffer() {
        Server server = Server.connected();
        Buffer bytes = Buffer.buffer();
        for (int i = 0; i < 2_000; i++) {
            RawMessage raw = RawMessage.encode(Message.Command.of(0, "getStreamLength", 2 + i, AmfValue.NULL));
            ChunkWriter.write(128, raw, bytes);
        }
        server.connection.receive(bytes, START);
        assertThat(server.heard()).hasSize(2_000);
    }

    // -- recorded clients

    static List<Recorded> publishers() {
        return Recorded.ALL.stream()
                .filter(r -> r.name().endsWith("publish-c2s") || r.name().contains("publish-ext"))
                .toList();
    }

    @ParameterizedTest
    @MethodSource("publishers")
    void aRecordedPublisherPublishesEveryPacket(Recorded recorded) {
        for (int step : new int[] {1, 13}) {
            List<Event> events = replay(recorded, step);
            assertThat(count(events, Kind.AUDIO))
                    .isEqualTo(recorded.messages().stream()
                            .filter(m -> m.type() == RawMessage.AUDIO)
                            .count());
            assertThat(count(events, Kind.VIDEO))
                    .isEqualTo(recorded.messages().stream()
                            .filter(m -> m.type() == RawMessage.VIDEO)
                            .count());
            assertThat(events)
                    .filteredOn(Event.PublishStopped.class::isInstance)
                    .hasSize(1);
        }
    }

    private static long count(List<Event> events, Kind kind) {
        return events.stream()
                .filter(e -> e instanceof Event.PacketReceived p && p.packet().kind() == kind)
                .count();
    }

    @ParameterizedTest
    @ValueSource(strings = {"ffmpeg-play-c2s", "gst-rtmp2src-play-c2s", "rtmpdump-play-c2s"})
    void aRecordedPlayerPlays(String name) {
        List<Event> events = replay(new Recorded(name, ""), 1);
        assertThat(events).filteredOn(Event.PlayRequested.class::isInstance).hasSize(1);
    }

    private static List<Event> replay(Recorded recorded, int step) {
        RtmpConnection server = RtmpConnection.server(new Random(1), START);
        Buffer bytes = recorded.bytes();
        List<Event> events = new ArrayList<>();
        for (int at = 0; at < bytes.length(); at += step) {
            List<Event> news = server.receive(bytes.slice(at, Math.min(bytes.length(), at + step)), START);
            events.addAll(news);
            events.addAll(answer(server, news));
            server.poll();
        }
        assertThat(server.bytesIn()).isEqualTo(bytes.length());
        return events;
    }

    @Test
    void mutatedClientsAreServedOrRefused() {
        Random random = new Random(33);
        List<Buffer> originals = publishers().stream()
                .map(Recorded::bytes)
                .map(b -> b.getBuffer(0, Math.min(b.length(), 6_000)))
                .toList();
        for (int i = 0; i < 2_000; i++) {
            Buffer bytes = originals.get(i % originals.size()).copy();
            for (int n = random.nextInt(5); n >= 0; n--) {
                int at = Handshake.BYTES + random.nextInt(bytes.length() - Handshake.BYTES);
                bytes.setByte(at, (byte) random.nextInt());
            }
            serve(bytes, 500);
        }
    }

    private static void serve(Buffer bytes, int step) {
        RtmpConnection server = RtmpConnection.server(new Random(1), START);
        try {
            for (int at = 0; at < bytes.length(); at += step) {
                answer(server, server.receive(bytes.slice(at, Math.min(bytes.length(), at + step)), START));
                server.poll();
            }
        } catch (ProtocolException e) {
            assertThat(e.getMessage()).isNotEmpty();
        }
    }
}
