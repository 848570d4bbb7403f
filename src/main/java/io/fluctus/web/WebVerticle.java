package io.fluctus.web;

import io.fluctus.audience.Audiences;
import io.fluctus.bus.Address;
import io.fluctus.bus.Bus;
import io.fluctus.bus.Bus.Registration;
import io.fluctus.config.Config;
import io.fluctus.guard.Certificate;
import io.fluctus.guard.Guard;
import io.fluctus.guard.Opening;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.ext.web.Router;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** One HTTP port for live playback, the API, the feed and the console; every instance holds the same router. */
public final class WebVerticle extends VerticleBase {
    /** Bytes of a request's headers, and of its first line. */
    private static final int MAX_HEADER_BYTES = 8 * 1024;

    /** Vert.x's word for any free port, the same one for all instances that say this number. */
    private static final int ANY_SHARED_PORT = -2;

    /** Another number, or the instances with TLS would join those without. */
    private static final int ANY_SHARED_TLS_PORT = -4;

    private static final int MAX_FEED_MESSAGE = 64 * 1024;

    private final Bus bus;
    private final Config config;
    private final Guard guard;
    private final Opening opening;
    private final int port;
    private final int maxConnections;
    private Audiences audiences;
    private LiveRoutes live;
    private Feed feed;
    private Registration figures;
    private Registration events;
    private Registration service;
    private Registration draining;
    private int connections;
    private HttpServer server;

    public WebVerticle(Bus bus, Config config, Guard guard, Opening opening) {
        this.bus = bus;
        this.config = config;
        this.guard = guard;
        this.opening = opening;
        this.port = opening.secure() ? config.tls().httpsPort() : config.web().port();
        int instances =
                Config.instances(config.web().instances(), Runtime.getRuntime().availableProcessors());
        this.maxConnections = (config.web().maxConnections() + instances - 1) / instances;
    }

    @Override
    public Future<?> start() {
        String name = (opening.secure() ? "https." : "web.") + opening.number();
        Gate gate = new Gate(bus, config);
        Figures sums = new Figures();
        RecentEvents recent = new RecentEvents();
        State state = new State(bus, new State.Settings(config, guard), sums, recent);
        audiences = new Audiences(vertx, bus, config, guard.shares(), name);
        audiences.countConnections(() -> connections);
        live = new LiveRoutes(audiences, gate, name);
        feed = new Feed(vertx, state, gate);
        figures = bus.listen(Address.stats(bus.node()), report -> sums.add(report, now()));
        events = bus.listen(Address.EVENTS, event -> {
            recent.add(event);
            feed.tell(event);
        });
        service = bus.serve(Address.client(name), live::serve);
        draining = bus.listenHere(Address.DRAIN, word -> live.drain());

        Router router = Router.router(vertx);
        HttpRules rules = new HttpRules(vertx);
        router.route().handler(SafetyHeaders::add);
        rules.addTo(router);
        if (config.hls().enabled()) {
            new HlsRoutes(bus, gate).addTo(router);
        }
        live.addTo(router);
        feed.addTo(router);
        new NodeRoutes(bus, gate).addTo(router);
        new GroupRoutes(bus, gate).addTo(router);
        new RecordingRoutes(vertx, bus, gate, config.record().folder()).addTo(router);
        new ApiRoutes(state, gate).addTo(router);
        new StatusPage(state, gate).addTo(router);
        new ConsoleFiles(vertx).addTo(router);

        if (!opening.secure()) {
            return listen(vertx.createHttpServer(options()), router, rules);
        }
        Certificate certificate = guard.certificate().orElseThrow();
        return certificate.options(vertx).compose(tls -> {
            HttpServer secured =
                    vertx.createHttpServer(options().setSsl(true).setKeyCertOptions(tls.getKeyCertOptions()));
            certificate.watch(vertx, secured::updateSSLOptions);
            return listen(secured, router, rules);
        });
    }

    private HttpServerOptions options() {
        return new HttpServerOptions()
                .setTcpNoDelay(true)
                .setHttp2ClearTextEnabled(false)
                .setUseAlpn(false)
                .setUseProxyProtocol(!guard.proxies().isEmpty())
                .setMaxHeaderSize(MAX_HEADER_BYTES)
                .setMaxInitialLineLength(MAX_HEADER_BYTES)
                .setMaxWebSocketFrameSize(MAX_FEED_MESSAGE)
                .setMaxWebSocketMessageSize(MAX_FEED_MESSAGE);
    }

    private Future<?> listen(HttpServer made, Router router, HttpRules rules) {
        server = made;
        return server.requestHandler(router)
                .connectionHandler(connection -> {
                    if (count(connection)) {
                        rules.connected(connection);
                    }
                })
                .invalidRequestHandler(HttpRules::refuse)
                .listen(
                        port == 0 ? opening.secure() ? ANY_SHARED_TLS_PORT : ANY_SHARED_PORT : port,
                        config.web().host())
                .onSuccess(open -> opening.listening().accept(open.actualPort()));
    }

    @Override
    public Future<?> stop() {
        live.close();
        audiences.close();
        return Future.all(List.of(
                figures.close(), events.close(), service.close(), draining.close(), feed.close(), server.close()));
    }

    /** Whether there was room for one more; otherwise it is closed. */
    private boolean count(HttpConnection connection) {
        String host = connection.remoteAddress().hostAddress();
        boolean trusted = guard.proxies().isEmpty() || guard.speaksForOthers(LiveChannel.hostBehind(connection));
        boolean counted = trusted && guard.addresses().opened(host, System.nanoTime());
        connections++;
        LiveChannel.whenClosed(connection, () -> {
            connections--;
            if (counted) {
                guard.addresses().closed(host, System.nanoTime());
            }
        });
        if (!counted || connections > maxConnections) {
            connection.close();
        }
        return counted && connections <= maxConnections;
    }

    private static long now() {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
    }
}
