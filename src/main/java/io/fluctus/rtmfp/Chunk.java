package io.fluctus.rtmfp;

import io.fluctus.wire.ByteReader;
import io.fluctus.wire.ByteWriter;
import io.fluctus.wire.ProtocolException;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;

/** One chunk of a packet (RFC 7016 2.3): type, 16-bit length, payload. */
public sealed interface Chunk {
    int PACKET_FRAGMENT = 0x7f;
    int IHELLO = 0x30;
    int FIHELLO = 0x0f;
    int RHELLO = 0x70;
    int REDIRECT = 0x71;
    int RHELLO_COOKIE_CHANGE = 0x79;
    int IIKEYING = 0x38;
    int RIKEYING = 0x78;
    int PING = 0x01;
    int PING_REPLY = 0x41;
    int USER_DATA = 0x10;
    int NEXT_USER_DATA = 0x11;
    int ACK_BITMAP = 0x50;
    int ACK_RANGES = 0x51;
    int BUFFER_PROBE = 0x18;
    int EXCEPTION_REPORT = 0x5e;
    int CLOSE = 0x0c;
    int CLOSE_ACK = 0x4c;

    /** A length that no chunk of ours reaches, so that two bytes always hold it. */
    int MAX_LENGTH = 0xffff;

    int type();

    void encodePayload(ByteWriter out);

    default void encode(ByteWriter out) {
        int start = out.length();
        out.u8(type()).u16(0);
        encodePayload(out);
        int length = out.length() - start - 3;
        if (length > MAX_LENGTH) {
            throw new IllegalStateException("chunk of " + length + " bytes");
        }
        out.buffer().setShort(start + 1, (short) length);
    }

    /** Reads one chunk; a type nobody here knows is kept as {@link Unknown}. */
    static Chunk decode(ByteReader in) {
        int type = in.u8();
        int length = in.u16();
        ByteReader body = new ByteReader(in.bytes(length));
        switch (type) {
            case PACKET_FRAGMENT:
                return Fragment.decode(body);
            case IHELLO:
                return new IHello(field(body), rest(body));
            case FIHELLO:
                return new FIHello(field(body), Address.decode(body), rest(body));
            case RHELLO:
                return new RHello(field(body), field(body), rest(body));
            case REDIRECT:
                return Redirect.decode(body);
            case RHELLO_COOKIE_CHANGE:
                return new RHelloCookieChange(field(body), rest(body));
            case IIKEYING:
                return new IIKeying(body.i32(), field(body), field(body), field(body), rest(body));
            case RIKEYING:
                return new RIKeying(body.i32(), field(body), rest(body));
            default:
                return decodeOfSession(type, body);
        }
    }

    private static Chunk decodeOfSession(int type, ByteReader body) {
        switch (type) {
            case PING:
                return new Ping(rest(body));
            case PING_REPLY:
                return new PingReply(rest(body));
            case USER_DATA:
                return UserData.decode(body);
            case NEXT_USER_DATA:
                return NextUserData.decode(body);
            case ACK_BITMAP:
                return new AckBitmap(Vlu.read(body), Vlu.read(body), Vlu.read(body), rest(body));
            case ACK_RANGES:
                return AckRanges.decode(body);
            case BUFFER_PROBE:
                return new BufferProbe(Vlu.read(body));
            case EXCEPTION_REPORT:
                return new ExceptionReport(Vlu.read(body), Vlu.read(body));
            case CLOSE:
                return new Close();
            case CLOSE_ACK:
                return new CloseAck();
            default:
                return new Unknown(type, rest(body));
        }
    }

    private static Buffer field(ByteReader in) {
        return in.bytes(Vlu.readLength(in));
    }

    private static Buffer rest(ByteReader in) {
        return in.bytes(in.remaining());
    }

    private static void writeField(ByteWriter out, Buffer value) {
        Vlu.write(out, value.length());
        out.bytes(value);
    }

    /** 2.3.1: part {@code number} of packet {@code packetId}, which was too long for one datagram. */
    record Fragment(int flags, long packetId, long number, Buffer part) implements Chunk {
        static final int MORE = 0x80;

        static Fragment decode(ByteReader in) {
            return new Fragment(in.u8(), Vlu.read(in), Vlu.read(in), rest(in));
        }

        boolean more() {
            return (flags & MORE) != 0;
        }

        @Override
        public int type() {
            return PACKET_FRAGMENT;
        }

        @Override
        public void encodePayload(ByteWriter out) {
            out.u8(flags);
            Vlu.write(out, packetId);
            Vlu.write(out, number);
            out.bytes(part);
        }
    }

    /** 2.3.2: an initiator looks for the endpoint that {@code epd} selects. */
    record IHello(Buffer epd, Buffer tag) implements Chunk {
        @Override
        public int type() {
            return IHELLO;
        }

        @Override
        public void encodePayload(ByteWriter out) {
            writeField(out, epd);
            out.bytes(tag);
        }
    }

