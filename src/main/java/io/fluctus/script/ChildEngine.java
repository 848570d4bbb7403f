package io.fluctus.script;

import io.fluctus.bus.AppEvent;
import io.fluctus.bus.ClientWord;
import io.fluctus.bus.Refusal;
import io.fluctus.bus.SharedNews;
import io.fluctus.wire.AmfValue;
import io.fluctus.wire.ProtocolException;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * An engine in a process of its own, which is ended when it takes more memory than it may or does not answer; its tree begins anew
 * then. On the tree's thread, which waits for it only while it loads.
 */
final class ChildEngine implements Engine {
    /** Frames that wait for the process to read them; then it is ended. */
    static final int MAX_WAITING = 20_000;

    /** How long loading an application may take, the start of the process included. */
    static final long LOAD_SECONDS = 20;

    /** Calls of {@link #manage} that wait for it; then it is ended. */
    static final long MAX_UNANSWERED = 2;

    /** Between two looks at its memory. */
    private static final long LOOK_MILLIS = 100;

    // Of the machine's compilers
    private static final int QUICK_TO_START = 1;
    private static final int FASTEST = 4;

    private static final int PAGE_BYTES = 4096;

    private final AppApi api;
    private final Process process;
    private final BlockingQueue<Frame> outgoing = new ArrayBlockingQueue<>(MAX_WAITING);
    private final Map<Long, Promise<AmfValue>> pending = new HashMap<>();
    private final ScheduledFuture<?> looks;
    private final long residentBytes;
    private volatile CompletableFuture<String> loading = new CompletableFuture<>();
    private volatile long managed;
    private long last;
    private long manages;

    /**
     * What the process is.
     *
     * @param heap its largest heap in MiB
     * @param residentBytes all of its memory, looked at where the system tells it (Linux)
     */
    record Room(Folder.Language language, Budget.Limits limits, int heap, long residentBytes) {
        private static final long MIB = 1024 * 1024;

        /** Lua keeps its own memory beside the heap; JavaScript's engine alone takes some 100 MiB of it. */
        static Room of(Folder.Language language, Budget.Limits limits) {
            return language == Folder.Language.LUA
                    ? new Room(language, limits, 64, 320 * MIB)
                    : new Room(language, limits, 256, 640 * MIB);
        }
    }

