package io.fluctus.container;

import io.vertx.core.buffer.Buffer;

/**
 * What the first bytes of a coded audio frame say.
 *
 * @param samples per channel in the frame; 0 where it does not tell
 * @param sampleRate samples a second; 0 where it does not tell
 * @param channels 0 where it does not tell
 */
record AudioFrame(int samples, int sampleRate, int channels) {
    static final AudioFrame UNKNOWN = new AudioFrame(0, 0, 0);

    private static final int OPUS_RATE = 48_000;
    private static final int AC3_SAMPLES = 1536;
    private static final int AC3_BLOCK = 256;
    private static final int AC3_SYNC = 0x0B77;

    /** ISO/IEC 11172-3 2.4.1.3 and 13818-3: the frame header. */
    static AudioFrame mp3(Buffer frame) {
        if (frame.length() < 4 || (frame.getUnsignedShort(0) & 0xFFE0) != 0xFFE0) {
            return UNKNOWN;
        }
        int version = frame.getByte(1) >> 3 & 3; // 3: MPEG-1, 2: MPEG-2, 0: MPEG-2.5
        int index = frame.getByte(2) >> 2 & 3;
        if (version == 1 || index == 3) {
            return UNKNOWN;
        }
        int rate = new int[] {44_100, 48_000, 32_000}[index] >> (version == 3 ? 0 : version == 2 ? 1 : 2);
        return new AudioFrame(version == 3 ? 1152 : 576, rate, (frame.getByte(3) >> 6 & 3) == 3 ? 1 : 2);
    }

    /** RFC 6716 3.1: the TOC byte, and the count of frames behind it. */
    static AudioFrame opus(Buffer frame) {
        if (frame.length() == 0) {
            return UNKNOWN;
        }
        int toc = frame.getUnsignedByte(0);
        int config = toc >> 3;
        int size = config < 12
                ? new int[] {480, 960, 1920, 2880}[config & 3]
                : config < 16 ? 480 << (config & 1) : 120 << (config & 3);
        int count = switch (toc & 3) {
            case 0 -> 1;
            case 3 -> frame.length() > 1 ? frame.getByte(1) & 0x3F : 0;
            default -> 2;
        };
        return new AudioFrame(size * count, OPUS_RATE, 0);
    }

    /** RFC 9639 9.1.1: the block size, where it stands in its own bits. */
    static AudioFrame flac(Buffer frame) {
        if (frame.length() < 4) {
            return UNKNOWN;
        }
        int bits = frame.getUnsignedByte(2) >> 4;
        int samples = bits == 1 ? 192 : bits >= 2 && bits <= 5 ? 576 << bits - 2 : bits >= 8 ? 256 << bits - 8 : 0;
        return new AudioFrame(samples, 0, 0);
    }

    /** ETSI TS 102 366 4.3 and E.1.2: syncinfo and the start of bsi. */
    static AudioFrame ac3(Buffer frame, boolean enhanced) {
        if (frame.length() < 8 || frame.getUnsignedShort(0) != AC3_SYNC) {
            return UNKNOWN;
        }
        int fscod = frame.getByte(4) >> 6 & 3;
        int[] rates = {48_000, 44_100, 32_000};
        if (!enhanced) {
            int acmod = frame.getByte(6) >> 5 & 7;
            return fscod == 3 ? UNKNOWN : new AudioFrame(AC3_SAMPLES, rates[fscod], channels(acmod, lfe(frame, acmod)));
        }
        int code = frame.getByte(4) >> 4 & 3; // numblkscod, or fscod2 where the rate is a half one
        if (fscod == 3 && code == 3) {
            return UNKNOWN;
        }
        int rate = fscod == 3 ? rates[code] / 2 : rates[fscod];
        int blocks = fscod == 3 ? 6 : new int[] {1, 2, 3, 6}[code];
        return new AudioFrame(blocks * AC3_BLOCK, rate, channels(frame.getByte(4) >> 1 & 7, frame.getByte(4) & 1));
    }

    /** lfeon of AC-3, behind the mix levels that acmod asks for. */
    static int lfe(Buffer frame, int acmod) {
        int skipped = ((acmod & 1) != 0 && acmod != 1 ? 2 : 0) + ((acmod & 4) != 0 ? 2 : 0) + (acmod == 2 ? 2 : 0);
        int bits = frame.getUnsignedShort(6);
        return bits >> 12 - skipped & 1;
    }

    private static int channels(int acmod, int lfe) {
        return new int[] {2, 1, 2, 3, 3, 4, 4, 5}[acmod] + lfe;
    }
}
