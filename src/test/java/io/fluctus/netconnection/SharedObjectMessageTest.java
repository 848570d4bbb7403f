package io.fluctus.netconnection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fluctus.media.SharedEvent;
import io.fluctus.wire.AmfValue;
import io.fluctus.wire.ByteWriter;
import io.fluctus.wire.ProtocolException;
import io.vertx.core.buffer.Buffer;
import java.util.Collections;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Shared object messages: bytes to what they say and back, in both encodings, and what is refused. */
class SharedObjectMessageTest {
    /** {@code so}, version 7, not persistent. */
    private static final String HEAD = "0002 736f 00000007 00000000 00000000 ";

    private record Case(String said, String bytes, boolean persistent, SharedEvent... events) {}

    private static final AmfValue BAR = AmfValue.of("bar");

    /** One vocabulary: what is written here is what is read there. */
    private static final List<Case> BOTH_WAYS = List.of(
            new Case("use", HEAD + "01 00000000", false, SharedEvent.USE),
            new Case("release", HEAD + "02 00000000", false, SharedEvent.RELEASE),
            new Case(
                    "a change is asked for", HEAD + "03 0000000b 0003666f6f 02 0003626172", false, request("foo", BAR)),
            new Case("a change is told", HEAD + "04 0000000b 0003666f6f 02 0003626172", false, change("foo", BAR)),
            new Case("a change was accepted", HEAD + "05 00000005 0003666f6f", false, new SharedEvent.Success("foo")),
            new Case(
                    "a message to all",
                    HEAD + "06 0000000e 02 0002 6869 00 3ff0000000000000",
                    false,
                    new SharedEvent.SendMessage("hi", List.of(AmfValue.of(1)))),
            new Case(
                    "a message without arguments",
                    HEAD + "06 00000005 02 0002 6869",
                    false,
                    new SharedEvent.SendMessage("hi", List.of())),
            new Case(
                    "a status",
                    HEAD + "07 00000022 0019 5368617265644f626a6563742e4e6f52656164416363657373 0005 6572726f72",
                    false,
                    SharedEvent.Status.error(SharedEvent.Status.NO_READ_ACCESS)),
            new Case("clear", HEAD + "08 00000000", false, SharedEvent.CLEAR),
            new Case("a slot is gone", HEAD + "09 00000005 0003666f6f", false, new SharedEvent.Remove("foo")),
            new Case(
                    "a removal is asked for",
                    HEAD + "0a 00000005 0003666f6f",
                    false,
                    new SharedEvent.RequestRemove("foo")),
            new Case("use succeeds", HEAD + "0b 00000000", false, SharedEvent.USE_SUCCESS),
            new Case(
                    "names beyond ASCII count in bytes",
                    HEAD + "05 00000004 0002c3a9",
                    false,
                    new SharedEvent.Success("é")),
            new Case("a persistent one", "0002 736f 00000007 00000002 00000000 01 00000000", true, SharedEvent.USE),
            new Case(
                    "many events in their order",
                    HEAD
                            + "0b 00000000 08 00000000 04 00000008 0001 61 00 0000000000000000"
                                    .replace("08 0001", "0c 0001"),
                    false,
                    SharedEvent.USE_SUCCESS,
                    SharedEvent.CLEAR,
                    change("a", AmfValue.of(0))));

    /** What others write, and we do not. */
    private static final List<Case> READ_ONLY = List.of(
            new Case(
                    "several slots in one event",
                    HEAD + "03 0000000a 0001 61 01 01 0001 62 01 00",
                    false,
                    request("a", AmfValue.of(true)),
                    request("b", AmfValue.of(false))),
            new Case(
                    "unknown events are passed over",
                    HEAD + "0c 00000002 ffff 7f 00000000 02 00000000",
                    false,
                    SharedEvent.RELEASE),
            new Case("a client's wish to remove everything", HEAD + "0e 00000000", false, SharedEvent.CLEAR),
            new Case(
                    "flags of other servers",
                    "0002 736f 00000001 00000030 00000000 01 00000000",
                    false,
                    SharedEvent.USE),
            new Case(
                    "the first byte of the flags",
                    "0002 736f 00000001 01000000 00000000 01 00000000",
                    true,
                    SharedEvent.USE),
            new Case("nothing at all", HEAD, false),
            new Case(
                    "an AMF3 value behind its marker",
                    HEAD + "04 00000008 0001 61 11 06 05 6869",
                    false,
                    change("a", AmfValue.of("hi"))));

