package io.fluctus.netconnection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fluctus.wire.AmfValue;
import io.fluctus.wire.ProtocolException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** connect: which application, what is answered, and what ends the peer. */
class ConnectTest {
    private final NetConnection server = NetConnection.server();
    private final Script script = new Script(server);

    private static Event.ConnectRequested asked(Map<String, AmfValue> members) {
        List<Event> events = NetConnection.server().receive(Script.connect(members), 0);
        assertThat(events).hasSize(1);
        assertThat(events.get(0)).isInstanceOf(Event.ConnectRequested.class);
        return (Event.ConnectRequested) events.get(0);
    }

    private static Map<String, AmfValue> members(String... pairs) {
        Map<String, AmfValue> members = new LinkedHashMap<>();
        for (int i = 0; i < pairs.length; i += 2) {
            if (!pairs[i + 1].equals("absent")) {
                members.put(pairs[i], AmfValue.of(pairs[i + 1]));
            }
        }
        return members;
    }

    /** The command object and the information object of the result. */
    private List<Map<String, AmfValue>> result(Map<String, AmfValue> connect) {
        server.receive(Script.connect(connect), 0);
        server.accept();
        Message.Command result = (Message.Command) server.poll();
        assertThat(result.name()).isEqualTo("_result");
        assertThat(result.transactionId()).isEqualTo(1);
        return List.of(result.values().get(0).members(), result.values().get(1).members());
    }

    @Test
    void theApplicationAndItsQueryAreFoundWhereverClientsPutThem() {
        String[][] table = {
            // app, tcUrl, application, query
            {"live", "rtmp://h/live", "live", ""},
            {"live/", "rtmp://h/live/", "live", ""},
            {"/live", "rtmp://h/live", "live", ""},
            {"live/studio", "rtmp://h/live/studio", "live/studio", ""},
            {"live/_definst_", "rtmp://h/live/_definst_", "live", ""},
            {"live?key=a/b", "rtmp://h/live?key=a/b", "live", "key=a/b"},
            {"live/?vhost=x", "rtmp://h/live/?vhost=x", "live", "vhost=x"},
            {"live", "rtmp://h/live?token=1", "live", "token=1"},
            {"live?a=1", "rtmp://h/live?a=2", "live", "a=1"},
            {"", "rtmp://h/", "", ""},
            {"", "absent", "", ""},
            {"absent", "rtmp://h/live", "live", ""},
            {"absent", "rtmp://h:1935/a/b?q=1", "a/b", "q=1"},
            {"absent", "rtmp://h", "", ""},
            {"absent", "rtmp://h?q=/", "", "q=/"},
            {"absent", "rtmfp://h/x/", "x", ""},
        };
        for (String[] row : table) {
            Event.ConnectRequested event = asked(members("app", row[0], "tcUrl", row[1]));
            assertThat(event.app()).as(String.join(" ", row)).isEqualTo(row[2]);
            assertThat(event.query()).as(String.join(" ", row)).isEqualTo(row[3]);
        }
    }

    @Test
    void userArgumentsAndTheCommandObjectGoUpAsSent() {
        Message.Command connect = Script.connect("live", AmfValue.of("secret"), AmfValue.of(7));
        Event.ConnectRequested event =
                (Event.ConnectRequested) server.receive(connect, 0).get(0);
        assertThat(event.arguments()).containsExactly(AmfValue.of("secret"), AmfValue.of(7));
        assertThat(event.properties()).isEqualTo(connect.values().get(0));
        assertThat(event.tcUrl()).isEqualTo("rtmp://localhost:1935/live");
    }

    @Test
    void anApplicationThatIsNoNameIsRefused() {
        for (String app : List.of("a b", "..", "a//b", "a/b/c/d/e/f/g/h/i", "x".repeat(5000), "live:1935")) {
            NetConnection other = NetConnection.server();
            List<Event> events = other.receive(Script.connect(app), 0);
            assertThat(events).as(app).hasSize(1);
            assertThat(events.get(0)).isInstanceOf(Event.CloseRequested.class);
            assertThat(Words.of(other.poll())).isEqualTo("0 _error 1 null NetConnection.Connect.InvalidApp");
            assertThat(Words.of(other.poll())).isEqualTo("0 close 0 null");
            assertThat(other.poll()).isNull();
        }
    }

