package io.fluctus.access;

import io.fluctus.config.Config;
import io.vertx.core.json.JsonObject;
import java.security.SecureRandom;

/** Questions and rules for tests, as they come over the bus and from a file. */
final class Asked {
    static final String HOST = "192.0.2.7";

    private Asked() {}

    static JsonObject json(String withApostrophes) {
        return new JsonObject(withApostrophes.replace('\'', '"'));
    }

    static Authoriser rules(String config) {
        return new Authoriser(Config.from(json(config)), new Sessions(new SecureRandom()));
    }

    static JsonObject body(String action, String stream, String query) {
        return new JsonObject()
                .put("op", "ask")
                .put("action", action)
                .put("client", "rtmp.0/1")
                .put("protocol", "rtmp")
                .put("host", HOST)
                .put("address", HOST + ":51234")
                .put("local", false)
                .put("app", "live")
                .put("stream", stream)
                .put("query", query)
                .put("shown", new JsonObject());
    }

    static Question question(String action, String stream, String query) {
        return Question.of(body(action, stream, query));
    }

    static Question from(String host, boolean local, String action, String stream) {
        return Question.of(body(action, stream, "").put("host", host).put("local", local));
    }

    static Question api(String role, String authorization) {
        return Question.of(body("api", "", "")
                .put("role", role)
                .put("shown", new JsonObject().put("authorization", authorization)));
    }

    /** The reason, or "granted". */
    static String word(Ruling ruling) {
        return ruling instanceof Ruling.Refused refused
                ? refused.reason()
                : ruling instanceof Ruling.Granted ? "granted" : "silent";
    }
}
