package io.fluctus.container;

import io.fluctus.media.MediaPacket;
import io.vertx.core.buffer.Buffer;

/**
 * A frame as it stands in an MP4 file; times are in units of its track.
 *
 * @param time of decoding
 * @param duration until the next sample of the track
 * @param offset from decoding to presentation, may be negative
 * @param key whether decoding can begin here
 * @param source the packet it came in
 */
public record Sample(
        Mp4Track track, long time, int duration, int offset, boolean key, Buffer data, MediaPacket source) {
    /** The same with another duration. */
    public Sample lasting(int units) {
        return new Sample(track, time, units, offset, key, data, source);
    }

    /** The same on a time line that begins {@code units} later, and never before its beginning. */
    public Sample earlier(long units) {
        return new Sample(track, Math.max(0, time - units), duration, offset, key, data, source);
    }

    /** The same at the beginning of a time line of its own. */
    public Sample alone() {
        return new Sample(track, 0, duration, 0, key, data, source);
    }

    /** When it begins to be decoded, in seconds. */
    public double seconds() {
        return track.seconds(time);
    }

    /** When the next one begins, in units of its track. */
    public long end() {
        return time + duration;
    }
}
