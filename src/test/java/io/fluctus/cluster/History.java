package io.fluctus.cluster;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * A log of operations, a JSON line each, and what has to hold of it: in a group of nodes that see each other, every one of them names
 * the same owner of a stream, once there was time to tell.
 */
final class History {
    /** How long nodes that see each other may differ. */
    static final long SETTLE_MILLIS = 3_000;

    private final Path file;
    private final long began = System.nanoTime();

    History(Path file) {
        this.file = file;
    }

    /** One look: whom {@code node} names as the owner of the stream; empty: nobody. */
    record Look(long at, String node, String stream, String owner) {}

    long now() {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began);
    }

    /** Something that was done to the cluster. */
    void event(String what) throws IOException {
        write(new JsonObject().put("at", now()).put("op", what));
    }

    /** Asks a node, and writes down what it says; a node that does not answer says nothing. */
    void look(String name, Node node, String stream) throws IOException {
        long at = now();
        String owner;
        try {
            owner = node.ownerOf(stream).orElse("");
        } catch (IllegalStateException silent) {
            return;
        }
        write(new JsonObject()
                .put("at", at)
                .put("op", "look")
                .put("node", name)
                .put("stream", stream)
                .put("owner", owner));
    }

    private void write(JsonObject line) throws IOException {
        Files.writeString(file, line.encode() + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    private static List<Look> looks(Path file) throws IOException {
        List<Look> looks = new ArrayList<>();
        for (String line : Files.readAllLines(file)) {
            JsonObject json = new JsonObject(line);
            if (json.getString("op").equals("look")) {
                looks.add(new Look(
                        json.getLong("at"), json.getString("node"), json.getString("stream"), json.getString("owner")));
            }
        }
        return looks;
    }

    /**
     * What does not hold from {@code from} to {@code to}: two nodes of {@code group} that name different owners for longer than
     * {@link #SETTLE_MILLIS} together, or one that names nobody although {@code owned}.
     */
    static List<String> wrong(Path file, Set<String> group, long from, long to) throws IOException {
        List<String> wrong = new ArrayList<>();
        Map<String, Map<String, String>> newest = new HashMap<>();
        Map<String, Long> since = new HashMap<>();
        for (Look look : looks(file)) {
            if (look.at() < from || look.at() > to || !group.contains(look.node())) {
                continue;
            }
            Map<String, String> said = newest.computeIfAbsent(look.stream(), key -> new HashMap<>());
            said.put(look.node(), look.owner());
            boolean differ = new HashSet<>(said.values()).size() > 1;
            long began = differ ? since.computeIfAbsent(look.stream(), key -> look.at()) : look.at();
            if (!differ) {
                since.remove(look.stream());
            } else if (look.at() - began > SETTLE_MILLIS) {
                wrong.add("at " + look.at() + " the owners of " + look.stream() + " were " + said);
            }
        }
        return wrong;
    }

    /** Since when all looks of the group agreed, up to the end; empty if they never did. */
    static Optional<Long> agreedSince(Path file, Set<String> group, String stream, String owner) throws IOException {
        Map<String, String> newest = new HashMap<>();
        Optional<Long> agreed = Optional.empty();
        for (Look look : looks(file)) {
            if (!look.stream().equals(stream) || !group.contains(look.node())) {
                continue;
            }
            newest.put(look.node(), look.owner());
            boolean agree = newest.keySet().containsAll(group)
                    && newest.values().stream().allMatch(owner::equals);
            agreed = agree ? agreed.or(() -> Optional.of(look.at())) : Optional.empty();
        }
        return agreed;
    }
}
