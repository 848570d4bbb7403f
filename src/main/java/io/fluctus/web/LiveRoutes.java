package io.fluctus.web;

import io.fluctus.audience.Audience;
import io.fluctus.audience.Audiences;
import io.fluctus.audience.Run;
import io.fluctus.audience.Viewer;
import io.fluctus.bus.AccessLink;
import io.fluctus.bus.Floodgate;
import io.fluctus.bus.Shown;
import io.fluctus.bus.Verdict;
import io.fluctus.media.StreamName;
import io.fluctus.wire.ProtocolException;
import io.vertx.core.Future;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.SocketAddress;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Live streams as FLV at {@code /live/<app>/<stream>.flv} and as fragmented MP4 at {@code .mp4}: a chunked GET or, at the same path, a
 * WebSocket.
 */
final class LiveRoutes {
    private static final Logger LOG = LoggerFactory.getLogger("web");
    private static final String PREFIX = "/live/";
    private static final int SUFFIX = ".flv".length();

    /** What a WebSocket player is told when the stream is not there (private use, RFC 6455 7.4.2). */
    private static final short NOT_LIVE = 4404;

    private final Audiences audiences;
    private final Gate gate;
    private final String name;
    private final Set<LiveViewer> viewers = new HashSet<>();
    private final Floodgate floodgate = new Floodgate();
    private long lastViewer;
    private boolean draining;

    /** {@code name} is the instance's, of which its clients' ids are made. */
    LiveRoutes(Audiences audiences, Gate gate, String name) {
        this.audiences = audiences;
        this.gate = gate;
        this.name = name;
    }

    void addTo(Router router) {
        router.options(PREFIX + "*").handler(LiveRoutes::preflight);
        router.getWithRegex(PREFIX + ".+\\.(?:flv|mp4)").handler(gate::reading).handler(this::play);
    }

    /** A word for one of our viewers: {@code kick}. */
    Future<JsonObject> serve(JsonObject word) {
        String client = word.getString("client");
        Optional<LiveViewer> found = viewers.stream()
                .filter(viewer -> viewer.admission.id.equals(client))
                .findFirst();
        found.ifPresent(viewer -> {
            LOG.info("{} {}", viewer.address, word.getString("reason", "closed by an administrator"));
            viewer.end();
        });
        return Future.succeededFuture(new JsonObject().put("found", found.isPresent()));
    }

    /** From now on newcomers are refused, and those who are here leave. */
    void drain() {
        draining = true;
        close();
    }

    /** Ends every viewer. */
    void close() {
        List.copyOf(viewers).forEach(LiveViewer::end);
    }

    private static void preflight(RoutingContext context) {
        context.response()
                .putHeader("Access-Control-Allow-Origin", "*")
                .putHeader("Access-Control-Allow-Methods", "GET, OPTIONS")
                .putHeader("Access-Control-Allow-Headers", "*")
                .setStatusCode(204)
                .end();
    }

    private void play(RoutingContext context) {
        HttpServerRequest request = context.request();
        StreamName stream;
        try {
            stream = nameIn(request.path());
        } catch (ProtocolException | IllegalArgumentException e) {
            Errors.send(context, 400, "bad_name", e.getMessage());
            return;
        }
        if (draining) {
            Errors.send(context, 503, "draining", "this node is about to end");
        } else if (request.version() != HttpVersion.HTTP_1_1) {
            Errors.send(context, 505, "http_version", "live streams need HTTP/1.1");
            return;
        }
        String id = name + "/" + ++lastViewer;
        String query = Optional.ofNullable(request.query()).orElse("");
        AccessLink access = gate.link(request, id, "flv").shows(Shown.http("", request.getHeader("Authorization")));
        request.pause();
        access.play(stream, query)
                .onSuccess(verdict -> begin(context, new Admission(id, stream, verdict, access)))
                .onFailure(refusal -> {
                    access.disconnected();
                    request.resume();
                    Errors.send(context, 403, "refused", refusal.getMessage());
                });
    }

    private void begin(RoutingContext context, Admission admission) {
        HttpServerRequest request = context.request();
        request.resume();
        if (context.response().closed()) {
            admission.access.disconnected(); // it gave up while it was decided
        } else if ("websocket".equalsIgnoreCase(request.getHeader("Upgrade"))) {
            request.toWebSocket()
                    .onSuccess(socket -> {
                        LiveViewer viewer = new WebSocketViewer(request, admission, socket);
                        socket.closeHandler(closed -> viewer.gone());
                        viewer.join();
                    })
                    .onFailure(error -> admission.access.disconnected());
        } else {
            LiveViewer viewer = new HttpViewer(context, admission);
            request.connection().closeHandler(closed -> viewer.gone());
            viewer.join();
        }
    }

