package io.fluctus.cli;

import io.fluctus.media.MediaPacket;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** A stream of a gateway that plays, or is published, as its client sees it. */
interface Session {
    /** How long a server may take for the whole way to the first word about the stream. */
    int ANSWER_MILLIS = 10_000;

    /** No more packets are wanted for now, or again. */
    void pause(boolean paused);

    /** Fragments that the transport gave up on the way to us. */
    default long lost() {
        return 0;
    }

    /** Ends it; {@link Listener#ended} follows. */
    void close();

    /** What is heard of a connection; the first and the last word come once at most. */
    interface Listener {
        /** The server accepted to publish or to play. */
        void accepted();

        /** The next packet of the stream that plays. */
        void received(MediaPacket packet);

        /** A publisher may send again. */
        default void writable() {}

        /** It is over; {@code fault} is a sentence, empty when the stream ended in order or we closed. */
        void ended(Optional<String> fault);
    }

    /** A stream that we publish. */
    interface Publication extends Session {
        /** Packets wait in our own memory: better wait, too. */
        boolean full();

        void send(List<MediaPacket> packets);

        /** Says that this was all, waits until the server has heard it, and closes. */
        void finish();
    }

    /** Milliseconds of a steady clock. */
    static long now() {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
    }
}
