package io.fluctus.container;

import static org.assertj.core.api.Assertions.assertThat;

import io.fluctus.TestFlv;
import io.fluctus.media.MediaPacket;
import io.fluctus.media.MediaPacket.Kind;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

class SamplerTest {
    private static final int AAC_SAMPLES = 1024;

    private static MediaPacket packet(Kind kind, long time, String hex) {
        return MediaPacket.of(kind, time, Buffer.buffer(HexFormat.of().parseHex(hex.replace(" ", ""))));
    }

    private static List<Sample> all(Sampler sampler, List<MediaPacket> packets) {
        List<Sample> samples = new ArrayList<>();
        packets.forEach(packet -> sampler.receive(packet).ifPresent(samples::add));
        sampler.flush().ifPresent(samples::add);
        return samples;
    }

    private static MediaPacket at(MediaPacket packet, long time) {
        return MediaPacket.of(packet.kind(), time, packet.payload());
    }

    @Test
    void aSampleLastsUntilTheNextAndTheLastAsLongAsTheOneBefore() {
        List<Sample> samples = all(new Sampler(Kind.VIDEO, 1), TestFlv.packets(3));
        assertThat(samples.stream().map(Sample::time)).containsExactly(0L, 3600L, 7200L);
        assertThat(samples.stream().map(Sample::duration)).containsExactly(3600, 3600, 3600);
        assertThat(samples.stream().map(Sample::key)).containsExactly(true, false, false);
    }

    @Test
    void videoBeforeTheFirstKeyFrameGivesNothing() {
        List<MediaPacket> packets =
                List.of(TestFlv.videoHeader(0), TestFlv.video(1), TestFlv.video(2), TestFlv.video(25));
        assertThat(all(new Sampler(Kind.VIDEO, 1), packets)).singleElement().matches(Sample::key);
    }

    @Test
    void roundedTimesOfAudioBecomeTheTimesOfItsSamples() {
        List<MediaPacket> packets = new ArrayList<>(List.of(TestFlv.audioHeader(0)));
        for (int i = 0; i < 1_000; i++) {
            packets.add(at(TestFlv.audio(0), i * AAC_SAMPLES * 1_000L / 44_100));
        }
        List<Sample> samples = all(new Sampler(Kind.AUDIO, 2), packets);
        assertThat(samples).hasSize(1_000).allMatch(sample -> sample.duration() == AAC_SAMPLES);
        assertThat(samples.get(999).time()).isEqualTo(999L * AAC_SAMPLES);
    }

    @Test
    void audioThatIsTooFarFromItsSamplesIsBroughtBack() {
        List<MediaPacket> packets = new ArrayList<>(List.of(TestFlv.audioHeader(0)));
        for (int i = 0; i < 2_000; i++) {
            packets.add(at(TestFlv.audio(0), i * 24L)); // 23.22 ms of sound every 24 ms
        }
        List<Sample> slow = all(new Sampler(Kind.AUDIO, 2), packets);
        packets.clear();
        packets.add(TestFlv.audioHeader(0));
        for (int i = 0; i < 2_000; i++) {
            packets.add(at(TestFlv.audio(0), i * 22L));
        }
        List<Sample> fast = all(new Sampler(Kind.AUDIO, 2), packets);
        for (List<Sample> samples : List.of(slow, fast)) {
            assertThat(samples).hasSize(2_000).allSatisfy(sample -> {
                long real = sample.source().timestamp() * 44_100 / 1_000;
                assertThat(Math.abs(sample.time() - real)).isLessThanOrEqualTo(44_100 / 20 + AAC_SAMPLES);
                assertThat(sample.duration()).isPositive();
            });
        }
    }

    @Test
    void timesRiseWhateverThePublisherSays() {
        List<MediaPacket> packets = List.of(
                TestFlv.videoHeader(0),
                at(TestFlv.video(0), 100),
                at(TestFlv.video(1), 100),
                at(TestFlv.video(2), 60),
                at(TestFlv.video(3), 140));
        List<Sample> samples = all(new Sampler(Kind.VIDEO, 1), packets);
        assertThat(samples).hasSize(4);
        for (int i = 1; i < samples.size(); i++) {
            assertThat(samples.get(i).time()).isEqualTo(samples.get(i - 1).end());
            assertThat(samples.get(i).duration()).isPositive();
        }
    }

    @Test
    void aHoleInTheStreamIsNoSamplesDuration() {
        List<MediaPacket> packets = List.of(
                TestFlv.videoHeader(0),
                at(TestFlv.video(0), 0),
                at(TestFlv.video(1), 40),
                at(TestFlv.video(2), 3_600_000));
        assertThat(all(new Sampler(Kind.VIDEO, 1), packets).get(1).duration()).isEqualTo(3600);
    }

    @Test
    void aHeaderThatSaysTheSameKeepsTheTrackAndAnotherOneChangesIt() {
        MediaPacket other = packet(Kind.AUDIO, 40, "AF00 1190"); // 48,000 Hz
        List<MediaPacket> packets = List.of(
                TestFlv.audioHeader(0),
                TestFlv.audio(0),
                TestFlv.audioHeader(20),
                TestFlv.audio(1),
                other,
                TestFlv.audio(2),
                TestFlv.audio(3));
        List<Sample> samples = all(new Sampler(Kind.AUDIO, 2), packets);
        assertThat(samples.stream().map(sample -> sample.track().timescale()))
                .containsExactly(44_100, 44_100, 48_000, 48_000);
        assertThat(samples.get(0).track()).isEqualTo(samples.get(1).track());
    }

