package io.fluctus.script;

import static org.assertj.core.api.Assertions.assertThat;

import io.fluctus.wire.AmfValue;
import io.vertx.core.buffer.Buffer;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Scripts in Lua as Cumulus ran them: who is asked, what is answered, what is inherited, what changes. */
class LuaEngineTest {
    private final Theatre theatre = new Theatre();

    @AfterEach
    void close() {
        theatre.close();
    }

    private static AmfValue text(String value) {
        return AmfValue.of(value);
    }

    @Test
    void theSampleOfCumulusRunsAsItStands() {
        theatre.with(
                "",
                "function onConnection(client,response,...)",
                " function client:test(...)",
                "  name,firstname = unpack(arg)",
                "  return \"Hello \"..firstname..\" \"..name",
                " end",
                "end");
        assertThat(theatre.connect("", "c/1")).isEqualTo("[]");
        assertThat(theatre.call("c/1", "test", text("OpenRTMFP/Cumulus"), text("World")))
                .isEqualTo("Hello World OpenRTMFP/Cumulus");
        assertThat(theatre.call("c/1", "nothing")).isEqualTo("404 no such method");
    }

    @Test
    void aSecondParameterCalledResponseIsOne() {
        theatre.with(
                "old",
                "function onConnection(client, response, user)",
                "  response.greeting = 'hello ' .. user",
                "end");
        theatre.with(
                "new",
                "function onConnection(client, user, response)",
                "  return {greeting = 'hi ' .. user, third = tostring(response)}",
                "end");
        theatre.with("none", "onConnection = function(...) return {count = select('#', ...)} end");
        assertThat(theatre.connect("old", "c/1", text("ann"))).isEqualTo("{greeting=hello ann}");
        assertThat(theatre.connect("new", "c/2", text("bob"))).isEqualTo("{greeting=hi bob, third=nil}");
        assertThat(theatre.connect("none", "c/3", text("x"))).isEqualTo("{count=2}");
    }

    @Test
    void aRefusedClientReadsTheErrorWithoutItsPlace() {
        theatre.with(
                "",
                "function onConnection(client, key)",
                "  if key ~= 'k' then error('wrong key: ' .. key) end",
                "end");
        assertThat(theatre.connect("", "c/1", text("x"))).isEqualTo("403 wrong key: x");
        assertThat(theatre.log).containsExactly("ERROR main.lua:2: wrong key: x");
        assertThat(theatre.connect("", "c/2", text("k"))).isEqualTo("[]");
        theatre.with("f", "function onConnection() return false, 'full' end");
        assertThat(theatre.connect("f", "c/3")).isEqualTo("403 full");
    }

    @Test
    void anErrorInACallIsTheClientsAnswer() {
        theatre.with("", "function onConnection(c)", "function c:f() local x = nil; return x.y end", "end");
        theatre.connect("", "c/1");
        assertThat(theatre.call("c/1", "f")).isEqualTo("403 attempt to index local 'x' (a nil value)");
        assertThat(theatre.log).containsExactly("ERROR main.lua:2: attempt to index local 'x' (a nil value)");
    }

    @Test
    void valuesComeBackAsTheyWent() {
        theatre.with("", "function onConnection(c) function c:echo(...) return ... end end");
        theatre.connect("", "c/1");
        List<AmfValue> values = List.of(
                text(""),
                text("plain"),
                text("h\u00e9llo \u20ac \ud83d\ude00 \0 \n\r\"\\ end"),
                AmfValue.of(-1.5),
                AmfValue.of(true),
                AmfValue.NULL,
                AmfValue.Array.of(AmfValue.of(1), text("b")),
                AmfValue.Obj.of(Map.of("a", AmfValue.of(1), "b", AmfValue.Obj.of(Map.of("c", text("d"))))),
                new AmfValue.Obj("my.Type", Map.of("a", AmfValue.of(1))),
                new AmfValue.Array(List.of(AmfValue.of(7)), Map.of("n", AmfValue.of(8))),
                new AmfValue.Date(1234567890123.0),
                new AmfValue.Date(Double.NaN),
                new AmfValue.Bytes(Buffer.buffer(new byte[] {0, 1, -1, 10, 13, 34, 92})));
        for (AmfValue value : values) {
            assertThat(theatre.result("c/1", "echo", value)).isEqualTo(value);
        }
    }

    @Test
    void whatCannotBeHandedOverIsAnErrorOfTheCall() {
        theatre.with(
                "",
                "function onConnection(c)",
                "  function c:loop() local t = {}; t.t = t; return t end",
                "  function c:many() local t = {}; for i = 1, 20000 do t[i] = i end; return t end",
                "  function c:big() local t = {}; for i = 1, 9 do t[i] = ('x'):rep(1000000) end; return t end",
                "  function c:functions() return {print, a = print, b = 1} end",
                "end");
        theatre.connect("", "c/1");
        assertThat(theatre.call("c/1", "loop")).isEqualTo("403 a table is nested deeper than 32, or contains itself");
        assertThat(theatre.call("c/1", "many")).isEqualTo("403 more than 10000 values at a time");
        assertThat(theatre.call("c/1", "big")).isEqualTo("403 more than 4194304 bytes at a time");
        assertThat(theatre.result("c/1", "functions").members()).containsKey("b");
    }
}