    private static SharedEvent request(String slot, AmfValue value) {
        return new SharedEvent.RequestChange(slot, value);
    }

    private static SharedEvent change(String slot, AmfValue value) {
        return new SharedEvent.Change(slot, value);
    }

    private static Buffer bytes(String hex) {
        return Buffer.buffer(HexFormat.of().parseHex(hex.replace(" ", "")));
    }

    private static SharedObjectMessage read(Buffer bytes) {
        return SharedObjectMessage.decode(bytes);
    }

    @TestFactory
    Stream<DynamicTest> bytesAreReadAsWhatTheySay() {
        return Stream.concat(BOTH_WAYS.stream(), READ_ONLY.stream())
                .map(c -> DynamicTest.dynamicTest(c.said, () -> {
                    SharedObjectMessage message = read(bytes(c.bytes));
                    assertThat(message.name()).isEqualTo("so");
                    assertThat(message.persistent()).isEqualTo(c.persistent);
                    assertThat(message.events()).containsExactly(c.events);
                }));
    }

    @TestFactory
    Stream<DynamicTest> whatIsSaidIsWrittenAsTheseBytes() {
        return BOTH_WAYS.stream()
                .map(c -> DynamicTest.dynamicTest(c.said, () -> {
                    SharedObjectMessage message = new SharedObjectMessage("so", 7, c.persistent, List.of(c.events));
                    assertThat(message.encode(0).payload()).isEqualTo(bytes(c.bytes));
                    assertThat(message.encode(0).amf3()).isFalse();
                }));
    }

    @TestFactory
    Stream<DynamicTest> everyTruncationWithinAnEventIsRefused() {
        return Stream.concat(BOTH_WAYS.stream(), READ_ONLY.stream())
                .map(c -> DynamicTest.dynamicTest(c.said, () -> {
                    Buffer whole = bytes(c.bytes);
                    int events = read(whole).events().size();
                    for (int length = 0; length < whole.length(); length++) {
                        Buffer cut = whole.slice(0, length);
                        try {
                            // between two events it is a shorter message
                            assertThat(read(cut).events()).hasSizeLessThanOrEqualTo(events);
                            assertThat(length)
                                    .isGreaterThanOrEqualTo(bytes(HEAD).length());
                        } catch (ProtocolException refused) {
                            assertThat(refused).hasMessageMatching(".{10,200}");
                        }
                    }
                }));
    }

    @Test
    void aMessageCutWithinItsOnlyEventIsRefusedAtEveryByte() {
        Buffer whole = bytes(HEAD + "03 0000000b 0003666f6f 02 0003626172");
        for (int length = 0; length < whole.length(); length++) {
            if (length != bytes(HEAD).length()) {
                Buffer cut = whole.slice(0, length);
                assertThatThrownBy(() -> read(cut)).as(length + " bytes").isInstanceOf(ProtocolException.class);
            }
        }
    }

    @Test
    void theVersionIsUnsigned() {
        assertThat(read(bytes("0002 736f ffffffff 00000000 00000000")).version())
                .isEqualTo(0xFFFFFFFFL);
    }

    @Test
    void whatAmf0CannotSayTravelsAsAmf3ToThoseWhoReadIt() {
        AmfValue raw = AmfValue.Obj.of(Map.of("bytes", new AmfValue.Bytes(Buffer.buffer("raw"))));
        SharedObjectMessage message = new SharedObjectMessage(
                "so", 1, false, List.of(change("a", raw), new SharedEvent.SendMessage("hi", List.of(raw))));
        assertThat(message.encode(3).amf3()).isTrue();
        assertThat(read(message.encode(3).payload())).isEqualTo(message);
        assertThat(read(message.encode(0).payload()).events().get(0)).isEqualTo(change("a", AmfValue.Obj.of(Map.of())));
    }

