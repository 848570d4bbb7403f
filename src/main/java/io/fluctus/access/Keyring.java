package io.fluctus.access;

import io.fluctus.config.ConfigException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Keys of publishers and of players, each for some streams: {@code ?key=}. */
final class Keyring implements Way {
    private final List<Lock> publishing = new ArrayList<>();
    private final List<Lock> playing = new ArrayList<>();

    /** A key that opens these streams. */
    private record Lock(Scope scope, String key) {
        @Override
        public String toString() {
            return "Lock[]";
        }
    }

    /** {@code publishKey} opens every stream, unless it is empty. Throws {@link ConfigException} for what is no key. */
    Keyring(String publishKey, JsonObject keys, JsonObject playKeys) {
        if (!publishKey.isEmpty()) {
            publishing.add(new Lock(Scope.of(List.of("*")), publishKey));
        }
        add("access.keys", keys, publishing);
        add("access.playKeys", playKeys, playing);
    }

    private static void add(String path, JsonObject keys, List<Lock> locks) {
        for (Map.Entry<String, Object> entry : keys) {
            Scope scope = Scope.of(List.of(entry.getKey()));
            JsonArray texts =
                    entry.getValue() instanceof JsonArray array ? array : new JsonArray().add(entry.getValue());
            for (Object text : texts) {
                if (!(text instanceof String key) || key.isEmpty()) {
                    throw new ConfigException("`" + path + "` holds for \"" + entry.getKey()
                            + "\" what is no key: a text or a list of texts");
                }
                locks.add(new Lock(scope, key));
            }
        }
    }

    static String needsKey(Action action) {
        return action == Action.PUBLISH
                ? "publishing needs the key: publish as NAME?key=KEY"
                : "playing needs a key: play NAME?key=KEY";
    }

    @Override
    public boolean leadsToPublishing() {
        return !publishing.isEmpty();
    }

    /** Whether a key is needed to play this stream. */
    boolean closes(String stream) {
        return playing.stream().anyMatch(lock -> lock.scope.holds(stream));
    }

    @Override
    public Ruling judge(Question question, Credentials shown, long seconds) {
        List<Lock> locks = question.action() == Action.PUBLISH ? publishing : playing;
        boolean asked = question.action() == Action.PUBLISH || question.action() == Action.PLAY;
        if (!asked || locks.isEmpty() || !shown.has("key")) {
            return Ruling.SILENT;
        }
        String given = shown.get("key");
        boolean opened = false;
        for (Lock lock : locks) { // all of them: how long it takes says nothing
            opened |= Secrets.same(given, lock.key) && lock.scope.holds(question.stream());
        }
        return opened
                ? Ruling.Granted.to("key " + Secrets.fingerprint(given))
                : new Ruling.Refused(needsKey(question.action()));
    }
}
