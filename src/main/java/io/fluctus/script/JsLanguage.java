package io.fluctus.script;

import io.fluctus.script.Result.Outcome;
import io.fluctus.script.Result.State;
import io.fluctus.script.Thing.Given;
import io.fluctus.wire.AmfValue;
import io.fluctus.wire.ProtocolException;
import io.vertx.core.Future;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.graalvm.polyglot.Context;
import org.graalvm.polyglot.EnvironmentAccess;
import org.graalvm.polyglot.HostAccess;
import org.graalvm.polyglot.PolyglotAccess;
import org.graalvm.polyglot.PolyglotException;
import org.graalvm.polyglot.SourceSection;
import org.graalvm.polyglot.Value;
import org.graalvm.polyglot.io.IOAccess;
import org.graalvm.polyglot.proxy.ProxyExecutable;

/**
 * JavaScript by GraalJS: each {@code main.js} is a module whose exported functions hear events; answers that come later are promises.
 * What a script does wrong is an answer, never an exception.
 */
final class JsLanguage implements Language {
    /** How long the thread that watches waits for a function to stop, before it looks again. */
    private static final Duration PATIENCE = Duration.ofMillis(100);

    /** Characters of one string. */
    private static final int MAX_STRING = 4 * 1024 * 1024;

    private static final String THEN = "then";

    private final AppApi api;
    private final Context context;
    private final Watch watch;
    private final JsValues values;
    private final JsFaces faces;
    private final Value apply;
    private final Value makePromise;
    private final Map<String, Module> modules = new HashMap<>(); // by path
    private final Map<String, Module> pending = new HashMap<>();
    private final Set<Thing> kept = new LinkedHashSet<>();
    private int depth;
    private boolean closed;

    /** What a file exports, and which one above it is asked for what it does not. */
    private record Module(Value exports, Optional<String> parent) {}

    /** On the thread that will run the scripts. Throws LinkageError where the engine is not there. */
    JsLanguage(AppApi api, Map<String, Thing> shown, Budget.Limits limits, ScheduledExecutorService clock) {
        this.api = api;
        this.context = context();
        this.values = new JsValues(context);
        this.faces = new JsFaces(
                values,
                this::promise,
                (function, given, outcome) -> attempt(() -> function.execute(faces().showAll(given)), outcome));
        this.apply = context.eval("js", "(f, self, ...given) => f.apply(self, given)");
        this.makePromise = context.eval(
                "js",
                "() => { let done; const p = new Promise((a, b) => { done = [a, why => b(new Error(why))] }); return [p, ...done] }");
        Value globals = context.getBindings("js");
        shown.forEach((name, thing) -> globals.putMember(name, faces.face(thing)));
        logs(globals);
        this.watch = new Watch(limits, clock, this::interrupt);
    }

    private JsFaces faces() {
        return faces;
    }

    private static Context context() {
        return Context.newBuilder("js")
                .allowHostAccess(HostAccess.newBuilder(HostAccess.EXPLICIT)
                        .allowBufferAccess(true)
                        .build())
                .allowHostClassLookup(name -> false)
                .allowIO(IOAccess.NONE)
                .allowPolyglotAccess(PolyglotAccess.NONE)
                .allowEnvironmentAccess(EnvironmentAccess.NONE)
                .allowCreateThread(false)
                .allowCreateProcess(false)
                .allowNativeAccess(false)
                .allowExperimentalOptions(true)
                .option("engine.WarnInterpreterOnly", "false")
                .option("js.esm-eval-returns-exports", "true")
                .option("js.string-length-limit", String.valueOf(MAX_STRING))
                .option("js.polyglot-builtin", "false")
                .option("js.graal-builtin", "false")
                .option("js.java-package-globals", "false")
                .option("js.load", "false")
                .option("js.print", "false")
                .option("js.console", "false")
                .build();
    }

