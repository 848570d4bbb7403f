package io.fluctus.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.fluctus.media.MediaPacket;
import io.fluctus.media.MediaPacket.Kind;
import io.fluctus.media.MediaTag;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class MarkTest {
    @Test
    void aMarkIsFoundWhereverItBeginsWithinReach() {
        Mark mark = new Mark(0x0123456789ABCDEFL, 42);
        for (int before : List.of(0, 1, 2, 50, 128)) {
            Buffer payload = Buffer.buffer(new byte[before]).appendBytes(mark.bytes());
            assertThat(Mark.in(payload)).as("after %d bytes", before).contains(mark);
        }
        assertThat(Mark.in(Buffer.buffer(new byte[129]).appendBytes(mark.bytes())))
                .isEmpty();
    }

    @Test
    void aMarkThatIsCutOffIsNone() {
        Buffer whole = Buffer.buffer(new Mark(7, 7).bytes());
        for (int length = 0; length < Mark.BYTES; length++) {
            assertThat(Mark.in(whole.slice(0, length))).isEmpty();
        }
    }

    @Test
    void theSyntheticStreamHasItsRateItsKeyFramesAndAMarkInEveryFrame() {
        MarkedStream stream = new MarkedStream(1_000, 25);
        List<MediaPacket> frames = new ArrayList<>();
        while (stream.due() < 10_000) {
            frames.add(stream.next(1_000L + frames.size()));
        }
        long bytes = frames.stream().mapToLong(p -> p.payload().length()).sum();
        assertThat(bytes * 8 / 10 / 1000.0).isBetween(970.0, 1_030.0);
        List<MediaPacket> video =
                frames.stream().filter(p -> p.kind() == Kind.VIDEO).toList();
        assertThat(video).hasSize(250);
        assertThat(video.stream().filter(p -> MediaTag.keyFrame(p.payload()))).hasSize(5);
        for (int i = 0; i < frames.size(); i++) {
            assertThat(Mark.in(frames.get(i).payload()).orElseThrow().sentNanos())
                    .isEqualTo(1_000L + i);
        }
        assertThat(frames).extracting(MediaPacket::timestamp).isSorted();
    }

    @Test
    void itsHeadersAreHeaders() {
        for (MediaPacket header : MarkedStream.headers()) {
            assertThat(MediaTag.sequenceHeader(header.kind(), header.payload())).isTrue();
        }
        assertThat(MediaTag.decode(Kind.VIDEO, MarkedStream.headers().get(0).payload())
                        .picture())
                .hasValueSatisfying(picture -> assertThat(picture.width()).isEqualTo(640));
    }
}
