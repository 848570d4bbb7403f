package io.fluctus.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.fluctus.bus.Address;
import io.fluctus.bus.Bus;
import io.fluctus.bus.Floodgate;
import io.fluctus.config.Config;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The registry as the others meet it on the bus. */
class RegistryVerticleTest {
    private final Vertx vertx = Vertx.vertx();
    private final Bus bus = new Bus(vertx, "test", 1);
    private final List<JsonObject> events = new CopyOnWriteArrayList<>();

    @BeforeEach
    void start() throws Exception {
        Config config = Config.from(new JsonObject());
        get(vertx.deployVerticle(new RelayVerticle(bus, config.stream(), 0)));
        get(vertx.deployVerticle(new RegistryVerticle(bus, config)));
        bus.listen(Address.EVENTS, events::add);
    }

    @AfterEach
    void end() throws Exception {
        get(vertx.close());
    }

    private static <T> T get(Future<T> future) throws Exception {
        return future.toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
    }

    private Future<JsonObject> publish(int number) {
        return bus.request(
                Address.REGISTRY,
                new JsonObject()
                        .put("op", "publish")
                        .put("stream", "live/cam" + number)
                        .put("protocol", "test")
                        .put("address", "here")
                        .put("credential", "mine")
                        .put("client", "none"));
    }

    @Test
    void whatHappensIsToldOnTheBus() throws Exception {
        long fence = get(publish(1)).getLong("fence");
        get(bus.request(
                Address.REGISTRY,
                new JsonObject()
                        .put("op", "unpublish")
                        .put("stream", "live/cam1")
                        .put("fence", fence)
                        .put("clean", true)));
        get(publish(2)); // whatever was told before has arrived with its answer
        assertThat(events)
                .extracting(event -> event.getString("type") + " " + event.getString("stream"))
                .startsWith("publish live/cam1", "unpublish live/cam1");
    }

    @Test
    void aFloodOfPublishersIsNoFloodOfEvents() throws Exception {
        long began = System.nanoTime();
        List<Future<JsonObject>> all =
                IntStream.range(0, 500).mapToObj(this::publish).toList();
        get(Future.all(all));
        long seconds = 2 + TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - began);
        get(publish(1)); // whatever was told before has arrived with its answer
        assertThat(events).hasSizeBetween(Floodgate.PER_SECOND, (int) seconds * Floodgate.PER_SECOND);
    }
}
