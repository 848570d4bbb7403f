package io.fluctus.cli;

import io.fluctus.netconnection.Event;
import io.fluctus.rtmp.RtmpConnection;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetSocket;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/** A dialogue over RTMP: a TCP connection and its core. */
final class RtmpCarrier implements Carrier {
    private final RtmpConnection connection;
    private final Listener listener;
    private boolean closed;
    private Optional<NetSocket> socket = Optional.empty();

    private RtmpCarrier(RandomGenerator random, Listener listener) {
        this.connection = RtmpConnection.client(random, Session.now());
        this.listener = listener;
    }

    static RtmpCarrier open(NetClient net, Target target, RandomGenerator random, Listener listener) {
        RtmpCarrier carrier = new RtmpCarrier(random, listener);
        net.connect(target.port(), target.address())
                .onComplete(
                        carrier::connected,
                        cause -> listener.broke("cannot connect to " + target.host() + ":" + target.port() + ": "
                                + cause.getMessage()));
        return carrier;
    }

    private void connected(NetSocket opened) {
        if (closed) {
            opened.close();
            return;
        }
        socket = Optional.of(opened);
        opened.handler(bytes -> listener.heard(() -> connection.receive(bytes, Session.now())));
        opened.drainHandler(drained -> listener.writable());
        opened.exceptionHandler(e -> listener.broke("the connection broke: " + e.getMessage()));
        opened.closeHandler(end -> listener.closed());
        listener.connected(connection.dialogue());
    }

    @Override
    public Future<Void> flush() {
        Buffer bytes = connection.poll();
        return bytes == null || socket.isEmpty()
                ? Future.succeededFuture()
                : socket.get().write(bytes);
    }

    @Override
    public Future<Void> delivered() {
        return Future.succeededFuture(); // whatever is said next comes after it
    }

    @Override
    public Future<Void> arrived() {
        return Future.succeededFuture(); // it came before
    }

    @Override
    public List<Event> tick() {
        return connection.tick(Session.now());
    }

    @Override
    public boolean full() {
        return socket.filter(NetSocket::writeQueueFull).isPresent();
    }

    @Override
    public void pause(boolean paused) {
        socket.ifPresent(s -> {
            if (paused) {
                s.pause();
            } else {
                s.resume();
            }
        });
    }

    @Override
    public long lost() {
        return 0;
    }

    @Override
    public void close() {
        closed = true;
        socket.ifPresent(NetSocket::close);
    }
}
