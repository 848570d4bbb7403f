package io.fluctus.stream;

import io.fluctus.bus.Address;
import io.fluctus.bus.Bus;
import io.fluctus.bus.Bus.Registration;
import io.fluctus.bus.Floodgate;
import io.fluctus.bus.Refusal;
import io.fluctus.config.Config;
import io.fluctus.media.StreamName;
import io.fluctus.stream.Directory.Remote;
import io.fluctus.stream.StreamRegistry.Claim;
import io.fluctus.stream.StreamRegistry.Granted;
import io.fluctus.stream.StreamRegistry.Publisher;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Optional;

/**
 * The registry on the bus: {@code publish}, {@code unpublish}, {@code list}, {@code where}, {@code nodes}, {@code describe} and {@code
 * drain} at {@link Address#REGISTRY}. One instance a node. A publisher that never heard of its grant is unpublished by its client's id
 * in the place of a fence. In a cluster it agrees with the registries of the other nodes.
 */
public final class RegistryVerticle extends VerticleBase implements RegistryLink.Listener {
    private static final long NANOS_PER_MILLI = 1_000_000;
    private static final long EXPIRY_MILLIS = 250;
    private static final int BAD_REQUEST = 400;
    private static final int DRAINING = 503;
    private static final long NO_FENCE = -1;

    private final Bus bus;
    private final StreamRegistry registry;
    private final Config.Cluster cluster;
    private final JsonObject about = new JsonObject();
    private final Floodgate floodgate = new Floodgate();
    private Optional<RegistryLink> link = Optional.empty();
    private Registration service;
    private boolean draining;

    public RegistryVerticle(Bus bus, Config config) {
        this.bus = bus;
        this.registry = new StreamRegistry(
                config.stream().takeover(), config.stream().holdSeconds() * 1000L, bus.clustered() ? bus.node() : "");
        this.cluster = config.cluster();
        about.put("address", cluster.host() + ":" + cluster.port())
                .put("relays", bus.relays())
                .put("draining", false);
    }

    @Override
    public Future<?> start() {
        service = bus.serve(Address.REGISTRY, this::answer);
        vertx.setPeriodic(EXPIRY_MILLIS, timer -> tick());
        if (!bus.clustered()) {
            return Future.succeededFuture();
        }
        RegistryLink talk = new RegistryLink(vertx, bus, registry, about, this);
        link = Optional.of(talk);
        return talk.start();
    }

