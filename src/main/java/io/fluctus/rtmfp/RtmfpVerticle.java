package io.fluctus.rtmfp;

import io.fluctus.audience.Audience;
import io.fluctus.audience.Audiences;
import io.fluctus.audience.Run;
import io.fluctus.audience.Viewer;
import io.fluctus.bus.Address;
import io.fluctus.bus.Bus;
import io.fluctus.bus.Bus.Registration;
import io.fluctus.config.Config;
import io.fluctus.media.MediaPacket;
import io.fluctus.media.StreamName;
import io.fluctus.netconnection.Event;
import io.fluctus.netconnection.Status;
import io.fluctus.wire.ProtocolException;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.io.UncheckedIOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.security.SecureRandom;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** RTMFP on a UDP port: datagrams to a core, and what its sessions say to the bus and the audiences. */
public final class RtmfpVerticle extends VerticleBase {
    private static final Logger LOG = LoggerFactory.getLogger("rtmfp");

    /** How often viewers who could take no more are asked again. */
    private static final long DRAIN_MILLIS = 50;

    /** How long the last word to a peer may take before its session is closed. */
    private static final long LAST_WORD_MILLIS = 500;

    /** How long a session may take until its connect. */
    private static final long CONNECT_MILLIS = 10_000;

    private static final int AGREEMENT_THREADS = 2;
    private static final int COOKIE_SECRET = 32;

    /** How often a second a client hears that somebody looks for it. */
    private static final int INTRODUCTIONS = 5;

    /** What all instances on a port have in common: who they are, the secret of their cookies, and the port. */
    public record Shared(Identity identity, Buffer cookieSecret, int port) {
        /** A configured port of 0 becomes a free one here, so that all instances get the same. */
        public static Shared of(Config.Rtmfp config) {
            SecureRandom random = new SecureRandom();
            byte[] secret = new byte[COOKIE_SECRET];
            random.nextBytes(secret);
            int port = config.port() == 0 ? freePort() : config.port();
            return new Shared(Identity.server(random), Buffer.buffer(secret), port);
        }

