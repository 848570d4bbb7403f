package io.fluctus.demo;

import io.fluctus.bus.Address;
import io.fluctus.bus.Bus;
import io.fluctus.bus.Bus.Registration;
import io.fluctus.media.StreamName;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Publishes the bundled clip as {@code demo/colorbars}, over and over, as a publisher of any protocol would. */
public final class DemoVerticle extends VerticleBase {
    static final StreamName STREAM = StreamName.parse("demo/colorbars");

    private static final Logger LOG = LoggerFactory.getLogger("demo");
    private static final String CLIP = "/demo/colorbars.flv";
    private static final String NAME = "demo.0";
    private static final String CLIENT = NAME + "/1";

    /** Shorter than a picture of the clip lasts. */
    private static final long TICK_MILLIS = 20;

    private static final long NO_TIMER = -1;

    private final Bus bus;
    private Registration service;
    private ClipLoop clip;
    private long fence;
    private long timer = NO_TIMER;

    public DemoVerticle(Bus bus) {
        this.bus = bus;
    }

    @Override
    public Future<?> start() {
        service = bus.serve(Address.client(NAME), this::serve);
        return vertx.executeBlocking(DemoVerticle::read).compose(flv -> {
            clip = ClipLoop.of(flv);
            return bus.request(Address.REGISTRY, claim())
                    .onSuccess(this::begin)
                    .onFailure(refusal -> LOG.info("does not show {}: {}", STREAM, refusal.getMessage()))
                    .otherwiseEmpty();
        });
    }

    @Override
    public Future<?> stop() {
        return end().eventually(service::close);
    }

    private static Buffer read() {
        try (InputStream in = DemoVerticle.class.getResourceAsStream(CLIP)) {
            return Buffer.buffer(in.readAllBytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static JsonObject claim() {
        return new JsonObject()
                .put("op", "publish")
                .put("stream", STREAM.path())
                .put("protocol", "demo")
                .put("address", "built in")
                .put("credential", "demo")
                .put("client", CLIENT);
    }

    private void begin(JsonObject granted) {
        fence = granted.getLong("fence");
        timer = vertx.setPeriodic(TICK_MILLIS, id -> tick());
        LOG.info("publishes {}", STREAM);
    }

    private void tick() {
        long now = TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
        clip.due(now).forEach(packet -> bus.ingest(STREAM, packet.withFence(fence)));
    }

    /** {@code replaced} and {@code kick}: the clip stays away until the next start. */
    private Future<JsonObject> serve(JsonObject word) {
        boolean found = timer != NO_TIMER && CLIENT.equals(word.getString("client"));
        if (found) {
            LOG.info("{} ends: {}", STREAM, word.getString("op"));
            end();
        }
        return Future.succeededFuture(new JsonObject().put("found", found));
    }

    private Future<JsonObject> end() {
        if (timer == NO_TIMER) {
            return Future.succeededFuture(new JsonObject());
        }
        vertx.cancelTimer(timer);
        timer = NO_TIMER;
        JsonObject release = new JsonObject()
                .put("op", "unpublish")
                .put("stream", STREAM.path())
                .put("fence", fence)
                .put("clean", true);
        return bus.request(Address.REGISTRY, release).otherwiseEmpty();
    }
}
