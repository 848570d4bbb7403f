package io.fluctus.rtmp;

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
import io.fluctus.guard.Certificate;
import io.fluctus.guard.Guard;
import io.fluctus.guard.Opening;
import io.fluctus.wire.AmfValue;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetServerOptions;
import io.vertx.core.net.NetSocket;
import io.vertx.core.net.SocketAddress;
import java.security.SecureRandom;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** RTMP on a TCP port: sockets to cores, and what the cores say to the bus and the audiences. */
public final class RtmpVerticle extends VerticleBase {
    private static final Logger LOG = LoggerFactory.getLogger("rtmp");
    private static final long TICK_MILLIS = 1_000;

    /** Vert.x's word for any free port, the same one for all instances that say this number. */
    private static final int ANY_SHARED_PORT = -1;

    /** Another number, or the instances with TLS would join those without. */
    private static final int ANY_SHARED_TLS_PORT = -3;

    private final Bus bus;
    private final Config config;
    private final Guard guard;
    private final Opening opening;
    private final String name;
    private final int port;
    private final int maxPeers;
    private final RandomGenerator random = new SplittableRandom(new SecureRandom().nextLong());
    private final Map<String, RtmpPeer> peers = new HashMap<>();
    private final Journal journal = new Journal(LOG);
    private NetServer server;
    private Audiences audiences;
    private RtmpPeer.House house;
    private Registration service;
    private Registration words;
    private SharedSeats shared;
    private Registration draining;
    private Optional<Exodus<RtmpPeer>> exodus = Optional.empty();
    private long lastPeer;

    public RtmpVerticle(Bus bus, Config config, Guard guard, Opening opening) {
        this.bus = bus;
        this.config = config;
        this.guard = guard;
        this.opening = opening;
        this.name = (opening.secure() ? "rtmps." : "rtmp.") + opening.number();
        this.port = opening.secure() ? config.tls().rtmpsPort() : config.rtmp().port();
        int instances =
                Config.instances(config.rtmp().instances(), Runtime.getRuntime().availableProcessors());
        this.maxPeers = (config.rtmp().maxConnections() + instances - 1) / instances;
    }

    @Override
    public Future<?> start() {
        audiences = new Audiences(vertx, bus, config, guard.shares(), name);
        audiences.countConnections(peers::size);
        shared = new SharedSeats(bus, name);
        house = new RtmpPeer.House(
                new Client.Surroundings(vertx, bus, audiences, shared),
                journal,
                config.stream().preludeBytes(),
                this::left,
                opening.secure() ? "rtmps" : "rtmp");
        service = bus.serve(Address.client(name), this::serve);
        words = bus.serveClients(name, this::deliver);
        draining = bus.listenHere(Address.DRAIN, word -> exodus = Optional.of(Exodus.of(word.getJsonArray("rtmp"))));
        vertx.setPeriodic(TICK_MILLIS, timer -> tick());
        if (!opening.secure()) {
            return listen(vertx.createNetServer(options()));
        }
        Certificate certificate = guard.certificate().orElseThrow();
        return certificate.options(vertx).compose(tls -> {
            NetServer secured =
                    vertx.createNetServer(options().setSsl(true).setKeyCertOptions(tls.getKeyCertOptions()));
            certificate.watch(vertx, secured::updateSSLOptions);
            return listen(secured);
        });
    }

    private NetServerOptions options() {
        return new NetServerOptions()
                .setTcpNoDelay(true)
                .setUseProxyProtocol(!guard.proxies().isEmpty());
    }

    private Future<?> listen(NetServer made) {
        server = made;
        return server.connectHandler(this::connected)
                .listen(
                        port == 0 ? opening.secure() ? ANY_SHARED_TLS_PORT : ANY_SHARED_PORT : port,
                        config.rtmp().host())
                .onSuccess(open -> opening.listening().accept(open.actualPort()));
    }

    @Override
    public Future<?> stop() {
        List.copyOf(peers.values()).forEach(RtmpPeer::close);
        audiences.close();
        return Future.all(service.close(), words.close(), shared.close(), draining.close(), server.close());
    }

    private void tick() {
        long now = RtmpPeer.now();
        List.copyOf(peers.values()).forEach(peer -> peer.tick(now));
        exodus.ifPresent(move -> move.next(List.copyOf(peers.values())).forEach(RtmpPeer::move));
        journal.tick(now);
    }

    private void connected(NetSocket socket) {
        if (exodus.isPresent()) {
            socket.close();
            return;
        }
        if (peers.size() >= maxPeers) {
            refuse(socket, "rtmp.maxConnections are open");
            return;
        }
        if (!guard.proxies().isEmpty() && !guard.speaksForOthers(RtmpChannel.hostBehind(socket))) {
            refuse(socket, RtmpChannel.hostBehind(socket) + " does not stand in proxy.trusted");
            return;
        }
        String host = socket.remoteAddress().hostAddress();
        if (!guard.addresses().opened(host, System.nanoTime())) {
            refuse(socket, "more connections than limits.connectionsPerAddress or limits.newConnectionsPerAddress");
            return;
        }
        RtmpConnection connection = RtmpConnection.server(
                random, TimeUnit.SECONDS.toMillis(config.rtmp().idlePublisherSeconds()), RtmpPeer.now());
        RtmpPeer peer =
                new RtmpPeer(house, name + "/" + ++lastPeer, socket, RtmpChannel.take(socket, context), connection);
        peers.put(peer.id(), peer);
        peer.start();
    }

    private void left(RtmpPeer peer) {
        peers.remove(peer.id());
        guard.addresses().closed(peer.caller().host(), System.nanoTime());
    }

    private void refuse(NetSocket socket, String why) {
        SocketAddress address = socket.remoteAddress();
        journal.complain(address.hostAddress(), address.toString(), "refused: " + why, RtmpPeer.now());
        socket.close();
    }

    /** A word for one of our clients: {@code replaced} and {@code kick}. */
    private Future<JsonObject> serve(JsonObject word) {
        RtmpPeer peer = peers.get(word.getString("client"));
        if (peer != null && word.getString("op").equals("replaced")) {
            peer.dismiss("another publisher took over " + word.getString("stream"));
        } else if (peer != null) {
            peer.kick(word.getString("reason", "closed by an administrator"));
        }
        return Future.succeededFuture(new JsonObject().put("found", peer != null));
    }

    /** A word of an application for one of our clients. */
    private Future<AmfValue> deliver(ClientWord word) {
        RtmpPeer peer = peers.get(word.client());
        return peer == null ? ApplicationLink.gone() : peer.hear(word);
    }
}
