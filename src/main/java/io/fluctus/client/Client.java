package io.fluctus.client;

import io.fluctus.audience.Audiences;
import io.fluctus.bus.AccessLink;
import io.fluctus.bus.AppEvent;
import io.fluctus.bus.ApplicationLink;
import io.fluctus.bus.Bus;
import io.fluctus.bus.ClientWord;
import io.fluctus.bus.Publication;
import io.fluctus.bus.Shown;
import io.fluctus.netconnection.Event;
import io.fluctus.netconnection.Status;
import io.fluctus.wire.AmfValue;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/** One client: obeys its dialogue, and is told what the bus, its application and the audiences want of it. On one event loop. */
public final class Client {
    /** What the clients of one verticle instance have in common. */
    public record Surroundings(Vertx vertx, Bus bus, Audiences audiences, SharedSeats shared) {}

    private static final String ENDS = "this node is about to end";

    private final Line line;
    private final AccessLink access;
    private final ApplicationLink application;
    private final Calls calls;
    private final Publishing publishing;
    private final Playing playing;
    private final Sharing sharing;
    private String app = "";
    private boolean paused;

    /** {@code id} is the client's on the bus, as {@link io.fluctus.bus.Address#client} reads it. */
    public Client(Surroundings around, String id, Line line) {
        this.line = line;
        Caller caller = line.caller();
        access = new AccessLink(
                around.bus, new AccessLink.Who(id, caller.protocol(), caller.host(), caller.address(), caller.local()));
        application = new ApplicationLink(around.bus, id);
        Publication.Deciders deciders = new Publication.Deciders(access, application);
        calls = new Calls(around.vertx, line, deciders, this::regulate);
        publishing = new Publishing(around.bus, line, deciders, this::regulate);
        playing = new Playing(around.audiences, line, deciders);
        sharing = new Sharing(around.shared, line, application, id, this::regulate);
    }

    // -- what the client says

    public void obey(Event event) {
        if (event instanceof Event.PacketReceived packet) {
            publishing.forward(packet);
        } else if (event instanceof Event.ConnectRequested request) {
            connect(request);
        } else if (event instanceof Event.PublishRequested request) {
            publishing.publish(request, app);
        } else if (event instanceof Event.PlayRequested request) {
            playing.play(request, app);
        } else if (event instanceof Event.PublishStopped stopped) {
            publishing.end(stopped.streamId(), true);
        } else if (event instanceof Event.PlayStopped stopped) {
            playing.leave(stopped.streamId());
        } else if (event instanceof Event.Paused changed) {
            playing.seat(changed.streamId(), seat -> seat.pause(changed.paused()));
        } else if (event instanceof Event.TracksSelected selected) {
            playing.seat(selected.streamId(), seat -> seat.select(selected.audio(), selected.video()));
        } else if (event instanceof Event.CallReceived call) {
            calls.received(call);
        } else if (event instanceof Event.SharedObjectReceived shared) {
            sharing.received(shared.message(), app);
        } else if (event instanceof Event.CallAnswered answer) {
            application.answered(
                    answer.transactionId(), answer.success(), answer.values().get(0));
        } else if (event instanceof Event.CloseRequested request) {
            line.end(request.reason());
        }
    }

    private void connect(Event.ConnectRequested request) {
        app = request.app();
        Caller caller = line.caller();
        AppEvent.Visitor visitor = new AppEvent.Visitor(
                caller.id(),
                caller.protocol(),
                caller.address(),
                caller.peerId(),
                request.query(),
                request.properties().members());
        Shown shown = new Shown(request.query(), "", request.arguments(), visitor.properties());
        access.connect(app, shown)
                .onFailure(refusal -> reject("refused: ", refusal))
                .onSuccess(verdict -> application
                        .connect(app, new AppEvent.Connected(visitor, request.arguments()))
                        .onSuccess(answer -> line.speak(() -> accept(answer)))
                        .onFailure(refusal -> reject("refused by the application: ", refusal)));
    }

    private void reject(String whose, Throwable refusal) {
        if (!line.ending()) {
            dismiss(Status.error(Status.CONNECT_REJECTED, refusal.getMessage()), whose + refusal.getMessage());
        }
    }

    private List<Event> accept(AmfValue answer) {
        if (application.present()) {
            line.answers().hold();
        }
        return line.answers().accept(answer.members());
    }

    /** It is a member of a NetGroup, or no longer. */
    public void joinedGroup(Buffer group) {
        application.joinedGroup(group);
    }

    public void leftGroup(Buffer group) {
        application.leftGroup(group);
    }

    /** The client takes bytes again. */
    public void drain() {
        playing.drain();
    }

    private void regulate() {
        boolean pause = calls.tooMany() || publishing.tooFast() || sharing.tooMany();
        if (pause != paused) {
            paused = pause;
            line.pauseReading(pause);
        }
    }

    // -- what others want of it

    /** A word of its application. */
    public Future<AmfValue> hear(ClientWord word) {
        if (word instanceof ClientWord.Select select) {
            playing.select(select);
            return Future.succeededFuture(AmfValue.NULL);
        }
        return calls.hear(word);
    }

    /** What a kicked publisher published is over: nobody waits for its return. */
    public void kick(String reason) {
        publishing.endAll(true);
        dismiss(reason);
    }

    /** Ends a client that did nothing wrong, and tells it why. */
    public void dismiss(String reason) {
        dismiss(Status.error(Status.CONNECT_CLOSED, reason), reason);
    }

    /** This node is about to end: asks the client to go to {@code url}, or ends it where it does not know how. */
    public void move(String url) {
        String target = url.isEmpty() ? url : url + "/" + app;
        AtomicBoolean goes = new AtomicBoolean();
        line.speak(() -> {
            goes.set(line.answers().dialogue().requestReconnect(target, ENDS));
            return List.of();
        });
        if (!goes.get() && !line.ending()) {
            dismiss(ENDS);
        }
    }

    private void dismiss(Status status, String reason) {
        line.speak(() -> {
            line.answers().dialogue().reject(status);
            return List.of();
        });
        line.end(reason);
    }

    /** It is ending: its last word may linger, what it published and watched does not. */
    public void withdraw() {
        playing.leaveAll();
        publishing.endAll(false);
        sharing.leaveAll();
    }

    /** The connection is closed; {@code failure} is what the client did wrong, or empty. */
    public void closed(String failure) {
        withdraw();
        application.disconnected(failure);
        access.disconnected();
    }
}
