package io.fluctus.netconnection;

import java.util.List;

/** One end of the dialogue: the server's or the client's part of {@link NetConnection}. */
interface Side {
    void receive(Message message, List<Event> events);

    /** User Control SetBufferLength. */
    void setBufferLength(int streamId, long millis, List<Event> events);

    int objectEncoding();
}
