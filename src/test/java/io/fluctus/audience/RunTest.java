package io.fluctus.audience;

import static org.assertj.core.api.Assertions.assertThat;

import io.fluctus.media.MediaPacket;
import io.fluctus.media.Packets;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.vertx.core.buffer.Buffer;
import java.util.List;
import org.junit.jupiter.api.Test;

class RunTest {
    /** Writes a packet's payload behind one byte. */
    private record Marked(int mark) implements Encoding {
        @Override
        public void encode(MediaPacket packet, Buffer out) {
            out.appendByte((byte) mark).appendBuffer(packet.payload());
        }
    }

    private final Run run = new Run(0, 2, 0, List.of(Packets.audio(0), Packets.interFrame(0)));

    @Test
    void equalEncodingsShareTheSameBytes() {
        ByteBuf first = run.encoded(new Marked(7));
        ByteBuf second = run.encoded(new Marked(7));
        assertThat(ByteBufUtil.hexDump(first)).isEqualTo("07af010909" + "0727010000000405");
        assertThat(second.memoryAddress()).isEqualTo(first.memoryAddress());
        first.release();
        second.release();
        run.release();
    }

    @Test
    void differentEncodingsDoNot() {
        ByteBuf first = run.encoded(new Marked(1));
        ByteBuf second = run.encoded(new Marked(2));
        assertThat(second.memoryAddress()).isNotEqualTo(first.memoryAddress());
        first.release();
        second.release();
        run.release();
    }

    @Test
    void whenAllAreDoneNothingIsHeld() {
        ByteBuf first = run.encoded(new Marked(7));
        ByteBuf second = run.encoded(new Marked(7));
        run.release();
        assertThat(second.refCnt()).isPositive();
        first.release();
        second.release();
        assertThat(second.refCnt()).isZero();
    }
}
