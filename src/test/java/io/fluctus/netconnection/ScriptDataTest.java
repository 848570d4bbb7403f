package io.fluctus.netconnection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fluctus.wire.ProtocolException;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Data messages in every dress: whatever came in, AMF0 from the handler's name on goes out. */
class ScriptDataTest {
    private static final String SET_DATA_FRAME = "02000d40736574446174614672616d65";
    private static final String ON_META_DATA = "02000a6f6e4d65746144617461";
    /** An object with a: 1, in AMF3 behind its marker, and in AMF0. */
    private static final String OBJECT_3 = "110a0b010361040101";

    private static final String OBJECT_0 = "03000161003ff0000000000000000009";
    /** The string "onMetaData" in AMF3 behind its marker. */
    private static final String ON_META_DATA_3 = "1106156f6e4d65746144617461";

    /** The payload that arrives upstairs, as hex. */
    private static String received(Message message) {
        List<Event> events = new ArrayList<>();
        MediaReader.read(message, events);
        assertThat(events).hasSize(1);
        Event.PacketReceived received = (Event.PacketReceived) events.get(0);
        return HexFormat.of().formatHex(received.packet().payload().getBytes());
    }

    private static Message data(String hex, boolean amf3) {
        return new Message.Data(1, 0, Words.hex(hex), amf3);
    }

    @Test
    void amf0PassesUnchangedAndAmf3BecomesAmf0() {
        String[][] table = {
            // type, sent, received
            {"18", ON_META_DATA + OBJECT_0, ON_META_DATA + OBJECT_0},
            {"18", SET_DATA_FRAME + ON_META_DATA + OBJECT_0, ON_META_DATA + OBJECT_0},
            {"18", ON_META_DATA, ON_META_DATA},
            {"15", ON_META_DATA + OBJECT_0, ON_META_DATA + OBJECT_0},
            {"15", ON_META_DATA + OBJECT_3, ON_META_DATA + OBJECT_0},
            {"15", SET_DATA_FRAME + ON_META_DATA + OBJECT_3, ON_META_DATA + OBJECT_0},
            {"15", SET_DATA_FRAME + ON_META_DATA_3 + OBJECT_3, ON_META_DATA + OBJECT_0},
            {"15", ON_META_DATA_3 + OBJECT_3, ON_META_DATA + OBJECT_0},
            {"18", ON_META_DATA + OBJECT_3, ON_META_DATA + OBJECT_0},
            {"18", ON_META_DATA_3, ON_META_DATA},
            {"18", SET_DATA_FRAME + ON_META_DATA + OBJECT_3, ON_META_DATA + OBJECT_0},
        };
        for (String[] row : table) {
            assertThat(received(data(row[1], row[0].equals("15"))))
                    .as(row[0] + " " + row[1])
                    .isEqualTo(row[2]);
        }
    }

    @Test
    void aDataFrameIsClearedInAmf3Too() {
        List<Event> events = new ArrayList<>();
        MediaReader.read(data("0200" + "0f40636c656172446174614672616d65" + ON_META_DATA_3, true), events);
        assertThat(events).containsExactly(new Event.DataFrameCleared(1, "onMetaData"));
    }

    @Test
    void anAggregatesAmf3DataLosesItsFormatByte() {
        for (String format : List.of("00", "")) {
            Buffer payload = Words.hex(format + ON_META_DATA + OBJECT_3);
            Buffer tag = Buffer.buffer()
                    .appendByte((byte) 15)
                    .appendMedium(payload.length())
                    .appendLong(0)
                    .getBuffer(0, 11)
                    .appendBuffer(payload)
                    .appendInt(0);
            assertThat(received(new Message.Aggregate(1, 0, tag))).isEqualTo(ON_META_DATA + OBJECT_0);
        }
    }

    @Test
    void whatWeWrapIsUnwrapped() {
        ScriptData data = ScriptData.decode(Words.hex(ON_META_DATA + OBJECT_0), false);
        assertThat(data.handler()).isEqualTo("onMetaData");
        assertThat(received(new Message.Data(1, 0, data.asDataFrame(), false))).isEqualTo(ON_META_DATA + OBJECT_0);
        assertThat(ScriptData.decode(ScriptData.sampleAccess(), false).handler())
                .isEqualTo("|RtmpSampleAccess");
    }

    @Test
    void anEndlessHandlersNameIsRefused() {
        String name = "61".repeat(ScriptData.MAX_HANDLER + 1);
        assertThatThrownBy(() -> ScriptData.decode(Words.hex("020101" + name), false))
                .isInstanceOf(ProtocolException.class)
                .hasMessageContaining("handler");
    }

    @Test
    void prefixesAndMutationsEndInAPacketOrASentence() {
        Random random = new Random(15);
        byte[] whole = Words.hex(SET_DATA_FRAME + ON_META_DATA_3 + OBJECT_3).getBytes();
        for (int i = 0; i < 5_000; i++) {
            byte[] bytes = whole.clone();
            if (i >= whole.length) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
            }
            Buffer payload = Buffer.buffer(bytes).getBuffer(0, i < whole.length ? i : bytes.length);
            try {
                MediaReader.read(new Message.Data(1, 0, payload, random.nextBoolean()), new ArrayList<>());
            } catch (ProtocolException refused) {
                assertThat(refused.getMessage()).isNotBlank();
            }
        }
    }
}
