package io.fluctus.container;

import io.fluctus.media.AudioConfig;
import io.fluctus.media.MediaTag;
import io.fluctus.media.VideoConfig;
import io.fluctus.wire.ByteWriter;
import io.vertx.core.buffer.Buffer;
import java.util.Optional;

/**
 * Tracks out of what publishers send: the sequence header where the codec has one, and the first frame. Codecs that MP4 does not
 * know give no track.
 */
final class SampleEntry {
    /** MPEG-4 registration authority, object types: AAC and MPEG-1 audio layer 3. */
    private static final int OBJECT_TYPE_AAC = 0x40;

    private static final int OBJECT_TYPE_MP3 = 0x6B;

    private static final int RESOLUTION_72_DPI = 0x00480000;
    private static final int COMPRESSOR_NAME = 32;
    private static final int COLOUR_24_BIT = 0x18;

    private static final int AVC_CONFIG = 7;
    private static final int HEVC_CONFIG = 23;
    private static final int AV1_CONFIG = 4;
    private static final int VP_CONFIG = 8;
    private static final int OPUS_HEAD = 19;
    private static final int OPUS_MAGIC = 8;
    private static final int STREAMINFO = 34;

    private SampleEntry() {}

    /** The track of {@code frame}, a key frame of video or any of audio; {@code header}: the body of the sequence header, if there was one. */
    static Optional<Mp4Track> track(int id, Optional<MediaTag.Track> header, MediaTag.Track frame) {
        Buffer config = header.filter(h -> h.codec().equals(frame.codec()))
                .map(MediaTag.Track::body)
                .orElse(Buffer.buffer());
        Optional<VideoConfig> picture = header.flatMap(MediaTag.Track::picture);
        Optional<AudioConfig> sound = header.flatMap(MediaTag.Track::sound);
        return switch (frame.codec().fourCc()) {
            case "avc1" -> config.length() < AVC_CONFIG ? Optional.empty() : avc(id, config, picture);
            case "hvc1" -> config.length() < HEVC_CONFIG ? Optional.empty() : hevc(id, config, picture);
            case "av01" -> config.length() < AV1_CONFIG ? Optional.empty() : av1(id, config, picture);
            case "vp09" -> vp9(id, config, frame.body());
            case "mp4a" -> sound.flatMap(s -> aac(id, config, s));
            case "Opus" -> config.length() < OPUS_HEAD ? Optional.empty() : opus(id, config);
            case "fLaC" -> sound.flatMap(s -> flac(id, config, s));
            case ".mp3" -> mp3(id, AudioFrame.mp3(frame.body()));
            case "ac-3" -> ac3(id, frame.body());
            case "ec-3" -> ec3(id, frame.body());
            default -> Optional.empty();
        };
    }

    // -- video

    private static Optional<Mp4Track> video(int id, String codecs, String type, VideoConfig size, Buffer config) {
        Buffer entry = Box.of(type, out -> {
            out.u32(0).u16(0).u16(1); // reserved, data_reference_index
            out.i64(0).i64(0); // pre_defined, reserved
            out.u16(size.width()).u16(size.height());
            out.u32(RESOLUTION_72_DPI).u32(RESOLUTION_72_DPI).u32(0).u16(1); // frame_count
            out.bytes(new byte[COMPRESSOR_NAME]).u16(COLOUR_24_BIT).u16(0xFFFF);
            out.bytes(config);
        });
        return Optional.of(
                new Mp4Track(id, true, codecs, Mp4Track.VIDEO_TIMESCALE, size.width(), size.height(), entry));
    }

    private static Optional<Mp4Track> avc(int id, Buffer config, Optional<VideoConfig> picture) {
        String codecs = "avc1.%06x".formatted(config.getUnsignedMedium(1));
        return picture.flatMap(size -> video(id, codecs, "avc1", size, Box.of("avcC", config)));
    }

    private static Optional<Mp4Track> hevc(int id, Buffer config, Optional<VideoConfig> picture) {
        return picture.flatMap(size -> video(id, hevcCodecs(config), "hvc1", size, Box.of("hvcC", config)));
    }

