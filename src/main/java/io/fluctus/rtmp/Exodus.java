package io.fluctus.rtmp;

import io.vertx.core.json.JsonArray;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** How the clients of a node that is about to end are sent to others: a few every second, spread over the nodes there are. */
final class Exodus<P> {
    /** Seconds over which clients are asked to move: a node that gets them all at once would be no better off. */
    static final int SECONDS = 8;

    private final List<String> urls;
    private final Set<P> asked = new HashSet<>();
    private int perSecond;
    private int turn;

    private Exodus(List<String> urls) {
        this.urls = urls;
    }

    /** {@code urls} are the RTMP doors of other nodes; none: clients are only told that this one ends. */
    static <P> Exodus<P> of(JsonArray urls) {
        List<String> known = new ArrayList<>();
        urls.forEach(url -> known.add(String.valueOf(url)));
        return new Exodus<>(known);
    }

    /** Who moves in this second, and where to. */
    Map<P, String> next(List<P> peers) {
        if (perSecond == 0) {
            perSecond = (peers.size() + SECONDS - 1) / SECONDS;
        }
        asked.retainAll(new HashSet<>(peers));
        Map<P, String> moving = new LinkedHashMap<>();
        for (P peer : peers) {
            if (moving.size() < perSecond && asked.add(peer)) {
                moving.put(peer, urls.isEmpty() ? "" : urls.get(turn++ % urls.size()));
            }
        }
        return moving;
    }
}
