package io.fluctus.hls;

import static org.assertj.core.api.Assertions.assertThat;

import io.fluctus.TestFlv;
import io.fluctus.container.Boxes;
import io.fluctus.media.MediaPacket;
import io.fluctus.media.MediaPacket.Kind;
import io.fluctus.media.Timeline;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PackagerTest {
    private static final long WALL = 1_800_000_000_000L;
    private static final long FIRST = 1_000;

    private final Packager packager = new Packager(new Packager.Rules(2, 0.5, 30, FIRST));
    private M3u8 before;
    private long fence = 1;
    private int audioFrames;

    /** As it comes from a relay, with its fence; after each packet the playlist must keep all rules. */
    private void send(MediaPacket packet) {
        MediaPacket fenced = packet.withFence(fence);
        if (packager.receive(fenced, WALL + packet.timestamp()) && packager.ready()) {
            look();
        }
    }

    private void look() {
        M3u8 now = M3u8.of(Playlist.media(packager, false));
        if (before != null) {
            now.follows(before);
        }
        M3u8 delta = M3u8.of(Playlist.media(packager, true));
        assertThat(delta.sequence).isEqualTo(now.sequence);
        assertThat(delta.skipped + delta.segments.size()).isEqualTo(now.segments.size());
        before = now;
    }

    private static MediaPacket at(MediaPacket packet, long time) {
        return MediaPacket.of(packet.kind(), time, packet.payload());
    }

    private void headers(long time) {
        send(TestFlv.videoHeader(time));
        send(TestFlv.audioHeader(time));
    }

    /** Frames from {@code from} on, a key frame every {@code gop}, with sound. */
    private void play(long from, int frames, int gop) {
        for (int i = 0; i < frames; i++) {
            long time = from + i * 40L;
            send(at(i % gop == 0 ? TestFlv.video(0) : TestFlv.video(1), time));
            for (; audioFrames * 1024L * 1000 / 44_100 < time + 40; audioFrames++) {
                send(at(TestFlv.audio(0), audioFrames * 1024L * 1000 / 44_100));
            }
        }
    }

    @Test
    void aSegmentEndsBeforeAKeyFrameAndIsAsLongAsConfigured() {
        headers(0);
        play(0, 600, 25);
        M3u8 playlist = before;
        assertThat(playlist.target).isEqualTo(2);
        assertThat(playlist.segments).allMatch(segment -> segment.seconds() == 2.0);
        assertThat(playlist.sequence).isEqualTo(FIRST);
        for (Segment segment : packager.window().listed()) {
            assertThat(segment.parts().get(0).independent()).isTrue();
        }
    }

    @Test
    void aSegmentIsItsPartsInARow() {
        headers(0);
        play(0, 200, 50);
        Segment segment = packager.window().listed().get(1);
        Buffer joined = Buffer.buffer();
        segment.parts().forEach(part -> joined.appendBuffer(part.bytes()));
        assertThat(segment.bytes()).isEqualTo(joined);
        assertThat(Boxes.of(segment.bytes()).stream().filter(box -> box.type().equals("moof")))
                .hasSameSizeAs(segment.parts());
        assertThat(packager.part(segment.number(), 0))
                .contains(segment.parts().get(0).bytes());
    }

    @Test
    void everyFrameOfBothTracksStandsInOneSegment() {
        headers(0);
        play(0, 751, 50);
        int[] samples = new int[3];
        for (Segment segment : packager.window().listed()) {
            for (Boxes traf : Boxes.find(Boxes.of(segment.bytes()), "moof/traf")) {
                int track = Boxes.find(traf.children(), "tfhd").get(0).content().getInt(4);
                samples[track] +=
                        Boxes.find(traf.children(), "trun").get(0).content().getInt(4);
            }
        }
        double seconds = packager.window().listed().stream()
                .mapToDouble(Segment::seconds)
                .sum();
        assertThat(samples[1]).isEqualTo((int) Math.round(seconds * 25));
        assertThat(samples[2]).isCloseTo((int) (seconds * 44_100 / 1024), org.assertj.core.data.Offset.offset(4));
    }

    @Test
    void rareKeyFramesMakeTheTargetLongerAndLaterOnesDoNotChangeIt() {
        headers(0);
        play(0, 200, 100);
        assertThat(before.target).isEqualTo(4);
        play(200 * 40, 1_000, 250);
        assertThat(before.target).isEqualTo(4);
        assertThat(before.segments.stream()
                        .mapToDouble(M3u8.Entry::seconds)
                        .max()
                        .orElseThrow())
                .isLessThan(4.5);
    }

    @Test
    void aSegmentEndsEarlyWhereTheNextKeyFrameWouldComeTooLate() {
        headers(0);
        play(0, 200, 50);
        assertThat(before.target).isEqualTo(2);
        play(8_000, 600, 40); // a key frame every 1.6 s
        assertThat(packager.window().listed())
                .allMatch(segment -> segment.parts().get(0).independent());
    }

    @Test
    void withoutAnyKeyFrameASegmentStillEnds() {
        headers(0);
        play(0, 1_000, 100_000);
        assertThat(before.target).isEqualTo(Packager.MAX_TARGET_SECONDS);
        assertThat(before.segments).hasSizeGreaterThan(2);
    }

    @Test
    void anotherPublisherStandsBehindADiscontinuityAndNumbersGoOn() {
        headers(0);
        play(0, 260, 50);
        M3u8 first = before;
        for (int i = 1; i <= 3; i++) {
            fence++;
            headers(260L * 40 * i);
            play(260L * 40 * i, 260, 50);
        }
        assertThat(before.segments.stream().filter(M3u8.Entry::discontinuity).count()
                        + before.discontinuitySequence
                        - FIRST)
                .isEqualTo(3);
        assertThat(before.sequence + before.segments.size()).isGreaterThan(first.sequence + first.segments.size());
        assertThat(before.segments.stream().map(M3u8.Entry::map).distinct())
                .as("the same tracks")
                .hasSize(1);
    }

    @Test
    void anotherTrackHasAnotherInitialization() {
        headers(0);
        play(0, 200, 50);
        send(MediaPacket.of(Kind.AUDIO, 8_000, Buffer.buffer(new byte[] {(byte) 0xAF, 0, 0x11, (byte) 0x90})));
        play(8_000, 300, 50);
        assertThat(before.segments.stream().map(M3u8.Entry::map).distinct()).hasSize(2);
        for (M3u8.Entry segment : before.segments) {
            int init = Integer.parseInt(segment.map().replaceAll("\\D+(\\d+)\\.mp4", "$1"));
            assertThat(packager.window().init(init)).isPresent();
        }
    }

    @Test
    void soundThatStopsIsTakenOutAndSoundAloneIsPackagedToo() {
        headers(0);
        play(0, 200, 50);
        assertThat(packager.tracks()).hasSize(2);
        audioFrames = Integer.MAX_VALUE / 2048;
        play(8_000, 300, 50);
        assertThat(packager.tracks()).singleElement().matches(track -> track.video());

        Packager alone = new Packager(new Packager.Rules(2, 0.5, 30, FIRST));
        alone.receive(TestFlv.audioHeader(0).withFence(1), WALL);
        for (int i = 0; i < 400; i++) {
            alone.receive(at(TestFlv.audio(0), i * 1024L * 1000 / 44_100).withFence(1), WALL);
        }
        M3u8 playlist = M3u8.of(Playlist.media(alone, false));
        assertThat(playlist.segments).hasSizeBetween(3, 5);
        assertThat(alone.tracks()).singleElement().matches(track -> !track.video());
    }

    @Test
    void pictureThatStopsLeavesSoundAndComesBack() {
        headers(0);
        play(0, 200, 50);
        for (; audioFrames < 900; audioFrames++) {
            send(at(TestFlv.audio(0), audioFrames * 1024L * 1000 / 44_100));
        }
        assertThat(packager.tracks()).singleElement().matches(track -> !track.video());
        play(21_000, 300, 50);
        assertThat(packager.tracks()).hasSize(2);
        assertThat(packager.window().listed().stream().filter(s -> s.bytes().length() == 0))
                .isEmpty();
    }

    @Test
    void aHoleInTimeIsADiscontinuity() {
        headers(0);
        play(0, 200, 50);
        audioFrames = (int) (40_000L * 44_100 / 1024 / 1000) + 1;
        play(40_000, 200, 50);
        assertThat(before.segments.stream().filter(M3u8.Entry::discontinuity)).hasSize(1);
    }

    @Test
    void whateverAPublishersClockSaysTheRulesHold() {
        Random random = new Random(7);
        Timeline timeline = new Timeline();
        headers(0);
        long clock = 0;
        long now = 1;
        for (int i = 0; i < 20_000; i++) {
            now += 20;
            clock += switch (random.nextInt(2_000)) {
                case 0 -> 36_000_000;
                case 1 -> -36_000_000;
                case 2 -> -40;
                case 3 -> 4_294_967_296L - 100;
                case 4 -> 3_000;
                default -> 20;
            };
            if (random.nextInt(3_000) == 0) {
                fence++;
                timeline.restart();
            }
            boolean video = i % 2 == 0;
            MediaPacket frame = video ? TestFlv.video(i / 2 % 50 == 0 ? 0 : 1) : TestFlv.audio(0);
            long placed = timeline.place(frame.kind(), clock & 0xFFFFFFFFL, true, now);
            MediaPacket packet = at(frame, placed).withFence(fence);
            if (packager.receive(packet, WALL + now) && packager.ready()) {
                M3u8 after = M3u8.ofAnyParts(Playlist.media(packager, false));
                if (before != null) {
                    after.follows(before);
                }
                before = after;
            }
        }
        assertThat(before.sequence).isGreaterThan(FIRST + 100);
    }

    @Test
    void theWindowKeepsWhatLeftThePlaylistForAsLongAgainAndNoLonger() {
        headers(0);
        play(0, 5_000, 50);
        assertThat(before.segments.stream().mapToDouble(M3u8.Entry::seconds).sum())
                .isBetween(30.0, 34.0);
        long first = before.sequence;
        assertThat(packager.window().segment(first)).isPresent();
        assertThat(packager.window().segment(first - 10)).isPresent();
        assertThat(packager.window().segment(first - 20)).isEmpty();
        long bytes = packager.window().bytes();
        while (packager.window().shed()) {
            assertThat(packager.window().bytes()).isLessThan(bytes);
            bytes = packager.window().bytes();
        }
        assertThat(packager.window().listed()).hasSize(1);
    }

    @Test
    void aBlockingReloadKnowsWhenItsPartIsThere() {
        headers(0);
        play(0, 205, 50);
        long number = packager.currentNumber();
        int parts = packager.current().map(s -> s.parts().size()).orElse(0);
        assertThat(packager.reached(number - 1, -1)).isTrue();
        assertThat(packager.reached(number, -1)).isFalse();
        assertThat(packager.reached(number, parts)).isFalse();
        assertThat(parts == 0 || packager.reached(number, parts - 1)).isTrue();
        assertThat(packager.reached(number + 1, 0)).isFalse();
    }

    @Test
    void theMainPlaylistNamesCodecsSizeAndRate() {
        headers(0);
        play(0, 205, 50);
        String main = Playlist.main(packager, "media.m3u8?s=x");
        assertThat(main).contains("CODECS=\"avc1.64001f,mp4a.40.2\"", "RESOLUTION=1280x720", "\nmedia.m3u8?s=x\n");
        assertThat(main).containsPattern("BANDWIDTH=[1-9]\\d+");
    }

    @Test
    void anEndedPlaylistSaysSoAndHintsAtNothing() {
        headers(0);
        play(0, 205, 50);
        packager.receive(MediaPacket.of(Kind.UNPUBLISHED, 8_200, Buffer.buffer()), WALL);
        packager.end();
        M3u8 ended = M3u8.of(Playlist.media(packager, false));
        assertThat(ended.ended).isTrue();
        assertThat(ended.hint).isEmpty();
        assertThat(ended.segments.stream().mapToDouble(M3u8.Entry::seconds).sum())
                .isBetween(8.1, 8.3);
    }

    @Test
    void viewersAreCountedOnceAndForgottenWhenTheyLeave() {
        Sessions sessions = new Sessions();
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            ids.add("session-number-000" + i);
            for (int asked = 0; asked < 3; asked++) {
                assertThat(sessions.touch(ids.get(i), "10.0.0.1", i + 1, asked * 1_000L))
                        .isTrue();
            }
        }
        assertThat(sessions.size()).isEqualTo(5);
        assertThat(sessions.kick(3)).isTrue();
        assertThat(sessions.kick(3)).isFalse();
        assertThat(sessions.touch(ids.get(2), "10.0.0.1", 9, 3_000))
                .as("sent away")
                .isFalse();
        sessions.touch(ids.get(0), "10.0.0.1", 10, 7_000);
        sessions.expire(8_000, 5_000);
        assertThat(sessions.list(10).stream().map(Sessions.Session::number)).containsExactly(1L);
        assertThat(Sessions.isId("../../etc")).isFalse();
    }
}
