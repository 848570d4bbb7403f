package io.fluctus.rtmp;

import io.fluctus.netconnection.Message;
import io.fluctus.wire.Amf0;
import io.fluctus.wire.AmfValue;
import io.fluctus.wire.ByteReader;
import io.fluctus.wire.ByteWriter;
import io.fluctus.wire.ProtocolException;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;

/**
 * One message as the chunk stream carries it (RTMP 1.0 6.1): its type, an unsigned 32-bit time in milliseconds, its message stream
 * id and its bytes.
 */
record RawMessage(int type, long timestamp, int streamId, Buffer payload) {
    // Message types, 5.4 and 7.1.
    static final int SET_CHUNK_SIZE = 1;
    static final int ABORT = 2;
    static final int ACKNOWLEDGEMENT = 3;
    static final int USER_CONTROL = 4;
    static final int WINDOW_ACKNOWLEDGEMENT_SIZE = 5;
    static final int SET_PEER_BANDWIDTH = 6;
    static final int AUDIO = 8;
    static final int VIDEO = 9;
    static final int DATA_AMF3 = 15;
    static final int SHARED_OBJECT_AMF3 = 16;
    static final int COMMAND_AMF3 = 17;
    static final int DATA_AMF0 = 18;
    static final int SHARED_OBJECT_AMF0 = 19;
    static final int COMMAND_AMF0 = 20;
    static final int AGGREGATE = 22;

    /** Types 15, 16 and 17 begin with it: AMF0 follows, in which 0x11 switches to AMF3. */
    private static final int FORMAT_AMF0 = 0;

    /** Throws ProtocolException for a payload that its type does not allow. */
    Message decode() {
        ByteReader in = new ByteReader(payload);
        return switch (type) {
            case SET_CHUNK_SIZE -> new Message.SetChunkSize((int) Math.min(in.u32(), Integer.MAX_VALUE));
            case ABORT -> new Message.Abort(in.i32());
            case ACKNOWLEDGEMENT -> new Message.Acknowledgement(in.u32());
            case USER_CONTROL -> new Message.UserControl(in.u16(), in.bytes(in.remaining()));
            case WINDOW_ACKNOWLEDGEMENT_SIZE -> new Message.WindowAcknowledgementSize(in.u32());
            case SET_PEER_BANDWIDTH -> new Message.SetPeerBandwidth(in.u32(), in.u8());
            case AUDIO -> new Message.Audio(streamId, timestamp, payload);
            case VIDEO -> new Message.Video(streamId, timestamp, payload);
            case DATA_AMF0 -> new Message.Data(streamId, timestamp, payload, false);
            case DATA_AMF3 -> new Message.Data(streamId, timestamp, withoutFormat(in), true);
            case SHARED_OBJECT_AMF0 -> new Message.SharedObject(streamId, timestamp, payload, false);
            case SHARED_OBJECT_AMF3 -> new Message.SharedObject(streamId, timestamp, withoutFormat(in), true);
            case COMMAND_AMF0 -> command(payload, false);
            case COMMAND_AMF3 -> command(withoutFormat(in), true);
            case AGGREGATE -> new Message.Aggregate(streamId, timestamp, payload);
            default -> new Message.Unknown(type, streamId, timestamp, payload);
        };
    }

