package io.fluctus.web;

import io.fluctus.bus.Address;
import io.fluctus.bus.Bus;
import io.fluctus.bus.Bus.Registration;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Changes as they happen, over a WebSocket at {@code /api/v1/feed}: a snapshot, then every second the streams that changed and
 * those that are gone, and events at once. A reader that is slow misses deltas and gets a new snapshot.
 */
final class Feed {
    /** Readers of one instance at a time. */
    static final int MAX_READERS = 1_000;

    private static final long TICK_MILLIS = 1_000;
    private static final short FULL = 1013;

    private final Vertx vertx;
    private final Bus bus;
    private final ApiRoutes api;
    private final Set<Reader> readers = new HashSet<>();
    private final Map<String, JsonObject> last = new LinkedHashMap<>();
    private final Registration events;
    private final long timer;

    /** One console. */
    private static final class Reader {
        private final ServerWebSocket socket;
        private boolean current;

        private Reader(ServerWebSocket socket) {
            this.socket = socket;
        }

        private void send(JsonObject message) {
            if (socket.writeQueueFull()) {
                current = false;
            } else {
                socket.writeTextMessage(message.encode());
            }
        }
    }

    Feed(Vertx vertx, Bus bus, ApiRoutes api) {
        this.vertx = vertx;
        this.bus = bus;
        this.api = api;
        this.events = bus.listen(Address.EVENTS, this::tell);
        this.timer = vertx.setPeriodic(TICK_MILLIS, id -> tick());
    }

    void addTo(Router router) {
        router.get("/api/v1/feed").handler(this::open);
    }

    Future<Void> close() {
        vertx.cancelTimer(timer);
        List.copyOf(readers).forEach(reader -> reader.socket.close());
        return events.close();
    }

    private void open(RoutingContext context) {
        if (!sameOrigin(context)) {
            Errors.send(context, 403, "origin", "the feed is for pages of this gateway");
            return;
        }
        context.request().toWebSocket().onSuccess(this::add).onFailure(context::fail);
    }

    /** A browser says where a page came from; a page of another site has no business here. */
    private static boolean sameOrigin(RoutingContext context) {
        String origin = context.request().getHeader("Origin");
        return origin == null
                || origin.replaceFirst("^https?://", "")
                        .equals(context.request().getHeader("Host"));
    }

    private void add(ServerWebSocket socket) {
        if (readers.size() >= MAX_READERS) {
            socket.close(FULL, "too many readers");
            return;
        }
        Reader reader = new Reader(socket);
        readers.add(reader);
        socket.closeHandler(closed -> readers.remove(reader));
        tick();
    }

    private void tell(JsonObject event) {
        JsonObject message = new JsonObject().put("type", "event").put("event", event);
        readers.forEach(reader -> reader.send(message));
        if (!readers.isEmpty()) {
            tick();
        }
    }

    private void tick() {
        if (readers.isEmpty()) {
            last.clear();
            return;
        }
        Future.all(api.streams(), api.server()).onSuccess(both -> spread(both.resultAt(0), both.resultAt(1)));
    }

    private void spread(JsonArray streams, JsonObject server) {
        Map<String, JsonObject> now = new LinkedHashMap<>();
        streams.forEach(stream -> now.put(Figures.pathOf((JsonObject) stream), (JsonObject) stream));
        JsonArray changed = new JsonArray();
        now.forEach((path, stream) -> {
            if (!stream.equals(last.get(path))) {
                changed.add(stream);
            }
        });
        JsonArray gone = new JsonArray();
        last.keySet().stream().filter(path -> !now.containsKey(path)).forEach(gone::add);
        last.clear();
        last.putAll(now);
        JsonObject delta = message("delta", server).put("changed", changed).put("gone", gone);
        JsonObject snapshot = message("snapshot", server).put("streams", streams);
        for (Reader reader : readers) {
            boolean current = reader.current;
            reader.current = true;
            reader.send(current ? delta : snapshot);
        }
    }

    private static JsonObject message(String type, JsonObject server) {
        return new JsonObject()
                .put("type", type)
                .put("at", System.currentTimeMillis())
                .put("server", server);
    }
}
