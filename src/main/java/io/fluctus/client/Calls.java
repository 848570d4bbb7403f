package io.fluctus.client;

import io.fluctus.bus.AccessLink;
import io.fluctus.bus.ApplicationLink;
import io.fluctus.bus.ClientWord;
import io.fluctus.bus.Publication;
import io.fluctus.netconnection.Event;
import io.fluctus.netconnection.Status;
import io.fluctus.wire.AmfValue;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.List;

/** RPC between a client and its application, both ways. */
final class Calls {
    /** Calls that the application has not answered at which the client is no longer read, */
    static final int UNANSWERED = 128;

    /** and at which one more is refused, where a client cannot be made to wait. */
    static final int MAX_UNANSWERED = 4_096;

    /** How long a client may take to answer a call of its application; encoders never do. */
    private static final long ANSWER_MILLIS = 10_000;

    private final Vertx vertx;
    private final Line line;
    private final AccessLink access;
    private final ApplicationLink application;
    private final Runnable changed;
    private int unanswered;

    /** {@code changed} runs whenever {@link #tooMany} may have changed. */
    Calls(Vertx vertx, Line line, Publication.Deciders deciders, Runnable changed) {
        this.vertx = vertx;
        this.line = line;
        this.access = deciders.access();
        this.application = deciders.application();
        this.changed = changed;
    }

    boolean tooMany() {
        return unanswered >= UNANSWERED;
    }

    // -- the client calls

    void received(Event.CallReceived call) {
        double transaction = call.transactionId();
        if (!application.present()) {
            line.answers().dialogue().error(transaction, Status.methodNotFound(call.name()));
            return;
        }
        if (unanswered >= MAX_UNANSWERED) {
            line.answers().dialogue().error(transaction, Status.error(Status.CALL_FAILED, "the application is busy"));
            return;
        }
        count(1);
        access.call(call.name())
                .compose(allowed -> application.call(call.name(), call.arguments()))
                .onComplete(answer -> count(-1))
                .onSuccess(value -> say(() -> line.answers().dialogue().result(transaction, value)))
                .onFailure(error ->
                        say(() -> line.answers().dialogue().error(transaction, failed(call.name(), error))));
    }

    private void count(int more) {
        unanswered += more;
        changed.run();
    }

    private static Status failed(String method, Throwable error) {
        return ApplicationLink.isUnknown(error)
                ? Status.methodNotFound(method)
                : Status.error(Status.CALL_FAILED, error.getMessage());
    }

    // -- the application calls

    /** Obeys a word of the application. */
    Future<AmfValue> hear(ClientWord word) {
        if (line.ending()) {
            return ApplicationLink.gone();
        }
        if (word instanceof ClientWord.Call call) {
            Promise<AmfValue> answer = Promise.promise();
            say(() -> call(call, answer));
            return answer.future();
        }
        if (word instanceof ClientWord.Close close) {
            say(() -> line.answers().dialogue().reject(Status.error(close.code(), close.description())));
            line.end("closed by its application: " + close.description());
        } else if (word instanceof ClientWord.Tell tell) {
            say(() ->
                    line.answers().dialogue().tell(tell.name(), tell.arguments().toArray(AmfValue[]::new)));
        } else if (word instanceof ClientWord.Say status) {
            Status.Level level = status.error() ? Status.Level.ERROR : Status.Level.STATUS;
            say(() -> line.answers().dialogue().status(0, new Status(level, status.code(), status.description())));
        }
        return Future.succeededFuture(AmfValue.NULL);
    }

    private void call(ClientWord.Call call, Promise<AmfValue> answer) {
        double transaction =
                line.answers().dialogue().call(call.name(), call.arguments().toArray(AmfValue[]::new));
        application.begin(transaction, answer);
        long timer = vertx.setTimer(ANSWER_MILLIS, late -> application.expire(transaction));
        answer.future().onComplete(done -> vertx.cancelTimer(timer));
    }

    private void say(Runnable word) {
        line.speak(() -> {
            word.run();
            return List.of();
        });
    }
}
