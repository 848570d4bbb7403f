package io.fluctus.script;

import io.fluctus.script.Result.Outcome;
import io.fluctus.script.Result.State;
import io.fluctus.script.Thing.Callback;
import io.fluctus.script.Thing.Given;
import io.fluctus.wire.AmfValue;
import io.fluctus.wire.ProtocolException;
import io.vertx.core.Future;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import party.iroiro.luajava.Lua;
import party.iroiro.luajava.LuaException;
import party.iroiro.luajava.lua51.Lua51;
import party.iroiro.luajava.lua51.Lua51Natives;

/**
 * Lua 5.1 as Cumulus had it. {@code projection.lua} runs the functions of scripts and shows them the things of the model;
 * {@code sandbox.lua} closes the state before. What a script does wrong is an answer, never an exception.
 */
final class LuaLanguage implements Language {
    /**
     * Instructions between two looks at the memory: a string that doubles in a loop grows sixteenfold meanwhile. Costs a script that
     * does nothing but count most of its speed; measured, 16 takes seven times, 100 one and a half times as long as none.
     */
    static final int HOOK_INTERVAL = 16;

    /** Bytes of what {@code string.rep} makes: one long call, which no hook interrupts. */
    static final int MAX_REPEATED = 1024 * 1024;

    /** Bytes of a pattern: the engine recurses on the native stack for each item of it. */
    static final int MAX_PATTERN = 1024;

    /** Arguments of one call: each takes a place on a stack of bounded height. */
    static final int MAX_ARGUMENTS = 250;

    /** Results of a function that are read. */
    static final int MAX_RESULTS = 32;

    /** What an entry of projection.lua answers that has no result yet; the others are those of {@link Result.State}, from 1. */
    private static final int LATER = 0;

    private static final int ALL_RESULTS = -1;
    private static final int GC_COUNT = 3;

    private final AppApi api;
    private final Lua lua;
    private final Lua51Natives natives;
    private final Budget.Limits limits;
    private final Budget budget;
    private final LuaHost host;
    private final LuaFaces faces;
    private final Map<String, Integer> entries = new HashMap<>();
    private final Map<Long, Outcome> later = new HashMap<>();
    private long lastTicket;
    private long lastCall;
    private boolean exhausted;
    private boolean closed;

    /** Throws LinkageError where there is no Lua for this machine. */
    LuaLanguage(AppApi api, Map<String, Thing> globals, Budget.Limits limits) {
        this.api = api;
        this.limits = limits;
        this.lua = new Lua51();
        this.natives = (Lua51Natives) lua.getLuaNatives();
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        this.budget = new Budget(limits, threads::getCurrentThreadCpuTime);
        this.host = new LuaHost(lua, natives);
        for (String library : List.of("string", "table", "math", "coroutine", "debug")) {
            lua.openLibrary(library);
        }
        lua.setTop(0);
        openSandbox();
        this.faces = new LuaFaces(openProjection());
        globals.forEach((name, thing) -> {
            faces.pushOnly(lua, thing);
            lua.setGlobal(name);
            keep(thing);
        });
    }

    // -- opening

    private void openSandbox() {
        loadResource("sandbox.lua");
        host.push(l -> {
            String breach = budget.check((long) l.toNumber(1));
            if (breach.isEmpty()) {
                return 0;
            }
            l.push(breach);
            return 1;
        });
        lua.push(limits.kilobytes());
        lua.push(HOOK_INTERVAL);
        lua.push(MAX_REPEATED);
        lua.push(MAX_PATTERN);
        lua.pCall(5, 2); // parameter and compiled, which the projection wants
    }

    private LuaFaces.Registry openProjection() {
        loadResource("projection.lua");
        pushHost();
        lua.pushValue(1);
        lua.pushValue(2);
        lua.pCall(3, 4);
        int shown = lua.ref();
        int numbers = lua.ref();
        int await = lua.ref();
        lua.pushNil();
        while (lua.next(3) != 0) {
            entries.put(lua.toString(-2), lua.ref());
        }
        lua.setTop(0);
        return new LuaFaces.Registry(shown, numbers, await, entries.get("face"), entries.get("kind"));
    }

