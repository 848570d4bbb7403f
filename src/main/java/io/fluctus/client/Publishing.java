package io.fluctus.client;

import io.fluctus.bus.Bus;
import io.fluctus.bus.Publication;
import io.fluctus.netconnection.Event;
import io.fluctus.netconnection.Status;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The streams that a client publishes, by NetStream. */
final class Publishing {
    /** Bytes that the relay has not acknowledged at which the client is no longer read. */
    private static final int UNACKNOWLEDGED_BYTES = 4 * 1024 * 1024;

    /** The type of a publish command that wants no recording; the others are record and append. */
    private static final String LIVE = "live";

    private final Bus bus;
    private final Line line;
    private final Publication.Deciders deciders;
    private final Runnable changed;
    private final Map<Integer, Publication> publications = new HashMap<>(2);

    /** {@code changed} runs whenever {@link #tooFast} may have changed. */
    Publishing(Bus bus, Line line, Publication.Deciders deciders, Runnable changed) {
        this.bus = bus;
        this.line = line;
        this.deciders = deciders;
        this.changed = changed;
    }

    boolean tooFast() {
        for (Publication publication : publications.values()) {
            if (publication.unacknowledged() > UNACKNOWLEDGED_BYTES) {
                return true;
            }
        }
        return false;
    }

    void publish(Event.PublishRequested request, String app) {
        Caller caller = line.caller();
        int streamId = request.streamId();
        Publication publication = new Publication(
                bus,
                deciders,
                new Publication.Asked(
                        Caller.stream(app, request.name()),
                        caller.protocol(),
                        caller.address(),
                        request.query(),
                        caller.id()));
        publications.put(streamId, publication);
        publication
                .ask()
                .onSuccess(granted -> {
                    published(streamId, publication, granted);
                    if (publication.granted() && !request.type().equals(LIVE)) {
                        publication.wantRecording();
                    }
                })
                .onFailure(refusal -> reject(streamId, publication, refusal));
    }

    private void published(int streamId, Publication publication, boolean granted) {
        if (granted && !line.ending()) {
            line.say("publishes " + publication.stream());
            line.speak(() -> line.answers().acceptPublish(streamId));
        } else {
            publication.end(false);
        }
    }

    private void reject(int streamId, Publication publication, Throwable refusal) {
        if (publications.remove(streamId, publication)) {
            boolean badName = refusal instanceof Publication.Refused refused && refused.badName();
            String code = badName ? Status.PUBLISH_BAD_NAME : Status.PUBLISH_DENIED;
            Status status = Status.error(code, refusal.getMessage());
            line.speak(() -> {
                line.answers().rejectPublish(streamId, status);
                return List.of();
            });
            line.end("publishing " + publication.stream() + " refused: " + status.description());
        }
    }

    void forward(Event.PacketReceived received) {
        Publication publication = publications.get(received.streamId());
        if (publication != null && publication.granted()) {
            publication.send(received.packet(), changed);
            changed.run();
        }
    }

    void endAll(boolean clean) {
        List.copyOf(publications.keySet()).forEach(streamId -> end(streamId, clean));
    }

    /** The client stopped ({@code clean}), or was lost. */
    void end(int streamId, boolean clean) {
        Publication publication = publications.remove(streamId);
        if (publication != null && publication.granted()) {
            line.say((clean ? "unpublishes " : "is lost for ") + publication.stream());
        }
        if (publication != null) {
            publication.end(clean);
        }
    }
}
