package io.fluctus.rtmfp;

import io.fluctus.media.MediaPacket;
import io.fluctus.rtmfp.GroupStream.Generosity;
import io.fluctus.wire.ByteReader;
import io.fluctus.wire.ProtocolException;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * A member of one group: its neighbours, what it publishes and what it receives and passes on. It connects to nobody by itself:
 * whoever has a session with another member hands it in as a {@link GroupLink}, with what happens on its flows.
 */
final class GroupMember {
    /** How often {@link #tick} wants to be called, in milliseconds. */
    static final int TICK = 100;

    /** Streams of a group that a member takes part in. */
    static final int MAX_STREAMS = 16;

    /** Between two reports that nobody asked for. */
    private static final int REPORT_PERIOD = 10_000;

    /** Others that a report names. */
    private static final int REPORTED = 6;

    /** A stream of which nothing was heard for so long is over. */
    private static final int STREAM_SILENCE = 20_000;

    /** Who the member is, and what it does for others. */
    record Self(GroupSpec spec, Buffer peerId, Generosity generosity, int maxNeighbours) {}

    private final Self self;
    private final RandomGenerator random;
    private final Map<GroupLink, Neighbour> neighbours = new LinkedHashMap<>();
    private final Map<GroupLink, Map<Long, GroupFlow>> farFlows = new HashMap<>();
    private final Map<Buffer, GroupStream> streams = new LinkedHashMap<>(); // by key
    private final Map<String, Publishing> published = new HashMap<>();
    private final Set<String> wanted = new HashSet<>();
    private final List<GroupEvent> events = new ArrayList<>();
    private List<Address> addresses = List.of();
    private long reportAt;

    /** A stream of ours on its way into the group. */
    private record Publishing(GroupStream stream, Fragmenter fragmenter) {}

    GroupMember(Self self, RandomGenerator random) {
        this.self = self;
        this.random = random;
    }

    GroupSpec spec() {
        return self.spec;
    }

    /** Where others are told that we can be found. */
    void addresses(List<Address> ours) {
        addresses = List.copyOf(ours);
    }

    /** Those who have proved to be members. */
    List<Neighbour> neighbours() {
        return neighbours.values().stream().filter(Neighbour::isGreeted).toList();
    }

    List<GroupStream> streams() {
        return List.copyOf(streams.values());
    }

    /** What happened since the last call. */
    List<GroupEvent> takeEvents() {
        List<GroupEvent> taken = List.copyOf(events);
        events.clear();
        return taken;
    }

    // -- streams

    /** Begins a publication; its key must be new and random. */
    void publish(String name, Buffer key, long now) {
        StreamDescription description = StreamDescription.of(name, key);
        GroupStream stream = GroupStream.published(description, self.generosity, now);
        streams.put(key, stream);
        published.put(name, new Publishing(stream, new Fragmenter()));
        describe(stream);
    }

    /** The next packet of a publication of ours. */
    void packet(String name, MediaPacket packet, long now) {
        Publishing publishing = published.get(name);
        if (publishing != null) {
            publishing.fragmenter.cut(packet).forEach(fragment -> publishing.stream.publish(fragment, now));
        }
    }

    void unpublish(String name) {
        Publishing publishing = published.remove(name);
        if (publishing != null) {
            long end = publishing.fragmenter.last() + 1;
            publishing.stream.peers().forEach(peer -> peer.say(new GroupMessage.Ended(end)));
            forget(publishing.stream);
        }
    }

    /** From now on streams of this name are received. */
    void want(String name) {
        wanted.add(name);
    }

    void doNotWant(String name) {
        wanted.remove(name);
    }

    private void describe(GroupStream stream) {
        neighbours.values().stream()
                .filter(n -> n.hasReported()
                        && !n.streams().containsKey(stream.description().key()))
                .forEach(n -> stream.add(n.describe(stream.description())));
    }

    private void forget(GroupStream stream) {
        Buffer key = stream.description().key();
        streams.remove(key);
        for (Neighbour neighbour : neighbours.values()) {
            MediaPeer peer = neighbour.streams().remove(key);
            if (peer != null) {
                peer.finish();
            }
        }
        if (stream.isReceived()) {
            events.add(new GroupEvent.StreamEnded(stream.description().name()));
        }
    }

    // -- sessions

    /** A session with somebody who may be a member; if we began it, we speak first. */
    void linked(GroupLink link) {
        Neighbour neighbour = new Neighbour(self.spec, self.peerId, link);
        neighbours.put(link, neighbour);
        farFlows.put(link, new HashMap<>());
        if (link.isInitiator()) {
            neighbour.greet();
        }
    }

