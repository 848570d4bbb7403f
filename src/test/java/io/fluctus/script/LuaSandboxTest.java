package io.fluctus.script;

import static org.assertj.core.api.Assertions.assertThat;

import io.fluctus.wire.AmfValue;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** What a script cannot do, and that the next event finds everything in order afterwards. */
class LuaSandboxTest {
    private static final String CPU = "403 stopped: more than 20 ms of CPU time";
    private static final String MEMORY = "403 stopped: more than 2 MiB of memory";
    private static final Budget.Limits LITTLE_TIME = new Budget.Limits(20, 32 * 1024);
    private static final Budget.Limits LITTLE_MEMORY = new Budget.Limits(2_000, 2 * 1024);

    private final Theatre theatre = new Theatre();

    @AfterEach
    void close() {
        theatre.close();
    }

    private String eval(Theatre theatre, String body) {
        theatre.with(
                "",
                "function onConnection(client)",
                "function client:f()\n" + body + "\nend",
                "function client:ok() return 'ok' end end");
        theatre.connect("", "c/1");
        return theatre.call("c/1", "f");
    }

    /** A script that never ends by itself, and what its client hears. */
    private record Endless(String name, String body, String answer) {}

    private static final List<Endless> ENDLESS = List.of(
            new Endless("loop", "while true do end", CPU),
            new Endless("repeat", "local x = 0; repeat x = x + 1 until false", CPU),
            new Endless("goto itself", "local function g() return g() end; return g()", CPU),
            new Endless("pcall", "while true do pcall(error) end", CPU),
            new Endless("loop in pcall", "while true do pcall(function() while true do end end) end", CPU),
            new Endless("xpcall", "while true do xpcall(function() while true do end end, function() end) end", CPU),
            new Endless(
                    "handler",
                    "xpcall(function() while true do end end, function() while true do end end); while true do end",
                    CPU),
            new Endless(
                    "coroutine",
                    "local c = coroutine.create(function() while true do end end); while true do coroutine.resume(c) end",
                    CPU),
            new Endless(
                    "coroutines",
                    "while true do coroutine.wrap(function() pcall(function() while true do end end) end)() end",
                    CPU),
            new Endless("many coroutines", "while true do coroutine.wrap(function() cumulus:md5('x') end)() end", CPU),
            new Endless(
                    "metatable",
                    "local t = setmetatable({}, {__index = function(t, k) return t[k + 1] end}); return pcall(function() while true do pcall(function() return t[1] end) end end)",
                    CPU),
            new Endless(
                    "sort",
                    "local t = {}; for i = 1, 10000 do t[i] = i end; while true do table.sort(t, function(a, b) return a > b end) end",
                    CPU),
            new Endless(
                    "gsub",
                    "while true do (('x'):rep(1000):gsub('x', function() return 'y' end)) end"
                            .replace("(('x')", "local _ = (('x')"),
                    CPU),
            new Endless("calls", "while true do cumulus:md5('x') end", CPU),
            new Endless("load", "load(function() return 'x = 1 ' end)", MEMORY),
            new Endless("doubling", "local s = 'x'; while true do s = s .. s end", MEMORY),
            new Endless(
                    "doubling in pcall",
                    "while true do pcall(function() local s = 'x'; while true do s = s .. s end end) end",
                    MEMORY),
            new Endless("table", "local t = {}; while true do t[#t + 1] = {} end", MEMORY),
            new Endless(
                    "strings",
                    "local t = {}; local i = 0; while true do i = i + 1; t[i] = ('x'):rep(1000) .. i end",
                    MEMORY),
            new Endless(
                    "closures", "local f = print; while true do local g = f; f = function() return g end end", MEMORY),
            new Endless(
                    "concat",
                    "local t = {}; for i = 1, 1000 do t[i] = ('x'):rep(1000) end; local s = {}; while true do s[#s + 1] = table.concat(t) .. #s end",
                    MEMORY));