    @Test
    void connectWithoutAppAndTcUrlIsRefused() {
        script.play(
                "C 0 connect 1 {}",
                "E CloseRequested connect names no application",
                "S 0 _error 1 null NetConnection.Connect.InvalidApp",
                "S 0 close 0 null",
                "C 0 createStream 2 null");
    }

    @Test
    void theResultHasThePropertiesAndTheInformationOfFms() {
        List<Map<String, AmfValue>> result = result(members("app", "live"));
        assertThat(result.get(0)).containsOnlyKeys("fmsVer", "capabilities", "mode");
        assertThat(result.get(0).get("fmsVer").string().orElseThrow()).startsWith("FMS/3,5");
        assertThat(result.get(1).keySet()).containsExactly("level", "code", "description", "objectEncoding");
        assertThat(result.get(1)).containsEntry("level", AmfValue.of("status"));
        assertThat(result.get(1)).containsEntry("code", AmfValue.of("NetConnection.Connect.Success"));
        assertThat(Words.of(server.poll())).isEqualTo("0 onBWDone 0 null");
        assertThat(server.poll()).isNull();
    }

    @Test
    void objectEncodingIsEchoedAsZeroOrThree() {
        double[][] table = {{0, 0}, {3, 3}, {1, 0}, {2.9, 0}, {4, 3}, {-1, 0}, {Double.NaN, 0}, {1e308, 3}};
        for (double[] row : table) {
            NetConnection other = NetConnection.server();
            Map<String, AmfValue> connect = members("app", "live");
            connect.put("objectEncoding", AmfValue.of(row[0]));
            other.receive(Script.connect(connect), 0);
            other.accept();
            AmfValue information = ((Message.Command) other.poll()).values().get(1);
            assertThat(information.members().get("objectEncoding")).isEqualTo(AmfValue.of(row[1]));
            assertThat(other.objectEncoding()).isEqualTo((int) row[1]);
        }
    }

    @Test
    void theResultHoldsNoArrayUnlessTheClientSentFourCcList() {
        for (String key : List.of("nothing", "videoFourCcInfoMap", "audioFourCcInfoMap", "capsEx", "fourCcList")) {
            NetConnection other = NetConnection.server();
            Map<String, AmfValue> connect = members("app", "live");
            connect.put(key, key.equals("capsEx") ? AmfValue.of(15) : AmfValue.Array.of(AmfValue.of("av01")));
            other.receive(Script.connect(connect), 0);
            other.accept();
            Message.Command result = (Message.Command) other.poll();
            for (AmfValue object : result.values()) {
                boolean array = object.members().values().stream().anyMatch(v -> v instanceof AmfValue.Array);
                assertThat(array).as(key).isEqualTo(key.equals("fourCcList"));
                assertThat(object.members().containsKey("videoFourCcInfoMap"))
                        .as(key)
                        .isEqualTo(!key.equals("nothing"));
            }
        }
    }

    @Test
    void enhancedClientsLearnThatEveryCodecIsForwarded() {
        Map<String, AmfValue> connect = members("app", "live");
        connect.put("fourCcList", AmfValue.Array.of(AmfValue.of("hvc1"), AmfValue.of(7), AmfValue.NULL));
        connect.put("capsEx", AmfValue.of("not a number"));
        for (Map<String, AmfValue> object : result(connect)) {
            assertThat(Words.of(object.get("videoFourCcInfoMap"))).isEqualTo("{*=4}");
            assertThat(Words.of(object.get("audioFourCcInfoMap"))).isEqualTo("{*=4}");
            assertThat(object.get("capsEx")).isEqualTo(AmfValue.of(15));
            assertThat(Words.of(object.get("fourCcList"))).isEqualTo("[*]");
        }
    }

    @Test
    void theApplicationMayAddToTheInformation() {
        server.receive(Script.connect("live"), 0);
        server.accept(Map.of("hello", AmfValue.of("world")));
        AmfValue information = ((Message.Command) server.poll()).values().get(1);
        assertThat(information.members()).containsEntry("hello", AmfValue.of("world"));
    }

    @Test
    void overRtmfpTheResultHasNoPropertiesAndNoProbeFollows() {
        server.receive(Script.connect(members("app", "live", "tcUrl", "rtmfp://h/live")), 0);
        script.play("A accept", "S 0 _result 1 null NetConnection.Connect.Success");
    }

