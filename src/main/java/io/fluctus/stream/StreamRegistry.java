package io.fluctus.stream;

import io.fluctus.bus.Refusal;
import io.fluctus.config.Config.Stream.Takeover;
import io.fluctus.media.StreamName;
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
    public record Claim(StreamName stream, long fence, Publisher publisher, long since, Optional<Long> heldUntil) {}

    /** The claim that stands now, and the publisher that has to go. */
    public record Granted(Claim claim, Optional<Publisher> replaced) {}

    private final Takeover takeover;
    private final long holdMillis;
    private final Map<StreamName, Claim> claims = new LinkedHashMap<>();
    private long lastFence;

    public StreamRegistry(Takeover takeover, long holdMillis) {
        this.takeover = takeover;
        this.holdMillis = holdMillis;
    }

    public Collection<Claim> claims() {
        return Collections.unmodifiableCollection(claims.values());
    }

    /** Makes {@code publisher} the one of the stream, or throws {@link Refusal}. {@code wall} is milliseconds since 1970. */
    public Granted claim(StreamName stream, Publisher publisher, long wall) {
        Claim before = claims.get(stream);
        boolean occupied = before != null && before.heldUntil().isEmpty();
        if (occupied && !mayReplace(before.publisher(), publisher)) {
            throw new Refusal(NAME_TAKEN, stream + " is already being published");
        }
        if (before == null && claims.size() >= MAX_STREAMS) {
            throw new Refusal(FULL, "this node already carries " + MAX_STREAMS + " streams");
        }
        long since = before == null ? wall : before.since();
        Claim claim = new Claim(stream, ++lastFence, publisher, since, Optional.empty());
        claims.put(stream, claim);
        return new Granted(claim, occupied ? Optional.of(before.publisher()) : Optional.empty());
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

    private boolean mayReplace(Publisher present, Publisher newcomer) {
        return takeover == Takeover.ANY
                || takeover == Takeover.SAME_KEY && present.credential().equals(newcomer.credential());
    }
}
