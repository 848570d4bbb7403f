package io.fluctus.rtmfp;

import static org.assertj.core.api.Assertions.assertThat;

import io.fluctus.wire.ByteWriter;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The packet that is written in place, against the records that say what a packet is. */
class OutgoingTest {
    private final Outgoing out = new Outgoing();
    private final Random random = new Random(4);

    private Buffer bytes(int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return Buffer.buffer(bytes);
    }

    @ParameterizedTest
    @CsvSource({"-1, -1", "7, -1", "7, 65535", "-1, 9"})
    void aPacketIsWhatItsRecordsWrite(int timestamp, int echo) {
        List<Chunk> chunks = List.of(new Chunk.Ping(bytes(9)), new Chunk.ExceptionReport(5, 1L << 40));
        out.begin(Packet.RESPONDER, timestamp, echo);
        chunks.forEach(out::chunk);
        out.addFlags(Packet.TIME_CRITICAL);
        Packet packet = Packet.of(Packet.RESPONDER | Packet.TIME_CRITICAL, timestamp, echo, chunks);
        assertThat(out.content()).isEqualTo(packet.encode());
        assertThat(out.length()).isEqualTo(packet.encode().length());
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 127, 128, 16_383, 16_384, (1L << 35) - 1, 1L << 35, (1L << 56) - 1})
    void numbersAreVlus(long number) {
        ByteWriter expected = new ByteWriter().u8(0);
        Vlu.write(expected, number);
        assertThat(out.begin(0, Packet.NONE, Packet.NONE).vlu(number).content()).isEqualTo(expected.buffer());
    }

    /** Two of each kind that stay in step: one seals in place, the other gives a buffer. */
    @ParameterizedTest
    @CsvSource({"false, 0", "true, 0", "false, 16", "true, 16", "true, 32", "false, 4"})
    void aDatagramSealedInPlaceIsTheOneThatIsSealedApart(boolean sequence, int hmac) {
        PacketCipher.Direction direction =
                new PacketCipher.Direction(Crypto.defaultKey(), Buffer.buffer("secret"), hmac, sequence);
        PacketCipher inPlace = new PacketCipher(direction, direction);
        PacketCipher apart = new PacketCipher(direction, direction);
        PacketCipher far = new PacketCipher(direction, direction);
        for (int i = 0; i < 300; i++) {
            Buffer content = bytes(random.nextInt(Params.MAX_SESSION_PACKET - 10));
            out.begin(Packet.INITIATOR, i, i).bytes(content);
            Buffer packet = out.content();
            out.seal(inPlace, 77, World.at(9));
            assertThat(out.copy()).isEqualTo(new Datagram(World.at(9), apart.seal(77, packet)));
            Buffer opened = far.open(out.copy().bytes()).orElseThrow();
            assertThat(opened.getBuffer(0, packet.length())).isEqualTo(packet);
            byte[] padding = opened.getBytes(packet.length(), opened.length());
            byte[] expected = new byte[padding.length];
            Arrays.fill(expected, (byte) Packet.PADDING);
            assertThat(padding).isEqualTo(expected);
        }
    }

    @Test
    void whatWasWrittenBeforeIsGone() {
        out.begin(Packet.INITIATOR, 1, 1).bytes(bytes(1_000));
        out.seal(PacketCipher.startup(), 0, World.at(1));
        out.begin(Packet.INITIATOR, Packet.NONE, Packet.NONE).u8(Chunk.CLOSE).u16(0);
        out.seal(PacketCipher.startup(), 5, World.at(2));
        List<Datagram> sent = new ArrayList<>();
        out.leave(
                (to, bytes, length) -> sent.add(new Datagram(to, Buffer.buffer().appendBytes(bytes, 0, length))));
        assertThat(sent).containsExactly(out.copy());
        Packet packet =
                Packet.decode(PacketCipher.startup().open(sent.get(0).bytes()).orElseThrow());
        assertThat(packet.chunks()).containsExactly(new Chunk.Close());
    }

    @Test
    void theChecksumIsTheSumOfWordsWhereverItBegins() {
        byte[] bytes = bytes(300).getBytes();
        for (int start = 0; start < 5; start++) {
            for (int end = start; end < bytes.length; end++) {
                long sum = 0;
                for (int i = start; i < end; i++) {
                    boolean low = (i - start & 1) != 0 || i == end - 1;
                    sum += (long) (bytes[i] & 0xff) << (low ? 0 : 8);
                }
                while (sum >> 16 != 0) {
                    sum = (sum & 0xffff) + (sum >> 16);
                }
                assertThat(Crypto.checksum(bytes, start, end)).isEqualTo((int) ~sum & 0xffff);
            }
        }
    }
}