    private void loadResource(String name) {
        try (InputStream in = LuaLanguage.class.getResourceAsStream(name)) {
            byte[] source = in.readAllBytes();
            ByteBuffer direct = ByteBuffer.allocateDirect(source.length);
            direct.put(source).flip();
            lua.load(direct, "=" + name);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void pushHost() {
        lua.createTable(0, 16);
        register("adopt", host::adopt);
        register("retire", host::retire);
        register("fresh", l -> {
            budget.fresh();
            return 0;
        });
        register("log", this::log);
        register("reply", l -> {
            Outcome outcome = later.remove((long) l.toNumber(1));
            if (outcome != null) {
                outcome.ended(result((int) l.toNumber(2), new LuaValues(l), 3));
            }
            return 0;
        });
        register("forget", l -> {
            faces.forget((int) l.toNumber(1));
            return 0;
        });
        register("get", l -> push(l, faces.thing(l, 1).get(new LuaValues(l).text(2))));
        register("set", l -> {
            LuaValues read = new LuaValues(l);
            faces.thing(l, 1).set(read.text(2), read.read(3));
            return 0;
        });
        register("invoke", l -> push(l, faces.thing(l, 1).call((int) l.toNumber(2), new LuaArguments(l, 2))));
        register("item", l -> push(l, Given.of(faces.thing(l, 1).item(new LuaArguments(l, 1).bytes(0)))));
        register("after", l -> {
            Map.Entry<String, Thing> next = l.isNoneOrNil(2)
                    ? faces.thing(l, 1).items().firstEntry()
                    : faces.thing(l, 1).items().higherEntry(new LuaValues(l).text(2));
            if (next == null) {
                return 0;
            }
            new LuaValues(l).push(next.getKey());
            faces.push(l, next.getValue());
            return 2;
        });
    }

    private void register(String name, LuaHost.Function function) {
        new LuaValues(lua).push(name);
        host.push(function);
        lua.rawSet(-3);
    }

    // -- what scripts do

    private int log(Lua l) {
        LuaValues read = new LuaValues(l);
        AppApi.Level level = AppApi.Level.valueOf(read.text(1).toUpperCase(Locale.ROOT));
        String text = read.text(2);
        api.log(level, text.length() > AppApi.MAX_LINE ? text.substring(0, AppApi.MAX_LINE) + "..." : text);
        return 0;
    }

    /** Gives how many values these are in Lua. */
    private int push(Lua l, Given given) {
        if (given instanceof Given.Plain plain) {
            new LuaValues(l).push(plain.value());
        } else if (given instanceof Given.Binary binary) {
            new LuaValues(l).push(binary.bytes());
        } else if (given instanceof Given.Entity entity) {
            faces.push(l, entity.thing());
        } else if (given instanceof Given.Several several) {
            if (several.values().size() > MAX_ARGUMENTS) {
                throw new ProtocolException("more than " + MAX_ARGUMENTS + " results");
            }
            l.checkStack(several.values().size() + 1);
            several.values().forEach(value -> push(l, value));
            return several.values().size();
        } else if (given instanceof Given.Later wait) {
            faces.pushAwait(l);
            l.push((Number) (double) await(wait.answer()));
            return 2;
        }
        return 1;
    }

    private long await(Future<AmfValue> answer) {
        long call = ++lastCall;
        answer.onSuccess(value -> api.later(() -> answered(call, true, value)))
                .onFailure(error ->
                        api.later(() -> answered(call, false, AmfValue.of(String.valueOf(error.getMessage())))));
        return call;
    }

    private void answered(long call, boolean success, AmfValue value) {
        run("answered", values -> {
            lua.push((Number) (double) call);
            lua.push(success);
            values.push(value);
        });
    }

    /** What a script handed over, from {@code before} on, which is not among it. */
    private final class LuaArguments implements Thing.Arguments {
        private final Lua from;
        private final int before;
        private final int count;
        private final LuaValues values;

        private LuaArguments(Lua from, int before) {
            this.from = from;
            this.before = before;
            this.count = from.getTop() - before;
            this.values = new LuaValues(from);
        }

        private int at(int index) {
            return before + 1 + index;
        }

        @Override
        public int count() {
            return count;
        }

        @Override
        public AmfValue value(int index) {
            return index < count ? values.read(at(index)) : AmfValue.NULL;
        }

        @Override
        public String text(int index) {
            AmfValue value = value(index);
            if (value instanceof AmfValue.Null) {
                return "";
            }
            return value.string()
                    .or(() -> value.number().map(LuaValues::digits))
                    .orElseThrow(() -> new ProtocolException("a string is expected"));
        }

        @Override
        public byte[] bytes(int index) {
            if (index < count && from.type(at(index)) == Lua.LuaType.STRING) {
                return values.bytes(at(index));
            }
            AmfValue value = value(index);
            if (value instanceof AmfValue.Bytes raw) {
                return raw.bytes().getBytes();
            }
            return value.number()
                    .map(number -> LuaValues.digits(number).getBytes(java.nio.charset.StandardCharsets.US_ASCII))
                    .orElseThrow(() -> new ProtocolException("a string is expected"));
        }

        @Override
        public boolean isFunction(int index) {
            return index < count && from.type(at(index)) == Lua.LuaType.FUNCTION;
        }

        @Override
        public boolean isBytes(int index) {
            return index < count && from.type(at(index)) == Lua.LuaType.STRING;
        }

        @Override
        public Optional<Callback> function(int index) {
            if (!isFunction(index)) {
                return Optional.empty();
            }
            from.pushValue(at(index));
            return Optional.of(new Handed(from.ref()));
        }

        @Override
        public Optional<Thing> thing(int index) {
            return index < count ? faces.find(from, at(index)) : Optional.empty();
        }

        @Override
        public boolean canWait() {
            return host.isWorker(from);
        }
    }

    /** A function that a script handed over. */
    private final class Handed implements Callback {
        private final int ref;
        private boolean over;

        private Handed(int ref) {
            this.ref = ref;
        }

        @Override
        public void call(List<Given> arguments, Outcome outcome) {
            if (over) {
                outcome.ended(Result.failed("the function is gone"));
            } else {
                ask("apply", outcome, arguments, values -> lua.refGet(ref));
            }
        }

        @Override
        public void close() {
            if (!over && !closed) {
                lua.unref(ref);
            }
            over = true;
        }
    }

    // -- the model's doors

    @Override
    public Optional<String> load(Engine.Source source) {
        Optional<String> fault = enter("load", 1, List.of(), values -> {
            values.push(source.path());
            values.push(source.parent().map(AmfValue::of).orElse(AmfValue.NULL));
            values.push(source.name());
            values.push(source.text());
        });
        if (fault.isPresent()) {
            return fault;
        }
        AmfValue answer = new LuaValues(lua).read(1);
        lua.setTop(0);
        return answer.string();
    }

    @Override
    public void begin(String path) {
        run("begin", values -> values.push(path));
    }

    @Override
    public void unload(String path) {
        run("unload", values -> values.push(path));
    }

    @Override
    public boolean hears(String path, String name) {
        return test("hears", path, name);
    }

    @Override
    public boolean owns(String path, String name) {
        return test("owns", path, name);
    }

    private boolean test(String entry, String path, String name) {
        Optional<String> fault = enter(entry, 1, List.of(), values -> {
            values.push(path);
            values.push(name);
        });
        boolean answer = fault.isEmpty() && lua.toBoolean(1);
        if (!closed) {
            lua.setTop(0);
        }
        return answer;
    }

    @Override
    public void event(String path, String name, List<Given> arguments, Outcome outcome) {
        ask("event", outcome, arguments, values -> {
            values.push(path);
            values.push(name);
        });
    }

    @Override
    public void member(Thing thing, String method, List<Given> arguments, Outcome outcome) {
        ask("member", outcome, arguments, values -> {
            lua.push((Number) (double) faces.number(thing));
            values.push(method);
        });
    }

    @Override
    public void eachKept(String method) {
        run("each", values -> values.push(method));
    }

    @Override
    public void keep(Thing thing) {
        if (closed) {
            return;
        }
        faces.push(lua, thing);
        lua.setTop(0);
        run("keep", values -> lua.push((Number) (double) faces.number(thing)));
    }

    @Override
    public void drop(Thing thing) {
        run("drop", values -> lua.push((Number) (double) faces.number(thing)));
    }

    // -- into Lua and back

    /** Pushes what an entry is given. */
    private interface First {
        void push(LuaValues values);
    }

    private void ask(String entry, Outcome outcome, List<Given> more, First first) {
        if (more.size() > MAX_ARGUMENTS + 1) {
            outcome.ended(Result.failed("more than " + MAX_ARGUMENTS + " arguments"));
            return;
        }
        long ticket = ++lastTicket;
        later.put(ticket, outcome);
        Optional<String> fault = enter(entry, ALL_RESULTS, more, values -> {
            lua.push((Number) (double) ticket);
            first.push(values);
        });
        if (fault.isPresent()) {
            later.remove(ticket);
            outcome.ended(Result.failed(fault.get()));
            return;
        }
        int code = (int) lua.toNumber(1);
        Result result = code == LATER ? Result.NOTHING : result(code, new LuaValues(lua), 2);
        lua.setTop(0);
        if (code != LATER) {
            later.remove(ticket);
            outcome.ended(result);
        }
    }

    private static Result result(int code, LuaValues values, int from) {
        try {
            return new Result(State.values()[code - 1], values.readFrom(from, MAX_RESULTS));
        } catch (ProtocolException e) {
            return Result.failed(e.getMessage());
        }
    }

    private void run(String entry, First first) {
        if (closed) {
            return;
        }
        enter(entry, 0, List.of(), first).ifPresent(fault -> api.log(AppApi.Level.ERROR, fault));
        lua.setTop(0);
    }

    /** Calls an entry; its results are on the stack then, unless there is a fault. Native code would not ask whether its state is gone. */
    private Optional<String> enter(String entry, int results, List<Given> more, First first) {
        if (closed) {
            return Optional.of("the application has ended");
        }
        try {
            LuaValues values = new LuaValues(lua);
            lua.checkStack(more.size() + LuaValues.HEADROOM);
            lua.refGet(entries.get(entry));
            first.push(values);
            for (Given given : more) {
                push(lua, given);
            }
            lua.pCall(lua.getTop() - 1, results);
            return Optional.empty();
        } catch (LuaException e) {
            lua.setTop(0);
            return Optional.of(String.valueOf(e.getMessage()));
        } finally {
            weigh();
        }
    }

    /** After a shortage: what is still there when all that is garbage is gone? Above three quarters it would soon be short again. */
    private void weigh() {
        if (budget.starved()) {
            lua.gc();
            exhausted = natives.lua_gc(lua.getPointer(), GC_COUNT, 0) > limits.kilobytes() / 4 * 3;
        }
    }

    @Override
    public boolean exhausted() {
        return exhausted;
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            later.clear();
            lua.close();
        }
    }
}
