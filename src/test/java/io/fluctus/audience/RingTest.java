package io.fluctus.audience;

import static org.assertj.core.api.Assertions.assertThat;

import io.fluctus.config.Config;
import io.fluctus.media.MediaPacket;
import io.fluctus.media.MediaPacket.Kind;
import io.fluctus.media.Packets;
import io.vertx.core.buffer.Buffer;
import org.junit.jupiter.api.Test;

class RingTest {
    private static final int ALL = Ring.AUDIO | Ring.VIDEO | Ring.DATA | Ring.HEADER;

    private final Ring ring = new Ring(new Config.Fanout(0, 10_000, 3, 15));

    @Test
    void itIsBoundedInBytes() {
        for (int i = 0; i < 10_000; i++) {
            ring.add(MediaPacket.of(Kind.AUDIO, i, Buffer.buffer(new byte[1_000])), 0);
            assertThat(ring.bytes()).isLessThanOrEqualTo(10_000);
        }
        assertThat(ring.head() - ring.tail()).isEqualTo(10);
    }

    @Test
    void itIsBoundedInNumber() {
        for (int i = 0; i < 3 * Ring.MAX_PACKETS; i++) {
            ring.add(MediaPacket.of(Kind.AUDIO, i, Buffer.buffer()), 0);
        }
        assertThat(ring.head() - ring.tail()).isEqualTo(Ring.MAX_PACKETS);
        assertThat(ring.get(ring.tail()).timestamp()).isEqualTo(2L * Ring.MAX_PACKETS);
    }

    @Test
    void itIsBoundedInAge() {
        ring.add(Packets.audio(0), 0);
        ring.add(Packets.audio(1), 2_000);
        ring.add(Packets.audio(2), 3_001);
        assertThat(ring.tail()).isEqualTo(1);
    }

    @Test
    void theNewestPacketStaysHoweverLarge() {
        ring.add(MediaPacket.of(Kind.VIDEO, 0, Buffer.buffer(new byte[50_000])), 0);
        assertThat(ring.head() - ring.tail()).isEqualTo(1);
    }

    @Test
    void itKeepsItsOrderWhileItGrows() {
        for (int i = 0; i < 1_000; i++) {
            ring.add(Packets.audio(i), 0);
        }
        for (long i = ring.tail(); i < ring.head(); i++) {
            assertThat(ring.get(i).timestamp()).isEqualTo(i);
        }
    }

    @Test
    void keyFramesAndWordsAreFound() {
        ring.add(Packets.interFrame(0), 0);
        ring.add(Packets.keyFrame(1), 0);
        ring.add(MediaPacket.of(Kind.UNPUBLISHED, 2, Buffer.buffer()), 0);
        ring.add(Packets.keyFrame(3), 0);
        ring.add(Packets.interFrame(4), 0);
        assertThat(ring.nextKeyFrame(0)).isEqualTo(1);
        assertThat(ring.nextKeyFrame(2)).isEqualTo(3);
        assertThat(ring.nextKeyFrame(4)).isEqualTo(-1);
        assertThat(ring.lastKeyFrame()).isEqualTo(3);
        assertThat(ring.nextWord(0)).isEqualTo(2);
        assertThat(ring.nextWord(3)).isEqualTo(-1);
    }

    @Test
    void aKeyFrameThatWasTrimmedIsNotFound() {
        ring.add(Packets.keyFrame(0), 0);
        ring.add(MediaPacket.of(Kind.AUDIO, 1, Buffer.buffer(new byte[9_999])), 0);
        assertThat(ring.lastKeyFrame()).isEqualTo(-1);
    }

    @Test
    void aMaskLetsThroughWhatAViewerWants() {
        ring.add(Packets.avcHeader(0), 0);
        ring.add(Packets.keyFrame(1), 0);
        ring.add(Packets.audio(2), 0);
        ring.add(Packets.data("onMetaData", 3), 0);
        assertThat(ring.select(0, 4, ALL)).hasSize(4);
        assertThat(ring.select(0, 4, Ring.AUDIO | Ring.HEADER))
                .extracting(MediaPacket::timestamp)
                .containsExactly(0L, 2L);
    }

    @Test
    void aRunEndsWhereItsBytesAreFull() {
        for (int i = 0; i < 8; i++) {
            ring.add(MediaPacket.of(Kind.AUDIO, i, Buffer.buffer(new byte[100])), 0);
        }
        assertThat(ring.runEnd(0, 8, 250)).isEqualTo(3);
        assertThat(ring.runEnd(0, 8, 1)).isEqualTo(1);
        assertThat(ring.runEnd(0, 2, 10_000)).isEqualTo(2);
    }

    @Test
    void theAgeOfACursorIsThatOfItsNextPacket() {
        ring.add(Packets.keyFrame(0), 1_000);
        ring.add(Packets.interFrame(1), 1_040);
        assertThat(ring.age(0, 1_100)).isEqualTo(100);
        assertThat(ring.age(1, 1_100)).isEqualTo(60);
        assertThat(ring.age(2, 1_100)).isZero();
        assertThat(ring.age(-7, 1_100)).as("what is gone").isEqualTo(100);
    }
}
