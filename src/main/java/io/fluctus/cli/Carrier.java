package io.fluctus.cli;

import io.fluctus.netconnection.Event;
import io.fluctus.netconnection.NetConnection;
import io.vertx.core.Future;
import java.util.List;
import java.util.function.Supplier;

/** What carries a client's dialogue to a server and back. */
interface Carrier {
    /** What is heard of it, on its event loop. */
    interface Listener {
        /** The way is open: the dialogue may begin. */
        void connected(NetConnection dialogue);

        /** Something came; {@code mutation} makes events of it, or throws ProtocolException. */
        void heard(Supplier<List<Event>> mutation);

        /** It can take more again. */
        void writable();

        /** There is no way any more; {@code reason} is a sentence. */
        void broke(String reason);

        /** The server closed it. */
        void closed();
    }

    /** Sends what the dialogue has to say; completes when it has left. */
    Future<Void> flush();

    /** Completes when the server has what was sent, as far as one can know it. */
    Future<Void> delivered();

    /** Completes when what the server said before its last word has come, as far as one can know it. */
    Future<Void> arrived();

    /** Called every second. */
    List<Event> tick();

    /** More waits for the network than should. */
    boolean full();

    /** Nothing more is wanted for now, or again. */
    void pause(boolean paused);

    /** Fragments that were given up on the way to us; 0 where the transport loses nothing. */
    long lost();

    void close();
}
