package io.fluctus.script;

import io.fluctus.media.StreamName;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/** Who and what there is in a tree: its clients and its publications. */
final class Directory {
    private final Map<String, Client> byKey = new HashMap<>();
    private final NavigableMap<String, Thing> clients = new TreeMap<>(); // by id
    private final NavigableMap<String, Thing> publications = new TreeMap<>(); // by the name that scripts see
    private final Map<StreamName, AppStream> streams = new HashMap<>();
    private final Map<AppStream, String> shown = new HashMap<>();
    private final Thing clientsThing = Thing.collection(clients);
    private final Thing publicationsThing = Thing.collection(publications);

    Thing clients() {
        return clientsThing;
    }

    Thing publications() {
        return publicationsThing;
    }

    // -- clients

    void add(Client client) {
        byKey.put(client.key(), client);
        clients.put(client.id(), client.thing());
    }

    void remove(Client client) {
        byKey.remove(client.key());
        clients.remove(client.id(), client.thing());
    }

    Optional<Client> client(String key) {
        return Optional.ofNullable(byKey.get(key));
    }

    List<Client> everybody() {
        return new ArrayList<>(byKey.values());
    }

    // -- streams

    /** The stream of this name; a new one is seen by scripts when it is {@link #show shown}. */
    AppStream stream(StreamName name) {
        return streams.computeIfAbsent(name, AppStream::new);
    }

    Optional<AppStream> known(StreamName name) {
        return Optional.ofNullable(streams.get(name));
    }

    /** Two streams of one name in different folders: the second is seen by its whole path. */
    void show(AppStream stream) {
        if (!shown.containsKey(stream)) {
            String name = stream.name().stream();
            String called = publications.containsKey(name) ? stream.name().path() : name;
            streams.put(stream.name(), stream);
            shown.put(stream, called);
            publications.put(called, stream.thing());
        }
    }

    /** Forgets a stream that nobody publishes or plays; false while somebody does. */
    boolean forget(AppStream stream) {
        if (!stream.isOver()) {
            return false;
        }
        streams.remove(stream.name(), stream);
        Optional.ofNullable(shown.remove(stream)).ifPresent(publications::remove);
        return true;
    }
}
