package io.fluctus.media;

import io.fluctus.wire.ByteReader;
import io.fluctus.wire.ProtocolException;

/** Bits of a codec's parameter set, highest first. A read that would pass the end is a ProtocolException. */
final class BitReader {
    private final ByteReader bytes;
    private final boolean emulationPrevention;
    private int current;
    private int left;
    private int zeros;

    private BitReader(ByteReader bytes, boolean emulationPrevention) {
        this.bytes = bytes;
        this.emulationPrevention = emulationPrevention;
    }

    static BitReader plain(ByteReader bytes) {
        return new BitReader(bytes, false);
    }

    /** Leaves out the 3 of every 00 00 03 (H.264 7.3.1, H.265 7.3.1.1). */
    static BitReader nalUnit(ByteReader bytes) {
        return new BitReader(bytes, true);
    }

    boolean flag() {
        return bits(1) == 1;
    }

    /** Up to 32 bits as an unsigned number. */
    long bits(int count) {
        long value = 0;
        for (int i = 0; i < count; i++) {
            value = value << 1 | bit();
        }
        return value;
    }

    void skip(int count) {
        for (int i = 0; i < count; i++) {
            bit();
        }
    }

    /** ue(v) (H.264 9.1), also AV1's uvlc() (4.10.3): at most 32 bits. */
    long ue() {
        int leadingZeros = 0;
        while (!flag()) {
            if (++leadingZeros > 31) {
                throw new ProtocolException("a number of a parameter set is longer than 32 bits");
            }
        }
        return (1L << leadingZeros) - 1 + bits(leadingZeros);
    }

    /** se(v) (H.264 9.1.1). */
    long se() {
        long code = ue();
        return (code & 1) == 1 ? (code + 1) / 2 : -(code / 2);
    }

    private int bit() {
        if (left == 0) {
            current = next();
            left = 8;
        }
        left--;
        return current >> left & 1;
    }

    private int next() {
        int value = bytes.u8();
        if (emulationPrevention && zeros >= 2 && value == 3) {
            zeros = 0;
            value = bytes.u8();
        }
        zeros = value == 0 ? zeros + 1 : 0;
        return value;
    }
}
