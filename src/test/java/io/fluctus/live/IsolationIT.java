package io.fluctus.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fluctus.LiveGateway;
import io.fluctus.netconnection.Event;
import io.fluctus.wire.AmfValue;
import io.vertx.core.json.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Applications in processes of their own: what one does to itself, the others and the gateway do not feel. */
class IsolationIT {
    private static final String GOOD = "function onConnection(client, name)"
            + " function client:echo(x) return x end"
            + " function client:ask() return client:call('name') end"
            + " client.writer:writeAMFMessage('hello', client.path) end";

    private static final String EVIL = "kept = {}"
            + " function onConnection(client)"
            + " function client:echo(x) return x end"
            + " function client:hang() return ('a'):rep(30):find(('a-'):rep(30) .. 'b') end"
            + " function client:bomb() local t = {} for i = 1, 900 do t[i] = ('x'):rep(1000000) end return #table.concat(t) end"
            + " function client:concat() local big = ('x'):rep(1000000); local t = {} for i = 1, 900 do t[i] = big end"
            + " return #table.concat(t) end end";

    private static final String SCRIPT = "export function onConnection(client) {"
            + " client.echo = x => x;"
            + " client.bomb = () => { const all = []; for (;;) all.push(new Uint8Array(1000000).fill(1)) } }";

    @TempDir
    Path folder;

    private LiveGateway gateway;

    @BeforeEach
    void open() throws Exception {
        write("good/main.lua", GOOD);
        write("evil/main.lua", EVIL);
        write("script/main.js", SCRIPT);
        gateway = new LiveGateway(new JsonObject()
                .put(
                        "applications",
                        new JsonObject().put("folder", folder.toString()).put("isolate", true)));
    }

    private void write(String name, String text) throws Exception {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    @AfterEach
    void close() throws Exception {
        gateway.close();
    }

    private static String echo(Caller caller) throws Exception {
        return caller.call("echo", AmfValue.of("here")).string().orElseThrow();
    }

    /** Calls what does harm, and waits until the application serves somebody. */
    private void breach(String app, String function, boolean ends) throws Exception {
        try (Caller evil = new Caller(gateway.rtmp(app))) {
            evil.next(Event.Connected.class);
            assertThat(echo(evil)).isEqualTo("here");
            evil.begin(function);
            LiveGateway.await("the application again", () -> serves(app));
            if (ends) {
                LiveGateway.await("the last word", () -> isTheEnd(evil));
            }
        }
    }

    private boolean serves(String app) {
        try (Caller again = new Caller(gateway.rtmp(app))) {
            return again.next() instanceof Event.Connected && echo(again).equals("here");
        } catch (Exception | AssertionError e) {
            return false;
        }
    }

    private static boolean isTheEnd(Caller caller) {
        try {
            return caller.next() instanceof Event.CloseRequested;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void anIsolatedApplicationAnswersCallsAndIsAnswered() throws Exception {
        try (Caller caller = new Caller(gateway.rtmp("good"))) {
            assertThat(Caller.argumentsOf(firstCall(caller))).containsExactly(AmfValue.of("/good"));
            assertThat(echo(caller)).isEqualTo("here");
            assertThat(caller.call("ask")).isEqualTo(AmfValue.of("name"));
            assertThatThrownBy(() -> caller.call("nothing")).hasMessage("Method not found (nothing)");
        }
        try (Caller caller = new Caller(gateway.rtmp("script"))) {
            caller.next(Event.Connected.class);
            assertThat(echo(caller)).isEqualTo("here");
        }
    }

    private static Event firstCall(Caller caller) throws Exception {
        Event event = caller.next();
        return event instanceof Event.CallReceived ? event : caller.next(Event.CallReceived.class);
    }

    @Test
    void aProcessThatHangsIsEndedAndTheOthersGoOn() throws Exception {
        try (Caller good = new Caller(gateway.rtmp("good"))) {
            firstCall(good);
            breach("evil", "hang", true);
            assertThat(echo(good)).isEqualTo("here");
            breach("evil", "concat", false);
            assertThat(echo(good)).isEqualTo("here");
        }
    }

    @Test
    void anApplicationThatTakesTooMuchMemoryServesAgainAndTheOthersGoOn() throws Exception {
        try (Caller good = new Caller(gateway.rtmp("good"))) {
            firstCall(good);
            breach("evil", "bomb", false);
            breach("script", "bomb", false); // the engine may have stopped it before the process had to end
            assertThat(echo(good)).isEqualTo("here");
        }
    }
}