    /** ISO/IEC 14496-15 annex E.3. */
    private static String hevcCodecs(Buffer config) {
        int first = config.getUnsignedByte(1);
        StringBuilder codecs = new StringBuilder("hvc1.")
                .append(new String[] {"", "A", "B", "C"}[first >> 6])
                .append(first & 0x1F)
                .append('.')
                .append(Integer.toHexString(Integer.reverse(config.getInt(2))))
                .append((first & 0x20) != 0 ? ".H" : ".L")
                .append(config.getUnsignedByte(12));
        int constraints = 6;
        while (constraints > 0 && config.getByte(5 + constraints) == 0) {
            constraints--;
        }
        for (int i = 0; i < constraints; i++) {
            codecs.append('.').append(Integer.toHexString(config.getUnsignedByte(6 + i)));
        }
        return codecs.toString();
    }

    /** AV1 in ISOBMFF 5. */
    private static Optional<Mp4Track> av1(int id, Buffer config, Optional<VideoConfig> picture) {
        int level = config.getUnsignedByte(1);
        int flags = config.getUnsignedByte(2);
        int depth = (flags & 0x40) == 0 ? 8 : (flags & 0x20) == 0 ? 10 : 12;
        String codecs =
                "av01.%d.%02d%s.%02d".formatted(level >> 5, level & 0x1F, (flags & 0x80) == 0 ? "M" : "H", depth);
        return picture.flatMap(size -> video(id, codecs, "av01", size, Box.of("av1C", config)));
    }

    /** VP codecs in ISOBMFF; some publishers send the record with the version and flags of its box, some without a record at all. */
    private static Optional<Mp4Track> vp9(int id, Buffer header, Buffer keyFrame) {
        Optional<VideoConfig> picture = Vp9Frame.picture(keyFrame);
        boolean boxed = header.length() >= VP_CONFIG + 4 && header.getInt(0) == 1 << 24;
        Buffer given = boxed ? header.slice(4, header.length()) : header;
        Buffer config = given.length() >= VP_CONFIG
                ? given
                : picture.map(SampleEntry::vpConfig).orElse(given);
        return picture.flatMap(size -> {
            String codecs = "vp09.%02d.%02d.%02d"
                    .formatted(config.getUnsignedByte(0), config.getUnsignedByte(1), config.getUnsignedByte(2) >> 4);
            Buffer box = Box.full("vpcC", 1, 0, out -> out.bytes(config));
            return video(id, codecs, "vp09", size, box);
        });
    }

    /** Level 5.1, 8 bits, 4:2:0, colours as the stream says: what is safe to claim of a stream that told nothing. */
    private static Buffer vpConfig(VideoConfig size) {
        return new ByteWriter()
                .u8(size.profile())
                .u8(51)
                .u8(8 << 4 | 1 << 1)
                .u24(0x020202)
                .u16(0)
                .buffer();
    }

    // -- audio

    private static Optional<Mp4Track> audio(int id, String codecs, String type, AudioConfig sound, Buffer config) {
        if (sound.sampleRate() <= 0) {
            return Optional.empty();
        }
        int channels = Math.max(1, sound.channels());
        int rate = sound.sampleRate() > 0xFFFF ? 0 : sound.sampleRate(); // 16.16: a higher one stands in the config
        Buffer entry = Box.of(type, out -> {
            out.u32(0).u16(0).u16(1); // reserved, data_reference_index
            out.i64(0).u16(channels).u16(16).u32(0);
            out.u16(rate).u16(0).bytes(config);
        });
        return Optional.of(new Mp4Track(id, false, codecs, sound.sampleRate(), 0, 0, entry));
    }

    private static Optional<Mp4Track> aac(int id, Buffer config, AudioConfig sound) {
        String codecs = "mp4a.40." + sound.profile();
        return audio(id, codecs, "mp4a", sound, esds(OBJECT_TYPE_AAC, config));
    }

    private static Optional<Mp4Track> mp3(int id, AudioFrame frame) {
        AudioConfig sound = new AudioConfig(frame.sampleRate(), frame.channels(), 0);
        return audio(id, "mp4a.6b", "mp4a", sound, esds(OBJECT_TYPE_MP3, Buffer.buffer()));
    }

