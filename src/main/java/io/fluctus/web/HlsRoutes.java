package io.fluctus.web;

import io.fluctus.bus.Address;
import io.fluctus.bus.Bus;
import io.fluctus.bus.Resource;
import io.fluctus.media.StreamName;
import io.fluctus.wire.ProtocolException;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** HLS at {@code /live/<app>/<stream>/index.m3u8}, and what its playlists name; the packager on the bus makes all of it. */
final class HlsRoutes {
    private static final Pattern PATH =
            Pattern.compile("/live/(?<stream>.+)/(?:(?<main>index\\.m3u8)|(?<media>media\\.m3u8)"
                    + "|init-(?<init>\\d{1,9})\\.mp4|(?<number>\\d{1,15})(?:\\.(?<part>\\d{1,4}))?\\.m4s)");

    private final Bus bus;
    private final Gate gate;

    HlsRoutes(Bus bus, Gate gate) {
        this.bus = bus;
        this.gate = gate;
    }

    void addTo(Router router) {
        router.routeWithRegex("/live/.+/[a-z0-9.-]+\\.(?:m3u8|m4s|mp4)")
                .method(HttpMethod.GET)
                .method(HttpMethod.HEAD)
                .handler(this::serve);
    }

    private void serve(RoutingContext context) {
        Matcher path = PATH.matcher(context.request().path());
        if (!path.matches()) {
            context.next();
            return;
        }
        StreamName stream;
        try {
            stream = StreamName.parse(
                    URLDecoder.decode(path.group("stream").replace("+", "%2B"), StandardCharsets.UTF_8));
        } catch (ProtocolException | IllegalArgumentException e) {
            Errors.send(context, 400, "bad_name", e.getMessage());
            return;
        }
        if (path.group("main") != null) {
            begin(context, stream);
        } else {
            goOn(context, stream, question(context.request(), path));
        }
    }

    /** The first playlist is asked about; what follows belongs to the session that it began. */
    private void begin(RoutingContext context, StreamName stream) {
        gate.mayRead(context.request()).onSuccess(allowed -> {
            if (allowed) {
                gate.mayPlay(context.request(), stream, "hls")
                        .onSuccess(may -> ask(context, stream, new JsonObject().put("op", "main"), false))
                        .onFailure(why -> Errors.send(context, 403, "refused", why.getMessage()));
            } else {
                gate.reading(context);
            }
        });
    }

    private void goOn(RoutingContext context, StreamName stream, JsonObject question) {
        if (gate.playRules()) {
            ask(context, stream, question, true);
        } else {
            gate.mayRead(context.request()).onSuccess(may -> ask(context, stream, question, !may));
        }
    }

    private static JsonObject question(HttpServerRequest request, Matcher path) {
        if (path.group("media") != null) {
            JsonObject media = new JsonObject().put("op", "media");
            number(request, "_HLS_msn", media, "msn");
            number(request, "_HLS_part", media, "part");
            String skip = request.getParam("_HLS_skip", "");
            return media.put("skip", skip.equals("YES") || skip.equals("v2"));
        }
        if (path.group("init") != null) {
            return new JsonObject().put("op", "init").put("number", Integer.parseInt(path.group("init")));
        }
        JsonObject piece = new JsonObject().put("number", Long.parseLong(path.group("number")));
        return path.group("part") == null
                ? piece.put("op", "segment")
                : piece.put("op", "part").put("part", Integer.parseInt(path.group("part")));
    }

    private static void number(HttpServerRequest request, String parameter, JsonObject question, String key) {
        String given = request.getParam(parameter, "");
        if (given.matches("\\d{1,9}")) {
            question.put(key, Integer.parseInt(given));
        }
    }

    /** {@code closed}: only for who has a session. */
    private void ask(RoutingContext context, StreamName stream, JsonObject question, boolean closed) {
        HttpServerRequest request = context.request();
        question.put("stream", stream.path())
                .put("session", request.getParam("s", ""))
                .put("address", request.remoteAddress().toString())
                .put("closed", closed);
        bus.fetch(Address.HLS, question)
                .onSuccess(found -> send(context, found))
                .onFailure(error -> Errors.send(context, 503, "no_hls", "HLS is not served here now"));
    }

    private static void send(RoutingContext context, Resource found) {
        HttpServerResponse response = context.response();
        if (response.closed() || response.ended()) {
            return;
        }
        if (found.isRefusal()) {
            Errors.send(context, found.status(), "no_hls", found.body().toString());
            return;
        }
        response.putHeader("Content-Type", found.type())
                .putHeader("Access-Control-Allow-Origin", "*")
                .putHeader(
                        "Cache-Control", found.maxAgeSeconds() == 0 ? "no-cache" : "max-age=" + found.maxAgeSeconds());
        if (context.request().method() == HttpMethod.HEAD) {
            response.putHeader("Content-Length", "" + found.body().length()).end();
        } else {
            response.end(found.body());
        }
    }
}
