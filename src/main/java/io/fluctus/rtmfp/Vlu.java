package io.fluctus.rtmfp;

import io.fluctus.wire.ByteReader;
import io.fluctus.wire.ByteWriter;
import io.fluctus.wire.ProtocolException;

/** Variable length unsigned integers (RFC 7016 2.1.2): seven bits a byte, the most significant first, 0x80 while more follow. */
final class Vlu {
    /** 56 bits: no honest session counts further, and sums of such numbers never overflow a long. */
    static final int MAX_BYTES = 8;

    private Vlu() {}

    static long read(ByteReader in) {
        long value = 0;
        for (int i = 0; i < MAX_BYTES; i++) {
            int next = in.u8();
            value = value << 7 | next & 0x7f;
            if (next < 0x80) {
                return value;
            }
        }
        throw new ProtocolException("VLU of more than " + MAX_BYTES + " bytes");
    }

    /** Reads a VLU that counts bytes of which at most {@code in.remaining()} can follow. */
    static int readLength(ByteReader in) {
        long length = read(in);
        if (length > in.remaining()) {
            throw new ProtocolException("field of " + length + " bytes where " + in.remaining() + " are left");
        }
        return (int) length;
    }

    static void write(ByteWriter out, long value) {
        for (int shift = 7 * (length(value) - 1); shift > 0; shift -= 7) {
            out.u8((int) (value >> shift) | 0x80);
        }
        out.u8((int) value & 0x7f);
    }

    static int length(long value) {
        return value == 0 ? 1 : (70 - Long.numberOfLeadingZeros(value)) / 7;
    }
}
