package io.fluctus.web;

import io.fluctus.audience.Encoding;
import io.fluctus.container.FlvWriter;
import io.fluctus.media.MediaPacket;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;

/** Packets as FLV tags, framed for what carries them. */
enum FlvEncoding implements Encoding {
    /** Each tag one chunk of an HTTP/1.1 chunked body (RFC 9112 7.1). */
    CHUNKED {
        @Override
        void frame(Buffer tag, Buffer out) {
            out.appendBytes((Integer.toHexString(tag.length()) + "\r\n").getBytes(StandardCharsets.US_ASCII));
            out.appendBuffer(tag);
            out.appendBytes(LINE_END);
        }
    },

    /** Each tag one binary message of a WebSocket (RFC 6455 5.2): final, unmasked. */
    WEBSOCKET {
        @Override
        void frame(Buffer tag, Buffer out) {
            out.appendByte((byte) 0x82);
            if (tag.length() < 126) {
                out.appendByte((byte) tag.length());
            } else if (tag.length() < 1 << 16) {
                out.appendByte((byte) 126).appendShort((short) tag.length());
            } else {
                out.appendByte((byte) 127).appendLong(tag.length());
            }
            out.appendBuffer(tag);
        }
    };

    private static final byte[] LINE_END = {'\r', '\n'};

    /** Appends {@code tag}, whole FLV bytes of any kind, in this framing. */
    abstract void frame(Buffer tag, Buffer out);

    @Override
    public void encode(MediaPacket packet, Buffer out) {
        Buffer tag = Buffer.buffer();
        FlvWriter.tag(packet, tag);
        frame(tag, out);
    }
}
