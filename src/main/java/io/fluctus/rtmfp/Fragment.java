package io.fluctus.rtmfp;

import io.fluctus.wire.ByteReader;
import io.fluctus.wire.ByteWriter;
import io.fluctus.wire.ProtocolException;
import io.vertx.core.buffer.Buffer;

/**
 * A piece of a message of a multicast stream, numbered by its publisher from 1.
 *
 * @param remaining pieces of the same message that follow
 * @param type the RTMP message type, in the first piece of a message; 0 in the others
 * @param time milliseconds of the stream, likewise
 */
record Fragment(Place place, long id, int remaining, int type, long time, Buffer data) {
    /** Where in its message a piece stands; the first byte on the wire. */
    enum Place {
        WHOLE(0x20),
        FIRST(0x30),
        MIDDLE(0x10),
        LAST(0x00);

        private final int code;

        Place(int code) {
            this.code = code;
        }

        boolean begins() {
            return this == WHOLE || this == FIRST;
        }

        private static Place of(int code) {
            for (Place place : values()) {
                if (place.code == code) {
                    return place;
                }
            }
            throw new ProtocolException("a message of the unknown type " + code + " in a group");
        }
    }

    /** What a piece carries, so that it fits into one packet with its headers: as librtmfp cuts. */
    static final int MAX_DATA = 959;

    /** The count of pieces is one byte. */
    static final int MAX_PIECES = 256;

    static final int MAX_MESSAGE = MAX_PIECES * MAX_DATA;

    /** What others may put into a piece. */
    private static final int MAX_RECEIVED = 4_096;

    static Fragment decode(int first, ByteReader in) {
        Place place = Place.of(first);
        long id = Vlu.read(in);
        if (id == 0) {
            throw new ProtocolException("fragment 0");
        }
        int remaining = place == Place.FIRST || place == Place.MIDDLE ? in.u8() : 0;
        int type = 0;
        long time = 0;
        if (place == Place.FIRST && !isMedia(in.peek()) && isMedia(remaining)) {
            type = remaining; // Flash sometimes leaves the count out
            remaining = 0;
            time = in.u32();
        } else if (place.begins()) {
            type = in.u8();
            time = in.u32();
        }
        if (in.remaining() > MAX_RECEIVED) {
            throw new ProtocolException("a fragment of " + in.remaining() + " bytes");
        }
        return new Fragment(place, id, remaining, type, time, in.bytes(in.remaining()));
    }

    private static boolean isMedia(int type) {
        return type == FlowMessage.AUDIO || type == FlowMessage.VIDEO;
    }

    Buffer encode() {
        ByteWriter out = new ByteWriter();
        out.u8(place.code);
        Vlu.write(out, id);
        if (place == Place.FIRST || place == Place.MIDDLE) {
            out.u8(remaining);
        }
        if (place.begins()) {
            out.u8(type).u32(time);
        }
        return out.bytes(data).buffer();
    }

    /** How bytes in memory are counted. */
    int cost() {
        return data.length() + Params.FRAGMENT_COST;
    }
}
