package io.fluctus.bus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fluctus.media.MediaPacket;
import io.fluctus.media.MediaPacket.Kind;
import io.fluctus.media.Packets;
import io.fluctus.media.Prelude;
import io.fluctus.media.StreamName;
import io.fluctus.wire.ProtocolException;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class BusTest {
    private static final StreamName CAM = StreamName.parse("live/cam");

    private final Vertx vertx = Vertx.vertx();
    private final Bus bus = new Bus(vertx, "n", 3);

    @AfterEach
    void close() throws Exception {
        await(vertx.close());
    }

    private static <T> T await(Future<T> future) throws Exception {
        return future.toCompletionStage().toCompletableFuture().get(5, TimeUnit.SECONDS);
    }

    @Test
    void mediaTravelsByReference() throws Exception {
        BlockingQueue<MediaPacket> got = new LinkedBlockingQueue<>();
        bus.onIngest(CAM, got::add);
        bus.onOutlet(CAM, got::add);
        MediaPacket packet = Packets.audio(5);
        bus.ingest(CAM, packet);
        assertThat(got.poll(5, TimeUnit.SECONDS)).isSameAs(packet);
        bus.outlet(CAM, packet);
        assertThat(got.poll(5, TimeUnit.SECONDS)).isSameAs(packet);
    }

    @Test
    void anOutletReachesEveryInstanceAndAnIngestOne() throws Exception {
        BlockingQueue<MediaPacket> got = new LinkedBlockingQueue<>();
        bus.onOutlet(CAM, got::add);
        bus.onOutlet(CAM, got::add);
        bus.outlet(CAM, Packets.audio(0));
        assertThat(got.poll(5, TimeUnit.SECONDS)).isNotNull();
        assertThat(got.poll(5, TimeUnit.SECONDS)).isNotNull();
    }

    @Test
    void anAcknowledgedPacketWasTakenWithAllBeforeIt() throws Exception {
        BlockingQueue<MediaPacket> got = new LinkedBlockingQueue<>();
        bus.onIngest(CAM, got::add);
        bus.ingest(CAM, Packets.audio(0));
        await(bus.ingestAcknowledged(CAM, Packets.audio(1)));
        assertThat(got).hasSize(2);
    }

    @Test
    void thePreludeComesFromTheRelayThatOwnsTheStream() throws Exception {
        Prelude.Snapshot snapshot = new Prelude.Snapshot(true, 9, List.of(Packets.keyFrame(0)));
        for (int i = 0; i < 3; i++) {
            bus.serveRelay(i, stream -> snapshot, word -> word);
        }
        assertThat(await(bus.prelude(CAM))).isSameAs(snapshot);
        assertThat(await(bus.relay(CAM, new JsonObject().put("op", "open"))))
                .isEqualTo(new JsonObject().put("op", "open").put("stream", "live/cam"));
    }

    @Test
    void aRefusalReachesTheAskerWithItsCodeAndSentence() {
        bus.serve("door", question -> Future.failedFuture(new Refusal(403, "not you")));
        assertThatThrownBy(() -> await(bus.request("door", new JsonObject())))
                .hasCause(new Refusal(403, "not you"))
                .cause()
                .isInstanceOfSatisfying(
                        Refusal.class, refusal -> assertThat(refusal.code()).isEqualTo(403));
    }

    @Test
    void askingWhereNobodyIsFails() {
        assertThatThrownBy(() -> await(bus.request("nowhere", new JsonObject())))
                .hasCauseInstanceOf(Refusal.class);
    }

    @Test
    void whatWasClosedHearsNothing() throws Exception {
        BlockingQueue<MediaPacket> got = new LinkedBlockingQueue<>();
        await(bus.onOutlet(CAM, got::add).close());
        bus.outlet(CAM, Packets.audio(0));
        BlockingQueue<MediaPacket> other = new LinkedBlockingQueue<>();
        bus.onOutlet(CAM, other::add);
        bus.outlet(CAM, Packets.audio(1));
        assertThat(other.poll(5, TimeUnit.SECONDS)).isNotNull();
        assertThat(got).isEmpty();
    }

    @Test
    void mediaSurvivesTheWire() {
        MediaPacketCodec codec = new MediaPacketCodec();
        for (Kind kind : Kind.values()) {
            MediaPacket packet = new MediaPacket(kind, 1L << 33, Buffer.buffer("payload"), 7, 1L << 40);
            Buffer wire = Buffer.buffer("before");
            codec.encodeToWire(wire, packet);
            assertThat(codec.decodeFromWire(6, wire)).isEqualTo(packet);
        }
    }

    @Test
    void whatIsCarriedBetweenNodesSurvivesTheWire() {
        CarriedCodec codec = new CarriedCodec();
        Carried carried = new Carried(7, 1L << 40, 3, new MediaPacket(Kind.VIDEO, 9, Buffer.buffer("body"), 5, 6));
        Buffer wire = Buffer.buffer("before");
        codec.encodeToWire(wire, carried);
        assertThat(codec.decodeFromWire(6, wire)).isEqualTo(carried);
    }

    @Test
    void aPacketOfNoKindIsRefused() {
        MediaPacketCodec codec = new MediaPacketCodec();
        Buffer wire = Buffer.buffer();
        codec.encodeToWire(wire, Packets.audio(0));
        wire.setByte(0, (byte) 99);
        assertThatThrownBy(() -> codec.decodeFromWire(0, wire)).isInstanceOf(ProtocolException.class);
    }

    @Test
    void aStreamIsHeardAsLongAsSomebodyListens() throws Exception {
        Bus.Registration one = bus.onOutlet(CAM, packet -> {});
        Bus.Registration two = bus.onOutlet(CAM, packet -> {});
        await(one.close());
        await(one.close());
        assertThat(bus.isHeard(CAM)).isTrue();
        await(two.close());
        assertThat(bus.isHeard(CAM)).isFalse();
    }

    @Test
    void wordsFromAfarThatMakeNoSenseAreRefused() {
        bus.serveFar("far", word -> Future.succeededFuture(new JsonObject().put("n", word.getLong("n") + 1)));
        for (JsonObject nonsense : List.of(new JsonObject(), new JsonObject().put("n", "text"))) {
            assertThatThrownBy(() -> await(bus.requestFar("far", nonsense, 1_000)))
                    .cause()
                    .isInstanceOfSatisfying(
                            Refusal.class, refusal -> assertThat(refusal.code()).isEqualTo(400));
        }
    }
}
