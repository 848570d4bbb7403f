package io.fluctus.media;

import static io.fluctus.media.MediaPacket.Kind.AUDIO;
import static io.fluctus.media.MediaPacket.Kind.VIDEO;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import io.fluctus.media.MediaPacket.Kind;
import io.fluctus.wire.ProtocolException;
import io.vertx.core.buffer.Buffer;
import java.lang.management.ManagementFactory;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class MediaTagTest {
    private record Row(String name, Kind kind, String hex, String said) {
        Buffer bytes() {
            return MediaTagTest.bytes(hex);
        }
    }

    private static final String AVC_CONFIG =
            "0142D00BFFE10018" + "6742D00BDA0A11F970110000030001000003000A0F1226A0" + "01000468CE3C80";
    private static final String HEVC_CONFIG = "0101600000009000000000003CF000FCFDF8F800000F03"
            + "200001001840010C01FFFF01600000030090000003000003003C9598092"
            + "10001002B42010101600000030090000003000003003CA00A480B9C9596566924CAF016808000000300800000030284"
            + "22000100074401C172B46240";
    private static final String HEVC_CONFIG_OF_LAYERS = "01022000000090000000000078F000FCFDFAFA00000F03"
            + "200001001840010C01FFFF0220000003009000000300000300789594092"
            + "10001002D420101022000000300900000030000030078A003C0801107CAD965654A4C2F016808000003000800000300F040"
            + "22000100064401C073C189";
    private static final String STREAMINFO = "12001200000000004A580BB802F0" + "00".repeat(20);

    /** What each message says, as packet, frame type, codec with FourCC, composition time, and what its configuration tells. */
    private static final List<Row> TABLE = List.of(
            // FLV
            new Row(
                    "AVC sequence header",
                    VIDEO,
                    "17 00 000000" + AVC_CONFIG,
                    "SEQUENCE_START 1 H.264/avc1 0 160x120 66/11"),
            new Row(
                    "AVC High",
                    VIDEO,
                    "17 00 000000 0164000CFFE1001B6764000CACD941519E226C044000000300400000030283C50A658001000668EBE3CB22C0FDF8F800",
                    "SEQUENCE_START 1 H.264/avc1 0 322x182 100/12"),
            new Row(
                    "AVC 4:2:2 in fields with scaling lists",
                    VIDEO,
                    "17 00 000000 017A0015FFE1001A677A0015BCD941533C45E022000003000200000300143E28532C01000768FBA3CB3002C0FEF8F800",
                    "SEQUENCE_START 1 H.264/avc1 0 322x188 122/21"),
            new Row(
                    "AVC 4:4:4",
                    VIDEO,
                    "17 00 000000 01F40028FFE1001B67F40028919680780227E270110000030001000003000A0F1832A001000568CE0F1920FFF8F800",
                    "SEQUENCE_START 1 H.264/avc1 0 1920x1080 244/40"),
            new Row(
                    "AVC without a parameter set",
                    VIDEO,
                    "17 00 000000 0142D00BFFE000",
                    "SEQUENCE_START 1 H.264/avc1 0"),
            new Row("AVC sequence header without a body", VIDEO, "17 00 000000", "SEQUENCE_START 1 H.264/avc1 0"),
            new Row("AVC key frame", VIDEO, "17 01 000190 00000001 65", "CODED_FRAMES 1 H.264/avc1 400 key"),
            new Row(
                    "AVC frame with a negative composition time",
                    VIDEO,
                    "27 01 FFFFD8 00",
                    "CODED_FRAMES 2 H.264/avc1 -40"),
            new Row("AVC end of sequence", VIDEO, "17 02 000000", "SEQUENCE_END 1 H.264/avc1 0"),
            new Row(
                    "HEVC under the CodecID outside the standard",
                    VIDEO,
                    "1C 00 000000" + HEVC_CONFIG,
                    "SEQUENCE_START 1 HEVC/hvc1 0 322x182 1/60"),
            new Row("Sorenson key frame", VIDEO, "12 00", "CODED_FRAMES 1 Sorenson H.263/ 0 key"),
            new Row("disposable inter frame", VIDEO, "32", "CODED_FRAMES 3 Sorenson H.263/ 0"),
            new Row("generated key frame", VIDEO, "44 00", "CODED_FRAMES 4 VP6/ 0 key"),
            new Row("seek command", VIDEO, "57 00", "COMMAND 5 / 0"),
            new Row("AAC sequence header", AUDIO, "AF 00 1208 56E500", "SEQUENCE_START 0 AAC/mp4a 0 44100Hz 1ch 2"),
            new Row("HE-AAC", AUDIO, "AF 00 2B11 8800", "SEQUENCE_START 0 AAC/mp4a 0 48000Hz 2ch 5"),
            new Row(
                    "AAC of a written-out rate",
                    AUDIO,
                    "AF 00 1780 5DC0 10",
                    "SEQUENCE_START 0 AAC/mp4a 0 48000Hz 2ch 2"),
            new Row("AAC sequence header without a body", AUDIO, "AF 00", "SEQUENCE_START 0 AAC/mp4a 0"),
            new Row("AAC frame", AUDIO, "AF 01 DE02", "CODED_FRAMES 0 AAC/mp4a 0"),
            new Row("MP3", AUDIO, "2F FFFB", "CODED_FRAMES 0 MP3/.mp3 0 44100Hz 2ch 0"),
            new Row("Speex", AUDIO, "B6 00", "CODED_FRAMES 0 Speex/ 0 16000Hz 1ch 0"),
            new Row("Nellymoser 8 kHz", AUDIO, "52", "CODED_FRAMES 0 Nellymoser/ 0 8000Hz 1ch 0"),
            new Row("silence", AUDIO, "", "EMPTY 0 / 0"),
            new Row("empty video", VIDEO, "", "EMPTY 0 / 0"),
            // Enhanced RTMP
            new Row(
                    "HEVC sequence start",
                    VIDEO,
                    "90 68766331" + HEVC_CONFIG,
                    "SEQUENCE_START 1 HEVC/hvc1 0 322x182 1/60"),
            new Row(
                    "HEVC of several temporal layers",
                    VIDEO,
                    "90 68766331" + HEVC_CONFIG_OF_LAYERS,
                    "SEQUENCE_START 1 HEVC/hvc1 0 1920x1080 2/120"),
            new Row("HEVC key frame", VIDEO, "91 68766331 000021 00", "CODED_FRAMES 1 HEVC/hvc1 33 key"),
            new Row("HEVC frame without composition time", VIDEO, "A3 68766331 00", "CODED_FRAMES 2 HEVC/hvc1 0"),
            new Row("HEVC sequence end", VIDEO, "92 68766331", "SEQUENCE_END 1 HEVC/hvc1 0"),
            new Row(
                    "AVC sequence start",
                    VIDEO,
                    "90 61766331" + AVC_CONFIG,
                    "SEQUENCE_START 1 H.264/avc1 0 160x120 66/11"),
            new Row(
                    "AV1 sequence start",
                    VIDEO,
                    "90 61763031 81000C00 0A0B000000043D06D4DAF90040",
                    "SEQUENCE_START 1 AV1/av01 0 322x182 0/0"),
            new Row(
                    "AV1 of another encoder",
                    VIDEO,
                    "90 61763031 81050C00 0A0C0200002D2A67FD9E017C0020",
                    "SEQUENCE_START 1 AV1/av01 0 1280x720 0/5"),
            new Row("AV1 sequence start without a body", VIDEO, "90 61763031", "SEQUENCE_START 1 AV1/av01 0"),
            new Row(
                    "AV1 key frame has no composition time",
                    VIDEO,
                    "91 61763031 1200",
                    "CODED_FRAMES 1 AV1/av01 0 key"),
            new Row("AV1 in MPEG-2 TS", VIDEO, "95 61763031 00", "SEQUENCE_START 1 AV1/av01 0"),
            new Row("VP9 sequence start", VIDEO, "90 76703039 01000000000B820202020000", "SEQUENCE_START 1 VP9/vp09 0"),
            new Row("VP8", VIDEO, "A1 76703038 00", "CODED_FRAMES 2 VP8/vp08 0"),
            new Row("VVC", VIDEO, "A1 76766331 FFFFFF 00", "CODED_FRAMES 2 VVC/vvc1 -1"),
            new Row("unknown codec goes through", VIDEO, "91 7A7A7A7A 00", "CODED_FRAMES 1 zzzz/zzzz 0 key"),
            new Row("unknown codec that is no text", VIDEO, "91 0A007A20 00", "CODED_FRAMES 1 ??z?/??z? 0 key"),
            new Row(
                    "metadata frame",
                    VIDEO,
                    "94 68766331 020009" + "636F6C6F72496E666F" + "03000009",
                    "METADATA 1 HEVC/hvc1 0"),
            new Row("metadata wins over the command type", VIDEO, "D4 68766331 02", "METADATA 5 HEVC/hvc1 0"),
            new Row("metadata of a reserved frame type", VIDEO, "84 68766331 02", "METADATA 0 HEVC/hvc1 0"),
            new Row("start seek", VIDEO, "D0 00", "COMMAND 5 / 0"),
            new Row("one track of many", VIDEO, "96 00 61763031 01", "SEQUENCE_START 1 AV1/av01 0 track 1"),
            new Row(
                    "frames of two codecs",
                    VIDEO,
                    "96 21 61763031 01 000002 1200 68766331 00 000004 00002100",
                    "CODED_FRAMES 1 HEVC/hvc1 33 key"),
            new Row(
                    "two tracks of one codec",
                    VIDEO,
                    "A6 13 68766331 02 000001 AA 05 000000",
                    "CODED_FRAMES 2 HEVC/hvc1 0 track 2"),
            new Row(
                    "1953 nanoseconds",
                    VIDEO,
                    "97 02 0007A1 01 68766331 000021",
                    "CODED_FRAMES 1 HEVC/hvc1 33 key 1953ns"),
            new Row("an unknown extension is skipped", VIDEO, "97 00 FF F1 61763031", "CODED_FRAMES 1 AV1/av01 0 key"),
            new Row(
                    "an extension of 256 bytes",
                    VIDEO,
                    "97 FF 00FF" + "00".repeat(256) + "11 61763031",
                    "CODED_FRAMES 1 AV1/av01 0 key"),
            new Row(
                    "two extensions",
                    VIDEO,
                    "97 02 000001 07 02 000002 01 61763031",
                    "CODED_FRAMES 1 AV1/av01 0 key 2ns"),
            new Row(
                    "Opus sequence start",
                    AUDIO,
                    "90 4F707573 4F707573486561640102380180BB0000000000",
                    "SEQUENCE_START 0 Opus/Opus 0 48000Hz 2ch 0"),
            new Row("Opus sequence start without a body", AUDIO, "90 4F707573", "SEQUENCE_START 0 Opus/Opus 0"),
            new Row("Opus frame", AUDIO, "91 4F707573 FC", "CODED_FRAMES 0 Opus/Opus 0"),
            new Row(
                    "FLAC sequence start",
                    AUDIO,
                    "90 664C6143 664C6143 80000022" + STREAMINFO,
                    "SEQUENCE_START 0 FLAC/fLaC 0 48000Hz 2ch 0"),
            new Row(
                    "FLAC sequence start as FFmpeg sends it",
                    AUDIO,
                    "90 664C6143" + STREAMINFO,
                    "SEQUENCE_START 0 FLAC/fLaC 0 48000Hz 2ch 0"),
            new Row("AAC sequence start", AUDIO, "90 6D703461 1208", "SEQUENCE_START 0 AAC/mp4a 0 44100Hz 1ch 2"),
            new Row("AC-3 end", AUDIO, "92 61632D33", "SEQUENCE_END 0 AC-3/ac-3 0"),
            new Row("E-AC-3", AUDIO, "91 65632D33 0B77", "CODED_FRAMES 0 E-AC-3/ec-3 0"),
            new Row("MP3 under its FourCC", AUDIO, "91 2E6D7033 FFFB", "CODED_FRAMES 0 MP3/.mp3 0"),
            new Row("channels of Opus", AUDIO, "94 4F707573 010200000003", "MULTICHANNEL_CONFIG 0 Opus/Opus 0"),
            new Row("audio multitrack is another number", AUDIO, "95 00 4F707573 00", "SEQUENCE_START 0 Opus/Opus 0"));

    private static final List<Row> REFUSED = List.of(
            new Row(
                    "nanoseconds out of range",
                    VIDEO,
                    "97 02 0F4240 01 68766331 000000",
                    "TimestampOffsetNano 1000000"),
            new Row("nanoseconds of two bytes", VIDEO, "97 01 0007 01 61763031", "needs 3 bytes"),
            new Row("extension longer than the message", VIDEO, "97 FF FFFF" + "00".repeat(10), "needs 65536 bytes"),
            new Row("17 extensions", VIDEO, "97" + "00 00 17".repeat(17) + "00 00 11 61763031", "more than 16 ModEx"),
            new Row("10,000 extensions", VIDEO, "97" + "00 00 17".repeat(10_000), "more than 16 ModEx"),
            new Row("multitrack inside multitrack", VIDEO, "96 06 61763031 00", "packet type 6"),
            new Row("extension inside multitrack", VIDEO, "96 07 61763031 00", "packet type 7"),
            new Row("unknown multitrack type", VIDEO, "96 80", "AvMultitrackType 8"),
            new Row("multitrack without its byte", VIDEO, "96", "needs 1 bytes"),
            new Row("track longer than the message", VIDEO, "96 21 61763031 00 FFFFFF 00", "needs 16777215 bytes"),
            new Row("multitrack without a track", VIDEO, "96 10 61763031", "needs 1 bytes"),
            new Row("track without its composition time", VIDEO, "96 11 68766331 00 000000", "needs 3 bytes"),
            new Row("reserved packet type", VIDEO, "98 61763031", "packet type 8"),
            new Row("reserved packet type of audio", AUDIO, "93 4F707573", "packet type 3"),
            new Row("reserved frame type", VIDEO, "F1 61763031", "FrameType 7"),
            new Row("reserved frame type of FLV", VIDEO, "07 01 000000", "FrameType 0"),
            new Row("unknown AVCPacketType", VIDEO, "17 03 000000", "AVCPacketType 3"),
            new Row("unknown AACPacketType", AUDIO, "AF 02", "AACPacketType 2"),
            new Row("AAC without its packet type", AUDIO, "AF", "needs 1 bytes"),
            new Row(
                    "parameter set longer than the rest",
                    VIDEO,
                    "17 00 000000 0142D00BFFE1FFFF67",
                    "needs 65535 bytes"),
            new Row(
                    "parameter set of zeros",
                    VIDEO,
                    "17 00 000000 0142D00BFFE10010" + "00".repeat(16),
                    "longer than 32 bits"),
            new Row("AAC configuration of one byte", AUDIO, "AF 00 12", "needs 1 bytes"),
            new Row("reserved AAC frequency", AUDIO, "AF 00 1690", "index 13"));

    private static Buffer bytes(String hex) {
        return Buffer.buffer(HexFormat.of().parseHex(hex.replace(" ", "")));
    }

    private static String said(MediaTag tag) {
        StringBuilder said = new StringBuilder();
        said.append(tag.packet()).append(' ').append(tag.frameType());
        said.append(' ')
                .append(tag.codec().name())
                .append('/')
                .append(tag.codec().fourCc());
        said.append(' ').append(tag.compositionTime());
        said.append(tag.isKeyFrame() ? " key" : "");
        tag.picture()
                .ifPresent(p -> said.append(" %dx%d %d/%d".formatted(p.width(), p.height(), p.profile(), p.level())));
        tag.sound().ifPresent(s -> said.append(" %dHz %dch %d".formatted(s.sampleRate(), s.channels(), s.profile())));
        tag.track()
                .filter(t -> t.id() != 0)
                .ifPresent(t -> said.append(" track ").append(t.id()));
        said.append(tag.nanoOffset() == 0 ? "" : " " + tag.nanoOffset() + "ns");
        return said.toString();
    }

    @Test
    void everyRowSaysWhatItIs() {
        for (Row row : TABLE) {
            assertThat(said(MediaTag.decode(row.kind(), row.bytes())))
                    .as(row.name())
                    .isEqualTo(row.said());
        }
    }

    @Test
    void theQuestionsOfTheHotPathAgreeWithTheFullAnswer() {
        for (Row row : TABLE) {
            agree(row.name(), row.kind(), row.bytes());
        }
    }

    private static void agree(String name, Kind kind, Buffer payload) {
        MediaTag tag = MediaTag.decode(kind, payload);
        assertThat(MediaTag.sequenceHeader(kind, payload)).as(name).isEqualTo(tag.isSequenceHeader());
        if (kind == VIDEO) {
            assertThat(MediaTag.keyFrame(payload)).as(name).isEqualTo(tag.isKeyFrame());
            assertThat(MediaTag.metadata(payload)).as(name).isEqualTo(tag.isMetadata());
        }
    }

    @Test
    void brokenBytesAreRefusedWithASentence() {
        for (Row row : REFUSED) {
            assertThatThrownBy(() -> MediaTag.decode(row.kind(), row.bytes()))
                    .as(row.name())
                    .isInstanceOf(ProtocolException.class)
                    .hasMessageContaining(row.said());
        }
    }

    @Test
    void aHeaderCutShortIsNothingSpecial() {
        for (Row row : TABLE) {
            Buffer whole = row.bytes();
            boolean enhanced = row.hex().startsWith("9")
                    || row.kind() == VIDEO && row.hex().matches("[8-F].*");
            int header = enhanced ? 5 : 2;
            for (int n = 0; n < Math.min(header, whole.length()); n++) {
                Buffer cut = whole.slice(0, n);
                assertThat(MediaTag.sequenceHeader(row.kind(), cut))
                        .as(row.name())
                        .isFalse();
                assertThat(MediaTag.metadata(cut)).as(row.name()).isFalse();
            }
        }
        assertThat(MediaTag.keyFrame(bytes("91 617630"))).isFalse();
        assertThat(MediaTag.keyFrame(bytes("17 01 0000"))).isFalse();
        assertThat(MediaTag.keyFrame(bytes("97" + "00 00 17".repeat(10_000)))).isFalse();
        assertThat(MediaTag.keyFrame(bytes("97 FF FFFF 00"))).isFalse();
        assertThat(MediaTag.keyFrame(bytes("96 06 61763031"))).isFalse();
    }

    @Test
    void everyPrefixEndsInAnAnswerOrAProtocolException() {
        for (Row row : TABLE) {
            for (int n = 0; n < row.bytes().length(); n++) {
                ask(row.name(), row.kind(), row.bytes().slice(0, n));
            }
        }
    }

    @Test
    void mutationsEndInAnAnswerOrAProtocolException() {
        Random random = new Random(20_261_123);
        for (int left = 20_000; left > 0; ) {
            for (Row row : TABLE) {
                Buffer bytes = row.bytes();
                for (int changes = random.nextInt(3); changes >= 0 && bytes.length() > 0; changes--) {
                    int at = random.nextInt(Math.min(bytes.length(), random.nextBoolean() ? 8 : 200));
                    bytes.setByte(at, (byte) random.nextInt(256));
                }
                ask(row.name(), row.kind(), bytes);
                left--;
            }
        }
    }

    private static void ask(String name, Kind kind, Buffer bytes) {
        MediaTag.keyFrame(bytes);
        MediaTag.metadata(bytes);
        MediaTag.sequenceHeader(kind, bytes);
        try {
            MediaTag.decode(kind, bytes);
        } catch (ProtocolException e) {
            return;
        }
        agree(name, kind, bytes);
    }

    @Test
    void sixteenTracksAreKeptAndAllAreChecked() {
        StringBuilder tracks = new StringBuilder("96 10 61763031");
        for (int id = 0; id < 256; id++) {
            tracks.append("%02X 000000".formatted(id));
        }
        MediaTag tag = MediaTag.decode(VIDEO, bytes(tracks.toString()));
        assertThat(tag.tracks())
                .extracting(MediaTag.Track::id)
                .hasSize(16)
                .startsWith(0, 1, 2)
                .endsWith(15);
        assertThatThrownBy(() -> MediaTag.decode(VIDEO, bytes(tracks + "00 000001")))
                .isInstanceOf(ProtocolException.class);
    }

    @Test
    void theBodyIsWhatFollowsTheHeaders() {
        assertThat(MediaTag.decode(VIDEO, bytes("17 01 000000 AABB"))
                        .tracks()
                        .get(0)
                        .body())
                .isEqualTo(bytes("AABB"));
        assertThat(MediaTag.decode(AUDIO, bytes("91 4F707573 CC"))
                        .tracks()
                        .get(0)
                        .body())
                .isEqualTo(bytes("CC"));
        assertThat(MediaTag.decode(VIDEO, bytes("96 11 61763031 00 000001 AA 01 000002 BBCC"))
                        .tracks())
                .extracting(MediaTag.Track::body)
                .containsExactly(bytes("AA"), bytes("BBCC"));
    }

    @Test
    void noSequenceHeaderIsAKeyFrame() {
        for (Row row : TABLE) {
            if (row.kind() == VIDEO) {
                assertThat(MediaTag.keyFrame(row.bytes()) && MediaTag.sequenceHeader(VIDEO, row.bytes()))
                        .as(row.name())
                        .isFalse();
            }
        }
    }

    @Test
    void dataIsNoMedia() {
        assertThat(MediaTag.sequenceHeader(Kind.DATA, bytes("17 00 000000"))).isFalse();
        assertThatThrownBy(() -> MediaTag.decode(Kind.DATA, bytes("00"))).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void theQuestionsOfTheHotPathAllocateNothing() {
        List<Buffer> payloads = TABLE.stream().map(Row::bytes).toList();
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        questions(payloads);
        long before = threads.getCurrentThreadAllocatedBytes();
        questions(payloads);
        // The measurement itself may cost a little; one allocation a question would be more than this.
        assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(16L * 3 * 100 * payloads.size());
    }

    private static void questions(List<Buffer> payloads) {
        for (int round = 0; round < 100; round++) {
            for (int i = 0; i < payloads.size(); i++) {
                MediaTag.keyFrame(payloads.get(i));
                MediaTag.metadata(payloads.get(i));
                MediaTag.sequenceHeader(VIDEO, payloads.get(i));
            }
        }
    }
}
