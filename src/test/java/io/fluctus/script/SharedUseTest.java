package io.fluctus.script;

import static org.assertj.core.api.Assertions.assertThat;

import io.fluctus.bus.AppEvent;
import io.fluctus.bus.SharedNews;
import io.fluctus.bus.SharedWord;
import io.fluctus.media.SharedEvent;
import io.fluctus.media.SharedName;
import io.fluctus.wire.AmfValue;
import io.vertx.core.Future;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Shared objects as scripts see them, and what scripts may say about those of clients. */
class SharedUseTest {
    private static final SharedName LOBBY = new SharedName("", "lobby");
    private static final SharedEvent ANN = new SharedEvent.Change("ann", AmfValue.of("1"));

    private Theatre theatre = new Theatre();

    @AfterEach
    void close() {
        theatre.close();
    }

    /** An application whose clients may do with the object what it may do itself. */
    private void scene() {
        theatre.with(
                "",
                "lobby = cumulus:sharedObject('/', 'lobby')",
                "synced = {}",
                "function lobby:onSync(changes)",
                "  for _, c in ipairs(changes) do table.insert(synced, c.code .. ' ' .. (c.name or c.reason or '')) end",
                "  table.insert(synced, 'end')",
                "end",
                "function lobby:hello(who) table.insert(synced, 'hello ' .. who) end",
                "function onConnection(client)",
                "  function client:get(slot) return lobby:get(slot) end",
                "  function client:set(slot, value) lobby:set(slot, value) return lobby:get(slot) end",
                "  function client:remove(slot) lobby:remove(slot) return lobby:get(slot) end",
                "  function client:clear() lobby:clear() return lobby:slots() end",
                "  function client:send(...) lobby:send(...) end",
                "  function client:slots() return lobby:slots() end",
                "  function client:ready() return lobby.ready end",
                "  function client:synced() local s = table.concat(synced, ', ') synced = {} return s end",
                "  function client:open(path, name, kept) return cumulus:sharedObject(path, name, kept).name end",
                "  function client:many() for i = 1, 300 do cumulus:sharedObject('/', 'o' .. i) end end",
                "end");
        theatre.settle();
        theatre.connect("", "c/1");
    }

    private void tell(boolean others, SharedEvent... events) {
        theatre.engine.hear(new SharedNews(LOBBY, false, 1, others ? "" : "app.test", others, List.of(events)));
    }

    private String call(String name, String... arguments) {
        return theatre.call(
                "c/1", name, List.of(arguments).stream().map(AmfValue::of).toArray(AmfValue[]::new));
    }

    private List<SharedEvent> said() {
        List<SharedEvent> events =
                theatre.shared.stream().flatMap(word -> word.events().stream()).toList();
        theatre.shared.clear();
        return events;
    }

    @Test
    void aScriptUsesAnObjectOfItsApplicationAndHearsWhatIsInIt() {
        scene();
        assertThat(theatre.shared)
                .containsExactly(new SharedWord("app.test", LOBBY, false, 0, List.of(SharedEvent.USE)));
        assertThat(call("ready")).isEqualTo("false");
        tell(false, SharedEvent.USE_SUCCESS, SharedEvent.CLEAR, ANN);
        assertThat(call("ready")).isEqualTo("true");
        assertThat(call("get", "ann")).isEqualTo("1");
        assertThat(call("slots")).isEqualTo("{ann=1}");
        assertThat(call("synced")).isEqualTo("clear , change ann, end");
    }

    @Test
    void whatOthersDoIsHeard() {
        scene();
        tell(false, SharedEvent.USE_SUCCESS, SharedEvent.CLEAR);
        call("synced");
        tell(true, ANN, new SharedEvent.SendMessage("hello", List.of(AmfValue.of("ann"))));
        assertThat(call("synced")).isEqualTo("hello ann, change ann, end");
        tell(true, new SharedEvent.Remove("ann"));
        assertThat(call("synced")).isEqualTo("delete ann, end");
        assertThat(call("get", "ann")).isEqualTo("null");
        tell(true, SharedEvent.CLEAR);
        assertThat(call("synced")).isEqualTo("clear , end");
    }