    static RawMessage encode(Message message) {
        if (message instanceof Message.Control control) {
            return encodeControl(control);
        }
        if (message instanceof Message.Audio m) {
            return new RawMessage(AUDIO, m.timestamp(), m.streamId(), m.payload());
        }
        if (message instanceof Message.Video m) {
            return new RawMessage(VIDEO, m.timestamp(), m.streamId(), m.payload());
        }
        if (message instanceof Message.Data m) {
            return m.amf3()
                    ? new RawMessage(DATA_AMF3, m.timestamp(), m.streamId(), withFormat(m.payload()))
                    : new RawMessage(DATA_AMF0, m.timestamp(), m.streamId(), m.payload());
        }
        if (message instanceof Message.SharedObject m) {
            return m.amf3()
                    ? new RawMessage(SHARED_OBJECT_AMF3, m.timestamp(), m.streamId(), withFormat(m.payload()))
                    : new RawMessage(SHARED_OBJECT_AMF0, m.timestamp(), m.streamId(), m.payload());
        }
        if (message instanceof Message.Command m) {
            return encodeCommand(m);
        }
        if (message instanceof Message.Aggregate m) {
            return new RawMessage(AGGREGATE, m.timestamp(), m.streamId(), m.payload());
        }
        if (message instanceof Message.Unknown m) {
            return new RawMessage(m.type(), m.timestamp(), m.streamId(), m.payload());
        }
        throw new IllegalArgumentException(message + " has no type");
    }

    private static RawMessage encodeControl(Message.Control control) {
        ByteWriter out = new ByteWriter();
        int type;
        if (control instanceof Message.SetChunkSize m) {
            type = SET_CHUNK_SIZE;
            out.u32(m.size());
        } else if (control instanceof Message.Abort m) {
            type = ABORT;
            out.u32(m.chunkStreamId());
        } else if (control instanceof Message.Acknowledgement m) {
            type = ACKNOWLEDGEMENT;
            out.u32(m.sequenceNumber());
        } else if (control instanceof Message.UserControl m) {
            type = USER_CONTROL;
            out.u16(m.event()).bytes(m.data());
        } else if (control instanceof Message.WindowAcknowledgementSize m) {
            type = WINDOW_ACKNOWLEDGEMENT_SIZE;
            out.u32(m.size());
        } else if (control instanceof Message.SetPeerBandwidth m) {
            type = SET_PEER_BANDWIDTH;
            out.u32(m.size()).u8(m.limitType());
        } else {
            throw new IllegalArgumentException(control + " has no type");
        }
        return new RawMessage(type, 0, 0, out.buffer());
    }

    // -- commands (7.1.1): name, transaction id, then values, the first of them the command object

    private Message command(Buffer amf0, boolean amf3) {
        List<AmfValue> values = Amf0.decodeAll(new ByteReader(amf0));
        if (values.isEmpty()) {
            throw new ProtocolException("command without a name");
        }
        String name = values.get(0).string().orElseThrow(() -> new ProtocolException("command without a name"));
        double transactionId = values.size() < 2
                ? 0
                : values.get(1).number().orElseThrow(() -> new ProtocolException("command without a transaction id"));
        List<AmfValue> rest = values.subList(Math.min(2, values.size()), values.size());
        return new Message.Command(streamId, timestamp, name, transactionId, rest, amf3);
    }

    private static RawMessage encodeCommand(Message.Command m) {
        List<AmfValue> values = new ArrayList<>(2 + m.values().size());
        values.add(AmfValue.of(m.name()));
        values.add(AmfValue.of(m.transactionId()));
        values.addAll(m.values());
        ByteWriter out = new ByteWriter();
        if (m.amf3()) {
            out.u8(FORMAT_AMF0);
        }
        Amf0.encodeAll(values, m.amf3() ? 3 : 0, out);
        return new RawMessage(m.amf3() ? COMMAND_AMF3 : COMMAND_AMF0, m.timestamp(), m.streamId(), out.buffer());
    }

    // -- the format byte

    /** Some senders leave it out of commands and data: these then begin with the marker of the name's string. */
    private Buffer withoutFormat(ByteReader in) {
        if (in.hasRemaining() && in.peek() == FORMAT_AMF0) {
            in.skip(1);
        }
        return in.bytes(in.remaining());
    }

    private static Buffer withFormat(Buffer payload) {
        return Buffer.buffer(1 + payload.length())
                .appendByte((byte) FORMAT_AMF0)
                .appendBuffer(payload);
    }
}
