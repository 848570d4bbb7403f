package io.fluctus.rtmfp;

import io.fluctus.wire.ByteReader;
import io.fluctus.wire.ByteWriter;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;

/**
 * A packet (RFC 7016 2.2.4), which is what encryption carries: flags, timestamps of 4 ms in 16 bits or {@link #NONE}, chunks.
 */
public record Packet(int flags, int timestamp, int timestampEcho, List<Chunk> chunks) {
    static final int TIME_CRITICAL = 0x80;
    static final int TIME_CRITICAL_REVERSE = 0x40;
    static final int TIMESTAMP = 0x08;
    static final int TIMESTAMP_ECHO = 0x04;
    static final int MODE = 0x03;
    static final int INITIATOR = 1;
    static final int RESPONDER = 2;
    static final int STARTUP = 3;

    static final int NONE = -1;
    static final int PADDING = 0xff;

    /** Milliseconds a tick of the timestamps lasts. */
    static final int TICK = 4;

    public Packet {
        chunks = List.copyOf(chunks);
    }

    /** A packet with the flags that its timestamps need. */
    static Packet of(int flags, int timestamp, int timestampEcho, List<Chunk> chunks) {
        int all = flags | (timestamp == NONE ? 0 : TIMESTAMP) | (timestampEcho == NONE ? 0 : TIMESTAMP_ECHO);
        return new Packet(all, timestamp, timestampEcho, chunks);
    }

    /** Reads a packet with or without its padding. */
    static Packet decode(Buffer plain) {
        ByteReader in = new ByteReader(plain);
        int flags = in.u8();
        int timestamp = (flags & TIMESTAMP) != 0 ? in.u16() : NONE;
        int echo = (flags & TIMESTAMP_ECHO) != 0 ? in.u16() : NONE;
        List<Chunk> chunks = new ArrayList<>();
        while (in.hasRemaining() && in.peek() != PADDING && in.peek() != 0) {
            chunks.add(Chunk.decode(in));
        }
        return new Packet(flags, timestamp, echo, chunks);
    }

    Buffer encode() {
        ByteWriter out = new ByteWriter().u8(flags);
        if ((flags & TIMESTAMP) != 0) {
            out.u16(timestamp);
        }
        if ((flags & TIMESTAMP_ECHO) != 0) {
            out.u16(timestampEcho);
        }
        chunks.forEach(c -> c.encode(out));
        return out.buffer();
    }

    int mode() {
        return flags & MODE;
    }

    static int ticks(long now) {
        return (int) (now / TICK) & 0xffff;
    }
}
