package io.fluctus.media;

/**
 * What media is encoded with.
 *
 * @param name as people say it: {@code H.264}, {@code AAC}; of an unknown FourCC the FourCC itself
 * @param fourCc as Enhanced RTMP and MP4 say it: {@code avc1}, {@code mp4a}; empty where there is none
 */
public record Codec(String name, String fourCc) {
    public static final Codec NONE = new Codec("", "");

    // Enhanced RTMP, ExVideoTagHeader and ExAudioTagHeader: FourCCs as UI32
    static final int AVC1 = 0x61766331;
    static final int HVC1 = 0x68766331;
    static final int VVC1 = 0x76766331;
    static final int AV01 = 0x61763031;
    static final int VP09 = 0x76703039;
    static final int VP08 = 0x76703038;
    static final int MP4A = 0x6D703461;
    static final int MP3 = 0x2E6D7033;
    static final int OPUS = 0x4F707573;
    static final int FLAC = 0x664C6143;
    static final int AC_3 = 0x61632D33;
    static final int EC_3 = 0x65632D33;

    // FLV 10.1 E.4.3.1: CodecID; 12 is what encoders outside the standard use for HEVC
    static final int CODEC_ID_AVC = 7;
    static final int CODEC_ID_HEVC = 12;

    // FLV 10.1 E.4.2.1: SoundFormat
    static final int SOUND_FORMAT_MP3 = 2;
    static final int SOUND_FORMAT_AAC = 10;

    static Codec ofFourCc(int fourCc) {
        String text = text(fourCc);
        switch (fourCc) {
            case AVC1:
                return new Codec("H.264", text);
            case HVC1:
                return new Codec("HEVC", text);
            case VVC1:
                return new Codec("VVC", text);
            case AV01:
                return new Codec("AV1", text);
            case VP09:
                return new Codec("VP9", text);
            case VP08:
                return new Codec("VP8", text);
            case MP4A:
                return new Codec("AAC", text);
            case MP3:
                return new Codec("MP3", text);
            case OPUS:
                return new Codec("Opus", text);
            case FLAC:
                return new Codec("FLAC", text);
            case AC_3:
                return new Codec("AC-3", text);
            case EC_3:
                return new Codec("E-AC-3", text);
            default:
                return new Codec(text, text);
        }
    }

    /** A FourCC as letters; what is not printable becomes a question mark, as names end in logs and pages. */
    private static String text(int fourCc) {
        StringBuilder text = new StringBuilder(4);
        for (int shift = 24; shift >= 0; shift -= 8) {
            int letter = fourCc >> shift & 0xFF;
            text.append(letter > 0x20 && letter < 0x7F ? (char) letter : '?');
        }
        return text.toString();
    }

    static Codec ofCodecId(int codecId) {
        switch (codecId) {
            case CODEC_ID_AVC:
                return ofFourCc(AVC1);
            case CODEC_ID_HEVC:
                return ofFourCc(HVC1);
            case 2:
                return new Codec("Sorenson H.263", "");
            case 3:
                return new Codec("Screen Video", "");
            case 4:
                return new Codec("VP6", "");
            case 5:
                return new Codec("VP6 Alpha", "");
            case 6:
                return new Codec("Screen Video 2", "");
            default:
                return new Codec("CodecID " + codecId, "");
        }
    }

    static Codec ofSoundFormat(int soundFormat) {
        switch (soundFormat) {
            case SOUND_FORMAT_MP3:
            case 14:
                return ofFourCc(MP3);
            case SOUND_FORMAT_AAC:
                return ofFourCc(MP4A);
            case 0:
            case 3:
                return new Codec("PCM", "");
            case 1:
                return new Codec("ADPCM", "");
            case 4:
            case 5:
            case 6:
                return new Codec("Nellymoser", "");
            case 7:
                return new Codec("G.711 A-law", "");
            case 8:
                return new Codec("G.711 mu-law", "");
            case 11:
                return new Codec("Speex", "");
            default:
                return new Codec("SoundFormat " + soundFormat, "");
        }
    }
}
