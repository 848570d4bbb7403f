package io.fluctus.web;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.ext.web.RoutingContext;

/** Answers of the API, in JSON. */
final class Answers {
    static final String ROOT = "/api/v1";

    private Answers() {}

    static void answer(RoutingContext context, Future<Buffer> body) {
        body.onSuccess(bytes -> send(context, bytes)).onFailure(context::fail);
    }

    static void send(RoutingContext context, Buffer body) {
        context.response()
                .putHeader("Content-Type", "application/json")
                .putHeader("Cache-Control", "no-store")
                .end(body);
    }
}
