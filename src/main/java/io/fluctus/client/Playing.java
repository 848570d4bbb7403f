package io.fluctus.client;

import io.fluctus.audience.Audience;
import io.fluctus.audience.Audiences;
import io.fluctus.bus.ApplicationLink;
import io.fluctus.media.StreamName;
import io.fluctus.netconnection.Event;
import io.fluctus.netconnection.Status;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** The streams that a client plays, by NetStream. */
final class Playing {
    private final Audiences audiences;
    private final Line line;
    private final ApplicationLink application;
    private final Map<Integer, Audience.Seat> seats = new HashMap<>(2);
    private final Map<Integer, StreamName> asked =
            new HashMap<>(2); // those that the application allows, or is asked about

    Playing(Audiences audiences, Line line, ApplicationLink application) {
        this.audiences = audiences;
        this.line = line;
        this.application = application;
    }

    /** Seats the client, at once if no application has to be asked; gives back what it has said in the meantime. */
    List<Event> play(Event.PlayRequested request, String app) {
        int streamId = request.streamId();
        StreamName stream = Caller.stream(app, request.name());
        leave(streamId);
        if (!application.present()) {
            return join(streamId, stream);
        }
        asked.put(streamId, stream);
        application
                .subscribe(stream)
                .onSuccess(allowed -> allow(streamId, stream))
                .onFailure(refusal -> reject(streamId, stream, refusal.getMessage()));
        return List.of();
    }

    private List<Event> join(int streamId, StreamName stream) {
        line.say("plays " + stream);
        seats.put(streamId, audiences.join(stream, line.viewer(streamId)));
        return line.answers().acceptPlay(streamId);
    }

    private void allow(int streamId, StreamName stream) {
        if (asked.get(streamId) == stream && !line.ending()) {
            line.speak(() -> join(streamId, stream));
        } else {
            application.unsubscribed(stream); // the client gave up, or left, while it was decided
        }
    }

    private void reject(int streamId, StreamName stream, String reason) {
        if (asked.remove(streamId, stream)) {
            line.speak(() -> {
                line.answers().rejectPlay(streamId, Status.error(Status.PLAY_FAILED, reason));
                return List.of();
            });
        }
    }

    void leaveAll() {
        List.copyOf(seats.keySet()).forEach(this::leave);
    }

    void leave(int streamId) {
        StreamName stream = asked.remove(streamId);
        Audience.Seat seat = seats.remove(streamId);
        if (seat != null) {
            seat.leave();
            line.answers().finishMedia(streamId);
        }
        if (seat != null && stream != null) {
            application.unsubscribed(stream);
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
