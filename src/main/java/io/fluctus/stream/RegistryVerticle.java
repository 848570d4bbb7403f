package io.fluctus.stream;

import io.fluctus.bus.Address;
import io.fluctus.bus.Bus;
import io.fluctus.bus.Bus.Registration;
import io.fluctus.bus.Floodgate;
import io.fluctus.bus.Refusal;
import io.fluctus.config.Config;
import io.fluctus.media.StreamName;
import io.fluctus.stream.StreamRegistry.Claim;
import io.fluctus.stream.StreamRegistry.Granted;
import io.fluctus.stream.StreamRegistry.Publisher;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;

/**
 * The registry on the bus: {@code publish}, {@code unpublish} and {@code list} at {@link Address#REGISTRY}. One instance a node. A
 * publisher that never heard of its grant is unpublished by its client's id in the place of a fence.
 */
public final class RegistryVerticle extends VerticleBase {
    private static final long NANOS_PER_MILLI = 1_000_000;
    private static final long EXPIRY_MILLIS = 250;
    private static final int BAD_REQUEST = 400;
    private static final long NO_FENCE = -1;

    private final Bus bus;
    private final StreamRegistry registry;
    private final Floodgate floodgate = new Floodgate();
    private Registration service;

    public RegistryVerticle(Bus bus, Config.Stream config) {
        this.bus = bus;
        this.registry = new StreamRegistry(config.takeover(), config.holdSeconds() * 1000L);
    }

    @Override
    public Future<?> start() {
        service = bus.serve(Address.REGISTRY, this::answer);
        vertx.setPeriodic(EXPIRY_MILLIS, timer -> tick());
        return Future.succeededFuture();
    }

    @Override
    public Future<?> stop() {
        return service.close();
    }

    private void tick() {
        registry.expire(monotonic()).forEach(stream -> end(stream, "hold is over"));
        floodgate
                .leftOut(monotonic())
                .ifPresent(
                        word -> bus.publish(Address.EVENTS, event("collapsed").put("reason", word)));
    }

    private Future<JsonObject> answer(JsonObject body) {
        try {
            return switch (body.getString("op")) {
                case "publish" -> publish(body);
                case "unpublish" -> unpublish(body);
                case "list" -> Future.succeededFuture(list());
                default -> Future.failedFuture(new Refusal(BAD_REQUEST, "no such word to the registry"));
            };
        } catch (Refusal refusal) {
            return Future.failedFuture(refusal);
        }
    }

    private Future<JsonObject> publish(JsonObject body) {
        StreamName stream = StreamName.parse(body.getString("stream"));
        Publisher publisher = new Publisher(
                body.getString("protocol"),
                body.getString("address"),
                body.getString("credential"),
                body.getString("client"));
        Granted granted = registry.claim(stream, publisher, System.currentTimeMillis());
        granted.replaced().ifPresent(old -> replace(stream, old));
        long fence = granted.claim().fence();
        tell(eventOf(granted.replaced().isPresent() ? "takeover" : "publish", stream)
                .put("protocol", publisher.protocol())
                .put("address", publisher.address()));
        return bus.relay(stream, new JsonObject().put("op", "open").put("fence", fence))
                .map(opened -> new JsonObject().put("fence", fence))
                .onFailure(error -> registry.release(stream, fence, true, monotonic()));
    }

    private void replace(StreamName stream, Publisher old) {
        bus.send(
                Address.client(old.client()),
                new JsonObject()
                        .put("op", "replaced")
                        .put("client", old.client())
                        .put("stream", stream.path()));
    }

    private Future<JsonObject> unpublish(JsonObject body) {
        StreamName stream = StreamName.parse(body.getString("stream"));
        boolean clean = body.getBoolean("clean");
        long fence = body.containsKey("fence")
                ? body.getLong("fence")
                : registry.fenceOf(stream, body.getString("client")).orElse(NO_FENCE);
        if (registry.release(stream, fence, clean, monotonic())) {
            end(stream, clean ? "publisher left" : "publisher lost");
        }
        return Future.succeededFuture(new JsonObject());
    }

    private void end(StreamName stream, String why) {
        bus.relay(stream, new JsonObject().put("op", "end"));
        tell(eventOf("unpublish", stream).put("reason", why));
    }

    private JsonObject list() {
        JsonArray streams = new JsonArray();
        for (Claim claim : registry.claims()) {
            streams.add(new JsonObject()
                    .put("app", claim.stream().app())
                    .put("name", claim.stream().stream())
                    .put("live", claim.heldUntil().isEmpty())
                    .put("node", bus.node())
                    .put("since", claim.since())
                    .put("client", claim.publisher().client())
                    .put(
                            "publisher",
                            new JsonObject()
                                    .put("protocol", claim.publisher().protocol())
                                    .put("address", claim.publisher().address())));
        }
        return new JsonObject().put("streams", streams);
    }

    private void tell(JsonObject event) {
        if (floodgate.admits(event.getString("type") + " " + event.getString("stream"), monotonic())) {
            bus.publish(Address.EVENTS, event);
        }
    }

    private JsonObject eventOf(String type, StreamName stream) {
        return event(type).put("stream", stream.path());
    }

    private JsonObject event(String type) {
        return new JsonObject().put("type", type).put("node", bus.node()).put("at", System.currentTimeMillis());
    }

    private static long monotonic() {
        return System.nanoTime() / NANOS_PER_MILLI;
    }
}
