package io.fluctus.media;

import io.fluctus.media.MediaPacket.Kind;
import io.fluctus.wire.ByteWriter;
import io.vertx.core.buffer.Buffer;

/** Packets for tests: H.264 and AAC in their legacy FLV form. */
public final class Packets {
    private Packets() {}

    public static MediaPacket avcHeader(long timestamp) {
        return MediaPacket.of(Kind.VIDEO, timestamp, Buffer.buffer(new byte[] {0x17, 0, 0, 0, 0, 1, 66, 0, 30}));
    }

    public static MediaPacket keyFrame(long timestamp) {
        return MediaPacket.of(Kind.VIDEO, timestamp, Buffer.buffer(new byte[] {0x17, 1, 0, 0, 0, 1, 2, 3}));
    }

    public static MediaPacket interFrame(long timestamp) {
        return MediaPacket.of(Kind.VIDEO, timestamp, Buffer.buffer(new byte[] {0x27, 1, 0, 0, 0, 4, 5}));
    }

    public static MediaPacket aacHeader(long timestamp) {
        return MediaPacket.of(Kind.AUDIO, timestamp, Buffer.buffer(new byte[] {(byte) 0xAF, 0, 0x12, 0x10}));
    }

    public static MediaPacket audio(long timestamp) {
        return MediaPacket.of(Kind.AUDIO, timestamp, Buffer.buffer(new byte[] {(byte) 0xAF, 1, 9, 9}));
    }

    public static MediaPacket data(String handler, long timestamp) {
        ByteWriter writer =
                new ByteWriter().u8(2).u16(handler.length()).utf8(handler).u8(5);
        return MediaPacket.of(Kind.DATA, timestamp, writer.buffer());
    }

    public static MediaPacket numbered(MediaPacket packet, long sequence) {
        return new MediaPacket(packet.kind(), packet.timestamp(), packet.payload(), packet.fence(), sequence);
    }
}
