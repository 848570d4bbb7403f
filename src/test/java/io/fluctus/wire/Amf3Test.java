package io.fluctus.wire;

import static io.fluctus.wire.AmfCase.hex;
import static io.fluctus.wire.AmfCase.map;
import static io.fluctus.wire.AmfCase.obj;
import static io.fluctus.wire.AmfCase.reader;
import static io.fluctus.wire.AmfCase.utf8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fluctus.wire.AmfValue.Vector.Kind;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class Amf3Test {
    private static final AmfValue A = AmfValue.of("a");
    private static final AmfValue.Obj COLLECTION =
            new AmfValue.Obj("flex.messaging.io.ArrayCollection", map("source", AmfValue.Array.of(A)));

    /** Rows that read and write the same bytes. */
    private static final List<AmfCase> TABLE = List.of(
            new AmfCase("undefined", AmfValue.UNDEFINED, "00"),
            new AmfCase("null", AmfValue.NULL, "01"),
            new AmfCase("false", AmfValue.of(false), "02"),
            new AmfCase("true", AmfValue.of(true), "03"),
            new AmfCase("integer 0", new AmfValue.Int(0), "04 00"),
            new AmfCase("integer of one byte", new AmfValue.Int(0x7F), "04 7F"),
            new AmfCase("integer of two bytes", new AmfValue.Int(0x80), "04 81 00"),
            new AmfCase("integer of two bytes at most", new AmfValue.Int(0x3FFF), "04 FF 7F"),
            new AmfCase("integer of three bytes", new AmfValue.Int(0x4000), "04 81 80 00"),
            new AmfCase("integer of three bytes at most", new AmfValue.Int(0x1FFFFF), "04 FF FF 7F"),
            new AmfCase("integer of four bytes", new AmfValue.Int(0x200000), "04 80 C0 80 00"),
            new AmfCase("largest integer", new AmfValue.Int(0x0FFFFFFF), "04 BF FF FF FF"),
            new AmfCase("smallest integer", new AmfValue.Int(-0x10000000), "04 C0 80 80 00"),
            new AmfCase("minus one", new AmfValue.Int(-1), "04 FF FF FF FF"),
            new AmfCase("double", AmfValue.of(0.5), "05 3FE0000000000000"),
            new AmfCase("NaN", AmfValue.of(Double.NaN), "05 7FF8000000000000"),
            new AmfCase("empty string", AmfValue.of(""), "06 01"),
            new AmfCase("string", AmfValue.of("\u00e9"), "06 05 C3A9"),
            new AmfCase("string by reference", AmfValue.Array.of(A, A), "09 05 01 06 03 61 06 00"),
            new AmfCase("XMLDocument", new AmfValue.Xml("<a/>", true), "07 09 3C612F3E"),
            new AmfCase("XML", new AmfValue.Xml("<a/>", false), "0B 09 3C612F3E"),
            new AmfCase("date", new AmfValue.Date(-1), "08 01 BFF0000000000000"),
            new AmfCase("array", AmfValue.Array.of(A), "09 03 01 06 03 61"),
            new AmfCase(
                    "array with names",
                    new AmfValue.Array(List.of(A), map("k", AmfValue.NULL)),
                    "09 03 03 6B 01 01 06 03 61"),
            new AmfCase("empty object", obj(), "0A 0B 01 01"),
            new AmfCase("object", obj("b", A, "a", AmfValue.NULL), "0A 0B 01 03 62 06 03 61 02 01 01"),
            new AmfCase(
                    "traits by reference",
                    AmfValue.Array.of(obj(), obj("k", A)),
                    "09 05 01 0A 0B 01 01 0A 01 03 6B 06 03 61 01"),
            new AmfCase("member of the empty name", obj("", A), "0A 13 01 01 06 03 61"),
            new AmfCase(
                    "typed object is plain data",
                    new AmfValue.Obj("java.io.File", map("path", A)),
                    "0A 13 19" + utf8("java.io.File") + "09" + utf8("path") + "06 03 61"),
            new AmfCase(
                    "ArrayCollection",
                    COLLECTION,
                    "0A 07 43" + utf8("flex.messaging.io.ArrayCollection") + "09 03 01 06 03 61"),
            new AmfCase("byte array", new AmfValue.Bytes(hex("00FF")), "0C 05 00FF"),
            new AmfCase(
                    "vector of int",
                    new AmfValue.Vector(Kind.INT, true, "", List.of(AmfValue.of(-2), AmfValue.of(3))),
                    "0D 05 01 FFFFFFFE 00000003"),
            new AmfCase(
                    "vector of uint",
                    new AmfValue.Vector(Kind.UINT, false, "", List.of(AmfValue.of(4294967294.0))),
                    "0E 03 00 FFFFFFFE"),
            new AmfCase(
                    "vector of Number",
                    new AmfValue.Vector(Kind.NUMBER, false, "", List.of(AmfValue.of(0.5))),
                    "0F 03 00 3FE0000000000000"),
            new AmfCase(
                    "vector of objects",
                    new AmfValue.Vector(Kind.OBJECT, false, "a", List.of(A, AmfValue.NULL)),
                    "10 05 00 03 61 06 00 01"),
            new AmfCase(
                    "dictionary",
                    new AmfValue.Dictionary(
                            true,
                            List.of(
                                    new AmfValue.Dictionary.Entry(obj(), A),
                                    new AmfValue.Dictionary.Entry(A, AmfValue.NULL))),
                    "11 05 01 0A 0B 01 01 06 03 61 06 00 01"),
            new AmfCase("array that holds itself", AmfValue.Array.of(new AmfValue.Cycle(1)), "09 03 01 09 00"),
            new AmfCase("object that holds itself", obj("me", new AmfValue.Cycle(1)), "0A 0B 01 05 6D65 0A 00 01"),
            new AmfCase(
                    "vector that holds itself",
                    new AmfValue.Vector(Kind.OBJECT, false, "", List.of(new AmfValue.Cycle(1))),
                    "10 03 00 01 10 00"),
            new AmfCase(
                    "dictionary that is its own key",
                    new AmfValue.Dictionary(
                            false, List.of(new AmfValue.Dictionary.Entry(new AmfValue.Cycle(1), AmfValue.NULL))),
                    "11 03 00 11 00 01"),
            new AmfCase(
                    "two that contain each other",
                    AmfValue.Array.of(obj("up", new AmfValue.Cycle(2))),
                    "09 03 01 0A 0B 01 05 7570 09 00 01"));

    /** Rows that are read, but written otherwise. */
    private static final List<AmfCase> READ_ONLY = List.of(
            new AmfCase("an integer longer than needed", new AmfValue.Int(1), "04 80 80 80 01"),
            new AmfCase("a string length longer than needed", A, "06 80 03 61"),
            new AmfCase(
                    "sealed and dynamic members", obj("a", A, "b", AmfValue.NULL), "0A 1B 01 03 61 06 00 03 62 01 01"),
            new AmfCase(
                    "the empty string takes no entry",
                    AmfValue.Array.of(AmfValue.of(""), A, A),
                    "09 07 01 06 01 06 03 61 06 00"),
            new AmfCase(
                    "XML text takes no entry among strings",
                    AmfValue.Array.of(new AmfValue.Xml("x", false), A, A),
                    "09 07 01 0B 03 78 06 03 61 06 00"),
            new AmfCase(
                    "a date takes an entry among objects",
                    AmfValue.Array.of(new AmfValue.Date(0), new AmfValue.Date(0)),
                    "09 05 01 08 01 0000000000000000 08 02"),
            new AmfCase(
                    "a byte array's reference is no length",
                    AmfValue.Array.of(new AmfValue.Bytes(hex("01")), new AmfValue.Bytes(hex("01"))),
                    "09 05 01 0C 03 01 0C 02"),
            new AmfCase(
                    "keys that look like numbers stay names",
                    new AmfValue.Array(List.of(), map("1", A)),
                    "09 01 03 31 06 03 61 01"),
            new AmfCase(
                    "ObjectProxy",
                    new AmfValue.Obj("flex.messaging.io.ObjectProxy", map("object", obj())),
                    "0A 07 3B" + utf8("flex.messaging.io.ObjectProxy") + "0A 0B 01 01"));

    private static final List<String> REFUSED = List.of(
            "",
            "12",
            "FF",
            "04",
            "04 80",
            "04 80 80 80",
            "05 00",
            "06 05 61",
            "06 00",
            "06 02",
            "08 01 00",
            "08 00",
            "09 05 01 06 03",
            "09 02",
            "0A 01",
            "0A 05",
            "0A 0B 01",
            "0A 0B 01 03 61",
            "0A 07 03 61 01",
            "0C FF FF FF FF",
            "06 FF FF FF FF",
            "07 FF FF FF FF",
            "09 FF FF FF FF 01",
            "0D FF FF FF FF 00",
            "0E FF FF FF FF 00",
            "0F FF FF FF FF 00",
            "10 FF FF FF FF 00 01",
            "11 FF FF FF FF 00",
            "0A FF FF FF FB 01",
            "0A 53 01 03 61 03 62",
            "0D 05 00 00000001",
            "0F 03 00 00000000",
            "11 03 00 01");

    @Test
    void everyRowReadsToItsValue() {
        for (List<AmfCase> table : List.of(TABLE, READ_ONLY)) {
            for (AmfCase row : table) {
                ByteReader in = new ByteReader(row.bytes());
                assertThat(Amf3.decode(in)).as(row.name()).isEqualTo(row.decoded());
                assertThat(in.remaining()).as(row.name()).isZero();
            }
        }
    }

    @Test
    void everyRowWritesToItsBytes() {
        for (AmfCase row : TABLE) {
            ByteWriter out = new ByteWriter();
            Amf3.encode(row.decoded(), out);
            assertThat(hex(out.buffer())).as(row.name()).isEqualTo(hex(row.bytes()));
        }
    }

    @Test
    void brokenBytesAreRefusedWithASentence() {
        for (String bytes : REFUSED) {
            assertThatThrownBy(() -> Amf3.decode(reader(bytes)))
                    .as(bytes)
                    .isInstanceOf(ProtocolException.class)
                    .hasMessageContaining(" ");
        }
    }

    @Test
    void everyPrefixIsRefused() {
        for (AmfCase row : TABLE) {
            for (int n = 0; n < row.bytes().length(); n++) {
                ByteReader in = new ByteReader(row.bytes(), 0, n);
                assertThatThrownBy(() -> Amf3.decode(in)).as(row.name()).isInstanceOf(ProtocolException.class);
            }
        }
    }

    @Test
    void mutationsEndInAValueOrAProtocolException() {
        List<AmfCase> all = new ArrayList<>(TABLE);
        all.addAll(READ_ONLY);
        AmfCase.broken(all, 20_000, bytes -> {
            AmfValue value;
            try {
                value = Amf3.decode(new ByteReader(bytes));
            } catch (ProtocolException e) {
                return;
            }
            assertThat(rewritten(value)).isEqualTo(value);
            assertThat(value.toString()).isNotNull();
            Amf0.encode(value, new ByteWriter());
            AmfJson.toJson(value);
        });
    }

    private static AmfValue rewritten(AmfValue value) {
        ByteWriter out = new ByteWriter();
        Amf3.encode(value, out);
        return Amf3.decode(new ByteReader(out.buffer()));
    }

    @Test
    void depth32IsReadAnd33IsRefused() {
        Map<String, String> nests = Map.of(
                "09 03 01", "", // dense part
                "09 01 03 61", "01", // named part
                "0A 0B 01 03 61", "01",
                "0A 13 01 03 61", "",
                "10 03 00 01", "",
                "11 03 00 01", "");
        nests.forEach((open, close) -> {
            assertThat(Amf3.decode(reader(open.repeat(32) + "01" + close.repeat(32))))
                    .isNotNull();
            assertThatThrownBy(() -> Amf3.decode(reader(open.repeat(33) + "01" + close.repeat(33))))
                    .isInstanceOf(ProtocolException.class)
                    .hasMessageContaining("deeper than 32");
        });
    }

    @Test
    void leavesStandInTheDeepestContainer() {
        AmfValue value = new AmfValue.Date(0);
        for (int i = 0; i < 32; i++) {
            value = AmfValue.Array.of(value);
        }
        assertThat(rewritten(value)).isEqualTo(value);
        AmfValue deeper = AmfValue.Array.of(value);
        assertThatThrownBy(() -> Amf3.encode(deeper, new ByteWriter())).isInstanceOf(ProtocolException.class);
    }

    @Test
    void aMillionLevelsAreRefusedAtThe33rd() {
        ByteReader in = reader("09 03 01".repeat(1_000_000));
        assertThatThrownBy(() -> Amf3.decode(in)).isInstanceOf(ProtocolException.class);
        assertThat(in.position()).isLessThanOrEqualTo(33 * 3);
    }

    @Test
    void tenThousandValuesAreReadAndOneMoreIsRefused() {
        // Counts of 9,999 and 10,000 as U29 with the low bit set.
        assertThat(Amf3.decode(reader("09 81 9C 1F 01" + "01".repeat(9_999)))).isNotNull();
        assertThatThrownBy(() -> Amf3.decode(reader("09 81 9C 21 01" + "01".repeat(10_000))))
                .isInstanceOf(ProtocolException.class);
        assertThatThrownBy(() -> Amf3.decode(reader("0D 81 9C 21 01" + "00000000".repeat(10_000))))
                .isInstanceOf(ProtocolException.class);
    }

    @Test
    void aDeclaredCountAllocatesNothing() {
        for (String bytes : REFUSED) {
            Runnable read = () -> assertThatThrownBy(() -> Amf3.decode(reader(bytes)));
            Runnable alike = () -> assertThatThrownBy(() -> Amf3.decode(reader("FF")));
            assertThat(Allocation.of(read) - Allocation.of(alike)).as(bytes).isLessThan(16 * 1024);
        }
    }

    @Test
    void referencesThatMultiplyAreBounded() {
        StringBuilder laughs = new StringBuilder("09 3D 01");
        for (int level = 0; level < 30; level++) {
            String below = level == 0 ? "01" : "09 %02X".formatted(level << 1);
            laughs.append("09 15 01").append(below.repeat(10));
        }
        assertThatThrownBy(() -> Amf3.decode(reader(laughs.toString())))
                .isInstanceOf(ProtocolException.class)
                .hasMessageContaining("10000");
    }

    @Test
    void cyclesThatMultiplyAreBounded() {
        // Each level refers to the one below ten times and to the top once, so no level can be shared.
        StringBuilder laughs = new StringBuilder("09 29 01");
        for (int level = 0; level < 20; level++) {
            String below = level == 0 ? "01" : "09 %02X".formatted(level << 1);
            laughs.append("09 17 01 09 00").append(below.repeat(10));
        }
        assertThatThrownBy(() -> Amf3.decode(reader(laughs.toString())))
                .isInstanceOf(ProtocolException.class)
                .hasMessageContaining("10000");
    }

    @Test
    void stringsThatMultiplyAreBounded() {
        String text = "06 88 81 01" + "61".repeat(65_536 + 64); // 65,600 bytes, then 99 references
        assertThatThrownBy(() -> Amf3.decode(reader("09 81 49 01" + text + "06 00".repeat(99))))
                .isInstanceOf(ProtocolException.class)
                .hasMessageContaining("4 MiB");
    }

    @Test
    void classNamesThatMultiplyAreBounded() {
        String name = "87 FF 7F" + "61".repeat(65_535);
        String objects = "0A 03" + name + "0A 01".repeat(99);
        assertThatThrownBy(() -> Amf3.decode(reader("09 81 49 01" + objects)))
                .isInstanceOf(ProtocolException.class)
                .hasMessageContaining("4 MiB");
    }

    @Test
    void namesEndAt65535Bytes() {
        assertThat(Amf3.decode(reader("0A 0B 01 87 FF 7F" + "61".repeat(65_535) + "01 01")))
                .isNotNull();
        assertThatThrownBy(() -> Amf3.decode(reader("0A 0B 01 88 80 01" + "61".repeat(65_536) + "01 01")))
                .isInstanceOf(ProtocolException.class)
                .hasMessageContaining("65535");
    }

    @Test
    void aReferenceIsTheSameInstanceAndIsWrittenAsOne() {
        String bytes = "09 05 01 0A 0B 01 01 0A 02";
        AmfValue.Array pair = (AmfValue.Array) Amf3.decode(reader(bytes));
        assertThat(pair.items().get(0)).isSameAs(pair.items().get(1));
        ByteWriter out = new ByteWriter();
        Amf3.encode(pair, out);
        assertThat(hex(out.buffer())).isEqualTo(hex(hex(bytes)));
    }

    @Test
    void anInstanceThatPointsAboveItselfIsWrittenAgain() {
        AmfValue child = obj("up", new AmfValue.Cycle(2));
        AmfValue parent = obj("a", child, "b", AmfValue.Array.of(child));
        // The same instance means another container at each place.
        assertThat(rewritten(parent)).isEqualTo(parent);
    }

    @Test
    void aCycleWhoseContainerWasLeftBehindIsUndefined() {
        assertThat(rewritten(AmfValue.Array.of(new AmfValue.Cycle(2))))
                .isEqualTo(AmfValue.Array.of(AmfValue.UNDEFINED));
        assertThat(rewritten(new AmfValue.Cycle(0))).isEqualTo(AmfValue.UNDEFINED);
    }

    @Test
    void externalizableObjectsOfOtherClassesFailTheMessage() {
        assertThatThrownBy(() -> Amf3.decode(reader("0A 07 07 44534B 01")))
                .isInstanceOf(ProtocolException.class)
                .hasMessageContaining("externalizable");
    }

    @Test
    void anEcmaArrayIsWrittenAsAnArrayOfNames() {
        assertThat(rewritten(new AmfValue.Ecma(map("a", A)))).isEqualTo(new AmfValue.Array(List.of(), map("a", A)));
    }

    @Test
    void anIntegerOutOfRangeIsWrittenAsADouble() {
        assertThat(rewritten(new AmfValue.Int(1 << 28))).isEqualTo(AmfValue.of(1 << 28));
        assertThat(rewritten(new AmfValue.Int(Integer.MIN_VALUE))).isEqualTo(AmfValue.of(Integer.MIN_VALUE));
    }

    @Test
    void aByteArrayDoesNotHoldOnToItsMessage() {
        Buffer message = hex("0C 03 61");
        AmfValue value = Amf3.decode(new ByteReader(message));
        message.setByte(2, (byte) 0);
        assertThat(value).isEqualTo(new AmfValue.Bytes(Buffer.buffer("a")));
    }
}
