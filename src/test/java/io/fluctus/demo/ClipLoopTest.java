package io.fluctus.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fluctus.container.FlvWriter;
import io.fluctus.media.MediaPacket;
import io.fluctus.media.MediaPacket.Kind;
import io.fluctus.media.MediaTag;
import io.fluctus.wire.ProtocolException;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The clip that is bundled, and how it goes round. */
class ClipLoopTest {
    private static final long START = 777_000;

    private final ClipLoop clip = ClipLoop.of(bundled());

    @Test
    void theBundledClipIsSmall() {
        assertThat(bundled().length()).isLessThan(1 << 20);
        assertThat(clip.length()).isEqualTo(16_000);
    }

    @Test
    void itBeginsWithItsHeadersAndAKeyFrame() {
        List<MediaPacket> first = clip.due(START);
        assertThat(first).extracting(MediaPacket::kind).contains(Kind.DATA, Kind.AUDIO, Kind.VIDEO);
        MediaPacket picture = pictures(first).get(0);
        assertThat(MediaTag.keyFrame(picture.payload())).isTrue();
        assertThat(picture.timestamp()).isZero();
    }

    @Test
    void packetsComeWhenTheyAreDueAndNotBefore() {
        clip.due(START);
        assertThat(clip.due(START)).isEmpty();
        for (long now = 20; now < 2_000; now += 20) {
            for (MediaPacket packet : clip.due(START + now)) {
                assertThat(packet.timestamp()).isBetween(now - 19, now);
            }
        }
    }

    @Test
    void theNextRoundGoesOnWhereTheLastOneEnded() {
        List<MediaPacket> pictures = new ArrayList<>();
        long lastSound = -1;
        for (long now = 0; now <= 40_000; now += 20) {
            for (MediaPacket packet : clip.due(START + now)) {
                if (packet.kind() == Kind.AUDIO && !MediaTag.header(packet.kind(), packet.payload())) {
                    assertThat(packet.timestamp()).isBetween(lastSound + 1, Math.max(0, lastSound) + 30);
                    lastSound = packet.timestamp();
                }
                if (packet.kind() == Kind.VIDEO && !MediaTag.header(packet.kind(), packet.payload())) {
                    pictures.add(packet);
                }
            }
        }
        assertThat(pictures).hasSize(40 * 25 + 1);
        for (int i = 0; i < pictures.size(); i++) {
            assertThat(pictures.get(i).timestamp()).isEqualTo(i * 40L);
            assertThat(MediaTag.keyFrame(pictures.get(i).payload())).isEqualTo(i % 25 == 0);
        }
    }

    @Test
    void headersComeOnce() {
        int headers = 0;
        for (long now = 0; now <= 40_000; now += 500) {
            for (MediaPacket packet : clip.due(START + now)) {
                headers += packet.kind() == Kind.DATA || MediaTag.header(packet.kind(), packet.payload()) ? 1 : 0;
            }
        }
        assertThat(headers).isEqualTo(3);
    }

    @Test
    void oneWhoSleptDoesNotSendWhatItMissed() {
        clip.due(START);
        long awake = START + 3_600_000;
        List<MediaPacket> late = clip.due(awake);
        assertThat(pictures(late)).hasSizeLessThan(27);
        assertThat(pictures(clip.due(awake + 400))).hasSize(10);
    }

    @Test
    void aClipWithoutPicturesIsRefused() {
        Buffer flv = FlvWriter.header(true, true);
        FlvWriter.tag(MediaPacket.of(Kind.AUDIO, 0, Buffer.buffer(new byte[] {(byte) 0xAF, 1, 2})), flv);
        assertThatThrownBy(() -> ClipLoop.of(flv))
                .isInstanceOf(ProtocolException.class)
                .hasMessage("the clip has fewer than two pictures");
    }

    private static List<MediaPacket> pictures(List<MediaPacket> packets) {
        return packets.stream()
                .filter(packet -> packet.kind() == Kind.VIDEO && !MediaTag.header(packet.kind(), packet.payload()))
                .toList();
    }

    private static Buffer bundled() {
        try (InputStream in = ClipLoopTest.class.getResourceAsStream("/demo/colorbars.flv")) {
            return Buffer.buffer(in.readAllBytes());
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
