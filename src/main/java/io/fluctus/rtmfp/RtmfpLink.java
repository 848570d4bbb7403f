package io.fluctus.rtmfp;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** A session with a server from the client's side, on a UDP socket of its own: everything happens on the context that opened it. */
public final class RtmfpLink {
    /** How long a server may take to confirm that we leave. */
    private static final long FAREWELL_MILLIS = 1_000;

    private static final int COOKIE_SECRET = 32; // of an endpoint that nobody knocks at

    /** Where a server is, and the URI that it shall serve. */
    public record Server(String host, int port, String uri) {}

    /** What is heard; the first and the last word come once at most. */
    public interface Listener {
        /** The session is there: say connect, then {@link RtmfpLink#flush}. */
        void opened(RtmfpConnection connection);

        /** For {@link RtmfpConnection#receive}; flush afterwards. */
        void heard(SessionEvent event);

        /** It is over; {@code reason} is a sentence, empty if the server left in order. */
        void closed(String reason);
    }

    private record Prepared(List<InetSocketAddress> addresses, Identity identity) {}

    private final Vertx vertx;
    private final Context context;
    private final Server server;
    private final Listener listener;
    private final SecureRandom random = new SecureRandom();
    private Optional<RtmfpEndpoint> endpoint = Optional.empty();
    private Optional<DatagramIo> io = Optional.empty();
    private Optional<RtmfpConnection> connection = Optional.empty();
    private boolean closing;
    private boolean over;
    private boolean pumpPending;
    private long timer = -1;
    private long timerAt = Long.MAX_VALUE;

    private RtmfpLink(Vertx vertx, Server server, Listener listener) {
        this.vertx = vertx;
        this.context = vertx.getOrCreateContext();
        this.server = server;
        this.listener = listener;
    }

    /** Call on the context that shall own the link. */
    public static RtmfpLink open(Vertx vertx, Server server, Listener listener) {
        RtmfpLink link = new RtmfpLink(vertx, server, listener);
        link.open();
        return link;
    }

    /** Names and keys cost time: a worker's. */
    private void open() {
        context.executeBlocking(this::prepare, false)
                .compose(prepared -> DatagramIo.open(
                                context, new DatagramIo.Settings(new InetSocketAddress(0), false, 0), new Socket())
                        .onSuccess(opened -> begin(opened, prepared)))
                .onFailure(e -> end("cannot connect to " + server.host + ":" + server.port + ": " + why(e)));
    }

    private Prepared prepare() throws UnknownHostException {
        List<InetSocketAddress> addresses = Arrays.stream(InetAddress.getAllByName(server.host))
                .map(address -> new InetSocketAddress(address, server.port))
                .toList();
        return new Prepared(addresses, Identity.client(random));
    }

    private static String why(Throwable e) {
        return e instanceof UnknownHostException ? "no such host" : String.valueOf(e.getMessage());
    }

    private void begin(DatagramIo opened, Prepared prepared) {
        if (over || closing) {
            opened.close();
            return;
        }
        byte[] secret = new byte[COOKIE_SECRET];
        random.nextBytes(secret);
        io = Optional.of(opened);
        RtmfpEndpoint own = new RtmfpEndpoint(prepared.identity, Buffer.buffer(secret), 0, random);
        endpoint = Optional.of(own);
        own.open(Epd.ofUri(server.uri), prepared.addresses, now());
        pump();
    }

    private static long now() {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
    }

    private final class Socket implements DatagramIo.Listener {
        @Override
        public void received(Datagram datagram) {
            endpoint.ifPresent(e -> obey(e.receive(datagram, now())));
        }

        @Override
        public void receivedAll() {
            pump();
        }
    }

    // -- the core

    private void obey(List<RtmfpEndpoint.Event> events) {
        for (RtmfpEndpoint.Event event : events) {
            if (event instanceof RtmfpEndpoint.Event.InSession inside) {
                hear(inside.event());
            } else if (event instanceof RtmfpEndpoint.Event.AgreementNeeded needed) {
                agree(needed.agreement());
            } else if (event instanceof RtmfpEndpoint.Event.SessionOpened opened && connection.isEmpty()) {
                RtmfpConnection own = RtmfpConnection.client(opened.session());
                connection = Optional.of(own);
                listener.opened(own);
            } else if (event instanceof RtmfpEndpoint.Event.OpeningFailed) {
                end("no answer from " + server.host + ":" + server.port);
            }
        }
    }

    private void hear(SessionEvent event) {
        if (event instanceof SessionEvent.Closed closed) {
            end(closed.orderly() ? "" : closed.reason());
        } else if (!closing) {
            listener.heard(event);
        }
    }

    private void agree(Agreement agreement) {
        Future<Agreement.Result> computed = context.executeBlocking(() -> agreement.compute(random), false);
        computed.onSuccess(result -> {
            endpoint.ifPresent(e -> obey(e.deliver(result, now())));
            pump();
        });
    }

    private void end(String reason) {
        if (!over) {
            over = true;
            vertx.cancelTimer(timer);
            context.runOnContext(later -> io.ifPresent(DatagramIo::close)); // our last packet leaves before
            if (!closing) {
                listener.closed(reason);
            }
        }
    }

    /** Sends what waits, and sets the alarm for what comes later. */
    private void pump() {
        pumpPending = false;
        if (endpoint.isEmpty() || io.isEmpty()) {
            return;
        }
        RtmfpEndpoint core = endpoint.get();
        long now = now();
        while (core.poll(now, io.get())) {}
        io.get().flush();
        if (closing && connection.filter(c -> !c.session().isClosed()).isEmpty()) {
            end("");
        }
        long deadline = core.deadline();
        if (deadline < timerAt && !over) {
            vertx.cancelTimer(timer);
            timerAt = deadline;
            timer = vertx.setTimer(Math.max(1, deadline - now), id -> {
                timerAt = Long.MAX_VALUE;
                obey(core.tick(now()));
                pump();
            });
        }
    }

    // -- doors

    /** Sends what the dialogue has to say. */
    public void flush() {
        connection.ifPresent(c -> c.flush(now()));
        if (!pumpPending) {
            pumpPending = true;
            context.runOnContext(later -> pump());
        }
    }

    /** What comes while it is paused waits in the system's buffer, and is lost where that is full. */
    public void pause(boolean paused) {
        io.ifPresent(open -> open.pause(paused));
    }

    /** Says good-bye; nothing is heard any more. */
    public void close() {
        if (closing || over) {
            return;
        }
        closing = true;
        if (connection.isEmpty()) {
            end("");
            return;
        }
        connection.get().session().close(now());
        pump();
        vertx.setTimer(FAREWELL_MILLIS, late -> end(""));
    }
}
