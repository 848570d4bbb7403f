package io.fluctus.audience;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.fluctus.bus.Bus;
import io.fluctus.config.Config;
import io.fluctus.guard.Shares;
import io.fluctus.media.MediaPacket;
import io.fluctus.media.MediaPacket.Kind;
import io.fluctus.media.Packets;
import io.fluctus.media.Prelude;
import io.fluctus.media.StreamName;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the event loop allocates for a packet, with few viewers and with many. */
class AllocationTest {
    private static final StreamName CAM = StreamName.parse("live/cam");
    private static final int PACKETS = 2_000;

    private final Vertx vertx = Vertx.vertx();
    private final Bus bus = new Bus(vertx, "n", 1);
    private final Context context = vertx.getOrCreateContext();
    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private long sequence;

    @AfterEach
    void close() throws Exception {
        vertx.close().toCompletionStage().toCompletableFuture().get(5, TimeUnit.SECONDS);
    }

    /** Bytes a packet, on the audience's thread, once warm. */
    private long allocatedForEachPacket(int viewers) throws Exception {
        CompletableFuture<Audiences> made = new CompletableFuture<>();
        context.runOnContext(v -> {
            Config config = Config.from(new JsonObject().put("fanout", new JsonObject().put("gatherMillis", 0)));
            Audiences audiences =
                    new Audiences(vertx, bus, config, new Shares(config.limits().kbps()), "test." + viewers);
            for (int i = 0; i < viewers; i++) {
                audiences.join(CAM, new Sink(() -> {}));
            }
            made.complete(audiences);
        });
        Audiences audiences = made.get(5, TimeUnit.SECONDS);
        send();
        long before = threadBytes();
        send();
        long bytes = (threadBytes() - before) / PACKETS;
        context.runOnContext(v -> audiences.close());
        return bytes;
    }

    /** Sends packets one by one, each after the pass of the last. */
    private void send() throws Exception {
        for (int i = 0; i < PACKETS; i++) {
            MediaPacket packet = MediaPacket.of(Kind.AUDIO, i, Packets.audio(0).payload());
            bus.outlet(CAM, Packets.numbered(packet, ++sequence));
            if (i % 50 == 0) {
                threadBytes();
            }
        }
        threadBytes();
    }

    private long threadBytes() throws Exception {
        CompletableFuture<Long> bytes = new CompletableFuture<>();
        context.runOnContext(v -> bytes.complete(threads.getCurrentThreadAllocatedBytes()));
        return bytes.get(10, TimeUnit.SECONDS);
    }

    @Test
    void itGrowsWithPacketsAndNotWithViewers() throws Exception {
        bus.serveRelay(0, stream -> new Prelude.Snapshot(true, sequence, List.of()), word -> new JsonObject());
        bus.outlet(CAM, MediaPacket.of(Kind.DATA, 0, Buffer.buffer()));
        allocatedForEachPacket(10);
        long few = allocatedForEachPacket(10);
        long many = allocatedForEachPacket(60);
        assertThat((many - few) / 50.0)
                .as("bytes for each packet and viewer (%d, %d)", few, many)
                .isLessThan(1);
    }
}