    @TestFactory
    List<DynamicTest> whatDoesNotEndIsStopped() {
        return ENDLESS.stream()
                .map(e -> DynamicTest.dynamicTest(e.name, () -> {
                    try (Theatre stage = new Theatre(e.answer.equals(CPU) ? LITTLE_TIME : LITTLE_MEMORY)) {
                        assertThat(eval(stage, e.body)).isEqualTo(e.answer);
                        if (!stage.engine.exhausted()) {
                            assertThat(stage.call("c/1", "ok")).isEqualTo("ok");
                            assertThat(eval(stage, "local x = 0; for i = 1, 1000 do x = x + i end; return x"))
                                    .isEqualTo("500500");
                        }
                    }
                }))
                .toList();
    }

    @TestFactory
    List<DynamicTest> whatReachesOutsideIsNotThere() {
        return List.of(
                        "os",
                        "io",
                        "package",
                        "debug",
                        "java",
                        "luajava",
                        "require",
                        "module",
                        "dofile",
                        "loadfile",
                        "newproxy",
                        "string.dump",
                        "__jthrowable__",
                        "getfenv(0).java",
                        "getfenv(print).java",
                        "select(2, pcall(getfenv, 1)).java",
                        "select(2, pcall(getfenv, 2)).java",
                        "getfenv(coroutine.wrap(function() end)).java")
                .stream()
                .map(name -> DynamicTest.dynamicTest(
                        name,
                        () -> assertThat(eval(theatre, "return type(" + name + ")"))
                                .isIn("nil", "null")))
                .toList();
    }

    @Test
    void noFunctionOfTheGatewayShowsOrChangesItsEnvironment() {
        assertThat(
                        eval(
                                theatre,
                                "return getfenv(cumulus.split) == getfenv(1) and getfenv() == getfenv(1) and getfenv(1) == _G and not getmetatable(_G)"))
                .isEqualTo("true");
        assertThat(
                        eval(
                                theatre,
                                "return tostring(pcall(setfenv, 0, {})) .. tostring(pcall(setfenv, cumulus.split, {})) .. tostring(pcall(setfenv, print, {}))"))
                .isEqualTo("falsefalsefalse");
    }

    @Test
    void aScriptMayChangeTheEnvironmentOfItsOwnFunctions() {
        assertThat(eval(theatre, "local f = function() return x end; setfenv(f, {x = 5}); return f()"))
                .isEqualTo("5");
        assertThat(eval(theatre, "y = 6; local f = function() setfenv(1, {y = 7}); return y end; return {f(), y}"))
                .isEqualTo("[7, 6]");
    }

    @Test
    void bytecodeIsNotLoaded() {
        assertThat(eval(theatre, "local f, why = loadstring('\\27Lua'); return why"))
                .isEqualTo("bytecode is not loaded");
        assertThat(
                        eval(
                                theatre,
                                "local f, why = load(function() local x = p; p = nil; return x or '\\27Lua' .. (function() p = ''; return 'x' end)() end); return why"))
                .isEqualTo("bytecode is not loaded");
        assertThat(theatre.load("b", "\u001bLua")).contains("bytecode is not loaded");
    }

    @Test
    void codeLoadedByAScriptLivesInItsApplication() {
        assertThat(eval(theatre, "z = 8; local f = loadstring('w = z; return z'); return {f(), w}"))
                .isEqualTo("[8, 8]");
        assertThat(eval(theatre, "return (loadstring('x ='))== nil and select(2, loadstring('x =', '=name'))"))
                .startsWith("name:1:");
    }

    @Test
    void longCallsInsideTheEngineAreBounded() {
        assertThat(eval(theatre, "return ('x'):rep(600 * 1024 * 1024)"))
                .isEqualTo("403 string.rep makes at most 1048576 bytes");
        assertThat(eval(theatre, "return #('x'):rep(1024 * 1024)")).isEqualTo("1048576");
        assertThat(eval(theatre, "return ('x'):rep(-1) .. ''")).isEqualTo("");
        for (String search : List.of("find", "match", "gmatch", "gsub")) {
            assertThat(eval(theatre, "return ('a'):rep(1000000):" + search + "(('a?'):rep(500000), '')"))
                    .isEqualTo("403 a pattern has at most 1024 bytes");
        }
        assertThat(eval(theatre, "return (('hello'):gsub('l+', 'L'))")).isEqualTo("heLo");
    }