    /** 2.3.3: a forwarder passes an IHello on; the answer goes to {@code replyAddress}. */
    record FIHello(Buffer epd, Address replyAddress, Buffer tag) implements Chunk {
        @Override
        public int type() {
            return FIHELLO;
        }

        @Override
        public void encodePayload(ByteWriter out) {
            writeField(out, epd);
            replyAddress.encode(out);
            out.bytes(tag);
        }
    }

    /** 2.3.4: the answer to a hello. */
    record RHello(Buffer tag, Buffer cookie, Buffer certificate) implements Chunk {
        @Override
        public int type() {
            return RHELLO;
        }

        @Override
        public void encodePayload(ByteWriter out) {
            writeField(out, tag);
            writeField(out, cookie);
            out.bytes(certificate);
        }
    }

    /** 2.3.5: try these addresses; none means the one this came from. */
    record Redirect(Buffer tag, List<Address> addresses) implements Chunk {
        public Redirect {
            addresses = List.copyOf(addresses);
        }

        static Redirect decode(ByteReader in) {
            Buffer tag = field(in);
            List<Address> addresses = new ArrayList<>();
            while (in.hasRemaining()) {
                addresses.add(Address.decode(in));
                if (addresses.size() > Params.MAX_REDIRECTS) {
                    throw new ProtocolException("redirect to more than " + Params.MAX_REDIRECTS + " addresses");
                }
            }
            return new Redirect(tag, addresses);
        }

        @Override
        public int type() {
            return REDIRECT;
        }

        @Override
        public void encodePayload(ByteWriter out) {
            writeField(out, tag);
            addresses.forEach(a -> a.encode(out));
        }
    }

    /** 2.3.6: the cookie was given to another address; here is one for yours. */
    record RHelloCookieChange(Buffer oldCookie, Buffer newCookie) implements Chunk {
        @Override
        public int type() {
            return RHELLO_COOKIE_CHANGE;
        }

        @Override
        public void encodePayload(ByteWriter out) {
            writeField(out, oldCookie);
            out.bytes(newCookie);
        }
    }

    /** 2.3.7: {@code keyingComponent} is the profile's SKIC. */
    record IIKeying(int sessionId, Buffer cookie, Buffer certificate, Buffer keyingComponent, Buffer signature)
            implements Chunk {
        @Override
        public int type() {
            return IIKEYING;
        }

        @Override
        public void encodePayload(ByteWriter out) {
            out.u32(sessionId);
            writeField(out, cookie);
            writeField(out, certificate);
            writeField(out, keyingComponent);
            out.bytes(signature);
        }
    }

    /** 2.3.8: {@code keyingComponent} is the profile's SKRC. */
    record RIKeying(int sessionId, Buffer keyingComponent, Buffer signature) implements Chunk {
        @Override
        public int type() {
            return RIKEYING;
        }

        @Override
        public void encodePayload(ByteWriter out) {
            out.u32(sessionId);
            writeField(out, keyingComponent);
            out.bytes(signature);
        }
    }

    /** 2.3.9. */
    record Ping(Buffer message) implements Chunk {
        @Override
        public int type() {
            return PING;
        }

        @Override
        public void encodePayload(ByteWriter out) {
            out.bytes(message);
        }
    }

    /** 2.3.10: gives the message of the ping back; librtmfp leaves it empty. */
    record PingReply(Buffer message) implements Chunk {
        @Override
        public int type() {
            return PING_REPLY;
        }

        @Override
        public void encodePayload(ByteWriter out) {
            out.bytes(message);
        }
    }

    /** 2.3.11: one fragment of a flow; {@code forward} is how far below it the forward sequence number stands. */
    record UserData(int flags, long flowId, long sequence, long forward, List<Option> options, Buffer data)
            implements Chunk {
        static final int OPTIONS = 0x80;
        static final int FRAGMENT_CONTROL = 0x30;
        static final int WHOLE = 0x00;
        static final int BEGIN = 0x10;
        static final int END = 0x20;
        static final int MIDDLE = 0x30;
        static final int ABANDON = 0x02;
        static final int FINAL = 0x01;

        static final int METADATA = 0x00;
        static final int RETURN_ASSOCIATION = 0x0a;
        /** 2.3.11.1: a flow with an option of this or a higher number that is not understood must be refused. */
        static final int MANDATORY = 0x2000;

        public UserData {
            options = List.copyOf(options);
        }

        static UserData decode(ByteReader in) {
            int flags = in.u8();
            long flowId = Vlu.read(in);
            long sequence = Vlu.read(in);
            long forward = Vlu.read(in);
            List<Option> options = (flags & OPTIONS) != 0 ? Option.decodeList(in) : List.of();
            if (forward > sequence) {
                throw new ProtocolException("forward sequence number below zero");
            }
            return new UserData(flags, flowId, sequence, forward, options, rest(in));
        }

        long forwardSequence() {
            return sequence - forward;
        }

        @Override
        public int type() {
            return USER_DATA;
        }

        @Override
        public void encodePayload(ByteWriter out) {
            out.u8(flags);
            Vlu.write(out, flowId);
            Vlu.write(out, sequence);
            Vlu.write(out, forward);
            if ((flags & OPTIONS) != 0) {
                options.forEach(o -> o.encode(out));
                out.u8(0);
            }
            out.bytes(data);
        }
    }

