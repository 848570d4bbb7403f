package io.fluctus.hls;

import io.fluctus.bus.Address;
import io.fluctus.bus.Bus;
import io.fluctus.bus.Bus.Registration;
import io.fluctus.bus.Following;
import io.fluctus.bus.Resource;
import io.fluctus.config.Config;
import io.fluctus.media.MediaPacket;
import io.fluctus.media.MediaPacket.Kind;
import io.fluctus.media.StreamName;
import io.fluctus.media.StreamPattern;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The packagers at {@link Address#HLS}: {@code {op, stream, session, address, closed}} with {@code op} main, media ({@code msn,
 * part, skip}), segment, part, init ({@code number, part}). A stream is packaged from the first question on until nobody has asked
 * for a while. {@code closed}: only sessions that began with main are served.
 */
public final class HlsVerticle extends VerticleBase {
    private static final Logger LOG = LoggerFactory.getLogger("hls");

    /** Streams that are packaged at one time. */
    static final int MAX_STREAMS = 1_000;

    /** Questions that wait for one stream. */
    static final int MAX_WAITING = 50_000;

    /** Viewers of one stream that one answer lists. */
    private static final int MAX_LISTED = 500;

    private static final String NAME = "hls.0";
    private static final long TICK_MILLIS = 1_000;
    private static final long LOOK_MILLIS = 2_000;

    /** A stream without a publisher for so long has ended; until then its playlist waits. */
    private static final long END_MILLIS = 10_000;

    /** The first segment may take so long: a target duration without a key frame, and some. */
    private static final long FIRST_MILLIS = 15_000;

    /** A viewer who has not asked for so many target durations has left. */
    private static final int PATIENCE_TARGETS = 3;

    /** The fewest milliseconds a part may have. */
    private static final int LEAST_PART_MILLIS = 100;

    /** Media sequence numbers begin with the time of day, twice a second, since 2026: so they rise over restarts, too. */
    private static final long NUMBER_EPOCH = 1_767_225_600_000L;

    private static final int NUMBER_MILLIS = 500;
    private static final int SESSION_BYTES = 18;
    private static final int KEEP_SECONDS = 60;

    private static final int BAD_REQUEST = 400;
    private static final int UNAUTHORIZED = 401;
    private static final int NOT_FOUND = 404;
    private static final int GONE = 410;
    private static final int FULL = 503;
    private static final String PLAYLIST = "application/vnd.apple.mpegurl";
    private static final String MP4 = "video/mp4";

    private final Bus bus;
    private final Config.Hls config;
    private final StreamPattern always;
    private final SecureRandom random = new SecureRandom();
    private final Map<StreamName, Live> streams = new HashMap<>();
    private final List<Registration> services = new ArrayList<>();
    private long lastSession;

    public HlsVerticle(Bus bus, Config.Hls config) {
        this.bus = bus;
        this.config = config;
        this.always = StreamPattern.of(config.always());
    }

    @Override
    public Future<?> start() {
        services.add(bus.serveResources(Address.HLS, this::answer));
        services.add(bus.serve(Address.audience(NAME), this::viewers));
        services.add(bus.serve(Address.client(NAME), this::word));
        vertx.setPeriodic(TICK_MILLIS, timer -> tick());
        if (!always.patterns().isEmpty()) {
            vertx.setPeriodic(LOOK_MILLIS, timer -> look());
        }
        return Future.succeededFuture();
    }

    @Override
    public Future<?> stop() {
        List.copyOf(streams.values()).forEach(Live::close);
        return Future.join(services.stream().map(Registration::close).toList());
    }

    // -- every second

    private void tick() {
        long now = now();
        List.copyOf(streams.values()).forEach(live -> live.tick(now));
        JsonObject figures = new JsonObject();
        streams.forEach((stream, live) -> figures.put(stream.path(), live.report()));
        bus.publish(
                Address.stats(bus.node()), new JsonObject().put("source", NAME).put("streams", figures));
    }

    private void look() {
        bus.request(Address.REGISTRY, new JsonObject().put("op", "list")).onSuccess(list -> {
            for (Object entry : list.getJsonArray("streams")) {
                JsonObject stream = (JsonObject) entry;
                StreamName name = new StreamName(stream.getString("app"), stream.getString("name"));
                if (always.matches(name) && !streams.containsKey(name) && streams.size() < MAX_STREAMS) {
                    streams.put(name, new Live(name));
                }
            }
        });
    }

    /** Memory is given up where there is most of it. */
    private void shed() {
        long bytes = streams.values().stream()
                .mapToLong(live -> live.packager.window().bytes())
                .sum();
        while (bytes > config.maxBytes()) {
            Live largest = streams.values().stream()
                    .max(Comparator.comparingLong(live -> live.packager.window().bytes()))
                    .orElseThrow();
            long before = largest.packager.window().bytes();
            if (!largest.packager.window().shed()) {
                return;
            }
            bytes -= before - largest.packager.window().bytes();
        }
    }

    // -- what is asked

