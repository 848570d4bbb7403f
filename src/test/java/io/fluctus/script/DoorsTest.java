package io.fluctus.script;

import static org.assertj.core.api.Assertions.assertThat;

import io.fluctus.bus.AppEvent;
import io.fluctus.bus.ClientWord;
import io.fluctus.media.MediaPacket;
import io.fluctus.media.StreamName;
import io.fluctus.wire.Amf0;
import io.fluctus.wire.AmfValue;
import io.fluctus.wire.ByteWriter;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What an application hears and says beside its clients: media, streams of its own, and the event bus; in every language. */
class DoorsTest {
    private static final StreamName CAM = StreamName.parse("cam");

    private Theatre theatre;

    @AfterEach
    void close() {
        theatre.close();
    }

    /** An application in the language that is asked for. */
    private Theatre play(Folder.Language language, String lua, String javascript) {
        theatre = new Theatre(language, new Budget.Limits(2_000, 32 * 1024));
        return theatre.with("", language == Folder.Language.LUA ? lua : javascript);
    }

    private void deliver(MediaPacket.Kind kind, long time, Buffer payload) {
        theatre.hearing.get(CAM).accept(MediaPacket.of(kind, time, payload));
    }

    private static Buffer data(String name, AmfValue value) {
        ByteWriter out = new ByteWriter();
        Amf0.encode(AmfValue.of(name), out);
        Amf0.encode(value, out);
        return out.buffer();
    }

    // -- media

