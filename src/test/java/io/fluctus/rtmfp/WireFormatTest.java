package io.fluctus.rtmfp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fluctus.wire.ByteReader;
import io.fluctus.wire.ByteWriter;
import io.fluctus.wire.ProtocolException;
import io.vertx.core.buffer.Buffer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Numbers, options, addresses and chunks: one table drives reading, writing, truncation and mutation. */
class WireFormatTest {
    record Case(String name, Chunk decoded, String encoded) {
        @Override
        public String toString() {
            return name;
        }
    }

    private static final Buffer TAG = Captures.hex("aabb");

    static Stream<Case> chunks() throws UnknownHostException {
        Address four = address("7f000001", 1935, Address.OBSERVED);
        Address six = address("20010db8000000000000000000000001", 80, Address.REPORTED);
        List<Chunk.AckRanges.Range> ranges =
                List.of(new Chunk.AckRanges.Range(0, 2), new Chunk.AckRanges.Range(127, 128));
        return Stream.of(
                new Case("ihello", new Chunk.IHello(Captures.hex("010a"), TAG), "300005 02010a aabb"),
                new Case("fihello", new Chunk.FIHello(TAG, four, TAG), "0f000c 02aabb 027f000001078f aabb"),
                new Case("rhello", new Chunk.RHello(TAG, TAG, TAG), "700008 02aabb 02aabb aabb"),
                new Case(
                        "redirect",
                        new Chunk.Redirect(TAG, List.of(four, six)),
                        "71001d 02aabb 027f000001078f 8120010db80000000000000000000000010050"),
                new Case("redirect to yourself", new Chunk.Redirect(TAG, List.of()), "710003 02aabb"),
                new Case("cookie change", new Chunk.RHelloCookieChange(TAG, TAG), "790005 02aabb aabb"),
                new Case(
                        "iikeying",
                        new Chunk.IIKeying(0x01020304, TAG, TAG, TAG, Buffer.buffer("X")),
                        "38000e 01020304 02aabb 02aabb 02aabb 58"),
                new Case("rikeying", new Chunk.RIKeying(-2, TAG, Buffer.buffer("X")), "780008 fffffffe 02aabb 58"),
                new Case("ping", new Chunk.Ping(TAG), "010002 aabb"),
                new Case("empty ping reply", new Chunk.PingReply(Buffer.buffer()), "410000"),
                new Case(
                        "user data that opens a flow",
                        new Chunk.UserData(
                                0x80,
                                2,
                                1,
                                1,
                                List.of(Option.of(0, 0x54, 0x43, 4, 0), Option.of(10, 2)),
                                Buffer.buffer("hi")),
                        "100010 80020101 050054430400 020a02 00 6869"),
                new Case(
                        "final abandoned user data",
                        new Chunk.UserData(0x03, 300, 1 << 20, 0, List.of(), Buffer.buffer()),
                        "100007 03 822c c08000 00"),
                new Case("next user data", new Chunk.NextUserData(0x30, List.of(), TAG), "110003 30 aabb"),
                new Case(
                        "next user data with options",
                        new Chunk.NextUserData(0x80, List.of(Option.of(10, 7)), TAG),
                        "110007 80 020a07 00 aabb"),
                new Case("bitmap", new Chunk.AckBitmap(2, 127, 5, Captures.hex("05")), "500004 02 7f 05 05"),
                new Case("ranges", new Chunk.AckRanges(2, 65407, 5, ranges), "51000a 02 83fe7f 05 0002 7f8100"),
                new Case("buffer probe", new Chunk.BufferProbe(9), "180001 09"),
                new Case("exception", new Chunk.ExceptionReport(9, 128), "5e0003 09 8100"),
                new Case("close", new Chunk.Close(), "0c0000"),
                new Case("close ack", new Chunk.CloseAck(), "4c0000"),
                new Case("fragment", new Chunk.Fragment(0x80, 1, 2, TAG), "7f0005 800102 aabb"),
                new Case("unknown", new Chunk.Unknown(0xec, Captures.hex("00")), "ec0001 00"));
    }

    @ParameterizedTest
    @MethodSource("chunks")
    void decodes(Case c) {
        ByteReader in = new ByteReader(Captures.hex(c.encoded));
        assertThat(Chunk.decode(in)).isEqualTo(c.decoded);
        assertThat(in.hasRemaining()).isFalse();
    }

    @ParameterizedTest
    @MethodSource("chunks")
    void encodes(Case c) {
        ByteWriter out = new ByteWriter();
        c.decoded.encode(out);
        assertThat(Captures.hex(out.buffer())).isEqualTo(c.encoded.replace(" ", ""));
    }

    @ParameterizedTest
    @MethodSource("chunks")
    void everyPrefixIsRefused(Case c) {
        Buffer whole = Captures.hex(c.encoded);
        for (int length = 0; length < whole.length(); length++) {
            Buffer prefix = whole.slice(0, length);
            assertThatThrownBy(() -> Chunk.decode(new ByteReader(prefix))).isInstanceOf(ProtocolException.class);
        }
    }

