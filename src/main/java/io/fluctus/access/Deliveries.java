package io.fluctus.access;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumMap;
import java.util.Map;

/** The last calls to the site, by action: what was sent, what came back, how long it took. Secrets are left out. */
final class Deliveries {
    /** Calls of each action that are kept. */
    static final int KEPT = 100;

    /** Characters of an answer that are kept. */
    static final int MAX_ANSWER = 1_024;

    /** Stands for what is secret. */
    static final String HIDDEN = "...";

    private final Map<Action, Deque<JsonObject>> kept = new EnumMap<>(Action.class);
    private final Map<Action, Counts> counts = new EnumMap<>(Action.class);

    private static final class Counts {
        private long calls;
        private long failures;
    }

    /** {@code answer} holds status and body, or what went wrong. */
    void add(Action action, JsonObject request, JsonObject answer, long millis, boolean failed) {
        Deque<JsonObject> list = kept.computeIfAbsent(action, key -> new ArrayDeque<>());
        if (list.size() == KEPT) {
            list.removeLast();
        }
        list.addFirst(new JsonObject()
                .put("at", System.currentTimeMillis())
                .put("request", withoutSecrets(request))
                .put("answer", answer)
                .put("millis", millis)
                .put("failed", failed));
        Counts count = counts.computeIfAbsent(action, key -> new Counts());
        count.calls++;
        count.failures += failed ? 1 : 0;
    }

    /** Which parameters were shown stays, what they were does not. */
    static JsonObject withoutSecrets(JsonObject request) {
        JsonObject copy = request.copy();
        for (String key : new String[] {"query", "connectQuery"}) {
            if (copy.getValue(key) instanceof String query) {
                copy.put(key, query.replaceAll("=[^&]*", "=" + HIDDEN).replaceAll("(?<=^|&)[^=&]+(?=&|$)", HIDDEN));
            }
        }
        if (copy.getValue("arguments") instanceof JsonObject arguments) {
            JsonObject hidden = new JsonObject();
            arguments.fieldNames().forEach(name -> hidden.put(name, HIDDEN));
            copy.put("arguments", hidden);
        }
        if (copy.containsKey("authorization")) {
            copy.put("authorization", HIDDEN);
        }
        return copy;
    }

    static String cut(String body) {
        return body.length() > MAX_ANSWER ? body.substring(0, MAX_ANSWER) : body;
    }

    /** The newest first. */
    JsonObject toJson() {
        JsonObject all = new JsonObject();
        kept.forEach((action, list) -> {
            JsonArray deliveries = new JsonArray();
            list.forEach(deliveries::add);
            all.put(
                    action.word(),
                    new JsonObject()
                            .put("calls", counts.get(action).calls)
                            .put("failures", counts.get(action).failures)
                            .put("deliveries", deliveries));
        });
        return all;
    }
}
