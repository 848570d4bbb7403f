package io.fluctus.script;

import static org.assertj.core.api.Assertions.assertThat;

import io.fluctus.bus.AppEvent;
import io.fluctus.bus.ClientWord;
import io.fluctus.wire.AmfValue;
import io.vertx.core.buffer.Buffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A tree of applications: when files are read, what happens to events meanwhile, and how it ends. */
class TreeTest {
    @TempDir
    Path root;

    private final Theatre theatre = new Theatre();
    private final Queue<Runnable> waiting = new ArrayDeque<>();
    private final Map<String, Path> files = new HashMap<>();
    private long time = 1_000_000;
    private Tree tree = tree(Budget.Limits.STANDARD, Runnable::run);

    @AfterEach
    void close() {
        tree.close();
        theatre.close();
    }

    private Tree tree(Budget.Limits limits, java.util.concurrent.Executor thread) {
        return new Tree(
                "games",
                thread,
                theatre,
                api -> new Model(api, (gate, globals) -> new LuaLanguage(gate, globals, limits)));
    }

    /** Writes a script so that it is seen to have changed, without waiting for the clock of the file system. */
    private void script(String path, String... lines) throws Exception {
        Path file = root.resolve(path).resolve("main.lua");
        Files.createDirectories(file.getParent());
        Files.writeString(file, String.join("\n", lines));
        Files.setLastModifiedTime(file, FileTime.fromMillis(time += 1_000));
        files.put(path, file);
        tree.update(files);
        long looked = System.nanoTime();
        while (System.nanoTime() - looked < Tree.LOOK_NANOS) {
            Thread.onSpinWait();
        }
    }

    private String connect(String path, String client) {
        AppEvent.Visitor visitor = new AppEvent.Visitor(client, "rtmp", "h:1", Buffer.buffer(), "", Map.of());
        return Theatre.show(tree.handle(path, new AppEvent.Connected(visitor, List.of())));
    }

    private String call(String path, String client, String name) {
        return Theatre.show(tree.handle(path, new AppEvent.Called(client, name, List.of())));
    }

    private static String answering(String text) {
        return "function onConnection(client) function client:f() return " + text + " end end";
    }

    @Test
    void theLineOfAPathBeginsAtTheRoot() {
        assertThat(Tree.line("")).containsExactly("");
        assertThat(Tree.line("a/b/c")).containsExactly("", "a", "a/b", "a/b/c");
    }

    @Test
    void anApplicationRunsWithItsFirstClientAndInheritsFromAllAbove() throws Exception {
        script("", "word = 'root'", "function onStart() ERROR('the root does not start here') end");
        script("games", "word = word .. ' games'");
        script("games/chess", answering("word"));
        assertThat(theatre.log).isEmpty();
        assertThat(connect("games/chess", "c/1")).isEqualTo("[]");
        assertThat(call("games/chess", "c/1", "f")).isEqualTo("root games");
        assertThat(theatre.log)
                .contains("INFO main.lua runs", "INFO games/main.lua runs", "INFO games/chess/main.lua runs");
    }

    @Test
    void aChangedFileRunsWithTheNextEvent() throws Exception {
        script("games", answering("1"));
        connect("games", "c/1");
        script("games", answering("2"));
        assertThat(call("games", "c/1", "f")).isEqualTo("2");
        script("games", "function (");
        assertThat(call("games", "c/1", "f")).isEqualTo("2");
        assertThat(theatre.log)
                .last()
                .asString()
                .startsWith("ERROR games/main.lua:1:")
                .endsWith("(the version before goes on)");
        int lines = theatre.log.size();
        call("games", "c/1", "f");
        assertThat(theatre.log).hasSize(lines);
        script("games", answering("3"));
        assertThat(call("games", "c/1", "f")).isEqualTo("3");
    }

    @Test
    void oneThatNeverRanRefusesEverybody() throws Exception {
        script("games", "x =");
        assertThat(connect("games", "c/1")).isEqualTo("403 the application does not run");
        assertThat(theatre.log).last().asString().endsWith("(it does not run)");
        script("games", answering("1"));
        assertThat(connect("games", "c/1")).isEqualTo("[]");
    }

    @Test
    void aFileThatGrowsTooLargeIsNotRead() throws Exception {
        script("games", answering("1"), "--" + "x".repeat(Tree.MAX_SOURCE));
        assertThat(connect("games", "c/1")).startsWith("403");
        assertThat(theatre.log).containsExactly("ERROR games/main.lua has more than 1048576 bytes");
    }

    @Test
    void aRemovedApplicationIsStopped() throws Exception {
        script("games", "function onStop(path) INFO('stop ', path) end", answering("1"));
        connect("games", "c/1");
        files.clear();
        tree.update(files);
        assertThat(theatre.log).contains("INFO stop games");
        assertThat(connect("games", "c/2")).startsWith("403");
    }

    @Test
    void eventsBeyondWhatMayWaitAreRefused() {
        tree = tree(Budget.Limits.STANDARD, waiting::add);
        for (int i = 0; i < Tree.MAX_WAITING; i++) {
            tree.handle("games", new AppEvent.Called("c/1", "f", List.of()));
        }
        assertThat(call("games", "c/1", "f")).isEqualTo("403 the application is busy");
        waiting.forEach(Runnable::run);
        waiting.clear();
        assertThat(tree.handle("games", new AppEvent.Called("c/1", "f", List.of()))
                        .isComplete())
                .isFalse();
        waiting.forEach(Runnable::run);
    }

    @Test
    void oneThatKeepsTooMuchMemoryBeginsAnewAndItsClientsAreTold() throws Exception {
        tree = tree(new Budget.Limits(2_000, 2 * 1024), Runnable::run);
        script(
                "games",
                "kept = {}",
                "function onConnection(client)",
                "  function client:f() while true do kept[#kept + 1] = ('x'):rep(1000) .. #kept end end",
                "  function client:count() return #kept end",
                "end");
        connect("games", "c/1");
        assertThat(call("games", "c/1", "f")).isEqualTo("403 stopped: more than 2 MiB of memory");
        assertThat(theatre.told)
                .hasSize(1)
                .first()
                .isInstanceOfSatisfying(
                        ClientWord.Close.class,
                        close -> assertThat(close.code()).isEqualTo("NetConnection.Connect.AppShutdown"));
        assertThat(connect("games", "c/2")).isEqualTo("[]");
        assertThat(call("games", "c/2", "count")).isEqualTo("0");
    }

    @Test
    void whatIsUnansweredWhenItEndsIsRefused() throws Exception {
        script("games", "function onConnection(client) function client:f() return client:call('x') end end");
        connect("games", "c/1");
        var answer = tree.handle("games", new AppEvent.Called("c/1", "f", List.of()));
        assertThat(answer.isComplete()).isFalse();
        tree.close();
        assertThat(Theatre.show(answer)).isEqualTo("403 the application ends");
        theatre.asked.remove().complete(AmfValue.NULL);
        theatre.settle();
    }
}
