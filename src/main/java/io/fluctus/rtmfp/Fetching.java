package io.fluctus.rtmfp;

import io.fluctus.media.MediaPacket;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How a member gets the fragments of a stream: of each eighth of them it asks one neighbour to push, tries others now and then and
 * keeps the faster one; what did not come within the fetch period it pulls from whoever says to have it.
 */
final class Fetching {
    /** Between two tries of another neighbour for one of the eighths. */
    private static final int PUSH_STEP = 2_000;

    /** A neighbour that was asked to push and pushes nothing for so long is not waited for. */
    private static final int PUSH_PATIENCE = 2_000;

    /** Fragments that were asked for and have not come. */
    static final int MAX_PULLS = 300;

    private static final int BITS = 8;
    private static final int MAX_ANNOUNCED = 1_024;

    /** When somebody was first heard to have this one. */
    private record Announced(long at, long last) {}

    private final FragmentStore store;
    private final int fetchMillis;
    private final Reassembler reassembler;
    private final Owner[] owners = new Owner[BITS];
    private final Deque<Announced> announced = new ArrayDeque<>();
    private final Map<Long, Long> asked = new HashMap<>(); // when
    private long newest; // of all that were announced
    private long due; // the newest that should have come by now
    private long nextPull; // everything before it is here, asked for, or over
    private long first; // where the stream begins for us
    private int pushTurn;
    private int pullTurn;
    private int tryBit;
    private long tryAt;

    /** Who pushes an eighth, since when, and the last that it brought. */
    private static final class Owner {
        final MediaPeer peer;
        long heard;
        long newest;

        Owner(MediaPeer peer, long now) {
            this.peer = peer;
            this.heard = now;
        }
    }

    /** {@code fetchMillis}: how long a fragment may be missing until it is asked for. */
    Fetching(StreamDescription description, FragmentStore store, int fetchMillis) {
        this.store = store;
        this.fetchMillis = fetchMillis;
        int patience = Math.min(description.window(), 2 * fetchMillis + PUSH_PATIENCE);
        this.reassembler = new Reassembler(store, patience);
    }

    void turn(int turn) {
        pushTurn = turn;
        pullTurn = turn;
        tryBit = Math.floorMod(turn, BITS);
    }

    long next() {
        return reassembler.next();
    }

    long skipped() {
        return reassembler.skipped();
    }

    List<MediaPacket> advance(long now) {
        return first == 0 ? List.of() : reassembler.advance(first, now);
    }

    void announced(long last, long now) {
        if (last > newest) {
            newest = last;
            announced.add(new Announced(now, last));
            if (announced.size() > MAX_ANNOUNCED) {
                announced.poll();
            }
        }
    }

    /** A fragment came, asked for or pushed; {@code known}: for the second time. */
    void received(MediaPeer from, long id, boolean known, long now) {
        if (asked.remove(id) != null) {
            return;
        }
        int bit = (int) (id & 7);
        Owner owner = owners[bit];
        if ((from.asked() & 1 << bit) == 0) {
            return;
        }
        if (owner == null) {
            owners[bit] = new Owner(from, now);
        } else if (owner.peer != from && known) {
            from.ask(from.asked() & ~(1 << bit)); // no faster than the one we have
            return;
        } else if (owner.peer != from && id > owner.newest) {
            owner.peer.ask(owner.peer.asked() & ~(1 << bit));
            owners[bit] = new Owner(from, now);
        }
        owners[bit].heard = now;
        owners[bit].newest = Math.max(owners[bit].newest, id);
    }

    void forget(MediaPeer peer) {
        for (int bit = 0; bit < BITS; bit++) {
            if (owners[bit] != null && owners[bit].peer == peer) {
                owners[bit] = null;
            }
        }
    }

    void tick(List<MediaPeer> peers, long now) {
        while (!announced.isEmpty() && now - announced.peek().at >= fetchMillis) {
            due = Math.max(due, announced.poll().last);
        }
        if (newest == 0 || peers.isEmpty()) {
            return;
        }
        disbelieve();
        for (int bit = 0; bit < BITS; bit++) {
            replaceSilent(peers, bit, now);
        }
        if (now >= tryAt) {
            tryAt = now + PUSH_STEP;
            tryBit = (tryBit + 1) % BITS;
            askNext(peers, tryBit);
        }
        pull(peers, now);
    }

    /** Somebody announced what is nowhere near the stream. */
    private void disbelieve() {
        if (!store.isEmpty() && Math.abs(newest - store.last()) > FragmentStore.MAX_FRAGMENTS) {
            newest = store.last();
            due = newest;
            nextPull = newest;
            announced.clear();
        }
    }

    private void replaceSilent(List<MediaPeer> peers, int bit, long now) {
        Owner owner = owners[bit];
        boolean silent = owner != null && now - owner.heard > PUSH_PATIENCE && newest > owner.newest + BITS;
        if (silent) {
            owner.peer.ask(owner.peer.asked() & ~(1 << bit));
        }
        if (owner == null || silent) {
            owners[bit] = null;
            askNext(peers, bit).ifPresent(peer -> owners[bit] = new Owner(peer, now));
        }
    }

    /** Asks the next neighbour that has anything to push an eighth. */
    private Optional<MediaPeer> askNext(List<MediaPeer> peers, int bit) {
        for (int i = 0; i < peers.size(); i++) {
            MediaPeer peer = peers.get(Math.floorMod(++pushTurn, peers.size()));
            if (peer.isSubscribed() && peer.holdings().last() > 0 && (peer.asked() & 1 << bit) == 0) {
                peer.ask(peer.asked() | 1 << bit);
                return Optional.of(peer);
            }
        }
        return Optional.empty();
    }

    private void pull(List<MediaPeer> peers, long now) {
        if (due == 0) {
            return;
        }
        if (nextPull == 0) {
            nextPull = Math.max(1, due - 1); // a newcomer does not ask for what was before it
            first = nextPull;
        }
        nextPull = Math.max(nextPull, store.first());
        asked.keySet().removeIf(id -> id < store.first() && !store.isEmpty());
        asked.entrySet().stream()
                .filter(e -> now - e.getValue() >= fetchMillis)
                .map(Map.Entry::getKey)
                .toList()
                .forEach(id -> pull(peers, id, now));
        for (; nextPull <= due && asked.size() < MAX_PULLS; nextPull++) {
            if (!store.has(nextPull) && !pull(peers, nextPull, now)) {
                return; // nobody has it yet
            }
        }
    }

    private boolean pull(List<MediaPeer> peers, long id, long now) {
        for (int i = 0; i < peers.size(); i++) {
            MediaPeer peer = peers.get(Math.floorMod(++pullTurn, peers.size()));
            if (peer.isSubscribed() && peer.holdings().has(id)) {
                peer.pull(id);
                asked.put(id, now);
                return true;
            }
        }
        return false;
    }
}
