package io.fluctus.rtmfp;

import io.fluctus.wire.ByteWriter;
import io.vertx.core.buffer.Buffer;
import java.net.InetSocketAddress;
import java.util.Arrays;

/**
 * The packet that is being written and the datagram that it becomes: one for all sessions of an endpoint, used again for each
 * packet, so that sending makes no garbage.
 */
final class Outgoing {
    /** Takes a datagram; the bytes are valid during the call only. */
    interface Outlet {
        void send(InetSocketAddress to, byte[] bytes, int length);
    }

    /** Room in front of the packet for a session sequence number and the checksum. */
    private static final int FRONT = 16;

    private static final int CAPACITY = FRONT + 2 * Params.MAX_SESSION_PACKET;

    private final byte[] packet = new byte[CAPACITY];
    private final byte[] datagram = new byte[CAPACITY + 64];
    private int end = FRONT;
    private int datagramLength;
    private InetSocketAddress to;

    /** Begins a packet with these flags and timestamps, either of which may be {@link Packet#NONE}. */
    Outgoing begin(int flags, int timestamp, int timestampEcho) {
        end = FRONT;
        int all = flags
                | (timestamp == Packet.NONE ? 0 : Packet.TIMESTAMP)
                | (timestampEcho == Packet.NONE ? 0 : Packet.TIMESTAMP_ECHO);
        u8(all);
        if (timestamp != Packet.NONE) {
            u16(timestamp);
        }
        if (timestampEcho != Packet.NONE) {
            u16(timestampEcho);
        }
        return this;
    }

    /** Flags that became known later. */
    void addFlags(int flags) {
        packet[FRONT] |= (byte) flags;
    }

    /** Bytes of the packet so far. */
    int length() {
        return end - FRONT;
    }

    Outgoing u8(int value) {
        packet[end++] = (byte) value;
        return this;
    }

    Outgoing u16(int value) {
        packet[end++] = (byte) (value >> 8);
        packet[end++] = (byte) value;
        return this;
    }

    Outgoing vlu(long value) {
        int shift = 7 * (Vlu.length(value) - 1);
        for (; shift > 0; shift -= 7) {
            u8((int) (value >> shift) | 0x80);
        }
        return u8((int) value & 0x7f);
    }

    /** Appends {@code bytes[from, to)}. */
    Outgoing bytes(Buffer bytes, int from, int to) {
        bytes.getBytes(from, to, packet, end);
        end += to - from;
        return this;
    }

    Outgoing bytes(Buffer bytes) {
        return bytes(bytes, 0, bytes.length());
    }

    Outgoing chunk(Chunk chunk) {
        ByteWriter out = new ByteWriter();
        chunk.encode(out);
        return bytes(out.buffer());
    }

    /** The packet so far. */
    Buffer content() {
        return Buffer.buffer(Arrays.copyOfRange(packet, FRONT, end));
    }

    /** Encrypts what was written, for this address. */
    void seal(PacketCipher cipher, int sessionId, InetSocketAddress address) {
        datagramLength = cipher.seal(sessionId, new PacketCipher.Plain(packet, FRONT, end), datagram);
        to = address;
    }

    void leave(Outlet outlet) {
        outlet.send(to, datagram, datagramLength);
    }

    Datagram copy() {
        return new Datagram(to, Buffer.buffer(Arrays.copyOf(datagram, datagramLength)));
    }
}
