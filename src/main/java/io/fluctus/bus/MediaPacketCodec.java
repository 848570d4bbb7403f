package io.fluctus.bus;

import io.fluctus.media.MediaPacket;
import io.fluctus.media.MediaPacket.Kind;
import io.fluctus.wire.ByteReader;
import io.fluctus.wire.ByteWriter;
import io.fluctus.wire.ProtocolException;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.eventbus.MessageCodec;

/** Media packets on the bus: by reference on a node; across nodes kind, timestamp, fence, sequence, length and payload. */
final class MediaPacketCodec implements MessageCodec<MediaPacket, MediaPacket> {
    static final String NAME = "fluctus.media";

    private static final Kind[] KINDS = Kind.values();

    @Override
    public void encodeToWire(Buffer buffer, MediaPacket packet) {
        new ByteWriter(buffer)
                .u8(packet.kind().ordinal())
                .i64(packet.timestamp())
                .i64(packet.fence())
                .i64(packet.sequence())
                .u32(packet.payload().length())
                .bytes(packet.payload());
    }

    @Override
    public MediaPacket decodeFromWire(int position, Buffer buffer) {
        ByteReader reader = new ByteReader(buffer, position, buffer.length());
        int ordinal = reader.u8();
        if (ordinal >= KINDS.length) {
            throw new ProtocolException("a packet of no kind");
        }
        Kind kind = KINDS[ordinal];
        long timestamp = reader.i64();
        long fence = reader.i64();
        long sequence = reader.i64();
        return new MediaPacket(kind, timestamp, reader.bytes(reader.i32()).copy(), fence, sequence);
    }

    @Override
    public MediaPacket transform(MediaPacket packet) {
        return packet;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public byte systemCodecID() {
        return -1;
    }
}
