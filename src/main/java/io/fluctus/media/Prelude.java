package io.fluctus.media;

import io.fluctus.media.MediaPacket.Kind;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a late joiner gets before the live packets: metadata, codec headers and everything since the last key frame, bounded in
 * bytes. Where the packets since the key frame outgrow the bound they are forgotten and joiners wait for the next key frame.
 */
public final class Prelude {
    /** Headers kept: metadata handlers, and one codec header for each track. */
    public static final int MAX_HEADERS = 32;

    /** Bytes of one header; a larger one is passed on but not kept. */
    public static final int MAX_HEADER_BYTES = 64 * 1024;

    /** Bytes that tell the tracks of a multitrack header apart: header byte, multitrack byte, FourCC, track id. */
    private static final int TRACK_KEY_BYTES = 7;

    private static final String METADATA = "onMetaData";

    /** Time since the key frame, as when video stops and audio goes on: a joiner would begin so far behind. */
    public static final long MAX_MILLIS = 60_000;

    private final int maxBytes;
    private final Map<String, MediaPacket> headers = new LinkedHashMap<>();
    private List<MediaPacket> headersAtKeyFrame = List.of();
    private final List<MediaPacket> sinceKeyFrame = new ArrayList<>();
    private long bytes;
    private long timestamp;
    private long sequence;

    /**
     * The prelude at one moment.
     *
     * @param live whether somebody publishes the stream, or is expected back
     * @param sequence packets up to this number are in here or were before it
     */
    public record Snapshot(boolean live, long sequence, List<MediaPacket> packets) {
        public Snapshot {
            packets = List.copyOf(packets);
        }
    }

    /** {@code maxBytes} bounds the payload kept since the key frame. */
    public Prelude(int maxBytes) {
        this.maxBytes = maxBytes;
    }

    /** Takes note of the next packet of the stream. */
    public void add(MediaPacket packet) {
        sequence = Math.max(sequence, packet.sequence());
        if (packet.kind() == Kind.PUBLISHED || packet.kind() == Kind.UNPUBLISHED) {
            return;
        }
        timestamp = packet.timestamp();
        boolean header = MediaTag.header(packet.kind(), packet.payload());
        if (header || packet.kind() == Kind.DATA) {
            keepHeader(packet, header);
        } else if (packet.kind() == Kind.VIDEO) {
            if (MediaTag.keyFrame(packet.payload())) {
                forgetFrames();
                headersAtKeyFrame = List.copyOf(headers.values());
                sinceKeyFrame.add(packet);
                bytes = packet.payload().length();
                return;
            }
        }
        keepFrame(packet);
    }

    /** The publisher was replaced or returned: its packets since the key frame do not lead to the next ones. */
    public void restart() {
        forgetFrames();
    }

    /** The stream is over: nothing of it is for the next one. */
    public void clear() {
        forgetFrames();
        headers.clear();
    }

    /** Whether a joiner gets a key frame now, or has to wait for the next one. */
    public boolean hasKeyFrame() {
        return !sinceKeyFrame.isEmpty();
    }

    public Snapshot snapshot(boolean live) {
        boolean frames = !sinceKeyFrame.isEmpty();
        long start = frames ? sinceKeyFrame.get(0).timestamp() : timestamp;
        List<MediaPacket> packets = new ArrayList<>();
        for (MediaPacket header : frames ? headersAtKeyFrame : headers.values()) {
            // FFmpeg makes a track of subtitles from metadata of any other time than 0.
            long time = header.kind() == Kind.DATA ? 0 : start;
            packets.add(new MediaPacket(header.kind(), time, header.payload(), header.fence(), header.sequence()));
        }
        packets.addAll(sinceKeyFrame);
        return new Snapshot(live, sequence, packets);
    }

    private void keepFrame(MediaPacket packet) {
        if (sinceKeyFrame.isEmpty()) {
            return;
        }
        bytes += packet.payload().length();
        if (bytes > maxBytes || packet.timestamp() - sinceKeyFrame.get(0).timestamp() > MAX_MILLIS) {
            forgetFrames();
        } else {
            sinceKeyFrame.add(packet);
        }
    }

    private void forgetFrames() {
        sinceKeyFrame.clear();
        bytes = 0;
    }

    private void keepHeader(MediaPacket packet, boolean codec) {
        if (!codec && !handler(packet.payload()).equals(METADATA)) {
            return;
        }
        String key = codec ? keyOf(packet) : METADATA;
        headers.remove(key);
        if (packet.payload().length() > MAX_HEADER_BYTES || headers.size() >= MAX_HEADERS) {
            return;
        }
        if (codec) {
            headers.put(key, packet);
        } else { // in front: players decide by the metadata which tracks to expect
            Map<String, MediaPacket> others = new LinkedHashMap<>(headers);
            headers.clear();
            headers.put(key, packet);
            headers.putAll(others);
        }
    }

    /** The name a data message begins with: AMF0 string marker, length, UTF-8. */
    private static String handler(Buffer payload) {
        if (payload.length() < 3 || payload.getByte(0) != 0x02) {
            return "";
        }
        int length = payload.getUnsignedShort(1);
        return length > 256 || payload.length() < 3 + length ? "" : payload.getString(3, 3 + length);
    }

    /** What a later header replaces: that of the same kind and, in a multitrack stream, of the same track. */
    private static String keyOf(MediaPacket header) {
        Buffer payload = header.payload();
        String kind = header.kind() + (MediaTag.sequenceHeader(header.kind(), payload) ? "" : " metadata");
        return MediaTag.multitrack(header.kind(), payload)
                ? kind
                        + payload.slice(0, Math.min(TRACK_KEY_BYTES, payload.length()))
                                .toString("ISO-8859-1")
                : kind;
    }
}
