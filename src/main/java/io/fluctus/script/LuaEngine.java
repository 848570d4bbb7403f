package io.fluctus.script;

import io.fluctus.bus.AppEvent;
import io.fluctus.bus.ClientWord;
import io.fluctus.bus.Refusal;
import io.fluctus.media.StreamName;
import io.fluctus.wire.AmfJson;
import io.fluctus.wire.AmfValue;
import io.fluctus.wire.ProtocolException;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.ByteBuffer;
import java.util.ArrayList;
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
 * Lua 5.1 as Cumulus had it. The object model is written in Lua itself ({@code model.lua}), above the few functions that are
 * registered here; {@code sandbox.lua} closes the state before. What a script does wrong is an answer, never an exception.
 */
final class LuaEngine implements Engine {
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

    // What an entry of model.lua answers.
    private static final int LATER = 0;
    private static final int DONE = 1;
    private static final int UNKNOWN = 3;

    private static final int GC_COUNT = 3;

    private final AppApi api;
    private final Lua lua;
    private final Lua51Natives natives;
    private final Budget.Limits limits;
    private final Budget budget;
    private final LuaHost host;
    private final Map<String, Integer> entries = new HashMap<>();
    private final Map<Long, Promise<AmfValue>> later = new HashMap<>();
    private long lastTicket;
    private boolean exhausted;
    private boolean closed;

    /** Throws LinkageError where there is no Lua for this machine. */
    LuaEngine(AppApi api, Budget.Limits limits) {
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
        openModel();
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
        lua.pCall(5, 2); // parameter and compiled, which the model wants
    }

    private void openModel() {
        loadResource("model.lua");
        pushHost();
        lua.pushValue(1);
        lua.pushValue(2);
        lua.pCall(3, 1);
        lua.pushNil();
        while (lua.next(3) != 0) {
            entries.put(lua.toString(-2), lua.ref());
        }
        lua.setTop(0);
    }

