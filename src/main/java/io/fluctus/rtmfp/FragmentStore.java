package io.fluctus.rtmfp;

import io.vertx.core.buffer.Buffer;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The fragments of a stream that a member holds: for a time, in a number and in bytes that are bounded. */
final class FragmentStore {
    /** As many as a map of what we hold can tell of. */
    static final int MAX_FRAGMENTS = 8 * GroupMessage.Holdings.MAX_BITS;

    static final int MAX_BYTES = 64 << 20;

    private record Held(Fragment fragment, long at) {}

    private final TreeMap<Long, Held> held = new TreeMap<>();
    private final int keepMillis;
    private long bytes;
    private long floor; // numbers up to this are over

    FragmentStore(int keepMillis) {
        this.keepMillis = keepMillis;
    }

    boolean isEmpty() {
        return held.isEmpty();
    }

    int size() {
        return held.size();
    }

    long bytes() {
        return bytes;
    }

    long first() {
        return held.isEmpty() ? 0 : held.firstKey();
    }

    long last() {
        return held.isEmpty() ? 0 : held.lastKey();
    }

    boolean has(long id) {
        return held.containsKey(id);
    }

    Optional<Fragment> get(long id) {
        return Optional.ofNullable(held.get(id)).map(Held::fragment);
    }

    /** The number of the first one held from {@code id} on at which a message begins. */
    Optional<Long> nextBeginning(long id) {
        for (Map.Entry<Long, Held> entry : held.tailMap(id).entrySet()) {
            if (entry.getValue().fragment.place().begins()) {
                return Optional.of(entry.getKey());
            }
        }
        return Optional.empty();
    }

    /** False if it is here already, too old, or nowhere near the others. */
    boolean add(Fragment fragment, long now) {
        long id = fragment.id();
        boolean near = held.isEmpty() || Math.abs(id - held.lastKey()) < MAX_FRAGMENTS;
        boolean over = id <= floor && floor - id < MAX_FRAGMENTS;
        if (!near || over || held.containsKey(id)) {
            return false;
        }
        held.put(id, new Held(fragment, now));
        bytes += fragment.cost();
        while (held.size() > MAX_FRAGMENTS || bytes > MAX_BYTES || held.lastKey() - held.firstKey() >= MAX_FRAGMENTS) {
            dropFirst();
        }
        return true;
    }

    /** Forgets what is older than the window. */
    void prune(long now) {
        while (!held.isEmpty() && now - held.firstEntry().getValue().at > keepMillis) {
            dropFirst();
        }
    }

    private void dropFirst() {
        Map.Entry<Long, Held> first = held.pollFirstEntry();
        floor = first.getKey();
        bytes -= first.getValue().fragment.cost();
    }

    /** What is held, as others are told; {@code last} is 0 if nothing is. */
    GroupMessage.Holdings holdings() {
        if (held.isEmpty()) {
            return new GroupMessage.Holdings(0, Buffer.buffer());
        }
        long last = held.lastKey();
        byte[] bits = new byte[(int) ((last - held.firstKey() + 7) / 8)];
        for (long id : held.headMap(last).keySet()) {
            int bit = (int) (last - 1 - id);
            bits[bit / 8] |= (byte) (1 << bit % 8);
        }
        return new GroupMessage.Holdings(last, Buffer.buffer(bits));
    }
}