    @Test
    void whatAScriptSetsItHasAtOnceAndIsNotToldAgain() {
        scene();
        tell(false, SharedEvent.USE_SUCCESS, SharedEvent.CLEAR, ANN);
        call("synced");
        said();
        assertThat(call("set", "ann", "2")).isEqualTo("2");
        assertThat(call("set", "bob", "3")).isEqualTo("3");
        assertThat(call("remove", "ann")).isEqualTo("null");
        assertThat(call("slots")).isEqualTo("{bob=3}");
        assertThat(said())
                .containsExactly(
                        new SharedEvent.RequestChange("ann", AmfValue.of("2")),
                        new SharedEvent.RequestChange("bob", AmfValue.of("3")),
                        new SharedEvent.RequestRemove("ann"));
        tell(false, new SharedEvent.Success("ann"));
        tell(false, new SharedEvent.Success("bob"));
        assertThat(call("get", "ann")).as("its removal is still to come").isEqualTo("null");
        tell(false, new SharedEvent.Remove("ann"));
        assertThat(call("slots")).isEqualTo("{bob=3}");
        assertThat(call("synced")).isEmpty();
    }

    @Test
    void whoCommitsLastHolds() {
        scene();
        tell(false, SharedEvent.USE_SUCCESS, SharedEvent.CLEAR);
        call("set", "ann", "mine");
        tell(true, new SharedEvent.Change("ann", AmfValue.of("before")));
        assertThat(call("get", "ann")).isEqualTo("mine");
        tell(false, new SharedEvent.Success("ann"));
        assertThat(call("get", "ann")).isEqualTo("mine");
        tell(true, new SharedEvent.Change("ann", AmfValue.of("after")));
        assertThat(call("get", "ann")).isEqualTo("after");
    }

    @Test
    void whatIsRefusedIsTakenBackAndTold() {
        scene();
        tell(false, SharedEvent.USE_SUCCESS, SharedEvent.CLEAR, ANN);
        call("synced");
        call("set", "ann", "too large");
        tell(false, SharedEvent.Status.error(SharedEvent.Status.NO_WRITE_ACCESS), ANN);
        assertThat(call("get", "ann")).isEqualTo("1");
        assertThat(call("synced")).isEqualTo("reject SharedObject.NoWriteAccess, end");
    }

    @Test
    void aClearedObjectIsEmptyAtOnce() {
        scene();
        tell(false, SharedEvent.USE_SUCCESS, SharedEvent.CLEAR, ANN);
        call("set", "bob", "1");
        assertThat(call("clear")).isEqualTo("[]");
        assertThat(call("set", "eve", "1")).isEqualTo("1");
        tell(false, new SharedEvent.Success("bob"));
        tell(false, SharedEvent.CLEAR);
        tell(false, new SharedEvent.Success("eve"));
        assertThat(call("slots")).isEqualTo("{eve=1}");
    }

    @Test
    void aScriptSends() {
        scene();
        said();
        call("send", "hello", "ann", "bob");
        assertThat(said())
                .containsExactly(new SharedEvent.SendMessage("hello", List.of(AmfValue.of("ann"), AmfValue.of("bob"))));
    }

    @Test
    void clientsCannotCallOnSyncBySendingIt() {
        scene();
        tell(false, SharedEvent.USE_SUCCESS, SharedEvent.CLEAR);
        call("synced");
        tell(true, new SharedEvent.SendMessage("onSync", List.of(AmfValue.Array.of())));
        tell(true, new SharedEvent.SendMessage("set", List.of(AmfValue.of("x"), AmfValue.of("y"))));
        assertThat(call("synced") + call("get", "x")).isEqualTo("null");
    }

    @Test
    void theSameNameIsTheSameObjectAndOtherTreesAreNotReached() {
        scene();
        said();
        assertThat(call("open", "/", "lobby")).isEqualTo("lobby");
        assertThat(said()).isEmpty();
        assertThat(call("open", "/games", "rooms/1")).isEqualTo("rooms/1");
        assertThat(theatre.shared.get(0).object()).isEqualTo(new SharedName("games", "rooms/1"));
        assertThat(call("open", "/others", "lobby")).startsWith("403 there is no application");
        assertThat(call("open", "/", "../x")).startsWith("403 shared object's name is not segments");
        assertThat(call("many")).startsWith("403 more than 256 shared objects");
    }

    @Test
    void aScriptAsksWhichObjectsAreInUse() {
        theatre.with(
                "",
                "function onConnection(client)",
                "  function client:list(path) return cumulus:sharedObjects(path)[1] end",
                "end");
        theatre.connect("", "c/1");
        call("list", "/games");
        theatre.settle();
        assertThat(theatre.answers).containsExactly("games has none");
        assertThat(call("list", "/others")).startsWith("403 there is no application");
    }

