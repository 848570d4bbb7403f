package io.fluctus.web;

import io.fluctus.bus.Address;
import io.fluctus.bus.Bus;
import io.fluctus.bus.Refusal;
import io.vertx.core.Future;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;

/** The nodes of the cluster under {@code /api/v1/nodes}: what they run, and what an administrator may change there. */
final class NodeRoutes {
    private static final String ROOT = "/api/v1/nodes";
    private static final String NODE = ROOT + "/:node";
    private static final int MAX_BODY = 4096;
    private static final long ANSWER_MILLIS = 10_000;
    private static final int BAD_REQUEST = 400;
    private static final int BAD_GATEWAY = 502;

    private final Bus bus;
    private final Gate gate;

    NodeRoutes(Bus bus, Gate gate) {
        this.bus = bus;
        this.gate = gate;
    }

    void addTo(Router router) {
        router.get(ROOT).handler(gate::reading).handler(this::list);
        router.get(NODE + "/verticles")
                .handler(gate::reading)
                .handler(context -> ask(context, new JsonObject().put("op", "list")));
        router.post(NODE + "/drain")
                .handler(gate.needs("admin"))
                .handler(context -> ask(context, new JsonObject().put("op", "drain")));
        router.post(NODE + "/verticles/:verticle")
                .handler(BodyHandler.create(false).setBodyLimit(MAX_BODY));
        router.post(NODE + "/verticles/:verticle").handler(gate.needs("admin")).handler(this::deploy);
        router.delete(NODE + "/verticles/:verticle")
                .handler(gate.needs("admin"))
                .handler(context -> ask(
                        context, new JsonObject().put("op", "undeploy").put("name", context.pathParam("verticle"))));
    }

    private void list(RoutingContext context) {
        bus.request(Address.REGISTRY, new JsonObject().put("op", "nodes"))
                .onSuccess(nodes -> send(context, nodes.getJsonArray("nodes")))
                .onFailure(context::fail);
    }

    /** The body, {@code {instances, persist}}, may be left out. */
    private void deploy(RoutingContext context) {
        JsonObject wish;
        try {
            wish = context.body().length() <= 0
                    ? new JsonObject()
                    : context.body().asJsonObject();
        } catch (DecodeException e) {
            Errors.send(context, BAD_REQUEST, "body", "the body is not a JSON object");
            return;
        }
        ask(context, wish.put("op", "deploy").put("name", context.pathParam("verticle")));
    }

    private void ask(RoutingContext context, JsonObject word) {
        Future<JsonObject> answer = bus.requestFar(Address.deploy(context.pathParam("node")), word, ANSWER_MILLIS);
        answer.onSuccess(said -> send(context, said)).onFailure(error -> refuse(context, error));
    }

    private static void refuse(RoutingContext context, Throwable error) {
        boolean refused = error instanceof Refusal refusal && refusal.code() >= BAD_REQUEST && refusal.code() < 500;
        if (refused) {
            Errors.send(context, ((Refusal) error).code(), "refused", error.getMessage());
        } else {
            Errors.send(context, BAD_GATEWAY, "node", "this node does not answer");
        }
    }

    private static void send(RoutingContext context, Object body) {
        context.response()
                .putHeader("Content-Type", "application/json")
                .putHeader("Cache-Control", "no-store")
                .end(body instanceof JsonArray array ? array.toBuffer() : ((JsonObject) body).toBuffer());
    }
}
