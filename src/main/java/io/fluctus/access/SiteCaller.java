package io.fluctus.access;

import io.fluctus.config.Config;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.json.JsonObject;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Calls the site over connections that stay open: a signed POST, one retry, and an answer within the time that is set. */
final class SiteCaller {
    /** A longer answer is none. */
    static final int MAX_BODY = 64 * 1024;

    /** Connections to the site, and calls that wait for one. */
    static final int CONNECTIONS = 32;

    static final int MAX_WAITING = 1_000;

    /** What is left must be worth a second try. */
    private static final long LEAST_MILLIS = 50;

    private static final int KEEP_ALIVE_SECONDS = 30;
    private static final long MILLIS_PER_SECOND = 1_000;

    private final Vertx vertx;
    private final Context context;
    private final Config.Hooks config;
    private final HttpClient client;
    private final Deliveries deliveries = new Deliveries();

    /** An answer of the site. */
    private record Reply(int status, String cacheControl, Buffer body) {}

    SiteCaller(Vertx vertx, Config.Hooks config) {
        this.vertx = vertx;
        this.context = vertx.getOrCreateContext();
        this.config = config;
        this.client = vertx.createHttpClient(
                new HttpClientOptions()
                        .setConnectTimeout(config.timeoutMillis())
                        .setKeepAliveTimeout(KEEP_ALIVE_SECONDS),
                new PoolOptions().setHttp1MaxSize(CONNECTIONS).setMaxWaitQueueSize(MAX_WAITING));
    }

    Deliveries deliveries() {
        return deliveries;
    }

    Future<Void> close() {
        return client.close();
    }

    /** Always succeeds, and in time. */
    Future<SiteAnswer> call(Action action, JsonObject request) {
        long end = now() + config.timeoutMillis();
        return attempt(action, request, config.timeoutMillis()).compose(first -> {
            long left = end - now();
            return first instanceof SiteAnswer.Failed && left >= LEAST_MILLIS
                    ? attempt(action, request, left)
                    : Future.succeededFuture(first);
        });
    }

    private Future<SiteAnswer> attempt(Action action, JsonObject request, long millis) {
        long start = now();
        return post(action, request.toBuffer(), millis)
                .map(reply -> {
                    SiteAnswer answer = SiteAnswer.of(reply.status, reply.cacheControl, reply.body);
                    JsonObject said = new JsonObject()
                            .put("status", reply.status)
                            .put("body", Deliveries.cut(reply.body.toString()));
                    if (answer instanceof SiteAnswer.Failed failed) {
                        said.put("error", failed.why());
                    }
                    deliveries.add(
                            action, seen(request, answer), said, now() - start, answer instanceof SiteAnswer.Failed);
                    return answer;
                })
                .otherwise(error -> {
                    String why = Optional.ofNullable(error.getMessage()).orElse(error.toString());
                    deliveries.add(action, request, new JsonObject().put("error", why), now() - start, true);
                    return new SiteAnswer.Failed(why);
                });
    }

    /** Where the site gives another name, the one that the client wrote is its key. */
    private static JsonObject seen(JsonObject request, SiteAnswer answer) {
        boolean renamed = answer instanceof SiteAnswer.Decided decided
                && decided.ruling() instanceof Ruling.Granted granted
                && !granted.stream().isEmpty();
        return renamed ? request.copy().put("stream", Deliveries.HIDDEN) : request;
    }

    private Future<Reply> post(Action action, Buffer body, long millis) {
        Promise<Reply> done = Promise.promise();
        HttpClientRequest[] sent = new HttpClientRequest[1];
        long timer = vertx.setTimer(millis, late -> {
            done.tryFail("no answer within " + millis + " ms");
            if (sent[0] != null) {
                sent[0].reset();
            }
        });
        // On one context: its handlers are set before the answer goes on.
        context.runOnContext(go -> client.request(new RequestOptions()
                        .setMethod(HttpMethod.POST)
                        .setAbsoluteURI(config.url().replace("{action}", action.word()))
                        .setFollowRedirects(false))
                .compose(request -> {
                    sent[0] = request;
                    if (done.future().isComplete()) {
                        request.reset();
                        return Future.failedFuture("too late");
                    }
                    sign(request, body);
                    return request.send(body);
                })
                .onSuccess(response -> read(response, done))
                .onFailure(done::tryFail));
        return done.future().onComplete(any -> vertx.cancelTimer(timer));
    }

    /** The time stands in what is signed, so that a call cannot be repeated by others later. */
    private void sign(HttpClientRequest request, Buffer body) {
        request.putHeader("Content-Type", "application/json").putHeader("User-Agent", "Fluctus");
        if (!config.secret().isEmpty()) {
            String at = Long.toString(System.currentTimeMillis() / MILLIS_PER_SECOND);
            Buffer signed = Buffer.buffer(at + ".").appendBuffer(body);
            request.putHeader(
                    "Fluctus-Signature", "t=" + at + ",v1=" + Secrets.sign(config.secret(), signed.getBytes()));
        }
    }

    private static void read(HttpClientResponse response, Promise<Reply> done) {
        Buffer body = Buffer.buffer();
        String cacheControl =
                Optional.ofNullable(response.getHeader("Cache-Control")).orElse("");
        response.exceptionHandler(done::tryFail);
        response.handler(part -> {
            if (body.length() + part.length() > MAX_BODY) {
                done.tryFail("its answer is longer than " + MAX_BODY + " bytes");
                response.request().reset();
            } else {
                body.appendBuffer(part);
            }
        });
        response.endHandler(end -> done.tryComplete(new Reply(response.statusCode(), cacheControl, body)));
    }

    private static long now() {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
    }
}
