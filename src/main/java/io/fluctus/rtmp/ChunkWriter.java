package io.fluctus.rtmp;

import io.fluctus.media.MediaPacket;
import io.vertx.core.buffer.Buffer;

/**
 * Messages to chunks (RTMP 1.0 5.3), each with a whole header: fmt 0, then fmt 3. No message depends on the one before it, so the
 * same bytes serve every viewer that was told the same chunk size.
 */
final class ChunkWriter {
    // Chunk stream ids; 5.4 fixes the first, custom the others.
    static final int CONTROL = 2;
    static final int COMMAND = 3;
    static final int AUDIO = 4;
    static final int DATA = 5;
    static final int VIDEO = 6;

    private static final int FMT_3 = 3 << 6;
    private static final int EXTENDED = 0xFFFFFF; // 5.3.1.3

    private ChunkWriter() {}

    /** Appends an AUDIO, VIDEO or DATA packet of message stream {@code streamId}. */
    static void media(int chunkSize, int streamId, MediaPacket packet, Buffer out) {
        int type = switch (packet.kind()) {
            case AUDIO -> RawMessage.AUDIO;
            case VIDEO -> RawMessage.VIDEO;
            case DATA -> RawMessage.DATA_AMF0;
            default -> throw new IllegalArgumentException(packet.kind() + " is no message");
        };
        write(chunkSize, new RawMessage(type, packet.timestamp(), streamId, packet.payload()), out);
    }

    static void write(int chunkSize, RawMessage message, Buffer out) {
        int chunkStreamId = chunkStreamId(message.type());
        long timestamp = message.timestamp() & 0xFFFFFFFFL;
        boolean extended = timestamp >= EXTENDED;
        Buffer payload = message.payload();
        out.appendByte((byte) chunkStreamId)
                .appendMedium(extended ? EXTENDED : (int) timestamp)
                .appendMedium(payload.length())
                .appendByte((byte) message.type())
                .appendIntLE(message.streamId());
        if (extended) {
            out.appendInt((int) timestamp);
        }
        int at = Math.min(chunkSize, payload.length());
        out.appendBuffer(payload, 0, at);
        while (at < payload.length()) {
            int length = Math.min(chunkSize, payload.length() - at);
            out.appendByte((byte) (FMT_3 | chunkStreamId));
            if (extended) {
                out.appendInt((int) timestamp);
            }
            out.appendBuffer(payload, at, length);
            at += length;
        }
    }

    private static int chunkStreamId(int type) {
        return switch (type) {
            case RawMessage.SET_CHUNK_SIZE,
                    RawMessage.ABORT,
                    RawMessage.ACKNOWLEDGEMENT,
                    RawMessage.USER_CONTROL,
                    RawMessage.WINDOW_ACKNOWLEDGEMENT_SIZE,
                    RawMessage.SET_PEER_BANDWIDTH -> CONTROL;
            case RawMessage.AUDIO -> AUDIO;
            case RawMessage.VIDEO, RawMessage.AGGREGATE -> VIDEO;
            case RawMessage.DATA_AMF0, RawMessage.DATA_AMF3 -> DATA;
            default -> COMMAND;
        };
    }
}