    private void loadResource(String name) {
        try (InputStream in = LuaEngine.class.getResourceAsStream(name)) {
            load(in.readAllBytes(), name);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void load(byte[] source, String name) {
        ByteBuffer direct = ByteBuffer.allocateDirect(source.length);
        direct.put(source).flip();
        lua.load(direct, "=" + name);
    }

    private void pushHost() {
        LuaValues values = new LuaValues(lua);
        lua.createTable(0, 16);
        register("adopt", host::adopt);
        register("retire", host::retire);
        register("fresh", l -> {
            budget.fresh();
            return 0;
        });
        register("time", l -> {
            l.push((Number) (double) System.currentTimeMillis());
            return 1;
        });
        register("log", this::log);
        register("tell", l -> {
            LuaValues read = new LuaValues(l);
            api.tell(new ClientWord.Tell(read.text(1), read.text(2), read.readFrom(3)));
            return 0;
        });
        register("call", this::callClient);
        register("status", l -> {
            LuaValues read = new LuaValues(l);
            api.tell(new ClientWord.Say(read.text(1), read.text(2), read.text(3), false));
            return 0;
        });
        register("close", l -> {
            LuaValues read = new LuaValues(l);
            api.tell(new ClientWord.Close(read.text(1), read.text(2), read.text(3)));
            return 0;
        });
        register("reply", l -> {
            Promise<AmfValue> answer = later.remove((long) l.toNumber(1));
            if (answer != null) {
                settle(answer, (int) l.toNumber(2), new LuaValues(l).read(3));
            }
            return 0;
        });
        register("digest", LuaEngine::digest);
        register("toAMF", l -> {
            LuaValues both = new LuaValues(l);
            both.push(AppApi.toAmf((int) l.toNumber(1), both.readFrom(2)).getBytes());
            return 1;
        });
        register("fromAMF", l -> {
            LuaValues both = new LuaValues(l);
            List<AmfValue> read = AppApi.fromAmf(Buffer.buffer(both.bytes(1)));
            both.pushAll(read);
            return read.size();
        });
        register("absolutePath", l -> {
            LuaValues both = new LuaValues(l);
            String path = l.isNoneOrNil(1) ? "" : both.text(1);
            both.push(api.folder() + path + (path.isEmpty() || path.endsWith("/") ? "" : "/"));
            return 1;
        });
        values.push("configs");
        values.push(AmfJson.fromJson(api.configs()));
        lua.rawSet(-3);
        values.push("publicAddress");
        values.push(api.publicAddress());
        lua.rawSet(-3);
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

    private int callClient(Lua l) {
        LuaValues read = new LuaValues(l);
        double call = l.toNumber(1);
        ClientWord word = new ClientWord.Call(read.text(2), read.text(3), read.readFrom(4));
        api.ask(word)
                .onSuccess(value -> api.later(() -> answered(call, true, value)))
                .onFailure(error -> api.later(() -> answered(call, false, AmfValue.of(error.getMessage()))));
        return 0;
    }

    private static int digest(Lua l) {
        LuaValues both = new LuaValues(l);
        int top = l.getTop();
        String algorithm = both.text(1);
        for (int i = 2; i <= top; i++) {
            both.push(AppApi.digest(algorithm, both.bytes(i)));
        }
        return top - 1;
    }

    // -- what happens

    @Override
    public Optional<String> load(Source source) {
        Optional<String> fault = enter("load", 1, List.of(), values -> {
            values.push(source.path());
            values.push(source.parent().map(AmfValue::of).orElse(AmfValue.NULL));
            values.push(source.name());
            values.push(source.text());
            lua.push(source.serving());
        });
        if (fault.isPresent()) {
            return fault;
        }
        AmfValue answer = new LuaValues(lua).read(1);
        lua.setTop(0);
        return answer.string();
    }

    @Override
    public void unload(String path) {
        run("unload", values -> values.push(path));
    }

    @Override
    public void manage() {
        run("manage", values -> {});
    }

    @Override
    public void handle(String path, AppEvent event, Promise<AmfValue> answer) {
        if (event instanceof AppEvent.Called call) {
            ask("call", call.arguments(), answer, values -> {
                values.push(call.client());
                values.push(call.name());
            });
        } else if (event instanceof AppEvent.Connected connect) {
            ask("connect", connect.arguments(), answer, values -> {
                values.push(path);
                values.push(connect.client());
                values.push(AmfValue.Obj.of(Visitors.properties(path, connect.visitor())));
                pushRawId(values, connect.visitor());
            });
        } else if (event instanceof AppEvent.Disconnected end) {
            tell("disconnect", answer, end.client(), end.failure());
        } else if (event instanceof AppEvent.Published publish) {
            askStream("publish", answer, publish.client(), publish.stream());
        } else if (event instanceof AppEvent.Unpublished publish) {
            tell("unpublish", answer, publish.client(), publish.stream().stream());
        } else if (event instanceof AppEvent.Subscribed subscribe) {
            askStream("subscribe", answer, subscribe.client(), subscribe.stream());
        } else if (event instanceof AppEvent.Unsubscribed subscribe) {
            tell("unsubscribe", answer, subscribe.client(), subscribe.stream().stream());
        } else {
            answer.complete(AmfValue.NULL); // no function hears of it, so it is allowed
        }
    }

    /** Into the table of properties on top of the stack: 32 bytes, which no text holds. */
    private void pushRawId(LuaValues values, AppEvent.Visitor visitor) {
        values.push("rawId");
        values.push(Visitors.rawId(visitor));
        lua.rawSet(-3);
    }

    private void askStream(String entry, Promise<AmfValue> answer, String client, StreamName stream) {
        ask(entry, List.of(), answer, values -> {
            values.push(client);
            values.push(stream.stream());
        });
    }

    private void tell(String entry, Promise<AmfValue> answer, String client, String what) {
        run(entry, values -> {
            values.push(client);
            values.push(what);
        });
        answer.complete(AmfValue.NULL);
    }

    private void answered(double call, boolean success, AmfValue value) {
        run("answered", values -> {
            lua.push((Number) call);
            lua.push(success);
            values.push(value);
        });
    }

    // -- into Lua and back

    /** Pushes what an entry is given. */
    private interface Arguments {
        void push(LuaValues values);
    }

    private void ask(String entry, List<AmfValue> more, Promise<AmfValue> answer, Arguments first) {
        if (more.size() > MAX_ARGUMENTS) {
            answer.fail(new Refusal(AppEvent.REFUSED, "more than " + MAX_ARGUMENTS + " arguments"));
            return;
        }
        long ticket = ++lastTicket;
        later.put(ticket, answer);
        Optional<String> fault = enter(entry, 2, more, values -> {
            lua.push((Number) (double) ticket);
            first.push(values);
        });
        if (fault.isPresent()) {
            later.remove(ticket);
            answer.fail(new Refusal(AppEvent.REFUSED, fault.get()));
            return;
        }
        int code = (int) lua.toNumber(1);
        if (code != LATER) {
            later.remove(ticket);
            settleTop(answer, code);
        }
        lua.setTop(0);
    }

    private void settleTop(Promise<AmfValue> answer, int code) {
        try {
            settle(answer, code, new LuaValues(lua).read(2));
        } catch (ProtocolException e) {
            answer.fail(new Refusal(AppEvent.REFUSED, e.getMessage()));
        }
    }

    private static void settle(Promise<AmfValue> answer, int code, AmfValue value) {
        if (code == DONE) {
            answer.complete(value);
        } else if (code == UNKNOWN) {
            answer.fail(new Refusal(AppEvent.UNKNOWN_METHOD, "no such method"));
        } else {
            answer.fail(new Refusal(AppEvent.REFUSED, value.string().orElse("refused")));
        }
    }

    private void run(String entry, Arguments arguments) {
        if (closed) {
            return;
        }
        enter(entry, 0, List.of(), arguments).ifPresent(fault -> api.log(AppApi.Level.ERROR, fault));
        lua.setTop(0);
    }

    /** Calls an entry; its results are on the stack then, unless there is a fault. Native code would not ask whether its state is gone. */
    private Optional<String> enter(String entry, int results, List<AmfValue> more, Arguments arguments) {
        if (closed) {
            return Optional.of("the application has ended");
        }
        try {
            LuaValues values = new LuaValues(lua);
            lua.refGet(entries.get(entry));
            arguments.push(values);
            values.pushAll(more);
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
        List<Promise<AmfValue>> unanswered = new ArrayList<>(later.values());
        later.clear();
        closed = true;
        lua.close();
        unanswered.forEach(answer -> answer.fail(new Refusal(AppEvent.REFUSED, "the application ends")));
    }
}
