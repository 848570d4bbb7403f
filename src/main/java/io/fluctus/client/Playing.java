package io.fluctus.client;

import io.fluctus.audience.Audience;
import io.fluctus.audience.Audiences;
import io.fluctus.bus.AccessLink;
import io.fluctus.bus.ApplicationLink;
import io.fluctus.bus.ClientWord;
import io.fluctus.bus.Publication;
import io.fluctus.bus.Verdict;
import io.fluctus.media.StreamName;
import io.fluctus.netconnection.Event;
import io.fluctus.netconnection.Status;
import io.vertx.core.Future;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** The streams that a client plays, by NetStream. */
final class Playing {
    private final Audiences audiences;
    private final Line line;
    private final AccessLink access;
    private final ApplicationLink application;
    private final Map<Integer, Audience.Seat> seats = new HashMap<>(2);
    private final Map<Integer, Ticket> tickets = new HashMap<>(2);

    private Optional<ClientWord.Select> selected = Optional.empty(); // for a stream that is being asked about

    /** What was asked for, and by whom it was granted so far. */
    private static final class Ticket {
        private StreamName stream;
        private Verdict verdict;
        private boolean known; // to the application

        private Ticket(StreamName asked) {
            stream = asked;
        }
    }

    Playing(Audiences audiences, Line line, Publication.Deciders deciders) {
        this.audiences = audiences;
        this.line = line;
        this.access = deciders.access();
        this.application = deciders.application();
    }

    void play(Event.PlayRequested request, String app) {
        int streamId = request.streamId();
        Ticket ticket = new Ticket(Caller.stream(app, request.name()));
        leave(streamId);
        tickets.put(streamId, ticket);
        access.play(ticket.stream, request.query())
                .compose(verdict -> {
                    ticket.verdict = verdict;
                    ticket.stream = verdict.streamOr(ticket.stream);
                    return tickets.get(streamId) == ticket ? application.subscribe(ticket.stream) : gaveUp();
                })
                .onSuccess(allowed -> {
                    ticket.known = application.present();
                    allow(streamId, ticket);
                })
                .onFailure(refusal -> reject(streamId, ticket, refusal.getMessage()));
    }

    private static <T> Future<T> gaveUp() {
        return Future.failedFuture("the client gave up while it was decided");
    }

    private void allow(int streamId, Ticket ticket) {
        if (tickets.get(streamId) == ticket && !line.ending()) {
            line.speak(() -> join(streamId, ticket));
        } else {
            giveBack(ticket);
        }
    }

    private List<Event> join(int streamId, Ticket ticket) {
        line.say("plays " + ticket.stream);
        seats.put(streamId, audiences.join(ticket.stream, line.viewer(streamId), ticket.verdict));
        selected.filter(word -> word.stream().equals(ticket.stream)).ifPresent(this::select);
        return line.answers().acceptPlay(streamId);
    }

    private void reject(int streamId, Ticket ticket, String reason) {
        giveBack(ticket);
        if (tickets.remove(streamId, ticket)) {
            line.say("playing " + ticket.stream + " refused: " + reason);
            line.speak(() -> {
                line.answers().rejectPlay(streamId, Status.error(Status.PLAY_FAILED, reason));
                return List.of();
            });
        }
    }

    private void giveBack(Ticket ticket) {
        if (ticket.known) {
            ticket.known = false;
            application.unsubscribed(ticket.stream);
        }
        if (ticket.verdict != null) {
            ticket.verdict = null;
            access.stopped(ticket.stream);
        }
    }

    /** What the application lets the client have of a stream. */
    void select(ClientWord.Select word) {
        selected = Optional.of(word);
        tickets.forEach((streamId, ticket) -> {
            if (ticket.stream.equals(word.stream())) {
                seat(streamId, seat -> seat.select(word.audio(), word.video()));
            }
        });
    }

    void leaveAll() {
        List.copyOf(tickets.keySet()).forEach(this::leave);
    }

    void leave(int streamId) {
        Ticket ticket = tickets.remove(streamId);
        Audience.Seat seat = seats.remove(streamId);
        if (seat != null) {
            seat.leave();
            line.answers().finishMedia(streamId);
        }
        if (seat != null && ticket != null) {
            giveBack(ticket);
        }
    }

    /** The client takes bytes again. */
    void drain() {
        if (!seats.isEmpty()) {
            List.copyOf(seats.values()).forEach(Audience.Seat::drain);
        }
    }

    void seat(int streamId, Consumer<Audience.Seat> action) {
        Audience.Seat seat = seats.get(streamId);
        if (seat != null) {
            action.accept(seat);
        }
    }
}
