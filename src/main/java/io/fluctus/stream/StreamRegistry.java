package io.fluctus.stream;

import io.fluctus.bus.Refusal;
import io.fluctus.config.Config.Stream.Takeover;
import io.fluctus.media.StreamName;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Who publishes what: one publisher a stream, what a second one meets, and the hold for one that vanished. */
public final class StreamRegistry {
    /** Streams at a time on one node. */
    public static final int MAX_STREAMS = 10_000;

    /** A claim was refused because somebody else publishes the stream. */
    public static final int NAME_TAKEN = 409;

    /** Bits of a fence that tell nodes apart. */
    private static final int FENCE_NODE_BITS = 32;

    /** A claim was refused because the node is full. */
    public static final int FULL = 503;

    /**
     * One who publishes.
     *
     * @param protocol rtmp, rtmfp, ...
     * @param address host and port, for people
     * @param credential the key it gave, or its host where no keys are used: equal credentials are the same publisher
     * @param client the id of its connection on the bus
     */
    public record Publisher(String protocol, String address, String credential, String client) {}

    /**
     * A stream that is published, or held for its publisher's return.
     *
     * @param since wall clock, milliseconds since 1970, of its first publisher
     * @param heldUntil monotonic milliseconds; empty while the publisher is there
     */
    public record Claim(StreamName stream, long fence, Publisher publisher, long since, Optional<Long> heldUntil) {
        /** As the API shows it, and as other nodes are told. */
        JsonObject listed(String node) {
            return new JsonObject()
                    .put("app", stream.app())
                    .put("name", stream.stream())
                    .put("live", heldUntil.isEmpty())
                    .put("node", node)
                    .put("since", since)
                    .put("client", publisher.client())
                    .put(
                            "publisher",
                            new JsonObject()
                                    .put("protocol", publisher.protocol())
                                    .put("address", publisher.address()));
        }
    }

    /** The claim that stands now, and the publisher that has to go. */
    public record Granted(Claim claim, Optional<Publisher> replaced) {}

    private final Takeover takeover;
    private final long holdMillis;
    private final long node;
    private final Map<StreamName, Claim> claims = new LinkedHashMap<>();
    private long counter;

    public StreamRegistry(Takeover takeover, long holdMillis) {
        this(takeover, holdMillis, "");
    }

    /** {@code node} is part of every fence, so that no two nodes give the same. */
    public StreamRegistry(Takeover takeover, long holdMillis, String node) {
        this.takeover = takeover;
        this.holdMillis = holdMillis;
        this.node = Integer.toUnsignedLong(node.hashCode());
    }

    /** A fence above every one that was given or seen: a counter, and below it the node. */
    public long nextFence() {
        return ++counter << FENCE_NODE_BITS | node;
    }

    /** Another node has given this fence: ours are higher from now on. */
    public void observe(long fence) {
        counter = Math.max(counter, fence >>> FENCE_NODE_BITS);
    }

    public Collection<Claim> claims() {
        return Collections.unmodifiableCollection(claims.values());
    }

    /** Makes {@code publisher} the one of the stream, or throws {@link Refusal}. {@code wall} is milliseconds since 1970. */
    public Granted claim(StreamName stream, Publisher publisher, long wall) {
        return claim(stream, publisher, wall, nextFence());
    }

    /** As above, with a fence that other nodes have agreed to. */
    public Granted claim(StreamName stream, Publisher publisher, long wall, long fence) {
        check(stream, publisher.credential());
        Claim before = claims.get(stream);
        boolean occupied = before != null && before.heldUntil().isEmpty();
        long since = before == null ? wall : before.since();
        Claim claim = new Claim(stream, fence, publisher, since, Optional.empty());
        claims.put(stream, claim);
        return new Granted(claim, occupied ? Optional.of(before.publisher()) : Optional.empty());
    }

    /** Throws {@link Refusal} if one with this credential could not have the stream now. */
    public void check(StreamName stream, String credential) {
        Claim before = claims.get(stream);
        boolean occupied = before != null && before.heldUntil().isEmpty();
        if (occupied && !mayReplace(before.publisher().credential(), credential)) {
            throw taken(stream);
        }
        if (before == null && claims.size() >= MAX_STREAMS) {
            throw new Refusal(FULL, "this node already carries " + MAX_STREAMS + " streams");
        }
    }

    static Refusal taken(StreamName stream) {
        return new Refusal(NAME_TAKEN, stream + " is already being published");
    }

    public Optional<Claim> claimOf(StreamName stream) {
        return Optional.ofNullable(claims.get(stream));
    }

    /** The stream is another node's now. */
    public void yield(StreamName stream) {
        claims.remove(stream);
    }

    /** The fence of the stream if this client publishes it. */
    public Optional<Long> fenceOf(StreamName stream, String client) {
        return Optional.ofNullable(claims.get(stream))
                .filter(claim -> claim.publisher().client().equals(client))
                .map(Claim::fence);
    }

    /**
     * The publisher with this fence is gone: {@code clean} if it said so. Gives true when the stream is over now; a replaced
     * publisher changes nothing.
     */
    public boolean release(StreamName stream, long fence, boolean clean, long now) {
        Claim claim = claims.get(stream);
        if (claim == null || claim.fence() != fence) {
            return false;
        }
        if (clean || holdMillis == 0) {
            claims.remove(stream);
            return true;
        }
        claims.put(stream, new Claim(stream, fence, claim.publisher(), claim.since(), Optional.of(now + holdMillis)));
        return false;
    }

    /** Ends the holds that have passed and names their streams. */
    public List<StreamName> expire(long now) {
        List<StreamName> over = new ArrayList<>();
        claims.values().removeIf(claim -> {
            boolean passed = claim.heldUntil().isPresent() && claim.heldUntil().get() <= now;
            if (passed) {
                over.add(claim.stream());
            }
            return passed;
        });
        return over;
    }

    /** Whether one with the credential {@code newcomer} may replace one with {@code present}. */
    boolean mayReplace(String present, String newcomer) {
        return takeover == Takeover.ANY || takeover == Takeover.SAME_KEY && present.equals(newcomer);
    }
}
