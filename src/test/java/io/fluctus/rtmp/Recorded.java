package io.fluctus.rtmp;

import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/**
 * One direction of a recorded connection, from the first byte of its handshake to its close, and how many messages of each type it
 * holds.
 */
record Recorded(String name, String counts) {
    static final List<Recorded> ALL = List.of(
            new Recorded("ffmpeg-play-c2s", "{4=1, 5=1, 20=5}"),
            new Recorded("ffmpeg-play-s2c", "{1=1, 4=2, 5=1, 6=1, 8=354, 9=42, 18=2, 20=3}"),
            new Recorded("ffmpeg-play-exttime-chunk128-s2c", "{1=1, 4=2, 5=1, 6=1, 8=363, 9=42, 18=2, 20=3}"),
            new Recorded("ffmpeg-publish-c2s", "{1=1, 8=88, 9=12, 18=1, 20=7}"),
            new Recorded("ffmpeg-publish-s2c", "{1=1, 5=1, 6=1, 20=4}"),
            new Recorded("ffmpeg-publish-exttime-c2s", "{1=1, 8=113, 9=15, 18=1, 20=7}"),
            new Recorded("ffmpeg-publish-exttime2-c2s", "{1=1, 8=88, 9=12, 18=1, 20=7}"),
            new Recorded("gst-rtmp2sink-publish-c2s", "{1=1, 5=1, 8=87, 9=12, 18=3, 20=7}"),
            new Recorded("gst-rtmp2sink-publish-s2c", "{1=1, 5=1, 6=1, 20=4}"),
            new Recorded("gst-rtmp2src-play-c2s", "{4=2, 5=2, 20=3}"),
            new Recorded("gst-rtmp2src-play-s2c", "{1=1, 4=1, 5=1, 6=1, 8=79, 9=7, 18=2, 20=3}"),
            new Recorded("gst-rtmpsink-publish-c2s", "{8=87, 9=12, 18=3, 20=7}"),
            new Recorded("gst-rtmpsink-publish-s2c", "{1=1, 5=1, 6=1, 20=4}"),
            new Recorded("librtmp-publish-c2s", "{8=88, 9=11, 18=1, 20=7}"),
            new Recorded("librtmp-publish-s2c", "{1=1, 5=1, 6=1, 20=4}"),
            new Recorded("librtmp-publish-exttime-c2s", "{8=88, 9=11, 18=1, 20=7}"),
            new Recorded("rtmpdump-play-c2s", "{4=2, 5=1, 20=5}"),
            new Recorded("rtmpdump-play-exttime-chunk128-s2c", "{1=1, 4=2, 5=1, 6=1, 8=44, 9=3, 18=2, 20=4}"));

    private static final int HANDSHAKE_BYTES = 1 + 2 * 1536;

    Buffer bytes() {
        try (InputStream in = Recorded.class.getResourceAsStream("/captures/rtmp-" + name + ".bin")) {
            return Buffer.buffer(in.readAllBytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Buffer handshake() {
        return bytes().getBuffer(0, HANDSHAKE_BYTES);
    }

    Buffer chunks() {
        Buffer all = bytes();
        return all.getBuffer(HANDSHAKE_BYTES, all.length());
    }

    /** What a reader with the limits of media makes of them. */
    List<RawMessage> messages() {
        List<RawMessage> messages = new ArrayList<>();
        new ChunkReader(ChunkReader.Limits.MEDIA).receive(chunks(), 0, 0, messages::add);
        return messages;
    }

    static String counts(List<RawMessage> messages) {
        TreeMap<Integer, Integer> counts = new TreeMap<>();
        messages.forEach(m -> counts.merge(m.type(), 1, Integer::sum));
        return counts.toString();
    }

    @Override
    public String toString() {
        return name;
    }
}