    /** 2.3.12: the fragment that follows the one before it in this packet. */
    record NextUserData(int flags, List<Option> options, Buffer data) implements Chunk {
        public NextUserData {
            options = List.copyOf(options);
        }

        static NextUserData decode(ByteReader in) {
            int flags = in.u8();
            List<Option> options = (flags & UserData.OPTIONS) != 0 ? Option.decodeList(in) : List.of();
            return new NextUserData(flags, options, rest(in));
        }

        @Override
        public int type() {
            return NEXT_USER_DATA;
        }

        @Override
        public void encodePayload(ByteWriter out) {
            out.u8(flags);
            if ((flags & UserData.OPTIONS) != 0) {
                options.forEach(o -> o.encode(out));
                out.u8(0);
            }
            out.bytes(data);
        }
    }

    /** 2.3.13: the lowest bit of the first byte stands for {@code cumulativeAck} + 2; {@code buffer} counts 1024-byte blocks. */
    record AckBitmap(long flowId, long buffer, long cumulativeAck, Buffer bitmap) implements Chunk {
        @Override
        public int type() {
            return ACK_BITMAP;
        }

        @Override
        public void encodePayload(ByteWriter out) {
            Vlu.write(out, flowId);
            Vlu.write(out, buffer);
            Vlu.write(out, cumulativeAck);
            out.bytes(bitmap);
        }

        /** The islands above the cumulative acknowledgement, as {@link AckRanges} counts them. */
        List<AckRanges.Range> ranges() {
            List<AckRanges.Range> ranges = new ArrayList<>();
            long holes = 1;
            long received = 0;
            for (int bit = 0; bit < 8 * bitmap.length(); bit++) {
                boolean set = (bitmap.getByte(bit >> 3) >> (bit & 7) & 1) != 0;
                if (set) {
                    received++;
                    continue;
                }
                if (received > 0) {
                    ranges.add(new AckRanges.Range(holes - 1, received - 1));
                    holes = 0;
                    received = 0;
                }
                holes++;
            }
            if (received > 0) {
                ranges.add(new AckRanges.Range(holes - 1, received - 1));
            }
            return ranges;
        }
    }

    /** 2.3.14: holes and islands in turn above {@code cumulativeAck}; {@code buffer} counts 1024-byte blocks. */
    record AckRanges(long flowId, long buffer, long cumulativeAck, List<Range> ranges) implements Chunk {
        /** Both less one, as on the wire. */
        record Range(long holesMinusOne, long receivedMinusOne) {}

        public AckRanges {
            ranges = List.copyOf(ranges);
        }

        static AckRanges decode(ByteReader in) {
            long flowId = Vlu.read(in);
            long buffer = Vlu.read(in);
            long cumulativeAck = Vlu.read(in);
            List<Range> ranges = new ArrayList<>();
            while (in.hasRemaining()) {
                ranges.add(new Range(Vlu.read(in), Vlu.read(in)));
            }
            return new AckRanges(flowId, buffer, cumulativeAck, ranges);
        }

        @Override
        public int type() {
            return ACK_RANGES;
        }

        @Override
        public void encodePayload(ByteWriter out) {
            Vlu.write(out, flowId);
            Vlu.write(out, buffer);
            Vlu.write(out, cumulativeAck);
            for (Range range : ranges) {
                Vlu.write(out, range.holesMinusOne);
                Vlu.write(out, range.receivedMinusOne);
            }
        }
    }

    /** 2.3.15: asks for an acknowledgement of the flow, to learn its buffer. */
    record BufferProbe(long flowId) implements Chunk {
        @Override
        public int type() {
            return BUFFER_PROBE;
        }

        @Override
        public void encodePayload(ByteWriter out) {
            Vlu.write(out, flowId);
        }
    }

    /** 2.3.16: the receiver of the flow wants no more of it. */
    record ExceptionReport(long flowId, long code) implements Chunk {
        @Override
        public int type() {
            return EXCEPTION_REPORT;
        }

        @Override
        public void encodePayload(ByteWriter out) {
            Vlu.write(out, flowId);
            Vlu.write(out, code);
        }
    }

    /** 2.3.17. */
    record Close() implements Chunk {
        @Override
        public int type() {
            return CLOSE;
        }

        @Override
        public void encodePayload(ByteWriter out) {}
    }

    /** 2.3.18. */
    record CloseAck() implements Chunk {
        @Override
        public int type() {
            return CLOSE_ACK;
        }

        @Override
        public void encodePayload(ByteWriter out) {}
    }

    /** A type that is not in the list: skipped. */
    record Unknown(int type, Buffer payload) implements Chunk {
        @Override
        public void encodePayload(ByteWriter out) {
            out.bytes(payload);
        }
    }
}
