package io.fluctus.cli;

import io.fluctus.media.MediaPacket;
import io.fluctus.media.MediaPacket.Kind;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.SplittableRandom;

/** A synthetic stream of AVC and AAC at a given rate, with a {@link Mark} in every frame and nothing that a decoder could show. */
final class MarkedStream {
    /** Frames from one key frame to the next, which is as large as four others. */
    private static final int GROUP = 50;

    private static final int KEY_FRAME_WEIGHT = 4;
    private static final double AUDIO_KBPS = 64;
    private static final double AUDIO_MILLIS = 1024_000.0 / 44_100;
    private static final byte[] AVC_HEADER = {
        0x17,
        0,
        0,
        0,
        0,
        1,
        0x42,
        (byte) 0xC0,
        0x1E,
        (byte) 0xFF,
        (byte) 0xE1,
        0,
        22,
        0x67,
        0x42,
        (byte) 0xC0,
        0x1E,
        (byte) 0xD9,
        0,
        (byte) 0xA0,
        0x2F,
        (byte) 0xF9,
        0x70,
        0x11,
        0,
        0,
        3,
        0,
        1,
        0,
        0,
        3,
        0,
        0x32,
        0x0F,
        1,
        0,
        5,
        0x68,
        (byte) 0xCB,
        (byte) 0x83,
        (byte) 0xCB,
        0x20
    };
    private static final byte[] AAC_HEADER = {(byte) 0xAF, 0, 0x12, 0x10};

    /** A NAL unit of supplemental information, "user data unregistered": 16 bytes of a name, the mark, a stop bit. */
    private static final byte[] SEI = {0, 0, 0, 3 + 16 + Mark.BYTES + 1, 6, 5, 16 + Mark.BYTES};

    private static final byte[] SEI_NAME = "fluctus-bench-id".getBytes(StandardCharsets.US_ASCII);

    private final double frameMillis;
    private final int audioBytes;
    private final int interBytes;
    private final byte[] filler;
    private long videoFrames;
    private long audioFrames;

    /** {@code kbps} in all, {@code fps} frames a second. */
    MarkedStream(int kbps, int fps) {
        frameMillis = 1000.0 / fps;
        audioBytes = (int) (AUDIO_KBPS / 8 * AUDIO_MILLIS);
        double mean = Math.max(0, kbps - AUDIO_KBPS) * 1000 / 8 / fps;
        interBytes = Math.max(128, (int) (mean * GROUP / (GROUP + KEY_FRAME_WEIGHT - 1)));
        filler = new byte[interBytes * KEY_FRAME_WEIGHT + audioBytes];
        new SplittableRandom(1).nextBytes(filler);
        for (int i = 0; i < filler.length; i++) {
            filler[i] |= (byte) 0x80; // never a start code
        }
    }

    static List<MediaPacket> headers() {
        return List.of(
                MediaPacket.of(Kind.VIDEO, 0, Buffer.buffer(AVC_HEADER)),
                MediaPacket.of(Kind.AUDIO, 0, Buffer.buffer(AAC_HEADER)));
    }

    /** When the next frame is due, in milliseconds since the stream began. */
    double due() {
        return Math.min(videoFrames * frameMillis, audioFrames * AUDIO_MILLIS);
    }

    /** The frame that is due next, marked with {@code nanos} of the steady clock. */
    MediaPacket next(long nanos) {
        boolean video = videoFrames * frameMillis <= audioFrames * AUDIO_MILLIS;
        long timestamp = Math.round(due());
        return video
                ? MediaPacket.of(Kind.VIDEO, timestamp, video(new Mark(nanos, videoFrames++)))
                : MediaPacket.of(Kind.AUDIO, timestamp, audio(new Mark(nanos, audioFrames++)));
    }

    private Buffer video(Mark mark) {
        boolean key = mark.number() % GROUP == 0;
        int size = key ? interBytes * KEY_FRAME_WEIGHT : interBytes;
        Buffer frame = Buffer.buffer(size)
                .appendByte((byte) (key ? 0x17 : 0x27))
                .appendByte((byte) 1)
                .appendMedium(0)
                .appendBytes(SEI)
                .appendBytes(SEI_NAME)
                .appendBytes(mark.bytes())
                .appendByte((byte) 0x80);
        int slice = size - frame.length() - Integer.BYTES;
        return frame.appendInt(slice).appendByte((byte) (key ? 0x65 : 0x41)).appendBytes(filler, 0, slice - 1);
    }

    private Buffer audio(Mark mark) {
        return Buffer.buffer(audioBytes)
                .appendByte((byte) 0xAF)
                .appendByte((byte) 1)
                .appendBytes(mark.bytes())
                .appendBytes(filler, 0, audioBytes - 2 - Mark.BYTES);
    }
}
