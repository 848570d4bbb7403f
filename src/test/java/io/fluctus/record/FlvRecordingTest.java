package io.fluctus.record;

import static org.assertj.core.api.Assertions.assertThat;

import io.fluctus.TestFlv;
import io.fluctus.container.FlvReader;
import io.fluctus.media.MediaPacket;
import io.fluctus.media.MediaPacket.Kind;
import io.fluctus.media.MediaTag;
import io.fluctus.wire.Amf0;
import io.fluctus.wire.AmfValue;
import io.fluctus.wire.ByteReader;
import io.vertx.core.buffer.Buffer;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FlvRecordingTest {
    private static final long LATE = 5_000_000_000L;

    private static MediaPacket later(MediaPacket packet) {
        return MediaPacket.of(packet.kind(), packet.timestamp() + LATE, packet.payload());
    }

    private static Disk record(Recording recording, List<MediaPacket> packets) {
        Disk disk = new Disk();
        packets.forEach(packet -> disk.run(recording.receive(packet)));
        disk.run(recording.end());
        return disk;
    }

    private static List<MediaPacket> read(Buffer file) {
        FlvReader reader = new FlvReader();
        List<MediaPacket> packets = reader.receive(file);
        assertThat(reader.atEndOfTag()).isTrue();
        return packets;
    }

    private static Map<String, AmfValue> metadata(Buffer file) {
        return Amf0.decodeAll(new ByteReader(read(file).get(0).payload()))
                .get(1)
                .members();
    }

    @Test
    void theFileHoldsEveryPacketFromTimeZero() {
        List<MediaPacket> packets = TestFlv.packets(100);
        Disk disk = record(
                new FlvRecording(0),
                packets.stream().map(FlvRecordingTest::later).toList());
        List<MediaPacket> read = read(disk.files.get(0));
        assertThat(read.stream().skip(1).map(MediaPacket::payload))
                .containsExactlyElementsOf(
                        packets.stream().skip(1).map(MediaPacket::payload).toList());
        assertThat(read.get(3).timestamp()).isZero();
        assertThat(read.get(read.size() - 1).timestamp()).isEqualTo(99 * TestFlv.FRAME_MILLIS);
        assertThat(disk.millis).containsExactly(99L * TestFlv.FRAME_MILLIS);
    }

    @Test
    void aFinishedFileTellsItsDurationAndWhereItsKeyFramesAre() {
        Buffer file = record(new FlvRecording(0), TestFlv.packets(100)).files.get(0);
        Map<String, AmfValue> metadata = metadata(file);
        assertThat(metadata.get("duration").number()).contains(3.96);
        assertThat(metadata.get("filesize").number()).contains((double) file.length());
        assertThat(metadata.get("width").number()).as("the publisher's own").contains(1280.0);
        List<AmfValue> positions =
                ((AmfValue.Array) metadata.get("keyframes").members().get("filepositions")).items();
        List<AmfValue> times =
                ((AmfValue.Array) metadata.get("keyframes").members().get("times")).items();
        assertThat(positions).hasSize(4);
        assertThat(times.stream().map(time -> time.number().orElseThrow())).containsExactly(0.0, 1.0, 2.0, 3.0);
        for (AmfValue position : positions) {
            int at = position.number().orElseThrow().intValue();
            int size = file.getUnsignedMedium(at + 1);
            assertThat(file.getByte(at)).isEqualTo((byte) 9);
            assertThat(MediaTag.keyFrame(file.getBuffer(at + 11, at + 11 + size)))
                    .isTrue();
        }
    }

    @Test
    void anIndexThatOutgrowsItsRoomLosesEveryOtherEntry() {
        FlvMetadata metadata = new FlvMetadata(TestFlv.metadata().payload());
        for (int i = 0; i < 10 * FlvMetadata.MAX_KEY_FRAMES; i++) {
            metadata.keyFrame(i * 1_000_000L, i * 2_000L);
        }
        Buffer message = metadata.encode(7_200_000, 1L << 40);
        assertThat(message.length()).isEqualTo(FlvMetadata.BYTES);
        Map<String, AmfValue> members =
                Amf0.decodeAll(new ByteReader(message)).get(1).members();
        List<AmfValue> times =
                ((AmfValue.Array) members.get("keyframes").members().get("times")).items();
        assertThat(times).hasSizeBetween(FlvMetadata.MAX_KEY_FRAMES / 2, FlvMetadata.MAX_KEY_FRAMES);
        double step = times.get(1).number().orElseThrow();
        for (int i = 0; i < times.size(); i++) {
            assertThat(times.get(i).number()).contains(i * step);
        }
    }

    @Test
    void metadataThatIsTooLargeOrBrokenIsLeftOut() {
        String name = "02000a" + java.util.HexFormat.of().formatHex("onMetaData".getBytes());
        Buffer broken = Buffer.buffer(java.util.HexFormat.of().parseHex(name + "08ffffffff0003"));
        Buffer large = TestFlv.metadata().payload().copy().appendBytes(new byte[20_000]);
        for (Buffer message : List.of(broken, large, Buffer.buffer())) {
            assertThat(new FlvMetadata(message).encode(0, 0).length()).isEqualTo(FlvMetadata.BYTES);
        }
    }

    @Test
    void aFileThatWasCutAnywhereReadsUpToItsLastTag() {
        Disk disk = new Disk();
        FlvRecording recording = new FlvRecording(0);
        TestFlv.packets(50).forEach(packet -> disk.run(recording.receive(packet)));
        Buffer whole = disk.files.get(0);
        int before = 0;
        for (int length = 40_000; length < whole.length(); length += 101) {
            int read = new FlvReader().receive(whole.getBuffer(0, length)).size();
            assertThat(read).isGreaterThanOrEqualTo(before);
            before = read;
        }
        assertThat(before).isGreaterThan(80);
    }

    @Test
    void aNewFileBeginsAtTheFirstKeyFrameAfterItsTime() {
        Disk disk = record(new FlvRecording(1_500), TestFlv.packets(100));
        assertThat(disk.files).hasSize(2);
        assertThat(disk.millis).containsExactly(1_960L, 1_960L);
        for (Buffer file : disk.files) {
            List<MediaPacket> packets = read(file);
            assertThat(MediaTag.sequenceHeader(
                            packets.get(1).kind(), packets.get(1).payload()))
                    .isTrue();
            assertThat(MediaTag.sequenceHeader(
                            packets.get(2).kind(), packets.get(2).payload()))
                    .isTrue();
            assertThat(MediaTag.keyFrame(packets.get(3).payload())).isTrue();
            assertThat(packets.get(3).timestamp()).isZero();
        }
    }

    @Test
    void afterALossItGoesOnWithAKeyFrame() {
        FlvRecording recording = new FlvRecording(0);
        Disk disk = new Disk();
        List<MediaPacket> packets = TestFlv.packets(75);
        for (int i = 0; i < packets.size(); i++) {
            if (i == 33) { // in the middle of the first second
                recording.skip();
            }
            disk.run(recording.receive(packets.get(i)));
        }
        disk.run(recording.end());
        List<MediaPacket> read = read(disk.files.get(0));
        int hole = 0;
        for (int i = 4; i < read.size(); i++) {
            if (read.get(i).timestamp() - read.get(i - 1).timestamp() > 2 * TestFlv.FRAME_MILLIS) {
                hole++;
                assertThat(MediaTag.keyFrame(read.get(i).payload())).isTrue();
            }
        }
        assertThat(hole).isOne();
    }

    @Test
    void soundAloneIsAFileThatSaysSo() {
        List<MediaPacket> sound = TestFlv.packets(30).stream()
                .filter(packet -> packet.kind() != Kind.VIDEO)
                .toList();
        Buffer file = record(new FlvRecording(0), sound).files.get(0);
        assertThat(file.getByte(4)).isEqualTo((byte) 4);
        assertThat(read(file)).hasSize(32);
    }

    @Test
    void nothingIsWrittenBeforeTheFirstFrame() {
        Disk disk = record(
                new FlvRecording(0),
                List.of(TestFlv.metadata(), TestFlv.videoHeader(0), TestFlv.video(1), TestFlv.video(2)));
        assertThat(disk.files).isEmpty();
    }
}
