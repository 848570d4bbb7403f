package io.fluctus.web;

import io.fluctus.bus.Refusal;
import io.vertx.core.Future;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import java.util.Optional;

/** Who may what, as the API has it: logging in and out, links that end, what the site was asked, and the limits. */
final class AccessRoutes {
    /** Bytes of a body: a name and a password, or what a link is for. */
    private static final int MAX_BODY = 8 * 1024;

    private static final int BAD_REQUEST = 400;

    private final State state;
    private final Gate gate;

    AccessRoutes(State state, Gate gate) {
        this.state = state;
        this.gate = gate;
    }

    /** Before what asks for a token. */
    void addLogin(Router router) {
        router.post(Answers.ROOT + "/login")
                .handler(BodyHandler.create(false).setBodyLimit(MAX_BODY))
                .handler(this::login);
    }

    void addTo(Router router) {
        String root = Answers.ROOT;
        BodyHandler body = BodyHandler.create(false).setBodyLimit(MAX_BODY);
        router.post(root + "/logout")
                .handler(gate.needs("viewer"))
                .handler(context -> tell(context, state.access(logout(context))));
        router.get(root + "/me").handler(this::me);
        router.get(root + "/limits").handler(context -> tell(context, state.limits()));
        router.get(root + "/hooks")
                .handler(gate.needs("operator"))
                .handler(context -> tell(context, state.access(new JsonObject().put("op", "hooks"))));
        router.post(root + "/hooks/:action/test")
                .handler(gate.needs("admin"))
                .handler(context -> tell(
                        context,
                        state.access(new JsonObject().put("op", "test").put("action", context.pathParam("action")))));
        router.post(root + "/links")
                .handler(body)
                .handler(gate.needs("operator"))
                .handler(this::link);
    }

    private void login(RoutingContext context) {
        if (!Gate.sameOrigin(context.request())) {
            Errors.send(context, 403, "origin", "this is for pages of this gateway");
            return;
        }
        body(context)
                .ifPresent(body -> tell(
                        context,
                        state.access(new JsonObject()
                                .put("op", "login")
                                .put("user", text(body, "user"))
                                .put("password", text(body, "password"))
                                .put("host", context.request().remoteAddress().hostAddress()))));
    }

    private void me(RoutingContext context) {
        tell(
                context,
                gate.who(context.request())
                        .map(verdict ->
                                new JsonObject().put("name", verdict.name()).put("role", verdict.role())));
    }

    private static JsonObject logout(RoutingContext context) {
        String header = Optional.ofNullable(context.request().getHeader("Authorization"))
                .orElse("");
        return new JsonObject().put("op", "logout").put("token", header.replaceFirst("(?i)^bearer +", ""));
    }

    private void link(RoutingContext context) {
        body(context)
                .ifPresent(body -> tell(
                        context,
                        state.access(new JsonObject()
                                .put("op", "link")
                                .put("action", text(body, "action"))
                                .put("stream", text(body, "stream"))
                                .put(
                                        "seconds",
                                        body.getValue("seconds") instanceof Number seconds ? seconds.longValue() : 0)
                                .put("address", text(body, "address")))));
    }

    private static String text(JsonObject body, String key) {
        return body.getValue(key) instanceof String text ? text : "";
    }

    private static Optional<JsonObject> body(RoutingContext context) {
        try {
            return Optional.of(new JsonObject(context.body().buffer()));
        } catch (DecodeException | ClassCastException | NullPointerException e) {
            Errors.send(context, BAD_REQUEST, "bad_request", "the body is no JSON object");
            return Optional.empty();
        }
    }

    private static void tell(RoutingContext context, Future<JsonObject> answer) {
        answer.onSuccess(json -> Answers.send(context, json.toBuffer())).onFailure(error -> {
            int status = error instanceof Refusal refusal && refusal.code() >= BAD_REQUEST ? refusal.code() : 500;
            Errors.send(context, status, "refused", error.getMessage());
        });
    }
}
