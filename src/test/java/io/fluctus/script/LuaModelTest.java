package io.fluctus.script;

import static org.assertj.core.api.Assertions.assertThat;

import io.fluctus.bus.ClientWord;
import io.fluctus.wire.AmfValue;
import io.vertx.core.buffer.Buffer;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The objects that scripts see: clients and their writers, publications, the gateway itself, and the applications above. */
class LuaModelTest {
    private final Theatre theatre = new Theatre();

    @AfterEach
    void close() {
        theatre.close();
    }

    /** A client {@code c/1} whose function {@code f} has this body, and what it gives back. */
    private String eval(String... body) {
        theatre.with("", "function onConnection(client) function client:f(...)", String.join("\n", body), "end end");
        theatre.connect("", "c/1", "room=3&id=x&name=a%20b%zz&q=a%20b", AmfValue.of("argument"));
        return theatre.call("c/1", "f");
    }

    @Test
    void aClientKnowsWhereItComesFromAndWhatItsUrlSaid() {
        assertThat(
                        eval(
                                "return {self.path, self.address, self.protocol, self.pageUrl, self.swfUrl, self.flashVersion, self.room}"))
                .isEqualTo("[/, 10.0.0.7:5000, rtmp, http://page/, , LNX 9, 3]");
    }

    @Test
    void aClientsIdIsAsThatOfAPeer() {
        String hex = HexFormat.of().formatHex(Visitors.rawId("c/1"));
        assertThat(eval("return {self.id, #self.id, #self.rawId, self.name}"))
                .isEqualTo("[" + hex + ", 64, 32, a%20b%zz]");
        assertThat(
                        eval(
                                "local s = ''; for i = 1, 32 do s = s .. string.format('%02x', self.rawId:byte(i)) end; return s"))
                .isEqualTo(hex);
    }

    @Test
    void whatAScriptAddsToAClientStays() {
        theatre.with(
                "",
                "function onConnection(client) client.count = 0",
                "function client:f() self.count = self.count + 1; return self.count end end");
        theatre.connect("", "c/1");
        theatre.connect("", "c/2");
        theatre.call("c/1", "f");
        assertThat(theatre.call("c/1", "f")).isEqualTo("2");
        assertThat(theatre.call("c/2", "f")).isEqualTo("1");
    }

    @Test
    void onlyFunctionsThatAScriptPutThereCanBeCalled() {
        theatre.with("", "function onConnection(client) client.data = 1; function client:onManage() end end");
        theatre.connect("", "c/1");
        for (String name : List.of("data", "id", "writer", "call", "close", "onManage", "", "print", "__index")) {
            assertThat(theatre.call("c/1", name)).as(name).startsWith("404");
        }
        assertThat(theatre.call("stranger", "f")).startsWith("404");
    }

    @Test
    void aWriterCallsTheClient() {
        assertThat(eval(
                        "self.writer:writeAMFMessage('say', 'hi', 1, {a = true})",
                        "self.writer:newFlowWriter():writeAMFMessage('other')",
                        "self.writer:flush()",
                        "self.writer:writeAMFResult('answer')"))
                .isEqualTo("answer");
        assertThat(theatre.heard()).containsExactly("c/1 say [hi, 1, {a=true}]", "c/1 other []");
        eval("self.writer:writeStatusResponse('My.Code', 'text'); self:close('My.End', 'enough')");
        assertThat(theatre.told)
                .containsExactly(
                        new ClientWord.Say("c/1", "My.Code", "text", false),
                        new ClientWord.Close("c/1", "My.End", "enough"));
    }

    @Test
    void anEventWaitsForTheAnswerOfTheClientItCalls() {
        assertThat(eval("local answer, why = self:call('name', 1); return tostring(answer) .. ' ' .. tostring(why)"))
                .isEqualTo("later");
        theatre.asked.remove().complete(AmfValue.of("ann"));
        theatre.settle();
        assertThat(theatre.answers).containsExactly("ann nil");
    }

    @Test
    void aClientThatDoesNotAnswerGivesNilAndTheReason() {
        eval("local answer, why = self:call('name'); return tostring(answer) .. ' ' .. tostring(why)");
        theatre.asked.remove().fail("the client is gone");
        theatre.settle();
        assertThat(theatre.answers).containsExactly("nil the client is gone");
    }

