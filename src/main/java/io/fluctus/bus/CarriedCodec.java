package io.fluctus.bus;

import io.fluctus.wire.ByteReader;
import io.fluctus.wire.ByteWriter;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.eventbus.MessageCodec;

/** Packets between nodes: link, number, total, and the packet as {@link MediaPacketCodec} writes it. */
final class CarriedCodec implements MessageCodec<Carried, Carried> {
    static final String NAME = "fluctus.carried";

    private static final int HEAD_BYTES = 24;

    private final MediaPacketCodec packets = new MediaPacketCodec();

    @Override
    public void encodeToWire(Buffer buffer, Carried carried) {
        new ByteWriter(buffer).i64(carried.link()).i64(carried.number()).i64(carried.total());
        packets.encodeToWire(buffer, carried.packet());
    }

    @Override
    public Carried decodeFromWire(int position, Buffer buffer) {
        ByteReader reader = new ByteReader(buffer, position, buffer.length());
        return new Carried(
                reader.i64(), reader.i64(), reader.i64(), packets.decodeFromWire(position + HEAD_BYTES, buffer));
    }

    @Override
    public Carried transform(Carried carried) {
        return carried;
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
