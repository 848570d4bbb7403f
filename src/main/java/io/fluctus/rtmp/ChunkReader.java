package io.fluctus.rtmp;

import io.fluctus.wire.ByteReader;
import io.fluctus.wire.ProtocolException;
import io.vertx.core.buffer.Buffer;
import java.util.Arrays;
import java.util.function.Consumer;

/** The bytes of a chunk stream, in any split, to messages (RTMP 1.0 5.3); obeys Set Chunk Size and Abort itself. */
final class ChunkReader {
    static final int DEFAULT_CHUNK_SIZE = 128; // 5.4.1
    static final int MAX_CHUNK_SIZE = 0xFFFFFF; // 5.4.1: more makes no difference, as no message is longer

    /** A chunk with fewer bytes than this is work without a gain: only so many of them are read in a second. */
    static final int TINY_CHUNK = 128;

    private static final int BUDGET_MILLIS = 1_000;

    private static final int EXTENDED = 0xFFFFFF; // 5.3.1.3
    private static final int[] MESSAGE_HEADER_BYTES = {11, 7, 3, 0}; // 5.3.1.2, by fmt
    private static final int MAX_HEADER_BYTES = 3 + 11 + 4;
    private static final int INCOMPLETE = 0;

    /**
     * What a peer may cost, by what it has been allowed so far. A call is a tiny chunk, so one that an application has accepted may send
     * many: what holds it back is that it is not read while its calls are not answered.
     */
    enum Limits {
        //             command    audio/video chunk    partial     tiny chunks
        //             bytes      bytes       streams  bytes       a second
        BEFORE_CONNECT(64 * 1024, 64 * 1024, 8, 256 * 1024, 4_000),
        CONNECTED(1024 * 1024, 8 * 1024 * 1024, 128, 256 * 1024, 4_000),
        HELD(1024 * 1024, 8 * 1024 * 1024, 128, 256 * 1024, 200_000),
        MEDIA(1024 * 1024, 8 * 1024 * 1024, 128, 16 * 1024 * 1024, 20_000),
        MEDIA_HELD(1024 * 1024, 8 * 1024 * 1024, 128, 16 * 1024 * 1024, 200_000);

        final int commandBytes;
        final int mediaBytes;
        final int chunkStreams;
        final int partialBytes;
        final int tinyChunks;

        Limits(int commandBytes, int mediaBytes, int chunkStreams, int partialBytes, int tinyChunks) {
            this.commandBytes = commandBytes;
            this.mediaBytes = mediaBytes;
            this.chunkStreams = chunkStreams;
            this.partialBytes = partialBytes;
            this.tinyChunks = tinyChunks;
        }

        private int messageBytes(int type) {
            boolean media = type == RawMessage.AUDIO || type == RawMessage.VIDEO || type == RawMessage.AGGREGATE;
            return media ? mediaBytes : commandBytes;
        }
    }

    private Limits limits;
    private int chunkSize = DEFAULT_CHUNK_SIZE;

    private ChunkStream[] streams = {};
    private int streamCount;
    private ChunkStream current;
    private int chunkLeft; // payload of the current chunk that has not arrived; 0: a header is next
    private Buffer kept; // the start of a header whose end has not arrived; null: none

    private int partialBytes;
    private int tinyChunks;
    private long budgetSince;

    ChunkReader(Limits limits) {
        this.limits = limits;
    }

    void limit(Limits limits) {
        this.limits = limits;
    }

    int chunkSize() {
        return chunkSize;
    }

    /** Reads {@code bytes} from {@code start}; each message goes to {@code sink} as soon as its last byte is read. */
    void receive(Buffer bytes, int start, long now, Consumer<RawMessage> sink) {
        if (Math.abs(now - budgetSince) >= BUDGET_MILLIS) {
            budgetSince = now;
            tinyChunks = 0;
        }
        int at = start;
        if (kept != null && at < bytes.length()) {
            at = keptHeader(bytes, at, sink);
        }
        while (at < bytes.length()) {
            at = chunkLeft > 0 ? body(bytes, at, sink) : header(bytes, at, sink);
        }
    }

    private int header(Buffer bytes, int at, Consumer<RawMessage> sink) {
        int length = begin(bytes, at);
        if (length == INCOMPLETE) {
            kept = bytes.getBuffer(at, bytes.length());
            return bytes.length();
        }
        endIfComplete(sink);
        return at + length;
    }

