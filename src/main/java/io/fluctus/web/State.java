package io.fluctus.web;

import com.sun.management.OperatingSystemMXBean;
import io.fluctus.audience.Audiences;
import io.fluctus.bus.Address;
import io.fluctus.bus.Bus;
import io.fluctus.config.Config;
import io.fluctus.guard.Guard;
import io.fluctus.media.StreamName;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Optional;

/** The answers to every question about the gateway, asked on the bus: what the API, the feed and the status page show. */
final class State {
    /** Below 0 where the machine does not tell. */
    private static final double PERCENT = 100.0;

    private final Bus bus;
    private final Config config;
    private final Guard guard;
    private final Figures figures;
    private final RecentEvents events;
    private final OperatingSystemMXBean machine = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);

    /** What was set, and what counts it. */
    record Settings(Config config, Guard guard) {}

    State(Bus bus, Settings settings, Figures figures, RecentEvents events) {
        this.bus = bus;
        this.config = settings.config;
        this.guard = settings.guard;
        this.figures = figures;
        this.events = events;
    }

    /** Every stream that is live or held for its publisher. */
    Future<JsonArray> streams() {
        return bus.request(Address.REGISTRY, new JsonObject().put("op", "list"))
                .map(list -> figures.streams(list.getJsonArray("streams")));
    }

    Future<Optional<JsonObject>> stream(String path) {
        return streams()
                .map(all -> all.stream()
                        .map(JsonObject.class::cast)
                        .filter(stream -> Figures.pathOf(stream).equals(path))
                        .findFirst());
    }

    /** Who watches the stream, at most {@link Audiences#MAX_LISTED} of each instance. */
    Future<JsonArray> viewers(String path) {
        List<Future<JsonObject>> asked = figures.watching(path).stream()
                .map(source -> bus.request(Address.audience(source), new JsonObject().put("stream", path)))
                .toList();
        return Future.join(asked).transform(all -> {
            JsonArray viewers = new JsonArray();
            asked.stream()
                    .filter(Future::succeeded)
                    .forEach(answer -> viewers.addAll(answer.result().getJsonArray("viewers")));
            return Future.succeededFuture(viewers);
        });
    }

    Future<JsonObject> tracks(StreamName stream) {
        return bus.prelude(stream).map(Tracks::of);
    }

    /** The last key frame as an MP4 file of one picture. */
    Future<Optional<Buffer>> thumbnail(StreamName stream) {
        return bus.prelude(stream).map(Thumbnail::of);
    }

    JsonObject history(String path) {
        return figures.history().of(path);
    }

    JsonArray bitrates(String path, int newest) {
        return figures.history().bitrates(path, newest);
    }

    JsonArray events() {
        return events.list();
    }

    /** This node: version, addresses, verticles, loops, memory. */
    Future<JsonObject> server() {
        Runtime runtime = Runtime.getRuntime();
        JsonArray loops = figures.loops();
        return bus.request(Address.deploy(bus.node()), new JsonObject().put("op", "list"))
                .map(node -> node.put(
                                "memory",
                                new JsonObject()
                                        .put("heapUsed", runtime.totalMemory() - runtime.freeMemory())
                                        .put("heapMax", runtime.maxMemory()))
                        .put("cpuPercent", Math.round(PERCENT * Math.max(0, machine.getProcessCpuLoad())))
                        .put("cores", runtime.availableProcessors())
                        .put("loops", loops)
                        .put("connections", connections(loops))
                        .put("publicAddress", config.publicAddress())
                        .put("keyed", !config.publish().key().isEmpty())
                        .put("private", config.web().isPrivate()));
    }

    /** By verticle, with the bound where there is one: {@code {rtmp: {now, max}, web: {now}}}. */
    private JsonObject connections(JsonArray loops) {
        JsonObject connections = new JsonObject();
        for (int i = 0; i < loops.size(); i++) {
            String source = loops.getJsonObject(i).getString("source");
            String verticle = source.substring(0, source.indexOf('.'));
            JsonObject sum = connections.getJsonObject(verticle, new JsonObject().put("now", 0));
            int now = sum.getInteger("now") + loops.getJsonObject(i).getInteger("connections");
            connections.put(verticle, sum.put("now", now));
            if (verticle.equals("rtmp")) {
                sum.put("max", config.rtmp().maxConnections());
            }
        }
        return connections;
    }

    /** What only the administrator sees: the key to publish with. */
    JsonObject secrets() {
        return new JsonObject().put("publishKey", config.publish().key());
    }

    /** A word to access, and its answer. */
    Future<JsonObject> access(JsonObject word) {
        return bus.request(Address.ACCESS, word);
    }

    /** Every limit, with how often it was reached on this node; 0 is no limit. */
    Future<JsonObject> limits() {
        return access(new JsonObject().put("op", "state"))
                .map(access -> new JsonObject()
                        .put(
                                "addresses",
                                new JsonObject()
                                        .put("known", guard.addresses().addresses())
                                        .put("connections", guard.addresses().limitOpen())
                                        .put(
                                                "connectionsRefused",
                                                guard.addresses().refusedOpen())
                                        .put("newASecond", guard.addresses().limitFresh())
                                        .put("newRefused", guard.addresses().refusedFresh()))
                        .put(
                                "kbps",
                                new JsonObject()
                                        .put("viewer", guard.shares().limits().viewer())
                                        .put("stream", guard.shares().limits().stream())
                                        .put(
                                                "application",
                                                guard.shares().limits().application())
                                        .put("node", guard.shares().limits().node())
                                        .put("thinned", guard.shares().thinned())
                                        .put("refused", guard.shares().refused()))
                        .put("connectionsPerApplication", config.limits().connectionsPerApplication())
                        .put("viewersPerStream", config.limits().viewersPerStream())
                        .put(
                                "idleSeconds",
                                new JsonObject()
                                        .put("publisher", config.rtmp().idlePublisherSeconds())
                                        .put("viewer", config.fanout().closeAfterSeconds()))
                        .put("access", access));
    }

    /** Ends a client's connection; false where nobody holds such a client. */
    Future<Boolean> kick(String client) {
        int colon = client.indexOf(':');
        String id = client.substring(colon + 1);
        JsonObject word = new JsonObject().put("op", "kick").put("client", id);
        Future<JsonObject> kicked = colon < 0
                ? bus.request(Address.client(id), word)
                : bus.requestFar(Address.registry(client.substring(0, colon)), word, Bus.REQUEST_TIMEOUT_MILLIS);
        return kicked.map(answer -> answer.getBoolean("found")).onSuccess(found -> {
            if (found) {
                bus.publish(
                        Address.EVENTS,
                        new JsonObject()
                                .put("type", "kick")
                                .put("client", client)
                                .put("node", bus.node())
                                .put("at", System.currentTimeMillis()));
            }
        });
    }
}
