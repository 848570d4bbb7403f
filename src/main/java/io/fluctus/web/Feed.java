package io.fluctus.web;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Changes as they happen, over a WebSocket at {@code /api/v1/feed}: a snapshot, then every second the streams that changed and
 * those that are gone, and events at once. A reader says what is on its screen, {@code {"watch": {...}}} as {@link Watch} has it,
 * and gets no more than that. A reader that is slow misses deltas and gets a new snapshot.
 */
final class Feed {
    /** Readers of one instance at a time. */
    static final int MAX_READERS = 1_000;

    private static final long TICK_MILLIS = 1_000;

    /** Events that come in numbers are followed by one look at the streams. */
    private static final long SETTLE_MILLIS = 100;

    /** How long one may take to show the token. */
    private static final long TOKEN_MILLIS = 5_000;

    /** Bitrates that a row begins with. */
    private static final int SPARK = 60;

    private static final short FULL = 1013;
    private static final short NOT_UNDERSTOOD = 1007;

    /** Private use (RFC 6455 7.4.2): the token is missing or wrong. */
    private static final short TOKEN_NEEDED = 4401;

    private final Vertx vertx;
    private final State state;
    private final Gate gate;
    private final Set<Reader> readers = new HashSet<>();
    private final Map<String, JsonObject> last = new LinkedHashMap<>();
    private final long timer;
    private boolean lookScheduled;

    /** One console. */
    private static final class Reader {
        private final ServerWebSocket socket;
        private final HttpServerRequest request;
        private Watch watch = Watch.EVERYTHING;
        private boolean asked;
        private boolean admitted;
        private boolean current;
        private Set<String> newRows = Set.of();

        private Reader(ServerWebSocket socket, HttpServerRequest request) {
            this.socket = socket;
            this.request = request;
        }

        private void send(JsonObject message) {
            if (socket.writeQueueFull()) {
                current = false;
            } else {
                socket.writeTextMessage(message.encode());
            }
        }

        private void watch(Watch next) {
            Set<String> added = new HashSet<>(next.rows().orElse(Set.of()));
            added.removeAll(watch.rows().orElse(Set.of()));
            newRows = added;
            watch = next;
        }
    }

    Feed(Vertx vertx, State state, Gate gate) {
        this.vertx = vertx;
        this.state = state;
        this.gate = gate;
        this.timer = vertx.setPeriodic(TICK_MILLIS, id -> look());
    }

    void addTo(Router router) {
        router.get("/api/v1/feed").handler(this::open);
    }

    Future<Void> close() {
        vertx.cancelTimer(timer);
        List.copyOf(readers).forEach(reader -> reader.socket.close());
        return Future.succeededFuture();
    }

    /** Something happened: everybody is told, and then what it changed. */
    void tell(JsonObject event) {
        JsonObject message = new JsonObject().put("type", "event").put("event", event);
        readers.stream().filter(reader -> reader.admitted).forEach(reader -> reader.send(message));
        lookSoon();
    }

    // -- readers

    private void open(RoutingContext context) {
        if (!Gate.sameOrigin(context.request())) {
            Errors.send(context, 403, "origin", "the feed is for pages of this gateway");
            return;
        }
        context.request().pause();
        gate.mayRead(context.request())
                .compose(admitted -> {
                    context.request().resume();
                    return context.request().toWebSocket().onSuccess(socket -> add(context, socket, admitted));
                })
                .onFailure(context::fail);
    }

    private void add(RoutingContext context, ServerWebSocket socket, boolean admitted) {
        if (readers.size() >= MAX_READERS) {
            socket.close(FULL, "too many readers");
            return;
        }
        Reader reader = new Reader(socket, context.request());
        readers.add(reader);
        socket.closeHandler(closed -> readers.remove(reader));
        socket.textMessageHandler(text -> hear(reader, text));
        if (admitted) {
            admit(reader);
        } else {
            vertx.setTimer(TOKEN_MILLIS, id -> {
                if (!reader.admitted && readers.contains(reader)) {
                    socket.close(TOKEN_NEEDED, "the feed needs a token");
                }
            });
        }
    }

    private void admit(Reader reader) {
        reader.admitted = true;
        look();
    }

    private void hear(Reader reader, String text) {
        JsonObject said;
        try {
            said = new JsonObject(text);
        } catch (DecodeException e) {
            reader.socket.close(NOT_UNDERSTOOD, "not a JSON object");
            return;
        }
        if (said.getValue("watch") instanceof JsonObject watch) {
            reader.watch(Watch.of(watch));
        }
        if (reader.admitted) {
            lookSoon();
        } else if (said.getValue("token") instanceof String token && !reader.asked) {
            reader.asked = true;
            gate.mayRead(reader.request, token).onSuccess(allowed -> {
                if (allowed && readers.contains(reader)) {
                    admit(reader);
                } else {
                    reader.socket.close(TOKEN_NEEDED, "the feed needs a token");
                }
            });
        } else if (!reader.asked) {
            reader.socket.close(TOKEN_NEEDED, "the feed needs a token");
        }
    }

