package io.fluctus.web;

import io.fluctus.audience.Encoding;
import io.fluctus.container.FlvWriter;
import io.fluctus.media.MediaPacket;
import io.vertx.core.buffer.Buffer;

/** Packets as FLV tags. */
record FlvEncoding(Framing framing) implements Encoding {
    @Override
    public void encode(MediaPacket packet, Buffer out) {
        Buffer tag = Buffer.buffer();
        FlvWriter.tag(packet, tag);
        framing.frame(tag, out);
    }

    /** What comes before the first tag. */
    Buffer header() {
        Buffer out = Buffer.buffer();
        framing.frame(FlvWriter.header(true, true), out);
        return out;
    }
}
