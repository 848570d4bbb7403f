package io.fluctus.netconnection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fluctus.wire.ByteWriter;
import io.fluctus.wire.ProtocolException;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Aggregate messages come apart, and no lie in them does harm. */
class AggregateTest {
    private static ByteWriter tag(ByteWriter out, int type, long time, Buffer payload) {
        return out.u8(type)
                .u24(payload.length())
                .u24((int) (time & 0xFFFFFF))
                .u8((int) (time >>> 24))
                .u24(7)
                .bytes(payload)
                .u32(11 + payload.length());
    }

    private static List<String> apart(long timestamp, Buffer payload) {
        return AggregateReader.decode(new Message.Aggregate(1, timestamp, payload)).stream()
                .map(Words::of)
                .toList();
    }

    private static Buffer three() {
        ByteWriter out = new ByteWriter();
        tag(out, 9, 1000, Words.hex("1700"));
        tag(out, 8, 1010, Words.hex("af01"));
        tag(out, 18, 1040, Words.data("onTextData", "hello"));
        return out.buffer();
    }

    @Test
    void partsKeepTheirDistanceToTheFirst() {
        assertThat(apart(5000, three()))
                .containsExactly("1 video @5000 1700", "1 audio @5010 af01", "1 data @5040 onTextData hello");
        assertThat(apart(0xFFFFFFFFL, three()))
                .containsExactly("1 video @4294967295 1700", "1 audio @9 af01", "1 data @39 onTextData hello");
    }

    @Test
    void timesOfPartsHave32BitsAndMayGoBack() {
        ByteWriter out = new ByteWriter();
        tag(out, 8, 0xFFFFFFF0L, Words.hex("01"));
        tag(out, 8, 0x10, Words.hex("02"));
        tag(out, 8, 0xFFFFFFE0L, Words.hex("03"));
        assertThat(apart(100, out.buffer())).containsExactly("1 audio @100 01", "1 audio @132 02", "1 audio @84 03");
    }

    @Test
    void partsBecomePacketsOfThePublication() {
        Script script = PublishTest.publishing();
        List<Event> events = script.connection().receive(new Message.Aggregate(1, 5000, three()), 0);
        assertThat(events.stream().map(Words::of))
                .containsExactly(
                        "PacketReceived 1 VIDEO @5000 1700",
                        "PacketReceived 1 AUDIO @5010 af01",
                        "PacketReceived 1 DATA @5040 onTextData hello");
    }

    @Test
    void theBackPointerIsNotBelievedAndMayBeMissingAtTheEnd() {
        Buffer lies = three();
        lies.setInt(13, -1);
        assertThat(apart(5000, lies)).hasSize(3);
        for (int cut = 1; cut <= 4; cut++) {
            assertThat(apart(5000, three().getBuffer(0, three().length() - cut)))
                    .hasSize(3);
        }
    }

    @Test
    void everyOtherPrefixIsWholeOrRefused() {
        Buffer whole = three();
        for (int length = 0; length < whole.length(); length++) {
            Buffer prefix = whole.getBuffer(0, length);
            try {
                assertThat(apart(0, prefix).size()).isLessThanOrEqualTo(3);
            } catch (ProtocolException refused) {
                assertThat(refused.getMessage()).contains("bytes");
            }
        }
    }

    @Test
    void aSizeBeyondTheEndIsRefused() {
        Buffer bytes = three();
        bytes.setMedium(1, 0xFFFFFF);
        assertThatThrownBy(() -> apart(0, bytes)).isInstanceOf(ProtocolException.class);
    }

    @Test
    void anAggregateInsideAnAggregateIsRefused() {
        Buffer nested = tag(new ByteWriter(), 22, 0, three()).buffer();
        assertThatThrownBy(() -> apart(0, nested))
                .isInstanceOf(ProtocolException.class)
                .hasMessageContaining("aggregate inside");
    }

    @Test
    void otherTypesAreSkipped() {
        ByteWriter out = new ByteWriter();
        for (int type : new int[] {0, 1, 4, 17, 20, 99, 255}) {
            tag(out, type, 0, Words.hex("00"));
        }
        tag(out, 8, 5, Words.hex("af"));
        assertThat(apart(7, out.buffer())).containsExactly("1 audio @12 af");
    }

    @Test
    void tenThousandEmptyPartsAreRefused() {
        for (int count : new int[] {AggregateReader.MAX_SUB_MESSAGES, 10_000}) {
            ByteWriter out = new ByteWriter();
            for (int i = 0; i < count; i++) {
                tag(out, 8, 0, Buffer.buffer());
            }
            if (count == AggregateReader.MAX_SUB_MESSAGES) {
                assertThat(apart(0, out.buffer())).hasSize(count);
            } else {
                assertThatThrownBy(() -> apart(0, out.buffer())).isInstanceOf(ProtocolException.class);
            }
        }
    }

    @Test
    void mutationsEndInPacketsOrASentence() {
        Random random = new Random(22);
        for (int i = 0; i < 5_000; i++) {
            Buffer bytes = three();
            for (int n = random.nextInt(4); n >= 0; n--) {
                bytes.setByte(random.nextInt(bytes.length()), (byte) random.nextInt());
            }
            try {
                MediaReader.read(new Message.Aggregate(1, random.nextInt(), bytes), new ArrayList<>());
            } catch (ProtocolException refused) {
                assertThat(refused.getMessage()).isNotBlank();
            }
        }
    }
}