    /** ISO/IEC 14496-1 7.2.6: descriptors with a tag, a length and what they hold. */
    private static Buffer esds(int objectType, Buffer specific) {
        Buffer info = specific.length() == 0 ? specific : descriptor(5, specific);
        Buffer config = new ByteWriter()
                .u8(objectType)
                .u8(0x15) // streamType: audio
                .u24(0)
                .u32(0)
                .u32(0)
                .bytes(info)
                .buffer();
        Buffer stream = new ByteWriter()
                .u16(0) // ES_ID
                .u8(0)
                .bytes(descriptor(4, config))
                .bytes(descriptor(6, Buffer.buffer(new byte[] {2})))
                .buffer();
        return Box.full("esds", 0, 0, out -> out.bytes(descriptor(3, stream)));
    }

    private static Buffer descriptor(int tag, Buffer content) {
        int length = content.length(); // in four bytes of seven bits each
        return new ByteWriter()
                .u8(tag)
                .u8(0x80 | length >> 21)
                .u8(0x80 | length >> 14 & 0x7F)
                .u8(0x80 | length >> 7 & 0x7F)
                .u8(length & 0x7F)
                .bytes(content)
                .buffer();
    }

    /** Opus in ISOBMFF 4.3.2: the identification header without its magic, high byte first, version 0. */
    private static Optional<Mp4Track> opus(int id, Buffer head) {
        int at = OPUS_MAGIC + 1;
        Buffer config = Box.of(
                "dOps",
                out -> out.u8(0)
                        .u8(head.getUnsignedByte(at))
                        .u16(head.getUnsignedShortLE(at + 1))
                        .u32(head.getUnsignedIntLE(at + 3))
                        .u16(head.getUnsignedShortLE(at + 7))
                        .bytes(head.slice(at + 9, head.length())));
        return audio(id, "opus", "Opus", new AudioConfig(48_000, head.getUnsignedByte(at), 0), config);
    }

    /** FLAC in ISOBMFF 3.3.2: STREAMINFO as the last metadata block; FFmpeg sends it alone, others behind fLaC and its header. */
    private static Optional<Mp4Track> flac(int id, Buffer header, AudioConfig sound) {
        int at = header.length() == STREAMINFO ? 0 : 8;
        if (header.length() < at + STREAMINFO) {
            return Optional.empty();
        }
        Buffer config =
                Box.full("dfLa", 0, 0, out -> out.u8(0x80).u24(STREAMINFO).bytes(header.slice(at, at + STREAMINFO)));
        return audio(id, "flac", "fLaC", sound, config);
    }

    /** ETSI TS 102 366 F.4: AC3SpecificBox. */
    private static Optional<Mp4Track> ac3(int id, Buffer frame) {
        AudioFrame first = AudioFrame.ac3(frame, false);
        if (first.samples() == 0) {
            return Optional.empty();
        }
        int acmod = frame.getByte(6) >> 5 & 7;
        int bsidAndMod = frame.getUnsignedByte(5);
        int bits = (frame.getUnsignedByte(4) >> 6) << 22
                | bsidAndMod << 14
                | acmod << 11
                | AudioFrame.lfe(frame, acmod) << 10
                | (frame.getUnsignedByte(4) & 0x3F) >> 1 << 5;
        AudioConfig sound = new AudioConfig(first.sampleRate(), first.channels(), 0);
        return audio(id, "ac-3", "ac-3", sound, Box.of("dac3", out -> out.u24(bits)));
    }

    /** ETSI TS 102 366 F.6: EC3SpecificBox of one independent substream. */
    private static Optional<Mp4Track> ec3(int id, Buffer frame) {
        AudioFrame first = AudioFrame.ac3(frame, true);
        if (first.samples() == 0) {
            return Optional.empty();
        }
        int bytes = ((frame.getUnsignedShort(2) & 0x7FF) + 1) * 2;
        long rate = (long) bytes * 8 * first.sampleRate() / first.samples() / 1_000;
        int flags = frame.getUnsignedByte(4);
        int bsid = frame.getUnsignedByte(5) >> 3;
        long substream =
                (long) (flags >> 6) << 22 | (long) bsid << 17 | (long) (flags >> 1 & 7) << 9 | (flags & 1) << 8;
        AudioConfig sound = new AudioConfig(first.sampleRate(), first.channels(), 0);
        return audio(
                id,
                "ec-3",
                "ec-3",
                sound,
                Box.of("dec3", out -> out.u16((int) rate << 3).u24((int) substream)));
    }
}
