package io.fluctus.wire;

import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;

/** Values to bytes, big-endian; the counterpart of {@link ByteReader}. */
public final class ByteWriter {
    private final Buffer bytes;

    public ByteWriter() {
        this(Buffer.buffer());
    }

    /** Appends to {@code bytes}. */
    public ByteWriter(Buffer bytes) {
        this.bytes = bytes;
    }

    public int length() {
        return bytes.length();
    }

    /** The bytes written so far: the live buffer, not a copy. */
    public Buffer buffer() {
        return bytes;
    }

    public ByteWriter u8(int value) {
        bytes.appendByte((byte) value);
        return this;
    }

    public ByteWriter u16(int value) {
        bytes.appendShort((short) value);
        return this;
    }

    public ByteWriter u24(int value) {
        bytes.appendMedium(value);
        return this;
    }

    public ByteWriter u32(long value) {
        bytes.appendInt((int) value);
        return this;
    }

    public ByteWriter u32LittleEndian(long value) {
        bytes.appendIntLE((int) value);
        return this;
    }

    public ByteWriter i64(long value) {
        bytes.appendLong(value);
        return this;
    }

    public ByteWriter f64(double value) {
        bytes.appendLong(Double.doubleToRawLongBits(value));
        return this;
    }

    public ByteWriter bytes(Buffer value) {
        bytes.appendBuffer(value);
        return this;
    }

    public ByteWriter bytes(byte[] value) {
        bytes.appendBytes(value);
        return this;
    }

    public ByteWriter utf8(String value) {
        return bytes(value.getBytes(StandardCharsets.UTF_8));
    }
}
