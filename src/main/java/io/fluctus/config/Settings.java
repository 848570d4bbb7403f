package io.fluctus.config;

import io.vertx.core.json.JsonObject;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Checked values by key, as they are laid over the defaults: first the file's, then the environment's, then the command line's. */
public final class Settings {
    private final Map<String, Object> values;

    private Settings(Map<String, Object> values) {
        this.values = values;
    }

    /** The values of a configuration file; sections are objects, {@code {"rtmp": {"port": 1935}}}. */
    public static Settings of(JsonObject file) {
        Map<String, Object> values = new LinkedHashMap<>();
        collect("", file, values);
        return new Settings(values);
    }

    /** With what the variables that begin with {@code FLUCTUS_} say. */
    public Settings withEnvironment(Map<String, String> environment) {
        Map<String, Object> all = new LinkedHashMap<>(values);
        new TreeMap<>(environment).forEach((name, text) -> {
            if (name.startsWith(Key.VARIABLE_PREFIX)) {
                Key key = Keys.byVariable(name);
                all.put(key.path(), key.read(name, key.kind().parse(text)));
            }
        });
        return new Settings(all);
    }

    /** With what each {@code key=value} says, the last one of a key last. */
    public Settings with(List<String> assignments) {
        Map<String, Object> all = new LinkedHashMap<>(values);
        for (String assignment : assignments) {
            int equals = assignment.indexOf('=');
            if (equals < 0) {
                throw new ConfigException("`--set " + assignment + "` must be key=value");
            }
            String path = assignment.substring(0, equals);
            Key key = Keys.byPath(path, path);
            all.put(path, key.read(path, key.kind().parse(assignment.substring(equals + 1))));
        }
        return new Settings(all);
    }

    private static void collect(String section, JsonObject json, Map<String, Object> values) {
        for (String name : json.fieldNames()) {
            String path = section + name;
            Object value = json.getValue(name);
            if (value instanceof JsonObject inner && !inner.isEmpty() && !isKey(path)) {
                collect(path + ".", inner, values);
            } else if (!(value instanceof JsonObject && isSection(path))) {
                read(path, value, values);
            }
        }
    }

    private static void read(String path, Object value, Map<String, Object> values) {
        if (isSection(path)) {
            throw new ConfigException("`" + path + "` must be an object with keys in it");
        }
        if (values.put(path, Keys.byPath(path, path).read(path, value)) != null) {
            throw new ConfigException("`" + path + "` stands there twice");
        }
    }

    private static boolean isKey(String path) {
        return Keys.all().stream().anyMatch(k -> k.path().equals(path));
    }

    private static boolean isSection(String path) {
        return Keys.all().stream().anyMatch(k -> k.path().startsWith(path + "."));
    }

    String text(String path) {
        return (String) value(path);
    }

    long number(String path) {
        return (long) value(path);
    }

    /** A number whose range lies within 32 bits. */
    int small(String path) {
        return Math.toIntExact(number(path));
    }

    boolean flag(String path) {
        return (boolean) value(path);
    }

    /** The parts of a text between its commas. */
    List<String> list(String path) {
        return Arrays.stream(text(path).split(","))
                .map(String::strip)
                .filter(part -> !part.isEmpty())
                .toList();
    }

    JsonObject object(String path) {
        return ((JsonObject) value(path)).copy();
    }

    private Object value(String path) {
        Object given = values.get(path);
        return given == null ? Keys.byPath(path, path).byDefault() : given;
    }
}
