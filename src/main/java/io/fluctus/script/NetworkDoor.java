package io.fluctus.script;

import io.fluctus.script.MediaDoor.Opened;
import io.fluctus.wire.AmfValue;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.util.List;

/** The network outside, as far as applications may reach it. What is heard is told on the tree's thread. */
interface NetworkDoor {
    /** What a socket tells. */
    interface Events {
        /** It is open: between these addresses. */
        void opened(String address, String peerAddress);

        /** {@code from} is the sender's address. */
        void received(Buffer bytes, String from);

        /** The last word; {@code error} is empty where nothing went wrong. */
        void closed(String error);
    }

    /** One that is open, or about to be. */
    interface Socket extends Opened {
        /** {@code to} is where a datagram goes, or empty. Too much that waits closes it. */
        void send(Buffer bytes, String to);
    }

    /** Makes what hears a connection that a server accepted. */
    interface Acceptor {
        Events accepted(Socket socket);
    }

    Socket connect(String host, int port, Events events);

    /** {@code events} tells when it listens and when no more. */
    Opened listen(int port, Events events, Acceptor acceptor);

    /** A UDP socket; {@code port} 0: any. */
    Socket datagrams(int port, boolean broadcast, Events events);

    /** A mail. */
    record Letter(String from, String subject, String text, List<String> to) {}

    /** Completes, on any thread, when the mail server has taken it. */
    Future<AmfValue> mail(Letter letter);
}
