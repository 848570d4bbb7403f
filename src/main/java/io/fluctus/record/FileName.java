package io.fluctus.record;

import io.fluctus.media.StreamName;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** How files are called: {@code {app}}, {@code {stream}}, {@code {date}} and {@code {time}} in a pattern, below a folder. */
record FileName(Path folder, String pattern, String extension) {
    private static final DateTimeFormatter DATE =
            DateTimeFormatter.ofPattern("yyyyMMdd", Locale.ROOT).withZone(ZoneOffset.UTC);
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("HHmmss", Locale.ROOT).withZone(ZoneOffset.UTC);

    /** The file of {@code stream} that begins {@code at}; {@code attempt} 1 is its plain name, others are told apart by a number. */
    Path of(StreamName stream, Instant at, int attempt) {
        String name = pattern.replace("{app}", stream.app())
                .replace("{stream}", stream.stream())
                .replace("{date}", DATE.format(at))
                .replace("{time}", TIME.format(at));
        String relative = name.replaceAll("/+", "/").replaceAll("^/", "") + (attempt == 1 ? "" : "-" + attempt);
        Path file = folder.resolve(relative + "." + extension).normalize();
        if (!file.startsWith(folder) || file.equals(folder)) {
            throw new IllegalArgumentException("a file of " + stream + " would stand outside of " + folder);
        }
        return file;
    }
}
