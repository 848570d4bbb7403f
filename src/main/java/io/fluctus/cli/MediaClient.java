package io.fluctus.cli;

import io.fluctus.cli.ClientSession.Use;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketClientOptions;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetClientOptions;
import java.security.SecureRandom;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * Connections to a gateway from the client's side, one to thousands of them: to be made and used on one Vert.x context, on whose
 * event loop everything happens.
 */
final class MediaClient {
    /** Bytes of one frame of a WebSocket: a tag with a key frame of 8 MiB, and its headers. */
    static final int MAX_FRAME = (8 << 20) + 1024;

    private static final int MAX_CONNECTIONS = 100_000;
    private static final int TICK_MILLIS = 1_000;

    private final RandomGenerator random = new SplittableRandom(new SecureRandom().nextLong());
    private final Set<ClientSession> ticking = new LinkedHashSet<>();
    private final Vertx vertx;
    private final NetClient net;
    private final HttpClient http;
    private final WebSocketClient webSocket;

    MediaClient(Vertx vertx) {
        this.vertx = vertx;
        net = vertx.createNetClient(
                new NetClientOptions().setConnectTimeout(Session.ANSWER_MILLIS).setTcpNoDelay(true));
        http = vertx.createHttpClient(
                new HttpClientOptions()
                        .setConnectTimeout(Session.ANSWER_MILLIS)
                        .setKeepAlive(false)
                        .setDecompressionSupported(false),
                new PoolOptions().setHttp1MaxSize(MAX_CONNECTIONS));
        webSocket = vertx.createWebSocketClient(new WebSocketClientOptions()
                .setConnectTimeout(Session.ANSWER_MILLIS)
                .setMaxConnections(MAX_CONNECTIONS)
                .setMaxFrameSize(MAX_FRAME));
        vertx.setPeriodic(TICK_MILLIS, timer -> List.copyOf(ticking).forEach(ClientSession::tick));
    }

    Session play(Target target, Session.Listener listener) {
        return switch (target.transport()) {
            case RTMP, RTMFP -> dialogue(target, Use.PLAY, listener);
            case HTTP -> FlvSession.get(http, target, listener);
            case WS -> FlvSession.webSocket(webSocket, target, listener);
        };
    }

    /** {@code target} is RTMP or RTMFP. */
    Session.Publication publish(Target target, Session.Listener listener) {
        return dialogue(target, Use.PUBLISH, listener);
    }

    /** Handshake and connect, no more; {@code target} is RTMP or RTMFP. */
    Session idle(Target target, Session.Listener listener) {
        return dialogue(target, Use.IDLE, listener);
    }

    /** As {@link #idle}, for one that calls. */
    Session call(Target target, ClientSession.Calling listener) {
        return dialogue(target, Use.IDLE, listener);
    }

    private ClientSession dialogue(Target target, Use use, Session.Listener listener) {
        ClientSession session = new ClientSession(target, use, listener, ticking::remove);
        ticking.add(session);
        session.begin(heard -> target.transport() == Target.Transport.RTMFP
                ? RtmfpCarrier.open(vertx, target, heard)
                : RtmpCarrier.open(net, target, random, heard));
        return session;
    }
}
