package io.fluctus.container;

import io.fluctus.media.MediaPacket;
import io.fluctus.wire.ProtocolException;
import io.vertx.core.buffer.Buffer;

/** FLV as bytes (FLV 10.1 annex E): the file header, and one tag after another. */
public final class FlvWriter {
    // E.4.1: TagType
    static final int AUDIO = 8;
    static final int VIDEO = 9;
    static final int SCRIPT_DATA = 18;

    /** E.4.1: type, data size, timestamp, its extension, stream id. */
    static final int TAG_HEADER = 11;

    /** E.3: the size of the tag before, behind every tag and before the first. */
    static final int PREVIOUS_TAG_SIZE = 4;

    /** E.4.1: DataSize is UI24. */
    static final int MAX_DATA_SIZE = 0xFFFFFF;

    // E.2: the header of version 1
    static final int FILE_HEADER = 9;
    static final int FLAG_AUDIO = 4;
    static final int FLAG_VIDEO = 1;

    private FlvWriter() {}

    /** The file header with what it promises, and the first PreviousTagSize. */
    public static Buffer header(boolean audio, boolean video) {
        return Buffer.buffer(FILE_HEADER + PREVIOUS_TAG_SIZE)
                .appendString("FLV")
                .appendByte((byte) 1)
                .appendByte((byte) ((audio ? FLAG_AUDIO : 0) | (video ? FLAG_VIDEO : 0)))
                .appendInt(FILE_HEADER)
                .appendInt(0);
    }

    /** Appends {@code packet} as a tag with its PreviousTagSize; PUBLISHED and UNPUBLISHED have no tag and append nothing. */
    public static void tag(MediaPacket packet, Buffer out) {
        int type = tagType(packet.kind());
        if (type == 0) {
            return;
        }
        int size = packet.payload().length();
        if (size > MAX_DATA_SIZE) {
            throw new ProtocolException("a packet of " + size + " bytes does not fit an FLV tag");
        }
        int time = (int) packet.timestamp();
        out.appendByte((byte) type)
                .appendMedium(size)
                .appendMedium(time & 0xFFFFFF)
                .appendByte((byte) (time >>> 24))
                .appendMedium(0)
                .appendBuffer(packet.payload())
                .appendInt(TAG_HEADER + size);
    }

    private static int tagType(MediaPacket.Kind kind) {
        return switch (kind) {
            case AUDIO -> AUDIO;
            case VIDEO -> VIDEO;
            case DATA -> SCRIPT_DATA;
            case PUBLISHED, UNPUBLISHED -> 0;
        };
    }
}
