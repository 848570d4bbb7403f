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
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.IntConsumer;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** RTMP on a TCP port: sockets to cores, and what the cores say to the bus and the audiences. */
public final class RtmpVerticle extends VerticleBase {
    private static final Logger LOG = LoggerFactory.getLogger("rtmp");
    private static final long TICK_MILLIS = 1_000;

    /** Vert.x's word for any free port, the same one for all instances that say this number. */
    private static final int ANY_SHARED_PORT = -1;

    private final Bus bus;
    private final Config config;
    private final String name;
    private final IntConsumer listening;
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
    private long lastPeer;

    /** {@code instance} counts from 0; {@code listening} is told the port as soon as it is open. */
    public RtmpVerticle(Bus bus, Config config, int instance, IntConsumer listening) {
        this.bus = bus;
        this.config = config;
        this.name = "rtmp." + instance;
        int instances =
                Config.instances(config.rtmp().instances(), Runtime.getRuntime().availableProcessors());
        this.maxPeers = (config.rtmp().maxConnections() + instances - 1) / instances;
        this.listening = listening;
    }

    @Override
    public Future<?> start() {
        audiences = new Audiences(vertx, bus, config, name);
        audiences.countConnections(peers::size);
        shared = new SharedSeats(bus, name);
        house = new RtmpPeer.House(
                new Client.Surroundings(vertx, bus, audiences, shared),
                journal,
                config.stream().preludeBytes(),
                peer -> peers.remove(peer.id()));
        service = bus.serve(Address.client(name), this::serve);
        words = bus.serveClients(name, this::deliver);
        vertx.setPeriodic(TICK_MILLIS, timer -> tick());
        server = vertx.createNetServer(new NetServerOptions().setTcpNoDelay(true));
        return server.connectHandler(this::connected)
                .listen(
                        config.rtmp().port() == 0
                                ? ANY_SHARED_PORT
                                : config.rtmp().port(),
                        config.rtmp().host())
                .onSuccess(open -> listening.accept(open.actualPort()));
    }

    @Override
    public Future<?> stop() {
        List.copyOf(peers.values()).forEach(RtmpPeer::close);
        audiences.close();
        return Future.all(service.close(), words.close(), shared.close(), server.close());
    }

    private void tick() {
        long now = RtmpPeer.now();
        List.copyOf(peers.values()).forEach(peer -> peer.tick(now));
        journal.tick(now);
    }

    private void connected(NetSocket socket) {
        if (peers.size() >= maxPeers) {
            SocketAddress address = socket.remoteAddress();
            journal.complain(
                    address.hostAddress(), address.toString(), "refused: rtmp.maxConnections are open", RtmpPeer.now());
            socket.close();
            return;
        }
        RtmpConnection connection = RtmpConnection.server(
                random, TimeUnit.SECONDS.toMillis(config.rtmp().idlePublisherSeconds()), RtmpPeer.now());
        RtmpPeer peer =
                new RtmpPeer(house, name + "/" + ++lastPeer, socket, RtmpChannel.take(socket, context), connection);
        peers.put(peer.id(), peer);
        peer.start();
    }

    /** A word for one of our clients: {@code replaced} and {@code kick}. */
    private Future<JsonObject> serve(JsonObject word) {
        RtmpPeer peer = peers.get(word.getString("client"));
        if (peer != null && word.getString("op").equals("replaced")) {
            peer.dismiss("another publisher took over " + word.getString("stream"));
        } else if (peer != null) {
            peer.kick();
        }
        return Future.succeededFuture(new JsonObject().put("found", peer != null));
    }

    /** A word of an application for one of our clients. */
    private Future<AmfValue> deliver(ClientWord word) {
        RtmpPeer peer = peers.get(word.client());
        return peer == null ? ApplicationLink.gone() : peer.hear(word);
    }
}
