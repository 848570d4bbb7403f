package io.fluctus.stream;

import io.fluctus.bus.Address;
import io.fluctus.bus.Bus;
import io.fluctus.bus.Bus.Registration;
import io.fluctus.config.Config;
import io.fluctus.media.MediaPacket;
import io.fluctus.media.Prelude;
import io.fluctus.media.StreamName;
import io.fluctus.media.Timeline;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The relays of the streams that fall to this instance: ingest in, outlets out. */
public final class RelayVerticle extends VerticleBase {
    private static final long NANOS_PER_MILLI = 1_000_000;
    private static final long STATS_MILLIS = 1_000;

    /** Streams that are over whose time line is remembered: players that wait for the next publisher see time go on. */
    private static final int MAX_ENDED = 1_000;

    private record Open(Relay relay, Registration ingest) {}

    private final Bus bus;
    private final Config.Stream config;
    private final int instance;
    private final Map<StreamName, Open> streams = new HashMap<>();
    private final Map<StreamName, Timeline> ended = new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<StreamName, Timeline> eldest) {
            return size() > MAX_ENDED;
        }
    };
    private Registration service;
    private long sequence;

    /** {@code instance} counts from 0. */
    public RelayVerticle(Bus bus, Config.Stream config, int instance) {
        this.bus = bus;
        this.config = config;
        this.instance = instance;
    }

    @Override
    public Future<?> start() {
        service = bus.serveRelay(instance, this::prelude, this::word);
        vertx.setPeriodic(STATS_MILLIS, timer -> reportStats());
        return Future.succeededFuture();
    }

    @Override
    public Future<?> stop() {
        List<Future<Void>> closing = new ArrayList<>();
        closing.add(service.close());
        streams.values().forEach(open -> closing.add(open.ingest().close()));
        return Future.all(closing);
    }

    private Prelude.Snapshot prelude(StreamName stream) {
        Open open = streams.get(stream);
        return open == null
                ? new Prelude.Snapshot(false, sequence, List.of())
                : open.relay().snapshot();
    }

    private JsonObject word(JsonObject body) {
        StreamName stream = StreamName.parse(body.getString("stream"));
        switch (body.getString("op")) {
            case "open" -> open(stream, body.getLong("fence"));
            case "end" -> end(stream);
            default -> throw new IllegalArgumentException("no such word to a relay: " + body);
        }
        return new JsonObject();
    }

    private void open(StreamName stream, long fence) {
        Open open = streams.computeIfAbsent(stream, name -> {
            Timeline timeline = Optional.ofNullable(ended.remove(name)).orElseGet(Timeline::new);
            Relay relay = new Relay(() -> ++sequence, timeline, config.preludeBytes());
            return new Open(relay, bus.onIngest(name, packet -> forward(name, relay, packet)));
        });
        open.relay().open(fence).ifPresent(word -> bus.outlet(stream, word));
    }

    private void forward(StreamName stream, Relay relay, MediaPacket packet) {
        Optional<MediaPacket> out = relay.receive(packet, System.nanoTime() / NANOS_PER_MILLI);
        out.ifPresent(placed -> bus.outlet(stream, placed));
    }

    private void end(StreamName stream) {
        Open open = streams.remove(stream);
        if (open != null) {
            open.ingest().close();
            ended.put(stream, open.relay().timeline());
            bus.outlet(stream, open.relay().end());
        }
    }

    private void reportStats() {
        JsonObject report = new JsonObject();
        streams.forEach(
                (stream, open) -> report.put(stream.path(), open.relay().meter().report(STATS_MILLIS)));
        bus.publish(
                Address.stats(bus.node()),
                new JsonObject().put("source", "relay." + instance).put("streams", report));
    }
}
