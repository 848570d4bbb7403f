package io.fluctus.bus;

import io.fluctus.media.MediaPacket;
import io.fluctus.media.StreamName;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.util.Optional;

/**
 * A stream that a client publishes, or has asked to: access, the application and the registry decide in this order, then its packets
 * go to the relay. It may end at any moment, before the grant too: whatever was granted is given back.
 */
public final class Publication {
    /** Bytes between two acknowledgements of the relay. */
    private static final int ACKNOWLEDGE_BYTES = 256 * 1024;

    private final Bus bus;
    private final AccessLink access;
    private final ApplicationLink application;
    private final Asked asked;
    private StreamName stream;
    private Optional<Ceiling> ceiling = Optional.empty();
    private boolean admitted; // by access
    private boolean known; // to the application
    private boolean granted;
    private boolean over;
    private boolean clean;
    private long fence;
    private int sinceAcknowledge;
    private int unacknowledged;

    /**
     * What the client asked for.
     *
     * @param address host and port, for people
     * @param query what followed the stream's name, such as its key
     * @param client its id on the bus
     */
    public record Asked(StreamName stream, String protocol, String address, String query, String client) {}

    /** The client's lines to those who decide. */
    public record Deciders(AccessLink access, ApplicationLink application) {}

    /** Why nothing came of it: refused by a rule, or the name is another publisher's. */
    public static final class Refused extends RuntimeException {
        private final boolean badName;

        private Refused(boolean badName, String sentence) {
            super(sentence, null, false, false);
            this.badName = badName;
        }

        public boolean badName() {
            return badName;
        }
    }

    public Publication(Bus bus, Deciders deciders, Asked asked) {
        this.bus = bus;
        this.access = deciders.access();
        this.application = deciders.application();
        this.asked = asked;
        this.stream = asked.stream();
    }

    /** The stream that is meant: once access has decided, that may be another than the one asked for. */
    public StreamName stream() {
        return stream;
    }

    public boolean granted() {
        return granted && !over;
    }

    /** Bytes on their way to the relay. */
    public int unacknowledged() {
        return unacknowledged;
    }

    /** Completes when the stream is the client's, with false if it has ended in the meantime; fails with {@link Refused}. */
    public Future<Boolean> ask() {
        return access.publish(asked.stream(), asked.query())
                .compose(verdict -> {
                    admitted = true;
                    stream = verdict.streamOr(asked.stream());
                    ceiling = verdict.kbps() == 0 ? Optional.empty() : Optional.of(new Ceiling(verdict.kbps()));
                    return application.publish(stream).map(allowed -> {
                        known = application.present();
                        return verdict;
                    });
                })
                .<Verdict>recover(refusal -> {
                    forget();
                    return Future.failedFuture(new Refused(false, refusal.getMessage()));
                })
                .compose(this::claim);
    }

    private Future<Boolean> claim(Verdict verdict) {
        JsonObject claim = new JsonObject()
                .put("op", "publish")
                .put("stream", stream.path())
                .put("protocol", asked.protocol())
                .put("address", asked.address())
                .put("credential", verdict.credential())
                .put("client", asked.client());
        return bus.request(Address.REGISTRY, claim)
                .map(answer -> {
                    granted = true;
                    fence = answer.getLong("fence");
                    if (over) {
                        release();
                    }
                    return !over;
                })
                .recover(refusal -> {
                    giveUp();
                    return Future.failedFuture(new Refused(true, refusal.getMessage()));
                });
    }

    /** Sends a packet; {@code taken} runs when the relay has taken what was sent so far, now and then. */
    public void send(MediaPacket packet, Runnable taken) {
        if (ceiling.isPresent() && ceiling.get().broken(packet.payload().length(), System.nanoTime())) {
            ceiling = Optional.empty();
            bus.send(
                    Address.client(asked.client()),
                    new JsonObject()
                            .put("op", "kick")
                            .put("client", asked.client())
                            .put("reason", "sends more than it may"));
        }
        MediaPacket fenced = packet.withFence(fence);
        sinceAcknowledge += packet.payload().length();
        if (sinceAcknowledge < ACKNOWLEDGE_BYTES) {
            bus.ingest(stream, fenced);
            return;
        }
        int covered = sinceAcknowledge;
        sinceAcknowledge = 0;
        unacknowledged += covered;
        bus.ingestAcknowledged(stream, fenced).onComplete(done -> {
            unacknowledged -= covered;
            taken.run();
        });
    }

    /** The client publishes to record: the recorder is told, if one is there. */
    public void wantRecording() {
        bus.send(
                Address.RECORD,
                new JsonObject()
                        .put("op", "published")
                        .put("stream", asked.stream().path()));
    }

    /** The client stopped ({@code clean}), or was lost. */
    public void end(boolean clean) {
        if (over) {
            return;
        }
        over = true;
        this.clean = clean;
        if (granted) {
            release();
        }
    }

    private void release() {
        forget();
        bus.request(
                Address.REGISTRY,
                new JsonObject()
                        .put("op", "unpublish")
                        .put("stream", stream.path())
                        .put("fence", fence)
                        .put("clean", clean));
    }

    /** The registry may grant what nobody waits for any more, when its answer came too late. */
    private void giveUp() {
        forget();
        bus.request(
                Address.REGISTRY,
                new JsonObject()
                        .put("op", "unpublish")
                        .put("stream", stream.path())
                        .put("client", asked.client())
                        .put("clean", true));
    }

    /** What access and the application were told of is over. */
    private void forget() {
        if (known) {
            known = false;
            application.unpublished(stream);
        }
        if (admitted) {
            admitted = false;
            access.unpublished(stream);
        }
    }
}
