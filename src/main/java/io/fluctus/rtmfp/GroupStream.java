package io.fluctus.rtmfp;

import io.fluctus.media.MediaPacket;
import io.fluctus.rtmfp.GroupLink.Worth;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * One multicast stream at one member: fragments come in, from the publisher that we are or from neighbours, are kept for a window,
 * and are pushed to those who asked and handed out to those who pull. A member that receives also {@link Fetching fetches}.
 */
final class GroupStream {
    /** How long fragments are kept beyond the window in which they are looked for. */
    private static final int RELAY_MARGIN = 2_000;

    /** Fragments of credit that pulls may use at a time. */
    private static final int PULL_CREDIT = 512 * 1024;

    /** Members that a stream is exchanged with; more are refused. */
    static final int MAX_PEERS = 64;

    /**
     * What a member gives to others of a stream, and how soon it wants what is missing.
     *
     * @param pushes how many are pushed each fragment
     * @param pulls how many bytes are handed out on request for each byte of the stream
     * @param hurry milliseconds after which it asks for what is missing, if the stream's own fetch period is longer
     */
    record Generosity(int pushes, double pulls, int hurry) {
        /** What Flash members do by default, and pulls without a bound. */
        static final Generosity MEMBER = new Generosity(5, 100, Integer.MAX_VALUE);

        /** Below four times the stream for whatever number of viewers. */
        static final Generosity GATEWAY = new Generosity(2, 1.5, 500);
    }

    /** Bytes of fragments: those that came in once, those that came again, what was pushed and what was pulled from us. */
    record Traffic(long bytes, long duplicates, long pushed, long pulled, long refused) {}

    private final StreamDescription description;
    private final Generosity generosity;
    private final FragmentStore store;
    private final Optional<Fetching> fetching;
    private final List<MediaPeer> peers = new ArrayList<>();
    private double pullCredit = PULL_CREDIT;
    private int mapTurn;
    private long mapAt;
    private long end;
    private long lastHeard;
    private long bytes;
    private long duplicates;
    private long pushed;
    private long pulled;
    private long refused;

    private GroupStream(StreamDescription description, Generosity generosity, boolean receives, long now) {
        this.description = description;
        this.generosity = generosity;
        this.store = new FragmentStore(description.window() + RELAY_MARGIN);
        int fetch = Math.min(description.fetchPeriod(), generosity.hurry);
        this.fetching = receives ? Optional.of(new Fetching(description, store, fetch)) : Optional.empty();
        this.mapAt = now;
        this.lastHeard = now;
    }

    static GroupStream published(StreamDescription description, Generosity generosity, long now) {
        return new GroupStream(description, generosity, false, now);
    }

    /** {@code turn} differs from member to member, so that not all ask the same neighbour. */
    static GroupStream received(StreamDescription description, Generosity generosity, int turn, long now) {
        GroupStream stream = new GroupStream(description, generosity, true, now);
        stream.fetching.orElseThrow().turn(turn);
        return stream;
    }

    StreamDescription description() {
        return description;
    }

    boolean isReceived() {
        return fetching.isPresent();
    }

    List<MediaPeer> peers() {
        return peers;
    }

    Traffic traffic() {
        return new Traffic(bytes, duplicates, pushed, pulled, refused);
    }

    long skipped() {
        return fetching.map(Fetching::skipped).orElse(0L);
    }

    /** The number of the fragment that is waited for. */
    long next() {
        return fetching.map(Fetching::next).orElse(0L);
    }

    /** The number after the last fragment; 0 while the stream goes on. */
    long end() {
        return end;
    }

    /** When the last fragment or map came. */
    long lastHeard() {
        return lastHeard;
    }

    void add(MediaPeer peer) {
        peers.add(peer);
        tell(peer);
    }

    /** Tells a neighbour at once what there is. */
    private void tell(MediaPeer peer) {
        if (!store.isEmpty()) {
            peer.tell(store.holdings());
        }
    }

    void remove(MediaPeer peer) {
        peers.remove(peer);
        fetching.ifPresent(f -> f.forget(peer));
    }

    void end(long id) {
        end = end == 0 ? id : end;
    }

    /** A fragment of ours. */
    void publish(Fragment fragment, long now) {
        take(fragment, Optional.empty(), now);
    }

    void receive(MediaPeer from, Fragment fragment, long now) {
        lastHeard = now;
        boolean known = store.has(fragment.id());
        fetching.ifPresent(f -> f.received(from, fragment.id(), known, now));
        if (known || !take(fragment, Optional.of(from), now)) {
            duplicates += fragment.data().length();
        }
    }

    private boolean take(Fragment fragment, Optional<MediaPeer> from, long now) {
        if (!store.add(fragment, now)) {
            return false;
        }
        int length = fragment.data().length();
        bytes += length;
        pullCredit = Math.min(PULL_CREDIT, pullCredit + generosity.pulls * length);
        int left = generosity.pushes;
        int start = (int) (fragment.id() & 7) * peers.size() / 8; // so that each bit burdens others first
        for (int i = 0; i < peers.size() && left > 0; i++) {
            MediaPeer peer = peers.get((start + i) % peers.size());
            if (!from.equals(Optional.of(peer)) && peer.isPushable(fragment.id())) {
                peer.send(fragment, Worth.WHILE_NEW);
                pushed += length;
                left--;
            }
        }
        return true;
    }

    void holdings(MediaPeer from, GroupMessage.Holdings map, long now) {
        lastHeard = now;
        if (from.holds(map)) {
            fetching.ifPresent(f -> f.announced(map.last(), now));
        }
    }

    void pull(MediaPeer from, long id) {
        Optional<Fragment> fragment = store.get(id);
        if (fragment.isEmpty() || !from.isSubscribed()) {
            return;
        }
        int length = fragment.get().data().length();
        if (pullCredit < length) {
            refused += length;
            return;
        }
        pullCredit -= length;
        pulled += length;
        from.send(fragment.get(), Worth.WHILE_NEW);
    }

    /** Packets that are complete now; empty at the publisher. */
    List<MediaPacket> advance(long now) {
        return fetching.map(f -> f.advance(now)).orElse(List.of());
    }

    /** To be called some ten times a second. */
    void tick(long now) {
        store.prune(now);
        if (now >= mapAt && !peers.isEmpty()) {
            mapAt = now + description.updatePeriod();
            tellNext();
        }
        fetching.ifPresent(f -> f.tick(peers, now));
    }

    /** One neighbour after the other hears what we hold; all of them only if the publisher wants that. */
    private void tellNext() {
        GroupMessage.Holdings holdings = store.holdings();
        if (holdings.last() == 0) {
            return;
        }
        if (description.mapToAll()) {
            peers.forEach(peer -> peer.tell(holdings));
            return;
        }
        for (int i = 0; i < peers.size(); i++) {
            mapTurn = (mapTurn + 1) % peers.size();
            if (peers.get(mapTurn).tell(holdings)) {
                return;
            }
        }
    }
}
