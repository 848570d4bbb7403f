package io.fluctus.access;

import io.vertx.core.json.JsonArray;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The streams that a rule is about: their paths, in which {@code *} stands for any text. */
record Scope(List<Pattern> patterns) {
    static final Scope NONE = new Scope(List.of());

    /** Patterns of a scope, and characters of one. */
    static final int MAX_PATTERNS = 1_000;

    static final int MAX_CHARACTERS = 1_200;

    /** More of them cost more with each. */
    static final int MAX_STARS = 4;

    static Scope of(List<String> texts) {
        return new Scope(texts.stream().map(Scope::pattern).toList());
    }

    /** A text, a list of texts, or nothing; empty if it is something else or too much. */
    static Optional<Scope> of(Object json) {
        Object value = json instanceof List<?> list ? new JsonArray(list) : json;
        if (value == null) {
            return Optional.of(NONE);
        }
        if (value instanceof String text) {
            return fits(text) ? Optional.of(of(List.of(text))) : Optional.empty();
        }
        if (value instanceof JsonArray array
                && array.size() <= MAX_PATTERNS
                && array.stream().allMatch(item -> item instanceof String text && fits(text))) {
            return Optional.of(of(array.stream().map(String.class::cast).toList()));
        }
        return Optional.empty();
    }

    private static boolean fits(String text) {
        return text.length() <= MAX_CHARACTERS
                && text.chars().filter(c -> c == '*').count() <= MAX_STARS;
    }

    private static Pattern pattern(String text) {
        return Pattern.compile(
                Arrays.stream(text.replaceAll("\\*+", "*").split("\\*", -1))
                        .map(Pattern::quote)
                        .collect(Collectors.joining(".*")),
                Pattern.DOTALL);
    }

    boolean holds(String path) {
        return patterns.stream().anyMatch(pattern -> pattern.matcher(path).matches());
    }
}
