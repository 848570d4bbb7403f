package io.fluctus.script;

import io.fluctus.script.MediaDoor.Opened;
import io.fluctus.wire.ProtocolException;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What the applications of a tree have opened, such as sockets: it goes with the version that opened it. */
final class Estate {
    /** Sockets, servers, consumers and streams of one application. */
    static final int MAX_OPENED = 256;

    private final Map<String, Set<Opened>> opened = new HashMap<>(); // by path
    private String current = "";

    /** What is opened from now on belongs to the application at {@code path}. */
    void enter(String path) {
        current = path;
    }

    String current() {
        return current;
    }

    void add(Opened thing) {
        Set<Opened> mine = opened.computeIfAbsent(current, first -> new LinkedHashSet<>());
        if (mine.size() >= MAX_OPENED) {
            throw new ProtocolException(
                    "an application has at most " + MAX_OPENED + " sockets, streams and consumers open");
        }
        mine.add(thing);
    }

    void remove(Opened thing) {
        opened.values().forEach(mine -> mine.remove(thing));
    }

    /** Takes what the application at {@code path} has, so that a new version begins with nothing. */
    Set<Opened> take(String path) {
        Set<Opened> taken = opened.remove(path);
        return taken == null ? Set.of() : taken;
    }

    /** The new version came to nothing: the one before has what it had. */
    void giveBack(String path, Set<Opened> taken) {
        close(take(path));
        opened.put(path, new LinkedHashSet<>(taken));
    }

    static void close(Set<Opened> taken) {
        List.copyOf(taken).forEach(Opened::close);
    }

    void closeAll() {
        List.copyOf(opened.keySet()).forEach(path -> close(take(path)));
    }
}
