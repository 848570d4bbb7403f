package io.fluctus.rtmp;

import io.fluctus.audience.Encoding;
import io.fluctus.media.MediaPacket;
import io.vertx.core.buffer.Buffer;

/** Packets as RTMP messages: the same bytes for every viewer with this chunk size and message stream id. */
record RtmpEncoding(int chunkSize, int streamId) implements Encoding {
    @Override
    public void encode(MediaPacket packet, Buffer out) {
        ChunkWriter.media(chunkSize, streamId, packet, out);
    }
}
