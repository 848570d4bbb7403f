package io.fluctus.live;

import io.fluctus.netconnection.Event;
import io.fluctus.netconnection.NetConnection;
import io.fluctus.rtmp.RtmpConnection;
import io.fluctus.wire.AmfValue;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetSocket;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** An RTMP client over a real socket that connects, calls and is called: its functions answer with their own name. */
public final class Caller implements AutoCloseable {
    private static final long SECONDS = 10;

    private final Vertx vertx = Vertx.vertx();
    private final RtmpConnection connection = RtmpConnection.client(new SplittableRandom(7), now());
    private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();
    private final Map<Double, CompletableFuture<Event.CallAnswered>> calls = new ConcurrentHashMap<>();
    private final Context context = vertx.getOrCreateContext();
    private volatile NetSocket socket;

    /** Sends connect to an URL such as {@code rtmp://127.0.0.1:1935/games?room=3}; what comes of it is the next event. */
    public Caller(String url) throws Exception {
        this(url, Map.of());
    }

    /** {@code extra} members are added to the command object of connect. */
    public Caller(String url, Map<String, AmfValue> extra) throws Exception {
        URI uri = URI.create(url);
        String app = uri.getPath().substring(1) + (uri.getQuery() == null ? "" : "?" + uri.getQuery());
        CompletableFuture<Void> open = new CompletableFuture<>();
        context.runOnContext(go -> vertx.createNetClient()
                .connect(uri.getPort(), uri.getHost())
                .onSuccess(connected -> {
                    socket = connected;
                    connected.handler(this::receive);
                    connected.closeHandler(closed -> events.add(new Event.CloseRequested("closed")));
                    connection.dialogue().connect(app, url, false, extra);
                    flush();
                    open.complete(null);
                }));
        open.get(SECONDS, TimeUnit.SECONDS);
    }

    /** What is heard next, but for answers to calls. */
    public Event next() throws InterruptedException {
        Event event = events.poll(SECONDS, TimeUnit.SECONDS);
        if (event == null) {
            throw new AssertionError("nothing was heard");
        }
        return event;
    }

    public <T extends Event> T next(Class<T> type) throws InterruptedException {
        Event event = next();
        if (!type.isInstance(event)) {
            throw new AssertionError("heard " + event);
        }
        return type.cast(event);
    }

    /** Calls and waits for the answer. */
    public AmfValue call(String name, AmfValue... arguments) throws Exception {
        Event.CallAnswered answer = begin(name, arguments).get(SECONDS, TimeUnit.SECONDS);
        if (!answer.success()) {
            throw new IllegalStateException(
                    answer.values().get(0).members().get("description").string().orElse("?"));
        }
        return answer.values().get(0);
    }

    CompletableFuture<Event.CallAnswered> begin(String name, AmfValue... arguments) {
        CompletableFuture<Event.CallAnswered> answer = new CompletableFuture<>();
        say(dialogue -> calls.put(dialogue.call(name, arguments), answer));
        return answer;
    }

    public void say(Consumer<NetConnection> word) {
        context.runOnContext(go -> {
            word.accept(connection.dialogue());
            flush();
        });
    }

    private void receive(Buffer bytes) {
        connection.receive(bytes, now()).forEach(this::heard);
        flush();
    }

    private void heard(Event event) {
        if (event instanceof Event.CallAnswered answer) {
            calls.remove(answer.transactionId()).complete(answer);
            return;
        }
        if (event instanceof Event.CallReceived call && call.transactionId() != 0) {
            connection.dialogue().result(call.transactionId(), AmfValue.of(call.name()));
        }
        events.add(event);
    }

    private void flush() {
        Buffer bytes = connection.poll();
        if (bytes != null) {
            socket.write(bytes);
        }
    }

    static List<AmfValue> argumentsOf(Event event) {
        return ((Event.CallReceived) event).arguments();
    }

    private static long now() {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
    }

    @Override
    public void close() {
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }
}
