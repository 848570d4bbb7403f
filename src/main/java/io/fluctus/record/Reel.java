package io.fluctus.record;

import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.function.IntFunction;

/** The disk's side of one recording: does its steps, on a thread that may wait. */
final class Reel {
    /** Files of one name and second that are told apart by a number. */
    private static final int MAX_ATTEMPTS = 100;

    private final IntFunction<Path> names;
    private FileChannel channel;
    private Path file;

    /** {@code names} gives the next file's name for attempt 1, 2, ... */
    Reel(IntFunction<Path> names) {
        this.names = names;
    }

    /** The file that is written, or was last. */
    Path file() {
        return file;
    }

    /** Does the steps in their order; appended bytes in a row leave in one write. */
    void run(List<Step> steps) throws IOException {
        Buffer gathered = Buffer.buffer();
        for (Step step : steps) {
            if (step instanceof Step.Append append) {
                gathered.appendBuffer(append.bytes());
                continue;
            }
            gathered = append(gathered);
            if (step instanceof Step.Open) {
                open();
            } else if (step instanceof Step.Patch patch) {
                write(patch.bytes(), patch.position());
            } else {
                close();
            }
        }
        append(gathered);
    }

    private Buffer append(Buffer bytes) throws IOException {
        if (bytes.length() > 0) {
            write(bytes, channel.size());
        }
        return Buffer.buffer();
    }

    private void open() throws IOException {
        close();
        for (int attempt = 1; ; attempt++) {
            file = names.apply(attempt);
            Files.createDirectories(file.getParent());
            try {
                channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
                return;
            } catch (FileAlreadyExistsException e) {
                if (attempt == MAX_ATTEMPTS) {
                    throw e;
                }
            }
        }
    }

    private void write(Buffer bytes, long position) throws IOException {
        ByteBuffer left = ByteBuffer.wrap(bytes.getBytes());
        for (long at = position; left.hasRemaining(); ) {
            at += channel.write(left, at);
        }
    }

    /** Whatever happened. */
    void close() {
        if (channel != null) {
            try {
                channel.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } finally {
                channel = null;
            }
        }
    }
}