    /** Goes on with a header that began in earlier bytes. */
    private int keptHeader(Buffer bytes, int at, Consumer<RawMessage> sink) {
        int before = kept.length();
        int taken = Math.min(MAX_HEADER_BYTES - before, bytes.length() - at);
        kept.appendBuffer(bytes, at, taken);
        int length = begin(kept, 0);
        if (length == INCOMPLETE) {
            return at + taken;
        }
        Buffer header = kept;
        kept = null;
        endIfComplete(sink);
        if (length >= before) {
            return at + length - before;
        }
        // What looked like a repeated extended timestamp was payload whose first bytes came earlier: read them again.
        Buffer again = header.getBuffer(length, before).appendBuffer(bytes, at, bytes.length() - at);
        int read = 0;
        while (read < again.length()) {
            read = chunkLeft > 0 ? body(again, read, sink) : header(again, read, sink);
        }
        return bytes.length();
    }

    private int body(Buffer bytes, int at, Consumer<RawMessage> sink) {
        int length = Math.min(chunkLeft, bytes.length() - at);
        current.append(bytes, at, length);
        chunkLeft -= length;
        partialBytes += length;
        if (partialBytes > limits.partialBytes) {
            throw new ProtocolException("holds more than " + limits.partialBytes + " bytes in unfinished messages");
        }
        endIfComplete(sink);
        return at + length;
    }

    private void endIfComplete(Consumer<RawMessage> sink) {
        if (current.missing() > 0) {
            return;
        }
        partialBytes -= current.length;
        RawMessage message = current.end();
        switch (message.type()) {
            case RawMessage.SET_CHUNK_SIZE -> setChunkSize(new ByteReader(message.payload()).u32());
            case RawMessage.ABORT -> abort(new ByteReader(message.payload()).u32());
            default -> {}
        }
        sink.accept(message);
    }

    /** 5.4.1: the first bit is zero, the size at least 1. It holds from the next chunk on, whatever is unfinished. */
    private void setChunkSize(long size) {
        if (size < 1 || size > Integer.MAX_VALUE) {
            throw new ProtocolException("sets the chunk size to " + size);
        }
        chunkSize = (int) Math.min(size, MAX_CHUNK_SIZE);
    }

    /** 5.4.2; a chunk stream without an unfinished message has nothing to give up. */
    private void abort(long id) {
        ChunkStream stream = id > Integer.MAX_VALUE ? null : find((int) id);
        if (stream != null && stream.unfinished) {
            partialBytes -= stream.received;
            stream.end();
        }
    }

    /** Reads one chunk's header at {@code start}; its length in bytes, or INCOMPLETE with nothing changed. */
    private int begin(Buffer bytes, int start) {
        int end = bytes.length();
        int first = bytes.getUnsignedByte(start);
        int fmt = first >> 6;
        int id = first & 0x3F;
        int at = start + 1;
        if (id < 2) { // 5.3.1.1: one byte more, or two with the low one first
            int more = id + 1;
            if (end - at < more) {
                return INCOMPLETE;
            }
            id = 64 + (more == 1 ? bytes.getUnsignedByte(at) : bytes.getUnsignedShortLE(at));
            at += more;
        }
        if (end - at < MESSAGE_HEADER_BYTES[fmt]) {
            return INCOMPLETE;
        }
        ChunkStream stream = find(id);
        if (fmt >= 2 && stream == null) {
            throw new ProtocolException("begins chunk stream " + id + " with fmt " + fmt);
        }
        if (fmt == 3) {
            int repeated = stream.extended ? stream.repeated(bytes, at) : 0;
            if (repeated < 0) {
                return INCOMPLETE;
            }
            continueOrRepeat(stream);
            return at + repeated - start;
        }
        long field = bytes.getUnsignedMedium(at);
        boolean extended = field == EXTENDED;
        int length = MESSAGE_HEADER_BYTES[fmt] + (extended ? 4 : 0);
        if (end - at < length) {
            return INCOMPLETE;
        }
        if (extended) {
            field = bytes.getUnsignedInt(at + length - 4);
        }
        beginMessage(stream == null ? open(id) : stream, fmt, bytes, at, field);
        return at + length - start;
    }

