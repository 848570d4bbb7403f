package io.fluctus.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.fluctus.TestFlv;
import io.fluctus.container.Boxes;
import io.fluctus.media.MediaPacket;
import io.fluctus.media.MediaPacket.Kind;
import io.fluctus.media.Prelude;
import io.vertx.core.buffer.Buffer;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Live streams as MP4, framed, and a picture of them. */
class LiveFormTest {
    private static final List<MediaPacket> HEADERS = List.of(TestFlv.videoHeader(0), TestFlv.audioHeader(0));
    private static final List<MediaPacket> FRAMES = List.of(TestFlv.video(0), TestFlv.audio(0), TestFlv.video(1));

    /** The piece in a frame of a WebSocket. */
    private static Buffer unframed(Buffer message) {
        assertThat(message.getByte(0)).isEqualTo((byte) 0x82);
        int length = message.getByte(1);
        return length < 126 ? message.slice(2, 2 + length) : message.slice(4, 4 + message.getUnsignedShort(2));
    }

    private static Mp4Encoding encoding() {
        return Mp4Encoding.of(Framing.WEBSOCKET, HEADERS, FRAMES, true).orElseThrow();
    }

    @Test
    void theInitializationHoldsWhatWasAnnounced() {
        assertThat(Boxes.find(Boxes.of(unframed(encoding().init())), "moov/trak"))
                .hasSize(2);
        List<MediaPacket> sound = List.of(TestFlv.audioHeader(0));
        Mp4Encoding alone =
                Mp4Encoding.of(Framing.WEBSOCKET, sound, FRAMES, true).orElseThrow();
        assertThat(Boxes.find(Boxes.of(unframed(alone.init())), "moov/trak")).hasSize(1);
    }

    @Test
    void aTrackThatWasAnnouncedIsWaitedForUnlessPatienceIsOver() {
        List<MediaPacket> picture = List.of(TestFlv.video(0));
        assertThat(Mp4Encoding.of(Framing.CHUNKED, HEADERS, picture, true)).isEmpty();
        assertThat(Mp4Encoding.of(Framing.CHUNKED, HEADERS, picture, false)).isPresent();
        assertThat(Mp4Encoding.of(Framing.CHUNKED, HEADERS, List.of(), false)).isEmpty();
        assertThat(Mp4Encoding.of(Framing.CHUNKED, List.of(), List.of(TestFlv.video(1)), true))
                .isEmpty();
    }

    @Test
    void eachFrameIsAFragmentAtItsTimeAndHeadersAreNone() {
        Buffer out = Buffer.buffer();
        encoding().encode(TestFlv.video(50), out);
        Buffer fragment = unframed(out);
        assertThat(Boxes.one(fragment, "moof/traf/tfdt").content().getLong(4)).isEqualTo(50 * 40 * 90);
        assertThat(Boxes.one(fragment, "moof/traf/trun").content().getInt(12))
                .as("as long as the first")
                .isEqualTo(3600);
        for (MediaPacket none : List.of(
                TestFlv.videoHeader(0),
                TestFlv.audioHeader(0),
                TestFlv.metadata(),
                MediaPacket.of(Kind.AUDIO, 0, Buffer.buffer()),
                MediaPacket.of(Kind.VIDEO, 0, Buffer.buffer(new byte[] {0x17, 9})))) {
            Buffer nothing = Buffer.buffer();
            encoding().encode(none, nothing);
            assertThat(nothing.length()).isZero();
        }
    }

    @Test
    void viewersOfOneStreamShareTheirBytes() {
        assertThat(encoding()).isEqualTo(encoding());
        assertThat(encoding().hashCode()).isEqualTo(encoding().hashCode());
        assertThat(encoding())
                .isNotEqualTo(
                        Mp4Encoding.of(Framing.CHUNKED, HEADERS, FRAMES, true).orElseThrow());
    }

    @Test
    void aChunkIsAsLongAsItSays() {
        Buffer out = Buffer.buffer();
        Framing.CHUNKED.frame(Buffer.buffer("x".repeat(0x1F)), out);
        assertThat(out.toString()).isEqualTo("1f\r\n" + "x".repeat(0x1F) + "\r\n");
    }

    @Test
    void aPictureIsTheLastKeyFrameByItself() {
        List<MediaPacket> packets =
                List.of(TestFlv.videoHeader(0), TestFlv.audioHeader(0), TestFlv.video(25), TestFlv.video(26));
        Buffer file = Thumbnail.of(new Prelude.Snapshot(true, 1, packets)).orElseThrow();
        assertThat(Boxes.find(Boxes.of(file), "moov/trak")).hasSize(1);
        assertThat(Boxes.one(file, "moof/traf/tfdt").content().getLong(4)).isZero();
        assertThat(Boxes.one(file, "moof/traf/trun").content().getInt(4)).isOne();
        assertThat(Thumbnail.of(new Prelude.Snapshot(true, 1, HEADERS))).isEmpty();
    }
}
