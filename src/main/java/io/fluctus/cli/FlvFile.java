package io.fluctus.cli;

import io.fluctus.container.FlvReader;
import io.fluctus.media.MediaPacket;
import io.fluctus.media.MediaTag;
import io.fluctus.media.Timeline;
import io.fluctus.wire.ProtocolException;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.file.AsyncFile;
import io.vertx.core.file.OpenOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.function.Consumer;

/**
 * The packets of an FLV file, read in pieces by Vert.x's workers, a little ahead of those who take them; in a loop its time goes
 * on where the last turn ended.
 */
final class FlvFile {
    /** Bytes of one piece. */
    private static final int PIECE = 64 * 1024;

    /** Bytes of packets ahead at which reading waits, and goes on below a half; one piece can add a tag of 8 MiB. */
    private static final int AHEAD = 1024 * 1024;

    /** Milliseconds between the last packet of one turn and the first of the next, until the file shows its own. */
    private static final long FIRST_STEP = 40;

    private final Vertx vertx;
    private final Path path;
    private final boolean loop;
    private final Consumer<String> fault;
    private final Queue<MediaPacket> ahead = new ArrayDeque<>();
    private final Timeline timeline = new Timeline();
    private Optional<AsyncFile> file = Optional.empty();
    private FlvReader reader = new FlvReader();
    private long bytesAhead;
    private boolean paused;
    private boolean ended;
    private long mediaInTurn;
    private long lastVideo = -1;
    private long step = FIRST_STEP;
    private long clock = 1; // the time line's: it stands still within a turn

    /** {@code fault} is told in a sentence why the file cannot be read on. */
    FlvFile(Vertx vertx, Path path, boolean loop, Consumer<String> fault) {
        this.vertx = vertx;
        this.path = path;
        this.loop = loop;
        this.fault = fault;
    }

    void open() {
        OpenOptions read = new OpenOptions().setWrite(false).setCreate(false);
        vertx.fileSystem().open(path.toString(), read).onSuccess(this::read).onFailure(this::failed);
    }

    /** The packets due until {@code millis} of the file's time; call it again for those that were not read yet. */
    List<MediaPacket> take(long millis) {
        List<MediaPacket> due = new ArrayList<>();
        while (!ahead.isEmpty() && ahead.peek().timestamp() <= millis) {
            MediaPacket packet = ahead.remove();
            bytesAhead -= packet.payload().length();
            due.add(packet);
        }
        if (paused && bytesAhead < AHEAD / 2) {
            paused = false;
            file.ifPresent(AsyncFile::resume);
        }
        return due;
    }

    /** Everything was taken, and nothing comes any more. */
    boolean finished() {
        return ended && ahead.isEmpty();
    }

    private void read(AsyncFile opened) {
        file = Optional.of(opened);
        opened.setReadBufferSize(PIECE);
        opened.exceptionHandler(this::failed);
        opened.endHandler(end -> endOfTurn(opened));
        opened.handler(bytes -> receive(opened, bytes));
    }

    private void receive(AsyncFile opened, Buffer bytes) {
        try {
            reader.receive(bytes).forEach(this::add);
        } catch (ProtocolException e) {
            opened.handler(nothing -> {});
            fail(e.getMessage());
            return;
        }
        if (bytesAhead >= AHEAD) {
            paused = true;
            opened.pause();
        }
    }

    private void add(MediaPacket packet) {
        boolean media = packet.isMedia() && !MediaTag.header(packet.kind(), packet.payload());
        long time = timeline.place(packet.kind(), packet.timestamp(), media, clock);
        if (media) {
            mediaInTurn++;
        }
        if (media && packet.kind() == MediaPacket.Kind.VIDEO) {
            step = lastVideo >= 0 && time > lastVideo ? time - lastVideo : step;
            lastVideo = time;
        }
        bytesAhead += packet.payload().length();
        ahead.add(MediaPacket.of(packet.kind(), time, packet.payload()));
    }

    private void endOfTurn(AsyncFile opened) {
        opened.close();
        file = Optional.empty();
        if (!reader.atEndOfTag()) {
            fail("ends within a tag");
        } else if (mediaInTurn == 0) {
            fail("holds neither audio nor video");
        } else if (loop) {
            mediaInTurn = 0;
            reader = new FlvReader();
            timeline.restart();
            clock += step;
            open();
        } else {
            ended = true;
        }
    }

    private void failed(Throwable e) {
        Throwable cause = e.getCause() == null ? e : e.getCause();
        fail(cause instanceof IOException io ? ConfigFile.why(io) : String.valueOf(cause.getMessage()));
    }

    private void fail(String why) {
        fault.accept(path + ": " + why);
    }
}
