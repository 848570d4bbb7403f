package io.fluctus.web;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayDeque;
import java.util.Deque;

/** The last things that happened, newest first. */
final class RecentEvents {
    static final int MAX = 200;

    private final Deque<JsonObject> events = new ArrayDeque<>();

    void add(JsonObject event) {
        events.addFirst(event);
        if (events.size() > MAX) {
            events.removeLast();
        }
    }

    JsonArray list() {
        JsonArray list = new JsonArray();
        events.forEach(list::add);
        return list;
    }
}
