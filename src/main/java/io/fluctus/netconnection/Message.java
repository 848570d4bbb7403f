package io.fluctus.netconnection;

import io.fluctus.wire.AmfValue;
import io.vertx.core.buffer.Buffer;
import java.util.List;

/**
 * One RTMP message (RTMP 1.0 5.4 and 7.1), whatever transport carried it. {@code streamId} is the message stream id;
 * {@code timestamp} is in milliseconds, unsigned 32 bits.
 */
public sealed interface Message {
    int streamId();

    long timestamp();

    /** Type 1 (5.4.1): bytes, 1 to 2^31-1. */
    record SetChunkSize(int size) implements Control {}

    /** Type 2 (5.4.2): the partly received message of this chunk stream is given up. */
    record Abort(int chunkStreamId) implements Control {}

    /** Type 3 (5.4.3): bytes received so far, modulo 2^32. */
    record Acknowledgement(long sequenceNumber) implements Control {}

    /** Type 4 (7.1.7): {@code event} is one of {@link UserControl}'s constants, {@code data} what follows it. */
    record UserControl(int event, Buffer data) implements Control {
        public static final int STREAM_BEGIN = 0;
        public static final int STREAM_EOF = 1;
        public static final int STREAM_DRY = 2;
        public static final int SET_BUFFER_LENGTH = 3;
        public static final int STREAM_IS_RECORDED = 4;
        public static final int PING_REQUEST = 6;
        public static final int PING_RESPONSE = 7;

        /** An event whose data is one unsigned 32-bit number, such as a message stream id. */
        public static UserControl of(int event, long value) {
            return new UserControl(event, Buffer.buffer(4).appendInt((int) value));
        }
    }

    /** Type 5 (5.4.4): bytes. */
    record WindowAcknowledgementSize(long size) implements Control {}

    /** Type 6 (5.4.5): {@code limitType} 0 hard, 1 soft, 2 dynamic. */
    record SetPeerBandwidth(long size, int limitType) implements Control {}

    /** Type 8: an FLV audio tag body; may be empty (silence). */
    record Audio(int streamId, long timestamp, Buffer payload) implements Message {}

    /** Type 9: an FLV video tag body. */
    record Video(int streamId, long timestamp, Buffer payload) implements Message {}

    /** Type 18, or 15 when {@code amf3}: a handler's name, then its values, in {@code encoding} of the wire without the format byte. */
    record Data(int streamId, long timestamp, Buffer payload, boolean amf3) implements Message {}

    /** Type 19, or 16 when {@code amf3}: kept as bytes, without the format byte. */
    record SharedObject(int streamId, long timestamp, Buffer payload, boolean amf3) implements Message {}

    /** Type 20, or 17 when {@code amf3}; {@code values} starts with the command object. */
    record Command(int streamId, long timestamp, String name, double transactionId, List<AmfValue> values, boolean amf3)
            implements Message {
        public Command {
            values = List.copyOf(values);
        }

        /** An AMF0 command at time 0. */
        public static Command of(int streamId, String name, double transactionId, AmfValue... values) {
            return new Command(streamId, 0, name, transactionId, List.of(values), false);
        }
    }

    /** Type 22 (7.1.6): FLV tags in a row; timestamps count from the first one's. */
    record Aggregate(int streamId, long timestamp, Buffer payload) implements Message {}

    /** A type nobody here knows: skipped. */
    record Unknown(int type, int streamId, long timestamp, Buffer payload) implements Message {}

    /** Protocol and user control: message stream 0, no time. */
    sealed interface Control extends Message
            permits SetChunkSize, Abort, Acknowledgement, UserControl, WindowAcknowledgementSize, SetPeerBandwidth {
        @Override
        default int streamId() {
            return 0;
        }

        @Override
        default long timestamp() {
            return 0;
        }
    }
}
