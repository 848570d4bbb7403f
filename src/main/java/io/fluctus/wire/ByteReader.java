package io.fluctus.wire;

import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;

/**
 * A bounded cursor over bytes that have already arrived. Every read that would pass the end is a {@link ProtocolException}.
 * Numbers are big-endian unless the name says otherwise.
 */
public final class ByteReader {
    private final Buffer bytes;
    private final int end;
    private int position;

    public ByteReader(Buffer bytes) {
        this(bytes, 0, bytes.length());
    }

    /** Reads {@code bytes[start, end)}. */
    public ByteReader(Buffer bytes, int start, int end) {
        this.bytes = bytes;
        this.position = start;
        this.end = end;
    }

    public int remaining() {
        return end - position;
    }

    public boolean hasRemaining() {
        return position < end;
    }

    /** The index, in the underlying buffer, of the next byte. */
    public int position() {
        return position;
    }

    /** The next byte without moving on, as 0..255. */
    public int peek() {
        need(1);
        return bytes.getUnsignedByte(position);
    }

    public int u8() {
        return bytes.getUnsignedByte(advance(1));
    }

    public int u16() {
        return bytes.getUnsignedShort(advance(2));
    }

    public int i16() {
        return bytes.getShort(advance(2));
    }

    public int u24() {
        return bytes.getUnsignedMedium(advance(3));
    }

    public int i24() {
        return bytes.getMedium(advance(3));
    }

    public int i32() {
        return bytes.getInt(advance(4));
    }

    public long u32() {
        return bytes.getUnsignedInt(advance(4));
    }

    public long i64() {
        return bytes.getLong(advance(8));
    }

    public double f64() {
        return Double.longBitsToDouble(bytes.getLong(advance(8)));
    }

    /** The next {@code length} bytes as a view: no copy. */
    public Buffer bytes(int length) {
        int start = advance(length);
        return bytes.slice(start, start + length);
    }

    /** The next {@code length} bytes as UTF-8; what is not UTF-8 becomes U+FFFD. */
    public String utf8(int length) {
        int start = advance(length);
        return bytes.getString(start, start + length, StandardCharsets.UTF_8.name());
    }

    public void skip(int length) {
        advance(length);
    }

    private int advance(int length) {
        need(length);
        int start = position;
        position += length;
        return start;
    }

    private void need(int length) {
        if (length < 0 || length > end - position) {
            throw new ProtocolException("needs " + length + " bytes where " + (end - position) + " are left");
        }
    }
}
