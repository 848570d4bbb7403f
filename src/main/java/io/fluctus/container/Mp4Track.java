package io.fluctus.container;

import io.vertx.core.buffer.Buffer;

/**
 * A track of an MP4 file. Equal tracks can go on in one file; another one needs a new initialization.
 *
 * @param id from 1, unlike every other track's of its file
 * @param codecs as RFC 6381 writes it: {@code avc1.640028}, {@code mp4a.40.2}
 * @param timescale units of time a second; the sample rate of audio
 * @param width pixels; 0 for audio
 * @param entry its sample entry, a box
 */
public record Mp4Track(int id, boolean video, String codecs, int timescale, int width, int height, Buffer entry) {
    /** Of video: what RTP and MPEG-TS count in, and a multiple of milliseconds. */
    public static final int VIDEO_TIMESCALE = 90_000;

    /** Units of time as seconds. */
    public double seconds(long units) {
        return (double) units / timescale;
    }

    /** Milliseconds as units of time. */
    public long units(long millis) {
        return Math.floorDiv(millis * timescale, 1_000L);
    }
}