    void closed(GroupLink link) {
        Neighbour neighbour = neighbours.remove(link);
        farFlows.remove(link);
        if (neighbour != null) {
            neighbour
                    .streams()
                    .forEach((key, peer) ->
                            Optional.ofNullable(streams.get(key)).ifPresent(stream -> stream.remove(peer)));
            if (neighbour.isGreeted()) {
                events.add(new GroupEvent.NeighbourLeft(link.farPeer()));
            }
        }
    }

    private void part(GroupLink link) {
        closed(link);
        link.close();
    }

    /** The far end opened a flow; {@code association} is the flow of ours that it belongs to. */
    void flowOpened(GroupLink link, long flow, GroupFlow kind, Optional<Long> association) {
        Neighbour neighbour = neighbours.get(link);
        boolean welcome = neighbour != null
                && (kind == GroupFlow.REPORT
                        || kind == GroupFlow.MEDIA_REPORT && neighbour.streams().size() < MAX_STREAMS
                        || kind == GroupFlow.MEDIA
                                && association.flatMap(neighbour::keyOf).isPresent());
        if (!welcome) {
            link.reject(flow);
            return;
        }
        farFlows.get(link).put(flow, kind);
        if (kind == GroupFlow.MEDIA) {
            Buffer key = association.flatMap(neighbour::keyOf).orElseThrow();
            neighbour.streams().get(key).fragmentsCome(flow);
        }
    }

    void flowFinished(GroupLink link, long flow) {
        Neighbour neighbour = neighbours.get(link);
        if (neighbour == null) {
            return;
        }
        farFlows.get(link).remove(flow);
        if (neighbour.isReport(flow)) {
            part(link);
        } else {
            neighbour.peerOfReport(flow).ifPresent(peer -> drop(neighbour, peer));
        }
    }

    /** The far end wants no more of a flow of ours. */
    void flowRefused(GroupLink link, long flow) {
        Neighbour neighbour = neighbours.get(link);
        if (neighbour == null) {
            return;
        }
        if (neighbour.isOurReport(flow)) {
            part(link);
            return;
        }
        neighbour.keyOf(flow).map(neighbour.streams()::get).ifPresent(peer -> {
            if (peer.ownsMedia(flow)) {
                peer.mediaRefused();
            } else {
                drop(neighbour, peer);
            }
        });
    }

    private void drop(Neighbour neighbour, MediaPeer peer) {
        neighbour.keyOf(peer.ourReport()).ifPresent(key -> {
            neighbour.streams().remove(key);
            Optional.ofNullable(streams.get(key)).ifPresent(stream -> stream.remove(peer));
        });
        peer.finish();
    }

    // -- messages

    /** What came on a flow of the far end's; who breaks the rules loses the flow, and on the main flow the session. */
    void message(GroupLink link, long flow, Buffer bytes, long now) {
        Neighbour neighbour = neighbours.get(link);
        GroupFlow kind = neighbour == null ? null : farFlows.get(link).get(flow);
        if (kind == null) {
            return;
        }
        try {
            switch (kind) {
                case REPORT -> main(neighbour, flow, GroupMessage.decode(bytes), now);
                case MEDIA_REPORT -> media(neighbour, flow, GroupMessage.decode(bytes), now);
                case MEDIA -> fragment(neighbour, flow, bytes, now);
                default -> throw new ProtocolException("a flow for servers");
            }
        } catch (ProtocolException e) {
            link.reject(flow);
            if (kind == GroupFlow.REPORT) {
                part(link);
            } else {
                flowFinished(link, flow);
            }
        }
    }

    private void main(Neighbour neighbour, long flow, GroupMessage message, long now) {
        if (message instanceof GroupMessage.Hello hello) {
            if (neighbours().size() >= self.maxNeighbours) {
                throw new ProtocolException("one neighbour too many");
            }
            neighbour.greeted(flow, hello);
            events.add(new GroupEvent.NeighbourCame(neighbour.link().farPeer()));
            return;
        }
        if (!neighbour.isReport(flow)) {
            throw new ProtocolException("speaks before it has said hello");
        }
        if (message instanceof GroupMessage.Begin && neighbour.reportIsDue()) {
            neighbour.report(report(neighbour), true);
        } else if (message instanceof GroupMessage.Report) {
            heardReport(neighbour);
        } else if (message instanceof GroupMessage.AskClose) {
            neighbour.link().reject(flow);
            part(neighbour.link());
        }
        reportAt = reportAt == 0 ? now + REPORT_PERIOD : reportAt;
    }

    private void heardReport(Neighbour neighbour) {
        boolean first = !neighbour.hasReported();
        if (neighbour.heardReport()) {
            neighbour.report(report(neighbour), false);
        }
        if (first) {
            List.copyOf(streams.values()).stream()
                    .filter(s ->
                            !neighbour.streams().containsKey(s.description().key()))
                    .forEach(s -> s.add(neighbour.describe(s.description())));
        }
    }

