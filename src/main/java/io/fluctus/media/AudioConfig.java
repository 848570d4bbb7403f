package io.fluctus.media;

import io.fluctus.wire.ByteReader;
import io.fluctus.wire.ProtocolException;
import java.util.Optional;

/**
 * What an audio header says about the sound.
 *
 * @param sampleRate samples a second, of what is heard (with SBR: of the extension)
 * @param channels 0 where the header leaves it to the stream
 * @param profile AAC's audio object type; 0 for every other codec
 */
public record AudioConfig(int sampleRate, int channels, int profile) {
    private static final int SBR = 5;
    private static final int PS = 29;
    private static final int ESCAPE_OBJECT_TYPE = 31;
    private static final int ESCAPE_FREQUENCY = 15;
    private static final int STREAMINFO = 34;

    /** ISO/IEC 14496-3, table of samplingFrequencyIndex. */
    private static int frequency(long index) {
        int[] table = {96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350};
        if (index >= table.length) {
            throw new ProtocolException("AAC sampling frequency index " + index + " is reserved");
        }
        return table[(int) index];
    }

    /** AudioSpecificConfig (ISO/IEC 14496-3 1.6.2.1), as far as the sound needs it. */
    static Optional<AudioConfig> aac(ByteReader bytes) {
        BitReader in = BitReader.plain(bytes);
        int type = objectType(in);
        int sampleRate = sampleRate(in);
        int configuration = (int) in.bits(4);
        if (type == SBR || type == PS) {
            sampleRate = sampleRate(in);
        }
        int[] channels = {0, 1, 2, 3, 4, 5, 6, 8, 0, 0, 0, 7, 8, 24, 8, 0};
        return Optional.of(new AudioConfig(sampleRate, channels[configuration], type));
    }

    private static int objectType(BitReader in) {
        int type = (int) in.bits(5);
        return type == ESCAPE_OBJECT_TYPE ? 32 + (int) in.bits(6) : type;
    }

    private static int sampleRate(BitReader in) {
        long index = in.bits(4);
        return index == ESCAPE_FREQUENCY ? (int) in.bits(24) : frequency(index);
    }

    /** Opus identification header (RFC 7845 5.1); it is always decoded at 48 kHz. */
    static Optional<AudioConfig> opus(ByteReader in) {
        in.skip(9);
        int channels = in.u8();
        in.skip(9);
        return Optional.of(new AudioConfig(48_000, channels, 0));
    }

    /** STREAMINFO (RFC 9639 8.2) behind the word fLaC and a block header; FFmpeg leaves these 8 bytes out. */
    static Optional<AudioConfig> flac(ByteReader bytes) {
        bytes.skip(bytes.remaining() == STREAMINFO ? 0 : 8);
        bytes.skip(2 + 2 + 3 + 3);
        BitReader in = BitReader.plain(bytes);
        int sampleRate = (int) in.bits(20);
        return Optional.of(new AudioConfig(sampleRate, (int) in.bits(3) + 1, 0));
    }

    /** SoundRate and SoundType of FLV's audio tag header (FLV 10.1 E.4.2.1), for codecs that say no more. */
    static AudioConfig flv(int header) {
        int[] rates = {5512, 11025, 22050, 44100};
        int channels = (header & 1) + 1;
        switch (header >> 4) {
            case 4: // Nellymoser 16 kHz mono
            case 11: // Speex
                return new AudioConfig(16_000, 1, 0);
            case 5: // Nellymoser 8 kHz mono
                return new AudioConfig(8_000, 1, 0);
            case 7: // G.711 A-law
            case 8: // G.711 mu-law
            case 14: // MP3 8 kHz
                return new AudioConfig(8_000, channels, 0);
            default:
                return new AudioConfig(rates[header >> 2 & 3], channels, 0);
        }
    }
}
