package io.fluctus.media;

import io.fluctus.media.MediaPacket.Kind;
import io.fluctus.wire.ByteReader;
import io.fluctus.wire.ProtocolException;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What the first bytes of an audio or video message say (FLV 10.1 E.4.2 and E.4.3, Enhanced RTMP v2): the static questions are
 * for every packet and allocate nothing, {@link #decode} is for those who describe a stream.
 *
 * @param frameType FrameType of video, such as {@link #KEY}; 0 for audio
 * @param nanoOffset nanoseconds to add to the time of presentation, 0 to 999,999
 * @param tracks one, or the first {@value #MAX_TRACKS} of a multitrack message; none for an empty payload or a command
 */
public record MediaTag(Kind kind, Packet packet, int frameType, int nanoOffset, List<Track> tracks) {
    /** What a message carries. EMPTY is legal: as audio it means silence. */
    public enum Packet {
        EMPTY,
        SEQUENCE_START,
        CODED_FRAMES,
        SEQUENCE_END,
        METADATA,
        MULTICHANNEL_CONFIG,
        COMMAND
    }

    /**
     * One track's part of a message.
     *
     * @param id 0 is the default track
     * @param compositionTime milliseconds from decoding to presentation, may be negative
     * @param body what follows the headers: the configuration record or the frames, a view on the payload
     * @param picture what a video sequence header says, where it could be read
     * @param sound what an audio sequence header or FLV's audio header says
     */
    public record Track(
            int id,
            Codec codec,
            int compositionTime,
            Buffer body,
            Optional<VideoConfig> picture,
            Optional<AudioConfig> sound) {}

    // FLV 10.1 E.4.3.1: FrameType
    public static final int KEY = 1;
    public static final int INTER = 2;
    public static final int DISPOSABLE_INTER = 3;
    public static final int GENERATED_KEY = 4;
    public static final int COMMAND = 5;

    /** Tracks of one message that are described. */
    public static final int MAX_TRACKS = 16;

    /** ModEx blocks before one message's FourCC. */
    public static final int MAX_MOD_EX = 16;

    // FLV 10.1 E.4.3.1: AVCPacketType; E.4.2.1: AACPacketType has the first two
    private static final int SEQUENCE_HEADER = 0;
    private static final int NALU = 1;
    private static final int END_OF_SEQUENCE = 2;
    private static final int AVC_HEADER = 5;

    // Enhanced RTMP: isExVideoHeader; SoundFormat 9 is ExHeader
    private static final int IS_EX_VIDEO_HEADER = 0x80;
    private static final int EX_HEADER = 9;

    // Enhanced RTMP: VideoPacketType and AudioPacketType; 0, 1, 2 and 7 are common to both
    private static final int SEQUENCE_START = 0;
    private static final int CODED_FRAMES = 1;
    private static final int SEQUENCE_END = 2;
    private static final int CODED_FRAMES_X = 3;
    private static final int VIDEO_METADATA = 4;
    private static final int AUDIO_MULTICHANNEL_CONFIG = 4;
    private static final int MPEG2TS_SEQUENCE_START = 5;
    private static final int AUDIO_MULTITRACK = 5;
    private static final int VIDEO_MULTITRACK = 6;
    private static final int MOD_EX = 7;

    // Enhanced RTMP: AvMultitrackType
    private static final int ONE_TRACK = 0;
    private static final int MANY_TRACKS_MANY_CODECS = 2;

    // Enhanced RTMP: ModExType
    private static final int TIMESTAMP_OFFSET_NANO = 0;
    private static final int MAX_NANO_OFFSET = 999_999;

    public MediaTag {
        tracks = List.copyOf(tracks);
    }

    // -- the hot path

    /** Whether a video message holds a key frame that can be decoded: not its sequence header; false for broken bytes. */
    public static boolean keyFrame(Buffer video) {
        if (video.length() == 0) {
            return false;
        }
        int header = video.getUnsignedByte(0);
        int frameType = header >> 4 & 0x7;
        if (frameType != KEY && frameType != GENERATED_KEY) {
            return false;
        }
        if ((header & IS_EX_VIDEO_HEADER) == 0) {
            return !hasAvcPacketType(header & 0xF) || avcPacketType(video) == NALU;
        }
        int type = packetType(video, VIDEO_MULTITRACK);
        return type == CODED_FRAMES || type == CODED_FRAMES_X;
    }

    /** Whether an audio or video message is what a decoder must have before the first frame; false for broken bytes. */
    public static boolean sequenceHeader(Kind kind, Buffer payload) {
        if (payload.length() == 0) {
            return false;
        }
        int header = payload.getUnsignedByte(0);
        if (kind == Kind.AUDIO) {
            return header >> 4 == EX_HEADER
                    ? packetType(payload, AUDIO_MULTITRACK) == SEQUENCE_START
                    : header >> 4 == Codec.SOUND_FORMAT_AAC
                            && payload.length() > 1
                            && payload.getByte(1) == SEQUENCE_HEADER;
        }
        if (kind != Kind.VIDEO || (header >> 4 & 0x7) == COMMAND) {
            return false;
        }
        if ((header & IS_EX_VIDEO_HEADER) == 0) {
            return hasAvcPacketType(header & 0xF) && avcPacketType(payload) == SEQUENCE_HEADER;
        }
        int type = packetType(payload, VIDEO_MULTITRACK);
        return type == SEQUENCE_START || type == MPEG2TS_SEQUENCE_START;
    }

    /** Whether a video message is a metadata frame (colour information): late joiners want the last one; false for broken bytes. */
    public static boolean metadata(Buffer video) {
        return video.length() > 0
                && (video.getByte(0) & IS_EX_VIDEO_HEADER) != 0
                && packetType(video, VIDEO_MULTITRACK) == VIDEO_METADATA;
    }

    /** Whether late joiners need the message before the first frame: a sequence header or a metadata frame. */
    public static boolean header(Kind kind, Buffer payload) {
        return sequenceHeader(kind, payload) || kind == Kind.VIDEO && metadata(payload);
    }

    /** Whether the message names its tracks, directly behind its first byte; false for broken bytes. */
    public static boolean multitrack(Kind kind, Buffer payload) {
        if (payload.length() == 0) {
            return false;
        }
        int header = payload.getUnsignedByte(0);
        return kind == Kind.VIDEO
                ? (header & IS_EX_VIDEO_HEADER) != 0 && (header & 0xF) == VIDEO_MULTITRACK
                : kind == Kind.AUDIO && header == (EX_HEADER << 4 | AUDIO_MULTITRACK);
    }

    private static boolean hasAvcPacketType(int codecId) {
        return codecId == Codec.CODEC_ID_AVC || codecId == Codec.CODEC_ID_HEVC;
    }

    private static int avcPacketType(Buffer video) {
        return video.length() < AVC_HEADER ? -1 : video.getUnsignedByte(1);
    }

    /** The packet type behind ModEx blocks and the multitrack byte, or -1 where the bytes end before the FourCC. */
    private static int packetType(Buffer payload, int multitrack) {
        int end = payload.length();
        int type = payload.getByte(0) & 0xF;
        int at = 1;
        for (int blocks = 0; type == MOD_EX; blocks++) {
            if (blocks == MAX_MOD_EX || at + 3 > end) {
                return -1;
            }
            int size = payload.getUnsignedByte(at++) + 1;
            if (size == 256) {
                size = payload.getUnsignedShort(at) + 1;
                at += 2;
            }
            at += size;
            if (at >= end) {
                return -1;
            }
            type = payload.getByte(at++) & 0xF;
        }
        if (type == multitrack) {
            type = at < end ? payload.getByte(at++) & 0xF : -1;
            if (type == multitrack || type == MOD_EX) {
                return -1;
            }
        }
        return at + 4 <= end ? type : -1;
    }

    // -- the full answer

    /** Reads the headers of an audio or video message. Throws ProtocolException for broken bytes and reserved values. */
    public static MediaTag decode(Kind kind, Buffer payload) {
        if (kind != Kind.AUDIO && kind != Kind.VIDEO) {
            throw new IllegalArgumentException(kind + " is no media");
        }
        if (payload.length() == 0) {
            return new MediaTag(kind, Packet.EMPTY, 0, 0, List.of());
        }
        ByteReader in = new ByteReader(payload);
        int header = in.u8();
        if (kind == Kind.AUDIO) {
            return header >> 4 == EX_HEADER ? enhanced(kind, 0, header & 0xF, in) : flvAudio(header, in);
        }
        int frameType = header >> 4 & 0x7;
        return (header & IS_EX_VIDEO_HEADER) != 0
                ? enhanced(kind, frameType, header & 0xF, in)
                : flvVideo(frameType, header & 0xF, in);
    }

    private static MediaTag flvAudio(int header, ByteReader in) {
        Codec codec = Codec.ofSoundFormat(header >> 4);
        boolean start = false;
        Optional<AudioConfig> sound = Optional.empty();
        if (header >> 4 == Codec.SOUND_FORMAT_AAC) {
            start = oneOf(in.u8(), NALU, "AACPacketType") == SEQUENCE_HEADER;
        } else {
            sound = Optional.of(AudioConfig.flv(header));
        }
        Buffer body = in.bytes(in.remaining());
        if (start) {
            sound = sound(Codec.MP4A, body);
        }
        Track track = new Track(0, codec, 0, body, Optional.empty(), sound);
        return new MediaTag(Kind.AUDIO, start ? Packet.SEQUENCE_START : Packet.CODED_FRAMES, 0, 0, List.of(track));
    }

    private static MediaTag flvVideo(int frameType, int codecId, ByteReader in) {
        checkFrameType(frameType);
        if (frameType == COMMAND) {
            return new MediaTag(Kind.VIDEO, Packet.COMMAND, frameType, 0, List.of());
        }
        Packet packet = Packet.CODED_FRAMES;
        int compositionTime = 0;
        if (hasAvcPacketType(codecId)) {
            int type = oneOf(in.u8(), END_OF_SEQUENCE, "AVCPacketType");
            packet = type == SEQUENCE_HEADER
                    ? Packet.SEQUENCE_START
                    : type == NALU ? Packet.CODED_FRAMES : Packet.SEQUENCE_END;
            compositionTime = in.i24();
        }
        Buffer body = in.bytes(in.remaining());
        Optional<VideoConfig> picture = packet == Packet.SEQUENCE_START
                ? picture(codecId == Codec.CODEC_ID_AVC ? Codec.AVC1 : Codec.HVC1, body)
                : Optional.empty();
        Track track = new Track(0, Codec.ofCodecId(codecId), compositionTime, body, picture, Optional.empty());
        return new MediaTag(Kind.VIDEO, packet, frameType, 0, List.of(track));
    }

    private static int oneOf(int value, int most, String name) {
        if (value > most) {
            throw new ProtocolException(name + " " + value + " is unknown");
        }
        return value;
    }

    private static void checkFrameType(int frameType) {
        if (frameType < KEY || frameType > COMMAND) {
            throw new ProtocolException("FrameType " + frameType + " is reserved");
        }
    }

    private static MediaTag enhanced(Kind kind, int frameType, int firstType, ByteReader in) {
        int type = firstType;
        int nanoOffset = 0;
        for (int blocks = 0; type == MOD_EX; blocks++) {
            if (blocks == MAX_MOD_EX) {
                throw new ProtocolException("more than " + MAX_MOD_EX + " ModEx blocks");
            }
            ByteReader data = new ByteReader(modExData(in));
            int next = in.u8();
            if (next >> 4 == TIMESTAMP_OFFSET_NANO) {
                nanoOffset = oneOf(data.u24(), MAX_NANO_OFFSET, "TimestampOffsetNano");
            }
            type = next & 0xF;
        }
        if (frameType == COMMAND && type != VIDEO_METADATA) {
            in.u8(); // VideoCommand
            return new MediaTag(kind, Packet.COMMAND, frameType, nanoOffset, List.of());
        }
        int multitrack = kind == Kind.VIDEO ? VIDEO_MULTITRACK : AUDIO_MULTITRACK;
        List<Track> tracks;
        if (type == multitrack) {
            int next = in.u8();
            type = next & 0xF;
            tracks = tracks(kind, oneOf(next >> 4, MANY_TRACKS_MANY_CODECS, "AvMultitrackType"), type, in);
        } else {
            int fourCc = in.i32();
            tracks = List.of(track(0, kind, type, fourCc, in));
        }
        Packet packet = packet(kind, type);
        if (kind == Kind.VIDEO && packet != Packet.METADATA) {
            checkFrameType(frameType);
        }
        return new MediaTag(kind, packet, frameType, nanoOffset, tracks);
    }

    private static Buffer modExData(ByteReader in) {
        int size = in.u8() + 1;
        return in.bytes(size == 256 ? in.u16() + 1 : size);
    }

    private static Packet packet(Kind kind, int type) {
        switch (type) {
            case SEQUENCE_START:
                return Packet.SEQUENCE_START;
            case CODED_FRAMES:
                return Packet.CODED_FRAMES;
            case SEQUENCE_END:
                return Packet.SEQUENCE_END;
            default:
                break;
        }
        if (kind == Kind.AUDIO && type == AUDIO_MULTICHANNEL_CONFIG) {
            return Packet.MULTICHANNEL_CONFIG;
        }
        if (kind == Kind.VIDEO && type == CODED_FRAMES_X) {
            return Packet.CODED_FRAMES;
        }
        if (kind == Kind.VIDEO && type == VIDEO_METADATA) {
            return Packet.METADATA;
        }
        if (kind == Kind.VIDEO && type == MPEG2TS_SEQUENCE_START) {
            return Packet.SEQUENCE_START;
        }
        throw new ProtocolException("packet type " + type + " of " + kind + " is reserved here");
    }

    /** All tracks are checked, the first ones are kept. */
    private static List<Track> tracks(Kind kind, int multitrackType, int type, ByteReader in) {
        List<Track> tracks = new ArrayList<>();
        int fourCc = multitrackType == MANY_TRACKS_MANY_CODECS ? 0 : in.i32();
        do {
            fourCc = multitrackType == MANY_TRACKS_MANY_CODECS ? in.i32() : fourCc;
            int id = in.u8();
            int size = multitrackType == ONE_TRACK ? in.remaining() : in.u24();
            ByteReader body = new ByteReader(in.bytes(size));
            if (tracks.size() < MAX_TRACKS) {
                tracks.add(track(id, kind, type, fourCc, body));
            }
        } while (in.hasRemaining());
        return tracks;
    }

    private static Track track(int id, Kind kind, int type, int fourCc, ByteReader in) {
        boolean nalUnits = fourCc == Codec.AVC1 || fourCc == Codec.HVC1 || fourCc == Codec.VVC1;
        int compositionTime = kind == Kind.VIDEO && type == CODED_FRAMES && nalUnits ? in.i24() : 0;
        Buffer body = in.bytes(in.remaining());
        boolean start = type == SEQUENCE_START;
        return new Track(
                id,
                Codec.ofFourCc(fourCc),
                compositionTime,
                body,
                start && kind == Kind.VIDEO ? picture(fourCc, body) : Optional.empty(),
                start && kind == Kind.AUDIO ? sound(fourCc, body) : Optional.empty());
    }

    /** A sequence header without a body is legal: Opus may leave it out, FFmpeg does so with its first of AV1. */
    private static Optional<VideoConfig> picture(int fourCc, Buffer body) {
        ByteReader in = new ByteReader(body);
        if (!in.hasRemaining()) {
            return Optional.empty();
        }
        switch (fourCc) {
            case Codec.AVC1:
                return VideoConfig.avc(in);
            case Codec.HVC1:
                return VideoConfig.hevc(in);
            case Codec.AV01:
                return VideoConfig.av1(in);
            default:
                return Optional.empty();
        }
    }

    private static Optional<AudioConfig> sound(int fourCc, Buffer body) {
        ByteReader in = new ByteReader(body);
        if (!in.hasRemaining()) {
            return Optional.empty();
        }
        switch (fourCc) {
            case Codec.MP4A:
                return AudioConfig.aac(in);
            case Codec.OPUS:
                return AudioConfig.opus(in);
            case Codec.FLAC:
                return AudioConfig.flac(in);
            default:
                return Optional.empty();
        }
    }

    // -- what most want to know

    public boolean isKeyFrame() {
        return packet == Packet.CODED_FRAMES && (frameType == KEY || frameType == GENERATED_KEY);
    }

    public boolean isSequenceHeader() {
        return packet == Packet.SEQUENCE_START;
    }

    public boolean isEndOfSequence() {
        return packet == Packet.SEQUENCE_END;
    }

    public boolean isMetadata() {
        return packet == Packet.METADATA;
    }

    /** Track 0, or the first where no track is called so. */
    public Optional<Track> track() {
        return tracks.stream()
                .filter(t -> t.id == 0)
                .findFirst()
                .or(() -> tracks.stream().findFirst());
    }

    /** {@link Codec#NONE} for an empty payload or a command. */
    public Codec codec() {
        return track().map(Track::codec).orElse(Codec.NONE);
    }

    public int compositionTime() {
        return track().map(Track::compositionTime).orElse(0);
    }

    public Optional<VideoConfig> picture() {
        return track().flatMap(Track::picture);
    }

    public Optional<AudioConfig> sound() {
        return track().flatMap(Track::sound);
    }
}
