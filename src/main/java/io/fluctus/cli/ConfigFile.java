package io.fluctus.cli;

import io.fluctus.config.ConfigException;
import io.fluctus.config.Settings;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A configuration file on the disk; every {@link ConfigException} begins with its name. */
public final class ConfigFile {
    static final int MAX_BYTES = 1 << 20;

    /** Where the JSON parser says it stopped. */
    private static final Pattern PLACE = Pattern.compile("line: (\\d+), column: (\\d+)");

    private ConfigFile() {}

    public static Settings read(Path file) {
        try {
            return Settings.of(parse(text(file)));
        } catch (ConfigException e) {
            throw new ConfigException(file + ": " + e.getMessage());
        }
    }

    /** Why a file cannot be used, in words: the message of some exceptions is the file's name alone. */
    public static String why(IOException e) {
        if (e instanceof NoSuchFileException) {
            return "no such file or directory";
        }
        if (e instanceof AccessDeniedException) {
            return "permission denied";
        }
        String reason = e instanceof FileSystemException f ? f.getReason() : e.getMessage();
        return reason == null ? e.toString() : reason;
    }

    private static String text(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(MAX_BYTES + 1);
            if (bytes.length > MAX_BYTES) {
                throw new ConfigException("is larger than " + MAX_BYTES + " bytes");
            }
            return new String(bytes, StandardCharsets.UTF_8);
        } catch (NoSuchFileException e) {
            throw new ConfigException("there is no such file");
        } catch (IOException e) {
            throw new ConfigException("cannot be read (" + why(e) + ")");
        }
    }

    private static JsonObject parse(String text) {
        try {
            return new JsonObject(text);
        } catch (DecodeException e) {
            Matcher place = PLACE.matcher(String.valueOf(e.getMessage()));
            throw new ConfigException(
                    place.find()
                            ? "is not JSON at line " + place.group(1) + ", column " + place.group(2)
                            : "is not a JSON object");
        }
    }
}