    private void logs(Value globals) {
        Value console = context.eval("js", "({})");
        Map.of(
                        "ERROR", AppApi.Level.ERROR,
                        "WARN", AppApi.Level.WARN,
                        "NOTE", AppApi.Level.INFO,
                        "INFO", AppApi.Level.INFO,
                        "DEBUG", AppApi.Level.DEBUG,
                        "TRACE", AppApi.Level.DEBUG)
                .forEach((name, level) -> globals.putMember(name, writer(level, "")));
        globals.putMember("print", writer(AppApi.Level.INFO, "\t"));
        Map.of(
                        "log", AppApi.Level.INFO,
                        "info", AppApi.Level.INFO,
                        "warn", AppApi.Level.WARN,
                        "error", AppApi.Level.ERROR,
                        "debug", AppApi.Level.DEBUG)
                .forEach((name, level) -> console.putMember(name, writer(level, " ")));
        globals.putMember("console", console);
    }

    private ProxyExecutable writer(AppApi.Level level, String separator) {
        return given -> {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < given.length && line.length() < AppApi.MAX_LINE; i++) {
                line.append(i == 0 ? "" : separator)
                        .append(given[i].isString() ? given[i].asString() : given[i].toString());
            }
            api.log(
                    level,
                    line.length() > AppApi.MAX_LINE ? line.substring(0, AppApi.MAX_LINE) + "..." : line.toString());
            return null;
        };
    }

    private void interrupt() {
        try {
            context.interrupt(PATIENCE);
        } catch (TimeoutException e) {
            // The next look tries again.
        }
    }

    // -- versions

    @Override
    public Optional<String> load(Engine.Source source) {
        if (closed) {
            return Optional.of("the application has ended");
        }
        String text = new String(source.text(), StandardCharsets.UTF_8);
        Result result = run(() -> {
            Value exports = context.eval(module(text, source.name()));
            pending.put(source.path(), new Module(exports, source.parent()));
            return null;
        });
        return result.state() == State.DONE ? Optional.empty() : result.first().string();
    }

    private static org.graalvm.polyglot.Source module(String text, String name) {
        try {
            return org.graalvm.polyglot.Source.newBuilder("js", text, name)
                    .mimeType("application/javascript+module")
                    .cached(false)
                    .build();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void begin(String path) {
        modules.put(path, pending.remove(path));
    }

    @Override
    public void unload(String path) {
        modules.remove(path);
    }

    @Override
    public boolean hears(String path, String name) {
        return handler(path, name).isPresent();
    }

    @Override
    public boolean owns(String path, String name) {
        return Optional.ofNullable(modules.get(path))
                .flatMap(module -> export(module, name))
                .isPresent();
    }

    private static Optional<Value> export(Module module, String name) {
        return Optional.ofNullable(module.exports.getMember(name)).filter(Value::canExecute);
    }

    private Optional<Value> handler(String path, String name) {
        Optional<Module> module = Optional.ofNullable(modules.get(path));
        while (module.isPresent()) {
            Optional<Value> found = export(module.get(), name);
            if (found.isPresent()) {
                return found;
            }
            module = module.get().parent.map(modules::get);
        }
        return Optional.empty();
    }

    // -- functions of scripts

    @Override
    public void event(String path, String name, List<Given> arguments, Outcome outcome) {
        Optional<Value> handler = closed ? Optional.empty() : handler(path, name);
        if (handler.isEmpty()) {
            outcome.ended(Result.NOTHING);
            return;
        }
        attempt(() -> handler.get().execute(faces.showAll(arguments)), outcome);
    }

    @Override
    public void member(Thing thing, String method, List<Given> arguments, Outcome outcome) {
        Optional<Value> function = closed ? Optional.empty() : JsFaces.function(thing, method);
        if (function.isEmpty()) {
            outcome.ended(new Result(State.UNKNOWN, List.of()));
            return;
        }
        attempt(() -> called(function.get(), thing, arguments), outcome);
    }

    private Value called(Value function, Thing self, List<Given> arguments) {
        Object[] given = new Object[arguments.size() + 2];
        given[0] = function;
        given[1] = faces.face(self);
        for (int i = 0; i < arguments.size(); i++) {
            given[i + 2] = faces.show(arguments.get(i));
        }
        return apply.execute(given);
    }

    @Override
    public void eachKept(String method) {
        for (Thing thing : List.copyOf(kept)) {
            JsFaces.function(thing, method)
                    .ifPresent(function -> attempt(() -> called(function, thing, List.of()), result -> {}));
        }
    }

    @Override
    public void keep(Thing thing) {
        kept.add(thing);
    }

    @Override
    public void drop(Thing thing) {
        kept.remove(thing);
    }

    /** Runs it and tells the outcome what came of it: at once, or when its promise is settled. */
    private void attempt(Supplier<Value> function, Outcome outcome) {
        if (closed) {
            outcome.ended(Result.failed("the application has ended"));
            return;
        }
        Value[] promised = new Value[1];
        Result result = run(() -> {
            Value given = function.get();
            if (isPromise(given)) {
                promised[0] = given;
                return null;
            }
            return given;
        });
        if (result.state() == State.FAILED || promised[0] == null) {
            outcome.ended(result);
            return;
        }
        Result attached = run(() -> {
            promised[0].invokeMember(THEN, (ProxyExecutable) value -> settled(outcome, value), (ProxyExecutable)
                    why -> failed(outcome, why));
            return null;
        });
        if (attached.state() == State.FAILED) {
            outcome.ended(attached);
        }
    }

    private static boolean isPromise(Value value) {
        return value != null && !value.isProxyObject() && value.hasMembers() && value.canInvokeMember(THEN);
    }

    private static Object settled(Outcome outcome, Value... given) {
        Result result;
        try {
            result = result(given.length == 0 ? null : given[0]);
        } catch (ProtocolException e) {
            result = Result.failed(e.getMessage());
        }
        outcome.ended(result);
        return null;
    }

    private Object failed(Outcome outcome, Value... why) {
        String sentence = why.length == 0 ? "error" : sentence(why[0]);
        api.log(AppApi.Level.ERROR, sentence);
        outcome.ended(Result.failed(sentence));
        return null;
    }

    /** Without a value only where the function gave back nothing at all. */
    private static Result result(Value value) {
        boolean nothing = value == null || value.isNull() && value.toString().equals("undefined");
        return nothing ? Result.NOTHING : new Result(State.DONE, List.of(JsValues.read(value)));
    }

    /** Everything that runs code of a script passes here; the outermost call has the budget. */
    private Result run(Supplier<Value> action) {
        if (depth++ == 0) {
            watch.begin();
        }
        Result result;
        try {
            result = result(action.get());
        } catch (PolyglotException e) {
            result = fault(e);
        } catch (ProtocolException e) {
            result = Result.failed(e.getMessage());
        }
        Optional<String> stopped = --depth == 0 ? watch.end() : Optional.empty();
        if (stopped.isPresent()) {
            api.log(AppApi.Level.ERROR, stopped.get());
            return Result.failed(stopped.get());
        }
        return result;
    }

    private Result fault(PolyglotException e) {
        if (e.isInterrupted() || e.isCancelled()) {
            return Result.failed("stopped");
        }
        if (e.isInternalError()) {
            api.log(AppApi.Level.ERROR, "a fault of the engine: " + e.getMessage());
        }
        String sentence = e.isGuestException() && e.getGuestObject() != null
                ? sentence(e.getGuestObject())
                : String.valueOf(e.getMessage());
        api.log(AppApi.Level.ERROR, place(e) + sentence);
        return Result.failed(sentence);
    }

    private static String place(PolyglotException e) {
        for (PolyglotException.StackFrame frame : e.getPolyglotStackTrace()) {
            SourceSection at = frame.getSourceLocation();
            if (frame.isGuestFrame() && at != null && at.isAvailable()) {
                return at.getSource().getName() + ":" + at.getStartLine() + ": ";
            }
        }
        return "";
    }

    private static String sentence(Value thrown) {
        Value message = thrown.isException() && thrown.hasMember("message") ? thrown.getMember("message") : thrown;
        if (message.isString()) {
            return message.asString();
        }
        return message.isNumber() ? message.toString() : "error";
    }

    // -- answers that come later

    private Object promise(Future<AmfValue> answer) {
        Value made = makePromise.execute();
        Value resolve = made.getArrayElement(1);
        Value reject = made.getArrayElement(2);
        answer.onSuccess(value -> api.later(() -> settle(() -> resolve.execute(values.show(value)))))
                .onFailure(error -> api.later(() -> settle(() -> reject.execute(String.valueOf(error.getMessage())))));
        return made.getArrayElement(0);
    }

    private void settle(Supplier<Value> action) {
        attempt(action, result -> {});
    }

    // -- the end

    @Override
    public boolean exhausted() {
        return false;
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            watch.close();
            context.close(true);
        }
    }
}