    @Override
    public Future<?> stop() {
        return service.close()
                .eventually(() -> link.<Future<?>>map(RegistryLink::close)
                        .orElse(Future.succeededFuture())
                        .mapEmpty());
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
                case "where" -> Future.succeededFuture(where(body));
                case "nodes" -> Future.succeededFuture(nodes());
                case "describe" -> Future.succeededFuture(describe(body));
                default -> Future.failedFuture(new Refusal(BAD_REQUEST, "no such word to the registry"));
            };
        } catch (Refusal refusal) {
            return Future.failedFuture(refusal);
        }
    }

    // -- this node's publishers

    private Future<JsonObject> publish(JsonObject body) {
        if (draining) {
            throw new Refusal(DRAINING, "this node is about to end");
        }
        StreamName stream = StreamName.parse(body.getString("stream"));
        Publisher publisher = new Publisher(
                body.getString("protocol"),
                body.getString("address"),
                Credential.of(body.getString("credential")),
                body.getString("client"));
        registry.check(stream, publisher.credential());
        return link.map(others -> others.propose(stream, publisher.credential()))
                .orElseGet(() -> Future.succeededFuture(registry.nextFence()))
                .compose(fence -> grant(stream, publisher, fence));
    }

    private Future<JsonObject> grant(StreamName stream, Publisher publisher, long fence) {
        long now = System.currentTimeMillis();
        long since = remote(stream)
                .map(remote -> remote.listed().getLong("since", now))
                .orElse(now);
        Granted granted = registry.claim(stream, publisher, since, fence);
        granted.replaced().ifPresent(old -> replace(stream, old));
        changed(stream);
        tell(eventOf(granted.replaced().isPresent() ? "takeover" : "publish", stream)
                .put("protocol", publisher.protocol())
                .put("address", publisher.address()));
        return bus.relay(stream, new JsonObject().put("op", "open").put("fence", fence))
                .map(opened -> new JsonObject().put("fence", fence))
                .onFailure(error -> {
                    registry.release(stream, fence, true, monotonic());
                    changed(stream);
                });
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
        } else {
            changed(stream);
        }
        return Future.succeededFuture(new JsonObject());
    }

    private void end(StreamName stream, String why) {
        bus.relay(stream, new JsonObject().put("op", "end"));
        changed(stream);
        tell(eventOf("unpublish", stream).put("reason", why));
    }

    private void changed(StreamName stream) {
        link.ifPresent(others -> others.changed(stream));
    }

    // -- the other nodes

    @Override
    public void touched(StreamName stream) {
        bus.relay(stream, new JsonObject().put("op", "moved"));
    }

    @Override
    public void lost(Claim claim, String node) {
        if (claim.heldUntil().isEmpty()) {
            replace(claim.stream(), claim.publisher());
        }
        bus.relay(claim.stream(), new JsonObject().put("op", "yield"));
        tell(eventOf("takeover", claim.stream()).put("to", node));
    }

    private Optional<Remote> remote(StreamName stream) {
        return link.flatMap(others -> others.directory().find(stream));
    }

    /**
     * Where a relay of this node gets a stream: {@code node}, its {@code relays}, and the owner's {@code fence}; nothing for one that
     * nobody else publishes. {@code direct}: from the owner, whatever {@code cluster.parent} says.
     */
    private JsonObject where(JsonObject body) {
        StreamName stream = StreamName.parse(body.getString("stream"));
        Optional<Remote> found = remote(stream);
        if (found.isEmpty() || registry.claimOf(stream).isPresent()) {
            return new JsonObject();
        }
        Directory known = link.orElseThrow().directory();
        Optional<String> parent = cluster.parent().isEmpty() || body.getBoolean("direct", false)
                ? Optional.empty()
                : known.at(cluster.parent());
        String source = parent.orElse(found.get().node());
        return new JsonObject()
                .put("node", source)
                .put("relays", known.about(source).orElseThrow().getInteger("relays"))
                .put("owner", found.get().node())
                .put("fence", found.get().fence());
    }

    private JsonObject nodes() {
        JsonArray nodes =
                new JsonArray().add(about.copy().put("node", bus.node()).put("here", true));
        link.ifPresent(others -> {
            Directory known = others.directory();
            known.nodes()
                    .forEach(node -> nodes.add(known.about(node)
                            .orElseThrow()
                            .copy()
                            .put("node", node)
                            .put("here", false)));
        });
        return new JsonObject().put("nodes", nodes);
    }

    /** What else there is to say of this node; {@code draining} also refuses its newcomers. */
    private JsonObject describe(JsonObject body) {
        JsonObject more = body.getJsonObject("about");
        draining = more.getBoolean("draining", draining);
        about.mergeIn(more);
        link.ifPresent(RegistryLink::describe);
        return new JsonObject();
    }

    // -- what people see

    private JsonObject list() {
        JsonArray streams = new JsonArray();
        registry.claims().forEach(claim -> streams.add(claim.listed(bus.node())));
        link.ifPresent(others -> others.directory().all().stream()
                .filter(remote -> registry.claimOf(remote.stream()).isEmpty())
                .forEach(remote -> streams.add(withNode(remote))));
        return new JsonObject().put("streams", streams);
    }

    /** Ids of clients are a node's own: of those of other nodes, the node is a part. */
    private static JsonObject withNode(Remote remote) {
        JsonObject listed = remote.listed().copy();
        return listed.put("client", remote.node() + ":" + listed.getString("client"));
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
