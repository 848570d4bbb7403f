package io.fluctus.rtmp;

import io.vertx.core.buffer.Buffer;

/** Writes single chunks by hand, also such as our own writer never would. */
final class ChunkBytes {
    final Buffer bytes = Buffer.buffer();

    /** Bytes that differ from their neighbours, so that a lost or doubled one shows. */
    static Buffer payload(int length) {
        Buffer payload = Buffer.buffer();
        for (int i = 0; i < length; i++) {
            payload.appendByte((byte) (i * 31 + length));
        }
        return payload;
    }

    ChunkBytes basic(int fmt, int id) {
        if (id < 64) {
            bytes.appendByte((byte) (fmt << 6 | id));
        } else if (id < 64 + 256) {
            bytes.appendByte((byte) (fmt << 6)).appendByte((byte) (id - 64));
        } else {
            bytes.appendByte((byte) (fmt << 6 | 1)).appendShortLE((short) (id - 64));
        }
        return this;
    }

    ChunkBytes fmt0(int id, long timestamp, int length, int type, int streamId) {
        basic(0, id);
        bytes.appendMedium((int) Math.min(timestamp, 0xFFFFFF))
                .appendMedium(length)
                .appendByte((byte) type)
                .appendIntLE(streamId);
        return extended(timestamp);
    }

    ChunkBytes fmt1(int id, long delta, int length, int type) {
        basic(1, id);
        bytes.appendMedium((int) Math.min(delta, 0xFFFFFF)).appendMedium(length).appendByte((byte) type);
        return extended(delta);
    }

    ChunkBytes fmt2(int id, long delta) {
        basic(2, id);
        bytes.appendMedium((int) Math.min(delta, 0xFFFFFF));
        return extended(delta);
    }

    ChunkBytes fmt3(int id) {
        return basic(3, id);
    }

    /** fmt 3 with the four bytes that follow an extended timestamp. */
    ChunkBytes fmt3(int id, long repeated) {
        basic(3, id);
        bytes.appendInt((int) repeated);
        return this;
    }

    ChunkBytes body(Buffer payload, int from, int to) {
        bytes.appendBuffer(payload, from, to - from);
        return this;
    }

    ChunkBytes body(Buffer payload) {
        bytes.appendBuffer(payload);
        return this;
    }

    ChunkBytes setChunkSize(long size) {
        fmt0(2, 0, 4, RawMessage.SET_CHUNK_SIZE, 0);
        bytes.appendInt((int) size);
        return this;
    }

    ChunkBytes abort(int id) {
        fmt0(2, 0, 4, RawMessage.ABORT, 0);
        bytes.appendInt(id);
        return this;
    }

    private ChunkBytes extended(long field) {
        if (field >= 0xFFFFFF) {
            bytes.appendInt((int) field);
        }
        return this;
    }
}
