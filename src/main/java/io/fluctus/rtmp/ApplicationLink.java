package io.fluctus.rtmp;

import io.fluctus.bus.AppEvent;
import io.fluctus.bus.Bus;
import io.fluctus.bus.Refusal;
import io.fluctus.media.StreamName;
import io.fluctus.netconnection.Event;
import io.fluctus.netconnection.Status;
import io.fluctus.wire.AmfValue;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** One peer's line to the application of its path; without an application everything is allowed and nobody is asked. */
final class ApplicationLink {
    private enum State {
        NONE,
        ASKED,
        HERE
    }

    private final Bus bus;
    private final String client;
    private String path = "";
    private State state = State.NONE;
    private final Map<Double, Promise<AmfValue>> waiting = new HashMap<>(0);

    ApplicationLink(Bus bus, String client) {
        this.bus = bus;
        this.client = client;
    }

    /** Whether the peer has an application that accepted it. */
    boolean present() {
        return state == State.HERE;
    }

    /** What the application adds to the result of connect: nothing when there is none. Fails with its refusal. */
    Future<AmfValue> connect(String app, AppEvent.Connected event) {
        path = app;
        state = State.ASKED;
        return bus.ask(path, event)
                .onSuccess(answer -> state = state == State.ASKED ? State.HERE : state)
                .recover(error -> {
                    state = State.NONE;
                    boolean nobody = error instanceof Refusal refusal && refusal.code() == AppEvent.NOBODY;
                    return nobody ? Future.succeededFuture(AmfValue.NULL) : Future.failedFuture(error);
                });
    }

    Future<AmfValue> call(String name, List<AmfValue> arguments) {
        return ask(new AppEvent.Called(client, name, arguments));
    }

    Future<AmfValue> publish(StreamName stream) {
        return ask(new AppEvent.Published(client, stream));
    }

    void unpublished(StreamName stream) {
        tell(new AppEvent.Unpublished(client, stream));
    }

    Future<AmfValue> subscribe(StreamName stream) {
        return ask(new AppEvent.Subscribed(client, stream));
    }

    void unsubscribed(StreamName stream) {
        tell(new AppEvent.Unsubscribed(client, stream));
    }

    /** The last word; also when the application has not answered connect yet. */
    void disconnected(String failure) {
        abandon();
        if (state != State.NONE) {
            bus.tell(path, new AppEvent.Disconnected(client, failure));
            state = State.NONE;
        }
    }

    private Future<AmfValue> ask(AppEvent event) {
        return state == State.HERE ? bus.ask(path, event) : Future.succeededFuture(AmfValue.NULL);
    }

    private void tell(AppEvent event) {
        if (state == State.HERE) {
            bus.tell(path, event);
        }
    }

    // -- what the application asks of the peer

    /** Waits for the answer to the call of this transaction id. */
    void begin(double transactionId, Promise<AmfValue> answer) {
        waiting.put(transactionId, answer);
    }

    void answered(Event.CallAnswered answer) {
        Promise<AmfValue> promise = waiting.remove(answer.transactionId());
        if (promise != null && answer.success()) {
            promise.complete(
                    answer.values().isEmpty() ? AmfValue.NULL : answer.values().get(0));
        } else if (promise != null) {
            String why = Status.fromAmf(answer.values().get(0)).description();
            promise.fail(new Refusal(AppEvent.REFUSED, why.isEmpty() ? "the client's function failed" : why));
        }
    }

    /** Nobody has answered this one in time. */
    void expire(double transactionId) {
        fail(waiting.remove(transactionId), "the client did not answer");
    }

    /** Nobody waits for the peer any more. */
    private void abandon() {
        List<Promise<AmfValue>> all = List.copyOf(waiting.values());
        waiting.clear();
        all.forEach(promise -> fail(promise, "the client is gone"));
    }

    static Future<AmfValue> gone() {
        return Future.failedFuture(new Refusal(AppEvent.REFUSED, "the client is gone"));
    }

    /** What a client hears when its call to the application failed. */
    static Status failed(String method, Throwable error) {
        boolean unknown = error instanceof Refusal refusal
                && (refusal.code() == AppEvent.UNKNOWN_METHOD || refusal.code() == AppEvent.NOBODY);
        return unknown ? Status.methodNotFound(method) : Status.error(Status.CALL_FAILED, error.getMessage());
    }

    private static void fail(Promise<AmfValue> promise, String why) {
        if (promise != null) {
            promise.fail(new Refusal(AppEvent.REFUSED, why));
        }
    }
}
