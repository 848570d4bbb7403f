package io.fluctus.rtmfp;

import io.fluctus.bus.AppEvent;
import io.fluctus.bus.Bus;
import io.vertx.core.Vertx;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Asks the root application where newcomers shall go, before they cost anything. An application that sends nobody away, or does not
 * answer, is left alone for a while; so strangers cannot make it work, and nobody waits for long.
 */
final class GreetingLink {
    /** Questions without an answer; more newcomers are welcome unasked. */
    static final int MAX_WAITING = 64;

    /** How long a newcomer waits for the answer. */
    private static final long PATIENCE_MILLIS = 300;

    /** How long an application that refused is not asked again. */
    private static final long PAUSE_MILLIS = 1_000;

    private final Vertx vertx;
    private final Bus bus;
    private final RtmfpEndpoint endpoint;
    private final Runnable pump;
    private int waiting;

    GreetingLink(Vertx vertx, Bus bus, RtmfpEndpoint endpoint, Runnable pump) {
        this.vertx = vertx;
        this.bus = bus;
        this.endpoint = endpoint;
        this.pump = pump;
        endpoint.askFirst(true);
    }

    void greet(RtmfpEndpoint.Event.HelloReceived hello) {
        if (waiting >= MAX_WAITING) {
            welcome(hello, List.of());
            return;
        }
        waiting++;
        AtomicBoolean answered = new AtomicBoolean(); // by whichever comes first
        long timer = vertx.setTimer(PATIENCE_MILLIS, late -> {
            if (answered.compareAndSet(false, true)) {
                refused(hello);
            }
        });
        String address =
                hello.from().getAddress().getHostAddress() + ":" + hello.from().getPort();
        bus.ask("", new AppEvent.Greeted("", address, hello.path())).onComplete(answer -> {
            if (answered.compareAndSet(false, true)) {
                vertx.cancelTimer(timer);
                if (answer.succeeded()) {
                    waiting--;
                    welcome(hello, PeersLink.addressesIn(answer.result()));
                } else {
                    refused(hello);
                }
            }
        });
    }

    private void welcome(RtmfpEndpoint.Event.HelloReceived hello, List<Address> elsewhere) {
        endpoint.welcome(hello, elsewhere, RtmfpPeer.now());
        pump.run();
    }

    private void refused(RtmfpEndpoint.Event.HelloReceived hello) {
        waiting--;
        endpoint.askFirst(false);
        vertx.setTimer(PAUSE_MILLIS, id -> endpoint.askFirst(true));
        welcome(hello, List.of());
    }
}
