package io.fluctus.access;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Where the public keys of tokens come from: a file or an address, read again now and then and when an unknown key is named. */
final class Jwks {
    private static final Logger LOG = LoggerFactory.getLogger("access");

    /** How often the keys are read. */
    private static final long READ_MILLIS = TimeUnit.MINUTES.toMillis(5);

    /** And how often at most, however many unknown keys tokens name. */
    private static final long LEAST_MILLIS = TimeUnit.SECONDS.toMillis(30);

    private static final long TIMEOUT_MILLIS = 3_000;
    private static final int MAX_BYTES = 256 * 1024;
    private static final int OK = 200;

    private final Vertx vertx;
    private final String source;
    private final Tokens tokens;
    private final HttpClient client;
    private long lastRead = Long.MIN_VALUE / 2;

    Jwks(Vertx vertx, String source, Tokens tokens) {
        this.vertx = vertx;
        this.source = source;
        this.tokens = tokens;
        this.client = vertx.createHttpClient();
    }

    /** Reads once now, whether that works or not, and from now on. */
    Future<Void> start() {
        if (source.isEmpty()) {
            return Future.succeededFuture();
        }
        vertx.setPeriodic(READ_MILLIS, timer -> read());
        return read();
    }

    Future<Void> close() {
        return client.close();
    }

    /** Whether the keys are to be read for a token that names an unknown one. */
    boolean isDue() {
        return !source.isEmpty() && now() - lastRead >= LEAST_MILLIS;
    }

    /** Never fails: the keys that were known stay when there are no new ones. */
    Future<Void> read() {
        lastRead = now();
        Future<Buffer> text = source.matches("https?://.*") ? fetch() : readFile();
        return text.<Void>map(bytes -> {
                    tokens.publicKeys(bytes.toString());
                    return null;
                })
                .otherwise(error -> {
                    LOG.warn("the public keys in {} cannot be read: {}", source, error.getMessage());
                    return null;
                });
    }

    private Future<Buffer> readFile() {
        return vertx.fileSystem()
                .props(source)
                .compose(file -> file.size() > MAX_BYTES
                        ? Future.failedFuture("the file is too large")
                        : vertx.fileSystem().readFile(source));
    }

    /** No redirect is followed: the address stands in the configuration. */
    private Future<Buffer> fetch() {
        Promise<Buffer> done = Promise.promise();
        client.request(new RequestOptions()
                        .setMethod(HttpMethod.GET)
                        .setAbsoluteURI(source)
                        .setFollowRedirects(false))
                .compose(request -> request.send())
                .onSuccess(response -> take(response, done))
                .onFailure(done::tryFail);
        return done.future().timeout(TIMEOUT_MILLIS, TimeUnit.MILLISECONDS);
    }

    private static void take(HttpClientResponse response, Promise<Buffer> done) {
        Buffer body = Buffer.buffer();
        response.exceptionHandler(done::tryFail);
        response.handler(part -> {
            if (body.length() + part.length() > MAX_BYTES) {
                done.tryFail("the answer is too long");
                response.request().reset();
            } else {
                body.appendBuffer(part);
            }
        });
        response.endHandler(end -> {
            if (response.statusCode() == OK) {
                done.tryComplete(body);
            } else {
                done.tryFail("the answer's status is " + response.statusCode());
            }
        });
    }

    private static long now() {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
    }
}
