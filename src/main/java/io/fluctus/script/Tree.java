package io.fluctus.script;

import io.fluctus.bus.AppEvent;
import io.fluctus.bus.ClientWord;
import io.fluctus.bus.Refusal;
import io.fluctus.bus.SharedNews;
import io.fluctus.wire.AmfValue;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/**
 * A top-level folder of applications with all below it, or the root application: one engine on one thread. Its doors may be called
 * from any thread; a file that has changed is loaded before the next event.
 */
final class Tree {
    /** Events that wait for the thread; more are refused. */
    static final int MAX_WAITING = 10_000;

    /** Bytes of a script. */
    static final int MAX_SOURCE = 1024 * 1024;

    /** A file is looked at again after this time at the earliest. */
    static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    private static final String ROOT = "";
    private static final String SHUTDOWN = "NetConnection.Connect.AppShutdown";

    private final String name;
    private final Executor thread;
    private final AppApi api;
    private final Function<AppApi, Engine> language;
    private final AtomicInteger waiting = new AtomicInteger();
    private final AtomicBoolean missed = new AtomicBoolean();

    // What follows belongs to the thread.
    private final Map<String, Path> files = new HashMap<>();
    private final Map<String, Script> scripts = new HashMap<>();
    private final Set<String> clients = new HashSet<>();
    private Optional<Engine> engine = Optional.empty();

    /** A file as it was when it was tried last, and whether any version of it runs. */
    private static final class Script {
        private String stamp = "";
        private long looked;
        private boolean runs;
    }

    /** {@code thread} does one thing after the other. */
    Tree(String name, Executor thread, AppApi api, Function<AppApi, Engine> language) {
        this.name = name;
        this.thread = thread;
        this.api = api;
        this.language = language;
    }

    // -- doors

    /** What there is now: path to file, the root's among them if there is one, as every tree inherits from it. */
    void update(Map<String, Path> found) {
        thread.execute(() -> {
            List<String> gone = new ArrayList<>(scripts.keySet());
            gone.removeAll(found.keySet());
            gone.forEach(path -> {
                scripts.remove(path);
                engine.ifPresent(e -> e.unload(path));
            });
            files.clear();
            files.putAll(found);
        });
    }

    Future<AmfValue> handle(String path, AppEvent event) {
        Promise<AmfValue> answer = Promise.promise();
        if (waiting.incrementAndGet() > MAX_WAITING && !(event instanceof AppEvent.Disconnected)) {
            waiting.decrementAndGet();
            answer.fail(new Refusal(AppEvent.REFUSED, "the application is busy"));
            return answer.future();
        }
        try {
            thread.execute(() -> {
                waiting.decrementAndGet();
                attempt(path, event, answer);
            });
        } catch (RejectedExecutionException ended) {
            answer.fail(new Refusal(AppEvent.REFUSED, "the application ends"));
        }
        return answer.future();
    }

    /** Call regularly. A tree that is too busy for it leaves it out. */
    void manage() {
        if (waiting.get() < MAX_WAITING) {
            thread.execute(() -> {
                scripts.keySet().stream().filter(this::serves).sorted().toList().forEach(this::refresh);
                engine.ifPresent(Engine::manage);
                replaceIfExhausted();
            });
        }
    }

    /** What is told of shared objects; what a busy tree cannot take is told again as a whole. */
    void hear(SharedNews news) {
        boolean lost = waiting.incrementAndGet() > MAX_WAITING;
        if (lost && !missed.compareAndSet(false, true)) {
            waiting.decrementAndGet();
            return;
        }
        thread.execute(() -> {
            waiting.decrementAndGet();
            if (lost) {
                missed.set(false);
                engine.ifPresent(Engine::missed);
            } else {
                engine.ifPresent(e -> e.hear(news));
            }
        });
    }

    /** Loads an application before its first client comes. */
    void start(String path) {
        thread.execute(() -> refresh(path));
    }

    /** Ends it; completes when it is done. */
    Future<Void> close() {
        Promise<Void> closed = Promise.promise();
        thread.execute(() -> {
            engine.ifPresent(e -> {
                scripts.keySet().forEach(e::unload);
                e.close();
            });
            engine = Optional.empty();
            closed.complete();
        });
        return closed.future();
    }

    // -- on the thread

