package io.fluctus.cli;

import io.fluctus.netconnection.Event;
import io.fluctus.rtmfp.RtmfpConnection;
import io.fluctus.rtmfp.RtmfpLink;
import io.fluctus.rtmfp.SessionEvent;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** A dialogue over RTMFP: a session with a UDP socket of its own. */
final class RtmfpCarrier implements Carrier {
    /** Bytes that wait for the network from which a publisher had better wait. */
    private static final int FULL_BYTES = 512 * 1024;

    private static final int LOOK_MILLIS = 10;

    /** How long what was published last may take to arrive. */
    private static final int DELIVERY_MILLIS = 2_000;

    /** How long frames that left before the last word may take to arrive. */
    private static final int ARRIVAL_MILLIS = 500;

    private final Vertx vertx;
    private final Listener listener;
    private RtmfpLink link;
    private Optional<RtmfpConnection> connection = Optional.empty();
    private boolean closed;

    private RtmfpCarrier(Vertx vertx, Listener listener) {
        this.vertx = vertx;
        this.listener = listener;
    }

    static RtmfpCarrier open(Vertx vertx, Target target, Listener listener) {
        RtmfpCarrier carrier = new RtmfpCarrier(vertx, listener);
        RtmfpLink.Server server = new RtmfpLink.Server(target.address(), target.port(), target.tcUrl());
        carrier.link = RtmfpLink.open(vertx, server, carrier.new Heard());
        return carrier;
    }

    /** What the link tells. */
    private final class Heard implements RtmfpLink.Listener {
        @Override
        public void opened(RtmfpConnection opened) {
            connection = Optional.of(opened);
            listener.connected(opened.dialogue());
        }

        @Override
        public void heard(SessionEvent event) {
            connection.ifPresent(c -> listener.heard(() -> c.receive(event, Session.now())));
        }

        @Override
        public void closed(String reason) {
            if (!closed && reason.isEmpty()) {
                listener.closed();
            } else if (!closed) {
                listener.broke(reason);
            }
        }
    }

    @Override
    public Future<Void> flush() {
        link.flush();
        return Future.succeededFuture();
    }

    @Override
    public Future<Void> delivered() {
        Promise<Void> promise = Promise.promise();
        long end = Session.now() + DELIVERY_MILLIS;
        vertx.setPeriodic(0, LOOK_MILLIS, timer -> {
            if (waiting() == 0 || closed || Session.now() > end) {
                vertx.cancelTimer(timer);
                promise.tryComplete();
            }
        });
        return promise.future();
    }

    /** A word may overtake the last frames, which come in flows of their own. */
    @Override
    public Future<Void> arrived() {
        return vertx.timer(ARRIVAL_MILLIS, TimeUnit.MILLISECONDS).mapEmpty();
    }

    private int waiting() {
        return connection.map(RtmfpConnection::queuedBytes).orElse(0);
    }

    @Override
    public List<Event> tick() {
        if (!full()) {
            listener.writable();
        }
        return List.of();
    }

    @Override
    public boolean full() {
        return waiting() > FULL_BYTES;
    }

    @Override
    public void pause(boolean paused) {
        link.pause(paused);
    }

    @Override
    public long lost() {
        return connection.map(c -> c.session().lostFragments()).orElse(0L);
    }

    @Override
    public void close() {
        closed = true;
        link.close();
    }
}
