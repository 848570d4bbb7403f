package io.fluctus.record;

import static org.assertj.core.api.Assertions.assertThat;

import io.fluctus.TestFlv;
import io.fluctus.container.Boxes;
import io.fluctus.media.MediaPacket;
import io.fluctus.media.MediaPacket.Kind;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class Mp4RecordingTest {
    private static Disk record(Recording recording, Stream<MediaPacket> packets) {
        Disk disk = new Disk();
        packets.forEach(packet -> disk.run(recording.receive(packet)));
        disk.run(recording.end());
        return disk;
    }

    private static int samples(Buffer file) {
        return Boxes.find(Boxes.of(file), "moof/traf/trun").stream()
                .mapToInt(trun -> trun.content().getInt(4))
                .sum();
    }

    @Test
    void everyFrameStandsInAFragmentThatBeginsWithItsKeyFrame() {
        Disk disk = record(new Mp4Recording(0), TestFlv.packets(100).stream());
        Buffer file = disk.files.get(0);
        assertThat(samples(file)).isEqualTo(200);
        List<Boxes> fragments = Boxes.find(Boxes.of(file), "moof");
        assertThat(fragments).hasSize(4);
        for (Boxes fragment : fragments) {
            Boxes video = Boxes.find(fragment.children(), "traf/trun").get(0);
            assertThat(video.content().getInt(20)).as("a sync sample").isEqualTo(0x02000000);
        }
    }

    @Test
    void aFinishedFileTellsItsDuration() {
        Disk disk = record(new Mp4Recording(0), TestFlv.packets(100).stream());
        long millis = disk.millis.get(0);
        assertThat(millis).isBetween(3_960L, 4_100L);
        assertThat(Boxes.one(disk.files.get(0), "moov/mvhd").content().getLong(24))
                .isEqualTo(millis);
    }

    @Test
    void itsTimeLineBeginsAtZeroWheneverTheStreamBegan() {
        long late = 40L * 365 * 86_400_000;
        Disk disk = record(
                new Mp4Recording(0),
                TestFlv.packets(60).stream().map(p -> MediaPacket.of(p.kind(), p.timestamp() + late, p.payload())));
        List<Boxes> times = Boxes.find(Boxes.of(disk.files.get(0)), "moof/traf/tfdt");
        assertThat(times.get(0).content().getLong(4)).isZero();
        assertThat(times.get(1).content().getLong(4)).isBetween(0L, 44L);
        assertThat(times.stream().map(tfdt -> tfdt.content().getLong(4))).allMatch(time -> time >= 0);
    }

    @Test
    void aFileThatWasCutAnywhereHoldsItsFragmentsBeforeThere() {
        List<Step> steps = new ArrayList<>();
        Mp4Recording recording = new Mp4Recording(0);
        TestFlv.packets(200).forEach(packet -> steps.addAll(recording.receive(packet)));
        int whole = 0;
        for (Step step : steps) {
            if (step instanceof Step.Append append) {
                whole++;
                assertThat(Boxes.of(append.bytes()).get(0).type()).isIn("ftyp", "moof");
            }
        }
        assertThat(whole).isEqualTo(8);
    }

    @Test
    void anotherTrackBeginsAnotherFile() {
        List<MediaPacket> packets = new ArrayList<>(TestFlv.packets(60));
        packets.add(MediaPacket.of(Kind.AUDIO, 2_400, Buffer.buffer(new byte[] {(byte) 0xAF, 0, 0x11, (byte) 0x90})));
        TestFlv.packets(120).stream().skip(3 + 120).forEach(packets::add);
        Disk disk = record(new Mp4Recording(0), packets.stream());
        assertThat(disk.files).hasSize(2);
        assertThat(disk.files.stream().mapToInt(Mp4RecordingTest::samples).sum())
                .isEqualTo(240);
        assertThat(Boxes.find(Boxes.of(disk.files.get(1)), "moof/traf/tfdt"))
                .allMatch(tfdt -> tfdt.content().getLong(4) >= 0);
    }

    @Test
    void aHeaderThatComesWithEveryFrameBeginsNoFile() {
        Stream<MediaPacket> packets = TestFlv.packets(100).stream()
                .flatMap(p -> p.kind() == Kind.VIDEO ? Stream.of(TestFlv.videoHeader(p.timestamp()), p) : Stream.of(p));
        assertThat(record(new Mp4Recording(0), packets).files).hasSize(1);
    }

    @Test
    void aNewFileBeginsAtAKeyFrameAfterItsTime() {
        Disk disk = record(new Mp4Recording(1_500), TestFlv.packets(100).stream());
        assertThat(disk.files).hasSize(2);
        assertThat(disk.files.stream().mapToInt(Mp4RecordingTest::samples).sum())
                .isEqualTo(200);
    }

    @Test
    void withoutKeyFramesAFragmentEndsByItself() {
        Stream<MediaPacket> packets = Stream.concat(
                Stream.of(TestFlv.videoHeader(0), TestFlv.video(0)),
                Stream.iterate(1, i -> i + 1).limit(1_000).map(i -> {
                    MediaPacket inter = TestFlv.video(1);
                    return MediaPacket.of(Kind.VIDEO, i * 40L, inter.payload());
                }));
        Buffer file = record(new Mp4Recording(0), packets).files.get(0);
        assertThat(samples(file)).isEqualTo(1_001);
        assertThat(Boxes.find(Boxes.of(file), "moof").size()).isEqualTo(9);
    }

    @Test
    void afterALossItGoesOnWithAKeyFrame() {
        Mp4Recording recording = new Mp4Recording(0);
        Disk disk = new Disk();
        List<MediaPacket> packets = TestFlv.packets(100);
        for (int i = 0; i < packets.size(); i++) {
            if (i == 60) {
                recording.skip();
            }
            disk.run(recording.receive(packets.get(i)));
        }
        disk.run(recording.end());
        assertThat(disk.files).hasSize(1);
        assertThat(samples(disk.files.get(0))).isBetween(150, 180);
        assertThat(disk.millis.get(0)).as("time goes on over the hole").isGreaterThan(3_900);
    }
}
