package io.fluctus.web;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.GZIPOutputStream;

/**
 * The console's files, from the class path and so from the jar, too. A browser keeps them and asks each time whether they are still
 * the same, by a digest of their bytes: an update is seen at once and nothing is sent twice.
 */
final class ConsoleFiles {
    private static final String FOLDER = "webroot";
    private static final Pattern PATH =
            Pattern.compile("(?:/[a-zA-Z0-9][a-zA-Z0-9-]*)*/[a-zA-Z0-9][a-zA-Z0-9.-]*\\.([a-z]+)");
    private static final Map<String, String> TYPES = Map.of(
            "html", "text/html; charset=utf-8",
            "css", "text/css; charset=utf-8",
            "js", "text/javascript; charset=utf-8",
            "mjs", "text/javascript; charset=utf-8",
            "svg", "image/svg+xml");

    private final Vertx vertx;
    private final Map<String, Content> read = new HashMap<>();

    /** A file as it is sent, plain and packed. */
    private record Content(String type, String digest, Buffer plain, Buffer packed) {}

    ConsoleFiles(Vertx vertx) {
        this.vertx = vertx;
    }

    void addTo(Router router) {
        router.route("/*").method(HttpMethod.GET).method(HttpMethod.HEAD).handler(this::serve);
    }

    private void serve(RoutingContext context) {
        String path = context.request().path().equals("/")
                ? "/index.html"
                : context.request().path();
        find(path)
                .onFailure(context::fail)
                .onSuccess(content -> content.ifPresentOrElse(
                        found -> send(context, found),
                        () -> Errors.send(context, 404, "not_found", "there is no such page")));
    }

    private Future<Optional<Content>> find(String path) {
        Content known = read.get(path);
        if (known != null) {
            return Future.succeededFuture(Optional.of(known));
        }
        Matcher named = PATH.matcher(path);
        if (!named.matches() || !TYPES.containsKey(named.group(1))) {
            return Future.succeededFuture(Optional.empty());
        }
        String type = TYPES.get(named.group(1));
        return vertx.executeBlocking(() -> load(path, type))
                .onSuccess(content -> content.ifPresent(found -> read.put(path, found)));
    }

    private static Optional<Content> load(String path, String type) throws IOException {
        try (InputStream in = ConsoleFiles.class.getResourceAsStream("/" + FOLDER + path)) {
            if (in == null) {
                return Optional.empty();
            }
            byte[] bytes = in.readAllBytes();
            return Optional.of(new Content(type, digest(bytes), Buffer.buffer(bytes), Buffer.buffer(pack(bytes))));
        }
    }

    private static String digest(byte[] bytes) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(bytes);
            return HexFormat.of().formatHex(digest, 0, 12);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    private static byte[] pack(byte[] bytes) {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
            out.write(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return packed.toByteArray();
    }

    private static void send(RoutingContext context, Content content) {
        boolean packed =
                String.valueOf(context.request().getHeader("Accept-Encoding")).contains("gzip");
        String tag = "\"" + content.digest + (packed ? "-gzip\"" : "\"");
        HttpServerResponse response = context.response()
                .putHeader("Cache-Control", "no-cache")
                .putHeader("ETag", tag)
                .putHeader("Vary", "Accept-Encoding");
        if (tag.equals(context.request().getHeader("If-None-Match"))) {
            response.setStatusCode(304).end();
            return;
        }
        response.putHeader("Content-Type", content.type);
        if (packed) {
            response.putHeader("Content-Encoding", "gzip");
        }
        Buffer body = packed ? content.packed : content.plain;
        if (context.request().method() == HttpMethod.HEAD) {
            response.putHeader("Content-Length", Integer.toString(body.length()))
                    .end();
        } else {
            response.end(body);
        }
    }
}
