package io.fluctus.bus;

import static org.assertj.core.api.Assertions.assertThat;

import io.fluctus.media.MediaPacket;
import io.fluctus.media.MediaPacket.Kind;
import io.fluctus.media.Packets;
import io.fluctus.media.Prelude;
import io.fluctus.media.StreamName;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class FollowingTest {
    private static final StreamName CAM = StreamName.parse("live/cam");

    private final Vertx vertx = Vertx.vertx();
    private final Bus bus = new Bus(vertx, "n", 1);
    private final BlockingQueue<MediaPacket> got = new LinkedBlockingQueue<>();
    private final AtomicReference<Following> following = new AtomicReference<>();

    @AfterEach
    void close() throws Exception {
        vertx.close().toCompletionStage().toCompletableFuture().get(5, TimeUnit.SECONDS);
    }

    private static MediaPacket numbered(long sequence) {
        return Packets.numbered(Packets.keyFrame(sequence * 40), sequence);
    }

    private void follow(Prelude.Snapshot snapshot) {
        bus.serveRelay(
                0,
                stream -> {
                    // Between the question and the answer the stream goes on.
                    bus.outlet(CAM, numbered(snapshot.sequence()));
                    bus.outlet(CAM, numbered(snapshot.sequence() + 1));
                    return snapshot;
                },
                word -> word);
        vertx.runOnContext(now -> following.set(new Following(bus, CAM, got::add)));
    }

    private MediaPacket next() throws InterruptedException {
        MediaPacket packet = got.poll(5, TimeUnit.SECONDS);
        assertThat(packet).isNotNull();
        return packet;
    }

    @Test
    void thePreludeComesFirstAndThenEachPacketOnce() throws Exception {
        follow(new Prelude.Snapshot(true, 7, List.of(numbered(6), numbered(7))));
        for (long sequence = 6; sequence <= 8; sequence++) {
            assertThat(next().sequence()).isEqualTo(sequence);
        }
        bus.outlet(CAM, numbered(8));
        bus.outlet(CAM, numbered(9));
        assertThat(next().sequence()).as("8 was there already").isEqualTo(9);
    }

    @Test
    void oneWhoComesToAStreamThatIsNotLiveIsToldSo() throws Exception {
        follow(new Prelude.Snapshot(false, 7, List.of()));
        assertThat(next().kind()).isEqualTo(Kind.UNPUBLISHED);
        bus.outlet(CAM, new MediaPacket(Kind.PUBLISHED, 0, Buffer.buffer(), 2, 20));
        while (next().kind() != Kind.PUBLISHED) {
            // What the stand-in of a relay sent before.
        }
    }

    @Test
    void whereThereIsNoRelayTheStreamIsNotLive() throws Exception {
        vertx.runOnContext(now -> following.set(new Following(bus, CAM, got::add)));
        assertThat(next().kind()).isEqualTo(Kind.UNPUBLISHED);
    }

    @Test
    void nothingIsToldAfterTheEnd() throws Exception {
        follow(new Prelude.Snapshot(true, 7, List.of(numbered(7))));
        next();
        next();
        following.get().close().toCompletionStage().toCompletableFuture().get(5, TimeUnit.SECONDS);
        bus.outlet(CAM, numbered(9));
        bus.serveRelay(0, stream -> new Prelude.Snapshot(false, 0, List.of()), word -> word);
        bus.prelude(CAM).toCompletionStage().toCompletableFuture().get(5, TimeUnit.SECONDS);
        assertThat(got).isEmpty();
    }
}