    @Test
    void aFunctionAsLastArgumentIsGivenTheAnswer() {
        assertThat(eval("self:call('name', 7, function(answer, why) INFO(answer, ' ', why) end); return 'at once'"))
                .isEqualTo("at once");
        assertThat(((ClientWord.Call) theatre.told.get(0)).arguments()).containsExactly(AmfValue.of(7));
        theatre.asked.remove().complete(AmfValue.of("ann"));
        theatre.settle();
        assertThat(theatre.log).containsExactly("INFO ann nil");
    }

    @Test
    void onConnectionMayWaitForTheClientToo() {
        theatre.with("", "function onConnection(client) if client:call('password') ~= 's' then error('wrong') end end");
        assertThat(theatre.connect("", "c/1")).isEqualTo("later");
        assertThat(theatre.connect("", "c/2")).isEqualTo("later");
        theatre.asked.remove().complete(AmfValue.of("s"));
        theatre.asked.remove().complete(AmfValue.of("t"));
        theatre.settle();
        assertThat(theatre.answers).containsExactly("[]", "403 wrong");
    }

    @Test
    void clientsAreCountedFoundAndWalked() {
        theatre.with(
                "",
                "function onConnection(client) function client:f()",
                "  local ids = {}",
                "  for id, other in cumulus.clients:pairs() do assert(other.id == id); ids[#ids + 1] = id end",
                "  for i, other in gateway.clients:ipairs() do assert(ids[i] == other.id) end",
                "  assert(cumulus.clients(self.id) == self and cumulus.clients[self.id] == self)",
                "  assert(cumulus.clients(self.rawId) == self and cumulus.clients('nobody') == nil)",
                "  return {cumulus.clients.count, #ids}",
                "end end");
        theatre.connect("", "c/1");
        theatre.connect("", "c/2");
        assertThat(theatre.call("c/1", "f")).isEqualTo("[2, 2]");
        theatre.disconnect("c/2", "");
        assertThat(theatre.call("c/1", "f")).isEqualTo("[1, 1]");
    }

    @Test
    void whoLeavesIsTakenLeaveOf() {
        theatre.with(
                "",
                "function onFailed(client, why) INFO('failed ', why, ' ', cumulus.clients.count) end",
                "function onDisconnection(client) INFO('left ', client.path, ' ', cumulus.clients.count) end");
        theatre.connect("", "c/1");
        theatre.disconnect("c/1", "broken");
        theatre.disconnect("c/1", "again");
        theatre.connect("", "c/1");
        theatre.disconnect("c/1", "");
        assertThat(theatre.log).containsExactly("INFO failed broken 1", "INFO left / 1", "INFO left / 1");
    }

    @Test
    void publicationsAreAskedForShownAndForgotten() {
        theatre.with(
                "",
                "function onConnection(client) function client:f() local p = cumulus.publications('cam')",
                "  return p and {p.name, p.publisherId == client.id, p.listeners.count, cumulus.publications.count} or 'none' end end",
                "function onPublish(client, publication)",
                "  if publication.name == 'no' then return false end",
                "  if publication.name == 'error' then error('because') end",
                "end",
                "function onUnpublish(client, publication) INFO('unpublished ', publication.name) end",
                "function onSubscribe(client, listener)",
                "  if listener.publication.name == 'secret' then return false, 'it is secret' end",
                "end",
                "function onUnsubscribe(client, listener) INFO('unsubscribed ', listener.publication.name) end");
        theatre.connect("", "c/1");
        theatre.connect("", "c/2");
        assertThat(theatre.publish("c/1", "no")).isEqualTo("403 the application refuses this publication");
        assertThat(theatre.publish("c/1", "error")).isEqualTo("403 because");
        assertThat(theatre.subscribe("c/2", "secret")).isEqualTo("403 it is secret");
        assertThat(theatre.subscribe("c/2", "cam")).isEqualTo("null");
        assertThat(theatre.publish("c/1", "cam")).isEqualTo("null");
        assertThat(theatre.call("c/1", "f")).isEqualTo("[cam, true, 1, 1]");
        theatre.unpublish("c/1", "cam");
        assertThat(theatre.call("c/2", "f")).isEqualTo("[cam, false, 1, 1]");
        theatre.unsubscribe("c/2", "cam");
        assertThat(theatre.call("c/1", "f")).isEqualTo("none");
        assertThat(theatre.log)
                .containsExactly("ERROR main.lua:5: because", "INFO unpublished cam", "INFO unsubscribed cam");
    }

