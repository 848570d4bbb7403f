package io.fluctus.rtmfp;

import io.fluctus.wire.ByteReader;
import io.fluctus.wire.ByteWriter;
import io.fluctus.wire.ProtocolException;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What members of a NetGroup say to each other and to the server. There is no document of Adobe's: this is what librtmfp speaks, which
 * was learnt from Flash. Fragments of media are {@link Fragment}s.
 */
sealed interface GroupMessage {
    int HELLO = 0x01;
    int READY = 0x02;
    int REPORT = 0x0a;
    int MEMBER = 0x0b;
    int ASK_CLOSE = 0x0c;
    int BEGIN = 0x0e;
    int BEGIN_NEAREST = 0x0f;
    int STREAM = 0x21;
    int MAP = 0x22;
    int PUSH = 0x23;
    int PULL = 0x2b;

    /** A message other than media; longer ones are refused. */
    int MAX_LENGTH = 64 * 1024;

    void encode(ByteWriter out);

    default Buffer encode() {
        ByteWriter out = new ByteWriter();
        encode(out);
        return out.buffer();
    }

    /** A message of a report flow; a fragment is refused here as it is by librtmfp. */
    static GroupMessage decode(Buffer message) {
        if (message.length() > MAX_LENGTH) {
            throw new ProtocolException("a group message of " + message.length() + " bytes");
        }
        ByteReader in = new ByteReader(message);
        int type = in.u8();
        switch (type) {
            case HELLO:
                return Hello.decode(in);
            case READY:
                return new Ready();
            case BEGIN:
            case BEGIN_NEAREST:
                return new Begin();
            case REPORT:
                return Report.decode(in);
            case MEMBER:
                return new Member(in.bytes(Epd.FINGERPRINT_LENGTH));
            case ASK_CLOSE:
                return new AskClose();
            case STREAM:
                return Described.isEnd(in) ? new Ended(Vlu.read(in)) : Described.decode(in);
            case MAP:
                return Holdings.decode(in);
            case PUSH:
                return new Push(in.u8());
            case PULL:
                return new Pull(Vlu.read(in));
            default:
                throw new ProtocolException("a message of the unknown type " + type + " in a group");
        }
    }

    private static Option expect(ByteReader in, int type, String what) {
        Option option = Option.decode(in);
        if (option.type() != type) {
            throw new ProtocolException("no " + what + " in a group message");
        }
        return option;
    }

    /** The first word between members: which group, the proof of knowing it, and who is meant. */
    record Hello(String groupId, Buffer proof, Buffer to) implements GroupMessage {
        private static final int GROUP = 0x00;
        private static final int PROOF = 0x01;
        private static final int PEER = 0x03;

        static Hello decode(ByteReader in) {
            String group = expect(in, GROUP, "group").value().toString(StandardCharsets.ISO_8859_1);
            Buffer proof = expect(in, PROOF, "proof").value();
            Buffer to = expect(in, PEER, "peer").value();
            return new Hello(group, proof, fingerprint(to));
        }

        private static Buffer fingerprint(Buffer epd) {
            return Epd.decode(epd).fingerprint().orElseThrow(() -> new ProtocolException("a peer without an id"));
        }

        @Override
        public void encode(ByteWriter out) {
            out.u8(HELLO);
            Option.of(GROUP, Buffer.buffer(groupId)).encode(out);
            Option.of(PROOF, proof).encode(out);
            Option.of(PEER, Epd.ofFingerprint(to).encode()).encode(out);
        }
    }

    /** Follows {@link Hello}; what it means is not known. */
    record Ready() implements GroupMessage {
        @Override
        public void encode(ByteWriter out) {
            out.u8(READY);
        }
    }

    /** Both may now report. */
    record Begin() implements GroupMessage {
        @Override
        public void encode(ByteWriter out) {
            out.u8(BEGIN);
        }
    }

    /** From the server: connect to this member. */
    record Member(Buffer peerId) implements GroupMessage {
        @Override
        public void encode(ByteWriter out) {
            out.u8(MEMBER).bytes(peerId);
        }
    }

    /** May we part? Who agrees ends the flow. */
    record AskClose() implements GroupMessage {
        @Override
        public void encode(ByteWriter out) {
            out.u8(ASK_CLOSE);
        }
    }

    /** Whom the sender knows, for the one who reads it: its address as seen, the sender's own, and others. */
    record Report(Address seen, List<Address> own, List<Known> others) implements GroupMessage {
        static final int MAX_OTHERS = 64;
        static final int MAX_ADDRESSES = 8;
        private static final int ADDRESSES = 0x0a;
        private static final int SEEN = 0x0d;

        /** Another member, and how many seconds ago it was heard of. */
        record Known(Buffer peerId, long age, List<Address> addresses) {}

        public Report {
            own = List.copyOf(own);
            others = List.copyOf(others);
        }

