package io.fluctus.wire;

import static io.fluctus.wire.AmfCase.hex;
import static io.fluctus.wire.AmfCase.map;
import static io.fluctus.wire.AmfCase.obj;
import static io.fluctus.wire.AmfCase.reader;
import static io.fluctus.wire.AmfCase.utf8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.buffer.Buffer;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class Amf0Test {
    private static final AmfValue ONE = AmfValue.of(1);
    private static final String NUMBER_ONE = "00 3FF0000000000000";

    /** Rows that read and write the same bytes. */
    private static final List<AmfCase> TABLE = List.of(
            new AmfCase("number", ONE, NUMBER_ONE),
            new AmfCase("negative zero", AmfValue.of(-0.0), "00 8000000000000000"),
            new AmfCase("infinity", AmfValue.of(Double.POSITIVE_INFINITY), "00 7FF0000000000000"),
            new AmfCase("NaN", AmfValue.of(Double.NaN), "00 7FF8000000000000"),
            new AmfCase("true", AmfValue.of(true), "01 01"),
            new AmfCase("false", AmfValue.of(false), "01 00"),
            new AmfCase("empty string", AmfValue.of(""), "02 0000"),
            new AmfCase("string", AmfValue.of("caf\u00e9 \ud83d\ude00"), "02 000A 636166C3A920F09F9880"),
            new AmfCase("name with NUL and newline", AmfValue.of("a\0b\n"), "02 0004 6100620A"),
            new AmfCase("null", AmfValue.NULL, "05"),
            new AmfCase("undefined", AmfValue.UNDEFINED, "06"),
            new AmfCase("empty object", obj(), "03 0000 09"),
            new AmfCase("object", obj("b", ONE, "a", AmfValue.NULL), "03 0001 62" + NUMBER_ONE + "0001 61 05 0000 09"),
            new AmfCase(
                    "member of the empty name",
                    obj("", AmfValue.NULL, "a", ONE),
                    "03 0000 05 0001 61" + NUMBER_ONE + "0000 09"),
            new AmfCase(
                    "typed object is plain data",
                    new AmfValue.Obj("java.lang.Thread", map("a", AmfValue.NULL)),
                    "10 0010" + utf8("java.lang.Thread") + "0001 61 05 0000 09"),
            new AmfCase("ECMA array", new AmfValue.Ecma(map("a", ONE)), "08 00000001 0001 61" + NUMBER_ONE + "0000 09"),
            new AmfCase("strict array", AmfValue.Array.of(ONE, AmfValue.NULL), "0A 00000002" + NUMBER_ONE + "05"),
            new AmfCase("empty strict array", AmfValue.Array.of(), "0A 00000000"),
            new AmfCase("date", new AmfValue.Date(1e12), "0B 426D1A94A2000000 0000"),
            new AmfCase("date far away", new AmfValue.Date(-1e20), "0B C415AF1D78B58C40 0000"),
            new AmfCase("date that is none", new AmfValue.Date(Double.NaN), "0B 7FF8000000000000 0000"),
            new AmfCase(
                    "XML is never parsed",
                    new AmfValue.Xml("<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><a>&x;</a>", true),
                    "0F 00000040" + utf8("<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><a>&x;</a>")),
            new AmfCase(
                    "object that contains itself", obj("me", new AmfValue.Cycle(1)), "03 0002 6D65 07 0000 0000 09"),
            new AmfCase(
                    "two that contain each other",
                    AmfValue.Array.of(obj("up", new AmfValue.Cycle(2))),
                    "0A 00000001 03 0002 7570 07 0000 0000 09"));

    /** Rows that are read, but written otherwise. */
    private static final List<AmfCase> READ_ONLY = List.of(
            new AmfCase("any other byte is true", AmfValue.of(true), "01 7F"),
            new AmfCase("unsupported", AmfValue.UNDEFINED, "0D"),
            new AmfCase("short long string", AmfValue.of("a"), "0C 00000001 61"),
            new AmfCase("string that is no UTF-8", AmfValue.of("\ufffdA"), "02 0002 FF41"),
            new AmfCase("date with a zone", new AmfValue.Date(0), "0B 0000000000000000 FFC4"),
            new AmfCase(
                    "ECMA array with a lying count",
                    new AmfValue.Ecma(map("a", ONE)),
                    "08 FFFFFFFF 0001 61" + NUMBER_ONE + "0000 09"),
            new AmfCase(
                    "ECMA array without its end", new AmfValue.Ecma(map("a", ONE)), "08 00000001 0001 61" + NUMBER_ONE),
            new AmfCase(
                    "ECMA array with half its end",
                    new AmfValue.Ecma(map("a", ONE)),
                    "08 00000001 0001 61" + NUMBER_ONE + "0000"),
            new AmfCase(
                    "the last of two members wins", obj("a", ONE), "03 0001 61 05 0001 61" + NUMBER_ONE + "0000 09"),
            new AmfCase(
                    "the same object twice",
                    AmfValue.Array.of(obj("a", ONE), obj("a", ONE)),
                    "0A 00000002 03 0001 61" + NUMBER_ONE + "0000 09 07 0001"),
            new AmfCase(
                    "date takes no entry in the table",
                    AmfValue.Array.of(new AmfValue.Date(0), obj(), obj()),
                    "0A 00000003 0B 0000000000000000 0000 03 0000 09 07 0001"),
            new AmfCase("AMF3 string behind the switch", AmfValue.of("hi"), "11 06 05 6869"),
            new AmfCase("AMF3 dictionary behind the switch", new AmfValue.Dictionary(false, List.of()), "11 11 01 00"));

    private static final List<String> REFUSED = List.of(
            "04",
            "0E",
            "09",
            "12",
            "FF",
            "",
            "02 0005 61",
            "07 0000",
            "0A 00000001 07 0001",
            "0A FFFFFFFF 0505050505",
            "0A 00000006 0505050505",
            "0C FFFFFFFF 61",
            "0F 80000000 61",
            "03",
            "03 0001 61",
            "03 0000",
            "10 FFFF 61",
            "03 0001 61 05 0000",
            "11 0A 02",
            "11 06 02");

    @Test
    void everyRowReadsToItsValue() {
        for (List<AmfCase> table : List.of(TABLE, READ_ONLY)) {
            for (AmfCase row : table) {
                ByteReader in = new ByteReader(row.bytes());
                assertThat(Amf0.decode(in)).as(row.name()).isEqualTo(row.decoded());
                assertThat(in.remaining()).as(row.name()).isZero();
            }
        }
    }

    @Test
    void everyRowWritesToItsBytes() {
        for (AmfCase row : TABLE) {
            ByteWriter out = new ByteWriter();
            Amf0.encode(row.decoded(), out);
            assertThat(hex(out.buffer())).as(row.name()).isEqualTo(hex(row.bytes()));
        }
    }

    @Test
    void brokenBytesAreRefusedWithASentence() {
        for (String bytes : REFUSED) {
            assertThatThrownBy(() -> Amf0.decode(reader(bytes)))
                    .as(bytes)
                    .isInstanceOf(ProtocolException.class)
                    .hasMessageContaining(" ");
        }
    }

    @Test
    void prefixesAndMutationsEndInAValueOrAProtocolException() {
        List<AmfCase> all = new java.util.ArrayList<>(TABLE);
        all.addAll(READ_ONLY);
        AmfCase.broken(all, 20_000, bytes -> {
            for (AmfValue value : Amf0.decodeReadable(new ByteReader(bytes))) {
                AmfValue again = rewritten(value);
                assertThat(rewritten(again)).isEqualTo(again);
            }
        });
    }

    private static AmfValue rewritten(AmfValue value) {
        ByteWriter out = new ByteWriter();
        Amf0.encode(value, out);
        return Amf0.decode(new ByteReader(out.buffer()));
    }

    @Test
    void everyPrefixOfAnythingButAnEcmaArrayIsRefused() {
        for (AmfCase row : TABLE) {
            for (int n = 0;
                    !(row.decoded() instanceof AmfValue.Ecma) && n < row.bytes().length();
                    n++) {
                ByteReader in = new ByteReader(row.bytes(), 0, n);
                assertThatThrownBy(() -> Amf0.decode(in)).as(row.name()).isInstanceOf(ProtocolException.class);
            }
        }
    }

    @Test
    void depth32IsReadAnd33IsRefused() {
        Map<String, String> nests = Map.of(
                "03 0001 61",
                "0000 09",
                "08 00000000 0001 61",
                "0000 09",
                "0A 00000001",
                "",
                "10 0001 63 0001 61",
                "0000 09");
        nests.forEach((open, close) -> {
            assertThat(Amf0.decode(reader(open.repeat(32) + "05" + close.repeat(32))))
                    .isNotNull();
            assertThatThrownBy(() -> Amf0.decode(reader(open.repeat(33) + "05" + close.repeat(33))))
                    .isInstanceOf(ProtocolException.class)
                    .hasMessageContaining("deeper than 32");
        });
    }

    @Test
    void aMillionLevelsAreRefusedAtThe33rd() {
        ByteReader in = reader("0A 00000001".repeat(1_000_000));
        assertThatThrownBy(() -> Amf0.decode(in)).isInstanceOf(ProtocolException.class);
        assertThat(in.position()).isLessThanOrEqualTo(33 * 5);
    }

    @Test
    void theSwitchToAmf3DoesNotForgetTheDepth() {
        String sixteen = "0A 00000001".repeat(16);
        assertThat(Amf0.decode(reader(sixteen + "11" + "09 03 01".repeat(16) + "01")))
                .isNotNull();
        assertThatThrownBy(() -> Amf0.decode(reader(sixteen + "11" + "09 03 01".repeat(17) + "01")))
                .isInstanceOf(ProtocolException.class);
    }

    @Test
    void aWriterRefusesWhatAReaderWould() {
        AmfValue value = AmfValue.NULL;
        for (int i = 0; i < 33; i++) {
            value = AmfValue.Array.of(value);
        }
        AmfValue deep = value;
        assertThatThrownBy(() -> Amf0.encode(deep, new ByteWriter())).isInstanceOf(ProtocolException.class);
        assertThatThrownBy(() -> Amf0.encodeAll(List.of(deep), 3, new ByteWriter()))
                .isInstanceOf(ProtocolException.class);
        AmfValue named = obj("a".repeat(65_536), AmfValue.NULL);
        assertThatThrownBy(() -> Amf0.encode(named, new ByteWriter())).isInstanceOf(ProtocolException.class);
    }

    @Test
    void tenThousandValuesAreReadAndOneMoreIsRefused() {
        assertThat(Amf0.decode(reader("0A 0000270F" + "05".repeat(9_999)))).isNotNull();
        assertThatThrownBy(() -> Amf0.decode(reader("0A 00002710" + "05".repeat(10_000))))
                .isInstanceOf(ProtocolException.class);
        assertThatThrownBy(() -> Amf0.decodeAll(reader("05".repeat(10_001)))).isInstanceOf(ProtocolException.class);
    }

    @Test
    void referencesThatMultiplyAreBounded() {
        StringBuilder laughs = new StringBuilder("0A 0000001E");
        for (int level = 0; level < 30; level++) {
            String below = level == 0 ? "05" : "07 %04X".formatted(level);
            laughs.append("0A 0000000A").append(below.repeat(10));
        }
        assertThatThrownBy(() -> Amf0.decode(reader(laughs.toString())))
                .isInstanceOf(ProtocolException.class)
                .hasMessageContaining("10000");
    }

    @Test
    void referencesThatDeepenAreBounded() {
        StringBuilder tower = new StringBuilder("0A 00000028 0A 00000000");
        for (int level = 1; level < 40; level++) {
            tower.append("0A 00000001 07 %04X".formatted(level));
        }
        assertThatThrownBy(() -> Amf0.decode(reader(tower.toString())))
                .isInstanceOf(ProtocolException.class)
                .hasMessageContaining("deeper than 32");
    }

    @Test
    void aReferenceIsTheSameInstance() {
        AmfValue.Array pair = (AmfValue.Array) Amf0.decode(reader("0A 00000002 03 0000 09 07 0001"));
        assertThat(pair.items().get(0)).isSameAs(pair.items().get(1));
    }

    @Test
    void aReferenceIntoACycleIsUnrolledWhereItStands() {
        // a = {b: {up: a}}, then b again at the top: seen from there, b holds the whole of a.
        List<AmfValue> values = Amf0.decodeAll(reader("03 0001 62 03 0002 7570 07 0000 0000 09 0000 09" + "07 0001"));
        AmfValue a = obj("b", obj("up", new AmfValue.Cycle(2)));
        assertThat(values).containsExactly(a, obj("up", a));
    }

    @Test
    void aReferenceToWhatPointsAboveItKeepsItsMeaningDeeperDown() {
        // a = {b: {up: a}, c: [b]}: both places of b point at a, one level further up from the second.
        AmfValue a = Amf0.decode(reader("03 0001 62 03 0002 7570 07 0000 0000 09 0001 63 0A 00000001 07 0001 0000 09"));
        assertThat(a)
                .isEqualTo(obj(
                        "b",
                        obj("up", new AmfValue.Cycle(2)),
                        "c",
                        AmfValue.Array.of(obj("up", new AmfValue.Cycle(3)))));
    }

    @Test
    void aDeclaredCountAllocatesNothing() {
        for (String bytes :
                List.of("0A FFFFFFFF 0505050505", "0C FFFFFFFF 61", "0F FFFFFFFF 61", "08 FFFFFFFF", "03 FFFF 61")) {
            assertThat(Allocation.of(() -> Amf0.decodeReadable(reader(bytes))))
                    .as(bytes)
                    .isLessThan(16 * 1024);
        }
    }

    @Test
    void theTablesOfAmf3AreSharedByOneMessage() {
        String first = "11 0A 0B 01 03 61 06 03 62 01"; // {a: "b"}
        String second = "11 09 05 01 06 02 0A 00"; // ["b", the object above]
        AmfValue object = obj("a", AmfValue.of("b"));
        assertThat(Amf0.decodeAll(reader("05" + first + "05" + second)))
                .containsExactly(AmfValue.NULL, object, AmfValue.NULL, AmfValue.Array.of(AmfValue.of("b"), object));
    }

    @Test
    void aDataMessageKeepsWhatStandsBeforeATruncation() {
        String handler = "02 000A" + utf8("onMetaData");
        assertThat(Amf0.decodeReadable(reader(handler + "0A 00000002 05"))).containsExactly(AmfValue.of("onMetaData"));
        assertThat(Amf0.decodeReadable(reader("02 00FF 61"))).isEmpty();
        assertThatThrownBy(() -> Amf0.decodeAll(reader(handler + "0A 00000002 05")))
                .isInstanceOf(ProtocolException.class);
    }

    @Test
    void longStringsAreWrittenAsSuch() {
        for (int length : List.of(65_535, 65_536)) {
            ByteWriter out = new ByteWriter();
            AmfValue text = AmfValue.of("x".repeat(length));
            Amf0.encode(text, out);
            assertThat(out.buffer().getByte(0)).isEqualTo((byte) (length == 65_535 ? 0x02 : 0x0C));
            assertThat(Amf0.decode(new ByteReader(out.buffer()))).isEqualTo(text);
        }
    }

    @Test
    void whatAmf0CannotSayBecomesTheNearestThing() {
        AmfValue bytes = new AmfValue.Bytes(Buffer.buffer("x"));
        AmfValue vector = new AmfValue.Vector(AmfValue.Vector.Kind.INT, true, "", List.of(ONE));
        AmfValue dictionary = new AmfValue.Dictionary(
                false,
                List.of(
                        new AmfValue.Dictionary.Entry(new AmfValue.Int(7), ONE),
                        new AmfValue.Dictionary.Entry(AmfValue.of("k"), ONE),
                        new AmfValue.Dictionary.Entry(AmfValue.of(true), ONE)));
        AmfValue both = new AmfValue.Array(List.of(ONE), map("a", ONE));
        assertThat(rewritten(bytes)).isEqualTo(AmfValue.UNDEFINED);
        assertThat(rewritten(obj("a", bytes, "b", ONE))).isEqualTo(obj("b", ONE));
        assertThat(rewritten(AmfValue.Array.of(bytes, ONE))).isEqualTo(AmfValue.Array.of(AmfValue.UNDEFINED, ONE));
        assertThat(rewritten(vector)).isEqualTo(AmfValue.Array.of(ONE));
        assertThat(rewritten(dictionary)).isEqualTo(obj("7", ONE, "k", ONE));
        assertThat(rewritten(both)).isEqualTo(new AmfValue.Ecma(map("0", ONE, "a", ONE)));
        assertThat(rewritten(new AmfValue.Int(-5))).isEqualTo(AmfValue.of(-5));
        assertThat(rewritten(new AmfValue.Xml("<a/>", false))).isEqualTo(new AmfValue.Xml("<a/>", true));
        assertThat(rewritten(new AmfValue.Cycle(1))).isEqualTo(AmfValue.UNDEFINED);
    }

    @Test
    void encodingThreeWritesAmf3OnlyWhereAmf0CannotSayIt() {
        AmfValue bytes = new AmfValue.Bytes(Buffer.buffer("x"));
        List<AmfValue> values =
                List.of(AmfValue.of("m"), ONE, AmfValue.NULL, obj("a", ONE), obj("a", bytes), obj("a", bytes));
        ByteWriter out = new ByteWriter();
        Amf0.encodeAll(values, 3, out);
        assertThat(hex(out.buffer()))
                .isEqualTo(hex(hex("02 0001 6D" + NUMBER_ONE + "05 03 0001 61" + NUMBER_ONE + "0000 09"
                        + "11 0A 0B 01 03 61 0C 03 78 01" // the first byte array: object 1
                        + "11 0A 01 00 0C 02 01")));
        assertThat(Amf0.decodeAll(new ByteReader(out.buffer()))).isEqualTo(values);
    }

    @Test
    void encodingZeroNeverSwitches() {
        List<AmfValue> values = List.of(
                AmfValue.of("m"), obj("v", new AmfValue.Vector(AmfValue.Vector.Kind.NUMBER, false, "", List.of(ONE))));
        ByteWriter out = new ByteWriter();
        Amf0.encodeAll(values, 0, out);
        assertThat(Amf0.decodeAll(new ByteReader(out.buffer())))
                .containsExactly(AmfValue.of("m"), obj("v", AmfValue.Array.of(ONE)));
    }

    @Test
    void cyclesOfLaterValuesReferToTheirOwnEntries() {
        List<AmfValue> values = List.of(obj("a", AmfValue.Array.of()), obj("me", new AmfValue.Cycle(1)));
        ByteWriter out = new ByteWriter();
        Amf0.encodeAll(values, 0, out);
        assertThat(Amf0.decodeAll(new ByteReader(out.buffer()))).isEqualTo(values);
    }

    @Test
    void aDowngradedDataMessageHoldsNoAmf3() {
        Buffer data = hex("02 0004" + utf8("text") + "11 0A 0B 01 03 61 0D 03 00 00000007 03 62 0C 03 78 01 02 00");
        assertThat(hex(Amf0.downgrade(data)))
                .isEqualTo(hex(hex("02 0004" + utf8("text") + "03 0001 61 0A 00000001 00 401C000000000000 0000 09")));
    }

    @Test
    void theMetadataOfARealEncoderIsRead() {
        Buffer message = hex("02000D40736574446174614672616D6502000A6F6E4D65746144617461080000000D00086475726174696F6E"
                + "00000000000000000000057769647468004064000000000000000668656967687400405E000000000000000D76696465"
                + "6F646174617261746500404388000000000000096672616D6572617465004014000000000000000C766964656F636F64"
                + "6563696400401C000000000000000D617564696F646174617261746500403F400000000000000F617564696F73616D70"
                + "6C65726174650040E5888000000000000F617564696F73616D706C6573697A6500403000000000000000067374657265"
                + "6F0100000C617564696F636F64656369640040240000000000000007656E636F64657202000D4C61766635392E3237"
                + "2E313030000866696C6573697A65000000000000000000000009");
        List<AmfValue> values = Amf0.decodeAll(new ByteReader(message));
        assertThat(values).hasSize(3);
        assertThat(values.get(2).members())
                .hasSize(13)
                .containsEntry("width", AmfValue.of(160))
                .containsEntry("stereo", AmfValue.of(false));
        ByteWriter out = new ByteWriter();
        Amf0.encodeAll(values, 0, out);
        assertThat(out.buffer()).isEqualTo(message);
    }
}
