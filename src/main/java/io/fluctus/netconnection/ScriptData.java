package io.fluctus.netconnection;

import io.fluctus.wire.Amf0;
import io.fluctus.wire.ByteReader;
import io.fluctus.wire.ByteWriter;
import io.fluctus.wire.ProtocolException;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;

/**
 * A data message (RTMP 1.0 7.1.2): a handler's name and the values for it, in AMF0.
 *
 * @param payload all of it, from the handler's name on
 * @param end where the handler's name ends in {@code payload}
 */
record ScriptData(String handler, Buffer payload, int end) {
    /** What publishers put before metadata that the server shall keep for late joiners, and its opposite. */
    static final String SET_DATA_FRAME = "@setDataFrame";

    static final String CLEAR_DATA_FRAME = "@clearDataFrame";

    /** The one handler that a publisher of ours has kept for late joiners. */
    static final String ON_META_DATA = "onMetaData";

    /** Whether Flash may read the samples it plays; two booleans, audio and video. */
    static final String SAMPLE_ACCESS = "|RtmpSampleAccess";

    static final int MAX_HANDLER = 256;

    private static final int AMF0_BOOLEAN = 0x01;
    private static final int AMF0_STRING = 0x02;
    private static final int AMF0_LONG_STRING = 0x0C;
    private static final int AVMPLUS_OBJECT = 0x11;

    /** With {@code amf3}, and where type 18 switches to AMF3 all the same, the values are rewritten to AMF0. */
    static ScriptData decode(Buffer bytes, boolean amf3) {
        boolean switched = amf3 || isAmf3(bytes, 0);
        ScriptData data = read(switched ? Amf0.downgrade(bytes) : bytes);
        return !switched && isAmf3(bytes, data.end) ? read(Amf0.downgrade(bytes)) : data;
    }

    private static ScriptData read(Buffer payload) {
        ByteReader in = new ByteReader(payload);
        return new ScriptData(name(in), payload, in.position());
    }

    private static boolean isAmf3(Buffer bytes, int position) {
        return position < bytes.length() && bytes.getByte(position) == AVMPLUS_OBJECT;
    }

    /** What follows the handler's name, read as a handler's name and its values again. */
    ScriptData argument() {
        return decode(payload.slice(end, payload.length()), false);
    }

    /** {@code @setDataFrame} before the payload, for a stream that we publish. */
    Buffer asDataFrame() {
        return string(new ByteWriter(), SET_DATA_FRAME).bytes(payload).buffer();
    }

    static Buffer sampleAccess() {
        return string(new ByteWriter(), SAMPLE_ACCESS)
                .u8(AMF0_BOOLEAN)
                .u8(1)
                .u8(AMF0_BOOLEAN)
                .u8(1)
                .buffer();
    }

    private static ByteWriter string(ByteWriter out, String text) {
        return out.u8(AMF0_STRING)
                .u16(text.getBytes(StandardCharsets.UTF_8).length)
                .utf8(text);
    }

    private static String name(ByteReader in) {
        int marker = in.u8();
        if (marker != AMF0_STRING && marker != AMF0_LONG_STRING) {
            throw new ProtocolException("data message does not begin with a handler's name");
        }
        long length = marker == AMF0_STRING ? in.u16() : in.u32();
        if (length > MAX_HANDLER) {
            throw new ProtocolException("handler's name has more than " + MAX_HANDLER + " bytes");
        }
        return in.utf8((int) length);
    }
}