    @Test
    void whatTheGatewayThrowsIsAnErrorAndNoObject() {
        for (String call : List.of(
                "cumulus:fromAMF(('\\1\\1'):rep(9000))",
                "cumulus:fromAMF('\\17')",
                "cumulus:md5()",
                "cumulus:md5(nil)",
                "cumulus:toAMF(cumulus)",
                "self.writer:writeAMFMessage()",
                "self.writer.writeAMFMessage(nil, 'x')",
                "self:close({}, {})",
                "unpack({}, 1, 1000000)")) {
            eval(theatre, "pcall(function() return " + call + " end); return type(__jthrowable__)");
            assertThat(theatre.call("c/1", "f")).as(call).isEqualTo("nil");
            assertThat(theatre.call("c/1", "ok")).as(call).isEqualTo("ok");
        }
    }

    @Test
    void aCallHasABoundedNumberOfArguments() {
        theatre.with("", "function onConnection(client) function client:f(...) return select('#', ...) end end");
        theatre.connect("", "c/1");
        AmfValue[] most =
                Collections.nCopies(LuaLanguage.MAX_ARGUMENTS, AmfValue.NULL).toArray(AmfValue[]::new);
        AmfValue[] more = Collections.nCopies(9_000, AmfValue.NULL).toArray(AmfValue[]::new);
        assertThat(theatre.call("c/1", "f", most)).isEqualTo("250");
        assertThat(theatre.call("c/1", "f", more)).isEqualTo("403 more than 250 arguments");
        assertThat(theatre.connect("", "c/2", more)).isEqualTo("403 more than 250 arguments");
    }

    @Test
    void errorsBehaveAsEver() {
        assertThat(eval(theatre, "return {pcall(error, 'e', 0)}")).isEqualTo("[false, e]");
        assertThat(eval(theatre, "return {xpcall(function() error('e', 0) end, function(e) return e .. '!' end)}"))
                .isEqualTo("[false, e!]");
        assertThat(eval(theatre, "return {xpcall(function() return 1, 2 end, print)}"))
                .isEqualTo("[true, 1, 2]");
        assertThat(eval(theatre, "error({code = 1})")).isEqualTo("403 error of type table");
        assertThat(eval(theatre, "local function r() return 1 + r() end; return (pcall(r))"))
                .isEqualTo("false");
    }

    @Test
    void coroutinesBehaveAsEver() {
        assertThat(
                        eval(
                                theatre,
                                "local c = coroutine.wrap(function(a) local b = coroutine.yield(a + 1); return b * 2 end); return {c(1), c(5)}"))
                .isEqualTo("[2, 10]");
        assertThat(
                        eval(
                                theatre,
                                "local c = coroutine.create(function() error('e', 0) end); local ok, why = coroutine.resume(c); return {ok, why, coroutine.status(c)}"))
                .isEqualTo("[false, e, dead]");
        assertThat(eval(theatre, "return select(2, pcall(coroutine.wrap(function() error('e', 0) end)))"))
                .isEqualTo("e");
    }

    @Test
    void coroutinesThatCallTheGatewayLeaveNothingBehind() {
        eval(theatre, "local c = coroutine.wrap; for i = 1, 300 do c(function() cumulus:md5('x') end)() end");
        theatre.with(
                "",
                "function onConnection(client) function client:f() for i = 1, 300 do coroutine.wrap(function() cumulus:md5('x') end)() end; collectgarbage(); return gcinfo() end end");
        theatre.connect("", "c/2");
        long before = Long.parseLong(theatre.call("c/2", "f"));
        for (int i = 0; i < 5; i++) {
            theatre.call("c/2", "f");
        }
        assertThat(Long.parseLong(theatre.call("c/2", "f"))).isLessThan(before + 200);
    }

