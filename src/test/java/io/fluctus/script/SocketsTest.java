package io.fluctus.script;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.buffer.Buffer;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Sockets and mail of applications, in every language: what they say, what they hear, and where they may go. */
class SocketsTest {
    private Theatre theatre = new Theatre();

    @AfterEach
    void close() {
        theatre.close();
    }

    private void play(Folder.Language language, String lua, String javascript) {
        theatre.close();
        theatre = new Theatre(language, new Budget.Limits(2_000, 32 * 1024));
        theatre.with("", language == Folder.Language.LUA ? lua : javascript);
    }

    @ParameterizedTest
    @EnumSource
    void aTcpClientSendsAndKeepsWhatItsFunctionLeaves(Folder.Language language) {
        play(
                language,
                "c = cumulus:createTCPClient()"
                        + " function c:onReception(data) INFO('got ', #data); if #data < 4 then return #data end; self:send('four'); return 0 end"
                        + " function c:onDisconnection() INFO('over ', self.connected, ' ', self.error) end"
                        + " c:connect('h', 80)",
                "const c = cumulus.createTCPClient();"
                        + " c.onReception = data => { INFO('got ', data.length); if (data.length < 4) return data.length; c.send('four'); return 0 };"
                        + " c.onDisconnection = function () { INFO('over ', this.connected, ' ', this.error) };"
                        + " c.connect('h', 80)");
        NetworkDoor.Events events = theatre.sockets.get("h:80");
        events.opened("127.0.0.1:5", "10.0.0.1:80");
        events.received(Buffer.buffer("abc"), "");
        events.received(Buffer.buffer("d"), "");
        events.received(Buffer.buffer("e"), "");
        events.closed("broken");
        assertThat(theatre.log).containsExactly("INFO got 3", "INFO got 4", "INFO got 1", "INFO over false broken");
        assertThat(theatre.sent).containsExactly("h:80: four");
    }

    @ParameterizedTest
    @EnumSource
    void aTcpServerHandsOverEachConnection(Folder.Language language) {
        play(
                language,
                "s = cumulus:createTCPServer()"
                        + " function s:clientHandler(client) client:send('hello') function client:onReception(data) client:send(data) end end"
                        + " s:start(7)",
                "const s = cumulus.createTCPServer();"
                        + " s.clientHandler = client => { client.send('hello'); client.onReception = data => { client.send(data) } };"
                        + " s.start(7)");
        NetworkDoor.Events client = theatre.servers.get(7).accepted(theatre.socket("peer"));
        client.opened("127.0.0.1:7", "10.0.0.9:1");
        client.received(Buffer.buffer("echo"), "");
        assertThat(theatre.sent).containsExactly("peer: hello", "peer: echo");
        theatre.with("", language == Folder.Language.LUA ? "x = 1" : "export const x = 1");
        assertThat(theatre.sent).contains("server 7 closed", "peer closed");
    }

    @ParameterizedTest
    @EnumSource
    void aUdpSocketSendsAndIsToldWhoSent(Folder.Language language) {
        play(
                language,
                "u = cumulus:createUDPSocket() u:bind('0.0.0.0:9') u:connect('h:1')"
                        + " function u:onReception(data, address) INFO(address, ' ', #data) end"
                        + " u:send('a') u:send('b', 'i:2')",
                "const u = cumulus.createUDPSocket(); u.bind('0.0.0.0:9'); u.connect('h:1');"
                        + " u.onReception = (data, address) => INFO(address, ' ', data.length);"
                        + " u.send('a'); u.send('b', 'i:2')");
        theatre.sockets.get("udp 9").received(Buffer.buffer("xyz"), "10.0.0.1:5");
        assertThat(theatre.sent).containsExactly("udp 9 to h:1: a", "udp 9 to i:2: b");
        assertThat(theatre.log).containsExactly("INFO 10.0.0.1:5 3");
    }

    @ParameterizedTest
    @EnumSource
    void aMailIsSentAndItsSenderIsTold(Folder.Language language) {
        play(
                language,
                "m = cumulus:sendMail('me@a', 'Subject', 'text\\nmore', 'you@b', 'they@c') function m:onSent(error) INFO('sent ', error) end",
                "const m = cumulus.sendMail('me@a', 'Subject', 'text\\nmore', 'you@b', 'they@c'); m.onSent = error => INFO('sent ', error ?? 'nil')");
        assertThat(theatre.letters)
                .containsExactly(new NetworkDoor.Letter("me@a", "Subject", "text\nmore", List.of("you@b", "they@c")));
        theatre.asked.remove().complete();
        theatre.settle();
        assertThat(theatre.log).containsExactly("INFO sent nil");
    }

    @ParameterizedTest
    @EnumSource
    void noHeaderOfAMailHasASecondLine(Folder.Language language) {
        play(
                language,
                "function onConnection(client) function client:mail(a, b, c) cumulus:sendMail(a, b, 'text', c) end end",
                "export function onConnection(client) { client.mail = (a, b, c) => { cumulus.sendMail(a, b, 'text', c) } }");
        theatre.connect("", "c/1");
        String evil = "x\r\nBcc: all@example.org";
        for (List<String> mail : List.of(
                List.of(evil, "s", "to@a"),
                List.of("me@a", evil, "to@a"),
                List.of("me@a", "s", evil),
                List.of("me@a", "s\n", "to@a"))) {
            assertThat(theatre.call(
                            "c/1",
                            "mail",
                            mail.stream().map(io.fluctus.wire.AmfValue::of).toArray(io.fluctus.wire.AmfValue[]::new)))
                    .isEqualTo("403 a line break in a mail's header");
        }
        assertThat(theatre.letters).isEmpty();
    }

    @Test
    void applicationsGoWhereTheListAllows() {
        AllowList list = AllowList.of("example.org:80, 10.0.0.1:*, *:25");
        assertThat(list.allows("Example.ORG", 80)).isTrue();
        assertThat(list.allows("example.org", 81)).isFalse();
        assertThat(list.allows("10.0.0.1", 9999)).isTrue();
        assertThat(list.allows("10.0.0.2", 25)).isTrue();
        assertThat(list.allows("10.0.0.2", 26)).isFalse();
        assertThat(AllowList.of("").allows("localhost", 80)).isFalse();
        assertThat(AllowList.of("*").allows("anything", 1)).isTrue();
    }
}
