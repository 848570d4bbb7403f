package io.fluctus.web;

import io.fluctus.bus.Address;
import io.fluctus.bus.Bus;
import io.fluctus.bus.Refusal;
import io.fluctus.media.StreamName;
import io.fluctus.wire.ProtocolException;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.FileSystemAccess;
import io.vertx.ext.web.handler.StaticHandler;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;

/** Recordings: {@code /api/v1/recordings} lists, starts and stops them, {@code /vod/<path>} serves the files, in ranges, too. */
final class RecordingRoutes {
    private static final String API = "/api/v1/recordings";
    private static final String FILES = "/vod/";

    /** Segments as names of streams have them, and an extension that is a recording's. */
    private static final Pattern PATH = Pattern.compile(
            "(?:(?!\\.{1,2}/)[\\p{L}\\p{M}\\p{N}._~-]{1,255}/){0,12}(?!\\.)[\\p{L}\\p{M}\\p{N}._~-]{1,251}\\.(?:mp4|flv)");

    private final Vertx vertx;
    private final Bus bus;
    private final Gate gate;
    private final Path folder;

    RecordingRoutes(Vertx vertx, Bus bus, Gate gate, String folder) {
        this.vertx = vertx;
        this.bus = bus;
        this.gate = gate;
        this.folder = Path.of(folder).toAbsolutePath().normalize();
    }

    void addTo(Router router) {
        router.get(API).handler(gate::reading).handler(context -> ask(context, new JsonObject().put("op", "list")));
        router.postWithRegex(API + "/(?<path>.+)")
                .handler(gate.needs("operator"))
                .handler(context -> command(context, "start"));
        router.deleteWithRegex(API + "/(?<path>.+)")
                .handler(gate.needs("operator"))
                .handler(context -> command(context, "stop"));
        StaticHandler files = StaticHandler.create(FileSystemAccess.ROOT, folder.toString())
                .setCachingEnabled(false)
                .setFilesReadOnly(false)
                .setAlwaysAsyncFS(true)
                .setEnableFSTuning(false)
                .setDirectoryListing(false);
        router.route(FILES + "*")
                .method(HttpMethod.GET)
                .method(HttpMethod.HEAD)
                .handler(gate::reading)
                .handler(this::admit)
                .handler(this::check)
                .handler(files);
    }

    private void command(RoutingContext context, String op) {
        try {
            StreamName stream = StreamName.parse(context.pathParam("path"));
            ask(context, new JsonObject().put("op", op).put("stream", stream.path()));
        } catch (ProtocolException e) {
            Errors.send(context, 400, "bad_name", e.getMessage());
        }
    }

    private void ask(RoutingContext context, JsonObject question) {
        bus.request(Address.RECORD, question)
                .onSuccess(answer -> context.response()
                        .putHeader("Content-Type", "application/json")
                        .putHeader("Cache-Control", "no-store")
                        .end(answer.toBuffer()))
                .onFailure(error -> {
                    int code = error instanceof Refusal refusal ? refusal.code() : 500;
                    int status = code >= 400 && code < 600 ? code : 500;
                    Errors.send(context, status, "not_done", error.getMessage());
                });
    }

    /** Where not everybody may play everything, recordings are for those with a role: their names need not tell their stream. */
    private void admit(RoutingContext context) {
        if (gate.playRules()) {
            gate.viewers(context);
        } else {
            context.next();
        }
    }

    /** Goes on for a file that is really in the folder: a name of ours, and no link that leads away. */
    private void check(RoutingContext context) {
        String path = decoded(context.request().path().substring(FILES.length()));
        if (!PATH.matcher(path).matches()) {
            Errors.send(context, 404, "not_found", "there is no such recording");
            return;
        }
        vertx.executeBlocking(() -> isHere(path), false).onComplete(here -> {
            if (here.succeeded() && here.result()) {
                context.response().putHeader("Access-Control-Allow-Origin", "*").putHeader("Cache-Control", "no-cache");
                context.next();
            } else {
                Errors.send(context, 404, "not_found", "there is no such recording");
            }
        });
    }

    private static String decoded(String path) {
        try {
            return URLDecoder.decode(path.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return "";
        }
    }

    private boolean isHere(String path) throws IOException {
        Path file = folder.resolve(path);
        return Files.isRegularFile(file) && file.toRealPath().startsWith(folder.toRealPath());
    }
}