    @ParameterizedTest
    @EnumSource
    void anApplicationWithHooksHearsTheMediaOfItsPublishers(Folder.Language language) {
        play(
                language,
                "function onVideoPacket(client, publication, time, packet) INFO('video ', publication.name, ' ', time, ' ', #packet, ' ', packet:byte(2)) end"
                        + " function onDataPacket(client, publication, name, packet) INFO('data ', name, ' ', cumulus:fromAMF(packet).width) end",
                "export function onVideoPacket(client, publication, time, packet) { INFO('video ', publication.name, ' ', time, ' ', packet.length, ' ', packet[1]) }"
                        + " export function onDataPacket(client, publication, name, packet) { INFO('data ', name, ' ', cumulus.fromAMF(packet).width) }");
        theatre.connect("", "c/1");
        theatre.publish("c/1", "cam");
        deliver(MediaPacket.Kind.VIDEO, 40, Buffer.buffer(new byte[] {0x17, 9, 0}));
        deliver(MediaPacket.Kind.AUDIO, 41, Buffer.buffer("x"));
        deliver(
                MediaPacket.Kind.DATA,
                42,
                data("onMetaData", AmfValue.Obj.of(java.util.Map.of("width", AmfValue.of(640)))));
        deliver(MediaPacket.Kind.DATA, 43, Buffer.buffer("broken"));
        assertThat(theatre.log)
                .contains("INFO video cam 40 3 9", "INFO data onMetaData 640")
                .hasSize(3);
        theatre.unpublish("c/1", "cam");
        assertThat(theatre.hearing).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void anApplicationWithoutHooksHearsNothingUntilANewVersionHasOne(Folder.Language language) {
        play(language, "x = 1", "export const x = 1");
        theatre.connect("", "c/1");
        theatre.publish("c/1", "cam");
        assertThat(theatre.hearing).isEmpty();
        theatre.with(
                "",
                language == Folder.Language.LUA
                        ? "function onAudioPacket() end"
                        : "export function onAudioPacket() {}");
        assertThat(theatre.hearing).containsOnlyKeys(CAM);
        theatre.with("", language == Folder.Language.LUA ? "x = 2" : "export const x = 2");
        assertThat(theatre.hearing).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void anApplicationPublishesItself(Folder.Language language) {
        play(
                language,
                "function onConnection(client) local p = cumulus:publish('own')"
                        + " p:pushVideoPacket(40, '\\23\\1') p:pushAudioPacket(41, 'xyz', 1) p:pushDataPacket('onCue', 7) p:flush()"
                        + " function client:count() return {cumulus.publications.count, p.name} end"
                        + " function client:stop() p:close() end end",
                "export function onConnection(client) { const p = cumulus.publish('own');"
                        + " p.pushVideoPacket(40, new Uint8Array([23, 1])); p.pushAudioPacket(41, 'xyz', 1); p.pushDataPacket('onCue', 7); p.flush();"
                        + " client.count = () => [cumulus.publications.count, p.name];"
                        + " client.stop = () => { p.close() } }");
        theatre.connect("", "c/1");
        assertThat(theatre.sent).containsExactly("publish own");
        assertThat(theatre.pushed)
                .containsExactly(
                        MediaPacket.of(MediaPacket.Kind.VIDEO, 40, Buffer.buffer(new byte[] {23, 1})),
                        MediaPacket.of(MediaPacket.Kind.AUDIO, 41, Buffer.buffer("yz")),
                        MediaPacket.of(MediaPacket.Kind.DATA, 41, data("onCue", AmfValue.of(7))));
        assertThat(theatre.call("c/1", "count")).isEqualTo("[1, own]");
        theatre.call("c/1", "stop");
        theatre.settle();
        assertThat(theatre.sent).containsExactly("publish own", "close own");
        assertThat(theatre.call("c/1", "count")).startsWith("[0");
    }

    @ParameterizedTest
    @EnumSource
    void anothersStreamIsNotPushedInto(Folder.Language language) {
        play(
                language,
                "function onPublish(client, publication) publication:pushAudioPacket(1, 'x') end",
                "export function onPublish(client, publication) { publication.pushAudioPacket(1, 'x') }");
        theatre.connect("", "c/1");
        assertThat(theatre.publish("c/1", "cam"))
                .isEqualTo("403 packets are pushed into what cumulus:publish gives back");
    }

    @ParameterizedTest
    @EnumSource
    void anApplicationDecidesWhatAListenerGets(Folder.Language language) {
        play(
                language,
                "function onSubscribe(client, listener) listener.receiveVideo = false; INFO(listener.receiveAudio, listener.receiveVideo) end",
                "export function onSubscribe(client, listener) { listener.receiveVideo = false; INFO(listener.receiveAudio, listener.receiveVideo) }");
        theatre.connect("", "c/1");
        assertThat(theatre.subscribe("c/1", "cam")).isEqualTo("null");
        assertThat(theatre.told).containsExactly(new ClientWord.Select("c/1", CAM, true, false));
        assertThat(theatre.log).containsExactly("INFO truefalse");
    }

    // -- RTMFP

    @ParameterizedTest
    @EnumSource
    void anApplicationSendsNewcomersElsewhereAndKnowsWherePeersAre(Folder.Language language) {
        play(
                language,
                "function onHandshake(address, path) if path == '/far' then return 'a:1', 'b:2' end end"
                        + " function onRendezVousUnknown(id) return {id .. ':3'} end",
                "export function onHandshake(address, path) { if (path === '/far') return ['a:1', 'b:2'] }"
                        + " export function onRendezVousUnknown(id) { return [id + ':3'] }");
        assertThat(Theatre.show(theatre.ask("", new AppEvent.Greeted("", "h:1", "far"))))
                .isEqualTo("[a:1, b:2]");
        assertThat(Theatre.show(theatre.ask("", new AppEvent.Greeted("", "h:1", "near"))))
                .isEqualTo("[]");
        assertThat(Theatre.show(theatre.ask("", new AppEvent.RendezvousUnknown("", Buffer.buffer("\1\2")))))
                .isEqualTo("[0102:3]");
    }

    @ParameterizedTest
    @EnumSource
    void anApplicationHearsOfGroupsAndIsNotAskedWhatItHasNoFunctionFor(Folder.Language language) {
        play(
                language,
                "function onJoinGroup(client, group) INFO('joined ', group.id, ' ', client.path) end"
                        + " function onUnjoinGroup(client, group) INFO('left ', #group.rawId) end",
                "export function onJoinGroup(client, group) { INFO('joined ', group.id, ' ', client.path) }"
                        + " export function onUnjoinGroup(client, group) { INFO('left ', group.rawId.length) }");
        theatre.connect("", "c/1");
        theatre.ask("", new AppEvent.JoinedGroup("c/1", Buffer.buffer("\1\2")));
        theatre.ask("", new AppEvent.LeftGroup("c/1", Buffer.buffer("\1\2")));
        assertThat(theatre.log).containsExactly("INFO joined 0102 /", "INFO left 2");
        assertThat(Theatre.show(theatre.ask("", new AppEvent.Greeted("", "h:1", "x"))))
                .startsWith("404");
    }

    // -- the bus

    @ParameterizedTest
    @EnumSource
    void applicationsSpeakOverTheBus(Folder.Language language) {
        play(
                language,
                "function onConnection(client)"
                        + " bus:send('app.log', {a = 1}) bus:publish('app.news', 'hi')"
                        + " function client:ask(x) return bus:request('app.double', x) end"
                        + " function client:nobody() local v, why = bus:request('app.nobody', 1); return why end"
                        + " function client:outside() bus:send('registry', {}) end end",
                "export function onConnection(client) {"
                        + " bus.send('app.log', {a: 1}); bus.publish('app.news', 'hi');"
                        + " client.ask = x => bus.request('app.double', x);"
                        + " client.nobody = () => bus.request('app.nobody', 1).catch(why => why.message);"
                        + " client.outside = () => { bus.send('registry', {}) } }");
        theatre.consumers.put(
                "app.double",
                value -> Future.succeededFuture(AmfValue.of(value.number().orElse(0.0) * 2)));
        theatre.connect("", "c/1");
        assertThat(theatre.sent).containsExactly("send app.log {a=1}", "publish app.news hi");
        assertThat(theatre.call("c/1", "ask", AmfValue.of(21))).isEqualTo("later");
        assertThat(theatre.call("c/1", "nobody")).isEqualTo("later");
        theatre.settle();
        assertThat(theatre.answers).containsExactly("42", "nobody is there");
        assertThat(theatre.call("c/1", "outside")).startsWith("403 addresses begin with app.");
    }

    @ParameterizedTest
    @EnumSource
    void aConsumerAnswersAndGoesWithItsVersion(Folder.Language language) {
        boolean lua = language == Folder.Language.LUA;
        play(
                language,
                "listener = bus:consumer('app.double', function(x) if x == 13 then error('unlucky') end; return x * 2 end)",
                "bus.consumer('app.double', x => { if (x === 13) throw new Error('unlucky'); return x * 2 })");
        assertThat(Theatre.show(theatre.consumers.get("app.double").apply(AmfValue.of(4))))
                .isEqualTo("8");
        assertThat(Theatre.show(theatre.consumers.get("app.double").apply(AmfValue.of(13))))
                .isEqualTo("403 unlucky");
        theatre.load(
                "", lua ? "bus:consumer('app.other', print); error('no')" : "bus.consumer('app.other', print); no()");
        assertThat(theatre.consumers).containsOnlyKeys("app.double");
        theatre.with("", lua ? "c = bus:consumer('app.new', print)" : "globalThis.c = bus.consumer('app.new', print)");
        assertThat(theatre.consumers).containsOnlyKeys("app.new");
        theatre.with("", lua ? "bus:consumer('app.last', print):close()" : "bus.consumer('app.last', print).close()");
        assertThat(theatre.consumers).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void whatAnApplicationOpensIsBounded(Folder.Language language) {
        play(
                language,
                "function onConnection(client) function client:f() for i = 1, 300 do bus:consumer('app.' .. i, print) end end end",
                "export function onConnection(client) { client.f = () => { for (let i = 1; i <= 300; i++) bus.consumer('app.' + i, print) } }");
        theatre.connect("", "c/1");
        assertThat(theatre.call("c/1", "f"))
                .isEqualTo("403 an application has at most 256 sockets, streams and consumers open");
        assertThat(theatre.consumers).hasSize(Estate.MAX_OPENED);
        theatre.disconnect("c/1", "");
        assertThat(List.copyOf(theatre.consumers.keySet())).hasSize(Estate.MAX_OPENED);
    }
}