    private Future<Resource> answer(JsonObject question) {
        StreamName stream = StreamName.parse(question.getString("stream"));
        Live live = streams.get(stream);
        if (live == null
                && !question.getString("op").equals("main")
                && !question.getString("op").equals("media")) {
            return refuse(NOT_FOUND, "this segment is not there any more");
        }
        if (live == null && streams.size() >= MAX_STREAMS) {
            return refuse(FULL, MAX_STREAMS + " streams are packaged");
        }
        if (live == null) {
            live = new Live(stream);
            streams.put(stream, live);
        }
        return live.answer(question);
    }

    private static Future<Resource> refuse(int status, String sentence) {
        return Future.succeededFuture(Resource.refusal(status, sentence));
    }

    private Future<JsonObject> viewers(JsonObject question) {
        Live live = streams.get(StreamName.parse(question.getString("stream")));
        JsonArray viewers = new JsonArray();
        if (live != null) {
            live.sessions
                    .list(MAX_LISTED)
                    .forEach(session -> viewers.add(new JsonObject()
                            .put("protocol", "hls")
                            .put("address", session.address())
                            .put("client", NAME + "/" + session.number())
                            .put("since", session.since())
                            .put("lagMillis", 0)
                            .put("paused", false)));
        }
        return Future.succeededFuture(new JsonObject().put("viewers", viewers));
    }

    /** {@code kick}: the session's playlist is gone. */
    private Future<JsonObject> word(JsonObject word) {
        String client = word.getString("client", "");
        long number = Long.parseLong(client.substring(client.indexOf('/') + 1));
        boolean found = streams.values().stream().anyMatch(live -> live.sessions.kick(number));
        return Future.succeededFuture(new JsonObject().put("found", found));
    }

    // -- one stream

    /** A question that waits until this part, or with -1 this segment, is there. */
    private record Waiting(long number, int part, long until, Promise<Void> promise) {}

    /** One stream that is packaged. */
    private final class Live {
        private final StreamName stream;
        private final Packager packager;
        private final Sessions sessions = new Sessions();
        private final Following following;
        private List<Waiting> waiting = new ArrayList<>();
        private Optional<Buffer> full = Optional.empty();
        private Optional<Buffer> delta = Optional.empty();
        private long askedAt = now();
        private long lostAt = -1;
        private boolean everLive;
        private boolean closed;
        private long bytesOut;

        private Live(StreamName stream) {
            this.stream = stream;
            double part = config.partMillis() < LEAST_PART_MILLIS ? 0 : config.partMillis() / 1_000.0;
            long number = (System.currentTimeMillis() - NUMBER_EPOCH) / NUMBER_MILLIS;
            packager = new Packager(new Packager.Rules(config.segmentSeconds(), part, config.dvrSeconds(), number));
            following = new Following(bus, stream, this::receive);
        }

        private void receive(MediaPacket packet) {
            boolean gone = packet.kind() == Kind.UNPUBLISHED;
            if (gone && !everLive) {
                close();
                return;
            }
            if (!everLive) {
                LOG.info("{} is packaged", stream);
            }
            everLive = true;
            lostAt = gone ? now() : -1;
            if (packager.over()) {
                close(); // a publisher came back after the end: the next question begins a new playlist
            } else if (packager.receive(packet, System.currentTimeMillis())) {
                changed();
                shed();
            }
        }

        private void changed() {
            full = Optional.empty();
            delta = Optional.empty();
            if (waiting.isEmpty()) {
                return;
            }
            List<Waiting> before = waiting;
            waiting = new ArrayList<>();
            for (Waiting one : before) {
                if (there(one.number, one.part)) {
                    one.promise.complete();
                } else {
                    waiting.add(one);
                }
            }
        }

        private boolean there(long number, int part) {
            return packager.ready() && (packager.over() || packager.reached(number, part));
        }

        private void tick(long now) {
            long patience = TimeUnit.SECONDS.toMillis(PATIENCE_TARGETS * Math.max(1, packager.target()));
            sessions.expire(now, patience + TICK_MILLIS);
            if (lostAt >= 0 && now - lostAt > END_MILLIS && !packager.over()) {
                packager.end();
                changed();
            }
            List<Waiting> late =
                    waiting.stream().filter(one -> now >= one.until).toList();
            waiting.removeAll(late);
            late.forEach(one -> one.promise.complete());
            boolean idle = now - askedAt > TimeUnit.SECONDS.toMillis(config.idleSeconds());
            if (idle && (!always.matches(stream) || packager.over())) {
                close();
            }
        }

        private JsonObject report() {
            JsonObject report = new JsonObject()
                    .put(
                            "viewers",
                            sessions.size() == 0 ? new JsonObject() : new JsonObject().put("hls", sessions.size()))
                    .put("bytesOut", bytesOut)
                    .put("dropped", 0);
            bytesOut = 0;
            return report;
        }

