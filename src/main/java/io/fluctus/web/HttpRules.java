package io.fluctus.web;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * What holds for every request: heads and bodies come in time, and whatever goes wrong is answered in JSON. Not an idle time-out of
 * the socket, which would cut viewers of a stream that pauses.
 */
final class HttpRules {
    /** How long the head of the next request may take, from the connection's start or the last answer; and how long a body. */
    static final long PATIENCE_MILLIS = 10_000;

    private static final long TICK_MILLIS = 1_000;

    private static final Set<HttpMethod> WITHOUT_BODY = Set.of(HttpMethod.GET, HttpMethod.HEAD, HttpMethod.OPTIONS);

    /** Since when, in monotonic milliseconds, a head is waited for. */
    private final Map<HttpConnection, Long> heads = new HashMap<>();

    private final Map<HttpServerRequest, Long> bodies = new HashMap<>();

    HttpRules(Vertx vertx) {
        vertx.setPeriodic(TICK_MILLIS, timer -> closeTheLate(now()));
    }

    void addTo(Router router) {
        router.route().handler(this::begin);
        answer(router, 400, "bad_request", "the request cannot be understood");
        answer(router, 404, "not_found", "nothing is there");
        answer(router, 405, "method_not_allowed", "this method is not served there");
        answer(router, 413, "too_large", "the body is too large");
        answer(router, 500, "internal", "the gateway failed at this request");
    }

    private static void answer(Router router, int status, String code, String message) {
        router.errorHandler(status, context -> {
            if (!context.response().ended() && !context.response().headWritten()) {
                Errors.send(context, status, code, message);
            }
        });
    }

    void connected(HttpConnection connection) {
        heads.put(connection, now());
    }

    private void begin(RoutingContext context) {
        HttpServerRequest request = context.request();
        heads.remove(request.connection());
        if (!WITHOUT_BODY.contains(request.method())) {
            bodies.put(request, now());
        }
        context.addEndHandler(ended -> connected(request.connection()));
        context.next();
    }

    /** What is no request at all, or one with a line or headers above the limit. */
    static void refuse(HttpServerRequest request) {
        Errors.send(request.response(), 400, "bad_request", "the request cannot be understood, or is too large")
                .onComplete(sent -> request.connection().close());
    }

    private void closeTheLate(long now) {
        bodies.entrySet().removeIf(entry -> {
            boolean late = !entry.getKey().isEnded() && now - entry.getValue() >= PATIENCE_MILLIS;
            if (late) {
                entry.getKey().connection().close();
            }
            return late || entry.getKey().isEnded();
        });
        heads.entrySet().removeIf(entry -> {
            boolean late = now - entry.getValue() >= PATIENCE_MILLIS;
            if (late) {
                entry.getKey().close();
            }
            return late;
        });
    }

    private static long now() {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
    }
}
