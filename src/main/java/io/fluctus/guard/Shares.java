package io.fluctus.guard;

import io.fluctus.config.Config;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/** The shares of the line that viewers of this node have in common: by stream, by application, and of all. One for all event loops. */
public final class Shares {
    private final Config.Limits.Kbps limits;
    private final List<Share> node;
    private final Map<String, Counted> named = new ConcurrentHashMap<>();
    private final LongAdder thinned = new LongAdder();
    private final LongAdder refused = new LongAdder();

    /** A share, and by how many it is held. */
    private record Counted(Share share, int holders) {}

    public Shares(Config.Limits.Kbps limits) {
        this.limits = limits;
        this.node = limits.node() == 0 ? List.of() : List.of(new Share(limits.node()));
    }

    /** The shares that all viewers of this stream are bound by; each call is followed by one of {@link #release}. */
    public List<Share> of(String app, String stream) {
        List<Share> shares = new ArrayList<>(node);
        if (limits.application() > 0) {
            shares.add(hold("app " + app, limits.application()));
        }
        if (limits.stream() > 0) {
            shares.add(hold("stream " + app + "/" + stream, limits.stream()));
        }
        return List.copyOf(shares);
    }

    public void release(String app, String stream) {
        if (limits.application() > 0) {
            letGo("app " + app);
        }
        if (limits.stream() > 0) {
            letGo("stream " + app + "/" + stream);
        }
    }

    /** A viewer's own: the smaller of what holds for everybody and {@code kbps}, where these are not 0. */
    public List<Share> own(int kbps) {
        int own = limits.viewer() == 0 ? kbps : kbps == 0 ? limits.viewer() : Math.min(kbps, limits.viewer());
        return own == 0 ? List.of() : List.of(new Share(own));
    }

    private Share hold(String name, int kbps) {
        return named.merge(
                        name, new Counted(new Share(kbps), 1), (old, fresh) -> new Counted(old.share, old.holders + 1))
                .share;
    }

    private void letGo(String name) {
        named.computeIfPresent(name, (key, old) -> old.holders == 1 ? null : new Counted(old.share, old.holders - 1));
    }

    public void countThinned() {
        thinned.increment();
    }

    public void countRefused() {
        refused.increment();
    }

    public Config.Limits.Kbps limits() {
        return limits;
    }

    /** How often a viewer was thinned to key frames, and how often that was not enough. */
    public long thinned() {
        return thinned.sum();
    }

    public long refused() {
        return refused.sum();
    }
}
