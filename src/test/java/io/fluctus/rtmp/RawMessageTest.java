package io.fluctus.rtmp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fluctus.netconnection.Message;
import io.fluctus.netconnection.Message.UserControl;
import io.fluctus.wire.AmfValue;
import io.fluctus.wire.ProtocolException;
import io.vertx.core.buffer.Buffer;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class RawMessageTest {
    record Case(String name, int type, Message decoded, String encoded) {
        RawMessage raw() {
            return new RawMessage(type, decoded.timestamp(), decoded.streamId(), hex(encoded));
        }

        @Override
        public String toString() {
            return name;
        }
    }

    private static Buffer hex(String hex) {
        return Buffer.buffer(HexFormat.of().parseHex(hex.replace(" ", "")));
    }

    private static final String NAME = "02 0004 63616c6c"; // "call"
    private static final String TWO = "00 4000000000000000";

    static List<Case> cases() {
        Buffer bytes = hex("af 01 02");
        return List.of(
                new Case("Set Chunk Size", 1, new Message.SetChunkSize(4096), "00001000"),
                new Case("Abort", 2, new Message.Abort(6), "00000006"),
                new Case("Acknowledgement", 3, new Message.Acknowledgement(0xFFFFFFFFL), "ffffffff"),
                new Case("StreamBegin", 4, UserControl.of(UserControl.STREAM_BEGIN, 1), "0000 00000001"),
                new Case("a user control without data", 4, new UserControl(31, Buffer.buffer()), "001f"),
                new Case(
                        "SetBufferLength",
                        4,
                        new UserControl(UserControl.SET_BUFFER_LENGTH, hex("0000000100000bb8")),
                        "0003 00000001 00000bb8"),
                new Case(
                        "Window Acknowledgement Size", 5, new Message.WindowAcknowledgementSize(2_500_000), "002625a0"),
                new Case("Set Peer Bandwidth", 6, new Message.SetPeerBandwidth(2_500_000, 2), "002625a0 02"),
                new Case("Audio", 8, new Message.Audio(1, 40, bytes), "af0102"),
                new Case("silence", 8, new Message.Audio(1, 40, Buffer.buffer()), ""),
                new Case("Video", 9, new Message.Video(1, 0xFFFFFFFFL, bytes), "af0102"),
                new Case("Data of AMF3", 15, new Message.Data(1, 7, hex(NAME), true), "00" + NAME),
                new Case("Shared Object of AMF3", 16, new Message.SharedObject(0, 0, bytes, true), "00 af0102"),
                new Case(
                        "Command of AMF3",
                        17,
                        new Message.Command(0, 0, "call", 2, List.of(AmfValue.NULL, AmfValue.of(true)), true),
                        "00" + NAME + TWO + "05 0101"),
                new Case("Data", 18, new Message.Data(1, 7, hex(NAME), false), NAME),
                new Case("Shared Object", 19, new Message.SharedObject(0, 0, bytes, false), "af0102"),
                new Case(
                        "Command",
                        20,
                        Message.Command.of(1, "call", 2, AmfValue.NULL, AmfValue.Obj.of(Map.of("a", AmfValue.of("b")))),
                        NAME + TWO + "05 03 0001 61 02 0001 62 000009"),
                new Case("a command with no values", 20, Message.Command.of(0, "call", 2), NAME + TWO),
                new Case("Aggregate", 22, new Message.Aggregate(1, 9, bytes), "af0102"),
                new Case("a type nobody knows", 77, new Message.Unknown(77, 1, 9, bytes), "af0102"));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void decodes(Case c) {
        assertThat(c.raw().decode()).isEqualTo(c.decoded);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void encodes(Case c) {
        assertThat(RawMessage.encode(c.decoded)).isEqualTo(c.raw());
    }

    @ParameterizedTest
    @MethodSource("cases")
    void everyPrefixIsReadOrRefused(Case c) {
        Buffer payload = c.raw().payload();
        for (int length = 0; length < payload.length(); length++) {
            readOrRefuse(new RawMessage(c.type, 0, 1, payload.getBuffer(0, length)));
        }
    }

    /** 1: read, 0: refused; anything else that is thrown fails the test. */
    private static int readOrRefuse(RawMessage raw) {
        try {
            assertThat(raw.decode()).isNotNull();
            return 1;
        } catch (ProtocolException e) {
            assertThat(e.getMessage()).isNotEmpty();
            return 0;
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 17, 20})
    void anEmptyPayloadOfTheseTypesIsRefused(int type) {
        assertThatThrownBy(() -> new RawMessage(type, 0, 0, Buffer.buffer()).decode())
                .isInstanceOf(ProtocolException.class);
    }

    @Test
    void aFormatByteThatWasLeftOutIsNotMissed() {
        assertThat(new RawMessage(17, 0, 0, hex(NAME + TWO + "05")).decode())
                .isEqualTo(new Message.Command(0, 0, "call", 2, List.of(AmfValue.NULL), true));
        assertThat(new RawMessage(15, 0, 1, hex(NAME)).decode()).isEqualTo(new Message.Data(1, 0, hex(NAME), true));
    }

    @Test
    void aCommandOfAmf3MaySwitchToAmf3() {
        assertThat(new RawMessage(17, 0, 0, hex("00" + NAME + TWO + "05 11 06 05 6869")).decode())
                .isEqualTo(new Message.Command(0, 0, "call", 2, List.of(AmfValue.NULL, AmfValue.of("hi")), true));
    }

    @Test
    void aCommandNeedsANameAndANumber() {
        for (String payload : List.of(TWO, "05", NAME + NAME)) {
            assertThatThrownBy(() -> new RawMessage(20, 0, 0, hex(payload)).decode())
                    .isInstanceOf(ProtocolException.class)
                    .hasMessageContaining("command without");
        }
        assertThat(new RawMessage(20, 0, 0, hex(NAME)).decode()).isEqualTo(Message.Command.of(0, "call", 0));
    }

    @Test
    void recordedMessagesComeBackAsTheyWere() {
        recorded().forEach(raw -> {
            Message message = raw.decode();
            long timestamp = message instanceof Message.Control ? 0 : raw.timestamp(); // control has no time
            assertThat(RawMessage.encode(message))
                    .isEqualTo(new RawMessage(raw.type(), timestamp, raw.streamId(), raw.payload()));
        });
    }

    @Test
    void mutationsOfRecordedMessagesAreReadOrRefused() {
        Random random = new Random(22);
        List<RawMessage> originals = recorded()
                .filter(raw -> raw.type() != RawMessage.AUDIO && raw.type() != RawMessage.VIDEO)
                .toList();
        int read = 0;
        for (int i = 0; i < 20_000; i++) {
            RawMessage original = originals.get(i % originals.size());
            Buffer payload = original.payload().copy();
            for (int n = random.nextInt(4); n >= 0 && payload.length() > 0; n--) {
                payload.setByte(random.nextInt(payload.length()), (byte) random.nextInt());
            }
            read += readOrRefuse(new RawMessage(original.type(), 0, 1, payload));
        }
        assertThat(read).isBetween(1_000, 19_000);
    }

    private static Stream<RawMessage> recorded() {
        return Recorded.ALL.stream().flatMap(r -> r.messages().stream());
    }
}