    /** Starts it. Throws UncheckedIOException. */
    ChildEngine(AppApi api, Room room, ScheduledExecutorService clock) {
        this.api = api;
        this.residentBytes = room.residentBytes;
        try {
            ProcessBuilder builder = new ProcessBuilder(List.of(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-Xmx" + room.heap + "m",
                            "-Xss1m",
                            "-XX:+ExitOnOutOfMemoryError",
                            "-XX:+UseSerialGC",
                            "-XX:TieredStopAtLevel="
                                    + (room.language == Folder.Language.LUA ? QUICK_TO_START : FASTEST),
                            "-cp",
                            System.getProperty("java.class.path"),
                            Child.class.getName()))
                    .redirectError(Redirect.DISCARD);
            builder.environment().clear(); // the gateway's secrets may stand there
            this.process = builder.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        say(Frame.of(
                "hello",
                AmfValue.of(room.language.name()),
                AmfValue.of(api.configs().encode()),
                AmfValue.of(api.folder()),
                AmfValue.of(api.publicAddress()),
                AmfValue.of(room.limits.millis()),
                AmfValue.of(room.limits.kilobytes())));
        begin("read", this::read);
        begin("write", this::write);
        this.looks = clock.scheduleWithFixedDelay(this::look, LOOK_MILLIS, LOOK_MILLIS, TimeUnit.MILLISECONDS);
    }

    private static void begin(String name, Runnable action) {
        Thread thread = new Thread(action, "app-child-" + name);
        thread.setDaemon(true);
        thread.start();
    }

    private void end(String why) {
        if (process.isAlive()) {
            api.log(AppApi.Level.ERROR, "its process is ended: " + why);
            process.destroyForcibly();
        }
    }

    // -- the process

    private void write() {
        try {
            while (process.isAlive()) {
                Frame frame = outgoing.poll(1, TimeUnit.SECONDS);
                if (frame != null) {
                    frame.write(process.getOutputStream());
                }
            }
        } catch (IOException | InterruptedException gone) {
            process.destroyForcibly();
        }
    }

    private void say(Frame frame) {
        if (!outgoing.offer(frame)) {
            end("it does not read what it is told");
        }
    }

    private void read() {
        try (DataInputStream in = new DataInputStream(new BufferedInputStream(process.getInputStream()))) {
            for (; ; ) {
                hear(Frame.read(in));
            }
        } catch (IOException | ProtocolException gone) {
            process.destroyForcibly();
            loading.complete("the process of the application ended");
            api.later(this::lose);
        }
    }

    private void hear(Frame frame) {
        switch (frame.word()) {
            case "managed" -> managed = frame.number(0);
            case "log" -> api.log(AppApi.Level.valueOf(frame.text(0)), frame.text(1));
            case "done" -> {
                if (frame.number(0) == 0) {
                    loading.complete(frame.text(2));
                } else {
                    api.later(() -> done(frame));
                }
            }
            default -> frame.clientWord().ifPresent(word -> pass(frame.number(0), word));
        }
    }

    private void done(Frame frame) {
        Promise<AmfValue> answer = pending.remove(frame.number(0));
        if (answer != null && frame.flag(1)) {
            answer.tryComplete(frame.value(2));
        } else if (answer != null) {
            answer.tryFail(new Refusal((int) frame.number(3), frame.text(2)));
        }
    }

    private void pass(long number, ClientWord word) {
        if (number == 0) {
            api.tell(word);
            return;
        }
        AmfValue answer = AmfValue.of(number);
        api.ask(word)
                .onSuccess(value -> say(Frame.of("answer", answer, AmfValue.of(true), value)))
                .onFailure(error -> say(Frame.of(
                        "answer", answer, AmfValue.of(false), AmfValue.of(String.valueOf(error.getMessage())))));
    }

    /** Linux tells the pages that a process has in memory; elsewhere its heap alone is bounded. */
    private void look() {
        Path statm = Path.of("/proc/" + process.pid() + "/statm");
        if (!process.isAlive() || !Files.isReadable(statm)) {
            return;
        }
        try {
            long resident = Long.parseLong(Files.readString(statm).split(" ")[1]) * PAGE_BYTES;
            if (resident > residentBytes) {
                end("it has more than " + residentBytes / (1024 * 1024) + " MiB of memory");
            }
        } catch (IOException | NumberFormatException gone) {
            return;
        }
    }

    // -- the tree's doors

    @Override
    public Optional<String> load(Source source) {
        loading = new CompletableFuture<>();
        if (!process.isAlive()) {
            return Optional.of("the process of the application ended");
        }
        say(Frame.of(
                "load",
                AmfValue.of(0),
                AmfValue.of(source.path()),
                source.parent().<AmfValue>map(AmfValue::of).orElse(AmfValue.NULL),
                AmfValue.of(source.name()),
                new AmfValue.Bytes(Buffer.buffer(source.text())),
                AmfValue.of(source.serving())));
        try {
            return Optional.of(loading.get(LOAD_SECONDS, TimeUnit.SECONDS)).filter(fault -> !fault.isEmpty());
        } catch (TimeoutException | ExecutionException | InterruptedException e) {
            end("it takes longer than " + LOAD_SECONDS + " s to load " + source.name());
            return Optional.of("it does not load in time");
        }
    }

    @Override
    public void unload(String path) {
        say(Frame.of("unload", AmfValue.of(path)));
    }

    @Override
    public void handle(String path, AppEvent event, Promise<AmfValue> answer) {
        if (!process.isAlive()) {
            answer.fail(new Refusal(AppEvent.REFUSED, "the application ends"));
            return;
        }
        pending.put(++last, answer);
        say(Frame.of(last, path, event));
    }

    @Override
    public void hear(SharedNews news) {
        // An isolated application uses no shared objects, so nothing is told of any.
    }

    @Override
    public void missed() {
        // as above
    }

    /** What was to be done two times ago must be done by now: each function has a fraction of this time. */
    @Override
    public void manage() {
        if (manages - managed >= MAX_UNANSWERED) {
            end("it does not answer");
        }
        say(Frame.of("manage", AmfValue.of(++manages)));
    }

    @Override
    public boolean exhausted() {
        return !process.isAlive();
    }

    private void lose() {
        List<Promise<AmfValue>> left = List.copyOf(pending.values());
        pending.clear();
        left.forEach(answer -> answer.tryFail(new Refusal(AppEvent.REFUSED, "the application ends")));
    }

    @Override
    public void close() {
        looks.cancel(false);
        process.destroy();
        process.destroyForcibly();
        lose();
    }
}
