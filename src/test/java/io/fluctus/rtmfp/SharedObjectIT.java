package io.fluctus.rtmfp;

import static org.assertj.core.api.Assertions.assertThat;

import io.fluctus.LiveGateway;
import io.fluctus.live.Caller;
import io.fluctus.media.SharedEvent;
import io.fluctus.netconnection.Event;
import io.fluctus.netconnection.Message;
import io.fluctus.netconnection.SharedObjectMessage;
import io.fluctus.wire.AmfValue;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Shared objects of a whole gateway, with clients of RTMP and RTMFP over real sockets. */
class SharedObjectIT {
    private static final AmfValue RAW =
            AmfValue.Obj.of(Map.of("n", AmfValue.of(1), "raw", new AmfValue.Bytes(Buffer.buffer("x"))));

    @TempDir
    Path folder;

    private LiveGateway gateway;
    private final List<Sharer> sharers = new ArrayList<>();

    @BeforeEach
    void start() throws Exception {
        Files.writeString(Files.createDirectories(folder.resolve("apps/games")).resolve("main.lua"), "-- there is one");
        gateway = open();
    }

    private LiveGateway open() throws Exception {
        return new LiveGateway(new JsonObject()
                .put(
                        "applications",
                        new JsonObject()
                                .put("folder", folder.resolve("apps").toString())
                                .put("sharedObjects", folder.resolve("shared").toString())));
    }

    @AfterEach
    void end() throws Exception {
        for (Sharer sharer : sharers) {
            sharer.close();
        }
        gateway.close();
    }

    /** A client that speaks of shared objects. */
    private abstract static class Sharer {
        abstract void share(Message.SharedObject message) throws IOException;

        abstract SharedObjectMessage next() throws Exception;

        abstract void close() throws IOException;

        void say(String name, boolean persistent, SharedEvent... events) throws IOException {
            share(new SharedObjectMessage(name, 0, persistent, List.of(events)).encode(0));
        }

        void use(String name) throws Exception {
            say(name, false, SharedEvent.USE);
            hears(SharedEvent.USE_SUCCESS, SharedEvent.CLEAR);
        }

        void hears(SharedEvent... events) throws Exception {
            assertThat(next().events()).containsExactly(events);
        }
    }

    private final class RtmpSharer extends Sharer {
        private final Caller caller;

        private RtmpSharer(String path, int encoding) throws Exception {
            caller = new Caller(gateway.rtmp(path), Map.of("objectEncoding", AmfValue.of(encoding)));
            caller.next(Event.Connected.class);
            sharers.add(this);
        }

        @Override
        void share(Message.SharedObject message) {
            caller.say(dialogue -> dialogue.share(message));
        }

        @Override
        SharedObjectMessage next() throws Exception {
            return caller.next(Event.SharedObjectReceived.class).message();
        }

        @Override
        void close() {
            caller.close();
        }
    }

    private final class RtmfpSharer extends Sharer {
        private final RtmfpClient client;
        private int heard;

        private RtmfpSharer(String path) throws Exception {
            client = new RtmfpClient(gateway.rtmfp(path));
            client.connect();
            sharers.add(this);
        }

        @Override
        void share(Message.SharedObject message) throws IOException {
            client.connection().dialogue().share(message);
            client.connection().flush(RtmfpClient.now());
            client.step();
        }

        @Override
        SharedObjectMessage next() throws Exception {
            int index = heard++;
            client.until("news " + index, () -> client.count(Event.SharedObjectReceived.class) > index);
            return client.events.stream()
                    .filter(Event.SharedObjectReceived.class::isInstance)
                    .map(Event.SharedObjectReceived.class::cast)
                    .skip(index)
                    .findFirst()
                    .orElseThrow()
                    .message();
        }

        @Override
        void close() throws IOException {
            client.close();
        }
    }

    private static SharedEvent set(String slot, AmfValue value) {
        return new SharedEvent.RequestChange(slot, value);
    }

    private static SharedEvent change(String slot, AmfValue value) {
        return new SharedEvent.Change(slot, value);
    }

