package io.fluctus.rtmfp;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.buffer.Buffer;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/** An endpoint with its socket, its timer and its agreements, on the event loop of a verticle. */
final class EndpointLink implements DatagramIo.Listener {
    private static final String AGREEMENTS = "rtmfp-agreements";
    private static final int AGREEMENT_THREADS = 2;

    private final Vertx vertx;
    private final Context context;
    private final RtmfpEndpoint endpoint;
    private final RandomGenerator random;
    private final Consumer<RtmfpEndpoint.Event> listener;
    private final WorkerExecutor agreements;
    private DatagramIo io;
    private boolean pumpPending;
    private long timer = -1;
    private long timerAt = Long.MAX_VALUE;

    /** {@code listener} hears every event but AgreementNeeded. */
    EndpointLink(Vertx vertx, RtmfpEndpoint endpoint, RandomGenerator random, Consumer<RtmfpEndpoint.Event> listener) {
        this.vertx = vertx;
        this.context = vertx.getOrCreateContext();
        this.endpoint = endpoint;
        this.random = random;
        this.listener = listener;
        this.agreements = vertx.createSharedWorkerExecutor(AGREEMENTS, AGREEMENT_THREADS);
    }

    Future<Integer> open(DatagramIo.Settings settings) {
        return DatagramIo.open(context, settings, this).map(open -> {
            io = open;
            return open.port();
        });
    }

    /** Says good-bye to all. */
    Future<?> close() {
        if (io == null) {
            return agreements.close();
        }
        endpoint.close(RtmfpPeer.now());
        pump();
        DatagramIo closing = io;
        io = null;
        vertx.cancelTimer(timer);
        return Future.all(closing.close(), agreements.close());
    }

    @Override
    public void received(Datagram datagram) {
        obey(endpoint.receive(datagram, RtmfpPeer.now()));
    }

    @Override
    public void receivedAll() {
        pump();
    }

    private void obey(List<RtmfpEndpoint.Event> events) {
        for (RtmfpEndpoint.Event event : events) {
            if (event instanceof RtmfpEndpoint.Event.AgreementNeeded needed) {
                agree(needed.agreement());
            } else {
                listener.accept(event);
            }
        }
    }

    private void agree(Agreement agreement) {
        agreements
                .executeBlocking(() -> agreement.compute(random), false)
                .otherwise(new Agreement.Result(agreement.sessionId(), Buffer.buffer(), Optional.empty()))
                .onSuccess(result -> {
                    obey(endpoint.deliver(result, RtmfpPeer.now()));
                    pumpSoon();
                });
    }

    void pumpSoon() {
        if (!pumpPending) {
            pumpPending = true;
            context.runOnContext(v -> pump());
        }
    }

    /** Sends what waits, and sets the alarm for what comes later. */
    private void pump() {
        pumpPending = false;
        if (io == null) {
            return;
        }
        long now = RtmfpPeer.now();
        while (endpoint.poll(now, io)) {}
        io.flush();
        long deadline = endpoint.deadline();
        if (deadline < timerAt) {
            vertx.cancelTimer(timer);
            timerAt = deadline;
            timer = vertx.setTimer(Math.max(1, deadline - now), id -> {
                timerAt = Long.MAX_VALUE;
                obey(endpoint.tick(RtmfpPeer.now()));
                pump();
            });
        }
    }
}
