package io.fluctus.record;

import io.fluctus.bus.Address;
import io.fluctus.bus.Bus;
import io.fluctus.bus.Bus.Registration;
import io.fluctus.bus.Floodgate;
import io.fluctus.bus.Following;
import io.fluctus.bus.Refusal;
import io.fluctus.config.Config;
import io.fluctus.media.MediaPacket;
import io.fluctus.media.MediaPacket.Kind;
import io.fluctus.media.MediaTag;
import io.fluctus.media.StreamName;
import io.fluctus.media.StreamPattern;
import io.fluctus.wire.ProtocolException;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Records the streams that the configuration names, that a publisher wants recorded, or that somebody starts at
 * {@link Address#RECORD}: {@code {op: start | stop, stream}}; {@code {op: list}} is answered with the files and what is being
 * written. The disk has threads of its own; what it cannot take in time is left out of the file and never holds up the stream.
 */
public final class RecorderVerticle extends VerticleBase {
    private static final Logger LOG = LoggerFactory.getLogger("record");

    /** Streams that are recorded at one time. */
    public static final int MAX_RECORDINGS = 1_000;

    /** Threads that write: one that hangs holds up a part of the recordings. */
    private static final int WRITERS = 4;

    private static final long WRITE_MILLIS = 500;
    private static final long LOOK_MILLIS = 2_000;
    private static final long CLEAN_MILLIS = 60_000;

    /** A stream whose disk failed is left alone for so long. */
    private static final long RETRY_MILLIS = 30_000;

    private static final int BAD_REQUEST = 400;
    private static final int NOT_FOUND = 404;
    private static final int CONFLICT = 409;
    private static final int FULL = 503;

    private final Bus bus;
    private final Config.Record config;
    private final StreamPattern wanted;
    private final Path folder;
    private final Shelf shelf;
    private final Map<StreamName, Take> takes = new HashMap<>();
    private final Map<StreamName, Long> failed = new HashMap<>();
    private final Set<StreamName> stopped = new HashSet<>();
    private final Floodgate floodgate = new Floodgate();
    private WorkerExecutor disk;
    private Registration service;
    private Registration events;

    public RecorderVerticle(Bus bus, Config.Record config) {
        this.bus = bus;
        this.config = config;
        this.wanted = StreamPattern.of(config.streams());
        this.folder = Path.of(config.folder()).toAbsolutePath().normalize();
        this.shelf = new Shelf(folder);
    }

    @Override
    public Future<?> start() {
        disk = vertx.createSharedWorkerExecutor("record", WRITERS);
        service = bus.serve(Address.RECORD, this::answer);
        events = bus.listen(Address.EVENTS, this::hear);
        vertx.setPeriodic(WRITE_MILLIS, timer -> List.copyOf(takes.values()).forEach(Take::write));
        if (!wanted.patterns().isEmpty()) {
            vertx.setPeriodic(LOOK_MILLIS, timer -> look());
        }
        if (config.maxBytes() > 0 || config.maxAgeHours() > 0) {
            vertx.setPeriodic(CLEAN_MILLIS, timer -> clean());
        }
        return Future.succeededFuture();
    }

    @Override
    public Future<?> stop() {
        List<Future<Void>> ends =
                List.copyOf(takes.values()).stream().map(Take::end).toList();
        return Future.all(service.close(), events.close())
                .compose(closed -> Future.join(ends).otherwiseEmpty())
                .eventually(disk::close);
    }

    // -- what is asked

    private Future<JsonObject> answer(JsonObject question) {
        try {
            return switch (question.getString("op", "")) {
                case "start" -> begin(StreamName.parse(question.getString("stream")));
                case "stop" -> halt(StreamName.parse(question.getString("stream")));
                case "published" -> published(StreamName.parse(question.getString("stream")));
                case "list" -> list();
                default -> Future.failedFuture(new Refusal(BAD_REQUEST, "no such word to the recorder"));
            };
        } catch (ProtocolException e) {
            return Future.failedFuture(new Refusal(BAD_REQUEST, e.getMessage()));
        } catch (Refusal refusal) {
            return Future.failedFuture(refusal);
        }
    }

    private Future<JsonObject> begin(StreamName stream) {
        if (takes.containsKey(stream)) {
            return Future.failedFuture(new Refusal(CONFLICT, stream + " is being recorded"));
        }
        return live().compose(live -> {
            if (!live.contains(stream)) {
                return Future.failedFuture(new Refusal(NOT_FOUND, "nobody publishes this stream"));
            }
            stopped.remove(stream);
            record(stream);
            return Future.succeededFuture(new JsonObject().put("recording", true));
        });
    }

    private Future<JsonObject> halt(StreamName stream) {
        Take take = takes.get(stream);
        if (take == null) {
            return Future.failedFuture(new Refusal(NOT_FOUND, "this stream is not being recorded"));
        }
        if (wanted.matches(stream)) {
            stopped.add(stream);
        }
        return take.end()
                .map(ended -> new JsonObject()
                        .put("recording", false)
                        .put("path", take.path())
                        .put("dropped", take.dropped));
    }

    /** A publisher asked for it with the type of its publish command. */
    private Future<JsonObject> published(StreamName stream) {
        if (config.byPublisher() && !takes.containsKey(stream)) {
            record(stream);
        }
        return Future.succeededFuture(new JsonObject());
    }

    private Future<JsonObject> list() {
        return disk.executeBlocking(shelf::list, false).map(items -> {
            JsonArray files = new JsonArray();
            Set<String> written = written();
            items.stream()
                    .limit(Shelf.MAX_LISTED)
                    .forEach(item -> files.add(new JsonObject()
                            .put("path", item.path())
                            .put("bytes", item.bytes())
                            .put("at", item.at())
                            .put("recording", written.contains(item.path()))));
            JsonArray active = new JsonArray();
            takes.values().forEach(take -> active.add(take.describe()));
            return new JsonObject().put("files", files).put("active", active);
        });
    }

    private Set<String> written() {
        Set<String> paths = new HashSet<>();
        takes.values().forEach(take -> paths.add(take.path()));
        return paths;
    }

    // -- what the configuration wants

    private void hear(JsonObject event) {
        if ("publish".equals(event.getString("type")) && bus.node().equals(event.getString("node"))) {
            StreamName stream = StreamName.parse(event.getString("stream"));
            stopped.remove(stream);
            want(stream);
        }
    }

    /** Events may be left out where there are many: what is live is looked at, too. */
    private void look() {
        live().onSuccess(live -> {
            stopped.retainAll(live);
            failed.values().removeIf(at -> now() - at > RETRY_MILLIS);
            live.forEach(this::want);
        });
    }

    private void want(StreamName stream) {
        if (wanted.matches(stream)
                && !takes.containsKey(stream)
                && !stopped.contains(stream)
                && !failed.containsKey(stream)
                && takes.size() < MAX_RECORDINGS) {
            record(stream);
        }
    }

    private Future<Set<StreamName>> live() {
        return bus.request(Address.REGISTRY, new JsonObject().put("op", "list")).map(list -> {
            Set<StreamName> live = new HashSet<>();
            for (Object entry : list.getJsonArray("streams")) {
                JsonObject stream = (JsonObject) entry;
                live.add(new StreamName(stream.getString("app"), stream.getString("name")));
            }
            return live;
        });
    }

    private void record(StreamName stream) {
        if (takes.size() >= MAX_RECORDINGS) {
            throw new Refusal(FULL, MAX_RECORDINGS + " streams are being recorded");
        }
        takes.put(stream, new Take(stream));
    }

    private void clean() {
        long oldest = config.maxAgeHours() == 0
                ? Long.MIN_VALUE
                : System.currentTimeMillis() - TimeUnit.HOURS.toMillis(config.maxAgeHours());
        Set<String> inUse = written();
        disk.executeBlocking(
                        () -> {
                            List<Shelf.Item> surplus = Shelf.surplus(shelf.list(), inUse, oldest, config.maxBytes());
                            for (Shelf.Item item : surplus) {
                                shelf.delete(item);
                            }
                            return surplus;
                        },
                        false)
                .onSuccess(gone -> gone.forEach(item -> LOG.info("{} deleted: too old or too much", item.path())))
                .onFailure(error -> LOG.warn("{} cannot be cleaned: {}", folder, error.toString()));
    }

    // -- one stream

    /** One stream on its way to the disk. */
    private final class Take {
        private final StreamName stream;
        private final long since = System.currentTimeMillis();
        private final Recording recording;
        private final Reel reel;
        private final Backlog backlog = new Backlog(config.queueBytes());
        private final Following following;
        private final Promise<Void> ended = Promise.promise();
        private boolean ending;
        private boolean writing;
        private boolean skipping;
        private long bytes;
        private long dropped;
        private String written = "";

        private Take(StreamName stream) {
            this.stream = stream;
            long segment = TimeUnit.SECONDS.toMillis(config.segmentSeconds());
            boolean flv = config.format() == Config.Record.Format.FLV;
            recording = flv ? new FlvRecording(segment) : new Mp4Recording(segment);
            FileName names = new FileName(folder, config.file(), flv ? "flv" : "mp4");
            reel = new Reel(attempt -> names.of(stream, Instant.now(), attempt));
            following = new Following(bus, stream, this::receive);
        }

        private void receive(MediaPacket packet) {
            if (packet.kind() == Kind.UNPUBLISHED) {
                end();
            } else if (backlog.full() && !MediaTag.header(packet.kind(), packet.payload())) {
                dropped++;
                if (!skipping) {
                    skipping = true;
                    recording.skip();
                    tell("record-slow", "the disk is slower than the stream: packets are left out");
                }
            } else {
                skipping &= backlog.full();
                add(recording.receive(packet));
            }
        }

        private void add(List<Step> steps) {
            backlog.add(steps);
            if (backlog.worthAWrite()) {
                write();
            }
        }

        private void write() {
            if (writing || backlog.isEmpty()) {
                return;
            }
            writing = true;
            List<Step> steps = backlog.take();
            disk.executeBlocking(
                            () -> {
                                reel.run(steps);
                                return reel.file().toString();
                            },
                            false)
                    .onSuccess(
                            file -> done(steps, folder.relativize(Path.of(file)).toString()))
                    .onFailure(this::fail);
        }

        private void done(List<Step> steps, String path) {
            writing = false;
            backlog.done();
            if (!path.equals(written)) {
                written = path;
                LOG.info("{} is recorded to {}", stream, path);
                tell("record", path);
            }
            for (Step step : steps) {
                if (step instanceof Step.Append append) {
                    bytes += append.bytes().length();
                } else if (step instanceof Step.Close close) {
                    tell("recorded", path + ", " + close.millis() / 1_000.0 + " s");
                }
            }
            if (ending && backlog.isEmpty()) {
                ended.tryComplete();
            } else if (ending || backlog.worthAWrite()) {
                write();
            }
        }

        private void fail(Throwable error) {
            String why = error instanceof IOException ? error.toString() : "a fault of our own: " + error;
            LOG.warn("{} is not recorded any more: {}", stream, why);
            tell("record-failed", why);
            if (wanted.matches(stream)) {
                failed.put(stream, now());
            }
            ending = true;
            takes.remove(stream, this);
            following.close();
            disk.executeBlocking(
                    () -> {
                        reel.close();
                        return true;
                    },
                    false);
            ended.tryComplete();
        }

        /** Completes when the file does. */
        private Future<Void> end() {
            if (!ending) {
                ending = true;
                takes.remove(stream, this);
                following.close();
                backlog.add(recording.end());
                if (backlog.isEmpty() && !writing) {
                    ended.tryComplete();
                }
                write();
            }
            return ended.future();
        }

        private String path() {
            return written.replace('\\', '/');
        }

        private JsonObject describe() {
            return new JsonObject()
                    .put("stream", stream.path())
                    .put("path", path())
                    .put("since", since)
                    .put("bytes", bytes)
                    .put("dropped", dropped);
        }

        private void tell(String type, String reason) {
            if (floodgate.admits(type + " " + stream, now())) {
                bus.publish(
                        Address.EVENTS,
                        new JsonObject()
                                .put("type", type)
                                .put("stream", stream.path())
                                .put("reason", reason)
                                .put("node", bus.node())
                                .put("at", System.currentTimeMillis()));
            }
        }
    }

    private static long now() {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
    }
}