    @Test
    void whatWasLostIsToldAgain() {
        scene();
        tell(false, SharedEvent.USE_SUCCESS, SharedEvent.CLEAR, ANN);
        call("set", "bob", "1");
        said();
        theatre.engine.missed();
        assertThat(said()).containsExactly(SharedEvent.USE);
        tell(false, SharedEvent.USE_SUCCESS, SharedEvent.CLEAR, new SharedEvent.Change("eve", AmfValue.of("2")));
        assertThat(call("slots")).isEqualTo("{eve=2}");
    }

    @Test
    void theEndReleasesWhatWasUsed() {
        scene();
        said();
        theatre.engine.close();
        assertThat(said()).containsExactly(SharedEvent.RELEASE);
        tell(true, ANN);
    }

    @Test
    void theFunctionsOnAnObjectStayThoughTheScriptForgetsIt() {
        theatre.with(
                "",
                "do local so = cumulus:sharedObject('/', 'lobby') function so:onSync() NOTE('synced') end end",
                "function onManage() collectgarbage() collectgarbage() end");
        theatre.settle();
        theatre.engine.manage();
        tell(false, SharedEvent.USE_SUCCESS, SharedEvent.CLEAR);
        assertThat(theatre.log).contains("INFO synced");
    }

    // -- clients' objects

    private String ask(String name, boolean persistent) {
        Future<AmfValue> answer = theatre.ask("", new AppEvent.Shared("c/1", new SharedName("", name), persistent));
        return Theatre.show(answer);
    }

    @Test
    void anApplicationDecidesWhatItsClientsUse() {
        theatre.with(
                "",
                "function onSharedObject(client, name, persistent)",
                "  if persistent then error('nothing is kept') end",
                "  if name == 'news' then return 'read' end",
                "  return name ~= 'secret'",
                "end");
        theatre.connect("", "c/1");
        assertThat(ask("lobby", true)).isEqualTo("403 nothing is kept");
        assertThat(ask("secret", false)).isEqualTo("403 the application refuses this shared object");
        assertThat(ask("news", false)).isEqualTo("read");
        assertThat(ask("lobby", false)).isEqualTo("true");
    }

    @Test
    void withoutAFunctionEverythingIsAllowed() {
        theatre.with("", "x = 1");
        theatre.connect("", "c/1");
        assertThat(ask("lobby", true)).isEqualTo("null");
    }

    // -- the sample, in every language

    @ParameterizedTest
    @EnumSource
    void theLobbyPairsItsPlayers(Folder.Language language) {
        theatre.close();
        theatre = new Theatre(language, new Budget.Limits(2_000, 32 * 1024));
        theatre.sample("lobby");
        theatre.settle();
        tell(false, SharedEvent.USE_SUCCESS, SharedEvent.CLEAR);
        theatre.shared.clear();
        theatre.connect("", "c/1", AmfValue.of("ann"));
        theatre.connect("", "c/2", AmfValue.of("bob"));
        assertThat(theatre.connect("", "c/3", AmfValue.of("bob"))).isEqualTo("403 this name is taken");
        AmfValue free = AmfValue.Obj.of(Map.of("free", AmfValue.of(true)));
        AmfValue busy = AmfValue.Obj.of(Map.of("free", AmfValue.of(false)));
        assertThat(said())
                .containsExactly(
                        new SharedEvent.RequestChange("ann", free), new SharedEvent.RequestChange("bob", free));
        assertThat(theatre.call("c/1", "players")).isEqualTo("{ann={free=true}, bob={free=true}}");
        assertThat(theatre.call("c/1", "challenge", AmfValue.of("ann"))).startsWith("403 not now");
        assertThat(theatre.call("c/1", "challenge", AmfValue.of("bob"))).isEqualTo("table/ann");
        assertThat(theatre.call("c/2", "challenge", AmfValue.of("ann"))).startsWith("403 not now");
        assertThat(said())
                .containsExactly(
                        new SharedEvent.RequestChange("ann", busy),
                        new SharedEvent.RequestChange("bob", busy),
                        new SharedEvent.SendMessage("begin", List.of(AmfValue.of("ann"), AmfValue.of("bob"))));
        assertThat(ask("lobby", false)).isEqualTo("read");
        assertThat(ask("table/ann", false)).isEqualTo("true");
        assertThat(ask("table/bob", false)).startsWith("403");
        theatre.disconnect("c/2", "");
        assertThat(said()).containsExactly(new SharedEvent.RequestRemove("bob"));
        tell(true, new SharedEvent.Change("cleo", AmfValue.of("x")));
        assertThat(theatre.log).anyMatch(line -> line.contains("cleo is x"));
    }
}
