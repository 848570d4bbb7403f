package io.fluctus.container;

import io.fluctus.media.MediaPacket;
import io.fluctus.wire.Amf0;
import io.fluctus.wire.ProtocolException;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;

/**
 * FLV in any split to packets (FLV 10.1 annex E), from a file or a live source. Back pointers, stream ids and the header's flags
 * are not believed; tags of unknown types are skipped.
 */
public final class FlvReader {
    /** Bytes of one tag's data: what a message of audio or video may hold. */
    public static final int MAX_TAG_DATA = 8 * 1024 * 1024;

    /** Bytes of the file header, which may be longer than version 1 needs. */
    public static final int MAX_FILE_HEADER = 1024;

    private static final int SIGNATURE = 0x464C56;

    /** Enhanced RTMP: script data whose values may be AMF3, behind one format byte. */
    private static final int AMF3_SCRIPT_DATA = 15;

    // E.4.1: the first byte is Reserved UB[2], Filter UB[1], TagType UB[5]
    private static final int FILTER = 0x20;
    private static final int TAG_TYPE = 0x1F;

    private Buffer pending = Buffer.buffer();
    private int at;
    private boolean headerRead;

    /** The packets that {@code bytes} complete. Throws ProtocolException for what is no FLV, and then for good. */
    public List<MediaPacket> receive(Buffer bytes) {
        pending.appendBuffer(bytes);
        List<MediaPacket> packets = new ArrayList<>();
        if (headerRead || header()) {
            while (tag(packets)) {
                // Each turn takes one whole tag.
            }
        }
        if (at > 0) {
            pending = pending.getBuffer(at, pending.length());
            at = 0;
        }
        return packets;
    }

    /** Whether the bytes so far end with a whole tag: what a file should do. */
    public boolean atEndOfTag() {
        return headerRead && pending.length() == 0;
    }

    private boolean header() {
        for (int i = 0; i < Math.min(3, pending.length()); i++) {
            if (pending.getUnsignedByte(i) != (SIGNATURE >> 8 * (2 - i) & 0xFF)) {
                throw new ProtocolException("does not begin with FLV");
            }
        }
        if (pending.length() < FlvWriter.FILE_HEADER) {
            return false;
        }
        long offset = pending.getUnsignedInt(5); // DataOffset
        if (pending.getByte(3) != 1 || offset < FlvWriter.FILE_HEADER || offset > MAX_FILE_HEADER) {
            throw new ProtocolException("FLV header is not of version 1");
        }
        if (pending.length() < offset + FlvWriter.PREVIOUS_TAG_SIZE) {
            return false;
        }
        at = (int) offset + FlvWriter.PREVIOUS_TAG_SIZE;
        headerRead = true;
        return true;
    }

    private boolean tag(List<MediaPacket> packets) {
        if (pending.length() - at < FlvWriter.TAG_HEADER) {
            return false;
        }
        int size = pending.getUnsignedMedium(at + 1);
        if (size > MAX_TAG_DATA) {
            throw new ProtocolException("FLV tag of " + size + " bytes is longer than " + MAX_TAG_DATA);
        }
        if ((pending.getByte(at) & FILTER) != 0) {
            throw new ProtocolException("FLV tag is encrypted");
        }
        int data = at + FlvWriter.TAG_HEADER;
        int end = data + size + FlvWriter.PREVIOUS_TAG_SIZE;
        if (pending.length() < end) {
            return false;
        }
        long timestamp = (long) pending.getUnsignedByte(at + 7) << 24 | pending.getUnsignedMedium(at + 4);
        packet(pending.getByte(at) & TAG_TYPE, timestamp, pending.getBuffer(data, data + size), packets);
        at = end;
        return true;
    }

    private static void packet(int tagType, long timestamp, Buffer data, List<MediaPacket> packets) {
        switch (tagType) {
            case FlvWriter.AUDIO -> packets.add(MediaPacket.of(MediaPacket.Kind.AUDIO, timestamp, data));
            case FlvWriter.VIDEO -> packets.add(MediaPacket.of(MediaPacket.Kind.VIDEO, timestamp, data));
            case FlvWriter.SCRIPT_DATA -> packets.add(MediaPacket.of(MediaPacket.Kind.DATA, timestamp, data));
            case AMF3_SCRIPT_DATA -> {
                int format = data.length() > 0 && data.getByte(0) == 0 ? 1 : 0;
                Buffer values = Amf0.downgrade(data.slice(format, data.length()));
                packets.add(MediaPacket.of(MediaPacket.Kind.DATA, timestamp, values));
            }
            default -> {}
        }
    }
}