    /** A fault of our own costs one event, and is told. */
    private void attempt(String path, AppEvent event, Promise<AmfValue> answer) {
        try {
            obey(path, event, answer);
        } catch (RuntimeException bug) {
            api.log(AppApi.Level.ERROR, "a fault of the gateway itself: " + bug);
            answer.tryFail(new Refusal(AppEvent.REFUSED, "the application failed"));
        }
    }

    private void obey(String path, AppEvent event, Promise<AmfValue> answer) {
        boolean leaves = event instanceof AppEvent.Disconnected;
        if (!leaves) {
            refresh(path);
        }
        if (!runs(path) || leaves && !clients.contains(event.client())) {
            answer.fail(new Refusal(AppEvent.REFUSED, "the application does not run"));
            return;
        }
        if (event instanceof AppEvent.Connected) {
            clients.add(event.client());
            answer.future().onFailure(refused -> clients.remove(event.client()));
        } else if (leaves) {
            clients.remove(event.client());
        }
        engine.orElseThrow().handle(path, event, answer);
        replaceIfExhausted();
    }

    private boolean runs(String path) {
        return scripts.containsKey(path) && scripts.get(path).runs;
    }

    private boolean serves(String path) {
        return name.isEmpty() || !path.equals(ROOT);
    }

    /** Loads what has changed, from the root down to {@code path}: who inherits comes after whom it inherits from. */
    private void refresh(String path) {
        Optional<String> parent = Optional.empty();
        for (String each : line(path)) {
            if (files.containsKey(each)) {
                look(each, parent);
                parent = runs(each) ? Optional.of(each) : parent;
            }
        }
    }

    /** The root, then each folder down to {@code path}. */
    static List<String> line(String path) {
        List<String> line = new ArrayList<>();
        line.add(ROOT);
        for (int slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', slash + 1)) {
            line.add(path.substring(0, slash));
        }
        if (!path.isEmpty()) {
            line.add(path);
        }
        return line;
    }

    private void look(String path, Optional<String> parent) {
        Script script = scripts.computeIfAbsent(path, first -> new Script());
        long now = System.nanoTime();
        if (!script.stamp.isEmpty() && now - script.looked < LOOK_NANOS) {
            return;
        }
        script.looked = now;
        Path file = files.get(path);
        try {
            String stamp = Files.getLastModifiedTime(file) + " " + Files.size(file);
            if (!stamp.equals(script.stamp)) {
                script.stamp = stamp;
                load(path, parent, file, script);
            }
        } catch (IOException e) {
            script.stamp = "?"; // it is being replaced, or gone: what runs goes on
        }
    }

    private void load(String path, Optional<String> parent, Path file, Script script) throws IOException {
        String shown = (path.isEmpty() ? "" : path + "/") + file.getFileName();
        if (Files.size(file) > MAX_SOURCE) {
            api.log(AppApi.Level.ERROR, shown + " has more than " + MAX_SOURCE + " bytes");
            return;
        }
        byte[] text = Files.readAllBytes(file);
        Optional<String> fault = running(shown)
                .map(e -> e.load(new Engine.Source(path, parent, shown, text, serves(path))))
                .orElseGet(() -> Optional.of("there is no engine for " + shown));
        fault.ifPresentOrElse(
                why -> api.log(
                        AppApi.Level.ERROR,
                        why + (script.runs ? " (the version before goes on)" : " (it does not run)")),
                () -> {
                    api.log(AppApi.Level.INFO, shown + (script.runs ? " changed: the new version runs" : " runs"));
                    script.runs = true;
                });
    }

    private Optional<Engine> running(String shown) {
        if (engine.isEmpty()) {
            try {
                engine = Optional.of(language.apply(api));
            } catch (LinkageError | UncheckedIOException e) {
                api.log(AppApi.Level.ERROR, shown + " cannot run here: " + e.getMessage());
            }
        }
        return engine;
    }

    /** One that keeps too much memory is ended with all its clients; a new one begins with the next event. */
    private void replaceIfExhausted() {
        if (engine.filter(Engine::exhausted).isEmpty()) {
            return;
        }
        api.log(AppApi.Level.ERROR, "took more than it may: it begins anew, its clients are told");
        engine.get().close();
        engine = Optional.empty();
        scripts.clear();
        clients.forEach(client -> api.tell(
                new ClientWord.Close(client, SHUTDOWN, "the application took more than it may and begins anew")));
        clients.clear();
    }
}
