package io.fluctus.media;

import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Which streams a configuration means: patterns joined by commas, in which {@code *} stands for any characters, slashes too. */
public record StreamPattern(List<Pattern> patterns) {
    /** {@code live/*, studio/cam1}; empty text means no stream. */
    public static StreamPattern of(String text) {
        return new StreamPattern(Stream.of(text.split(","))
                .map(String::strip)
                .filter(pattern -> !pattern.isEmpty())
                .map(StreamPattern::compile)
                .toList());
    }

    private static Pattern compile(String pattern) {
        return Pattern.compile(
                Stream.of(pattern.split("\\*", -1)).map(Pattern::quote).collect(Collectors.joining(".*")));
    }

    public boolean matches(StreamName stream) {
        return patterns.stream()
                .anyMatch(pattern -> pattern.matcher(stream.path()).matches());
    }
}
