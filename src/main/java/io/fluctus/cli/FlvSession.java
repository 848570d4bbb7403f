package io.fluctus.cli;

import io.fluctus.container.FlvReader;
import io.fluctus.wire.ProtocolException;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.http.UpgradeRejectedException;
import io.vertx.core.http.WebSocket;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketConnectOptions;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import io.vertx.core.streams.ReadStream;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** One stream as FLV, in the body of an HTTP response or in the messages of a WebSocket. */
final class FlvSession implements Session {
    private static final int OK = 200;
    private static final int NORMAL_CLOSURE = 1000; // RFC 6455 7.4.1

    /** Bytes of an error's body that are read. */
    private static final int MAX_ERROR = 64 * 1024;

    private final Session.Listener listener;
    private final FlvReader reader = new FlvReader();
    private Optional<ReadStream<Buffer>> source = Optional.empty();
    private Runnable closing = () -> {};
    private boolean over;

    private FlvSession(Session.Listener listener) {
        this.listener = listener;
    }

    static FlvSession get(HttpClient client, Target target, Session.Listener listener) {
        FlvSession session = new FlvSession(listener);
        client.request(new RequestOptions()
                        .setMethod(HttpMethod.GET)
                        .setHost(target.address())
                        .setPort(target.port())
                        .setURI(target.resource())
                        .setConnectTimeout(Session.ANSWER_MILLIS))
                .compose(request -> {
                    session.closing = () -> request.connection().close();
                    return request.send();
                })
                .timeout(Session.ANSWER_MILLIS, TimeUnit.MILLISECONDS)
                .onComplete(session::answered, session::failed);
        return session;
    }

    static FlvSession webSocket(WebSocketClient client, Target target, Session.Listener listener) {
        FlvSession session = new FlvSession(listener);
        client.connect(new WebSocketConnectOptions()
                        .setHost(target.address())
                        .setPort(target.port())
                        .setURI(target.resource())
                        .setTimeout(Session.ANSWER_MILLIS))
                .onComplete(session::upgraded, session::failed);
        return session;
    }

    private void answered(HttpClientResponse response) {
        if (response.statusCode() != OK) {
            refused(response);
        } else if (over) {
            closing.run();
        } else {
            read(response);
            response.endHandler(ended -> end(Optional.empty()));
        }
    }

    private void upgraded(WebSocket socket) {
        closing = socket::close;
        if (over) {
            socket.close();
            return;
        }
        read(socket);
        socket.endHandler(ended -> end(fault(socket)));
    }

    private static Optional<String> fault(WebSocket socket) {
        Short code = socket.closeStatusCode();
        return code == null || code == NORMAL_CLOSURE
                ? Optional.empty()
                : Optional.of("the server says " + code + ": " + socket.closeReason());
    }

    private void read(ReadStream<Buffer> bytes) {
        source = Optional.of(bytes);
        bytes.exceptionHandler(e -> end(Optional.of("the connection broke: " + e.getMessage())));
        bytes.handler(this::receive);
        listener.accepted();
    }

    private void receive(Buffer bytes) {
        if (over) {
            return;
        }
        try {
            reader.receive(bytes).forEach(listener::received);
        } catch (ProtocolException e) {
            end(Optional.of("what arrives is no stream: " + e.getMessage()));
        }
    }

    private void refused(HttpClientResponse response) {
        String status = "the server says " + response.statusCode() + " " + response.statusMessage();
        Future<Buffer> body = "application/json".equals(response.getHeader("Content-Type"))
                ? bounded(response)
                : Future.succeededFuture(Buffer.buffer());
        body.onComplete(read -> end(Optional.of(status + (read.succeeded() ? message(read.result()) : ""))));
    }

    /** The whole body where it says that it is small. */
    private static Future<Buffer> bounded(HttpClientResponse response) {
        String length = response.getHeader("Content-Length");
        return length != null && length.matches("\\d{1,5}") && Integer.parseInt(length) <= MAX_ERROR
                ? response.body()
                : Future.succeededFuture(Buffer.buffer());
    }

    private static String message(Buffer body) {
        try {
            JsonObject error = body.length() == 0 ? new JsonObject() : new JsonObject(body).getJsonObject("error");
            return error == null || error.getString("message") == null ? "" : ": " + error.getString("message");
        } catch (DecodeException | ClassCastException e) {
            return "";
        }
    }

    private void failed(Throwable cause) {
        end(Optional.of(
                cause instanceof UpgradeRejectedException rejected
                        ? "the server says " + rejected.getStatus() + message(rejected.getBody())
                        : "cannot connect: " + cause.getMessage()));
    }

    @Override
    public void pause(boolean paused) {
        source.ifPresent(s -> {
            if (paused) {
                s.pause();
            } else {
                s.resume();
            }
        });
    }

    @Override
    public void close() {
        end(Optional.empty());
    }

    private void end(Optional<String> fault) {
        if (!over) {
            over = true;
            closing.run();
            listener.ended(fault);
        }
    }
}
