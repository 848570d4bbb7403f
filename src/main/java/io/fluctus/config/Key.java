package io.fluctus.config;

import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * One row of the table of configuration keys.
 *
 * @param path the section and the name, joined by a dot
 * @param byDefault what holds when nobody gives a value; of the type that {@link Kind#accept} returns
 * @param description one line; units stand in the key's name
 */
public record Key(String path, Kind kind, Object byDefault, String description) {
    static final String VARIABLE_PREFIX = "FLUCTUS_";

    /** How much of a wrong value an error repeats. */
    private static final int MAX_QUOTED = 80;

    /** What a key may hold. */
    public sealed interface Kind {
        /** The value as {@link Settings} keeps it, or empty if this kind does not allow it. */
        Optional<Object> accept(Object json);

        /** Reads what an override says; what it cannot read stays text, for {@link #accept} to refuse. */
        default Object parse(String text) {
            return text;
        }

        /** The allowed values in words, as they follow "it must be". */
        String range();

        default boolean secret() {
            return false;
        }

        /** Text of a given form; a secret is never repeated in a message. */
        record Text(Pattern form, String range, boolean secret) implements Kind {
            @Override
            public Optional<Object> accept(Object json) {
                return json instanceof String s && form.matcher(s).matches() ? Optional.of(s) : Optional.empty();
            }
        }

        /** A whole number between two bounds, both allowed. */
        record Whole(long min, long max) implements Kind {
            @Override
            public Optional<Object> accept(Object json) {
                boolean whole = json instanceof Integer || json instanceof Long;
                return whole
                        ? Optional.of((Object) ((Number) json).longValue())
                                .filter(n -> (long) n >= min && (long) n <= max)
                        : Optional.empty();
            }

            @Override
            public Object parse(String text) {
                try {
                    return Long.parseLong(text);
                } catch (NumberFormatException e) {
                    return text;
                }
            }

            @Override
            public String range() {
                return "a whole number from " + min + " to " + max;
            }
        }

        /** A list of texts of a given form, or one text in which commas split them; kept as the latter. */
        record Names(Pattern form, int most, String range) implements Kind {
            @Override
            public Optional<Object> accept(Object json) {
                List<?> names = json instanceof JsonArray array ? array.getList() : split(json);
                boolean fits = names.size() <= most
                        && names.stream()
                                .allMatch(name -> name instanceof String text
                                        && form.matcher(text).matches());
                return fits && (json instanceof String || json instanceof JsonArray)
                        ? Optional.of(names.stream().map(String::valueOf).collect(Collectors.joining(",")))
                        : Optional.empty();
            }

            private static List<String> split(Object json) {
                return Stream.of(String.valueOf(json).split(","))
                        .map(String::strip)
                        .filter(name -> !name.isEmpty())
                        .toList();
            }
        }

        /** True or false. */
        record Flag() implements Kind {
            @Override
            public Optional<Object> accept(Object json) {
                return json instanceof Boolean ? Optional.of(json) : Optional.empty();
            }

            @Override
            public Object parse(String text) {
                return switch (text.toLowerCase(Locale.ROOT)) {
                    case "true" -> true;
                    case "false" -> false;
                    default -> text;
                };
            }

            @Override
            public String range() {
                return "true or false";
            }
        }

        /** An object of any form; an override says it as JSON. */
        record Free() implements Kind {
            @Override
            public Optional<Object> accept(Object json) {
                return json instanceof JsonObject object ? Optional.of(object.copy()) : Optional.empty();
            }

            @Override
            public Object parse(String text) {
                try {
                    return new JsonObject(text);
                } catch (DecodeException e) {
                    return text;
                }
            }

            @Override
            public String range() {
                return "an object";
            }
        }

        /** One of a few words. */
        record OneOf(List<String> words) implements Kind {
            @Override
            public Optional<Object> accept(Object json) {
                return json instanceof String s && words.contains(s) ? Optional.of(s) : Optional.empty();
            }

            @Override
            public String range() {
                return "one of " + String.join(", ", words);
            }
        }
    }

    /** The environment variable that overrides this key: {@code rtmp.port} is {@code FLUCTUS_RTMP_PORT}. */
    public String variable() {
        return VARIABLE_PREFIX + path.replace('.', '_').toUpperCase(Locale.ROOT);
    }

    /** The default as a person writes it; empty text as {@code ""}. */
    public String defaultText() {
        return byDefault.equals("") ? "\"\"" : byDefault.toString();
    }

    /** The row of this key in the documentation. */
    public String markdown() {
        return "| `" + path + "` | `" + defaultText() + "` | " + kind.range() + " | " + description + " |";
    }

    /** The value if it is allowed; else a {@link ConfigException} in which the key is named as {@code called}. */
    Object read(String called, Object value) {
        return kind.accept(value)
                .orElseThrow(() ->
                        new ConfigException("`" + called + "` is " + quote(value) + ": it must be " + kind.range()));
    }

    private String quote(Object value) {
        if (value instanceof JsonObject || value instanceof Map) {
            return "an object";
        }
        if (value instanceof JsonArray || value instanceof List) {
            return "a list";
        }
        if (kind.secret() && value != null) {
            return "something else";
        }
        String text = String.valueOf(value);
        String cut = text.length() > MAX_QUOTED ? text.substring(0, MAX_QUOTED) + "..." : text;
        return value instanceof String ? "\"" + cut + "\"" : cut;
    }
}
