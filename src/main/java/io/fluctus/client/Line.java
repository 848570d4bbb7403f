package io.fluctus.client;

import io.fluctus.audience.Viewer;
import io.fluctus.netconnection.Answers;
import io.fluctus.netconnection.Event;
import java.util.List;
import java.util.function.Supplier;

/** The connection of a client, as its protocol has it. */
public interface Line {
    /** One mutation of the core, what follows from it, and then what it has to say; nothing when the connection is ending. */
    void speak(Supplier<List<Event>> mutation);

    Answers answers();

    /** Who the client is, and where it is now. */
    Caller caller();

    /** Whether its last word has been said. */
    boolean ending();

    /** Sends what waits, says why in the log, and closes. */
    void end(String reason);

    /** A line of the log about what the client does. */
    void say(String what);

    /** Who watches on this NetStream. */
    Viewer viewer(int streamId);

    /** Who sends faster than it is taken waits, where the protocol can make it wait. */
    void pauseReading(boolean paused);
}
