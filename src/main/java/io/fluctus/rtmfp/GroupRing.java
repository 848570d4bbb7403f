package io.fluctus.rtmfp;

import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.random.RandomGenerator;

/** The members of a group in the order of their group addresses, the hashes of their ids; after the last comes the first. */
final class GroupRing<T> {
    private final TreeMap<String, T> byAddress = new TreeMap<>();

    /** Digits in the order of the address as a number. */
    static String addressOf(Buffer peerId) {
        return GroupSpec.hex(Crypto.sha256(Epd.ofFingerprint(peerId).encode()));
    }

    int size() {
        return byAddress.size();
    }

    Collection<T> all() {
        return byAddress.values();
    }

    Optional<T> get(String address) {
        return Optional.ofNullable(byAddress.get(address));
    }

    void put(String address, T member) {
        byAddress.put(address, member);
    }

    Optional<T> remove(String address) {
        return Optional.ofNullable(byAddress.remove(address));
    }

    /** Up to {@code count} members before {@code address}, the nearest first; whoever has the address is left out. */
    List<T> before(String address, int count) {
        return walk(address, count, false);
    }

    List<T> after(String address, int count) {
        return walk(address, count, true);
    }

    private List<T> walk(String address, int count, boolean up) {
        List<T> found = new ArrayList<>();
        String at = address;
        int others = byAddress.size() - (byAddress.containsKey(address) ? 1 : 0);
        while (found.size() < Math.min(count, others)) {
            Map.Entry<String, T> next = up ? byAddress.higherEntry(at) : byAddress.lowerEntry(at);
            if (next == null) {
                next = up ? byAddress.firstEntry() : byAddress.lastEntry();
            }
            at = next.getKey();
            if (!at.equals(address)) {
                found.add(next.getValue());
            }
        }
        return found;
    }

    /** Somebody: the one after a random point of the ring. Empty only if nobody is there. */
    Optional<T> any(RandomGenerator random) {
        byte[] point = new byte[Epd.FINGERPRINT_LENGTH];
        random.nextBytes(point);
        return after(GroupSpec.hex(Buffer.buffer(point)), 1).stream().findFirst();
    }
}
