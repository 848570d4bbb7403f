package io.fluctus.web;

import io.fluctus.audience.Audiences;
import io.fluctus.bus.Address;
import io.fluctus.bus.Bus;
import io.fluctus.bus.Bus.Registration;
import io.fluctus.config.Config;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.ext.web.Router;
import java.util.concurrent.TimeUnit;
import java.util.function.IntConsumer;

/** One HTTP port for live playback, the API, the feed and the console; every instance holds the same router. */
public final class WebVerticle extends VerticleBase {
    /** Bytes of a request's headers, and of its first line. */
    private static final int MAX_HEADER_BYTES = 8 * 1024;

    /** Vert.x's word for any free port, the same one for all instances that say this number. */
    private static final int ANY_SHARED_PORT = -2;

    private static final int MAX_FEED_MESSAGE = 64 * 1024;

    private final Bus bus;
    private final Config config;
    private final int instance;
    private final IntConsumer listening;
    private final int maxConnections;
    private Audiences audiences;
    private LiveRoutes live;
    private Feed feed;
    private Registration figures;
    private Registration events;
    private Registration service;
    private int connections;
    private HttpServer server;

    /** {@code instance} counts from 0; {@code listening} is told the port as soon as it is open. */
    public WebVerticle(Bus bus, Config config, int instance, IntConsumer listening) {
        this.bus = bus;
        this.config = config;
        this.instance = instance;
        this.listening = listening;
        int instances =
                Config.instances(config.web().instances(), Runtime.getRuntime().availableProcessors());
        this.maxConnections = (config.web().maxConnections() + instances - 1) / instances;
    }

    @Override
    public Future<?> start() {
        String name = "web." + instance;
        Gate gate = new Gate(config.web());
        Figures sums = new Figures();
        RecentEvents recent = new RecentEvents();
        State state = new State(bus, config, sums, recent);
        audiences = new Audiences(vertx, bus, config, name);
        audiences.countConnections(() -> connections);
        live = new LiveRoutes(audiences, gate, name);
        feed = new Feed(vertx, state, gate);
        figures = bus.listen(Address.stats(bus.node()), report -> sums.add(report, now()));
        events = bus.listen(Address.EVENTS, event -> {
            recent.add(event);
            feed.tell(event);
        });
        service = bus.serve(Address.client(name), live::serve);

        Router router = Router.router(vertx);
        HttpRules rules = new HttpRules(vertx);
        router.route().handler(SafetyHeaders::add);
        rules.addTo(router);
        if (config.hls().enabled()) {
            new HlsRoutes(bus, gate).addTo(router);
        }
        live.addTo(router);
        feed.addTo(router);
        new GroupRoutes(bus, gate).addTo(router);
        new RecordingRoutes(vertx, bus, gate, config.record().folder()).addTo(router);
        new ApiRoutes(state, gate).addTo(router);
        new StatusPage(state, gate).addTo(router);
        new ConsoleFiles(vertx).addTo(router);

        server = vertx.createHttpServer(new HttpServerOptions()
                .setTcpNoDelay(true)
                .setHttp2ClearTextEnabled(false)
                .setMaxHeaderSize(MAX_HEADER_BYTES)
                .setMaxInitialLineLength(MAX_HEADER_BYTES)
                .setMaxWebSocketFrameSize(MAX_FEED_MESSAGE)
                .setMaxWebSocketMessageSize(MAX_FEED_MESSAGE));
        return server.requestHandler(router)
                .connectionHandler(connection -> {
                    if (count(connection)) {
                        rules.connected(connection);
                    }
                })
                .invalidRequestHandler(HttpRules::refuse)
                .listen(
                        config.web().port() == 0
                                ? ANY_SHARED_PORT
                                : config.web().port(),
                        config.web().host())
                .onSuccess(open -> listening.accept(open.actualPort()));
    }

    @Override
    public Future<?> stop() {
        live.close();
        audiences.close();
        return Future.all(figures.close(), events.close(), service.close(), feed.close(), server.close());
    }

    /** Whether there was room for one more; otherwise it is closed. */
    private boolean count(HttpConnection connection) {
        connections++;
        LiveChannel.whenClosed(connection, () -> connections--);
        if (connections > maxConnections) {
            connection.close();
        }
        return connections <= maxConnections;
    }

    private static long now() {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
    }
}
