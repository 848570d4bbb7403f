package io.fluctus.audience;

import io.fluctus.media.MediaPacket;
import io.vertx.core.buffer.Buffer;

/**
 * Turns packets into the bytes of one protocol. Viewers whose encodings are equal get the same bytes, so an encoding is a value
 * and what it writes for a packet depends on nothing that was written before.
 */
public interface Encoding {
    /** Appends one AUDIO, VIDEO or DATA packet. */
    void encode(MediaPacket packet, Buffer out);
}
