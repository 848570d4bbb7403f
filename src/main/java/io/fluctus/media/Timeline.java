package io.fluctus.media;

import io.fluctus.media.MediaPacket.Kind;

/**
 * Puts what publishers send on the one continuous time line of a stream: milliseconds since the stream began. 32-bit wraps go on,
 * jumps of more than {@value #JUMP} ms are bridged by the time that really passed, and a track never goes back.
 */
public final class Timeline {
    /** A step, in milliseconds, that no stream makes by itself. */
    public static final long JUMP = 5_000;

    private long position;
    private long heardAt;
    private int lastTimestamp;
    private boolean anchored;
    private long lastAudio;
    private long lastVideo;

    /** The time of the newest media, in milliseconds since the stream began. */
    public long position() {
        return position;
    }

    /** A new publisher speaks from now on: whatever its clock says, the line goes on where it is, plus the time of silence. */
    public void restart() {
        anchored = false;
    }

    /**
     * The place of one packet.
     *
     * @param timestamp the publisher's, unsigned 32 bits
     * @param clock whether this packet moves the clock: codec headers and data carry odd timestamps, so they do not
     * @param now monotonic milliseconds
     */
    public long place(Kind kind, long timestamp, boolean clock, long now) {
        int step = (int) timestamp - lastTimestamp;
        boolean jumps = !anchored || Math.abs((long) step) > JUMP;
        long placed = jumps ? position + silence(now) : position + step;
        if (clock || !anchored) {
            position = placed;
            lastTimestamp = (int) timestamp;
            heardAt = now;
            anchored = true;
        } else if (jumps) {
            placed = position;
        }
        return forward(kind, Math.max(0, placed));
    }

    private long silence(long now) {
        return heardAt == 0 ? 0 : Math.max(0, now - heardAt);
    }

    private long forward(Kind kind, long placed) {
        if (kind == Kind.AUDIO) {
            lastAudio = Math.max(lastAudio, placed);
            return lastAudio;
        }
        if (kind == Kind.VIDEO) {
            lastVideo = Math.max(lastVideo, placed);
            return lastVideo;
        }
        return placed;
    }
}
