package io.fluctus;

import io.fluctus.bus.Address;
import io.fluctus.bus.AppEvent;
import io.fluctus.bus.Bus;
import io.fluctus.config.Config;
import io.fluctus.guard.Guard;
import io.fluctus.wire.AmfValue;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Predicate;

/** A whole gateway in this process, on free ports of the loopback address, for tests with real clients. */
public final class LiveGateway implements AutoCloseable {
    private final Vertx vertx = Vertx.vertx(new VertxOptions().setPreferNativeTransport(true));
    private final HttpClient http = HttpClient.newHttpClient();
    private final List<Verticles.Deployed> deployed;
    private final Bus bus;

    public LiveGateway() throws Exception {
        this(new JsonObject());
    }

    /** {@code file} is the configuration; ports and hosts are set here. */
    public LiveGateway(JsonObject file) throws Exception {
        JsonObject local =
                new JsonObject().put("host", "127.0.0.1").put("port", 0).put("instances", 2);
        JsonObject complete = new JsonObject()
                .put("rtmp", local)
                .put("rtmfp", local.copy())
                .put("web", local.copy())
                .mergeIn(file, true);
        Config config = Config.from(complete);
        bus = new Bus(vertx, "test", config.relay().instances());
        Guard guard = Guard.of(config, OwnCertificate.of(config, Path.of("target"), "127.0.0.1"));
        List<Verticles.Row> rows = Verticles.table(config, 2, bus, guard);
        deployed = Verticles.deploy(vertx, rows)
                .toCompletionStage()
                .toCompletableFuture()
                .get(10, TimeUnit.SECONDS);
        Deployments.House house = new Deployments.House() {
            @Override
            public JsonObject drain() {
                throw new UnsupportedOperationException("it is alone");
            }

            @Override
            public void changed(List<Verticles.Deployed> running) {
                // its doors are asked for by the test itself
            }
        };
        bus.serve(Address.deploy(bus.node()), new Deployments(vertx, bus.node(), rows, deployed, house)::answer);
    }

    public String rtmp(String path) {
        return url("rtmp", path);
    }

    public String rtmfp(String path) {
        return url("rtmfp", path);
    }

    public String http(String path) {
        return url("web", path);
    }

    public String rtmps(String path) {
        return url("rtmps", path);
    }

    public String https(String path) {
        return url("https", path);
    }

    public String flv(String stream) {
        return http("live/" + stream + ".flv");
    }

    /** Puts an event on the bus, as any verticle may. */
    public void tell(JsonObject event) {
        bus.publish(Address.EVENTS, event);
    }

    /** Asks on the bus, as any verticle may. */
    public JsonObject ask(String address, JsonObject question) throws Exception {
        return bus.request(address, question)
                .toCompletionStage()
                .toCompletableFuture()
                .get(10, TimeUnit.SECONDS);
    }

    /** Serves an application, as a script would. */
    public void serve(String path, Function<AppEvent, Future<AmfValue>> application) {
        bus.serveApplication(path, application);
    }

    public JsonArray streams() throws Exception {
        return new JsonArray(get("api/v1/streams").body());
    }

    public HttpResponse<String> get(String path) throws Exception {
        return http.send(HttpRequest.newBuilder(URI.create(http(path))).build(), HttpResponse.BodyHandlers.ofString());
    }

    /** Waits until the API shows the stream so, and gives it. */
    public JsonObject awaitStream(String name, Predicate<JsonObject> condition) throws Exception {
        JsonObject[] found = new JsonObject[1];
        await("stream " + name, () -> {
            try {
                found[0] = streams().stream()
                        .map(JsonObject.class::cast)
                        .filter(s -> s.getString("name").equals(name))
                        .filter(condition)
                        .findFirst()
                        .orElse(null);
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
            return found[0] != null;
        });
        return found[0];
    }

    /** Looks again every 20 ms, for 15 s at most. */
    public static void await(String what, BooleanSupplier condition) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(15);
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > end) {
                throw new AssertionError("waited in vain for " + what);
            }
            TimeUnit.MILLISECONDS.sleep(20);
        }
    }

    private String url(String door, String path) {
        return deployed.stream()
                .flatMap(d -> d.door().stream())
                .filter(d -> d.section().equals(door))
                .map(d -> d.url("127.0.0.1") + "/" + path)
                .findFirst()
                .orElseThrow();
    }

    @Override
    public void close() throws Exception {
        Verticles.undeploy(vertx, deployed)
                .eventually(vertx::close)
                .toCompletionStage()
                .toCompletableFuture()
                .get(10, TimeUnit.SECONDS);
    }
}
