package io.fluctus.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fluctus.LiveGateway;
import io.fluctus.TestFlv;
import io.fluctus.cli.Cli;
import io.fluctus.netconnection.Event;
import io.fluctus.wire.AmfValue;
import io.vertx.core.json.JsonObject;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Server applications of a whole gateway, reached by RTMP clients over real sockets. */
class ApplicationIT {
    private static final String SAMPLE = String.join(
            "\n",
            "function onConnection(client,response,...)",
            " function client:test(...)",
            "  name,firstname = unpack(arg)",
            "  return \"Hello \"..firstname..\" \"..name",
            " end",
            "end");

    @TempDir
    Path folder;

    private LiveGateway gateway;

    @BeforeEach
    void write() throws Exception {
        script("", SAMPLE);
        script(
                "games/chess",
                String.join(
                        "\n",
                        "function onConnection(client, ...)",
                        "  if client.banned then error('banned') end",
                        "  function client:all(text)",
                        "    for id, other in cumulus.clients:pairs() do other.writer:writeAMFMessage('said', text) end",
                        "  end",
                        "  function client:ask() return client:call('name') end",
                        "  return {room = client.room, path = client.path}",
                        "end"));
        gateway = new LiveGateway(
                new JsonObject().put("applications", new JsonObject().put("folder", folder.toString())));
    }

    private void script(String path, String text) throws Exception {
        Path application = Files.createDirectories(folder.resolve(path));
        Path draft = Files.writeString(application.resolve("draft"), text);
        Files.move(draft, application.resolve("main.lua"), StandardCopyOption.ATOMIC_MOVE);
    }

    @AfterEach
    void close() throws Exception {
        gateway.close();
    }

    @Test
    void anRtmpClientIsAnsweredByALuaFile() throws Exception {
        try (Caller caller = new Caller(gateway.rtmp(""))) {
            caller.next(Event.Connected.class);
            assertThat(caller.call("test", AmfValue.of("OpenRTMFP/Cumulus"), AmfValue.of("World")))
                    .isEqualTo(AmfValue.of("Hello World OpenRTMFP/Cumulus"));
            assertThatThrownBy(() -> caller.call("toast")).hasMessage("Method not found (toast)");
        }
    }

    @Test
    void aChangedFileAnswersTheNextCallOfTheSameClient() throws Exception {
        try (Caller caller = new Caller(gateway.rtmp(""))) {
            caller.next(Event.Connected.class);
            script("", SAMPLE.replace("Hello ", "Good day "));
            LiveGateway.await("the new version", () -> {
                try {
                    return caller.call("test", AmfValue.of("a"), AmfValue.of("b"))
                            .equals(AmfValue.of("Good day b a"));
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
            });
            script("", "function onConnection(");
            for (int i = 0; i < 10; i++) {
                assertThat(caller.call("test", AmfValue.of("a"), AmfValue.of("b")))
                        .isEqualTo(AmfValue.of("Good day b a"));
            }
        }
    }

    @Test
    void theApplicationOfAFolderSpeaksToItsClients() throws Exception {
        try (Caller ann = new Caller(gateway.rtmp("games/chess?room=3"));
                Caller bob = new Caller(gateway.rtmp("games/chess"))) {
            assertThat(ann.next(Event.Connected.class).information().members())
                    .containsEntry("room", AmfValue.of("3"))
                    .containsEntry("path", AmfValue.of("/games/chess"));
            bob.next(Event.Connected.class);
            ann.call("all", AmfValue.of("hi"));
            assertThat(Caller.argumentsOf(bob.next())).containsExactly(AmfValue.of("hi"));
            assertThat(Caller.argumentsOf(ann.next())).containsExactly(AmfValue.of("hi"));
            assertThat(bob.call("ask")).isEqualTo(AmfValue.of("name"));
        }
    }

    @Test
    void aRefusedClientReadsWhy() throws Exception {
        try (Caller caller = new Caller(gateway.rtmp("games/chess?banned=1"))) {
            assertThat(caller.next(Event.ConnectRefused.class).status().description())
                    .isEqualTo("banned");
        }
    }

    @Test
    void aCallerMayCallFlatOut() throws Exception {
        Said said = run("call", gateway.rtmp(""), "test", "a", "b", "--seconds", "1", "--window", "100");
        assertThat(said.code()).as(said.err()).isZero();
        assertThat(new JsonObject(said.out()).getLong("calls")).isGreaterThan(4_000);
    }

    private record Said(int code, String out, String err) {}

    private static Said run(String... words) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int code = new Cli(launch -> 0, Map.of(), new PrintWriter(out), new PrintWriter(err)).execute(words);
        return new Said(code, out.toString().strip(), err.toString().strip());
    }

    @Test
    void theCommandLinePrintsTheResult() {
        assertThat(run("call", gateway.rtmp(""), "test", "OpenRTMFP/Cumulus", "World"))
                .isEqualTo(new Said(0, "\"Hello World OpenRTMFP/Cumulus\"", ""));
        assertThat(run("call", gateway.rtmp(""), "toast"))
                .isEqualTo(new Said(1, "", "fluctus: Method not found (toast)"));
        assertThat(run("call", gateway.rtmp("games/chess?banned=1"), "all"))
                .isEqualTo(new Said(1, "", "fluctus: the server says NetConnection.Connect.Rejected: banned"));
    }

    @Test
    void publishingAndPlayingAreAskedFor() throws Exception {
        script(
                "guard",
                String.join(
                        "\n",
                        "function onPublish(client, publication)",
                        "  if publication.name ~= 'open' then error('only open is open') end",
                        "end",
                        "function onSubscribe(client, listener) return listener.publication.name ~= 'closed' end"));
        LiveGateway.await(
                "the new folder",
                () -> run("call", gateway.rtmp("guard"), "x").err().contains("not found (x)")
                        && run("publish", gateway.rtmp("guard/secret"), "missing.flv")
                                        .code()
                                != 0);
        Path clip = Files.write(
                folder.resolve("clip.flv"), TestFlv.file(TestFlv.packets(25)).getBytes());
        LiveGateway.await(
                "the refusal",
                () -> run("publish", gateway.rtmp("guard/secret"), clip.toString())
                        .err()
                        .contains("NetStream.Publish.Denied: only open is open"));
        assertThat(run("play", gateway.rtmp("guard/closed"), "--seconds", "5").err())
                .contains("NetStream.Play.Failed: the application refuses this subscription");
        assertThat(run("publish", gateway.rtmp("guard/open"), clip.toString()).code())
                .isZero();
    }

    @Test
    void whereNoApplicationIsNobodyIsAsked() throws Exception {
        try (Caller caller = new Caller(gateway.rtmp("live"))) {
            caller.next(Event.Connected.class);
            assertThatThrownBy(() -> caller.call("test")).hasMessage("Method not found (test)");
        }
    }
}