    @Test
    void clientsOfBothProtocolsAndEncodingsHoldTheSame() throws Exception {
        Sharer amf0 = new RtmpSharer("chat", 0);
        Sharer amf3 = new RtmpSharer("chat", 3);
        Sharer rtmfp = new RtmfpSharer("chat");
        for (Sharer sharer : sharers) {
            sharer.use("lobby");
        }
        rtmfp.say("lobby", false, set("topic", AmfValue.of("été")));
        rtmfp.hears(new SharedEvent.Success("topic"));
        amf0.hears(change("topic", AmfValue.of("été")));
        amf3.hears(change("topic", AmfValue.of("été")));
        amf3.share(new SharedObjectMessage("lobby", 1, false, List.of(set("raw", RAW))).encode(3));
        amf3.hears(new SharedEvent.Success("raw"));
        rtmfp.hears(change("raw", AmfValue.Obj.of(Map.of("n", AmfValue.of(1))))); // AMF0 has no bytes
        amf0.next();
        SharedEvent hello = new SharedEvent.SendMessage("hello", List.of(AmfValue.of("all")));
        amf0.say("lobby", false, hello, new SharedEvent.RequestRemove("topic"));
        for (Sharer sharer : sharers) {
            sharer.hears(hello, new SharedEvent.Remove("topic"));
        }
        Sharer late = new RtmpSharer("chat", 3);
        late.say("lobby", false, SharedEvent.USE);
        late.hears(SharedEvent.USE_SUCCESS, SharedEvent.CLEAR, change("raw", RAW));
    }

    @Test
    void applicationsAndNamesKeepApart() throws Exception {
        Sharer chat = new RtmpSharer("chat", 0);
        Sharer other = new RtmpSharer("other", 0);
        chat.use("lobby");
        other.use("lobby");
        other.use("room/1");
        chat.say("lobby", false, set("x", AmfValue.of(1)));
        chat.hears(new SharedEvent.Success("x"));
        other.say("lobby", false, set("y", AmfValue.of(1)));
        other.hears(new SharedEvent.Success("y"));
    }

