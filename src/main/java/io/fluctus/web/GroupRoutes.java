package io.fluctus.web;

import io.fluctus.bus.Address;
import io.fluctus.bus.Bus;
import io.fluctus.bus.Refusal;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;

/** NetGroups as JSON: who is in them, and what the gateway's own streams there cost it and spared it. */
final class GroupRoutes {
    private static final String ROOT = "/api/v1/groups";
    private static final int NOT_FOUND = 404;

    private final Bus bus;
    private final Gate gate;

    GroupRoutes(Bus bus, Gate gate) {
        this.bus = bus;
        this.gate = gate;
    }

    void addTo(Router router) {
        router.route(ROOT + "*").handler(gate::reading);
        router.get(ROOT).handler(context -> answer(context, groups().map(JsonArray::toBuffer)));
        router.getWithRegex(ROOT + "/(?<id>[0-9a-f]{64})")
                .handler(context ->
                        answer(context, group(context.pathParam("id")).map(JsonObject::toBuffer)));
    }

    private static void answer(RoutingContext context, Future<Buffer> body) {
        body.onSuccess(bytes -> context.response()
                        .putHeader("Content-Type", "application/json")
                        .putHeader("Cache-Control", "no-store")
                        .end(bytes))
                .onFailure(error -> {
                    if (error instanceof Refusal refusal && refusal.code() == NOT_FOUND) {
                        Errors.send(context, NOT_FOUND, "no_group", error.getMessage());
                    } else {
                        context.fail(error);
                    }
                });
    }

    /** The largest groups first. */
    private Future<JsonArray> groups() {
        return ask(Address.GROUPS, new JsonObject().put("op", "list"), "groups")
                .compose(list -> carried().map(streams -> {
                    list.forEach(each -> join((JsonObject) each, streams));
                    return list;
                }));
    }

    private Future<JsonObject> group(String id) {
        JsonObject word = new JsonObject().put("op", "describe").put("group", id);
        return bus.request(Address.GROUPS, word).compose(group -> carried().map(streams -> join(group, streams)));
    }

    /** The gateway's own streams by group; none where it takes part in none. */
    private Future<Map<String, JsonArray>> carried() {
        return ask(Address.GROUP_MEMBER, new JsonObject().put("op", "list"), "streams")
                .map(list -> {
                    Map<String, JsonArray> byGroup = new HashMap<>();
                    for (int i = 0; i < list.size(); i++) {
                        JsonObject stream = list.getJsonObject(i);
                        byGroup.computeIfAbsent(stream.getString("group"), id -> new JsonArray())
                                .add(stream);
                    }
                    return byGroup;
                });
    }

    /** As when a gateway runs without RTMFP, nobody to ask is nothing to show. */
    private Future<JsonArray> ask(String address, JsonObject word, String part) {
        Function<JsonObject, JsonArray> read = answer -> answer.getJsonArray(part);
        return bus.request(address, word)
                .map(read)
                .recover(error -> error instanceof Refusal
                        ? Future.succeededFuture(new JsonArray())
                        : Future.failedFuture(error));
    }

    /**
     * What goes into the group would cost its size times the rest of the members, if each of them got it from here: what that is more
     * than was sent is what the members did for each other.
     */
    static JsonObject join(JsonObject group, Map<String, JsonArray> carried) {
        JsonArray streams = carried.getOrDefault(group.getString("id"), new JsonArray());
        long sent = 0;
        long spared = 0;
        String name = "";
        for (int i = 0; i < streams.size(); i++) {
            JsonObject stream = streams.getJsonObject(i);
            long out = stream.getLong("pushed") + stream.getLong("pulled");
            sent += out;
            name = stream.getString("groupName");
            if (stream.getString("direction").equals("to")) {
                spared += Math.max(0, stream.getLong("wanted") - out);
            }
        }
        return group.put("name", name)
                .put("streams", streams)
                .put("bytesSent", sent)
                .put("bytesSpared", spared);
    }
}