    @Test
    void referencesDoNotReachFromOneEventIntoTheNext() {
        AmfValue deep = AmfValue.Obj.of(Map.of("name", new AmfValue.Bytes(Buffer.buffer("x"))));
        SharedObjectMessage message =
                new SharedObjectMessage("so", 1, false, List.of(change("a", deep), change("b", deep)));
        Buffer both = message.encode(3).payload();
        int event = (both.length() - bytes(HEAD).length()) / 2;
        assertThat(read(both.slice(0, bytes(HEAD).length())
                                .copy()
                                .appendBuffer(both.slice(both.length() - event, both.length())))
                        .events())
                .containsExactly(change("b", deep));
    }

    @TestFactory
    Stream<DynamicTest> whatIsOutOfBoundsIsRefusedWithASentence() {
        Map<String, Buffer> cases = new HashMap<>();
        cases.put("0 bytes, not 1 to 255", bytes("0000 00000007 00000000 00000000"));
        cases.put("256 bytes, not 1 to 255", bytes("0100" + "61".repeat(256) + "00000007 00000000 00000000"));
        cases.put("announces 4294967295 bytes where 0 are left", bytes(HEAD + "01 ffffffff"));
        cases.put("announces 1 bytes where 0 are left", bytes(HEAD + "01 00000001"));
        cases.put("event 1 is longer than what it says", bytes(HEAD + "01 00000001 00"));
        cases.put("event 7 is longer than what it says", bytes(HEAD + "07 00000007 000161 000162 00"));
        cases.put("needs 3 bytes where 0 are left", bytes(HEAD + "05 00000002 0003"));
        cases.put("is not UTF-8", bytes(HEAD + "05 00000003 0001 ff"));
        cases.put("names no handler", bytes(HEAD + "06 00000009 00 0000000000000000"));
        cases.put("more than 64 arguments", bytes(HEAD + "06 00000045 02 0001 61" + "05".repeat(65)));
        cases.put("more than 1024 events", bytes(HEAD + "01 00000000".repeat(SharedObjectMessage.MAX_EVENTS + 1)));
        cases.put("more than 1024 slots", slots(SharedObjectMessage.MAX_EVENTS + 1));
        cases.put("nested deeper than 32", nested());
        return cases.entrySet().stream()
                .map(c -> DynamicTest.dynamicTest(
                        c.getKey(),
                        () -> assertThatThrownBy(() -> read(c.getValue()))
                                .isInstanceOf(ProtocolException.class)
                                .hasMessageContaining(c.getKey())));
    }

    @Test
    void whatIsJustWithinTheBoundsIsRead() {
        assertThat(read(slots(SharedObjectMessage.MAX_EVENTS)).events()).hasSize(SharedObjectMessage.MAX_EVENTS);
        assertThat(read(bytes(HEAD + "02 00000000".repeat(SharedObjectMessage.MAX_EVENTS)))
                        .events())
                .hasSize(SharedObjectMessage.MAX_EVENTS);
        assertThat(read(bytes("00ff" + "61".repeat(255) + "00000007 00000000 00000000"))
                        .name())
                .hasSize(255);
        assertThat(read(bytes(HEAD + "06 00000044 02 0001 61" + "05".repeat(64)))
                        .events())
                .containsExactly(new SharedEvent.SendMessage("a", Collections.nCopies(64, AmfValue.NULL)));
    }

    private static Buffer slots(int count) {
        return bytes(HEAD + "05" + String.format("%08x", 3 * count) + "000161".repeat(count));
    }

    private static Buffer nested() {
        ByteWriter value = new ByteWriter().bytes(bytes("0001 61"));
        IntStream.range(0, 33).forEach(i -> value.bytes(bytes("0a 00000001")));
        value.u8(5);
        return bytes(HEAD + "04").appendInt(value.length()).appendBuffer(value.buffer());
    }
}