    @Test
    void whoLeavesEndsWhatItPublishedAndPlayed() {
        theatre.with(
                "",
                "function onUnpublish(client, publication) INFO('unpublished ', publication.name) end",
                "function onUnsubscribe(client, listener) INFO('unsubscribed ', listener.publication.name) end",
                "function onDisconnection() INFO('left ', cumulus.publications.count) end");
        theatre.connect("", "c/1");
        theatre.publish("c/1", "cam");
        theatre.subscribe("c/1", "cam");
        theatre.disconnect("c/1", "");
        assertThat(theatre.log).containsExactly("INFO unpublished cam", "INFO unsubscribed cam", "INFO left 0");
    }

    @Test
    void everyTwoSecondsApplicationsAndClientsMayAct() {
        theatre.with(
                "",
                "function onManage() INFO('application') end",
                "function onConnection(client) function client:onManage() INFO('client'); error('no') end end");
        theatre.with("child", "function onConnection() end");
        theatre.connect("", "c/1");
        theatre.engine.manage();
        assertThat(theatre.log).containsExactly("INFO application", "INFO client", "ERROR main.lua:2: no");
    }

    @Test
    void theGatewayComputes() {
        assertThat(
                        eval(
                                "return {cumulus:md5('abc') == cumulus.md5('abc'), #cumulus:md5('abc'), select('#', cumulus:sha256('a', 'b'))}"))
                .isEqualTo("[true, 16, 2]");
        assertThat(eval("return {cumulus:split('a,b;;c', ',;')}")).isEqualTo("[a, b, , c]");
        assertThat(eval("return {cumulus:split(' a ,, b', ',', 3)}")).isEqualTo("[a, b]");
        assertThat(eval("return {cumulus:absolutePath('games/chess'), cumulus.publicAddress, cumulus == gateway}"))
                .isEqualTo("[/srv/verticles/games/chess/, media.example.org, true]");
        assertThat(eval("return {cumulus.configs.lobby.size, cumulus.configs.lobby.open}"))
                .isEqualTo("[4, false]");
        assertThat(eval("return cumulus.epochTime > 1700000000000")).isEqualTo("true");
    }

    @Test
    void amfIsWrittenAndReadByScripts() {
        assertThat(eval("return cumulus:fromAMF(cumulus:toAMF({a = 1, b = 'x'}))"))
                .isEqualTo("{a=1, b=x}");
        assertThat(eval("return {cumulus:fromAMF(cumulus:toAMF0(1, 'two', true))}"))
                .isEqualTo("[1, two, true]");
        assertThat(eval("return pcall(cumulus.fromAMF, '\\255') and 'read' or 'refused'"))
                .isEqualTo("refused");
        assertThat(eval("local ok, why = pcall(function() return cumulus:fromAMF('\\2\\9\\9') end); return why"))
                .contains("bytes");
    }

    @Test
    void aDateHasItsPartsAndBytesAreRaw() {
        theatre.with(
                "",
                "function onConnection(c) function c:f(d, b) return {d.year, d.month, d.day, d.hour, d.min, d.sec, d.msec, #b.__raw} end end");
        theatre.connect("", "c/1");
        assertThat(theatre.call(
                        "c/1", "f", new AmfValue.Date(1330606921001.0), new AmfValue.Bytes(Buffer.buffer("xyz"))))
                .isEqualTo("[2012, 3, 1, 13, 2, 1, 1, 3]");
    }

    @Test
    void logFunctionsJoinWhatTheyAreGiven() {
        eval("ERROR('a', 1); WARN(nil); NOTE(true); INFO('i'); DEBUG('d'); TRACE('t'); print('p', 2)");
        assertThat(theatre.log)
                .containsExactly("ERROR a1", "WARN nil", "INFO true", "INFO i", "DEBUG d", "DEBUG t", "INFO p\t2");
    }

    @Test
    void namesAreInheritedFromTheFolderAbove() {
        theatre.with(
                "",
                "greeting = 'hello'; function onConnection(client) function client:f() return where() end end; function where() return 'root' end");
        theatre.with("a", "greeting = greeting .. ' from a'; function where() return super.greeting end");
        theatre.with(
                "a/b",
                "function onConnection(client) function client:f() return greeting .. ', ' .. super.where() .. ', ' .. tostring(nobody) end end");
        theatre.connect("a", "c/1");
        theatre.connect("a/b", "c/2");
        assertThat(theatre.call("c/1", "f")).isEqualTo("root");
        assertThat(theatre.call("c/2", "f")).isEqualTo("hello from a, hello, nil");
        theatre.with("", "below = a.greeting; function onConnection(client) function client:f() return below end end");
        theatre.connect("", "c/3");
        assertThat(theatre.call("c/3", "f")).isEqualTo("hello from a");
    }

