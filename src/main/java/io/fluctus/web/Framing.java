package io.fluctus.web;

import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;

/** How a piece of a live stream is framed for what carries it. */
enum Framing {
    /** Each piece one chunk of an HTTP/1.1 chunked body (RFC 9112 7.1). */
    CHUNKED {
        @Override
        void frame(Buffer piece, Buffer out) {
            out.appendBytes((Integer.toHexString(piece.length()) + "\r\n").getBytes(StandardCharsets.US_ASCII));
            out.appendBuffer(piece);
            out.appendBytes(LINE_END);
        }
    },

    /** Each piece one binary message of a WebSocket (RFC 6455 5.2): final, unmasked. */
    WEBSOCKET {
        @Override
        void frame(Buffer piece, Buffer out) {
            out.appendByte((byte) 0x82);
            if (piece.length() < 126) {
                out.appendByte((byte) piece.length());
            } else if (piece.length() < 1 << 16) {
                out.appendByte((byte) 126).appendShort((short) piece.length());
            } else {
                out.appendByte((byte) 127).appendLong(piece.length());
            }
            out.appendBuffer(piece);
        }
    };

    private static final byte[] LINE_END = {'\r', '\n'};

    /** Appends {@code piece} in this framing. */
    abstract void frame(Buffer piece, Buffer out);
}
