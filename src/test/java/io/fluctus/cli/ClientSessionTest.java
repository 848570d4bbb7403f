package io.fluctus.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.fluctus.media.MediaPacket;
import io.fluctus.media.MediaPacket.Kind;
import io.fluctus.netconnection.Event;
import io.fluctus.netconnection.Message;
import io.fluctus.netconnection.NetConnection;
import io.fluctus.netconnection.Status;
import io.fluctus.wire.ProtocolException;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** A client's dialogue over a carrier that is a list: what it says, what it tells, and how it ends. */
class ClientSessionTest {
    private final NetConnection near = NetConnection.client();
    private final NetConnection server = NetConnection.server();
    private final List<Event> atServer = new ArrayList<>();
    private final List<String> told = new ArrayList<>();
    private final Promise<Void> delivered = Promise.promise();
    private final Promise<Void> arrived = Promise.promise();
    private boolean refuses;
    private boolean closed;
    private int gone;
    private Carrier.Listener heard;

    private final class Wire implements Carrier {
        @Override
        public Future<Void> flush() {
            for (Message message = near.poll(); message != null; message = near.poll()) {
                server.receive(message, 0).forEach(this::answer);
            }
            deliver();
            return Future.succeededFuture();
        }

        private void answer(Event event) {
            atServer.add(event);
            if (event instanceof Event.ConnectRequested && refuses) {
                server.reject(Status.error(Status.CONNECT_REJECTED, "not you"));
            } else if (event instanceof Event.ConnectRequested) {
                server.accept();
            } else if (event instanceof Event.PublishRequested request) {
                server.acceptPublish(request.streamId());
            } else if (event instanceof Event.PlayRequested request) {
                server.acceptPlay(request.streamId());
            }
        }

        private void deliver() {
            for (Message message = server.poll(); message != null && !closed; message = server.poll()) {
                Message said = message;
                heard.heard(() -> near.receive(said, 0));
            }
        }

        @Override
        public Future<Void> delivered() {
            return delivered.future();
        }

        @Override
        public Future<Void> arrived() {
            return arrived.future();
        }

        @Override
        public List<Event> tick() {
            return List.of();
        }

        @Override
        public boolean full() {
            return false;
        }

        @Override
        public void pause(boolean paused) {
            told.add("paused " + paused);
        }

        @Override
        public long lost() {
            return 7;
        }

        @Override
        public void close() {
            closed = true;
        }
    }

    private final Session.Listener listener = new Session.Listener() {
        @Override
        public void accepted() {
            told.add("accepted");
        }

        @Override
        public void received(MediaPacket packet) {
            told.add(packet.kind() + " " + packet.timestamp());
        }

        @Override
        public void ended(Optional<String> fault) {
            told.add("ended " + fault.orElse("in order"));
        }
    };

    private ClientSession begin(ClientSession.Use use) {
        ClientSession session = new ClientSession(Target.parse("rtmfp://h/live/cam1"), use, listener, over -> gone++);
        session.begin(hears -> {
            heard = hears;
            return new Wire();
        });
        return session;
    }

    private <T extends Event> long count(Class<T> type) {
        return atServer.stream().filter(type::isInstance).count();
    }

    @Test
    void nothingIsSaidUntilTheWayIsOpen() {
        begin(ClientSession.Use.IDLE);
        assertThat(near.poll()).isNull();
        heard.connected(near);
        assertThat(count(Event.ConnectRequested.class)).isEqualTo(1);
        assertThat(told).containsExactly("accepted");
    }

    @Test
    void aPlayerIsToldOfWhatComes() {
        ClientSession session = begin(ClientSession.Use.PLAY);
        heard.connected(near);
        assertThat(count(Event.PlayRequested.class)).isEqualTo(1);
        heard.heard(() -> near.receive(new Message.Video(1, 40, Buffer.buffer("v")), 0));
        session.pause(true);
        assertThat(session.lost()).isEqualTo(7);
        assertThat(told).containsExactly("accepted", Kind.VIDEO + " 40", "paused true");
    }

    @Test
    void aPublicationEndsWhenAllOfItHasArrived() {
        ClientSession session = begin(ClientSession.Use.PUBLISH);
        heard.connected(near);
        session.send(List.of(MediaPacket.of(Kind.AUDIO, 5, Buffer.buffer("a"))));
        assertThat(count(Event.PacketReceived.class)).isEqualTo(1);
        session.finish();
        assertThat(count(Event.PublishStopped.class))
                .as("frames are still under way")
                .isZero();
        session.send(List.of(MediaPacket.of(Kind.AUDIO, 9, Buffer.buffer("late"))));
        assertThat(count(Event.PacketReceived.class)).isEqualTo(1);
        delivered.complete();
        assertThat(count(Event.PublishStopped.class)).isPositive();
        heard.closed();
        assertThat(told).containsExactly("accepted", "ended in order");
        assertThat(closed).isTrue();
    }

    @Test
    void framesThatTheLastWordOvertookAreStillTold() {
        begin(ClientSession.Use.PLAY);
        heard.connected(near);
        server.unpublished(1);
        heard.heard(() -> {
            Message word = server.poll();
            return word == null ? List.of() : near.receive(word, 0);
        });
        heard.heard(() -> near.receive(new Message.Video(1, 80, Buffer.buffer("v")), 0));
        assertThat(told).containsExactly("accepted", Kind.VIDEO + " 80");
        arrived.complete();
        assertThat(told).endsWith("ended in order");
    }

    @Test
    void aRefusalIsToldOnce() {
        refuses = true;
        begin(ClientSession.Use.PLAY);
        heard.connected(near);
        heard.broke("the connection broke");
        heard.closed();
        assertThat(told).containsExactly("ended the server says NetConnection.Connect.Rejected: not you");
        assertThat(gone).isEqualTo(1);
    }

    @Test
    void aServerThatLeavesIsAFaultUnlessWeLeft() {
        begin(ClientSession.Use.PLAY);
        heard.connected(near);
        heard.closed();
        assertThat(told).containsExactly("accepted", "ended the server closed the connection");
    }

    @Test
    void whatCannotBeReadEndsIt() {
        begin(ClientSession.Use.PLAY);
        heard.connected(near);
        heard.heard(() -> {
            throw new ProtocolException("nonsense");
        });
        assertThat(told).containsExactly("accepted", "ended nonsense");
    }
}
