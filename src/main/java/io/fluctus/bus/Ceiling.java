package io.fluctus.bus;

import java.util.concurrent.TimeUnit;

/** The bitrate that a publisher may not exceed over ten seconds; key frames and bursts within them are nobody's concern. */
final class Ceiling {
    private static final long WINDOW_NANOS = TimeUnit.SECONDS.toNanos(10);
    private static final long WINDOW_SECONDS = 10;
    private static final long BYTES_PER_KBIT = 125;

    private final long bytesOfWindow;
    private long since = Long.MIN_VALUE;
    private long bytes;

    Ceiling(int kbps) {
        bytesOfWindow = kbps * BYTES_PER_KBIT * WINDOW_SECONDS;
    }

    /** Adds what was sent; true when the window holds too much. {@code now} is monotonic nanoseconds. */
    boolean broken(int more, long now) {
        if (since == Long.MIN_VALUE || now - since >= WINDOW_NANOS) {
            since = now;
            bytes = 0;
        }
        bytes += more;
        return bytes > bytesOfWindow;
    }
}
