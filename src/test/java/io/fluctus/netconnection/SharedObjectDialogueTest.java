package io.fluctus.netconnection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fluctus.media.SharedEvent;
import io.fluctus.wire.ProtocolException;
import io.vertx.core.buffer.Buffer;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Shared objects within the dialogue: when they may be spoken of, and by whom. */
class SharedObjectDialogueTest {
    private static final SharedObjectMessage USE = new SharedObjectMessage("lobby", 0, false, List.of(SharedEvent.USE));

    @Test
    void whatTheClientSaysIsToldUpward() {
        NetConnection server = Script.connected().connection();
        assertThat(server.receive(USE.encode(0), 1)).containsExactly(new Event.SharedObjectReceived(USE));
        assertThat(server.receive(USE.encode(3), 2)).containsExactly(new Event.SharedObjectReceived(USE));
        assertThat(server.poll()).isNull();
    }

    @Test
    void whatIsSharedLeavesAsItIs() {
        NetConnection server = Script.connected().connection();
        Message.SharedObject message = USE.encode(0);
        server.share(message);
        assertThat(server.poll()).isSameAs(message);
    }

    @Test
    void aClientIsToldWhatTheServerSays() {
        NetConnection client = NetConnection.client();
        assertThat(client.receive(USE.encode(0), 1)).containsExactly(new Event.SharedObjectReceived(USE));
    }

    @Test
    void beforeConnectItEndsTheConnection() {
        assertThatThrownBy(() -> NetConnection.server().receive(USE.encode(0), 1))
                .isInstanceOf(ProtocolException.class)
                .hasMessage("a shared object before connect");
    }

    @Test
    void whileConnectIsDecidedItWaitsInOrderWithTheCommands() {
        NetConnection server = NetConnection.server();
        server.receive(Script.connect("live"), 0);
        Message.SharedObject early = USE.encode(0);
        assertThat(server.receive(early, 1)).isEmpty();
        early.payload().setByte(2, (byte) 'L'); // the transport uses its buffer again
        assertThat(server.receive(Message.Command.of(0, "sum", 5), 2)).isEmpty();
        List<Event> events = server.accept();
        assertThat(events.get(0)).isEqualTo(new Event.SharedObjectReceived(USE));
        assertThat(events.get(1)).isInstanceOf(Event.CallReceived.class);
    }

    @Test
    void noMoreOfThemWaitThanCommands() {
        NetConnection server = NetConnection.server();
        server.receive(Script.connect("live"), 0);
        for (int i = 0; i < ServerSide.MAX_HELD; i++) {
            server.receive(USE.encode(0), 1);
        }
        assertThatThrownBy(() -> server.receive(USE.encode(0), 1)).isInstanceOf(ProtocolException.class);
    }

    @Test
    void afterTheEndNothingIsHeardOrSaid() {
        NetConnection server = Script.connected().connection();
        server.reject(Status.error(Status.CONNECT_CLOSED, "over"));
        while (server.poll() != null) {
            // what was said until now
        }
        assertThat(server.receive(USE.encode(0), 1)).isEmpty();
        server.share(USE.encode(0));
        assertThat(server.poll()).isNull();
    }

    @Test
    void brokenBytesEndTheConnection() {
        NetConnection server = Script.connected().connection();
        assertThatThrownBy(() -> server.receive(new Message.SharedObject(0, 0, Buffer.buffer("x"), false), 1))
                .isInstanceOf(ProtocolException.class);
    }
}
