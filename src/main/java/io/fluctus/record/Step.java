package io.fluctus.record;

import io.vertx.core.buffer.Buffer;

/** What is to be done on the disk for a recording, one step after the other. */
sealed interface Step {
    /** The next file begins. */
    record Open() implements Step {}

    /** Bytes for its end: whole units, so that a file which ends after any of them can be played. */
    record Append(Buffer bytes) implements Step {}

    /** Other bytes for what was written before. */
    record Patch(long position, Buffer bytes) implements Step {}

    /** The file is complete; it lasts so many milliseconds. */
    record Close(long millis) implements Step {}
}
