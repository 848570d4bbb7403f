package io.fluctus.rtmp;

import static io.fluctus.rtmp.ChunkBytes.payload;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fluctus.media.MediaPacket;
import io.fluctus.media.MediaPacket.Kind;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ChunkWriterTest {
    private static Buffer media(int chunkSize, int streamId, MediaPacket packet) {
        Buffer out = Buffer.buffer();
        ChunkWriter.media(chunkSize, streamId, packet, out);
        return out;
    }

    @Test
    void eachKindHasItsTypeAndChunkStream() {
        assertThat(media(128, 1, MediaPacket.of(Kind.AUDIO, 5, payload(2))))
                .isEqualTo(new ChunkBytes().fmt0(4, 5, 2, 8, 1).body(payload(2)).bytes);
        assertThat(media(128, 2, MediaPacket.of(Kind.VIDEO, 6, payload(3))))
                .isEqualTo(new ChunkBytes().fmt0(6, 6, 3, 9, 2).body(payload(3)).bytes);
        assertThat(media(128, 3, MediaPacket.of(Kind.DATA, 7, payload(4))))
                .isEqualTo(new ChunkBytes().fmt0(5, 7, 4, 18, 3).body(payload(4)).bytes);
    }

    @Test
    void whatIsNoMessageIsABugOfTheCaller() {
        assertThatThrownBy(() -> media(128, 1, MediaPacket.of(Kind.PUBLISHED, 0, Buffer.buffer())))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void packetsAreAppendedAndKeepNoState() {
        MediaPacket packet = MediaPacket.of(Kind.VIDEO, 40, payload(300));
        Buffer out = media(128, 1, packet);
        Buffer once = out.copy();
        ChunkWriter.media(128, 1, packet, out);
        assertThat(out).isEqualTo(Buffer.buffer().appendBuffer(once).appendBuffer(once));
    }

    @Test
    void timestampsAreTakenModuloTwoToThe32() {
        MediaPacket packet = MediaPacket.of(Kind.AUDIO, (1L << 32) + 9, payload(1));
        assertThat(media(128, 1, packet))
                .isEqualTo(new ChunkBytes().fmt0(4, 9, 1, 8, 1).body(payload(1)).bytes);
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 0xFFFFFE, 0xFFFFFF, 0x1000000, 0x7FFFFFFFL, 0x80000000L, 0xFFFFFFFFL})
    void whatIsWrittenIsReadAtEveryChunkSizeAndTime(long timestamp) {
        for (int chunkSize : new int[] {4, 5, 127, 128, 129, 4_096, 60_000, 0xFFFFFF}) {
            Buffer out = new ChunkBytes().setChunkSize(chunkSize).bytes;
            List<RawMessage> written = new ArrayList<>();
            for (int length : new int[] {0, 1, chunkSize % 1_000, 1_000, 1_001}) {
                RawMessage message = new RawMessage(RawMessage.VIDEO, timestamp, 1, payload(length));
                ChunkWriter.write(chunkSize, message, out);
                written.add(message);
            }
            List<RawMessage> read = new ArrayList<>();
            new ChunkReader(ChunkReader.Limits.MEDIA).receive(out, 0, 0, read::add);
            assertThat(read.subList(1, read.size())).isEqualTo(written);
        }
    }
}
