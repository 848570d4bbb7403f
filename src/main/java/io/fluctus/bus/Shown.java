package io.fluctus.bus;

import io.fluctus.wire.AmfValue;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a client shows of itself when it connects: where its key or token may stand.
 *
 * @param query what followed {@code ?} in the URL
 * @param authorization the header of that name, or empty
 * @param arguments what followed the command object of connect: a token alone, or objects with members such as {@code key}
 * @param properties what it said of itself, such as {@code pageUrl}
 */
public record Shown(String query, String authorization, List<AmfValue> arguments, Map<String, AmfValue> properties) {
    /** Arguments that are looked at, */
    private static final int MAX_ARGUMENTS = 8;

    /** members of each, */
    private static final int MAX_MEMBERS = 16;

    /** and characters of a text. */
    private static final int MAX_TEXT = 8_192;

    /** As HTTP shows it: {@code authorization} may be null, as headers are. */
    public static Shown http(String query, String authorization) {
        return new Shown(
                Optional.ofNullable(query).orElse(""),
                Optional.ofNullable(authorization).orElse(""),
                List.of(),
                Map.of());
    }

    public static Shown nothing() {
        return new Shown("", "", List.of(), Map.of());
    }

    JsonObject toJson() {
        JsonObject given = new JsonObject();
        arguments.stream().limit(MAX_ARGUMENTS).forEach(argument -> {
            argument.string().filter(Shown::fits).ifPresent(text -> given.put("token", text));
            argument.members().entrySet().stream()
                    .limit(MAX_MEMBERS)
                    .forEach(member -> member.getValue()
                            .string()
                            .filter(Shown::fits)
                            .ifPresent(text -> given.put(member.getKey(), text)));
        });
        JsonObject page = new JsonObject();
        for (String key : List.of("pageUrl", "swfUrl", "flashVer")) {
            properties
                    .getOrDefault(key, AmfValue.NULL)
                    .string()
                    .filter(Shown::fits)
                    .ifPresent(text -> page.put(key, text));
        }
        return new JsonObject()
                .put("query", fits(query) ? query : "")
                .put("authorization", fits(authorization) ? authorization : "")
                .put("arguments", given)
                .put("page", page);
    }

    private static boolean fits(String text) {
        return text.length() <= MAX_TEXT;
    }

    @Override
    public String toString() {
        return "Shown[]"; // secrets
    }
}
