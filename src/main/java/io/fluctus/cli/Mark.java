package io.fluctus.cli;

import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;

/**
 * A mark within a frame, so that a viewer on the same machine knows how long it was under way and which frames are missing: the
 * letters RPLT, 16 hexadecimal digits of the steady clock in nanoseconds, 8 of the frame's number.
 */
record Mark(long sentNanos, long number) {
    /** Bytes of a mark. */
    static final int BYTES = 28;

    /** A mark begins within so many bytes of its frame. */
    private static final int REACH = 128;

    private static final int MAGIC = 0x52504C54; // RPLT
    private static final int HEX = 16;
    private static final int CLOCK = 4;
    private static final int NUMBER = 20;

    static Optional<Mark> in(Buffer payload) {
        int last = Math.min(payload.length() - BYTES, REACH);
        for (int at = 0; at <= last; at++) {
            if (payload.getInt(at) == MAGIC) {
                return Optional.of(
                        new Mark(hex(payload, at + CLOCK, at + NUMBER), hex(payload, at + NUMBER, at + BYTES)));
            }
        }
        return Optional.empty();
    }

    byte[] bytes() {
        return String.format(Locale.ROOT, "RPLT%016x%08x", sentNanos, number).getBytes(StandardCharsets.US_ASCII);
    }

    /** A byte that is no digit counts as zero: such a mark has a time that never was, and is not counted. */
    private static long hex(Buffer payload, int from, int to) {
        long value = 0;
        for (int at = from; at < to; at++) {
            value = value << 4 | Math.max(0, Character.digit(payload.getByte(at), HEX));
        }
        return value;
    }
}
