package io.fluctus.rtmfp;

import io.fluctus.audience.Run;
import io.fluctus.audience.Viewer;
import io.fluctus.bus.ClientWord;
import io.fluctus.client.Caller;
import io.fluctus.client.Client;
import io.fluctus.client.Journal;
import io.fluctus.client.Line;
import io.fluctus.media.MediaPacket;
import io.fluctus.netconnection.Answers;
import io.fluctus.netconnection.Event;
import io.fluctus.wire.AmfValue;
import io.fluctus.wire.ProtocolException;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One RTMFP session, its dialogue, and the client that speaks there. */
final class RtmfpPeer implements Line {
    private static final Logger LOG = LoggerFactory.getLogger("rtmfp");

    /** How long the last word to a peer may take before its session is closed. */
    private static final long LAST_WORD_MILLIS = 500;

    /** Words for a client that takes nothing, at which it is cut off. */
    private static final int UNREAD_WORDS = 1_024;

    /**
     * What the peers of one verticle instance have in common.
     *
     * @param messages makes the messages of a run, once for all viewers that get it
     * @param pump sends what waits, soon
     * @param neighbours is told what becomes of each peer
     */
    record House(
            Client.Surroundings around, Journal journal, RunMessages messages, Runnable pump, Neighbours neighbours) {}

    /** Who looks after all peers of an instance. */
    interface Neighbours {
        /** Others may be told of the peer. */
        void introducible(RtmfpPeer peer);

        void joined(RtmfpPeer peer, Buffer group);

        void parted(RtmfpPeer peer, Buffer group);

        void left(RtmfpPeer peer);
    }

    private final House house;
    private final String id;
    private final Session session;
    private final RtmfpConnection connection;
    private final Client client;
    private final String openedFrom;
    private final PeerGroups groups;
    private boolean introducible;
    private String failure = "";
    private int unread;
    private boolean blocked;
    private boolean ending;
    private boolean gone;

    RtmfpPeer(House house, String id, Session session, RtmfpConnection connection) {
        this.house = house;
        this.id = id;
        this.session = session;
        this.connection = connection;
        this.openedFrom = session.peer().getAddress().getHostAddress();
        this.client = new Client(house.around, id, this);
        this.groups = new PeerGroups(session);
    }

    String id() {
        return id;
    }

    /** The host that it came from, wherever it is now. */
    String openedFrom() {
        return openedFrom;
    }

    Session session() {
        return session;
    }

    RtmfpConnection connection() {
        return connection;
    }

    PeerGroups groups() {
        return groups;
    }

    Client client() {
        return client;
    }

    void kick(String reason) {
        client.kick(reason);
    }

    /** Ends a peer that did nothing wrong, and tells it why. */
    void dismiss(String reason) {
        client.dismiss(reason);
    }

    /** A word of its application. */
    Future<AmfValue> hear(ClientWord word) {
        return client.hear(word);
    }

    // -- the session

    void receive(SessionEvent event) {
        if (event instanceof SessionEvent.Closed closed) {
            closed(closed.reason());
        } else if (event instanceof SessionEvent.AddressChanged changed) {
            say("moved from " + text(changed.from()));
        } else if (groups.concerns(event)) {
            groups.receive(event).ifPresent(this::obey);
            house.pump.run();
        } else if (!ending) {
            obey(() -> connection.receive(event, now()));
            if (!introducible && connection.isIntroducible()) {
                introducible = true;
                house.neighbours.introducible(this);
            }
        }
    }

    private void obey(PeerGroups.Word word) {
        if (word instanceof PeerGroups.Word.Joined) {
            connection.hold();
            house.neighbours.joined(this, word.group());
        } else {
            house.neighbours.parted(this, word.group());
        }
    }

    /** About once a second. */
    void tick() {
        if (!ending) {
            obey(() -> {
                connection.tick(now());
                return List.of();
            });
        }
    }

