package io.fluctus.stream;

import io.fluctus.bus.Carried;
import io.fluctus.media.StreamName;
import java.util.List;

/** One stream that this relay takes from another node's: what has come, and whether anything is missing. */
final class Uplink {
    /** What became of a packet. */
    enum Verdict {
        TAKEN,
        /** Packets before it were lost on the way: the stream has to be asked for again. */
        GAP
    }

    private final StreamName stream;
    private final long id;
    private final String node;
    private final String address;
    private long received;
    private long prelude = Long.MAX_VALUE;
    private long lastSequence;
    private long heardAt;
    private long atLastRenewal = -1;
    private List<String> path = List.of();

    /** {@code node} is where the stream comes from, {@code address} its relay instance. */
    Uplink(StreamName stream, long id, String node, String address) {
        this.stream = stream;
        this.id = id;
        this.node = node;
        this.address = address;
    }

    StreamName stream() {
        return stream;
    }

    long id() {
        return id;
    }

    String node() {
        return node;
    }

    String address() {
        return address;
    }

    /** The nodes that the stream passes, from its owner to the one it comes from. */
    List<String> path() {
        return path;
    }

    /** The subscription was accepted: so many packets are the prelude. */
    void accepted(long prelude, List<String> path, long now) {
        heardAt = now;
        this.prelude = prelude;
        this.path = List.copyOf(path);
    }

    /** The sender is alive, and has the stream over these nodes. */
    void passes(List<String> path, long now) {
        this.path = List.copyOf(path);
        heardAt = now;
    }

    long heardAt() {
        return heardAt;
    }

    Verdict receive(Carried carried, long now) {
        heardAt = now;
        if (carried.number() != received + 1) {
            return Verdict.GAP;
        }
        received = carried.number();
        lastSequence = carried.packet().sequence();
        return Verdict.TAKEN;
    }

    /** Whether the prelude is here. */
    boolean loaded() {
        return received >= prelude;
    }

    /** The sender's number of the newest packet, for going on there. */
    long lastSequence() {
        return lastSequence;
    }

    /** The sender says that it has sent so many: true if they do not arrive, because nothing came since it said so before. */
    boolean stalls(long sent) {
        boolean stalls = sent > received && received == atLastRenewal;
        atLastRenewal = received;
        return stalls;
    }
}
