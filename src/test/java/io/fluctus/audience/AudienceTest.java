package io.fluctus.audience;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.fluctus.bus.Address;
import io.fluctus.bus.Bus;
import io.fluctus.bus.Verdict;
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
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class AudienceTest {
    private static final StreamName CAM = StreamName.parse("live/cam");
    private static final String LIVE = "live";
    private static final String NOT_LIVE = "not live";
    private static final String PUBLISHED = "published";
    private static final String UNPUBLISHED = "unpublished";
    private static final String CUT = "cut";
    private static final int LEAST_QUEUE = 65_536;
    private static final int LEAVERS = 10_000;

    /** A key frame unlike every other. */
    private static final MediaPacket LAST_KEY_FRAME = MediaPacket.of(
            Kind.VIDEO, 3_000, Packets.keyFrame(0).payload().copy().appendByte((byte) 77));

    private final Vertx vertx = Vertx.vertx();
    private final Bus bus = new Bus(vertx, "n", 1);
    private final Prelude prelude = new Prelude(1 << 20);
    private boolean live;
    private long sequence;
    private Context context;
    private Audiences audiences;

    /** A viewer that writes down everything it hears, payloads as packets and words as strings. */
    private static final class Notes implements Viewer {
        private final BlockingQueue<Object> heard = new LinkedBlockingQueue<>();
        private volatile boolean writable = true;
        private Audience.Seat seat;
        private Runnable atTheEnd = () -> {};
        private Runnable atDelivery = () -> {};

        @Override
        public String protocol() {
            return "notes";
        }

        @Override
        public boolean writable() {
            return writable;
        }

        @Override
        public void joined(boolean live) {
            heard.add(live ? LIVE : NOT_LIVE);
        }

        @Override
        public void deliver(Run run) {
            atDelivery.run();
            heard.addAll(run.packets().stream().map(MediaPacket::payload).toList());
        }

        @Override
        public void published() {
            heard.add(PUBLISHED);
        }

        @Override
        public void unpublished() {
            heard.add(UNPUBLISHED);
            atTheEnd.run();
        }

        @Override
        public void cut(String reason) {
            heard.add(CUT);
        }

        private void hears(Object... expected) throws InterruptedException {
            List<Object> got = new ArrayList<>();
            for (int i = 0; i < expected.length; i++) {
                Object next = heard.poll(5, TimeUnit.SECONDS);
                got.add(next == null ? "nothing more" : next);
            }
            assertThat(got).containsExactly(expected);
        }

        /** Whatever it hears before. */
        private void hearsAtLast(Object expected) throws InterruptedException {
            for (Object next = heard.poll(5, TimeUnit.SECONDS); !expected.equals(next); ) {
                assertThat(next).as("before %s", expected).isNotNull();
                next = heard.poll(5, TimeUnit.SECONDS);
            }
        }

        private void hearsNothing() {
            assertThat(heard).isEmpty();
        }
    }

    @BeforeEach
    void serve() {
        bus.serveRelay(0, stream -> prelude.snapshot(live), word -> new JsonObject());
    }

    @AfterEach
    void close() throws Exception {
        vertx.close().toCompletionStage().toCompletableFuture().get(5, TimeUnit.SECONDS);
    }

    private void start(JsonObject fanout) {
        Config pace = Config.from(new JsonObject().put("fanout", fanout));
        context = vertx.getOrCreateContext();
        audiences = onLoop(
                () -> new Audiences(vertx, bus, pace, new Shares(pace.limits().kbps()), "test.0"));
    }

    private void start() {
        start(new JsonObject().put("gatherMillis", 0));
    }

    private <T> T onLoop(Supplier<T> action) {
        CompletableFuture<T> done = new CompletableFuture<>();
        context.runOnContext(v -> {
            try {
                done.complete(action.get());
            } catch (RuntimeException | Error e) {
                done.completeExceptionally(e);
            }
        });
        return done.orTimeout(5, TimeUnit.SECONDS).join();
    }

    private Notes join() {
        return joinWith(seat -> {});
    }

    private Notes joinWith(Consumer<Audience.Seat> choice) {
        Notes viewer = new Notes();
        viewer.seat = onLoop(() -> {
            Audience.Seat seat = audiences.join(CAM, viewer);
            choice.accept(seat);
            return seat;
        });
        return viewer;
    }

    private void writableAgain(Notes viewer) {
        viewer.writable = true;
        onLoop(() -> {
            viewer.seat.drain();
            return true;
        });
    }

    /** Sends as the relay does. */
    private MediaPacket send(MediaPacket packet) {
        MediaPacket numbered = Packets.numbered(packet, ++sequence);
        prelude.add(numbered);
        bus.outlet(CAM, numbered);
        return numbered;
    }

    private void publish() {
        live = true;
        send(MediaPacket.of(Kind.PUBLISHED, 0, Buffer.buffer()));
    }

    /** An inter frame of which fewer than 50 fit the queue. */
    private static MediaPacket large(long timestamp) {
        return MediaPacket.of(
                Kind.VIDEO, timestamp, Packets.interFrame(0).payload().copy().appendBytes(new byte[LEAST_QUEUE / 20]));
    }

    private static Buffer bytes(MediaPacket packet) {
        return packet.payload();
    }

    @Test
    void aLateJoinerGetsThePreludeAndThenEachLivePacketOnce() throws Exception {
        start();
        publish();
        MediaPacket header = send(Packets.avcHeader(0));
        MediaPacket key = send(Packets.keyFrame(0));
        MediaPacket inter = send(Packets.interFrame(40));
        Notes viewer = join();
        viewer.hears(LIVE, bytes(header), bytes(key), bytes(inter));
        MediaPacket next = send(Packets.interFrame(80));
        viewer.hears(bytes(next));
        viewer.hearsNothing();
    }

    @Test
    void theSecondViewerOfAnInstanceIsServedFromItsOwnPrelude() throws Exception {
        start();
        publish();
        Notes first = join();
        first.hears(LIVE);
        MediaPacket key = send(Packets.keyFrame(0));
        first.hears(bytes(key));
        bus.serveRelay(0, stream -> new Prelude.Snapshot(false, 0, List.of()), word -> new JsonObject());
        Notes second = join();
        second.hears(LIVE, bytes(key));
    }

    @Test
    void joiningWhilePacketsFlowHasNoGapAndNoDouble() throws Exception {
        start();
        publish();
        send(Packets.keyFrame(0));
        List<Notes> viewers = new ArrayList<>();
        for (int i = 1; i <= 200; i++) {
            send(MediaPacket.of(Kind.AUDIO, i, Buffer.buffer(new byte[] {(byte) 0xAF, 1, (byte) i})));
            if (i % 10 == 0) {
                viewers.add(join());
            }
        }
        for (Notes viewer : viewers) {
            viewer.hears(LIVE, bytes(Packets.keyFrame(0)));
            for (int i = 1; i <= 200; i++) {
                viewer.hears(Buffer.buffer(new byte[] {(byte) 0xAF, 1, (byte) i}));
            }
            viewer.hearsNothing();
        }
    }

    @Test
    void aWaitingViewerHearsThePublisherComeAndGo() throws Exception {
        start();
        Notes viewer = join();
        viewer.hears(NOT_LIVE);
        publish();
        MediaPacket key = send(Packets.keyFrame(0));
        viewer.hears(PUBLISHED, bytes(key));
        live = false;
        send(MediaPacket.of(Kind.UNPUBLISHED, 0, Buffer.buffer()));
        viewer.hears(UNPUBLISHED);
        publish();
        send(Packets.keyFrame(0));
        viewer.hears(PUBLISHED, bytes(key));
    }

    @Test
    void withoutAKeyFrameInThePreludeVideoWaitsForOneAndAudioDoesNot() throws Exception {
        start();
        publish();
        Notes viewer = join();
        viewer.hears(LIVE);
        send(Packets.interFrame(0));
        MediaPacket audio = send(Packets.audio(0));
        viewer.hears(bytes(audio));
        MediaPacket key = send(Packets.keyFrame(40));
        viewer.hears(bytes(key));
    }

    @Test
    void aViewerTakesTheTracksItWants() throws Exception {
        start();
        publish();
        send(Packets.keyFrame(0));
        Notes viewer = join();
        viewer.hears(LIVE, bytes(Packets.keyFrame(0)));
        onLoop(() -> {
            viewer.seat.select(false, true);
            return true;
        });
        send(Packets.audio(10));
        MediaPacket inter = send(Packets.interFrame(40));
        viewer.hears(bytes(inter));
        onLoop(() -> {
            viewer.seat.select(true, false);
            return true;
        });
        send(Packets.interFrame(80));
        MediaPacket audio = send(Packets.audio(90));
        viewer.hears(bytes(audio));
        onLoop(() -> {
            viewer.seat.select(true, true);
            return true;
        });
        send(Packets.interFrame(120));
        MediaPacket key = send(Packets.keyFrame(160));
        viewer.hears(bytes(key));
    }

    @Test
    void aPausedViewerGoesOnWithAKeyFrame() throws Exception {
        start();
        publish();
        send(Packets.keyFrame(0));
        Notes viewer = join();
        viewer.hears(LIVE, bytes(Packets.keyFrame(0)));
        onLoop(() -> {
            viewer.seat.pause(true);
            return true;
        });
        send(Packets.keyFrame(40));
        send(Packets.audio(50));
        onLoop(() -> {
            viewer.seat.pause(false);
            return true;
        });
        send(Packets.interFrame(80));
        MediaPacket audio = send(Packets.audio(90));
        MediaPacket key = send(Packets.keyFrame(120));
        viewer.hears(bytes(audio), bytes(key));
    }

    @Test
    void aViewerThatCannotTakeMoreGetsTheRestLaterInOrder() throws Exception {
        start();
        publish();
        send(Packets.keyFrame(0));
        Notes slow = join();
        Notes quick = join();
        slow.hears(LIVE, bytes(Packets.keyFrame(0)));
        quick.hears(LIVE, bytes(Packets.keyFrame(0)));
        slow.writable = false;
        MediaPacket audio = send(Packets.audio(10));
        MediaPacket inter = send(Packets.interFrame(40));
        quick.hears(bytes(audio), bytes(inter));
        slow.hearsNothing();
        slow.writable = true;
        onLoop(() -> {
            slow.seat.drain();
            return true;
        });
        slow.hears(bytes(audio), bytes(inter));
    }

    @Test
    void aViewerThatTakesMoreBetweenTwoPassesGetsNothingNewerThanTheOthers() throws Exception {
        start(new JsonObject().put("gatherMillis", 300));
        publish();
        send(Packets.keyFrame(0));
        Notes slow = join();
        Notes quick = join();
        slow.hears(LIVE, bytes(Packets.keyFrame(0)));
        quick.hears(LIVE, bytes(Packets.keyFrame(0)));
        slow.writable = false;
        MediaPacket old = send(Packets.audio(10));
        quick.hears(bytes(old)); // a pass has gone by
        MediaPacket fresh = send(Packets.audio(20));
        writableAgain(slow);
        slow.hears(bytes(old));
        slow.hearsNothing();
        quick.hearsNothing();
        slow.hears(bytes(fresh));
        quick.hears(bytes(fresh));
    }

    @Test
    void aViewerThatFallsOutOfTheQueueGoesOnWithTheNewestKeyFrame() throws Exception {
        start(new JsonObject().put("gatherMillis", 0).put("queueBytes", LEAST_QUEUE));
        publish();
        send(Packets.keyFrame(0));
        Notes slow = join();
        Notes quick = join();
        slow.hears(LIVE, bytes(Packets.keyFrame(0)));
        quick.hears(LIVE, bytes(Packets.keyFrame(0)));
        slow.writable = false;
        for (int i = 1; i <= 50; i++) {
            quick.hears(bytes(send(large(i * 40L))));
        }
        MediaPacket key = send(Packets.keyFrame(3_000));
        MediaPacket inter = send(Packets.interFrame(3_040));
        quick.hears(bytes(key), bytes(inter));
        slow.writable = true;
        onLoop(() -> {
            slow.seat.drain();
            return true;
        });
        slow.hears(bytes(key), bytes(inter));
    }

    @Test
    void aViewerThatFellBehindGetsTheHeadersItMissed() throws Exception {
        start(new JsonObject().put("gatherMillis", 0).put("queueBytes", LEAST_QUEUE));
        publish();
        send(Packets.avcHeader(0));
        send(Packets.keyFrame(0));
        Notes slow = join();
        Notes quick = join();
        slow.hears(LIVE, bytes(Packets.avcHeader(0)), bytes(Packets.keyFrame(0)));
        slow.writable = false;
        MediaPacket other = MediaPacket.of(
                Kind.VIDEO, 40, Packets.avcHeader(0).payload().copy().appendByte((byte) 9));
        send(other);
        send(Packets.keyFrame(40));
        for (int i = 2; i <= 50; i++) {
            send(large(i * 40L));
        }
        MediaPacket key = send(LAST_KEY_FRAME);
        quick.hearsAtLast(bytes(key));
        writableAgain(slow);
        slow.hears(bytes(other), bytes(key));
    }

    @Test
    void aViewerThatFellBehindHearsThatTheStreamEnded() throws Exception {
        start(new JsonObject().put("gatherMillis", 0).put("queueBytes", LEAST_QUEUE));
        publish();
        send(Packets.keyFrame(0));
        Notes slow = join();
        Notes quick = join();
        slow.hears(LIVE, bytes(Packets.keyFrame(0)));
        slow.writable = false;
        send(MediaPacket.of(Kind.UNPUBLISHED, 0, Buffer.buffer()));
        publish();
        for (int i = 1; i <= 50; i++) {
            send(large(i * 40L));
        }
        MediaPacket key = send(LAST_KEY_FRAME);
        quick.hearsAtLast(bytes(key));
        writableAgain(slow);
        slow.hears(PUBLISHED, bytes(key));
    }

    @Test
    void thousandsMayLeaveAtOnceWhenTheStreamEnds() throws Exception {
        start();
        publish();
        CompletableFuture<Void> allLeft = new CompletableFuture<>();
        AtomicInteger left = new AtomicInteger();
        List<Notes> leavers = onLoop(() -> {
            List<Notes> all = new ArrayList<>();
            for (int i = 0; i < LEAVERS; i++) {
                Notes leaver = new Notes();
                leaver.atTheEnd = () -> {
                    leaver.seat.leave();
                    if (left.incrementAndGet() == LEAVERS) {
                        allLeft.complete(null);
                    }
                };
                leaver.seat = audiences.join(CAM, leaver);
                all.add(leaver);
            }
            return all;
        });
        Notes stayer = join();
        stayer.hears(LIVE);
        send(MediaPacket.of(Kind.UNPUBLISHED, 0, Buffer.buffer()));
        allLeft.get(30, TimeUnit.SECONDS);
        assertThat(leavers).allMatch(leaver -> leaver.heard.size() == 2);
        publish();
        stayer.hears(UNPUBLISHED, PUBLISHED);
    }

    @Test
    void aFaultWithOneViewerCostsThatViewerAlone() throws Exception {
        start();
        publish();
        Notes broken = join();
        Notes sound = join();
        broken.hears(LIVE);
        sound.hears(LIVE);
        broken.atDelivery = () -> {
            throw new IllegalStateException("as if there were a bug");
        };
        send(Packets.keyFrame(0));
        sound.hears(bytes(Packets.keyFrame(0)));
        broken.hears(CUT);
        sound.hears(bytes(send(Packets.interFrame(40))));
        broken.hearsNothing();
    }

    @Test
    void whatAViewerChoseBeforeItWasSeatedHoldsForThePrelude() throws Exception {
        start();
        publish();
        MediaPacket header = send(Packets.avcHeader(0));
        send(Packets.keyFrame(0));
        MediaPacket audio = send(Packets.audio(10));
        Notes first = join();
        first.hears(LIVE, bytes(header), bytes(Packets.keyFrame(0)), bytes(audio));
        Notes paused = joinWith(seat -> seat.pause(true));
        Notes listener = joinWith(seat -> seat.select(true, false));
        paused.hears(LIVE, bytes(header));
        listener.hears(LIVE, bytes(header), bytes(audio));
        first.hears(bytes(send(Packets.interFrame(40))));
        paused.hearsNothing();
    }

    @Test
    void aViewerThatStaysBehindIsCut() throws Exception {
        start(new JsonObject().put("gatherMillis", 0).put("closeAfterSeconds", 1));
        publish();
        send(Packets.keyFrame(0));
        Notes slow = join();
        slow.hears(LIVE, bytes(Packets.keyFrame(0)));
        slow.writable = false;
        send(Packets.interFrame(40));
        slow.hears(CUT);
    }

    @Test
    void oneThatLeftHearsNothingMore() throws Exception {
        start();
        publish();
        send(Packets.keyFrame(0));
        Notes leaver = join();
        Notes stayer = join();
        leaver.hears(LIVE, bytes(Packets.keyFrame(0)));
        stayer.hears(LIVE, bytes(Packets.keyFrame(0)));
        onLoop(() -> {
            leaver.seat.leave();
            leaver.seat.leave();
            return true;
        });
        stayer.hears(bytes(send(Packets.interFrame(40))));
        leaver.hearsNothing();
    }

    @Test
    void gatheredPacketsLeaveTogetherAndInOrder() throws Exception {
        start(new JsonObject().put("gatherMillis", 40));
        publish();
        Notes viewer = join();
        viewer.hears(LIVE);
        MediaPacket key = send(Packets.keyFrame(0));
        MediaPacket audio = send(Packets.audio(10));
        MediaPacket inter = send(Packets.interFrame(40));
        viewer.hears(bytes(key), bytes(audio), bytes(inter));
    }

    @Test
    void viewersAreCountedByProtocol() throws Exception {
        start();
        publish();
        BlockingQueue<JsonObject> reports = new LinkedBlockingQueue<>();
        bus.listen("stats.n", reports::add);
        join();
        join();
        JsonObject viewers = new JsonObject();
        for (int i = 0; i < 5 && viewers.isEmpty(); i++) {
            JsonObject streams = reports.poll(5, TimeUnit.SECONDS).getJsonObject("streams");
            viewers = streams.getJsonObject("live/cam", new JsonObject()).getJsonObject("viewers", new JsonObject());
        }
        assertThat(viewers).isEqualTo(new JsonObject().put("notes", 2));
    }

    @Test
    void whoeverAsksIsToldWhoWatchesAndHowLate() throws Exception {
        start();
        publish();
        Notes watching = join();
        watching.hears(LIVE);
        Notes stuck = join();
        stuck.hears(LIVE);
        stuck.writable = false;
        MediaPacket key = send(Packets.keyFrame(0));
        watching.hears(bytes(key));
        JsonObject answer = bus.request(Address.audience("test.0"), new JsonObject().put("stream", CAM.path()))
                .toCompletionStage()
                .toCompletableFuture()
                .get(5, TimeUnit.SECONDS);
        JsonArray viewers = answer.getJsonArray("viewers");
        assertThat(viewers).hasSize(2);
        for (int i = 0; i < viewers.size(); i++) {
            JsonObject viewer = viewers.getJsonObject(i);
            assertThat(viewer.getString("protocol")).isEqualTo("notes");
            assertThat(viewer.getString("address")).isEmpty();
            assertThat(viewer.getString("client")).isEmpty();
            assertThat(viewer.getLong("since")).isCloseTo(System.currentTimeMillis(), within(10_000L));
            assertThat(viewer.getLong("lagMillis")).isBetween(0L, 10_000L);
        }
        assertThat(viewers.getJsonObject(0).getLong("lagMillis")).isZero();
    }

    @Test
    void aStreamNobodyWatchesHasNoViewers() throws Exception {
        start();
        JsonObject answer = bus.request(Address.audience("test.0"), new JsonObject().put("stream", "live/other"))
                .toCompletionStage()
                .toCompletableFuture()
                .get(5, TimeUnit.SECONDS);
        assertThat(answer).isEqualTo(new JsonObject().put("viewers", new JsonArray()));
    }

    @Test
    void aReportTellsConnectionsAndHowLateTheLoopIs() throws Exception {
        start();
        BlockingQueue<JsonObject> reports = new LinkedBlockingQueue<>();
        bus.listen("stats.n", reports::add);
        onLoop(() -> {
            audiences.countConnections(() -> 7);
            return 0;
        });
        context.runOnContext(v -> {
            long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(250);
            while (System.nanoTime() < end) {
                Thread.onSpinWait();
            }
        });
        JsonObject report = reports.poll(5, TimeUnit.SECONDS);
        assertThat(report.getInteger("connections")).isEqualTo(7);
        assertThat(report.getLong("delayMillis")).isBetween(100L, 5_000L);
    }

    // -- shares of the line

    private Notes joinWithin(int kbps) {
        Notes viewer = new Notes();
        Verdict verdict = new Verdict("", "anna", "", kbps, false, "nobody");
        viewer.seat = onLoop(() -> audiences.join(CAM, viewer, verdict));
        return viewer;
    }

    @Test
    void aViewerOverItsShareGetsKeyFramesAndSoundOnly() throws Exception {
        start();
        publish();
        MediaPacket key = send(Packets.keyFrame(0));
        Notes poor = joinWithin(4); // 500 bytes a second, 2,000 at once
        Notes rich = join();
        poor.hears(LIVE, bytes(key));
        rich.hears(LIVE, bytes(key));
        MediaPacket burst = send(large(40)); // 3,276 bytes
        poor.hears(bytes(burst));
        MediaPacket lost = send(Packets.interFrame(80));
        MediaPacket sound = send(Packets.audio(81));
        MediaPacket alsoLost = send(Packets.interFrame(120));
        MediaPacket nextKey = send(Packets.keyFrame(160));
        MediaPacket lostAgain = send(Packets.interFrame(200));
        MediaPacket moreSound = send(Packets.audio(201));
        rich.hears(
                bytes(burst),
                bytes(lost),
                bytes(sound),
                bytes(alsoLost),
                bytes(nextKey),
                bytes(lostAgain),
                bytes(moreSound));
        poor.hears(bytes(sound), bytes(nextKey), bytes(moreSound));
        poor.hearsNothing();
        JsonArray seats = describe();
        assertThat(seats.stream().map(seat -> ((JsonObject) seat).getBoolean("thinned")))
                .containsExactly(true, false);
    }

    private JsonArray describe() throws Exception {
        return bus.request(Address.audience("test.0"), new JsonObject().put("stream", CAM.path()))
                .toCompletionStage()
                .toCompletableFuture()
                .get(5, TimeUnit.SECONDS)
                .getJsonArray("viewers");
    }

    @Test
    void whereTheLineIsFullANewcomerIsRefusedAndThoseWhoAreThereStay() throws Exception {
        Config pace = Config.from(new JsonObject()
                .put("fanout", new JsonObject().put("gatherMillis", 0))
                .put("limits", new JsonObject().put("streamKbps", 4)));
        context = vertx.getOrCreateContext();
        audiences = onLoop(
                () -> new Audiences(vertx, bus, pace, new Shares(pace.limits().kbps()), "test.0"));
        publish();
        MediaPacket key = send(Packets.keyFrame(0));
        Notes first = join();
        first.hears(LIVE, bytes(key));
        MediaPacket burst = send(large(40));
        first.hears(bytes(burst));
        Notes newcomer = join();
        newcomer.hears(LIVE, CUT);
        MediaPacket sound = send(Packets.audio(41));
        first.hears(bytes(sound));
        newcomer.hearsNothing();
    }
}
