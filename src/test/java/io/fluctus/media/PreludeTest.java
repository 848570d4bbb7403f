package io.fluctus.media;

import static org.assertj.core.api.Assertions.assertThat;

import io.fluctus.media.MediaPacket.Kind;
import io.vertx.core.buffer.Buffer;
import java.util.List;
import org.junit.jupiter.api.Test;

class PreludeTest {
    private static final int MAX_BYTES = 1_000;

    private final Prelude prelude = new Prelude(MAX_BYTES);
    private long sequence;

    private void add(MediaPacket... packets) {
        for (MediaPacket packet : packets) {
            prelude.add(Packets.numbered(packet, ++sequence));
        }
    }

    private List<Buffer> payloads() {
        return prelude.snapshot(true).packets().stream()
                .map(MediaPacket::payload)
                .toList();
    }

    private static List<Buffer> payloadsOf(MediaPacket... packets) {
        return List.of(packets).stream().map(MediaPacket::payload).toList();
    }

    @Test
    void aLateJoinerGetsMetadataHeadersAndEverythingSinceTheKeyFrame() {
        MediaPacket metadata = Packets.data("onMetaData", 0);
        add(metadata, Packets.avcHeader(0), Packets.aacHeader(0));
        add(Packets.keyFrame(0), Packets.audio(10), Packets.interFrame(40));
        add(Packets.keyFrame(2_000), Packets.audio(2_010), Packets.interFrame(2_040));
        assertThat(payloads())
                .isEqualTo(payloadsOf(
                        metadata,
                        Packets.avcHeader(0),
                        Packets.aacHeader(0),
                        Packets.keyFrame(0),
                        Packets.audio(0),
                        Packets.interFrame(0)));
        assertThat(prelude.snapshot(true).sequence()).isEqualTo(9);
    }

    @Test
    void headersCarryTheTimeOfTheKeyFrame() {
        add(Packets.avcHeader(0), Packets.keyFrame(0), Packets.keyFrame(60_000), Packets.interFrame(60_040));
        assertThat(prelude.snapshot(true).packets())
                .extracting(MediaPacket::timestamp)
                .containsExactly(60_000L, 60_000L, 60_040L);
    }

    @Test
    void metadataIsOfTimeZeroOrFfmpegTakesItForSubtitles() {
        add(Packets.data("onMetaData", 7_000), Packets.avcHeader(0), Packets.keyFrame(60_000));
        assertThat(prelude.snapshot(true).packets())
                .extracting(MediaPacket::timestamp)
                .containsExactly(0L, 60_000L, 60_000L);
    }

    @Test
    void aHeaderThatChangesAfterTheKeyFrameKeepsItsPlace() {
        MediaPacket second =
                MediaPacket.of(Kind.AUDIO, 50, Buffer.buffer(new byte[] {(byte) 0xAF, 0, 0x11, (byte) 0x90}));
        add(Packets.aacHeader(0), Packets.keyFrame(0), Packets.audio(10), second, Packets.audio(60));
        assertThat(payloads())
                .isEqualTo(payloadsOf(
                        Packets.aacHeader(0), Packets.keyFrame(0), Packets.audio(0), second, Packets.audio(0)));
    }

    @Test
    void framesThatOutgrowTheBoundAreForgottenUntilTheNextKeyFrame() {
        add(Packets.avcHeader(0), Packets.keyFrame(0));
        for (int i = 0; i < 200; i++) {
            add(Packets.interFrame(i * 40L));
        }
        assertThat(prelude.hasKeyFrame()).isFalse();
        assertThat(payloads()).isEqualTo(payloadsOf(Packets.avcHeader(0)));
        add(Packets.keyFrame(9_000));
        assertThat(payloads()).isEqualTo(payloadsOf(Packets.avcHeader(0), Packets.keyFrame(0)));
    }

    @Test
    void framesOfMoreThanAMinuteAreForgotten() {
        add(Packets.avcHeader(0), Packets.keyFrame(0), Packets.audio(Prelude.MAX_MILLIS));
        assertThat(prelude.hasKeyFrame()).isTrue();
        add(Packets.audio(Prelude.MAX_MILLIS + 1));
        assertThat(payloads()).isEqualTo(payloadsOf(Packets.avcHeader(0)));
    }

    @Test
    void aStreamOfAudioAloneHasNoFramesToKeep() {
        add(Packets.aacHeader(0), Packets.audio(0), Packets.audio(23));
        assertThat(payloads()).isEqualTo(payloadsOf(Packets.aacHeader(0)));
    }

    @Test
    void onlyMetadataIsKeptOfTheDataMessages() {
        add(Packets.data("onTextData", 0), Packets.data("onMetaData", 0), Packets.data("onCuePoint", 0));
        assertThat(payloads()).isEqualTo(payloadsOf(Packets.data("onMetaData", 0)));
    }

    @Test
    void metadataThatChangesReplacesTheOld() {
        MediaPacket newer = MediaPacket.of(
                Kind.DATA, 5, Packets.data("onMetaData", 0).payload().copy().appendByte((byte) 1));
        add(Packets.data("onMetaData", 0), newer);
        assertThat(payloads()).isEqualTo(payloadsOf(newer));
    }

    @Test
    void metadataComesFirstHoweverLateItCame() {
        add(Packets.avcHeader(0), Packets.aacHeader(0), Packets.data("onMetaData", 0), Packets.keyFrame(0));
        assertThat(payloads())
                .isEqualTo(payloadsOf(
                        Packets.data("onMetaData", 0),
                        Packets.avcHeader(0),
                        Packets.aacHeader(0),
                        Packets.keyFrame(0)));
    }

    @Test
    void aHeaderOverItsBoundIsNotKept() {
        Buffer large =
                Buffer.buffer().appendBytes(new byte[] {0x17, 0}).appendBytes(new byte[Prelude.MAX_HEADER_BYTES]);
        add(MediaPacket.of(Kind.VIDEO, 0, large));
        assertThat(payloads()).isEmpty();
    }

    @Test
    void afterARestartTheOldFramesAreGoneAndTheHeadersStay() {
        add(Packets.avcHeader(0), Packets.keyFrame(0), Packets.interFrame(40));
        prelude.restart();
        assertThat(payloads()).isEqualTo(payloadsOf(Packets.avcHeader(0)));
    }

    @Test
    void afterTheEndNothingIsLeft() {
        add(Packets.data("onMetaData", 0), Packets.avcHeader(0), Packets.keyFrame(0));
        prelude.clear();
        assertThat(payloads()).isEmpty();
    }

    @Test
    void emptyPayloadsAreCarriedLikeAnyOther() {
        MediaPacket silence = MediaPacket.of(Kind.AUDIO, 10, Buffer.buffer());
        MediaPacket nothing = MediaPacket.of(Kind.VIDEO, 11, Buffer.buffer());
        add(Packets.keyFrame(0), silence, nothing);
        assertThat(payloads()).isEqualTo(payloadsOf(Packets.keyFrame(0), silence, nothing));
    }
}