    private static StreamName nameIn(String path) {
        String name = path.substring(PREFIX.length(), path.length() - SUFFIX);
        return StreamName.parse(URLDecoder.decode(name.replace("+", "%2B"), StandardCharsets.UTF_8));
    }

    /** A line of the log; when some were left out, the next one is their count. */
    private void say(String line) {
        long now = TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
        floodgate.leftOut(now).ifPresent(LOG::info);
        if (floodgate.admits(line, now)) {
            LOG.info(line);
        }
    }

    /** Who was let in to watch what. */
    private record Admission(String id, StreamName asked, Verdict verdict, AccessLink access) {
        private StreamName stream() {
            return verdict.streamOr(asked);
        }
    }

    /** What a player wants to get. */
    private static LiveForm form(HttpServerRequest request, Framing framing) {
        return request.path().endsWith(".mp4") ? new LiveForm.Mp4(framing) : new LiveForm.Flv(framing);
    }

    /** One player, whatever carries its bytes. */
    private abstract class LiveViewer implements Viewer {
        private final Admission admission;
        private final HttpServerRequest request;
        private final SocketAddress address;
        private final StreamName stream;
        private final LiveForm form;
        private Audience.Seat seat;
        private LiveChannel channel;

        private LiveViewer(HttpServerRequest request, Admission admission, Framing framing) {
            this.admission = admission;
            this.request = request;
            this.address = request.remoteAddress();
            this.stream = admission.stream();
            this.form = form(request, framing);
        }

        /** Says that the stream is not there. */
        abstract void refuse();

        /** Sends what comes before the first tag. */
        abstract void open();

        /** Ends the answer in good order. */
        abstract void finish();

        private void join() {
            viewers.add(this);
            seat = audiences.join(stream, this, admission.verdict);
        }

        @Override
        public String protocol() {
            return form.name();
        }

        @Override
        public String address() {
            return address.toString();
        }

        @Override
        public String client() {
            return admission.id;
        }

        @Override
        public void joined(boolean live) {
            if (!live) {
                gone();
                refuse();
                return;
            }
            say(address + " plays " + stream);
            open();
            channel = LiveChannel.under(request.connection(), seat::drain);
            form.begin(channel);
        }

        @Override
        public boolean writable() {
            return channel.writable();
        }

        @Override
        public void deliver(Run run) {
            form.deliver(run, channel);
        }

        @Override
        public void published() {
            end(); // it was live when this viewer joined: the end of that publication was lost to one so slow
        }

        @Override
        public void unpublished() {
            end();
        }

        @Override
        public void cut(String reason) {
            say(address + " closed: " + reason);
            channel.close();
        }

        void end() {
            gone();
            if (channel != null) {
                channel.leave();
                finish();
            }
        }

        void gone() {
            viewers.remove(this);
            seat.leave();
            admission.access.disconnected();
        }
    }

    /** A GET with a chunked body. */
    private final class HttpViewer extends LiveViewer {
        private final RoutingContext context;

        private HttpViewer(RoutingContext context, Admission admission) {
            super(context.request(), admission, Framing.CHUNKED);
            this.context = context;
        }

        @Override
        void refuse() {
            Errors.send(context, 404, "not_live", "nobody publishes this stream");
        }

        @Override
        void open() {
            context.response()
                    .setChunked(true)
                    .putHeader("Content-Type", context.request().path().endsWith(".mp4") ? "video/mp4" : "video/x-flv")
                    .putHeader("Cache-Control", "no-store")
                    .putHeader("Access-Control-Allow-Origin", "*")
                    .writeHead();
        }

        @Override
        void finish() {
            context.response().end();
        }
    }

    /** A WebSocket with a tag or fragment in each binary message. */
    private final class WebSocketViewer extends LiveViewer {
        private final ServerWebSocket socket;

        private WebSocketViewer(HttpServerRequest request, Admission admission, ServerWebSocket socket) {
            super(request, admission, Framing.WEBSOCKET);
            this.socket = socket;
        }

        @Override
        void refuse() {
            socket.close(NOT_LIVE, "nobody publishes this stream");
        }

        @Override
        void open() {
            // The upgrade was the head.
        }

        @Override
        void finish() {
            socket.close();
        }
    }
}
