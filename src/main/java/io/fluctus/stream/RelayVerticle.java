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

/** The relays of the streams that fall to this instance: ingest or another node in, outlets and other nodes out. */
public final class RelayVerticle extends VerticleBase implements RelayLink.House {
    private static final long NANOS_PER_MILLI = 1_000_000;
    private static final long STATS_MILLIS = 1_000;

    /** Streams that are over whose time line is remembered: players that wait for the next publisher see time go on. */
    private static final int MAX_ENDED = 1_000;

    /** A stream that nobody here wants is taken from another node for so long all the same. */
    private static final long LINGER_MILLIS = 5_000;

    /** What is said of an owner, and its last packets, come on two ways. */
    private static final long GRACE_MILLIS = 300;

    /** One stream: its relay and, while its publisher is on this node, the way in. */
    private static final class Open {
        private final Relay relay;
        private Optional<Registration> ingest = Optional.empty();
        private long wantedAt = now();

        private Open(Relay relay) {
            this.relay = relay;
        }
    }

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
    private Optional<RelayLink> link = Optional.empty();
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
        service = bus.serveEdge(instance, this::prelude, this::word);
        vertx.setPeriodic(STATS_MILLIS, timer -> everySecond());
        if (!bus.clustered()) {
            return Future.succeededFuture();
        }
        RelayLink others = new RelayLink(vertx, bus, instance, this);
        link = Optional.of(others);
        return others.start();
    }

    @Override
    public Future<?> stop() {
        List<Future<?>> closing = new ArrayList<>();
        closing.add(service.close());
        streams.values().forEach(open -> open.ingest.ifPresent(ingest -> closing.add(ingest.close())));
        link.ifPresent(others -> closing.add(others.close()));
        return Future.all(closing);
    }

    private Future<Prelude.Snapshot> prelude(StreamName stream) {
        if (link.isEmpty() || link.get().carries(stream)) {
            return Future.succeededFuture(snapshot(stream));
        }
        return link.get().follow(stream, 0).transform(done -> Future.succeededFuture(snapshot(stream)));
    }

    private Prelude.Snapshot snapshot(StreamName stream) {
        Open open = streams.get(stream);
        return open == null ? new Prelude.Snapshot(false, sequence, List.of()) : open.relay.snapshot();
    }

    private JsonObject word(JsonObject body) {
        StreamName stream = StreamName.parse(body.getString("stream"));
        switch (body.getString("op")) {
            case "open" -> publish(stream, body.getLong("fence"));
            case "end" -> end(stream);
            case "yield" -> give(stream);
            case "moved" -> moved(stream);
            default -> throw new IllegalArgumentException("no such word to a relay: " + body);
        }
        return new JsonObject();
    }

    // -- publishers on this node

    private void publish(StreamName stream, long fence) {
        link.ifPresent(others -> others.drop(stream));
        Open open = open(stream, fence);
        if (open.ingest.isEmpty()) {
            open.ingest = Optional.of(bus.onIngest(stream, packet -> forward(stream, open.relay, packet)));
        }
    }

    private Open open(StreamName stream, long fence) {
        Open open = streams.computeIfAbsent(stream, name -> {
            Timeline timeline = Optional.ofNullable(ended.remove(name)).orElseGet(Timeline::new);
            return new Open(new Relay(() -> ++sequence, timeline, config.preludeBytes()));
        });
        open.relay.open(fence).ifPresent(word -> bus.outlet(stream, word));
        return open;
    }

    private void forward(StreamName stream, Relay relay, MediaPacket packet) {
        Optional<MediaPacket> out = relay.receive(packet, now());
        if (out.isPresent()) {
            bus.outlet(stream, out.get());
            if (link.isPresent()) {
                link.get().offer(stream, out.get());
            }
        }
    }

    private void end(StreamName stream) {
        Open open = streams.remove(stream);
        if (open != null) {
            open.ingest.ifPresent(Registration::close);
            ended.put(stream, open.relay.timeline());
            MediaPacket word = open.relay.end();
            bus.outlet(stream, word);
            link.ifPresent(others -> others.end(stream, word));
        }
    }

    // -- publishers on other nodes

    /** The stream is another node's from now on: viewers stay, and see it from there. */
    private void give(StreamName stream) {
        Open open = streams.get(stream);
        if (open != null) {
            open.ingest.ifPresent(Registration::close);
            open.ingest = Optional.empty();
            follow(stream, RelayLink.PATIENCE_MILLIS);
        }
    }

    /** Another node began to publish the stream, or stopped. */
    private void moved(StreamName stream) {
        Open open = streams.get(stream);
        boolean local = open != null && open.ingest.isPresent();
        if (!local && (open != null || bus.isHeard(stream))) {
            follow(stream, GRACE_MILLIS);
        }
    }

    private void follow(StreamName stream, long patience) {
        link.ifPresent(others -> others.follow(stream, patience));
    }

    @Override
    public Optional<Relay> relay(StreamName stream) {
        return Optional.ofNullable(streams.get(stream)).map(open -> open.relay);
    }

    @Override
    public void opened(StreamName stream, long fence) {
        Open present = streams.get(stream);
        if (present == null || present.ingest.isEmpty() && present.relay.fence() != fence) {
            open(stream, fence);
        }
    }

    @Override
    public void carried(StreamName stream, MediaPacket packet) {
        Open open = streams.get(stream);
        if (open == null || packet.fence() > open.relay.fence()) {
            open = open(stream, packet.fence());
        }
        if (open.ingest.isEmpty()) {
            forward(stream, open.relay, packet);
        }
    }

    @Override
    public void over(StreamName stream) {
        Open open = streams.get(stream);
        if (open != null && open.ingest.isEmpty()) {
            end(stream);
        }
    }

    @Override
    public boolean wanted(StreamName stream) {
        Open open = streams.get(stream);
        return open == null ? bus.isHeard(stream) : open.ingest.isEmpty();
    }

    /** Streams of other nodes that nobody here wants any more are not taken any more. */
    private void letGo(RelayLink others) {
        streams.entrySet().removeIf(entry -> {
            StreamName stream = entry.getKey();
            Open open = entry.getValue();
            if (open.ingest.isPresent() || bus.isHeard(stream) || others.gives(stream)) {
                open.wantedAt = now();
                return false;
            }
            boolean unwanted = now() - open.wantedAt > LINGER_MILLIS;
            if (unwanted) {
                others.drop(stream);
                ended.put(stream, open.relay.timeline());
            }
            return unwanted;
        });
    }

    private void everySecond() {
        link.ifPresent(this::letGo);
        reportStats();
    }

    private static long now() {
        return System.nanoTime() / NANOS_PER_MILLI;
    }

    private void reportStats() {
        JsonObject report = new JsonObject();
        streams.forEach((stream, open) -> {
            JsonObject figures = open.relay.meter().report(STATS_MILLIS);
            link.ifPresent(others -> figures.mergeIn(others.report(stream)));
            report.put(stream.path(), figures);
        });
        bus.publish(
                Address.stats(bus.node()),
                new JsonObject().put("source", "relay." + instance).put("streams", report));
    }
}