        private void close() {
            closed = true;
            following.close();
            if (streams.remove(stream, this) && everLive) {
                LOG.info("{} is packaged no more", stream);
            }
            List<Waiting> left = waiting;
            waiting = new ArrayList<>();
            left.forEach(one -> one.promise.complete());
        }

        // -- its answers

        private Future<Resource> answer(JsonObject question) {
            askedAt = now();
            String op = question.getString("op");
            String session = question.getString("session", "");
            boolean sessionsOnly = question.getBoolean("closed", false);
            if (sessionsOnly && !op.equals("main") && !sessions.knows(session)) {
                return refuse(UNAUTHORIZED, "this session is not known: begin with index.m3u8");
            }
            if (!packager.ready()) {
                return await(0, -1, FIRST_MILLIS)
                        .compose(there -> packager.ready()
                                ? answer(question)
                                : refuse(
                                        everLive ? FULL : NOT_FOUND,
                                        everLive ? "there is no segment yet" : "nobody publishes this stream"));
            }
            return switch (op) {
                case "main" -> main(question);
                case "media" -> media(question, session, sessionsOnly);
                case "segment" -> piece(question, -1);
                case "part" -> piece(question, question.getInteger("part"));
                case "init" ->
                    Future.succeededFuture(packager.window()
                            .init(question.getInteger("number"))
                            .map(this::bytes)
                            .orElseGet(this::notThere));
                default -> refuse(BAD_REQUEST, "no such word to the packager");
            };
        }

        private Future<Void> await(long number, int part, long millis) {
            if (there(number, part) && packager.ready()) {
                return Future.succeededFuture();
            }
            Promise<Void> promise = Promise.promise();
            if (waiting.size() >= MAX_WAITING || closed) {
                promise.complete();
            } else {
                waiting.add(new Waiting(number, part, now() + millis, promise));
            }
            return promise.future();
        }

        private Future<Resource> main(JsonObject question) {
            byte[] id = new byte[SESSION_BYTES];
            random.nextBytes(id);
            String session = Base64.getUrlEncoder().withoutPadding().encodeToString(id);
            sessions.touch(session, question.getString("address", ""), ++lastSession, now());
            return text(Playlist.main(packager, "media.m3u8?s=" + session));
        }

        private Future<Resource> media(JsonObject question, String session, boolean sessionsOnly) {
            String address = question.getString("address", "");
            String id = Sessions.isId(session) ? session : "without-session-" + address.hashCode();
            if (!sessions.touch(id, address, ++lastSession, now())) {
                return refuse(GONE, "this session was ended");
            }
            long number = question.getLong("msn", -1L);
            int part = question.getInteger("part", -1);
            if (number > packager.currentNumber() + 1) { // 8216bis 6.2.5.2
                return refuse(BAD_REQUEST, "this segment is too far in the future");
            }
            boolean skip = question.getBoolean("skip", false);
            long patience = TimeUnit.SECONDS.toMillis(PATIENCE_TARGETS * packager.target());
            Future<Void> there = number < 0 ? Future.succeededFuture() : await(number, part, patience);
            return there.map(any -> {
                sessions.touch(id, address, lastSession, now());
                Buffer playlist = playlist(skip);
                bytesOut += playlist.length();
                return new Resource(200, PLAYLIST, 0, sessionsOnly ? withSession(playlist, session) : playlist);
            });
        }

        private Buffer playlist(boolean skip) {
            Optional<Buffer> known = skip ? delta : full;
            Buffer playlist = known.orElseGet(() -> Buffer.buffer(Playlist.media(packager, skip)));
            if (skip) {
                delta = Optional.of(playlist);
            } else {
                full = Optional.of(playlist);
            }
            return playlist;
        }

        /** Every address in it shows the session. */
        private Buffer withSession(Buffer playlist, String session) {
            return Buffer.buffer(playlist.toString()
                    .replace(".m4s", ".m4s?s=" + session)
                    .replace(".mp4\"", ".mp4?s=" + session + "\""));
        }

        /** A segment, or the part that comes next, which may be asked for before it is there. */
        private Future<Resource> piece(JsonObject question, int part) {
            long number = question.getLong("number");
            if (number > packager.currentNumber()) {
                return refuse(NOT_FOUND, "this segment is not there yet");
            }
            long patience = TimeUnit.SECONDS.toMillis(PATIENCE_TARGETS * packager.target());
            Future<Void> there = part < 0 ? Future.succeededFuture() : await(number, part, patience);
            return there.map(any -> (part < 0
                            ? packager.window().segment(number).map(Segment::bytes)
                            : packager.part(number, part))
                    .map(this::bytes)
                    .orElseGet(this::notThere));
        }

        private Resource bytes(Buffer body) {
            bytesOut += body.length();
            return new Resource(200, MP4, KEEP_SECONDS, body);
        }

        private Resource notThere() {
            return Resource.refusal(NOT_FOUND, "this segment is not there");
        }

        private Future<Resource> text(String playlist) {
            return Future.succeededFuture(new Resource(200, PLAYLIST, 0, Buffer.buffer(playlist)));
        }
    }

    private static long now() {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
    }
}
