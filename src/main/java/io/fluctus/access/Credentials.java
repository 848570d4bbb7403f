package io.fluctus.access;

import io.vertx.core.json.JsonObject;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/**
 * What a client shows: from the query of the stream's name, then from the header, then from the connection's query, then from the
 * arguments of connect; the first one to name a thing counts.
 */
final class Credentials {
    /** Parameters of one query that are looked at, and characters of a value. */
    static final int MAX_PARAMETERS = 64;

    static final int MAX_VALUE = 8_192;

    private static final String BEARER = "bearer ";
    private static final String BASIC = "basic ";

    private final Map<String, String> values = new HashMap<>();

    private Credentials() {}

    static Credentials of(String streamQuery, JsonObject shown) {
        Credentials all = new Credentials();
        all.query(streamQuery);
        all.header(shown.getString("authorization", ""));
        all.query(shown.getString("query", ""));
        shown.getJsonObject("arguments", new JsonObject()).forEach(member -> {
            if (member.getValue() instanceof String text) {
                all.put(member.getKey(), text);
            }
        });
        return all;
    }

    private void query(String query) {
        String[] pairs = query.split("&", MAX_PARAMETERS + 1);
        for (int i = 0; i < Math.min(pairs.length, MAX_PARAMETERS); i++) {
            int equals = pairs[i].indexOf('=');
            if (equals > 0) {
                put(pairs[i].substring(0, equals), decoded(pairs[i].substring(equals + 1)));
            }
        }
    }

    /** As in a path: a plus is a plus, as keys and tokens have them. */
    private static String decoded(String value) {
        try {
            return URLDecoder.decode(value.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return value;
        }
    }

    private void header(String authorization) {
        String scheme = authorization.toLowerCase(Locale.ROOT);
        if (scheme.startsWith(BEARER)) {
            put("token", authorization.substring(BEARER.length()).strip());
        } else if (scheme.startsWith(BASIC)) {
            basic(authorization.substring(BASIC.length()).strip());
        }
    }

    /** RFC 7617. */
    private void basic(String encoded) {
        try {
            String pair = new String(Base64.getDecoder().decode(encoded), StandardCharsets.UTF_8);
            int colon = pair.indexOf(':');
            if (colon > 0) {
                put("user", pair.substring(0, colon));
                put("password", pair.substring(colon + 1));
            }
        } catch (IllegalArgumentException e) {
            put("user", ""); // one that nobody has: shown, and wrong
        }
    }

    private void put(String name, String value) {
        if (value.length() <= MAX_VALUE) {
            values.putIfAbsent(name, value);
        }
    }

    boolean has(String name) {
        return values.containsKey(name);
    }

    /** Empty if it was not shown. */
    String get(String name) {
        return values.getOrDefault(name, "");
    }

    @Override
    public String toString() {
        return "Credentials" + values.keySet();
    }
}
