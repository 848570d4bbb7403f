package io.fluctus.media;

import io.vertx.core.buffer.Buffer;

/**
 * One message of a stream as it travels between rooms, without any protocol's accent; passed by reference and never changed.
 *
 * @param timestamp milliseconds: the publisher's own, unsigned 32 bits, until the relay puts it on the stream's time line
 * @param payload the FLV tag body as the publisher sent it; for DATA the AMF0 bytes from the handler's name on; empty for
 *     PUBLISHED and UNPUBLISHED
 * @param fence which publisher of the stream sent it: the relay drops what a replaced publisher still sends
 * @param sequence given by the relay, rising by one a packet; 0 before it got there
 */
public record MediaPacket(Kind kind, long timestamp, Buffer payload, long fence, long sequence) {
    /** What a packet is; PUBLISHED and UNPUBLISHED tell viewers, in order with the media, that a publisher came or went. */
    public enum Kind {
        AUDIO,
        VIDEO,
        DATA,
        PUBLISHED,
        UNPUBLISHED
    }

    /** As it leaves a protocol: neither owned by a publication nor numbered yet. */
    public static MediaPacket of(Kind kind, long timestamp, Buffer payload) {
        return new MediaPacket(kind, timestamp, payload, 0, 0);
    }

    public MediaPacket withFence(long fence) {
        return new MediaPacket(kind, timestamp, payload, fence, sequence);
    }

    public boolean isMedia() {
        return kind == Kind.AUDIO || kind == Kind.VIDEO;
    }
}
