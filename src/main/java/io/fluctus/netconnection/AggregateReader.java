package io.fluctus.netconnection;

import io.fluctus.wire.ByteReader;
import io.fluctus.wire.ProtocolException;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;

/** Aggregate messages (RTMP 1.0 7.1.6) come apart into the audio, video and data messages they hold. */
final class AggregateReader {
    /** FMS and FMLE put a few dozen into one message. */
    static final int MAX_SUB_MESSAGES = 1024;

    private static final int AUDIO = 8;
    private static final int VIDEO = 9;
    private static final int DATA_AMF3 = 15;
    private static final int DATA_AMF0 = 18;
    private static final int AGGREGATE = 22;
    private static final int BACK_POINTER = 4;

    private AggregateReader() {}

    /**
     * The parts, on the aggregate's message stream and time: the first has the aggregate's timestamp, the others keep their
     * distance to it. The back pointer is skipped unread: encoders lie there, and nothing depends on it.
     */
    static List<Message> decode(Message.Aggregate aggregate) {
        List<Message> parts = new ArrayList<>();
        ByteReader in = new ByteReader(aggregate.payload());
        long first = -1;
        for (int count = 1; in.hasRemaining(); count++) {
            if (count > MAX_SUB_MESSAGES) {
                throw new ProtocolException("aggregate holds more than " + MAX_SUB_MESSAGES + " messages");
            }
            int type = in.u8();
            int size = in.u24();
            long time = in.u24() | (long) in.u8() << 24;
            in.skip(3); // stream id: always that of the aggregate
            Buffer payload = in.bytes(size);
            in.skip(Math.min(BACK_POINTER, in.remaining()));
            first = first < 0 ? time : first;
            part(parts, aggregate, type, time - first, payload);
        }
        return parts;
    }

    private static void part(List<Message> parts, Message.Aggregate whole, int type, long offset, Buffer payload) {
        int id = whole.streamId();
        long timestamp = (whole.timestamp() + offset) & 0xFFFFFFFFL;
        switch (type) {
            case AUDIO -> parts.add(new Message.Audio(id, timestamp, payload));
            case VIDEO -> parts.add(new Message.Video(id, timestamp, payload));
            case DATA_AMF0 -> parts.add(new Message.Data(id, timestamp, payload, false));
            case DATA_AMF3 -> parts.add(new Message.Data(id, timestamp, withoutFormat(payload), true));
            case AGGREGATE -> throw new ProtocolException("an aggregate inside an aggregate");
            default -> {} // commands and control have no place here, unknown types are skipped
        }
    }

    /** Type 15 begins with a format byte of 0. */
    private static Buffer withoutFormat(Buffer payload) {
        return payload.length() > 0 && payload.getByte(0) == 0 ? payload.slice(1, payload.length()) : payload;
    }
}
