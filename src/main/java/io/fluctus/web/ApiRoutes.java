package io.fluctus.web;

import io.fluctus.media.StreamName;
import io.fluctus.wire.ProtocolException;
import io.vertx.core.Handler;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.function.BiConsumer;

/** The state of the gateway as JSON under {@code /api/v1}, and what an administrator may do. */
final class ApiRoutes {
    private static final String ROOT = Answers.ROOT;
    private static final int FORBIDDEN = 403;
    private static final int NOT_FOUND = 404;
    private static final int BAD_REQUEST = 400;

    private final State state;
    private final Gate gate;

    ApiRoutes(State state, Gate gate) {
        this.state = state;
        this.gate = gate;
    }

    void addTo(Router router) {
        AccessRoutes access = new AccessRoutes(state, gate);
        access.addLogin(router);
        router.route(ROOT + "/*").handler(gate::reading);
        router.get(ROOT + "/streams")
                .handler(context -> Answers.answer(context, state.streams().map(JsonArray::toBuffer)));
        router.getWithRegex(ROOT + "/streams/(?<path>.+)").handler(named(this::stream));
        router.getWithRegex(ROOT + "/viewers/(?<path>.+)")
                .handler(named((context, name) ->
                        Answers.answer(context, state.viewers(name.path()).map(JsonArray::toBuffer))));
        router.getWithRegex(ROOT + "/tracks/(?<path>.+)")
                .handler(named((context, name) ->
                        Answers.answer(context, state.tracks(name).map(JsonObject::toBuffer))));
        router.getWithRegex(ROOT + "/thumbnails/(?<path>.+)").handler(named(this::thumbnail));
        router.getWithRegex(ROOT + "/history/(?<path>.+)")
                .handler(named((context, name) ->
                        Answers.send(context, state.history(name.path()).toBuffer())));
        router.get(ROOT + "/server")
                .handler(context -> Answers.answer(context, state.server().map(JsonObject::toBuffer)));
        router.get(ROOT + "/events")
                .handler(context -> Answers.send(context, state.events().toBuffer()));
        router.get(ROOT + "/secrets")
                .handler(gate.needs("admin"))
                .handler(context -> Answers.send(context, state.secrets().toBuffer()));
        router.postWithRegex(ROOT + "/clients/(?<client>([0-9a-f]+:)?[a-z]+\\.\\d+/\\d+)/kick")
                .handler(gate.needs("operator"))
                .handler(this::kick);
        access.addTo(router);
        router.route(ROOT + "/*")
                .last()
                .handler(context -> Errors.send(context, NOT_FOUND, "not_found", "no such address in the API"));
    }

    private void stream(RoutingContext context, StreamName name) {
        state.stream(name.path())
                .onSuccess(found -> found.ifPresentOrElse(
                        stream -> Answers.send(context, stream.toBuffer()),
                        () -> Errors.send(context, NOT_FOUND, "not_live", "nobody publishes this stream")))
                .onFailure(context::fail);
    }

    /** A picture of a stream is for those who may play it. */
    private void thumbnail(RoutingContext context, StreamName name) {
        if (gate.playRules()) {
            gate.mayPlay(context.request(), name, "picture")
                    .onSuccess(may -> sendThumbnail(context, name))
                    .onFailure(why -> Errors.send(context, FORBIDDEN, "refused", why.getMessage()));
        } else {
            sendThumbnail(context, name);
        }
    }

    private void sendThumbnail(RoutingContext context, StreamName name) {
        state.thumbnail(name)
                .onSuccess(found -> found.ifPresentOrElse(
                        picture -> context.response()
                                .putHeader("Content-Type", "video/mp4")
                                .putHeader("Cache-Control", "no-store")
                                .end(picture),
                        () -> Errors.send(
                                context, NOT_FOUND, "no_picture", "there is no key frame of this stream now")))
                .onFailure(context::fail);
    }

    private void kick(RoutingContext context) {
        state.kick(context.pathParam("client")).otherwise(false).onSuccess(found -> {
            if (found) {
                Answers.send(context, new JsonObject().put("kicked", true).toBuffer());
            } else {
                Errors.send(context, NOT_FOUND, "not_here", "this client is not connected any more");
            }
        });
    }

    private static Handler<RoutingContext> named(BiConsumer<RoutingContext, StreamName> handler) {
        return context -> {
            StreamName name;
            try {
                name = StreamName.parse(context.pathParam("path"));
            } catch (ProtocolException e) {
                Errors.send(context, BAD_REQUEST, "bad_name", e.getMessage());
                return;
            }
            handler.accept(context, name);
        };
    }
}
