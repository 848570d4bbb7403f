package io.fluctus.audience;

import io.fluctus.bus.Address;
import io.fluctus.bus.Bus;
import io.fluctus.bus.Bus.Registration;
import io.fluctus.bus.Verdict;
import io.fluctus.config.Config;
import io.fluctus.guard.Shares;
import io.fluctus.media.StreamName;
import io.netty.channel.EventLoop;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntSupplier;

/** The audiences of one verticle instance: one for each stream that has viewers there. */
public final class Audiences {
    /** Viewers of one stream that one answer lists. */
    public static final int MAX_LISTED = 500;

    private static final long STATS_MILLIS = 1_000;

    private final Vertx vertx;
    private final Bus bus;
    private final Config config;
    private final Shares shares;
    private final String source;
    private final EventLoop loop;
    private final long timer;
    private final Registration service;
    private final Lateness lateness;
    private final Map<StreamName, Audience> audiences = new HashMap<>();
    private IntSupplier connections = () -> 0;

    /** Call on the verticle's own context; {@code source} names the instance in the figures, such as {@code rtmp.0}. */
    public Audiences(Vertx vertx, Bus bus, Config config, Shares shares, String source) {
        this.vertx = vertx;
        this.shares = shares;
        this.bus = bus;
        this.config = config;
        this.source = source;
        this.loop = ((ContextInternal) vertx.getOrCreateContext()).nettyEventLoop();
        this.timer = vertx.setPeriodic(STATS_MILLIS, id -> everySecond());
        this.service = bus.serve(Address.audience(source), this::answer);
        this.lateness = new Lateness(vertx);
    }

    /** Where the number of this instance's connections comes from, for the figures. */
    public void countConnections(IntSupplier count) {
        connections = count;
    }

    /** Seats a viewer; it hears {@link Viewer#joined} when the prelude is there, never before this call has returned. */
    public Audience.Seat join(StreamName stream, Viewer viewer) {
        return join(stream, viewer, Verdict.NOTHING);
    }

    /** As above, for a viewer who was let in under a name, perhaps with a share of its own. */
    public Audience.Seat join(StreamName stream, Viewer viewer, Verdict verdict) {
        return audiences
                .computeIfAbsent(stream, name -> new Audience(name, new Audience.Setting(bus, loop, config, shares)))
                .join(viewer, verdict);
    }

    /** Ends every audience; the viewers are the caller's to close. */
    public void close() {
        vertx.cancelTimer(timer);
        lateness.close();
        service.close();
        audiences.values().forEach(Audience::close);
        audiences.clear();
    }

    /** {@code {stream}} is answered with its viewers here. */
    private Future<JsonObject> answer(JsonObject question) {
        Audience audience = audiences.get(StreamName.parse(question.getString("stream")));
        return Future.succeededFuture(
                new JsonObject().put("viewers", audience == null ? new JsonArray() : audience.describe(MAX_LISTED)));
    }

    private void everySecond() {
        JsonObject streams = new JsonObject();
        for (Audience audience : List.copyOf(audiences.values())) {
            audience.cutTheSlow();
            streams.put(audience.stream().path(), audience.report());
            if (audience.isEmpty()) {
                audiences.remove(audience.stream());
                audience.close();
            }
        }
        bus.publish(
                Address.stats(bus.node()),
                new JsonObject()
                        .put("source", source)
                        .put("connections", connections.getAsInt())
                        .put("delayMillis", lateness.worst())
                        .put("streams", streams));
    }
}
