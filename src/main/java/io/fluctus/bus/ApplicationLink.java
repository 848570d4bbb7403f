package io.fluctus.bus;

import io.fluctus.media.SharedName;
import io.fluctus.media.StreamName;
import io.fluctus.wire.AmfValue;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * One client's line to the application of its path, whatever its protocol; without an application everything is allowed and nobody is
 * asked. Not for more than one thread.
 */
public final class ApplicationLink {
    private enum State {
        NONE,
        ASKED,
        HERE
    }

    private final Bus bus;
    private final String client;
    private String path = "";
    private final Map<Double, Promise<AmfValue>> waiting = new HashMap<>(0); // by transaction id
    private State state = State.NONE;

    public ApplicationLink(Bus bus, String client) {
        this.bus = bus;
        this.client = client;
    }

    /** Whether the peer has an application that accepted it. */
    public boolean present() {
        return state == State.HERE;
    }

    /** What the application adds to the result of connect: nothing when there is none. Fails with its refusal. */
    public Future<AmfValue> connect(String app, AppEvent.Connected event) {
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

    public Future<AmfValue> call(String name, List<AmfValue> arguments) {
        return ask(new AppEvent.Called(client, name, arguments));
    }

    public Future<AmfValue> publish(StreamName stream) {
        return ask(new AppEvent.Published(client, stream));
    }

    public void unpublished(StreamName stream) {
        tell(new AppEvent.Unpublished(client, stream));
    }

    public Future<AmfValue> subscribe(StreamName stream) {
        return ask(new AppEvent.Subscribed(client, stream));
    }

    public void unsubscribed(StreamName stream) {
        tell(new AppEvent.Unsubscribed(client, stream));
    }

    public Future<AmfValue> share(SharedName object, boolean persistent) {
        return ask(new AppEvent.Shared(client, object, persistent));
    }

    public void joinedGroup(Buffer group) {
        tell(new AppEvent.JoinedGroup(client, group));
    }

    public void leftGroup(Buffer group) {
        tell(new AppEvent.LeftGroup(client, group));
    }

    /** The last word; also when the application has not answered connect yet. */
    public void disconnected(String failure) {
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
    public void begin(double transactionId, Promise<AmfValue> answer) {
        waiting.put(transactionId, answer);
    }

    /** The peer's answer: its result, or why there is none. */
    public void answered(double transactionId, boolean success, AmfValue value) {
        Promise<AmfValue> promise = waiting.remove(transactionId);
        if (promise != null && success) {
            promise.complete(value);
        } else if (promise != null) {
            AmfValue why = value.members().getOrDefault("description", AmfValue.NULL);
            promise.fail(new Refusal(AppEvent.REFUSED, why.string().orElse("the client's function failed")));
        }
    }

    /** Nobody has answered this one in time. */
    public void expire(double transactionId) {
        fail(waiting.remove(transactionId), "the client did not answer");
    }

    /** Nobody waits for the peer any more. */
    private void abandon() {
        List<Promise<AmfValue>> all = List.copyOf(waiting.values());
        waiting.clear();
        all.forEach(promise -> fail(promise, "the client is gone"));
    }

    public static Future<AmfValue> gone() {
        return Future.failedFuture(new Refusal(AppEvent.REFUSED, "the client is gone"));
    }

    /** Whether a call failed because nobody knows the method. */
    public static boolean isUnknown(Throwable error) {
        return error instanceof Refusal refusal
                && (refusal.code() == AppEvent.UNKNOWN_METHOD || refusal.code() == AppEvent.NOBODY);
    }

    private static void fail(Promise<AmfValue> promise, String why) {
        if (promise != null) {
            promise.fail(new Refusal(AppEvent.REFUSED, why));
        }
    }
}
