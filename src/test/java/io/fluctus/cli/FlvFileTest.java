package io.fluctus.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.fluctus.TestFlv;
import io.fluctus.media.MediaPacket;
import io.fluctus.media.MediaPacket.Kind;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An FLV file as a publisher reads it. */
class FlvFileTest {
    private static Vertx vertx;

    @TempDir
    Path folder;

    @BeforeAll
    static void start() {
        vertx = Vertx.vertx();
    }

    @AfterAll
    static void end() throws Exception {
        vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
    }

    private Path file(Buffer bytes) throws Exception {
        return Files.write(folder.resolve("source.flv"), bytes.getBytes());
    }

    /** Takes packets of all times until there are {@code wanted}, or the file ends. */
    private static List<MediaPacket> read(Path path, boolean loop, int wanted) throws Exception {
        CompletableFuture<List<MediaPacket>> all = new CompletableFuture<>();
        vertx.runOnContext(go -> {
            FlvFile file = new FlvFile(vertx, path, loop, why -> all.completeExceptionally(new AssertionError(why)));
            file.open();
            List<MediaPacket> taken = new ArrayList<>();
            vertx.setPeriodic(1, timer -> {
                taken.addAll(file.take(Long.MAX_VALUE));
                if (file.finished() || taken.size() >= wanted) {
                    vertx.cancelTimer(timer);
                    all.complete(taken);
                }
            });
        });
        return all.get(10, TimeUnit.SECONDS);
    }

    private static String fault(Path path) throws Exception {
        CompletableFuture<String> why = new CompletableFuture<>();
        vertx.runOnContext(go -> new FlvFile(vertx, path, true, why::complete).open());
        return why.get(10, TimeUnit.SECONDS);
    }

    @Test
    void everyPacketIsThereOnce() throws Exception {
        List<MediaPacket> packets = TestFlv.packets(3_000); // more than is read ahead
        assertThat(read(file(TestFlv.file(packets)), false, Integer.MAX_VALUE)).isEqualTo(packets);
    }

    @Test
    void aPacketIsNotThereBeforeItsTime() throws Exception {
        Path path = file(TestFlv.file(TestFlv.packets(10)));
        CompletableFuture<List<Integer>> counts = new CompletableFuture<>();
        vertx.runOnContext(go -> {
            FlvFile file =
                    new FlvFile(vertx, path, false, why -> counts.completeExceptionally(new AssertionError(why)));
            file.open();
            vertx.setPeriodic(1, timer -> {
                List<MediaPacket> first = file.take(-1);
                if (!first.isEmpty()) {
                    counts.complete(List.of(first.size()));
                }
                List<MediaPacket> now = file.take(80);
                if (!now.isEmpty()) {
                    vertx.cancelTimer(timer);
                    counts.complete(List.of(
                            now.size(), file.take(119).size(), file.take(120).size()));
                }
            });
        });
        assertThat(counts.get(10, TimeUnit.SECONDS)).containsExactly(3 + 3 * 2, 0, 2);
    }

    @Test
    void aLoopGoesOnInTime() throws Exception {
        List<MediaPacket> packets = TestFlv.packets(25);
        List<MediaPacket> looped = read(file(TestFlv.file(packets)), true, 4 * packets.size());
        List<Long> video = looped.stream()
                .filter(p -> p.kind() == Kind.VIDEO && p.payload().getByte(1) == 1)
                .map(MediaPacket::timestamp)
                .limit(100)
                .toList();
        for (int i = 0; i < video.size(); i++) {
            assertThat(video.get(i)).isEqualTo(40L * i);
        }
        assertThat(video).hasSizeGreaterThan(90);
    }

    @Test
    void aFileThatBeginsLateOrJumpsIsPlayedWithoutTheHole() throws Exception {
        List<MediaPacket> packets = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            long time = 7_000_000 + 40L * i + (i < 25 ? 0 : 3_600_000);
            packets.add(MediaPacket.of(Kind.VIDEO, time, TestFlv.video(i).payload()));
        }
        List<MediaPacket> read = read(file(TestFlv.file(packets)), false, Integer.MAX_VALUE);
        assertThat(read).hasSize(50);
        assertThat(read.get(0).timestamp()).isZero();
        assertThat(read.get(49).timestamp()).isBetween(48 * 40L, 49 * 40L);
    }

    @Test
    void whatCannotBeReadIsToldInASentence() throws Exception {
        Buffer whole = TestFlv.file(TestFlv.packets(3));
        assertThat(fault(folder.resolve("nothing.flv"))).endsWith("nothing.flv: no such file or directory");
        assertThat(fault(file(Buffer.buffer("RIFF, not FLV")))).endsWith("source.flv: does not begin with FLV");
        assertThat(fault(file(whole.slice(0, whole.length() - 20)))).endsWith("source.flv: ends within a tag");
        assertThat(fault(file(TestFlv.file(List.of(TestFlv.videoHeader(0))))))
                .endsWith("source.flv: holds neither audio nor video");
    }
}
