package io.fluctus.script;

import io.fluctus.media.MediaPacket;
import io.fluctus.media.StreamName;
import io.fluctus.wire.AmfValue;
import io.vertx.core.Future;
import java.util.function.Consumer;

/** The streams of this node, as applications reach them. */
interface MediaDoor {
    /** What is opened and can be closed; from any thread. */
    interface Opened {
        void close();
    }

    /** A stream that an application publishes itself. */
    interface Outlet extends Opened {
        /** Lost while the stream is not granted, or when more waits than may. */
        void send(MediaPacket packet);
    }

    /** What viewers of a stream get, on the tree's thread; what it does not take in time is left out. */
    Opened hear(StreamName stream, Consumer<MediaPacket> listener);

    /** Whether a live stream is recorded; completes on any thread with what the recorder says. */
    Future<AmfValue> record(StreamName stream, boolean on);

    /** {@code ended} is told why nothing comes of it, or why it is over; on the tree's thread. */
    Outlet publish(StreamName stream, Consumer<String> ended);
}