    @Test
    void aNewVersionMeetsThoseWhoAreConnectedAndDisturbsNobody() {
        theatre.with(
                "",
                "function onStop(path) INFO('stop ', path) end",
                "function onConnection(client) function client:f() return 'old' end end");
        theatre.with("child", "x = 1");
        theatre.connect("", "c/1");
        theatre.connect("child", "c/2");
        theatre.with(
                "",
                "users = {}",
                "function onStart(path) INFO('start ', path) end",
                "function onConnection(client, name)",
                "  users[client.id] = name",
                "  client.writer:writeAMFMessage('welcome')",
                "  client:close()",
                "  function client:f() return 'new ' .. tostring(users[client.id]) end",
                "  return false",
                "end");
        assertThat(theatre.heard()).isEmpty();
        assertThat(theatre.call("c/1", "f")).isEqualTo("new nil");
        assertThat(theatre.call("c/2", "f")).isEqualTo("new nil");
        assertThat(theatre.log).containsExactly("INFO stop ", "INFO start ");
        theatre.connect("", "c/3", AmfValue.of("ann"));
        assertThat(theatre.heard())
                .containsExactly(
                        "c/3 welcome []",
                        new ClientWord.Close("c/3", "NetConnection.Connect.Closed", "closed by the application")
                                .toString());
    }

    @Test
    void aBrokenNewVersionLeavesTheOldOneRunning() {
        theatre.with("", "function onConnection(client) function client:f() return 'old' end end");
        theatre.connect("", "c/1");
        assertThat(theatre.load("", "function onConnection(\n  client"))
                .hasValueSatisfying(why -> assertThat(why).startsWith("main.lua:2:"));
        assertThat(theatre.load("", "x = 1\nlocal y = x.z.u"))
                .hasValueSatisfying(why -> assertThat(why).startsWith("main.lua:2: attempt to index global 'x'"));
        assertThat(theatre.call("c/1", "f")).isEqualTo("old");
        theatre.connect("", "c/2");
        assertThat(theatre.call("c/2", "f")).isEqualTo("old");
    }

    @Test
    void whatStillRunsOfAnOldVersionUsesTheNewNames() {
        theatre.with(
                "",
                "text = 'old'",
                "function onConnection(client) function client:g() self:call('x'); return text end end");
        theatre.connect("", "c/1");
        theatre.call("c/1", "g");
        theatre.with("", "text = 'new'");
        theatre.asked.remove().complete(AmfValue.NULL);
        theatre.settle();
        assertThat(theatre.answers).containsExactly("new");
    }

    @Test
    void aThousandReloadsLeaveNothingBehind() {
        theatre.with(
                "",
                "function onConnection(client) function client:f() return collectgarbage() and 0 or gcinfo() end end");
        theatre.connect("", "c/1");
        for (int i = 0; i < 100; i++) {
            theatre.with(
                    "",
                    "local big = {} for i = 1, 1000 do big[i] = i end",
                    "function onConnection(client) function client:f() return big and " + i + " end end");
        }
        assertThat(theatre.call("c/1", "f")).isEqualTo("99");
        for (int i = 0; i < 900; i++) {
            theatre.with(
                    "",
                    "local big = {} for i = 1, 1000 do big[i] = i end",
                    "function onConnection(client) function client:f() collectgarbage(); return big and gcinfo() < 1000 end end");
        }
        assertThat(theatre.call("c/1", "f")).isEqualTo("true");
    }

    @Test
    void propertiesOfTheUrlHideNothing() {
        theatre.with(
                "",
                "function onConnection(client) function client:f() return type(client.call) .. type(client.writer) .. client.id end end");
        theatre.connect("", "c/1", "call=1&writer=2&id=3&close=4&rawId=5");
        assertThat(theatre.call("c/1", "f")).startsWith("functiontable").doesNotEndWith("table3");
    }

    @Test
    void aClientObjectCanBeHandedOver() {
        assertThat(Map.of("x", "1").toString()).isEqualTo(eval("self.x = 1; return self"));
    }
}
