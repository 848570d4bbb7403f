package io.fluctus.web;

import io.fluctus.bus.Address;
import io.fluctus.bus.Bus;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.Optional;

/** The state of the gateway as JSON under {@code /api/v1}. */
final class ApiRoutes {
    private static final String ROOT = "/api/v1";
    private static final String STREAMS = ROOT + "/streams";

    private final Bus bus;
    private final Figures figures;

    ApiRoutes(Bus bus, Figures figures) {
        this.bus = bus;
        this.figures = figures;
    }

    void addTo(Router router) {
        router.get(STREAMS).handler(context -> answer(context, streams().map(JsonArray::toBuffer)));
        router.getWithRegex(STREAMS + "/(?<path>.+)").handler(this::stream);
        router.get(ROOT + "/server").handler(context -> answer(context, server().map(JsonObject::toBuffer)));
        router.route(ROOT + "/*")
                .last()
                .handler(context -> Errors.send(context, 404, "not_found", "no such address in the API"));
    }

    /** Every stream that is live or held for its publisher. */
    Future<JsonArray> streams() {
        return bus.request(Address.REGISTRY, new JsonObject().put("op", "list"))
                .map(list -> figures.streams(list.getJsonArray("streams")));
    }

    /** This node: version, addresses, verticles, memory. */
    Future<JsonObject> server() {
        Runtime runtime = Runtime.getRuntime();
        return bus.request(Address.deploy(bus.node()), new JsonObject().put("op", "list"))
                .map(node -> node.put(
                        "memory",
                        new JsonObject()
                                .put("heapUsed", runtime.totalMemory() - runtime.freeMemory())
                                .put("heapMax", runtime.maxMemory())));
    }

    private void stream(RoutingContext context) {
        String path = context.pathParam("path");
        streams()
                .onSuccess(all -> find(all, path)
                        .ifPresentOrElse(
                                stream -> send(context, stream.toBuffer()),
                                () -> Errors.send(context, 404, "not_live", "nobody publishes this stream")))
                .onFailure(context::fail);
    }

    private static Optional<JsonObject> find(JsonArray streams, String path) {
        return streams.stream()
                .map(JsonObject.class::cast)
                .filter(stream -> Figures.pathOf(stream).equals(path))
                .findFirst();
    }

    private static void answer(RoutingContext context, Future<Buffer> body) {
        body.onSuccess(bytes -> send(context, bytes)).onFailure(context::fail);
    }

    private static void send(RoutingContext context, Buffer body) {
        context.response()
                .putHeader("Content-Type", "application/json")
                .putHeader("Cache-Control", "no-store")
                .end(body);
    }
}
