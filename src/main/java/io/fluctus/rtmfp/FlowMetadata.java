package io.fluctus.rtmfp;

import io.fluctus.wire.ByteReader;
import io.fluctus.wire.ByteWriter;
import io.fluctus.wire.ProtocolException;
import io.vertx.core.buffer.Buffer;
import java.util.Optional;

/** The metadata of a flow that carries RTMP messages (RFC 7425 5.1): "TC", flags, and the message stream they belong to. */
record FlowMetadata(int streamId, RecvFlow.Order order) {
    private static final int SIGNATURE = 0x5443;
    private static final int STREAM_ID_PRESENT = 0x04;
    private static final int RECEIVE_INTENT = 0x01;

    /** Message stream ids have 24 bits (5.3.3). */
    private static final int MAX_STREAM_ID = 0xffffff;

    static FlowMetadata of(int streamId) {
        return new FlowMetadata(streamId, RecvFlow.Order.SEQUENCE);
    }

    /** Empty for a flow of another kind, such as a NetGroup's. */
    static Optional<FlowMetadata> decode(Buffer metadata) {
        if (metadata.length() < 3 || metadata.getUnsignedShort(0) != SIGNATURE) {
            return Optional.empty();
        }
        ByteReader in = new ByteReader(metadata, 2, metadata.length());
        int flags = in.u8();
        long streamId = (flags & STREAM_ID_PRESENT) != 0 ? Vlu.read(in) : 0;
        if (streamId > MAX_STREAM_ID) {
            throw new ProtocolException("message stream id " + streamId + " of a flow");
        }
        boolean network = (flags & RECEIVE_INTENT) != 0;
        return Optional.of(new FlowMetadata(
                (int) streamId, network ? RecvFlow.Order.AS_SOON_AS_POSSIBLE : RecvFlow.Order.SEQUENCE));
    }

    Buffer encode() {
        ByteWriter out = new ByteWriter().u16(SIGNATURE);
        out.u8(STREAM_ID_PRESENT | (order == RecvFlow.Order.SEQUENCE ? 0 : RECEIVE_INTENT));
        Vlu.write(out, streamId);
        return out.buffer();
    }
}