        static Report decode(ByteReader in) {
            Option first = Option.decode(in);
            while (first.type() != SEEN && in.hasRemaining()) {
                first = Option.decode(in);
            }
            if (first.type() != SEEN) {
                throw new ProtocolException("no address in a group report");
            }
            Address seen = Address.decode(new ByteReader(first.value()));
            List<Address> own = addresses(in);
            List<Known> others = new ArrayList<>();
            while (in.remaining() > 1 && others.size() < MAX_OTHERS) {
                in.skip(1); // the marker
                Buffer epd = in.bytes(length(in));
                long age = Vlu.read(in);
                List<Address> addresses = addresses(in);
                if (epd.length() > 0) {
                    others.add(new Known(Hello.fingerprint(epd), age, addresses));
                }
            }
            return new Report(seen, own, others);
        }

        private static List<Address> addresses(ByteReader report) {
            ByteReader in = new ByteReader(report.bytes(length(report)));
            List<Address> addresses = new ArrayList<>();
            if (in.hasRemaining() && in.u8() == ADDRESSES) {
                while (in.hasRemaining() && addresses.size() < MAX_ADDRESSES) {
                    addresses.add(Address.decode(in));
                }
            }
            return addresses;
        }

        /** Older librtmfp wrote a length above 129 as one plain byte. */
        private static int length(ByteReader in) {
            return in.hasRemaining() && in.peek() > 0x81 ? in.u8() : Vlu.readLength(in);
        }

        @Override
        public void encode(ByteWriter out) {
            ByteWriter address = new ByteWriter();
            seen.encode(address);
            out.u8(REPORT);
            Option.of(SEEN, address.buffer()).encode(out);
            encode(own, out);
            out.u8(0);
            for (Known other : others) {
                Buffer epd = Epd.ofFingerprint(other.peerId).encode();
                Vlu.write(out, epd.length());
                out.bytes(epd);
                Vlu.write(out, other.age);
                encode(other.addresses, out);
                out.u8(0);
            }
        }

        private static void encode(List<Address> addresses, ByteWriter out) {
            ByteWriter list = new ByteWriter();
            addresses.forEach(a -> a.encode(list));
            Option.of(ADDRESSES, list.buffer()).encode(out);
        }
    }

    /** A stream that the sender has or wants; said back, it is a subscription. */
    record Described(StreamDescription stream) implements GroupMessage {
        /** Shorter ones are the end of a stream. */
        private static final int MIN_LENGTH = 35;

        static boolean isEnd(ByteReader in) {
            return in.remaining() < MIN_LENGTH;
        }

        static Described decode(ByteReader in) {
            return new Described(StreamDescription.decode(in));
        }

        @Override
        public void encode(ByteWriter out) {
            out.u8(STREAM);
            stream.encode(out);
        }
    }

    /** The stream has ended: there is no fragment of this number and none after it. */
    record Ended(long id) implements GroupMessage {
        @Override
        public void encode(ByteWriter out) {
            out.u8(STREAM);
            Vlu.write(out, id);
        }
    }

    /** Which fragments the sender has: {@code last}, and by bits those before it, the nearest in the lowest bit of the first byte. */
    record Holdings(long last, Buffer bits) implements GroupMessage {
        /** Bytes: a window of 65,536 fragments, some 60 MB of media. */
        static final int MAX_BITS = 8_192;

        static Holdings decode(ByteReader in) {
            long last = Vlu.read(in);
            return new Holdings(last, in.bytes(Math.min(in.remaining(), MAX_BITS)));
        }

        boolean has(long id) {
            if (id >= last || id < 1) {
                return id == last && id > 0;
            }
            long bit = last - 1 - id;
            return bit / 8 < bits.length() && (bits.getByte((int) (bit / 8)) >> bit % 8 & 1) != 0;
        }

        @Override
        public void encode(ByteWriter out) {
            out.u8(MAP);
            Vlu.write(out, last);
            out.bytes(bits);
        }
    }

    /** From now on push me every fragment whose number modulo 8 is a bit of this. */
    record Push(int mask) implements GroupMessage {
        @Override
        public void encode(ByteWriter out) {
            out.u8(PUSH).u8(mask);
        }
    }

    /** Send me this one. */
    record Pull(long id) implements GroupMessage {
        @Override
        public void encode(ByteWriter out) {
            out.u8(PULL);
            Vlu.write(out, id);
        }
    }

    /** The first message of a member to the server: the group it joins; a specification is hashed. */
    static Optional<Buffer> joined(Buffer message) {
        ByteReader in = new ByteReader(message);
        if (in.u8() != HELLO) {
            return Optional.empty();
        }
        ByteReader inner = new ByteReader(in.bytes(Vlu.readLength(in)));
        int form = inner.u8();
        Buffer id = inner.bytes(inner.remaining());
        if (form == GROUP_SPEC) {
            return Optional.of(Crypto.sha256(id));
        }
        return id.length() == Epd.FINGERPRINT_LENGTH ? Optional.of(id) : Optional.empty();
    }

    /** The form of a group in {@link #joined} that is not hashed yet. */
    int GROUP_SPEC = 0x10;

    int GROUP_ID = 0x15;

    /** What {@link #joined} reads. */
    static Buffer join(Buffer groupId) {
        ByteWriter out = new ByteWriter().u8(HELLO);
        Option.of(GROUP_ID, groupId).encode(out);
        return out.buffer();
    }
}
