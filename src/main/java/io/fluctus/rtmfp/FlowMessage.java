package io.fluctus.rtmfp;

import io.fluctus.media.MediaPacket;
import io.fluctus.netconnection.Message;
import io.fluctus.wire.Amf0;
import io.fluctus.wire.AmfValue;
import io.fluctus.wire.ByteReader;
import io.fluctus.wire.ByteWriter;
import io.fluctus.wire.ProtocolException;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;

/** An RTMP message as a flow carries it (RFC 7425 5.2): type, time in milliseconds, body; the message stream is the flow's. */
record FlowMessage(int type, long timestamp, Buffer body) {
    static final int USER_CONTROL = 4;
    static final int AUDIO = 8;
    static final int VIDEO = 9;
    static final int DATA_AMF3 = 15;
    static final int SHARED_OBJECT_AMF3 = 16;
    static final int COMMAND_AMF3 = 17;
    static final int DATA_AMF0 = 18;
    static final int SHARED_OBJECT_AMF0 = 19;
    static final int COMMAND_AMF0 = 20;
    static final int AGGREGATE = 22;

    /** User control events of this profile alone (5.4 and 5.3.5). */
    static final int FLOW_SYNCHRONIZATION = 0x22;

    static final int KEEPALIVE = 0x29;

    private static final int HEADER = 5;

    static FlowMessage read(Buffer message) {
        ByteReader in = new ByteReader(message);
        return new FlowMessage(in.u8(), in.u32(), in.bytes(in.remaining()));
    }

    Buffer write() {
        return Buffer.buffer(HEADER + body.length())
                .appendByte((byte) type)
                .appendInt((int) timestamp)
                .appendBuffer(body);
    }

    /** Throws ProtocolException for a body that its type does not allow. */
    Message decode(int streamId) {
        ByteReader in = new ByteReader(body);
        switch (type) {
            case USER_CONTROL:
                return new Message.UserControl(in.u16(), in.bytes(in.remaining()));
            case AUDIO:
                return new Message.Audio(streamId, timestamp, body);
            case VIDEO:
                return new Message.Video(streamId, timestamp, body);
            case DATA_AMF0:
                return new Message.Data(streamId, timestamp, body, false);
            case DATA_AMF3:
                return new Message.Data(streamId, timestamp, withoutFormat(in), true);
            case SHARED_OBJECT_AMF0:
                return new Message.SharedObject(streamId, timestamp, body, false);
            case SHARED_OBJECT_AMF3:
                return new Message.SharedObject(streamId, timestamp, withoutFormat(in), true);
            case COMMAND_AMF0:
                return command(streamId, body, false);
            case COMMAND_AMF3:
                return command(streamId, withoutFormat(in), true);
            case AGGREGATE:
                return new Message.Aggregate(streamId, timestamp, body);
            default:
                return new Message.Unknown(type, streamId, timestamp, body);
        }
    }

    private Message command(int streamId, Buffer amf0, boolean amf3) {
        List<AmfValue> values = Amf0.decodeAll(new ByteReader(amf0));
        if (values.isEmpty()) {
            throw new ProtocolException("command without a name");
        }
        String name = values.get(0).string().orElseThrow(() -> new ProtocolException("command without a name"));
        double transactionId = values.size() < 2 ? 0 : values.get(1).number().orElse(0.0);
        List<AmfValue> rest = values.subList(Math.min(2, values.size()), values.size());
        return new Message.Command(streamId, timestamp, name, transactionId, rest, amf3);
    }

    private static Buffer withoutFormat(ByteReader in) {
        if (in.hasRemaining() && in.peek() == 0) {
            in.skip(1);
        }
        return in.bytes(in.remaining());
    }

    static FlowMessage encode(Message message) {
        if (message instanceof Message.Audio m) {
            return new FlowMessage(AUDIO, m.timestamp(), m.payload());
        } else if (message instanceof Message.Video m) {
            return new FlowMessage(VIDEO, m.timestamp(), m.payload());
        } else if (message instanceof Message.Data m) {
            return new FlowMessage(
                    m.amf3() ? DATA_AMF3 : DATA_AMF0, m.timestamp(), m.amf3() ? withFormat(m.payload()) : m.payload());
        } else if (message instanceof Message.Command m) {
            return command(m);
        } else if (message instanceof Message.UserControl m) {
            ByteWriter out = new ByteWriter().u16(m.event()).bytes(m.data());
            return new FlowMessage(USER_CONTROL, 0, out.buffer());
        } else if (message instanceof Message.SharedObject m) {
            return new FlowMessage(
                    m.amf3() ? SHARED_OBJECT_AMF3 : SHARED_OBJECT_AMF0,
                    m.timestamp(),
                    m.amf3() ? withFormat(m.payload()) : m.payload());
        } else if (message instanceof Message.Aggregate m) {
            return new FlowMessage(AGGREGATE, m.timestamp(), m.payload());
        }
        throw new IllegalArgumentException(message + " does not travel in flows");
    }

    private static FlowMessage command(Message.Command m) {
        List<AmfValue> values = new ArrayList<>();
        values.add(AmfValue.of(m.name()));
        values.add(AmfValue.of(m.transactionId()));
        values.addAll(m.values());
        ByteWriter out = new ByteWriter();
        if (m.amf3()) {
            out.u8(0);
        }
        Amf0.encodeAll(values, m.amf3() ? 3 : 0, out);
        return new FlowMessage(m.amf3() ? COMMAND_AMF3 : COMMAND_AMF0, m.timestamp(), out.buffer());
    }

    private static Buffer withFormat(Buffer payload) {
        return Buffer.buffer(1 + payload.length()).appendByte((byte) 0).appendBuffer(payload);
    }

    /** A packet of a stream for a viewer; data messages are AMF0 on the bus and here. */
    static FlowMessage of(MediaPacket packet) {
        int type;
        switch (packet.kind()) {
            case AUDIO:
                type = AUDIO;
                break;
            case VIDEO:
                type = VIDEO;
                break;
            case DATA:
                type = DATA_AMF0;
                break;
            default:
                throw new IllegalArgumentException(packet.kind() + " is not a message");
        }
        return new FlowMessage(type, packet.timestamp(), packet.payload());
    }

    /** The answer to setPeerInfo: how often both sides shall show that they live, in milliseconds. */
    static FlowMessage keepalive(long server, long peer) {
        ByteWriter out = new ByteWriter().u16(KEEPALIVE).u32(server).u32(peer);
        return new FlowMessage(USER_CONTROL, 0, out.buffer());
    }
}
