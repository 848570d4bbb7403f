package io.fluctus.stream;

import io.fluctus.bus.Carried;
import io.fluctus.media.MediaPacket;
import io.fluctus.media.MediaPacket.Kind;
import io.fluctus.media.MediaTag;
import io.fluctus.media.StreamName;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;

/**
 * The relays of other nodes that take streams from this one. The bus between nodes accepts without bound while a node hangs, so every
 * receiver acknowledges bytes and has a budget: over it, video is dropped to the next key frame.
 */
final class Downlinks {
    /** Bytes that one receiver has not acknowledged; more are not sent to it. */
    static final long BUDGET_BYTES = 16L << 20;

    /** Where even codec headers are no longer sent. */
    private static final long LIMIT_BYTES = 2 * BUDGET_BYTES;

    /** A receiver that has not renewed for so long is gone. */
    static final long LEASE_MILLIS = 6_000;

    /** Subscriptions of all receivers. */
    static final int MAX_LINKS = 50_000;

    private final Map<StreamName, List<Downlink>> byStream = new HashMap<>();
    private final Map<String, Receiver> receivers = new HashMap<>();
    private int links;

    /** One relay instance of another node: its address, what it was sent and what it has acknowledged. */
    private static final class Receiver {
        private final String address;
        private final Map<Long, Downlink> links = new HashMap<>();
        private long sent;
        private long acknowledged;
        private long heardAt;

        private Receiver(String address) {
            this.address = address;
        }

        private long inFlight() {
            return sent - acknowledged;
        }
    }

    /** One stream for one receiver. */
    private static final class Downlink {
        private final StreamName stream;
        private final Receiver receiver;
        private final long id;
        private final long since;
        private long number;
        private boolean waitsForKeyFrame;
        private long dropped;

        private Downlink(StreamName stream, Receiver receiver, long id, long since) {
            this.stream = stream;
            this.receiver = receiver;
            this.id = id;
            this.since = since;
        }

        private boolean admits(MediaPacket packet) {
            long inFlight = receiver.inFlight();
            if (packet.kind() == Kind.UNPUBLISHED) {
                return true;
            }
            if (MediaTag.header(packet.kind(), packet.payload())) {
                return inFlight < LIMIT_BYTES;
            }
            if (packet.kind() != Kind.VIDEO) {
                return inFlight < BUDGET_BYTES;
            }
            waitsForKeyFrame |= inFlight >= BUDGET_BYTES;
            if (waitsForKeyFrame && inFlight < BUDGET_BYTES / 2 && MediaTag.keyFrame(packet.payload())) {
                waitsForKeyFrame = false;
            }
            return !waitsForKeyFrame;
        }

        private Carried wrap(MediaPacket packet) {
            receiver.sent += packet.payload().length();
            return new Carried(id, ++number, receiver.sent, packet);
        }
    }

    /** False when there is no room for one more. */
    boolean add(StreamName stream, String address, long id, long now) {
        if (links >= MAX_LINKS) {
            return false;
        }
        remove(address, id);
        Receiver receiver = receivers.computeIfAbsent(address, Receiver::new);
        receiver.heardAt = now;
        Downlink link = new Downlink(stream, receiver, id, now);
        receiver.links.put(id, link);
        byStream.computeIfAbsent(stream, key -> new ArrayList<>()).add(link);
        links++;
        return true;
    }

    /** What a new subscriber gets first, as far as it can take it; gives the number of packets. */
    long begin(String address, long id, List<MediaPacket> prelude, BiConsumer<String, Carried> sink) {
        Downlink link = receivers.get(address).links.get(id);
        for (MediaPacket packet : prelude) {
            if (link.admits(packet)) {
                sink.accept(address, link.wrap(packet));
            }
        }
        return link.number;
    }

    boolean carries(StreamName stream) {
        return byStream.containsKey(stream);
    }

    /** A packet of the stream, to each of its receivers that can take it. */
    void offer(StreamName stream, MediaPacket packet, BiConsumer<String, Carried> sink) {
        List<Downlink> subscribed = byStream.get(stream);
        if (subscribed == null) {
            return;
        }
        for (int i = 0; i < subscribed.size(); i++) {
            Downlink link = subscribed.get(i);
            if (link.admits(packet)) {
                sink.accept(link.receiver.address, link.wrap(packet));
            } else {
                link.dropped++;
            }
        }
    }

    /** The stream is over: nobody is subscribed any more. */
    void end(StreamName stream) {
        List<Downlink> subscribed = byStream.remove(stream);
        if (subscribed != null) {
            links -= subscribed.size();
            subscribed.forEach(link -> link.receiver.links.remove(link.id));
        }
    }

    void remove(String address, long id) {
        Receiver receiver = receivers.get(address);
        Downlink link = receiver == null ? null : receiver.links.remove(id);
        if (link != null) {
            forget(link);
        }
    }

    private void forget(Downlink link) {
        links--;
        List<Downlink> subscribed = byStream.get(link.stream);
        subscribed.remove(link);
        if (subscribed.isEmpty()) {
            byStream.remove(link.stream);
        }
    }

    /** The receiver has taken everything up to this total. */
    void acknowledge(String address, long total) {
        Receiver receiver = receivers.get(address);
        if (receiver != null) {
            receiver.acknowledged = Math.max(receiver.acknowledged, Math.min(total, receiver.sent));
        }
    }

    /** Where one link stands: its stream, and how many packets were sent there. */
    record State(StreamName stream, long number) {}

    /**
     * A receiver is alive and has these links. Gives the state of each; those that are not known here are missing, and those that the
     * receiver does not name are dropped.
     */
    Map<Long, State> renew(String address, Set<Long> ids, long now) {
        Map<Long, State> states = new HashMap<>();
        Receiver receiver = receivers.get(address);
        if (receiver == null) {
            return states;
        }
        receiver.heardAt = now;
        for (Downlink link : List.copyOf(receiver.links.values())) {
            if (ids.contains(link.id)) {
                states.put(link.id, new State(link.stream, link.number));
            } else if (now - link.since
                    > LEASE_MILLIS) { // younger ones may have been asked for after the word was said
                remove(address, link.id);
            }
        }
        return states;
    }

    /** Forgets the receivers that have not renewed, and gives their number. */
    int expire(long now) {
        List<Receiver> silent = receivers.values().stream()
                .filter(receiver -> now - receiver.heardAt > LEASE_MILLIS)
                .toList();
        for (Receiver receiver : silent) {
            receivers.remove(receiver.address);
            receiver.links.values().forEach(this::forget);
        }
        return silent.size();
    }

    /** What is under way to other nodes and what was dropped, by stream. */
    JsonObject report(StreamName stream) {
        List<Downlink> subscribed = byStream.getOrDefault(stream, List.of());
        return new JsonObject()
                .put("links", subscribed.size())
                .put(
                        "droppedLinks",
                        subscribed.stream().mapToLong(link -> link.dropped).sum());
    }
}
