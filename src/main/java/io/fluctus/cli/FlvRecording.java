package io.fluctus.cli;

import io.fluctus.container.FlvWriter;
import io.fluctus.media.MediaPacket;
import io.fluctus.media.MediaPacket.Kind;
import io.fluctus.wire.ProtocolException;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.file.AsyncFile;
import io.vertx.core.file.OpenOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Consumer;

/** Packets to an FLV file, written by Vert.x's workers; when too much waits for the disk, it says so. */
final class FlvRecording {
    /** Bytes that wait for the disk at which nobody should bring more. */
    private static final int MAX_WAITING = 4 * 1024 * 1024;

    private final Path path;
    private final AsyncFile file;
    private Consumer<Boolean> onFull = full -> {};
    private boolean audio;
    private boolean video;
    private boolean failed;
    private boolean complete;

    private FlvRecording(Path path, AsyncFile file) {
        this.path = path;
        this.file = file;
        file.setWriteQueueMaxSize(MAX_WAITING);
        file.exceptionHandler(e -> failed = true);
        file.drainHandler(drained -> onFull.accept(false));
        file.write(FlvWriter.header(true, true));
    }

    /** Begins a new file in the place of an old one; the failure says in a sentence why it cannot be written. */
    static Future<FlvRecording> open(Vertx vertx, Path path) {
        OpenOptions options = new OpenOptions().setRead(false).setTruncateExisting(true);
        return vertx.fileSystem()
                .open(path.toString(), options)
                .map(file -> new FlvRecording(path, file))
                .recover(e -> Future.failedFuture(sentence(path, e)));
    }

    private static IOException sentence(Path path, Throwable e) {
        Throwable cause = e.getCause() == null ? e : e.getCause();
        return new IOException(path + ": "
                + (cause instanceof IOException io ? ConfigFile.why(io) : String.valueOf(cause.getMessage())));
    }

    /** Told {@code true} when too much waits, {@code false} when it has been written. */
    void onFull(Consumer<Boolean> listener) {
        onFull = listener;
    }

    void write(MediaPacket packet) {
        Buffer tag = Buffer.buffer();
        try {
            FlvWriter.tag(packet, tag);
        } catch (ProtocolException tooLong) {
            failed = true;
            return;
        }
        audio |= packet.kind() == Kind.AUDIO;
        video |= packet.kind() == Kind.VIDEO;
        file.write(tag).onFailure(e -> failed = true);
        if (file.writeQueueFull()) {
            onFull.accept(true);
        }
    }

    /** Writes what waits and what the file's header promises now that it is known. */
    Future<Void> close() {
        return file.write(FlvWriter.header(audio, video), 0)
                .compose(written -> file.close())
                .onSuccess(closed -> complete = !failed)
                .recover(e -> Future.failedFuture(sentence(path, e)));
    }

    /** Whether everything is in the file. */
    boolean complete() {
        return complete;
    }
}
