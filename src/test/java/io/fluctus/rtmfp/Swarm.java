package io.fluctus.rtmfp;

import io.fluctus.media.MediaPacket;
import io.fluctus.rtmfp.GroupStream.Generosity;
import io.vertx.core.buffer.Buffer;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Random;

/** Members of one group in memory under a virtual clock: sessions without packets, messages that take their time. */
final class Swarm {
    static final String SPEC = GroupMessageTest.SPEC;

    /** Links of a member that a test does not bound otherwise. */
    private static final int NEIGHBOURS = 64;

    final Random random;
    final List<Host> hosts = new ArrayList<>();
    final NetGroup server;
    private final PriorityQueue<Flight> flights =
            new PriorityQueue<>(Comparator.comparingLong(Flight::at).thenComparingLong(Flight::order));
    private long order;
    long now = 1_000_000;
    int latency = 20;

    /** The share of media messages that never arrive. */
    double loss;

    private record Flight(long at, long order, Runnable arrival) {}

    Swarm(long seed) {
        random = new Random(seed);
        server = new NetGroup(GroupSpec.parse(SPEC).id(), random);
    }

    /** A member, its neighbours, and what it got. */
    final class Host {
        final GroupMember member;
        final Buffer peerId;
        final Map<Buffer, End> links = new LinkedHashMap<>();
        final List<MediaPacket> packets = new ArrayList<>();
        final List<GroupEvent> events = new ArrayList<>();
        final int port;
        boolean gone;
        long mediaOut;
        long bytesOut;

        private Host(String spec, Generosity generosity, int neighbours) {
            peerId = randomId();
            port = 10_000 + hosts.size();
            member = new GroupMember(
                    new GroupMember.Self(GroupSpec.parse(spec), peerId, generosity, neighbours), random);
        }

        void drain() {
            for (GroupEvent event : member.takeEvents()) {
                if (event instanceof GroupEvent.PacketReceived received) {
                    packets.add(received.packet());
                } else {
                    events.add(event);
                }
            }
        }

        /** Opens a session, if both are there and have none. */
        void connect(Host to) {
            if (gone || to.gone || to == this || links.containsKey(to.peerId)) {
                return;
            }
            End near = new End(this, to, true);
            End far = new End(to, this, false);
            near.other = far;
            far.other = near;
            links.put(to.peerId, near);
            to.links.put(peerId, far);
            later(latency, () -> {
                to.member.linked(far);
                member.linked(near);
            });
        }

        /** Leaves without a word to its neighbours, who notice. */
        void leave() {
            gone = true;
            List.copyOf(links.values()).forEach(End::cut);
        }

        long skipped() {
            return member.streams().stream().mapToLong(GroupStream::skipped).sum();
        }
    }

    /** One end of a session. */
    final class End implements GroupLink {
        private final Host owner;
        private final Host peer;
        private final boolean initiator;
        private End other;
        private long flows = 1;
        private boolean closed;
        private final Map<Long, GroupFlow> kinds = new LinkedHashMap<>();

        private End(Host owner, Host peer, boolean initiator) {
            this.owner = owner;
            this.peer = peer;
            this.initiator = initiator;
        }

        @Override
        public Buffer farPeer() {
            return peer.peerId;
        }

        @Override
        public Address farAddress() {
            return new Address(new InetSocketAddress("10.0.0.1", peer.port), Address.OBSERVED);
        }

        @Override
        public Buffer nearNonce() {
            return Crypto.hmac(owner.peerId, peer.peerId);
        }

        @Override
        public Buffer farNonce() {
            return Crypto.hmac(peer.peerId, owner.peerId);
        }

        @Override
        public boolean isInitiator() {
            return initiator;
        }

        @Override
        public long open(GroupFlow kind, Optional<Long> association) {
            long flow = ++flows;
            kinds.put(flow, kind);
            deliver(() -> peer.member.flowOpened(other, flow, kind, association));
            return flow;
        }

        @Override
        public void write(long flow, Buffer message, Worth worth) {
            boolean media = kinds.get(flow) == GroupFlow.MEDIA;
            owner.bytesOut += message.length();
            if (media) {
                owner.mediaOut += message.length();
                if (random.nextDouble() < loss) {
                    return;
                }
            }
            deliver(() -> peer.member.message(other, flow, message, now));
        }

        @Override
        public void finish(long flow) {
            deliver(() -> peer.member.flowFinished(other, flow));
        }

        @Override
        public void reject(long farFlow) {
            deliver(() -> peer.member.flowRefused(other, farFlow));
        }

        @Override
        public int queuedBytes() {
            return 0;
        }

        @Override
        public void close() {
            cut();
        }

        private void cut() {
            if (!closed) {
                closed = true;
                owner.links.remove(peer.peerId);
                peer.links.remove(owner.peerId);
                other.closed = true;
                later(latency, () -> {
                    owner.member.closed(this);
                    peer.member.closed(other);
                });
            }
        }

        private void deliver(Runnable arrival) {
            later(latency, () -> {
                if (!closed && !peer.gone) {
                    arrival.run();
                    peer.drain();
                }
            });
        }
    }

    Buffer randomId() {
        byte[] id = new byte[Epd.FINGERPRINT_LENGTH];
        random.nextBytes(id);
        return Buffer.buffer(id);
    }

    Host host(Generosity generosity) {
        return host(SPEC, generosity, NEIGHBOURS);
    }

    Host host(String spec, Generosity generosity, int neighbours) {
        Host host = new Host(spec, generosity, neighbours);
        hosts.add(host);
        return host;
    }

    /** Joins at the server, and connects to whom it names, as clients do. */
    void join(Host host) {
        server.join(new NetGroup.Member(host.peerId, "", "", now), now).forEach(this::introduce);
    }

    void leave(Host host) {
        host.leave();
        server.leave(host.peerId, now).forEach(this::introduce);
    }

    private void introduce(NetGroup.Introduction introduction) {
        later(
                5L * latency,
                () -> find(introduction.to())
                        .ifPresent(to -> find(introduction.of()).ifPresent(to::connect)));
    }

    private Optional<Host> find(Buffer peerId) {
        return hosts.stream().filter(h -> h.peerId.equals(peerId)).findFirst();
    }

    void later(long millis, Runnable action) {
        flights.add(new Flight(now + millis, order++, action));
    }

    /** Lets time go on; every member ticks ten times a second, each at a moment of its own. */
    void run(long millis) {
        long end = now + millis;
        while (now < end) {
            long slot = now;
            for (int i = 0; i < hosts.size(); i++) {
                Host host = hosts.get(i);
                if (!host.gone && slot % GroupMember.TICK == host.port % 10 * 10) {
                    host.member.tick(now);
                    host.drain();
                }
            }
            long next = Math.min(end, slot + 10 - slot % 10);
            while (!flights.isEmpty() && flights.peek().at < next) {
                now = Math.max(now, flights.peek().at);
                flights.poll().arrival.run();
            }
            now = next;
        }
    }
}