    @Test
    void mutationsAreReadOrRefused() throws UnknownHostException {
        Random random = new Random(7016);
        List<Buffer> seeds = chunks().map(c -> Captures.hex(c.encoded)).toList();
        for (int i = 0; i < 100_000; i++) {
            Buffer bytes = seeds.get(i % seeds.size()).copy();
            for (int n = random.nextInt(4); n >= 0; n--) {
                bytes.setByte(random.nextInt(bytes.length()), (byte) random.nextInt());
            }
            bytes.setByte(1, (byte) 0).setByte(2, (byte) (bytes.length() - 3));
            try {
                Chunk chunk = Chunk.decode(new ByteReader(bytes));
                ByteWriter out = new ByteWriter();
                chunk.encode(out);
                if (chunk instanceof Chunk.AckBitmap bitmap) {
                    assertThat(bitmap.ranges()).hasSizeLessThanOrEqualTo(4 * bytes.length());
                }
            } catch (ProtocolException refused) {
                assertThat(refused.getMessage()).isNotEmpty();
            }
        }
    }

    @Test
    void unknownChunksAreSkippedByLength() {
        Packet packet = Packet.decode(Captures.hex("09 0001 ec0001 00 e10000 4c0000 ff"));
        assertThat(packet.chunks()).last().isEqualTo(new Chunk.CloseAck());
    }

    @Test
    void aPacketMayLackTimestamps() {
        // pitfall 4: rtmfp-cpp sends many of them
        assertThat(Packet.decode(Captures.hex("02 4c0000")))
                .isEqualTo(new Packet(2, Packet.NONE, Packet.NONE, List.of(new Chunk.CloseAck())));
        assertThat(Packet.of(2, 0x1234, Packet.NONE, List.of()).encode()).isEqualTo(Captures.hex("0a1234"));
        assertThat(Packet.of(0x81, 1, 2, List.of()).encode()).isEqualTo(Captures.hex("8d00010002"));
    }

    @Test
    void zeroOrPaddingEndsAPacket() {
        for (String end : List.of("ffffff", "00ffff", "000000", "ff")) {
            assertThat(Packet.decode(Captures.hex("02 4c0000" + end)).chunks()).hasSize(1);
        }
    }

    @Test
    void theLowestBitOfABitmapStandsTwoAboveTheCumulativeAck() {
        assertThat(new Chunk.AckBitmap(1, 1, 5, Captures.hex("05")).ranges())
                .containsExactly(new Chunk.AckRanges.Range(0, 0), new Chunk.AckRanges.Range(0, 0));
        assertThat(new Chunk.AckBitmap(1, 1, 5, Captures.hex("8001")).ranges())
                .containsExactly(new Chunk.AckRanges.Range(7, 1));
        assertThat(new Chunk.AckBitmap(1, 1, 5, Captures.hex("0000")).ranges()).isEmpty();
    }

    @Test
    void vluIsShortestAndBounded() {
        long[] values = {0, 1, 127, 128, 16383, 16384, 1 << 20, (1L << 35) - 1, (1L << 56) - 1};
        int[] lengths = {1, 1, 1, 2, 2, 3, 3, 5, 8};
        for (int i = 0; i < values.length; i++) {
            ByteWriter out = new ByteWriter();
            Vlu.write(out, values[i]);
            assertThat(out.length()).isEqualTo(lengths[i]).isEqualTo(Vlu.length(values[i]));
            assertThat(Vlu.read(new ByteReader(out.buffer()))).isEqualTo(values[i]);
        }
        assertThatThrownBy(() -> Vlu.read(new ByteReader(Captures.hex("8180808080808080 8000"))))
                .hasMessageContaining("VLU");
    }

    @Test
    void optionListsAreBounded() {
        ByteWriter many = new ByteWriter();
        IntStream.range(0, Option.MAX_OPTIONS + 1).forEach(i -> Option.of(i, 1).encode(many));
        assertThatThrownBy(() -> Option.decodeAll(new ByteReader(many.buffer())))
                .hasMessageContaining("options");
        ByteReader list = new ByteReader(Captures.hex("020a07 00 99"));
        assertThat(Option.decodeList(list)).containsExactly(Option.of(10, 7));
        assertThat(list.remaining()).isEqualTo(1);
    }

    @Test
    void wildcardAddressesAreNotUsable() throws UnknownHostException {
        // pitfall 12: librtmfp reports 0.0.0.0 of itself
        assertThat(address("00000000", 1935, Address.REPORTED).isUsable()).isFalse();
        assertThat(address("7f000001", 0, Address.REPORTED).isUsable()).isFalse();
        assertThat(address("e0000001", 1, Address.REPORTED).isUsable()).isFalse();
        assertThat(address("7f000001", 1, Address.REPORTED).isUsable()).isTrue();
    }

    @Test
    void reportedAddressesAreLiteralsAndNeverLookedUp() throws UnknownHostException {
        assertThat(Address.parse("10.0.0.1:1935")).contains(address("0a000001", 1935, Address.REPORTED));
        assertThat(Address.parse("[2001:db8::1]:80"))
                .contains(address("20010db8000000000000000000000001", 80, Address.REPORTED));
        for (String bad : List.of("", "host:80", "10.0.0.1", "10.0.0.1:70000", "999.1.1.1:80", "[::]", "[:::::::]:1")) {
            assertThat(Address.parse(bad)).as(bad).isEmpty();
        }
    }

    private static Address address(String ip, int port, int origin) throws UnknownHostException {
        InetAddress inet = InetAddress.getByAddress(Captures.hex(ip).getBytes());
        return new Address(new InetSocketAddress(inet, port), origin);
    }
}
