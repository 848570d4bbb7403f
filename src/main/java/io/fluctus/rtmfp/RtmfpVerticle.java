package io.fluctus.rtmfp;

import io.fluctus.audience.Audiences;
import io.fluctus.bus.Address;
import io.fluctus.bus.ApplicationLink;
import io.fluctus.bus.Bus;
import io.fluctus.bus.Bus.Registration;
import io.fluctus.bus.ClientWord;
import io.fluctus.client.Client;
import io.fluctus.client.Journal;
import io.fluctus.client.SharedSeats;
import io.fluctus.config.Config;
import io.fluctus.guard.Guard;
import io.fluctus.wire.AmfValue;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.io.UncheckedIOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.security.SecureRandom;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.IntConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** RTMFP on a UDP port: datagrams to a core, and what its sessions say to the bus and the audiences. */
public final class RtmfpVerticle extends VerticleBase {
    private static final Logger LOG = LoggerFactory.getLogger("rtmfp");

    /** How often viewers who could take no more are asked again. */
    private static final long DRAIN_MILLIS = 50;

    /** How often peers are asked whether they keep us waiting, and the log is told of lines that were left out. */
    private static final long TICK_MILLIS = 1_000;

    private static final int MAX_AGREEMENT_THREADS = 4;
    private static final int COOKIE_SECRET = 32;

    /** What all instances on a port have in common: who they are, the secret of their cookies, and the port. */
    public record Shared(Identity identity, Buffer cookieSecret, int port, Guard guard) {
        /** A configured port of 0 becomes a free one here, so that all instances get the same. */
        public static Shared of(Config.Rtmfp config, Guard guard) {
            SecureRandom random = new SecureRandom();
            byte[] secret = new byte[COOKIE_SECRET];
            random.nextBytes(secret);
            int port = config.port() == 0 ? freePort() : config.port();
            return new Shared(Identity.server(random), Buffer.buffer(secret), port, guard);
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
    private final Journal journal = new Journal(LOG);
    private final SecureRandom random = new SecureRandom();
    private final Map<Session, RtmfpPeer> peers = new HashMap<>();
    private final Map<String, RtmfpPeer> byId = new HashMap<>();
    private RtmfpEndpoint endpoint;
    private DatagramIo io;
    private Audiences audiences;
    private RtmfpPeer.House house;
    private PeersLink introductions;
    private GreetingLink greetings;
    private Registration service;
    private Registration words;
    private SharedSeats sharedSeats;
    private Registration handedOver;
    private WorkerExecutor agreements;
    private long lastPeer;
    private boolean pumpPending;
    private long timer = -1;
    private long timerAt = Long.MAX_VALUE;

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
        agreements = vertx.createSharedWorkerExecutor("rtmfp-agreements", agreementThreads());
        audiences = new Audiences(vertx, bus, config, shared.guard.shares(), name);
        audiences.countConnections(peers::size);
        endpoint.redirectAll(PeersLink.elsewhere(config.rtmfp().redirect()));
        greetings = new GreetingLink(vertx, bus, endpoint, this::pumpSoon);
        introductions = new PeersLink(bus, endpoint, random, this::pumpSoon, this::left);
        sharedSeats = new SharedSeats(bus, name);
        house = new RtmfpPeer.House(
                new Client.Surroundings(vertx, bus, audiences, sharedSeats),
                journal,
                new RunMessages(),
                this::pumpSoon,
                introductions);
        service = bus.serve(Address.client(name), this::serve);
        words = bus.serveClients(name, this::deliver);
        handedOver = bus.serve(Address.rtmfp(bus.node(), instance), this::takeOver);
        vertx.setPeriodic(DRAIN_MILLIS, id -> peers.values().forEach(RtmfpPeer::drain));
        vertx.setPeriodic(TICK_MILLIS, id -> tick());
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

    /** One core is left to those who have their session. */
    private static int agreementThreads() {
        return Math.max(1, Math.min(MAX_AGREEMENT_THREADS, Runtime.getRuntime().availableProcessors() - 1));
    }

    @Override
    public Future<?> stop() {
        if (io == null) {
            return Future.succeededFuture();
        }
        endpoint.close(now());
        pump();
        audiences.close();
        return Future.all(List.of(
                service.close(),
                words.close(),
                sharedSeats.close(),
                handedOver.close(),
                io.close(),
                agreements.close()));
    }

    private static long now() {
        return RtmfpPeer.now();
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
            RtmfpPeer peer = peers.get(inside.session());
            if (peer != null) {
                peer.receive(inside.event());
            }
        } else if (event instanceof RtmfpEndpoint.Event.AgreementNeeded needed) {
            agree(needed.agreement());
        } else if (event instanceof RtmfpEndpoint.Event.SessionOpened opened) {
            open(opened.session());
        } else if (event instanceof RtmfpEndpoint.Event.IntroductionWanted wanted) {
            introductions.introduce(wanted);
        } else if (event instanceof RtmfpEndpoint.Event.HelloReceived hello) {
            greetings.greet(hello);
        }
    }

    private void open(Session session) {
        String host = session.peer().getAddress().getHostAddress();
        if (!shared.guard.addresses().opened(host, System.nanoTime())) {
            journal.complain(
                    host,
                    host,
                    "refused: more sessions than limits.connectionsPerAddress or limits.newConnectionsPerAddress",
                    now());
            session.close(now());
            return;
        }
        RtmfpConnection connection = RtmfpConnection.server(
                session,
                new RtmfpConnection.KeepAlive(
                        TimeUnit.SECONDS.toMillis(config.rtmfp().keepAliveServerSeconds()),
                        TimeUnit.SECONDS.toMillis(config.rtmfp().keepAlivePeerSeconds()),
                        TimeUnit.SECONDS.toMillis(config.rtmfp().idlePublisherSeconds())),
                now());
        RtmfpPeer peer = new RtmfpPeer(house, name + "/" + ++lastPeer, session, connection);
        peers.put(session, peer);
        byId.put(peer.id(), peer);
    }

    private void tick() {
        journal.tick(now());
        List.copyOf(peers.values()).forEach(RtmfpPeer::tick);
    }

    private void left(RtmfpPeer peer) {
        shared.guard.addresses().closed(peer.openedFrom(), System.nanoTime());
        peers.remove(peer.session());
        byId.remove(peer.id());
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
        while (endpoint.poll(now, io)) {}
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
        RtmfpPeer peer = byId.get(word.getString("client"));
        if (peer != null && word.getString("op").equals("replaced")) {
            peer.dismiss("another publisher took over " + word.getString("stream"));
        } else if (peer != null) {
            peer.kick(word.getString("reason", "closed by an administrator"));
        }
        return Future.succeededFuture(new JsonObject().put("found", peer != null));
    }

    /** A word of an application for one of our clients. */
    private Future<AmfValue> deliver(ClientWord word) {
        RtmfpPeer peer = byId.get(word.client());
        return peer == null ? ApplicationLink.gone() : peer.hear(word);
    }
}
