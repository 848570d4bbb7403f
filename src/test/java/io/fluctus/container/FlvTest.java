package io.fluctus.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fluctus.media.MediaPacket;
import io.fluctus.media.MediaPacket.Kind;
import io.fluctus.wire.ProtocolException;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class FlvTest {
    private record Row(String name, MediaPacket decoded, String encoded) {}

    private static final String HEADER = "464C56 01 05 00000009 00000000";

    private static final List<Row> TABLE = List.of(
            new Row("audio", packet(Kind.AUDIO, 0, "AF001208"), "08 000004 000000 00 000000 AF001208 0000000F"),
            new Row("video", packet(Kind.VIDEO, 40, "2701000000"), "09 000005 000028 00 000000 2701000000 00000010"),
            new Row("data", packet(Kind.DATA, 1, "020001 61 05"), "12 000005 000001 00 000000 020001 61 05 00000010"),
            new Row("silence", packet(Kind.AUDIO, 7, ""), "08 000000 000007 00 000000 0000000B"),
            new Row(
                    "time before its extension",
                    packet(Kind.AUDIO, 0xFFFFFFL, "2F"),
                    "08 000001 FFFFFF 00 000000 2F 0000000C"),
            new Row(
                    "time with its extension",
                    packet(Kind.AUDIO, 0x1000000L, "2F"),
                    "08 000001 000000 01 000000 2F 0000000C"),
            new Row("time of 31 bits", packet(Kind.VIDEO, 0x7FFFFFFFL, "12"), "09 000001 FFFFFF 7F 000000 12 0000000C"),
            new Row(
                    "last time before the wrap",
                    packet(Kind.VIDEO, 0xFFFFFFFFL, "12"),
                    "09 000001 FFFFFF FF 000000 12 0000000C"));

    /** Tags that are read, but written otherwise. */
    private static final List<Row> READ_ONLY = List.of(
            new Row("lying back pointer", packet(Kind.AUDIO, 0, "2F"), "08 000001 000000 00 000000 2F DEADBEEF"),
            new Row("stream id that is not 0", packet(Kind.AUDIO, 0, "2F"), "08 000001 000000 00 000001 2F 0000000C"),
            new Row(
                    "AMF3 script data",
                    packet(Kind.DATA, 0, "020001 61 020001 62"),
                    "0F 000009 000000 00 000000 00 020001 61 11060362 00000014"),
            new Row(
                    "AMF3 script data without its format byte",
                    packet(Kind.DATA, 0, "020001 61 05"),
                    "0F 000005 000000 00 000000 020001 61 05 00000010"));

    private static final List<Row> REFUSED = List.of(
            new Row("another file", null, "46 4C 57"),
            new Row("a web page", null, "3C"),
            new Row("another version", null, "464C56 02 05 00000009 00000000"),
            new Row("header shorter than itself", null, "464C56 01 05 00000008 00000000"),
            new Row("header of 4 GiB", null, "464C56 01 05 FFFFFFFF 00000000"),
            new Row("tag longer than 8 MiB", null, HEADER + "09 800001 000000 00 000000"),
            new Row("encrypted tag", null, HEADER + "28 000001 000000 00 000000"));

    private static MediaPacket packet(Kind kind, long timestamp, String payload) {
        return MediaPacket.of(kind, timestamp, bytes(payload));
    }

    private static Buffer bytes(String hex) {
        return Buffer.buffer(HexFormat.of().parseHex(hex.replace(" ", "")));
    }

    private static Buffer file() {
        Buffer file = bytes(HEADER);
        TABLE.forEach(row -> file.appendBuffer(bytes(row.encoded())));
        return file;
    }

    private static List<MediaPacket> packets() {
        return TABLE.stream().map(Row::decoded).toList();
    }

    @Test
    void everyRowReadsToItsPacket() {
        for (List<Row> table : List.of(TABLE, READ_ONLY)) {
            for (Row row : table) {
                FlvReader reader = new FlvReader();
                assertThat(reader.receive(bytes(HEADER + row.encoded())))
                        .as(row.name())
                        .containsExactly(row.decoded());
                assertThat(reader.atEndOfTag()).as(row.name()).isTrue();
            }
        }
    }

    @Test
    void everyRowWritesToItsTag() {
        for (Row row : TABLE) {
            Buffer out = Buffer.buffer("before");
            FlvWriter.tag(row.decoded(), out);
            assertThat(out).as(row.name()).isEqualTo(Buffer.buffer("before").appendBuffer(bytes(row.encoded())));
        }
    }

    @Test
    void theHeaderPromisesWhatItIsTold() {
        assertThat(FlvWriter.header(true, true)).isEqualTo(bytes(HEADER));
        assertThat(FlvWriter.header(true, false)).isEqualTo(bytes("464C56 01 04 00000009 00000000"));
        assertThat(FlvWriter.header(false, true)).isEqualTo(bytes("464C56 01 01 00000009 00000000"));
    }

    @Test
    void comingsAndGoingsHaveNoTag() {
        Buffer out = Buffer.buffer();
        FlvWriter.tag(packet(Kind.PUBLISHED, 0, ""), out);
        FlvWriter.tag(packet(Kind.UNPUBLISHED, 0, ""), out);
        assertThat(out.length()).isZero();
    }

    @Test
    void aPacketTooLongForATagIsRefused() {
        Buffer payload = Buffer.buffer(new byte[0x1000000]);
        assertThatThrownBy(() -> FlvWriter.tag(MediaPacket.of(Kind.VIDEO, 0, payload), Buffer.buffer()))
                .isInstanceOf(ProtocolException.class);
    }

    @Test
    void aFileReadsTheSameInTwoPiecesCutAnywhere() {
        Buffer file = file();
        for (int cut = 0; cut <= file.length(); cut++) {
            FlvReader reader = new FlvReader();
            List<MediaPacket> packets = new ArrayList<>(reader.receive(file.slice(0, cut)));
            packets.addAll(reader.receive(file.slice(cut, file.length())));
            assertThat(packets).as("cut at " + cut).isEqualTo(packets());
        }
    }

    @Test
    void aFileReadsTheSameByteByByte() {
        Buffer file = file();
        FlvReader reader = new FlvReader();
        List<MediaPacket> packets = new ArrayList<>();
        for (int i = 0; i < file.length(); i++) {
            packets.addAll(reader.receive(file.slice(i, i + 1)));
        }
        assertThat(packets).isEqualTo(packets());
        assertThat(reader.atEndOfTag()).isTrue();
    }

    @Test
    void aFileCutShortDoesNotEndWithATag() {
        FlvReader reader = new FlvReader();
        assertThat(reader.atEndOfTag()).isFalse();
        reader.receive(file().slice(0, file().length() - 1));
        assertThat(reader.atEndOfTag()).isFalse();
    }

    @Test
    void brokenFilesAreRefusedAsSoonAsTheyShow() {
        for (Row row : REFUSED) {
            assertThatThrownBy(() -> new FlvReader().receive(bytes(row.encoded())))
                    .as(row.name())
                    .isInstanceOf(ProtocolException.class)
                    .hasMessageContaining(" ");
        }
    }

    @Test
    void aLongHeaderIsSkippedAndOneLongerThanTheLimitRefused() {
        String tag = TABLE.get(0).encoded();
        Buffer longest = bytes("464C56 01 05 00000400" + "00".repeat(1024 - 9) + "00000000" + tag);
        assertThat(new FlvReader().receive(longest))
                .containsExactly(TABLE.get(0).decoded());
        assertThatThrownBy(() -> new FlvReader().receive(bytes("464C56 01 05 00000401")))
                .isInstanceOf(ProtocolException.class);
    }

    @Test
    void tagsOfUnknownTypesAreSkipped() {
        String unknown = "0A 000002 000000 00 000000 FFFF 0000000D";
        assertThat(new FlvReader().receive(bytes(HEADER + unknown + TABLE.get(1).encoded())))
                .containsExactly(TABLE.get(1).decoded());
    }

    @Test
    void theLongestTagIsReadInPieces() {
        int size = FlvReader.MAX_TAG_DATA;
        Buffer out = FlvWriter.header(true, true);
        MediaPacket packet = MediaPacket.of(Kind.VIDEO, 5, Buffer.buffer(new byte[size]));
        FlvWriter.tag(packet, out);
        FlvReader reader = new FlvReader();
        List<MediaPacket> packets = new ArrayList<>();
        for (int at = 0; at < out.length(); at += 65_536) {
            packets.addAll(reader.receive(out.slice(at, Math.min(out.length(), at + 65_536))));
        }
        assertThat(packets).containsExactly(packet);
    }

    @Test
    void aPayloadDoesNotHoldOnToWhatWasReceived() {
        Buffer file = file();
        MediaPacket first = new FlvReader().receive(file).get(0);
        for (int i = 0; i < file.length(); i++) {
            file.setByte(i, (byte) 0);
        }
        assertThat(first).isEqualTo(TABLE.get(0).decoded());
    }

    @Test
    void mutationsEndInPacketsOrAProtocolException() {
        Random random = new Random(20_261_123);
        Buffer whole = file();
        READ_ONLY.forEach(row -> whole.appendBuffer(bytes(row.encoded())));
        for (int round = 0; round < 20_000; round++) {
            Buffer file = whole.copy();
            for (int changes = random.nextInt(4); changes >= 0; changes--) {
                file.setByte(random.nextInt(file.length()), (byte) random.nextInt(256));
            }
            int cut = random.nextInt(file.length());
            FlvReader reader = new FlvReader();
            try {
                reader.receive(file.slice(0, cut));
                reader.receive(file.slice(cut, file.length()));
            } catch (ProtocolException e) {
                continue; // the only failure there may be
            }
        }
    }
}
