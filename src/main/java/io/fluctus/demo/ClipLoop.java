package io.fluctus.demo;

import io.fluctus.container.FlvReader;
import io.fluctus.media.MediaPacket;
import io.fluctus.media.MediaPacket.Kind;
import io.fluctus.media.MediaTag;
import io.fluctus.wire.ProtocolException;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;

/** A clip without an end: its packets when they are due, round after round, on timestamps that go on. */
final class ClipLoop {
    /** One who was away for longer, such as a machine that slept, goes on from here and does not send what it missed. */
    static final long MAX_LATE_MILLIS = 1_000;

    private static final long UNSIGNED_INT = 0xFFFFFFFFL;

    private final List<MediaPacket> headers;
    private final List<MediaPacket> frames;
    private final long length;
    private long round;
    private int next;
    private long origin;
    private boolean started;

    private ClipLoop(List<MediaPacket> headers, List<MediaPacket> frames, long length) {
        this.headers = headers;
        this.frames = frames;
        this.length = length;
    }

    /**
     * Reads a whole FLV clip. Its first video frame is a key frame; a round is as long as the video, which has a steady rate, so
     * sound that is longer is cut.
     */
    static ClipLoop of(Buffer flv) {
        List<MediaPacket> headers = new ArrayList<>();
        List<MediaPacket> frames = new ArrayList<>();
        List<MediaPacket> video = new ArrayList<>();
        for (MediaPacket packet : new FlvReader().receive(flv)) {
            if (packet.kind() == Kind.DATA || MediaTag.header(packet.kind(), packet.payload())) {
                headers.add(packet);
            } else if (packet.payload().length() > 0 && !endOfSequence(packet)) {
                frames.add(packet);
                if (packet.kind() == Kind.VIDEO) {
                    video.add(packet);
                }
            }
        }
        if (video.size() < 2) {
            throw new ProtocolException("the clip has fewer than two pictures");
        }
        long first = video.get(0).timestamp();
        long last = video.get(video.size() - 1).timestamp();
        long length = Math.round((last - first) * video.size() / (video.size() - 1.0));
        List<MediaPacket> round = frames.stream()
                .filter(packet -> packet.timestamp() >= first && packet.timestamp() < first + length)
                .map(packet -> MediaPacket.of(packet.kind(), packet.timestamp() - first, packet.payload()))
                .toList();
        return new ClipLoop(List.copyOf(headers), round, length);
    }

    private static boolean endOfSequence(MediaPacket packet) {
        return MediaTag.decode(packet.kind(), packet.payload()).isEndOfSequence();
    }

    /** Milliseconds of one round. */
    long length() {
        return length;
    }

    /** What is due by {@code now}, monotonic milliseconds; the first call starts the clip, with what a decoder needs. */
    List<MediaPacket> due(long now) {
        List<MediaPacket> due = new ArrayList<>();
        if (!started) {
            started = true;
            origin = now;
            due.addAll(headers);
        }
        origin += Math.max(0, now - origin - position() - MAX_LATE_MILLIS);
        while (position() <= now - origin) {
            MediaPacket frame = frames.get(next);
            due.add(MediaPacket.of(frame.kind(), position() & UNSIGNED_INT, frame.payload()));
            next = (next + 1) % frames.size();
            round += next == 0 ? 1 : 0;
        }
        return due;
    }

    /** Of the next frame, in milliseconds since the start. */
    private long position() {
        return round * length + frames.get(next).timestamp();
    }
}
