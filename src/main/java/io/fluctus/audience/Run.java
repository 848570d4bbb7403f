package io.fluctus.audience;

import io.fluctus.media.MediaPacket;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import io.vertx.core.internal.buffer.BufferInternal;
import java.util.ArrayList;
import java.util.List;

/** Packets in a row that leave together, with their bytes for each encoding made once and shared by all viewers. */
public final class Run {
    /** Room for the headers of a packet in its encoded form; the buffer grows where that is too little. */
    private static final int HEADER_ROOM = 32;

    /** Its duplicates are recycled: one is made for each viewer and write. */
    private static final ByteBufAllocator ALLOCATOR = PooledByteBufAllocator.DEFAULT;

    final long from;
    final long to;
    final int mask;
    private final List<MediaPacket> packets;
    private final long bytes;
    private final List<Encoding> encodings = new ArrayList<>(1);
    private final List<ByteBuf> encoded = new ArrayList<>(1);

    Run(long from, long to, int mask, List<MediaPacket> packets) {
        this.from = from;
        this.to = to;
        this.mask = mask;
        this.packets = packets;
        this.bytes = packets.stream().mapToLong(p -> p.payload().length()).sum();
    }

    public List<MediaPacket> packets() {
        return packets;
    }

    /** Payload bytes. */
    public long bytes() {
        return bytes;
    }

    /** All packets as bytes. The caller owns the result and must release it or hand it to a channel. */
    public ByteBuf encoded(Encoding encoding) {
        for (int i = 0; i < encodings.size(); i++) {
            if (encodings.get(i).equals(encoding)) {
                return encoded.get(i).retainedDuplicate();
            }
        }
        ByteBuf buffer = ALLOCATOR.directBuffer((int) bytes + HEADER_ROOM * packets.size());
        BufferInternal out = BufferInternal.buffer(buffer);
        for (MediaPacket packet : packets) {
            encoding.encode(packet, out);
        }
        encodings.add(encoding);
        encoded.add(buffer);
        return buffer.retainedDuplicate();
    }

    /** Gives up this run's own hold on the bytes; viewers keep theirs until they are written. */
    void release() {
        encoded.forEach(ByteBuf::release);
        encoded.clear();
        encodings.clear();
    }
}