    /** The neighbours nearest to the one who reads it. */
    private GroupMessage.Report report(Neighbour to) {
        GroupRing<GroupMessage.Report.Known> ring = new GroupRing<>();
        for (Neighbour other : neighbours()) {
            if (other != to) {
                Buffer id = other.link().farPeer();
                List<Address> known = new ArrayList<>(addresses.stream()
                        .filter(a -> a.origin() == Address.RELAY)
                        .toList());
                known.add(other.link().farAddress());
                ring.put(GroupRing.addressOf(id), new GroupMessage.Report.Known(id, 0, known));
            }
        }
        String address = GroupRing.addressOf(to.link().farPeer());
        Set<GroupMessage.Report.Known> nearest = new HashSet<>(ring.before(address, REPORTED / 2));
        nearest.addAll(ring.after(address, REPORTED / 2));
        return new GroupMessage.Report(to.link().farAddress(), addresses, List.copyOf(nearest));
    }

    private void media(Neighbour neighbour, long flow, GroupMessage message, long now) {
        if (message instanceof GroupMessage.Described described) {
            subscribe(neighbour, flow, described.stream(), now);
            return;
        }
        MediaPeer peer = neighbour.peerOfReport(flow).orElseThrow(() -> new ProtocolException("describes no stream"));
        GroupStream stream = neighbour.keyOf(peer.ourReport()).map(streams::get).orElseThrow();
        if (message instanceof GroupMessage.Holdings map) {
            stream.holdings(peer, map, now);
        } else if (message instanceof GroupMessage.Push push) {
            peer.wants(push.mask());
        } else if (message instanceof GroupMessage.Pull pull) {
            stream.pull(peer, pull.id());
        } else if (message instanceof GroupMessage.Ended ended && stream.isReceived()) {
            stream.end(ended.id());
        }
    }

    private void subscribe(Neighbour neighbour, long flow, StreamDescription said, long now) {
        if (!neighbour.isGreeted() || neighbour.peerOfReport(flow).isPresent()) {
            throw new ProtocolException("a description too early or too often");
        }
        GroupStream stream = streams.get(said.key());
        if (stream == null) {
            if (!wanted.contains(said.name()) || streams.size() >= MAX_STREAMS) {
                throw new ProtocolException("a stream that nobody wants");
            }
            stream = GroupStream.received(said, self.generosity, random.nextInt(), now);
            streams.put(said.key(), stream);
            events.add(new GroupEvent.StreamBegan(said.name()));
        }
        MediaPeer peer = neighbour.streams().get(said.key());
        if (peer == null) {
            if (stream.peers().size() >= GroupStream.MAX_PEERS) {
                throw new ProtocolException("a stream has enough members");
            }
            peer = neighbour.describe(stream.description());
            stream.add(peer);
        } else if (peer.isSubscribed()) {
            throw new ProtocolException("a stream described twice");
        }
        peer.subscribed(flow);
        describe(stream); // to the others, if it is new
    }

    private void fragment(Neighbour neighbour, long flow, Buffer bytes, long now) {
        ByteReader in = new ByteReader(bytes);
        Fragment fragment = Fragment.decode(in.u8(), in);
        Optional<MediaPeer> peer = neighbour.peerOfMedia(flow);
        GroupStream stream = peer.flatMap(p -> neighbour.keyOf(p.ourReport()))
                .map(streams::get)
                .orElse(null);
        if (stream != null && stream.isReceived()) {
            stream.receive(peer.get(), fragment, now);
            deliver(stream, now);
        }
    }

    private void deliver(GroupStream stream, long now) {
        String name = stream.description().name();
        stream.advance(now).forEach(packet -> events.add(new GroupEvent.PacketReceived(name, packet)));
    }

    // -- time

    /** To be called every {@link #TICK} milliseconds. */
    void tick(long now) {
        for (GroupStream stream : List.copyOf(streams.values())) {
            stream.tick(now);
            if (stream.isReceived()) {
                deliver(stream, now);
                boolean drained = stream.end() > 0 && stream.next() >= stream.end();
                boolean silent = now - stream.lastHeard() > STREAM_SILENCE;
                boolean late = stream.end() > 0
                        && now - stream.lastHeard() > stream.description().window();
                if (drained || silent || late) {
                    forget(stream);
                }
            }
        }
        if (now >= reportAt && reportAt > 0) {
            reportAt = now + REPORT_PERIOD;
            List<Neighbour> quiet =
                    neighbours().stream().filter(Neighbour::isQuiet).toList();
            if (!quiet.isEmpty()) {
                Neighbour one = quiet.get(random.nextInt(quiet.size()));
                one.report(report(one), true);
            }
        }
    }
}