    @Test
    void failingCallsLeaveNothingBehind() {
        theatre.with(
                "",
                "function onConnection(client) function client:f() error('e') end function client:g() collectgarbage() return gcinfo() end end");
        theatre.connect("", "c/1");
        theatre.call("c/1", "f");
        long before = Long.parseLong(theatre.call("c/1", "g"));
        for (int i = 0; i < 2_000; i++) {
            theatre.call("c/1", "f");
        }
        assertThat(Long.parseLong(theatre.call("c/1", "g"))).isLessThan(before + 100);
    }

    @Test
    void anApplicationThatKeepsTooMuchIsToBeReplaced() {
        Theatre theatre = new Theatre(LITTLE_MEMORY);
        assertThat(eval(theatre, "kept = {}; while true do kept[#kept + 1] = ('x'):rep(1000) .. #kept end"))
                .isEqualTo(MEMORY);
        assertThat(theatre.engine.exhausted()).isTrue();
        theatre.close();
    }

    @Test
    void whatAScriptDropsDoesNotCount() {
        try (Theatre small = new Theatre(LITTLE_MEMORY)) {
            assertThat(eval(small, "for i = 1, 60 do local s = ('0123456789'):rep(10000) .. i end; return 'ok'"))
                    .isEqualTo("ok");
            assertThat(small.engine.exhausted()).isFalse();
        }
    }

    @Test
    void noFunctionOfAScriptRunsWhereNoHookWatches() {
        String evil =
                "setmetatable({}, {__tostring = loop, __index = loop, __newindex = loop, __eq = loop, __call = loop})";
        theatre.with(
                "",
                "function loop() while true do end end",
                "function onConnection(client, response)",
                "  function client:error() error(" + evil + ") end",
                "  function client:result() return " + evil + " end",
                "  function client:yield() coroutine.yield(1) end",
                "  function client:running() return coroutine.running() == nil end",
                "  function client:lock() return pcall(setmetatable, _G, {}) or pcall(setmetatable, self, {}) end",
                "  setmetatable(response, {__newindex = loop})",
                "  return {a = 1}",
                "end",
                "function onPublish(client, publication) publication.listeners = " + evil,
                "  publication.name, publication.publisherId = " + evil + ", " + evil + " end",
                "function onSubscribe(client, listener) listener.publication = " + evil + "; listener.id = " + evil
                        + " end");
        assertThat(theatre.connect("", "c/1")).isEqualTo("{a=1}");
        assertThat(theatre.call("c/1", "error")).isEqualTo("403 error of type table");
        assertThat(theatre.call("c/1", "result")).isEqualTo("[]");
        assertThat(theatre.call("c/1", "yield")).isEqualTo("403 an event cannot yield");
        assertThat(theatre.call("c/1", "running")).isEqualTo("true");
        assertThat(theatre.call("c/1", "lock")).isEqualTo("false");
        assertThat(theatre.publish("c/1", "cam")).isEqualTo("null");
        assertThat(theatre.subscribe("c/1", "cam")).isEqualTo("null");
        theatre.unsubscribe("c/1", "cam");
        theatre.unpublish("c/1", "cam");
        theatre.disconnect("c/1", "");
        theatre.log.removeIf(line -> line.startsWith("ERROR error of") || line.startsWith("ERROR an event"));
        assertThat(theatre.log).isEmpty();
    }

    @Test
    void onConnectionAndLoadingAreBoundedToo() {
        Theatre theatre = new Theatre(LITTLE_TIME);
        assertThat(theatre.load("", "while true do end")).contains("stopped: more than 20 ms of CPU time");
        theatre.with("", "function onConnection() while true do end end");
        assertThat(theatre.connect("", "c/1")).isEqualTo(CPU);
        theatre.with(
                "",
                "function onManage() while true do end end",
                "function onConnection(c) function c:onManage() INFO('mine') end end");
        assertThat(theatre.connect("", "c/2")).isEqualTo("[]");
        theatre.log.clear();
        theatre.engine.manage();
        assertThat(theatre.log).containsExactly("ERROR stopped: more than 20 ms of CPU time", "INFO mine");
        theatre.close();
    }
}
