package io.fluctus.stream;

import io.fluctus.media.StreamName;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What the other nodes say that they publish. A node's word is a lease: it holds for {@value #LEASE_MILLIS} ms of this node's own
 * monotonic clock, and every word renews it. Words are numbered by the state they leave behind, so a lost one is noticed.
 */
final class Directory {
    static final long LEASE_MILLIS = 6_000;

    /** Nodes that are listened to; the words of more are dropped. */
    static final int MAX_NODES = 256;

    private final Map<String, Node> nodes = new LinkedHashMap<>();

    /** One node, and the newest state of it that is whole. */
    private static final class Node {
        private JsonObject about = new JsonObject();
        private long version = -1;
        private long heardAt;
        private final Map<StreamName, Remote> claims = new HashMap<>();
    }

    /** A stream that another node publishes, or holds for its publisher; {@code listed} is what people are shown. */
    record Remote(StreamName stream, String node, long fence, boolean live, String credential, JsonObject listed) {
        /** Of two owners the one with the higher fence stays: the newer claim, and of two equally new ones the higher node. */
        boolean beats(long otherFence, String otherNode) {
            return fence != otherFence ? fence > otherFence : node.compareTo(otherNode) > 0;
        }
    }

    /**
     * What a word changed.
     *
     * @param newcomer whether the node was not known before
     * @param behind whether a word before this one was lost, so that the node has to be asked for all of its streams
     */
    record Heard(boolean newcomer, boolean behind, Set<StreamName> touched) {}

    /**
     * A word: {@code node}, {@code about}, the {@code version} it leaves behind and, if something changed, the version {@code from}
     * which, with what {@code changed} and what is {@code gone}.
     */
    Heard hear(JsonObject word, long now) {
        String id = word.getString("node");
        boolean newcomer = !nodes.containsKey(id);
        if (newcomer && nodes.size() >= MAX_NODES) {
            return new Heard(false, false, Set.of());
        }
        Node node = nodes.computeIfAbsent(id, key -> new Node());
        node.heardAt = now;
        node.about = word.getJsonObject("about", node.about);
        long version = word.getLong("version");
        Set<StreamName> touched = new LinkedHashSet<>();
        if (word.containsKey("from") && word.getLong("from") == node.version) {
            apply(id, node, word, touched);
            node.version = version;
        }
        return new Heard(newcomer, node.version != version, touched);
    }

    /** All streams of a node as it answered when it was asked: {@code version} and {@code claims}. Gives those that changed. */
    Set<StreamName> learn(String id, JsonObject all, long now) {
        Node node = nodes.get(id);
        Set<StreamName> touched = new LinkedHashSet<>();
        if (node == null || all.getLong("version") < node.version) {
            return touched;
        }
        node.heardAt = now;
        node.version = all.getLong("version");
        Map<StreamName, Remote> before = new HashMap<>(node.claims);
        node.claims.clear();
        put(id, node, all.getJsonArray("claims"));
        node.claims.forEach((stream, claim) -> {
            if (!claim.equals(before.remove(stream))) {
                touched.add(stream);
            }
        });
        touched.addAll(before.keySet());
        return touched;
    }

    /** This node itself has stood still for so long: nobody's silence counts. */
    void excuse(long millis) {
        nodes.values().forEach(node -> node.heardAt += millis);
    }

    /** Forgets the nodes whose lease is over, and gives the streams that they had. */
    Set<StreamName> expire(long now) {
        Set<StreamName> touched = new LinkedHashSet<>();
        nodes.values().removeIf(node -> {
            boolean silent = now - node.heardAt > LEASE_MILLIS;
            if (silent) {
                touched.addAll(node.claims.keySet());
            }
            return silent;
        });
        return touched;
    }

    /** A node says that it ends: nothing of it is there any more. */
    Set<StreamName> forget(String id) {
        Node node = nodes.remove(id);
        return node == null ? Set.of() : Set.copyOf(node.claims.keySet());
    }

    /** Who owns the stream, as far as is known. */
    Optional<Remote> find(StreamName stream) {
        Remote best = null;
        for (Node node : nodes.values()) {
            Remote claim = node.claims.get(stream);
            if (claim != null && (best == null || claim.beats(best.fence(), best.node()))) {
                best = claim;
            }
        }
        return Optional.ofNullable(best);
    }

    /** Each stream once, with its owner. */
    Collection<Remote> all() {
        Map<StreamName, Remote> best = new LinkedHashMap<>();
        for (Node node : nodes.values()) {
            node.claims.forEach((stream, claim) ->
                    best.merge(stream, claim, (a, b) -> a.beats(b.fence(), b.node()) ? a : b));
        }
        return best.values();
    }

    List<String> nodes() {
        return List.copyOf(nodes.keySet());
    }

    /** What a node says of itself; empty for one that is not known. */
    Optional<JsonObject> about(String node) {
        return Optional.ofNullable(nodes.get(node)).map(known -> known.about);
    }

    /** The node that others reach at this address. */
    Optional<String> at(String address) {
        List<String> found = new ArrayList<>();
        nodes.forEach((id, node) -> {
            if (address.equals(node.about.getString("address"))) {
                found.add(id);
            }
        });
        return found.stream().findFirst();
    }

    private static void apply(String id, Node node, JsonObject word, Set<StreamName> touched) {
        JsonArray gone = word.getJsonArray("gone", new JsonArray());
        for (int i = 0; i < gone.size(); i++) {
            StreamName stream = StreamName.parse(gone.getString(i));
            node.claims.remove(stream);
            touched.add(stream);
        }
        touched.addAll(put(id, node, word.getJsonArray("changed", new JsonArray())));
    }

    private static List<StreamName> put(String id, Node node, JsonArray claims) {
        List<StreamName> streams = new ArrayList<>();
        for (int i = 0; i < claims.size(); i++) {
            JsonObject claim = claims.getJsonObject(i);
            StreamName stream = StreamName.parse(claim.getString("stream"));
            if (node.claims.size() < StreamRegistry.MAX_STREAMS || node.claims.containsKey(stream)) {
                node.claims.put(
                        stream,
                        new Remote(
                                stream,
                                id,
                                claim.getLong("fence"),
                                claim.getBoolean("live"),
                                claim.getString("credential"),
                                claim.getJsonObject("listed")));
                streams.add(stream);
            }
        }
        return streams;
    }
}
