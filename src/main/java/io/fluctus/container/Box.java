package io.fluctus.container;

import io.fluctus.wire.ByteWriter;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/** Boxes of ISO base media files (ISO/IEC 14496-12 4.2): size, type, and what stands in them. */
final class Box {
    /** Size and type. */
    static final int HEADER = 8;

    private Box() {}

    /** A box with what {@code content} writes. */
    static Buffer of(String type, Consumer<ByteWriter> content) {
        ByteWriter out = new ByteWriter();
        out.u32(0).bytes(type.getBytes(StandardCharsets.US_ASCII));
        content.accept(out);
        out.buffer().setInt(0, out.length());
        return out.buffer();
    }

    /** A box of boxes. */
    static Buffer of(String type, Buffer... children) {
        return of(type, out -> {
            for (Buffer child : children) {
                out.bytes(child);
            }
        });
    }

    /** A FullBox: version and flags before the content. */
    static Buffer full(String type, int version, int flags, Consumer<ByteWriter> content) {
        return of(type, out -> {
            out.u8(version).u24(flags);
            content.accept(out);
        });
    }

    /** A type as the number it is on the wire. */
    static int type(String letters) {
        return Buffer.buffer(letters).getInt(0);
    }
}
