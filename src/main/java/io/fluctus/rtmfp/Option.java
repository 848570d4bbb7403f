package io.fluctus.rtmfp;

import io.fluctus.wire.ByteReader;
import io.fluctus.wire.ByteWriter;
import io.fluctus.wire.ProtocolException;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** One option (RFC 7016 2.1.3): the length of what follows, a type and a value; a length of 0 is a marker without a type. */
record Option(long type, Buffer value) {
    static final Option MARKER = new Option(-1, Buffer.buffer());

    static final int MAX_OPTIONS = 64;

    static Option of(int type, Buffer value) {
        return new Option(type, value);
    }

    static Option of(int type, int... bytes) {
        Buffer value = Buffer.buffer(bytes.length);
        for (int b : bytes) {
            value.appendByte((byte) b);
        }
        return new Option(type, value);
    }

    boolean isMarker() {
        return type < 0;
    }

    static Option decode(ByteReader in) {
        int length = Vlu.readLength(in);
        if (length == 0) {
            return MARKER;
        }
        Buffer bytes = in.bytes(length);
        ByteReader inner = new ByteReader(bytes);
        long type = Vlu.read(inner);
        return new Option(type, inner.bytes(inner.remaining()));
    }

    /** Reads to the end of {@code in}; markers stay in the list. */
    static List<Option> decodeAll(ByteReader in) {
        List<Option> options = new ArrayList<>();
        while (in.hasRemaining()) {
            options.add(decode(in));
            checkCount(options);
        }
        return List.copyOf(options);
    }

    /** Reads up to the marker and swallows it. */
    static List<Option> decodeList(ByteReader in) {
        List<Option> options = new ArrayList<>();
        for (Option next = decode(in); !next.isMarker(); next = decode(in)) {
            options.add(next);
            checkCount(options);
        }
        return List.copyOf(options);
    }

    void encode(ByteWriter out) {
        if (isMarker()) {
            out.u8(0);
            return;
        }
        Vlu.write(out, Vlu.length(type) + value.length());
        Vlu.write(out, type);
        out.bytes(value);
    }

    static Buffer encode(List<Option> options) {
        ByteWriter out = new ByteWriter();
        options.forEach(o -> o.encode(out));
        return out.buffer();
    }

    /** The value of the first option of this type before any marker. */
    static Optional<Buffer> find(List<Option> options, int type) {
        for (Option option : options) {
            if (option.isMarker()) {
                break;
            }
            if (option.type == type) {
                return Optional.of(option.value);
            }
        }
        return Optional.empty();
    }

    /** What follows the group in the first option of this type and group. */
    static Optional<Buffer> findGrouped(List<Option> options, int type, int group) {
        for (Option option : options) {
            if (option.type == type) {
                ByteReader in = new ByteReader(option.value);
                if (Vlu.read(in) == group) {
                    return Optional.of(in.bytes(in.remaining()));
                }
            }
        }
        return Optional.empty();
    }

    private static void checkCount(List<Option> options) {
        if (options.size() > MAX_OPTIONS) {
            throw new ProtocolException("more than " + MAX_OPTIONS + " options in a list");
        }
    }
}
