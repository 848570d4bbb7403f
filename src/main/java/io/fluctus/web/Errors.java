package io.fluctus.web;

import io.vertx.core.Future;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;

/** Errors of the HTTP side: {@code {"error": {"code", "message"}}}. */
final class Errors {
    private Errors() {}

    /** {@code code} is for programs, {@code message} for people. */
    static void send(RoutingContext context, int status, String code, String message) {
        send(context.response(), status, code, message);
    }

    static Future<Void> send(HttpServerResponse response, int status, String code, String message) {
        return response.setStatusCode(status)
                .putHeader("Content-Type", "application/json")
                .putHeader("Access-Control-Allow-Origin", "*")
                .end(new JsonObject()
                        .put("error", new JsonObject().put("code", code).put("message", message))
                        .toBuffer());
    }
}