    // -- what they get

    private void lookSoon() {
        if (!lookScheduled && !readers.isEmpty()) {
            lookScheduled = true;
            vertx.setTimer(SETTLE_MILLIS, id -> {
                lookScheduled = false;
                look();
            });
        }
    }

    private void look() {
        if (readers.isEmpty()) {
            last.clear();
            return;
        }
        Map<String, JsonArray> viewers = new HashMap<>();
        List<Future<?>> answers = new ArrayList<>();
        readers.stream()
                .flatMap(reader -> reader.watch.stream().stream())
                .distinct()
                .forEach(path -> answers.add(state.viewers(path).onSuccess(list -> viewers.put(path, list))));
        Future<JsonArray> streams = state.streams();
        Future<JsonObject> server = state.server();
        answers.add(streams);
        answers.add(server);
        Future.all(answers).onSuccess(all -> spread(streams.result(), server.result(), viewers));
    }

    private void spread(JsonArray streams, JsonObject server, Map<String, JsonArray> viewers) {
        Map<String, JsonObject> now = new LinkedHashMap<>();
        streams.forEach(stream -> now.put(Figures.pathOf((JsonObject) stream), (JsonObject) stream));
        Set<String> changed = new HashSet<>(now.keySet());
        changed.removeIf(path -> now.get(path).equals(last.get(path)));
        List<String> gone =
                last.keySet().stream().filter(path -> !now.containsKey(path)).toList();
        List<String> appeared =
                now.keySet().stream().filter(path -> !last.containsKey(path)).toList();
        last.clear();
        last.putAll(now);
        JsonObject totals = totals(streams);
        for (Reader reader : readers) {
            if (reader.admitted) {
                JsonObject message = reader.current
                        ? delta(reader, changed, appeared).put("gone", new JsonArray(gone))
                        : snapshot(streams);
                message.put("at", System.currentTimeMillis()).put("totals", totals);
                addSpecials(reader.watch, server, viewers, message);
                addSparks(reader, message);
                reader.current = true;
                reader.send(message);
            }
        }
    }

    private JsonObject snapshot(JsonArray streams) {
        return new JsonObject()
                .put("type", "snapshot")
                .put("streams", streams)
                .put("events", state.events())
                .put("private", gate.isPrivate());
    }

    private JsonObject delta(Reader reader, Set<String> changed, List<String> appeared) {
        Set<String> sent = new HashSet<>(changed);
        sent.removeIf(path -> !reader.watch.shows(path));
        sent.addAll(appeared);
        reader.newRows.stream().filter(last::containsKey).forEach(sent::add);
        JsonArray streams = new JsonArray();
        sent.forEach(path -> streams.add(last.get(path)));
        return new JsonObject().put("type", "delta").put("changed", streams);
    }

    private static void addSpecials(
            Watch watch, JsonObject server, Map<String, JsonArray> viewers, JsonObject message) {
        if (watch.server()) {
            message.put("server", server);
        }
        watch.stream()
                .ifPresent(path -> message.put("stream", path)
                        .put("viewers", Optional.ofNullable(viewers.get(path)).orElseGet(JsonArray::new)));
    }

    /** A row that was not on the screen before begins with its last minute. */
    private void addSparks(Reader reader, JsonObject message) {
        if (!reader.newRows.isEmpty()) {
            JsonObject sparks = new JsonObject();
            reader.newRows.forEach(path -> sparks.put(path, state.bitrates(path, SPARK)));
            message.put("sparks", sparks);
            reader.newRows = Set.of();
        }
    }

    private static JsonObject totals(JsonArray streams) {
        int viewers = 0;
        long in = 0;
        long out = 0;
        for (int i = 0; i < streams.size(); i++) {
            JsonObject stream = streams.getJsonObject(i);
            viewers += stream.getJsonObject("viewers").getInteger("total");
            in += stream.getJsonObject("video", new JsonObject()).getLong("kbps", 0L)
                    + stream.getJsonObject("audio", new JsonObject()).getLong("kbps", 0L);
            out += stream.getLong("kbpsOut");
        }
        return new JsonObject()
                .put("streams", streams.size())
                .put("viewers", viewers)
                .put("kbpsIn", in)
                .put("kbpsOut", out);
    }
}
