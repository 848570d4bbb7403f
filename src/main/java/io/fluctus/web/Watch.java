package io.fluctus.web;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * What is on the screen of one console, as it says: {@code {"rows": [path, ...], "stream": path, "server": true}}.
 *
 * @param rows the streams whose figures it shows; empty: all of them
 * @param stream the one whose viewers it shows
 */
record Watch(Optional<Set<String>> rows, Optional<String> stream, boolean server) {
    /** Of one who has not said anything. */
    static final Watch EVERYTHING = new Watch(Optional.empty(), Optional.empty(), true);

    /** Rows that fit a screen, and some. */
    static final int MAX_ROWS = 200;

    /** Applications and a stream, each segment at its longest. */
    private static final int MAX_PATH = 9 * 129;

    /** What is not understood, or too much, is not watched. */
    static Watch of(JsonObject said) {
        return new Watch(
                said.getValue("rows") instanceof JsonArray rows ? Optional.of(rows(rows)) : Optional.empty(),
                said.getValue("stream") instanceof String path && path.length() <= MAX_PATH
                        ? Optional.of(path)
                        : Optional.empty(),
                Boolean.TRUE.equals(said.getValue("server")));
    }

    private static Set<String> rows(JsonArray said) {
        Set<String> rows = new HashSet<>();
        for (int i = 0; i < Math.min(MAX_ROWS, said.size()); i++) {
            if (said.getValue(i) instanceof String path && path.length() <= MAX_PATH) {
                rows.add(path);
            }
        }
        return rows;
    }

    boolean shows(String path) {
        return rows.map(some -> some.contains(path)).orElse(true);
    }
}