    @Test
    void theOffsetToPresentationMayBeNegativeAndFine() {
        List<Sample> samples = all(
                new Sampler(Kind.VIDEO, 1),
                List.of(
                        TestFlv.videoHeader(0),
                        packet(Kind.VIDEO, 0, "1701 000050 0102"),
                        packet(Kind.VIDEO, 40, "2701 FFFFD8 0102"),
                        packet(Kind.VIDEO, 80, "A7 02 0AAE60 01 61766331 000000 0102")));
        assertThat(samples.stream().map(Sample::offset)).containsExactly(80 * 90, -40 * 90, 63);
    }

    @Test
    void whatCannotBeReadOrStoredGivesNothingAndIsCounted() {
        Sampler video = new Sampler(Kind.VIDEO, 1);
        List<String> bad = List.of(
                "",
                "17",
                "1700",
                "17000000",
                "1701000000",
                "90",
                "9068766331",
                "5700",
                "12 0102",
                "96",
                "9621 61763031 00 FFFFFF",
                "07",
                "1700000000 0164001fffe1FFFF");
        bad.forEach(
                bytes -> assertThat(video.receive(packet(Kind.VIDEO, 0, bytes))).isEmpty());
        assertThat(video.flush()).isEmpty();
        assertThat(video.broken()).isPositive();
        Sampler audio = new Sampler(Kind.AUDIO, 2);
        for (String bytes : List.of(
                "",
                "AF",
                "AF00",
                "AF0012",
                "AF01",
                "B201",
                "2F",
                "2FFF",
                "904F707573",
                "914F707573",
                "9161632D33 0B77")) {
            assertThat(audio.receive(packet(Kind.AUDIO, 0, bytes))).as(bytes).isEmpty();
        }
        assertThat(audio.flush()).isEmpty();
    }

    @Test
    void codecsAreNamedAsPlayersReadThem() {
        record Row(Kind kind, String header, String frame, String codecs, int timescale) {}
        String opus = "4F70757348656164 01 02 3801 80BB0000 0000 00";
        String flac = "1000 1000 000000 000000 0AC442F0 00000000" + "00".repeat(16);
        List<Row> rows = List.of(
                new Row(Kind.AUDIO, "AF00 1210", "AF01 0102", "mp4a.40.2", 44_100),
                new Row(Kind.AUDIO, "90 4F707573" + opus, "91 4F707573 FC01", "opus", 48_000),
                new Row(Kind.AUDIO, "90 664C6143" + flac, "91 664C6143 FFF8C918", "flac", 44_100),
                new Row(Kind.AUDIO, "", "2F FFFB9064 0000", "mp4a.6b", 44_100),
                new Row(Kind.AUDIO, "", "91 2E6D7033 FFFB9464 0000", "mp4a.6b", 48_000),
                new Row(Kind.AUDIO, "", "91 61632D33 0B77 0000 14 40 43E1 0000", "ac-3", 48_000),
                new Row(Kind.AUDIO, "", "91 65632D33 0B77 01FF 3F 86 0000 0000", "ec-3", 48_000),
                new Row(
                        Kind.VIDEO,
                        "90 76703039 01000000 00 1F 82 020202 0000",
                        "91 76703039 82 498342 00 04FF 02CF 0000 0000 00",
                        "vp09.00.31.08",
                        90_000));
        for (Row row : rows) {
            Sampler sampler = new Sampler(row.kind, 1);
            List<MediaPacket> packets = new ArrayList<>();
            if (!row.header.isEmpty()) {
                packets.add(packet(row.kind, 0, row.header));
            }
            packets.add(packet(row.kind, 0, row.frame));
            List<Sample> samples = all(sampler, packets);
            assertThat(samples).as(row.codecs).hasSize(1);
            assertThat(samples.get(0).track().codecs()).isEqualTo(row.codecs);
            assertThat(samples.get(0).track().timescale()).as(row.codecs).isEqualTo(row.timescale);
        }
    }

    @Test
    void aVp9TrackIsAsLargeAsItsFirstKeyFrame() {
        Sampler sampler = new Sampler(Kind.VIDEO, 1);
        sampler.receive(packet(Kind.VIDEO, 0, "91 76703039 82 498342 00 4FF0 2CF0 0000 0000 00"));
        Mp4Track track = sampler.flush().orElseThrow().track();
        assertThat(List.of(track.width(), track.height())).containsExactly(1280, 720);
    }

    @Test
    void ofAMultitrackStreamTheDefaultTrackIsTaken() {
        Buffer payload = TestFlv.videoHeader(0).payload();
        String config = HexFormat.of().formatHex(payload.getBytes(5, payload.length()));
        String size = "%06x".formatted(payload.length() - 5);
        String header = "9610 61766331 01" + size + config + "00" + size + config;
        String frame = "9611 61766331 01 000004 000000AA 00 000004 000000BB";
        List<Sample> samples =
                all(new Sampler(Kind.VIDEO, 1), List.of(packet(Kind.VIDEO, 0, header), packet(Kind.VIDEO, 0, frame)));
        assertThat(samples).hasSize(1);
        assertThat(samples.get(0).data().getByte(0)).isEqualTo((byte) 0xBB);
    }
}
