package io.fluctus.rtmfp;

import io.vertx.core.buffer.Buffer;
import java.net.InetSocketAddress;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Packets that were too long for one datagram (RFC 7016 2.3.1), joined from their fragments: a few at a time, each of them short,
 * and none that came in packets of another mode, from another address or for another session.
 */
final class FragmentedPackets {
    /** Bytes of a joined packet. */
    static final int MAX_PACKET = 8192;

    /** Fragments of one packet. */
    static final int MAX_FRAGMENTS = 64;

    /** Milliseconds that a packet waits for the rest of it. */
    static final int LIFETIME = 5_000;

    /** Which packet a fragment is a part of. */
    record Key(int sessionId, InetSocketAddress from, int mode, long packetId) {}

    private static final class Partial {
        final TreeMap<Long, Buffer> parts = new TreeMap<>();
        final long since;
        long last = Long.MAX_VALUE;
        int bytes;

        Partial(long since) {
            this.since = since;
        }

        boolean isWhole() {
            return parts.size() == last + 1;
        }

        Buffer joined() {
            Buffer whole = Buffer.buffer(bytes);
            parts.values().forEach(whole::appendBuffer);
            return whole;
        }
    }

    private final int maxPackets;
    private final Map<Key, Partial> partial = new LinkedHashMap<>();

    /** {@code maxPackets} that wait for more fragments; the oldest gives way. */
    FragmentedPackets(int maxPackets) {
        this.maxPackets = maxPackets;
    }

    int waiting() {
        return partial.size();
    }

    /** The packet that is whole now, if one is. */
    Optional<Packet> add(Key key, Chunk.Fragment fragment, long now) {
        Partial packet = partial.get(key);
        if (packet == null) {
            makeRoom(now);
            packet = new Partial(now);
            partial.put(key, packet);
        }
        if (!take(packet, fragment)) {
            partial.remove(key);
            return Optional.empty();
        }
        if (!packet.isWhole()) {
            return Optional.empty();
        }
        partial.remove(key);
        Packet whole = Packet.decode(packet.joined());
        return whole.mode() == key.mode ? Optional.of(whole) : Optional.empty();
    }

    /** False for a fragment that contradicts the others, or makes too much of them. */
    private static boolean take(Partial packet, Chunk.Fragment fragment) {
        long number = fragment.number();
        if (number >= MAX_FRAGMENTS
                || number > packet.last
                || packet.bytes + fragment.part().length() > MAX_PACKET) {
            return false;
        }
        if (!fragment.more()) {
            packet.last = Math.min(packet.last, number);
        }
        if (packet.parts.putIfAbsent(number, fragment.part().copy()) == null) {
            packet.bytes += fragment.part().length();
        }
        return packet.parts.lastKey() <= packet.last;
    }

    private void makeRoom(long now) {
        Iterator<Partial> oldest = partial.values().iterator();
        while (oldest.hasNext()) {
            if (now - oldest.next().since <= LIFETIME && partial.size() < maxPackets) {
                return;
            }
            oldest.remove();
        }
    }
}
