package io.fluctus.script;

import io.fluctus.bus.AppEvent;
import io.fluctus.bus.ClientWord;
import io.fluctus.bus.Refusal;
import io.fluctus.bus.SharedWord;
import io.fluctus.wire.AmfValue;
import io.fluctus.wire.ProtocolException;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.json.JsonObject;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;

/** The process of one isolated tree: frames on the standard input are its events, those on the standard output what it says. */
public final class Child implements AppApi {
    /** Native code runs on it, and recurses. */
    private static final long STACK_BYTES = 8 * 1024 * 1024;

    /** Tasks that wait: the gateway bounds the events, and each is one. */
    private static final int MAX_WAITING = 100_000;

    private final OutputStream out;
    private final Frame hello;
    private final BlockingQueue<Runnable> tasks = new LinkedBlockingQueue<>(MAX_WAITING);
    private final Map<Long, Promise<AmfValue>> asked = new HashMap<>();
    private long last;
    private Optional<Engine> engine = Optional.empty();

    private Child(OutputStream out, Frame hello) {
        this.out = out;
        this.hello = hello;
    }

    /** Run by {@link ChildEngine}; ends with its standard input. */
    public static void main(String[] words) throws IOException {
        OutputStream out = System.out;
        System.setOut(System.err); // whatever prints must not disturb the frames
        DataInputStream in = new DataInputStream(new BufferedInputStream(System.in));
        Child child = new Child(out, Frame.read(in));
        Thread tree = new Thread(null, child::run, "app", STACK_BYTES);
        tree.setDaemon(true);
        tree.start();
        try {
            for (; ; ) {
                Frame frame = Frame.read(in);
                child.later(() -> child.obey(frame));
            }
        } catch (IOException end) {
            Runtime.getRuntime().halt(0);
        }
    }

    private void run() {
        try {
            engine = Optional.of(start());
            for (; ; ) {
                tasks.take().run();
            }
        } catch (InterruptedException | LinkageError | RuntimeException e) {
            Runtime.getRuntime().halt(1); // a fault of the gateway's own: the parent sees that we are gone
        }
    }

    private Engine start() {
        Budget.Limits limits = new Budget.Limits(hello.number(4), hello.number(5));
        return hello.text(0).equals(Folder.Language.LUA.name())
                ? new Model(this, (api, globals) -> new LuaLanguage(api, globals, limits))
                : new Model(
                        this,
                        (api, globals) ->
                                new JsLanguage(api, globals, limits, Executors.newSingleThreadScheduledExecutor()));
    }

    private void say(Frame frame) {
        try {
            frame.write(out);
        } catch (IOException gone) {
            Runtime.getRuntime().halt(0);
        }
    }

    // -- what the gateway says

    private void obey(Frame frame) {
        Engine running = engine.orElseThrow();
        switch (frame.word()) {
            case "load" -> {
                Optional<String> parent = frame.value(2).string();
                Engine.Source source = new Engine.Source(
                        frame.text(1), parent, frame.text(3), frame.bytes(4).getBytes(), frame.flag(5));
                String fault = running.load(source).orElse("");
                say(Frame.of("done", frame.value(0), AmfValue.of(true), AmfValue.of(fault)));
            }
            case "unload" -> running.unload(frame.text(0));
            case "manage" -> {
                running.manage();
                say(Frame.of("managed", frame.value(0)));
            }
            case "answer" -> answered(frame);
            default -> frame.event().ifPresent(event -> handle(running, frame, event));
        }
        if (running.exhausted()) {
            Runtime.getRuntime().halt(2);
        }
    }

    private void handle(Engine running, Frame frame, AppEvent event) {
        Promise<AmfValue> answer = Promise.promise();
        answer.future()
                .onSuccess(value -> say(Frame.of("done", frame.value(0), AmfValue.of(true), value)))
                .onFailure(error -> say(Frame.of(
                        "done",
                        frame.value(0),
                        AmfValue.of(false),
                        AmfValue.of(String.valueOf(error.getMessage())),
                        AmfValue.of(error instanceof Refusal refusal ? refusal.code() : AppEvent.REFUSED))));
        running.handle(frame.text(1), event, answer);
    }

    private void answered(Frame frame) {
        Promise<AmfValue> promise = asked.remove(frame.number(0));
        if (promise != null && frame.flag(1)) {
            promise.complete(frame.value(2));
        } else if (promise != null) {
            promise.fail(new Refusal(AppEvent.REFUSED, frame.text(2)));
        }
    }

    // -- what the application may do

    @Override
    public void log(Level level, String text) {
        say(Frame.of("log", AmfValue.of(level.name()), AmfValue.of(text)));
    }

    @Override
    public void tell(ClientWord word) {
        say(Frame.of(0, word));
    }

    @Override
    public Future<AmfValue> ask(ClientWord word) {
        Promise<AmfValue> answer = Promise.promise();
        asked.put(++last, answer);
        say(Frame.of(last, word));
        return answer.future();
    }

    @Override
    public void later(Runnable action) {
        if (!tasks.offer(action)) {
            Runtime.getRuntime().halt(1);
        }
    }

    @Override
    public JsonObject configs() {
        return new JsonObject(hello.text(1));
    }

    @Override
    public String folder() {
        return hello.text(2);
    }

    @Override
    public String publicAddress() {
        return hello.text(3);
    }

    @Override
    public boolean owns(String path) {
        throw outside();
    }

    @Override
    public String user() {
        throw outside();
    }

    @Override
    public void share(SharedWord word) {
        throw outside();
    }

    @Override
    public Future<AmfValue> sharedObjects(String path) {
        throw outside();
    }

    @Override
    public MediaDoor media() {
        throw outside();
    }

    @Override
    public BusDoor bus() {
        throw outside();
    }

    @Override
    public NetworkDoor network() {
        throw outside();
    }

    private static ProtocolException outside() {
        return new ProtocolException(
                "isolated applications reach clients alone: no media, shared objects, sockets, mail or bus");
    }
}