    private void closed(String reason) {
        if (!gone) {
            gone = true;
            ending = true;
            LOG.debug("{} closed: {}", address(), reason);
            groups.all().forEach(group -> house.neighbours.parted(this, group));
            house.neighbours.left(this);
            client.closed(failure);
        }
    }

    /** One mutation of the core, what follows from it, and then what it has to say. */
    private void obey(Supplier<List<Event>> mutation) {
        try {
            mutation.get().forEach(this::obey);
            connection.flush(now());
            house.pump.run();
        } catch (ProtocolException e) {
            failure = e.getMessage();
            end(e.getMessage());
        }
    }

    private void obey(Event event) {
        client.obey(event);
    }

    /** Asks the viewers that could take no more again. */
    void drain() {
        if (blocked && writable()) {
            client.drain();
        }
    }

    private boolean writable() {
        blocked = !connection.writable();
        return !blocked;
    }

    private String address() {
        return text(session.peer());
    }

    private static String text(InetSocketAddress address) {
        return address.getAddress().getHostAddress() + ":" + address.getPort();
    }

    // -- the line

    @Override
    public void speak(Supplier<List<Event>> mutation) {
        if (!ending) {
            obey(mutation);
            unread = connection.writable() ? 0 : unread + 1;
            if (unread > UNREAD_WORDS) {
                end("does not read what it is told");
            }
        }
    }

    @Override
    public Answers answers() {
        return connection;
    }

    @Override
    public Caller caller() {
        InetAddress address = session.peer().getAddress();
        return new Caller(
                id,
                "rtmfp",
                address.getHostAddress(),
                address(),
                isLocal(address),
                session.farCertificate().fingerprint());
    }

    /** Whether an address is one of this machine's: its owner has proved with the cookie to be there. */
    private static boolean isLocal(InetAddress address) {
        try {
            return address.isLoopbackAddress() || NetworkInterface.getByInetAddress(address) != null;
        } catch (SocketException e) {
            return false;
        }
    }

    @Override
    public boolean ending() {
        return ending;
    }

    @Override
    public void end(String reason) {
        if (!ending) {
            ending = true;
            complain("closed: " + reason);
            client.withdraw();
            house.around.vertx().setTimer(LAST_WORD_MILLIS, timer -> {
                session.close(now());
                closed(reason);
                house.pump.run();
            });
        }
    }

    @Override
    public void say(String what) {
        house.journal.say(address(), what, now());
    }

    private void complain(String what) {
        house.journal.complain(session.peer().getAddress().getHostAddress(), address(), what, now());
    }

    @Override
    public Viewer viewer(int streamId) {
        return new RtmfpViewer(streamId);
    }

    @Override
    public void pauseReading(boolean paused) {
        // Datagrams cannot be left unread for one session: the calls above the bound are refused.
    }

    static long now() {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
    }

    /** A NetStream of the peer that plays. */
    private final class RtmfpViewer implements Viewer {
        private final int streamId;

        private RtmfpViewer(int streamId) {
            this.streamId = streamId;
        }

        @Override
        public String protocol() {
            return "rtmfp";
        }

        @Override
        public String address() {
            return RtmfpPeer.this.address();
        }

        @Override
        public String client() {
            return id;
        }

        @Override
        public boolean writable() {
            return RtmfpPeer.this.writable();
        }

        @Override
        public void joined(boolean live) {
            // A player waits for a stream that is not there yet.
        }

        @Override
        public void deliver(Run run) {
            List<Buffer> messages = house.messages.of(run);
            obey(() -> {
                for (int i = 0; i < messages.size(); i++) {
                    MediaPacket packet = run.packets().get(i);
                    connection.send(streamId, packet, messages.get(i), now());
                }
                return List.of();
            });
        }

        @Override
        public void published() {
            obey(() -> {
                connection.dialogue().published(streamId);
                return List.of();
            });
        }

        @Override
        public void unpublished() {
            obey(() -> {
                connection.dialogue().unpublished(streamId);
                return List.of();
            });
        }

        @Override
        public void cut(String reason) {
            end(reason);
        }
    }
}
