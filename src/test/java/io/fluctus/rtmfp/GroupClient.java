package io.fluctus.rtmfp;

import io.fluctus.media.MediaPacket;
import io.fluctus.netconnection.Event;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/** A member of a group on a real socket, with a connection to the gateway; many of them are driven by the test's one thread. */
final class GroupClient implements AutoCloseable {
    private static final int LONGEST_WAIT = 20;
    private static final int DATAGRAM = 2048;

    private final SecureRandom random = new SecureRandom();
    private final URI uri;
    private final DatagramChannel channel;
    private final RtmfpEndpoint endpoint;
    private final GroupSessions sessions = new GroupSessions(RtmfpClient::now);
    private final Map<Integer, Buffer> openings = new HashMap<>(); // to peers, by number
    private Optional<SendFlow> groupFlow = Optional.empty();
    private RtmfpConnection connection;
    private GroupSpec group;
    private long tickAt;
    final Buffer peerId;
    final List<Event> events = new ArrayList<>();
    final List<Buffer> told = new ArrayList<>(); // members that the server named
    final List<MediaPacket> packets = new ArrayList<>();
    GroupMember member;
    boolean peerOpened;
    long opened;

    GroupClient(String uri) throws IOException {
        this.uri = URI.create(uri);
        Identity identity = Identity.client(random);
        peerId = identity.certificate().fingerprint();
        endpoint = new RtmfpEndpoint(identity, Buffer.buffer("unused"), 0, random);
        channel = DatagramChannel.open();
        channel.bind(new InetSocketAddress("127.0.0.1", 0));
        channel.configureBlocking(false);
    }

    private InetSocketAddress server() {
        return new InetSocketAddress(uri.getHost(), uri.getPort());
    }

    /** Says connect and setPeerInfo, as Flash does. */
    void connect() throws IOException {
        endpoint.open(Epd.ofUri(uri.toString()), List.of(server()), RtmfpClient.now());
        until("a session", List.of(this), () -> connection != null);
        connection.dialogue().connect(uri.getPath().substring(1), uri.toString(), true);
        connection.flush(RtmfpClient.now());
        until("connect's result", List.of(this), () -> events.stream().anyMatch(e -> e instanceof Event.Connected));
        connection.dialogue().call("setPeerInfo");
        connection.flush(RtmfpClient.now());
    }

    /** Joins at the server; from now on it connects to whom the server names. */
    void join(String spec, GroupStream.Generosity generosity) {
        group = GroupSpec.parse(spec);
        member = new GroupMember(new GroupMember.Self(group, peerId, generosity, 64), random);
        sessions.add(member);
        Session session = connection.session();
        SendFlow flow = session.openFlow(GroupFlow.SERVER.metadata(), Optional.empty(), SendFlow.Priority.COMMAND);
        session.write(flow, GroupMessage.join(group.id()), Delivery.RELIABLE, RtmfpClient.now());
        groupFlow = Optional.of(flow);
    }

    /** Leaves the group and keeps the connection. */
    void part() {
        groupFlow.ifPresent(connection.session()::finish);
    }

    /** Looks for another peer through the gateway. */
    void seek(Buffer peer) {
        seek(peer, server());
    }

    void seek(Buffer peer, InetSocketAddress at) {
        openings.put(endpoint.open(Epd.ofFingerprint(peer), List.of(at), RtmfpClient.now()), peer);
    }

    /** Lets all of them go on until it is so, for {@code 20} seconds at most. */
    static void until(String what, List<GroupClient> clients, BooleanSupplier done) throws IOException {
        if (!run(20_000, clients, done)) {
            throw new AssertionError("waited in vain for " + what);
        }
    }

    static boolean run(long millis, List<GroupClient> clients, BooleanSupplier done) throws IOException {
        long end = RtmfpClient.now() + millis;
        try (Selector selector = Selector.open()) {
            for (GroupClient client : clients) {
                client.channel.register(selector, SelectionKey.OP_READ);
            }
            while (!done.getAsBoolean()) {
                if (RtmfpClient.now() > end) {
                    return false;
                }
                for (GroupClient client : clients) {
                    client.step();
                }
                selector.select(LONGEST_WAIT);
                selector.selectedKeys().clear();
            }
        }
        return true;
    }

    private void step() throws IOException {
        ByteBuffer in = ByteBuffer.allocate(DATAGRAM);
        for (InetSocketAddress from = receive(in); from != null; from = receive(in)) {
            byte[] bytes = new byte[in.flip().remaining()];
            in.get(bytes);
            obey(endpoint.receive(new Datagram(from, Buffer.buffer(bytes)), RtmfpClient.now()));
        }
        long now = RtmfpClient.now();
        if (endpoint.deadline() <= now) {
            obey(endpoint.tick(now));
        }
        if (member != null && now >= tickAt) {
            tickAt = now + GroupMember.TICK;
            member.tick(now);
            hear();
        }
        for (Datagram out = endpoint.poll(now); out != null; out = endpoint.poll(now)) {
            channel.send(ByteBuffer.wrap(out.bytes().getBytes()), out.peer());
        }
    }

    private InetSocketAddress receive(ByteBuffer in) throws IOException {
        in.clear();
        return (InetSocketAddress) channel.receive(in);
    }

    private void hear() {
        for (GroupEvent event : member.takeEvents()) {
            if (event instanceof GroupEvent.PacketReceived received) {
                packets.add(received.packet());
            }
        }
    }

    private void obey(List<RtmfpEndpoint.Event> told) {
        for (RtmfpEndpoint.Event event : told) {
            if (event instanceof RtmfpEndpoint.Event.AgreementNeeded needed) {
                obey(endpoint.deliver(needed.agreement().compute(random), RtmfpClient.now()));
            } else if (event instanceof RtmfpEndpoint.Event.SessionOpened session) {
                open(session);
            } else if (event instanceof RtmfpEndpoint.Event.InSession inside) {
                receive(inside);
            }
        }
    }

    private void open(RtmfpEndpoint.Event.SessionOpened opened) {
        boolean sought = opened.opening().map(openings::containsKey).orElse(true);
        if (!sought) {
            connection = RtmfpConnection.client(opened.session());
            return;
        }
        peerOpened = true;
        this.opened++;
        if (opened.session().isInitiator() && group != null) {
            sessions.opened(opened.session(), group.id());
        } else {
            sessions.opened(opened.session());
        }
    }

    private void receive(RtmfpEndpoint.Event.InSession inside) {
        if (connection == null || inside.session() != connection.session()) {
            sessions.receive(inside.session(), inside.event());
            if (member != null) {
                hear();
            }
        } else if (inside.event() instanceof SessionEvent.MessageReceived received
                && received.flow().metadata().equals(GroupFlow.SERVER.metadata())) {
            Buffer other = ((GroupMessage.Member) GroupMessage.decode(received.message())).peerId();
            told.add(other.copy());
            seek(other.copy());
        } else if (!(inside.event() instanceof SessionEvent.FlowOpened opened
                && opened.flow().metadata().equals(GroupFlow.SERVER.metadata()))) {
            events.addAll(connection.receive(inside.event(), RtmfpClient.now()));
            connection.flush(RtmfpClient.now());
        }
    }

    @Override
    public void close() throws IOException {
        endpoint.close(RtmfpClient.now());
        step();
        channel.close();
    }
}