        private static int freePort() {
            try (DatagramSocket socket = new DatagramSocket(0)) {
                return socket.getLocalPort();
            } catch (SocketException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private final Bus bus;
    private final Config config;
    private final Shared shared;
    private final int instance;
    private final String name;
    private final IntConsumer listening;
    private final SecureRandom random = new SecureRandom();
    private final Map<Session, Peer> peers = new HashMap<>();
    private final Map<String, Peer> byId = new HashMap<>();
    private final HelloLimit rendezvous = new HelloLimit(random.nextInt(), INTRODUCTIONS);
    private RtmfpEndpoint endpoint;
    private DatagramIo io;
    private Audiences audiences;
    private Registration service;
    private Registration handedOver;
    private WorkerExecutor agreements;
    private long lastPeer;
    private boolean pumpPending;
    private long timer = -1;
    private long timerAt = Long.MAX_VALUE;
    private Run encodedRun;
    private List<Buffer> encoded = List.of();

    /** {@code instance} counts from 0; {@code listening} is told the port as soon as it is open. */
    public RtmfpVerticle(Bus bus, Config config, Shared shared, int instance, IntConsumer listening) {
        this.bus = bus;
        this.config = config;
        this.shared = shared;
        this.instance = instance;
        this.name = "rtmfp." + instance;
        this.listening = listening;
    }

    @Override
    public Future<?> start() {
        endpoint = new RtmfpEndpoint(shared.identity, shared.cookieSecret, instance, random);
        agreements = vertx.createSharedWorkerExecutor("rtmfp-agreements", AGREEMENT_THREADS);
        audiences = new Audiences(vertx, bus, config, name);
        service = bus.serve(Address.client(name), this::serve);
        handedOver = bus.serve(Address.rtmfp(bus.node(), instance), this::takeOver);
        vertx.setPeriodic(DRAIN_MILLIS, id -> peers.values().forEach(Peer::drain));
        boolean sharedPort = config.rtmfp().instances() != 1;
        InetSocketAddress address = new InetSocketAddress(config.rtmfp().host(), shared.port);
        return DatagramIo.open(
                        context,
                        new DatagramIo.Settings(
                                address, sharedPort, config.rtmfp().udpBufferSize()),
                        new Socket())
                .onSuccess(open -> {
                    io = open;
                    listening.accept(open.port());
                });
    }

    @Override
    public Future<?> stop() {
        if (io == null) {
            return Future.succeededFuture();
        }
        endpoint.close(now());
        pump();
        audiences.close();
        return Future.all(service.close(), handedOver.close(), io.close(), agreements.close());
    }

    private static long now() {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
    }

    // -- the socket and the core

    private final class Socket implements DatagramIo.Listener {
        @Override
        public void received(Datagram datagram) {
            Optional<Integer> owner = RtmfpEndpoint.instanceOf(datagram.bytes());
            if (owner.isPresent() && owner.get() != instance) {
                handOver(owner.get(), datagram);
            } else {
                obey(endpoint.receive(datagram, now()));
            }
        }

        @Override
        public void receivedAll() {
            pump();
        }
    }

    /** The peer's address has changed, and SO_REUSEPORT brought its datagram here. */
    private void handOver(int owner, Datagram datagram) {
        bus.send(
                Address.rtmfp(bus.node(), owner),
                new JsonObject()
                        .put("address", datagram.peer().getAddress().getAddress())
                        .put("port", datagram.peer().getPort())
                        .put("bytes", datagram.bytes().getBytes()));
    }

    private Future<JsonObject> takeOver(JsonObject datagram) {
        try {
            InetAddress address = InetAddress.getByAddress(datagram.getBinary("address"));
            InetSocketAddress from = new InetSocketAddress(address, datagram.getInteger("port"));
            obey(endpoint.receive(new Datagram(from, Buffer.buffer(datagram.getBinary("bytes"))), now()));
            pumpSoon();
        } catch (UnknownHostException e) {
            LOG.warn("a datagram from no address was handed over");
        }
        return Future.succeededFuture(new JsonObject());
    }

    private void obey(List<RtmfpEndpoint.Event> events) {
        events.forEach(this::obey);
    }

    private void obey(RtmfpEndpoint.Event event) {
        if (event instanceof RtmfpEndpoint.Event.InSession inside) {
            Peer peer = peers.get(inside.session());
            if (peer != null) {
                peer.hear(inside.event());
            }
        } else if (event instanceof RtmfpEndpoint.Event.AgreementNeeded needed) {
            agree(needed.agreement());
        } else if (event instanceof RtmfpEndpoint.Event.SessionOpened opened) {
            Peer peer = new Peer(name + "/" + ++lastPeer, opened.session());
            peers.put(opened.session(), peer);
            byId.put(peer.id, peer);
            vertx.setTimer(CONNECT_MILLIS, id -> peer.expectConnect());
        } else if (event instanceof RtmfpEndpoint.Event.IntroductionWanted wanted) {
            introduce(wanted);
        }
    }

    /** 3.5.1.4: the one who asks is told where the other is, and the other that somebody asks. */
    private void introduce(RtmfpEndpoint.Event.IntroductionWanted wanted) {
        Optional<Peer> target = endpoint.session(wanted.fingerprint()).map(peers::get);
        if (target.isPresent() && target.get().connection.isIntroducible()) {
            Session session = target.get().session;
            if (rendezvous.take(session.peer(), 0, 0, now())) {
                endpoint.redirect(
                        wanted.from(), wanted.tag(), target.get().connection.addresses());
                endpoint.forward(session, wanted.from(), wanted.tag());
            }
        }
    }

    private void agree(Agreement agreement) {
        agreements
                .executeBlocking(() -> agreement.compute(random), false)
                .otherwise(new Agreement.Result(agreement.sessionId(), Buffer.buffer(), Optional.empty()))
                .onSuccess(result -> {
                    obey(endpoint.deliver(result, now()));
                    pumpSoon();
                });
    }

    private void pumpSoon() {
        if (!pumpPending) {
            pumpPending = true;
            context.runOnContext(v -> pump());
        }
    }

    /** Sends what waits, and sets the alarm for what comes later. */
    private void pump() {
        pumpPending = false;
        long now = now();
        for (Datagram out = endpoint.poll(now); out != null; out = endpoint.poll(now)) {
            io.write(out);
        }
        io.flush();
        long deadline = endpoint.deadline();
        if (deadline < timerAt) {
            vertx.cancelTimer(timer);
            timerAt = deadline;
            timer = vertx.setTimer(Math.max(1, deadline - now), id -> {
                timerAt = Long.MAX_VALUE;
                obey(endpoint.tick(now()));
                pump();
            });
        }
    }

    /** A word for one of our clients: {@code replaced} and {@code kick}. */
    private Future<JsonObject> serve(JsonObject word) {
        Peer peer = byId.get(word.getString("client"));
        if (peer != null) {
            peer.end(
                    word.getString("op").equals("replaced")
                            ? "another publisher took over " + word.getString("stream")
                            : "closed by an administrator");
        }
        return Future.succeededFuture(new JsonObject().put("found", peer != null));
    }

    /** The messages of a run, made once for all viewers that get it. */
    private List<Buffer> encoded(Run run) {
        if (run != encodedRun) {
            encodedRun = run;
            encoded = run.packets().stream()
                    .map(packet -> FlowMessage.of(packet).write())
                    .toList();
        }
        return encoded;
    }

    /** A stream that a peer publishes or has asked to, and its fence once that is granted. */
    private static final class Publication {
        private final StreamName stream;
        private boolean granted;
        private long fence;

        private Publication(StreamName stream) {
            this.stream = stream;
        }
    }

    /** One session and its dialogue: obeys its core. */
    private final class Peer {
        private final String id;
        private final Session session;
        private final RtmfpConnection connection;
        private final Map<Integer, Publication> publications = new HashMap<>(2);
        private final Map<Integer, Audience.Seat> seats = new HashMap<>(2);
        private String app = "";
        private boolean blocked;
        private boolean ending;
        private boolean connectAsked;

        private Peer(String id, Session session) {
            this.id = id;
            this.session = session;
            this.connection = RtmfpConnection.server(
                    session,
                    new RtmfpConnection.KeepAlive(
                            TimeUnit.SECONDS.toMillis(config.rtmfp().keepAliveServerSeconds()),
                            TimeUnit.SECONDS.toMillis(config.rtmfp().keepAlivePeerSeconds())));
        }

        private void hear(SessionEvent event) {
            if (event instanceof SessionEvent.Closed closed) {
                closed(closed.reason());
            } else if (event instanceof SessionEvent.AddressChanged changed) {
                LOG.info("{} moved from {}", address(), host(changed.from()));
            } else if (!ending) {
                obeyAll(() -> connection.receive(event, now()));
            }
        }

        /** One mutation of the core, what follows from it, and then what it has to say. */
        private void obeyAll(Supplier<List<Event>> mutation) {
            try {
                mutation.get().forEach(this::obey);
                connection.flush(now());
                pumpSoon();
            } catch (ProtocolException e) {
                end(e.getMessage());
            }
        }

        private void expectConnect() {
            if (!connectAsked && peers.containsKey(session)) {
                end("has not said connect");
            }
        }

        private void closed(String reason) {
            peers.remove(session);
            byId.remove(id);
            LOG.debug("{} closed: {}", address(), reason);
            ending = true;
            seats.values().forEach(Audience.Seat::leave);
            List.copyOf(publications.keySet()).forEach(streamId -> unpublish(streamId, false));
        }

        /** Says why in the log, lets the last word reach the peer, and closes. */
        private void end(String reason) {
            if (!ending) {
                ending = true;
                LOG.info("{} closed: {}", address(), reason);
                seats.values().forEach(Audience.Seat::leave);
                seats.clear();
                vertx.setTimer(LAST_WORD_MILLIS, timer -> {
                    session.close(now());
                    closed(reason);
                    pump();
                });
            }
        }

        private String address() {
            return host(session.peer());
        }

        private static String host(InetSocketAddress address) {
            return address.getAddress().getHostAddress() + ":" + address.getPort();
        }

        // -- the dialogue

        private void obey(Event event) {
            if (event instanceof Event.PacketReceived packet) {
                forward(packet);
            } else if (event instanceof Event.ConnectRequested request) {
                app = request.app();
                connectAsked = true;
                connection.dialogue().accept().forEach(this::obey);
            } else if (event instanceof Event.PublishRequested request) {
                publish(request);
            } else if (event instanceof Event.PlayRequested request) {
                play(request);
            } else if (event instanceof Event.PublishStopped stopped) {
                unpublish(stopped.streamId(), true);
            } else if (event instanceof Event.PlayStopped stopped) {
                leave(stopped.streamId());
            } else if (event instanceof Event.Paused paused) {
                seatOf(paused.streamId(), seat -> seat.pause(paused.paused()));
            } else if (event instanceof Event.TracksSelected selected) {
                seatOf(selected.streamId(), seat -> seat.select(selected.audio(), selected.video()));
            } else if (event instanceof Event.CallReceived call) {
                if (call.transactionId() != 0) {
                    connection.dialogue().error(call.transactionId(), Status.methodNotFound(call.name()));
                }
            } else if (event instanceof Event.CloseRequested request) {
                end(request.reason());
            }
        }

        // -- publishing

        private void publish(Event.PublishRequested request) {
            Publication publication = new Publication(streamOf(request.name()));
            publications.put(request.streamId(), publication);
            String host = session.peer().getAddress().getHostAddress();
            JsonObject question = new JsonObject()
                    .put("action", "publish")
                    .put("host", host)
                    .put("local", isLocal(session.peer().getAddress()))
                    .put("query", request.query());
            bus.request(Address.ACCESS, question)
                    .onSuccess(verdict -> claim(request.streamId(), publication, verdict.getString("credential")))
                    .onFailure(refusal -> rejectPublish(
                            request.streamId(),
                            publication,
                            Status.error(Status.PUBLISH_DENIED, refusal.getMessage())));
        }

        private void claim(int streamId, Publication publication, String credential) {
            JsonObject claim = new JsonObject()
                    .put("op", "publish")
                    .put("stream", publication.stream.path())
                    .put("protocol", "rtmfp")
                    .put("address", address())
                    .put("credential", credential)
                    .put("client", id);
            bus.request(Address.REGISTRY, claim)
                    .onSuccess(granted -> published(streamId, publication, granted.getLong("fence")))
                    .onFailure(refusal -> rejectPublish(
                            streamId, publication, Status.error(Status.PUBLISH_BAD_NAME, refusal.getMessage())));
        }

        private void published(int streamId, Publication publication, long fence) {
            publication.granted = true;
            publication.fence = fence;
            if (publications.get(streamId) != publication) {
                release(publication, false); // the peer gave up, or left, while it was decided
                return;
            }
            LOG.info("{} publishes {}", address(), publication.stream);
            obeyAll(() -> connection.dialogue().acceptPublish(streamId));
        }

        private void rejectPublish(int streamId, Publication publication, Status status) {
            if (publications.remove(streamId, publication)) {
                obeyAll(() -> {
                    connection.dialogue().rejectPublish(streamId, status);
                    return List.of();
                });
                end("publishing " + publication.stream + " refused: " + status.description());
            }
        }

        private void forward(Event.PacketReceived received) {
            Publication publication = publications.get(received.streamId());
            if (publication != null && publication.granted) {
                bus.ingest(publication.stream, received.packet().withFence(publication.fence));
            }
        }

        private void unpublish(int streamId, boolean clean) {
            Publication publication = publications.remove(streamId);
            if (publication != null && publication.granted) {
                LOG.info("{} {} {}", address(), clean ? "unpublishes" : "is lost for", publication.stream);
                release(publication, clean);
            }
        }

        private void release(Publication publication, boolean clean) {
            bus.request(
                    Address.REGISTRY,
                    new JsonObject()
                            .put("op", "unpublish")
                            .put("stream", publication.stream.path())
                            .put("fence", publication.fence)
                            .put("clean", clean));
        }

        // -- playing

        private void play(Event.PlayRequested request) {
            leave(request.streamId());
            StreamName stream = streamOf(request.name());
            LOG.info("{} plays {}", address(), stream);
            seats.put(request.streamId(), audiences.join(stream, new PlayingStream(this, request.streamId())));
            connection.dialogue().acceptPlay(request.streamId()).forEach(this::obey);
        }

        private StreamName streamOf(String requested) {
            return StreamName.parse(app.isEmpty() ? requested : app + "/" + requested);
        }

        private void leave(int streamId) {
            Audience.Seat seat = seats.remove(streamId);
            if (seat != null) {
                seat.leave();
                connection.finishMedia(streamId);
            }
        }

        private void seatOf(int streamId, Consumer<Audience.Seat> action) {
            Audience.Seat seat = seats.get(streamId);
            if (seat != null) {
                action.accept(seat);
            }
        }

        private boolean writable() {
            blocked = !connection.writable();
            return !blocked;
        }

        private void drain() {
            if (blocked && writable()) {
                List.copyOf(seats.values()).forEach(Audience.Seat::drain);
            }
        }

        private void send(int streamId, Run run) {
            List<Buffer> messages = encoded(run);
            obeyAll(() -> {
                for (int i = 0; i < messages.size(); i++) {
                    MediaPacket packet = run.packets().get(i);
                    connection.send(streamId, packet, messages.get(i), now());
                }
                return List.of();
            });
        }
    }

    /** Whether an address is one of this machine's: its owner has proved with the cookie to be there. */
    private static boolean isLocal(InetAddress address) {
        try {
            return address.isLoopbackAddress() || NetworkInterface.getByInetAddress(address) != null;
        } catch (SocketException e) {
            return false;
        }
    }

    /** A NetStream of a peer that plays. */
    private static final class PlayingStream implements Viewer {
        private final Peer peer;
        private final int streamId;

        private PlayingStream(Peer peer, int streamId) {
            this.peer = peer;
            this.streamId = streamId;
        }

        @Override
        public String protocol() {
            return "rtmfp";
        }

        @Override
        public boolean writable() {
            return peer.writable();
        }

        @Override
        public void joined(boolean live) {
            // A player waits for a stream that is not there yet.
        }

        @Override
        public void deliver(Run run) {
            peer.send(streamId, run);
        }

        @Override
        public void published() {
            peer.obeyAll(() -> {
                peer.connection.dialogue().published(streamId);
                return List.of();
            });
        }

        @Override
        public void unpublished() {
            peer.obeyAll(() -> {
                peer.connection.dialogue().unpublished(streamId);
                return List.of();
            });
        }

        @Override
        public void cut(String reason) {
            peer.end(reason);
        }
    }
}