    private void beginMessage(ChunkStream stream, int fmt, Buffer bytes, int at, long field) {
        if (stream.unfinished) {
            throw new ProtocolException("begins a message on chunk stream " + stream.id + " within another one");
        }
        stream.extended = bytes.getUnsignedMedium(at) == EXTENDED;
        stream.field = field;
        if (fmt < 2) {
            stream.length = bytes.getUnsignedMedium(at + 3);
            stream.type = bytes.getUnsignedByte(at + 6);
        }
        if (fmt == 0) {
            stream.streamId = bytes.getIntLE(at + 7);
            stream.timestamp = field;
            // 5.3.1.2.4: a fmt 3 that begins a message counts a fmt 0 timestamp as its delta. Nobody means more than 4
            // hours.
            stream.delta = stream.extended ? 0 : field;
        } else {
            stream.delta = field;
            stream.advance();
        }
        startPayload(stream);
    }

    private void continueOrRepeat(ChunkStream stream) {
        if (stream.unfinished) {
            startChunk(stream);
        } else {
            stream.advance();
            startPayload(stream);
        }
    }

    private void startPayload(ChunkStream stream) {
        if (stream.length > limits.messageBytes(stream.type)) {
            throw new ProtocolException("announces a message of type " + stream.type + " with " + stream.length
                    + " bytes where " + limits.messageBytes(stream.type) + " are allowed");
        }
        stream.unfinished = true;
        startChunk(stream);
    }

    private void startChunk(ChunkStream stream) {
        current = stream;
        chunkLeft = Math.min(chunkSize, stream.missing());
        if (chunkLeft < TINY_CHUNK && ++tinyChunks > limits.tinyChunks) {
            throw new ProtocolException(
                    "sends more than " + limits.tinyChunks + " chunks under " + TINY_CHUNK + " bytes in a second");
        }
    }

    /** Or null. There are three to six of them: a walk is quicker than a map. */
    private ChunkStream find(int id) {
        for (int i = 0; i < streamCount; i++) {
            if (streams[i].id == id) {
                return streams[i];
            }
        }
        return null;
    }

    private ChunkStream open(int id) {
        if (streamCount == limits.chunkStreams) {
            throw new ProtocolException("opens more than " + limits.chunkStreams + " chunk streams");
        }
        if (streamCount == streams.length) {
            streams = Arrays.copyOf(streams, Math.max(4, 2 * streamCount));
        }
        ChunkStream stream = new ChunkStream(id);
        streams[streamCount++] = stream;
        return stream;
    }

    /** What the next header of a chunk stream may leave out, and its unfinished message. */
    private static final class ChunkStream {
        final int id;
        long timestamp;
        long delta;
        long field; // the last timestamp or delta as it stood in a header
        boolean extended;
        int length;
        int type;
        int streamId;
        boolean unfinished;
        int received;
        private Buffer payload; // null until the first byte
        private int capacity;

        ChunkStream(int id) {
            this.id = id;
        }

        void advance() {
            timestamp = next();
        }

        private long next() {
            return timestamp + delta & 0xFFFFFFFFL;
        }

        int missing() {
            return length - received;
        }

        /** Room follows what has arrived and ends at the message's length: a stream keeps these bytes for a while. */
        void append(Buffer bytes, int at, int count) {
            received += count;
            if (received > capacity) {
                capacity = (int) Math.min(length, Math.max(received, 2L * capacity));
                Buffer grown = Buffer.buffer(capacity);
                payload = payload == null ? grown : grown.appendBuffer(payload);
            }
            payload.appendBuffer(bytes, at, count);
        }

        RawMessage end() {
            RawMessage message = new RawMessage(type, timestamp, streamId, payload == null ? Buffer.buffer() : payload);
            unfinished = false;
            received = 0;
            payload = null;
            capacity = 0;
            return message;
        }

        /**
         * 5.3.1.3 says that fmt 3 repeats the extended timestamp; some senders leave it out, Red5 repeats the time where a delta
         * stood. So: 4 when a known value stands there, 0 when it is payload, -1 when too few bytes are here to tell.
         */
        int repeated(Buffer bytes, int at) {
            int count = Math.min(4, bytes.length() - at);
            boolean known = startsWith(bytes, at, count, field)
                    || startsWith(bytes, at, count, timestamp)
                    || !unfinished && startsWith(bytes, at, count, next());
            return known ? (count == 4 ? 4 : -1) : 0;
        }

        private static boolean startsWith(Buffer bytes, int at, int count, long value) {
            for (int i = 0; i < count; i++) {
                if (bytes.getByte(at + i) != (byte) (value >> 24 - 8 * i)) {
                    return false;
                }
            }
            return true;
        }
    }
}