    @Test
    void anotherCommandBeforeConnectEndsThePeer() {
        for (String line :
                List.of("0 createStream 1 null", "1 publish 0 null s1", "0 _result 1 null", "0 close 0 null")) {
            assertThatThrownBy(() -> NetConnection.server().receive(Words.message(line), 0))
                    .isInstanceOf(ProtocolException.class)
                    .hasMessageContaining("connect");
        }
        assertThatThrownBy(() -> server.receive(Words.message("1 video @0 17"), 0))
                .isInstanceOf(ProtocolException.class);
    }

    @Test
    void userControlMayComeBeforeConnect() {
        script.play("C bufferLength 0 300", "C ping 00000007", "S pong 7");
    }

    @Test
    void aSecondConnectIsRefusedAndEndsThePeer() {
        Script.connected()
                .play(
                        "C 0 createStream 2 null",
                        "S 0 _result 2 null 1",
                        "C 1 publish 0 null s1 live",
                        "E PublishRequested 1 s1 - live",
                        "C 0 connect 3 {}",
                        "E PublishStopped 1",
                        "E CloseRequested a second connect",
                        "S 0 _error 3 null NetConnection.Connect.Rejected",
                        "S 0 close 0 null",
                        "A acceptPublish 1",
                        "C 0 createStream 4 null",
                        "A status 0 NetConnection.Connect.Closed",
                        "A result 9 late");
    }

    @Test
    void aRejectedConnectHearsTheReasonAndClose() {
        server.receive(Script.connect("live"), 0);
        script.play(
                "C 0 createStream 2 null",
                "A reject NetConnection.Connect.Rejected",
                "S 0 _error 1 null NetConnection.Connect.Rejected",
                "S 0 close 0 null",
                "A accept",
                "A reject NetConnection.Connect.Rejected");
    }

    @Test
    void aConnectionThatStandsIsEndedByStatusAndClose() {
        Script.connected()
                .play(
                        "A reject NetConnection.Connect.AppShutdown",
                        "S 0 onStatus 0 null NetConnection.Connect.AppShutdown",
                        "S 0 close 0 null",
                        "C 0 createStream 2 null");
    }

    @Test
    void whatAClientSaysBeforeItsAnswerIsHeardAfterIt() {
        server.receive(Script.connect("live"), 0);
        script.play(
                "C 0 createStream 2 null",
                "C 1 publish 0 null s1 live",
                "C 1 data @0 onMetaData 1",
                "A accept",
                "E PublishRequested 1 s1 - live",
                "S 0 _result 1 {fmsVer=FMS/3,5,7,7009,capabilities=31,mode=1} NetConnection.Connect.Success",
                "S 0 onBWDone 0 null",
                "S 0 _result 2 null 1");
    }

    @Test
    void whatAClientSaysBeforeItsAnswerIsBounded() {
        server.receive(Script.connect("live"), 0);
        for (int i = 0; i < ServerSide.MAX_HELD; i++) {
            server.receive(Words.message("0 createStream 2 null"), 0);
        }
        assertThatThrownBy(() -> server.receive(Words.message("0 createStream 2 null"), 0))
                .isInstanceOf(ProtocolException.class);
    }

    @Test
    void connectWithoutATransactionIdIsAnsweredAsTheFirst() {
        script.play(
                "C 0 connect NaN {}",
                "E CloseRequested connect names no application",
                "S 0 _error 1 null NetConnection.Connect.InvalidApp",
                "S 0 close 0 null");
    }

    @Test
    void onlyClientsThatFollowAreAskedToReconnect() {
        Map<String, AmfValue> connect = members("app", "live");
        assertThat(Script.connected().connection().requestReconnect("", "drain"))
                .isFalse();
        connect.put("capsEx", AmfValue.of(1));
        server.receive(Script.connect(connect), 0);
        assertThat(server.requestReconnect("", "too early")).isFalse();
        server.accept();
        script.drain();
        assertThat(server.requestReconnect("rtmp://other/live", "drain")).isTrue();
        Message.Command status = (Message.Command) server.poll();
        assertThat(Words.of(status)).isEqualTo("0 onStatus 0 null NetConnection.Connect.ReconnectRequest");
        assertThat(status.values().get(1).members()).containsEntry("tcUrl", AmfValue.of("rtmp://other/live"));
    }
}
