package io.fluctus.access;

import io.fluctus.config.ConfigException;
import io.vertx.core.json.JsonObject;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Users with passwords: what each may publish and play, and its role in the API. */
final class Users implements Way {
    /** What one is told who is not heard. */
    static final String TOO_OFTEN = "too many wrong passwords: try again in 15 minutes";

    private static final List<String> KEYS =
            List.of("password", "role", "publish", "play", "kbps", "seconds", "viewers");
    private static final int LEAST_PASSWORD = 8;

    private final Map<String, User> users = new HashMap<>();
    private final Throttle throttle = new Throttle();

    private record User(String password, Role role, Scope publish, Scope play, Ruling.Bounds bounds) {
        @Override
        public String toString() {
            return "User[]";
        }
    }

    /** Throws {@link ConfigException} for what is no user. */
    Users(JsonObject config) {
        config.forEach(entry -> users.put(entry.getKey(), user(entry.getKey(), entry.getValue())));
    }

    private static User user(String name, Object value) {
        String called = "`access.users` has for \"" + name + "\" ";
        if (!(value instanceof JsonObject json)) {
            throw new ConfigException(called + "what is no object");
        }
        json.fieldNames().stream()
                .filter(key -> !KEYS.contains(key))
                .findFirst()
                .ifPresent(key -> {
                    throw new ConfigException(
                            called + "the unknown key \"" + key + "\": it may have " + String.join(", ", KEYS));
                });
        if (!(json.getValue("password") instanceof String password) || password.length() < LEAST_PASSWORD) {
            throw new ConfigException(called + "no password of at least " + LEAST_PASSWORD + " characters");
        }
        Role role = json.containsKey("role")
                ? Optional.ofNullable(json.getValue("role"))
                        .flatMap(word -> Role.of(word.toString()))
                        .orElseThrow(() -> new ConfigException(called + "a role other than viewer, operator and admin"))
                : Role.NOBODY;
        return new User(
                password,
                role,
                scope(called, json, "publish"),
                scope(called, json, "play"),
                Ruling.Bounds.of(json.getValue("kbps"), json.getValue("seconds"), json.getValue("viewers")));
    }

    private static Scope scope(String called, JsonObject json, String key) {
        return Scope.of(json.getValue(key))
                .orElseThrow(() -> new ConfigException(called + "a \"" + key + "\" that is no list of streams"));
    }

    @Override
    public boolean leadsToPublishing() {
        return users.values().stream().anyMatch(user -> !user.publish.patterns().isEmpty());
    }

    @Override
    public Ruling judge(Question question, Credentials shown, long seconds) {
        if (users.isEmpty() || !shown.has("user")) {
            return Ruling.SILENT;
        }
        Ruling known = identify(shown, question.who().host(), seconds);
        if (!(known instanceof Ruling.Granted granted)) {
            return known;
        }
        User user = users.get(shown.get("user"));
        boolean allowed = switch (question.action()) {
            case PUBLISH -> user.publish.holds(question.stream());
            case PLAY -> user.play.holds(question.stream());
            default -> true;
        };
        return allowed
                ? granted
                : new Ruling.Refused("this user may not " + question.action().word() + " this stream");
    }

    /** Who it is, whatever is asked. */
    Ruling identify(Credentials shown, String host, long seconds) {
        String name = shown.get("user");
        if (!throttle.admits(name, host, seconds)) {
            return new Ruling.Refused(TOO_OFTEN);
        }
        User user = users.get(name);
        boolean right = Secrets.same(shown.get("password"), user == null ? "" : user.password);
        if (user == null || !right) {
            throttle.failed(name, host, seconds);
            return new Ruling.Refused("the user or the password is wrong");
        }
        throttle.succeeded(name, host);
        return Ruling.Granted.to("user " + name).named(name).as(user.role).within(user.bounds);
    }
}