    @Test
    void whatATemporaryObjectHeldIsGoneWithItsLastUser() throws Exception {
        Sharer one = new RtmfpSharer("chat");
        Sharer two = new RtmpSharer("chat", 0);
        one.use("lobby");
        two.use("lobby");
        one.say("lobby", false, set("x", AmfValue.of(1)));
        two.hears(change("x", AmfValue.of(1)));
        one.close(); // without a word
        two.close();
        Sharer three = new RtmpSharer("chat", 0);
        LiveGateway.await("an empty lobby", () -> {
            try {
                three.say("lobby", false, SharedEvent.USE);
                boolean empty = three.next().events().size() == 2;
                three.say("lobby", false, SharedEvent.RELEASE);
                return empty;
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
    }

    @Test
    void aPersistentObjectSurvivesARestart() throws Exception {
        Sharer one = new RtmpSharer("games", 3);
        one.say("scores/2026", true, SharedEvent.USE);
        one.hears(SharedEvent.USE_SUCCESS, SharedEvent.CLEAR);
        one.share(new SharedObjectMessage("scores/2026", 1, true, List.of(set("ann", RAW))).encode(3));
        SharedObjectMessage accepted = one.next();
        assertThat(accepted.events()).containsExactly(new SharedEvent.Success("ann"));
        assertThat(accepted.persistent()).isTrue();
        one.close();
        gateway.close();
        assertThat(folder.resolve("shared/games/+scores+2026")).exists();
        gateway = open();
        Sharer two = new RtmpSharer("games", 3);
        two.say("scores/2026", true, SharedEvent.USE);
        two.hears(SharedEvent.USE_SUCCESS, SharedEvent.CLEAR, change("ann", RAW));
        Sharer three = new RtmfpSharer("games");
        three.share(
                new SharedObjectMessage("scores/2026", accepted.version(), true, List.of(SharedEvent.USE)).encode(0));
        three.hears(SharedEvent.USE_SUCCESS); // its copy is of this version
        two.say("scores/2026", true, SharedEvent.CLEAR, SharedEvent.RELEASE);
        three.hears(SharedEvent.CLEAR);
        three.say("scores/2026", true, SharedEvent.RELEASE);
        LiveGateway.await("no file", () -> !Files.exists(folder.resolve("shared/games/+scores+2026")));
    }

    @Test
    void whatHasChangedIsOnDiskSoonWithoutAnybodyLeaving() throws Exception {
        Sharer one = new RtmpSharer("games", 0);
        one.say("scores", true, SharedEvent.USE, set("ann", AmfValue.of(7)));
        one.hears(SharedEvent.USE_SUCCESS, SharedEvent.CLEAR, new SharedEvent.Success("ann"));
        LiveGateway.await("a file", () -> Files.exists(folder.resolve("shared/games/+scores")));
    }

    @Test
    void strangersKeepNothingOnDiskAndNoNameLeavesTheFolder() throws Exception {
        Sharer stranger = new RtmpSharer("chat", 0);
        stranger.say("scores", true, SharedEvent.USE);
        stranger.hears(SharedEvent.Status.error(SharedEvent.Status.CREATION_FAILED));
        Sharer guest = new RtmpSharer("games", 0);
        for (String name : List.of("../scores", "..", "/etc/passwd", "a//b", "a\0b", "x".repeat(201))) {
            guest.say(name, true, SharedEvent.USE);
            SharedObjectMessage refusal = guest.next();
            assertThat(refusal.name()).isEqualTo(name);
            assertThat(refusal.events()).containsExactly(SharedEvent.Status.error(SharedEvent.Status.CREATION_FAILED));
        }
        assertThat(folder.resolve("shared")).doesNotExist();
    }

    @Test
    void aClientUsesSoManyObjectsAndNoMore() throws Exception {
        Sharer one = new RtmpSharer("chat", 0);
        for (int i = 0; i < 64; i++) {
            one.use("o" + i);
        }
        one.say("more", false, SharedEvent.USE);
        one.hears(SharedEvent.Status.error(SharedEvent.Status.CREATION_FAILED));
        one.say("o7", false, SharedEvent.RELEASE);
        one.use("more");
    }

    @Test
    void brokenBytesEndOneClientAndNoOther() throws Exception {
        Sharer good = new RtmpSharer("chat", 0);
        good.use("lobby");
        RtmpSharer bad = new RtmpSharer("chat", 0);
        bad.use("lobby");
        bad.share(new Message.SharedObject(0, 0, Buffer.buffer("\0\5lobby"), false));
        assertThat(bad.caller.next()).isInstanceOf(Event.CloseRequested.class);
        RtmfpSharer other = new RtmfpSharer("chat");
        other.use("lobby");
        other.share(new Message.SharedObject(0, 0, Buffer.buffer("\0\5lobby"), false));
        other.client.until("the end", () -> !other.client.closed.isEmpty());
        good.say("lobby", false, set("x", AmfValue.of(1)));
        good.hears(new SharedEvent.Success("x"));
    }

    /** A client without a name is sent away as soon as the application runs. */
    private boolean refuses(String path) {
        try (Caller nameless = new Caller(gateway.rtmp(path))) {
            return nameless.next() instanceof Event.ConnectRefused;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = "lua")
    void aScriptAndItsClientsShareALobby(String language) throws Exception {
        gateway.close();
        Path sample = Files.createDirectories(folder.resolve("apps/" + language));
        Files.copy(Path.of("src/test/resources/samples/lobby/main." + language), sample.resolve("main." + language));
        gateway = open();
        LiveGateway.await("the application, whose language may take seconds to start", () -> refuses(language));
        AmfValue free = AmfValue.Obj.of(Map.of("free", AmfValue.of(true)));
        AmfValue busy = AmfValue.Obj.of(Map.of("free", AmfValue.of(false)));
        RtmpSharer ann = new RtmpSharer(language + "?name=ann", 0);
        ann.say("lobby", false, SharedEvent.USE);
        ann.hears(SharedEvent.USE_SUCCESS, SharedEvent.CLEAR, change("ann", free));
        Sharer bob = new RtmfpSharer(language + "?name=bob");
        ann.hears(change("bob", free));
        bob.say("lobby", false, SharedEvent.USE, set("ann", AmfValue.of("cheat")));
        bob.hears(SharedEvent.Status.error(SharedEvent.Status.NO_WRITE_ACCESS));
        bob.hears(SharedEvent.USE_SUCCESS, SharedEvent.CLEAR, change("ann", free), change("bob", free));
        assertThat(ann.caller.call("challenge", AmfValue.of("bob"))).isEqualTo(AmfValue.of("table/ann"));
        for (Sharer player : List.of(ann, bob)) {
            player.hears(change("ann", busy));
            player.hears(change("bob", busy));
            player.hears(new SharedEvent.SendMessage("begin", List.of(AmfValue.of("ann"), AmfValue.of("bob"))));
        }
        bob.say("table/ann", false, SharedEvent.USE);
        bob.hears(SharedEvent.Status.error(SharedEvent.Status.NO_READ_ACCESS));
        ann.use("table/ann");
        bob.close();
        ann.hears(new SharedEvent.Remove("bob"));
    }

    @Test
    void whoAsksTooOftenIsCutOff() throws Exception {
        RtmpSharer one = new RtmpSharer("chat", 0);
        one.caller.say(dialogue -> {
            for (int i = 0; i < 200; i++) {
                dialogue.share(new SharedObjectMessage("lobby", 0, false, List.of(SharedEvent.USE)).encode(0));
            }
        });
        while (!(one.caller.next() instanceof Event.CloseRequested)) {
            // answers to those that were within the bound
        }
    }
}
