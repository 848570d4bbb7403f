package io.fluctus.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fluctus.config.Config.Logs.Level;
import io.fluctus.config.Config.Stream.Takeover;
import io.vertx.core.json.JsonObject;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** What a configuration file may say, what each wrong one is told, and which of three voices is heard. */
class ConfigTest {
    private static final Settings NOTHING = Settings.of(new JsonObject());

    /** A file and the whole sentence that refuses it. */
    private record Refused(String file, String sentence) {}

    private static final List<Refused> REFUSED = List.of(
            new Refused("{'rtmp': {'prot': 1935}}", "unknown key `rtmp.prot`: did you mean `rtmp.port`?"),
            new Refused("{'rtpm': {'port': 1935}}", "unknown key `rtpm.port`: did you mean `rtmp.port`?"),
            new Refused("{'RTMP': {'PORT': 1935}}", "unknown key `RTMP.PORT`: did you mean `rtmp.port`?"),
            new Refused("{'web': {'admintoken': 'x'}}", "unknown key `web.admintoken`: did you mean `web.adminToken`?"),
            new Refused("{'publicAdress': 'x'}", "unknown key `publicAdress`: did you mean `publicAddress`?"),
            new Refused("{'': 1}", "unknown key ``: did you mean `tls.key`?"),
            new Refused("{'lgos': {}}", "unknown key `lgos`: did you mean `logs.name`?"),
            new Refused("{'rtmp': {'port': 70000}}", "`rtmp.port` is 70000: it must be a whole number from 0 to 65535"),
            new Refused("{'rtmp': {'port': -1}}", "`rtmp.port` is -1: it must be a whole number from 0 to 65535"),
            new Refused(
                    "{'rtmp': {'port': '1935'}}", "`rtmp.port` is \"1935\": it must be a whole number from 0 to 65535"),
            new Refused("{'rtmp': {'port': 19.35}}", "`rtmp.port` is 19.35: it must be a whole number from 0 to 65535"),
            new Refused(
                    "{'rtmp': {'port': 99999999999999999999}}",
                    "`rtmp.port` is 99999999999999999999: it must be a whole number from 0 to 65535"),
            new Refused("{'rtmp': {'port': null}}", "`rtmp.port` is null: it must be a whole number from 0 to 65535"),
            new Refused("{'rtmp': {'port': [1]}}", "`rtmp.port` is a list: it must be a whole number from 0 to 65535"),
            new Refused(
                    "{'rtmp': {'port': {'a': 1}}}",
                    "`rtmp.port` is an object: it must be a whole number from 0 to 65535"),
            new Refused(
                    "{'rtmp': {'port': {}}}", "`rtmp.port` is an object: it must be a whole number from 0 to 65535"),
            new Refused("{'rtmp': 1935}", "`rtmp` must be an object with keys in it"),
            new Refused("{'rtmp': null}", "`rtmp` must be an object with keys in it"),
            new Refused("{'rtmp': {'port': 1}, 'rtmp.port': 2}", "`rtmp.port` stands there twice"),
            new Refused("{'rtmp': {'host': ''}}", "`rtmp.host` is \"\": it must be a host name or an IP address"),
            new Refused("{'web': {'private': 'yes'}}", "`web.private` is \"yes\": it must be true or false"),
            new Refused(
                    "{'stream': {'takeover': 'SAME_KEY'}}",
                    "`stream.takeover` is \"SAME_KEY\": it must be one of never, same-key, any"),
            new Refused(
                    "{'logs': {'level': 'trace'}}",
                    "`logs.level` is \"trace\": it must be one of error, warn, info, debug"),
            new Refused(
                    "{'logs': {'name': '../x'}}",
                    "`logs.name` is \"../x\": it must be 1 to 100 letters, digits and ._-"),
            new Refused(
                    "{'cluster': {'members': ['a', 7]}}",
                    "`cluster.members` is a list: it must be host names or addresses, each with or without :port"),
            new Refused(
                    "{'cluster': {'members': 'a b'}}",
                    "`cluster.members` is \"a b\": it must be host names or addresses, each with or without :port"),
            new Refused(
                    "{'cluster': {'certificate': 'c.pem'}}",
                    "`cluster.certificate` needs `cluster.privateKey` and `cluster.authority` beside it"),
            new Refused("{'applications': {'configs': 3}}", "`applications.configs` is 3: it must be an object"),
            new Refused(
                    "{'publish': {'key': 'my & secret'}}",
                    "`publish.key` is something else: it must be at most 256 letters, digits and ._~-"),
            new Refused(
                    "{'web': {'adminToken': 12345}}",
                    "`web.adminToken` is something else: it must be at most 256 letters, digits and ._~+/=-"));

    @TestFactory
    List<DynamicTest> aWrongFileIsRefusedInOneSentence() {
        return REFUSED.stream()
                .map(r -> DynamicTest.dynamicTest(
                        r.file,
                        () -> assertThatThrownBy(() -> Config.from(json(r.file)))
                                .isInstanceOf(ConfigException.class)
                                .hasMessage(r.sentence)))
                .toList();
    }

    private static final Config.Access ACCESS = new Config.Access(
            Config.Access.Publishing.AUTO,
            true,
            new Config.Access.Credentials(new JsonObject(), new JsonObject(), new JsonObject(), ""),
            new Config.Access.Tokens("", "", "", ""),
            List.of(),
            List.of());
    private static final Config.Hooks HOOKS =
            new Config.Hooks("", "", List.of("publish", "play", "unpublish", "stop"), 3_000, false);
    private static final Config.Limits LIMITS = new Config.Limits(1_000, 100, 0, 0, new Config.Limits.Kbps(0, 0, 0, 0));
    private static final Config.Tls TLS = new Config.Tls(-1, -1, "", "", List.of());

    @Test
    void anEmptyFileIsTheDefaults() {
        Config config = Config.from(new JsonObject());
        assertThat(config)
                .isEqualTo(new Config(
                        "",
                        new Config.Rtmp(1935, "0.0.0.0", 0, 50_000, 10),
                        new Config.Rtmfp(1935, "0.0.0.0", 1, 0, 15, 10, 10, ""),
                        new Config.Groups(0, new JsonObject()),
                        new Config.Web(8080, "0.0.0.0", 0, 50_000, "", false),
                        new Config.Publish(""),
                        ACCESS,
                        HOOKS,
                        LIMITS,
                        TLS,
                        new Config.Stream(Takeover.SAME_KEY, 15, 8_388_608),
                        new Config.Fanout(-1, 4_194_304, 3, 15),
                        new Config.Relay(1),
                        new Config.Cluster(
                                false, "fluctus", "", 5701, 0, List.of(), "", "", new Config.Cluster.Tls("", "", "")),
                        new Config.Demo(false),
                        new Config.Applications("verticles", new JsonObject(), "shared", "", "", false),
                        new Config.Smtp("localhost", 25, 60),
                        new Config.Record(
                                "recordings",
                                "",
                                Config.Record.Format.MP4,
                                "{app}/{stream}-{date}-{time}",
                                3_600,
                                true,
                                16_777_216,
                                0,
                                0),
                        new Config.Hls(true, 2, 500, 30, "", 60, 268_435_456),
                        new Config.Logs("", "fluctus", Level.INFO, 10_485_760, 5)));
        assertThat(Config.from(json("{'rtmp': {}, 'web': {}}"))).isEqualTo(config);
    }

    @Test
    void aFileMaySayEveryKey() {
        Config config = Config.from(json("{'publicAddress': 'tv.example.org',"
                + "'rtmp': {'port': 0, 'host': '::1', 'instances': 2, 'maxConnections': 3, 'idlePublisherSeconds': 4},"
                + "'rtmfp': {'port': 7, 'host': '::1', 'instances': 3, 'udpBufferSize': 65536,"
                + "'keepAliveServerSeconds': 5, 'keepAlivePeerSeconds': 255, 'idlePublisherSeconds': 9,"
                + "'redirect': '192.0.2.1:1935,[::1]:7'},"
                + "'groups': {'port': 1936, 'streams': {'live/a': {'to': 'G:'}}},"
                + "'web': {'port': 80, 'host': '127.0.0.1', 'instances': 5, 'adminToken': 'a+/=', 'private': true},"
                + "'publish': {'key': 'k.~_-'},"
                + "'access': {'publish': 'closed', 'play': 'closed', 'keys': {'live/*': 'k'},"
                + "'playKeys': {'live/a': ['p', 'q']}, 'users': {'anna': {'password': '12345678'}},"
                + "'signingKey': '0123456789abcdef', 'tokenSecret': '0123456789abcdef0123456789abcdef',"
                + "'jwks': 'keys.json', 'audience': 'a', 'issuer': 'i', 'allow': '10.0.0.0/8, ::1', 'deny': '10.1.2.3'},"
                + "'hooks': {'url': 'http://site/{action}', 'secret': 'fedcba9876543210', 'actions': 'rpc',"
                + "'timeoutMillis': 500, 'playWithoutAnswer': true},"
                + "'limits': {'connectionsPerAddress': 1, 'newConnectionsPerAddress': 2, 'connectionsPerApplication': 3,"
                + "'viewersPerStream': 4, 'viewerKbps': 5, 'streamKbps': 6, 'applicationKbps': 7, 'nodeKbps': 8},"
                + "'rtmps': {'port': 0}, 'https': {'port': 443}, 'tls': {'certificate': 'c.pem', 'key': 'k.pem'},"
                + "'proxy': {'trusted': '192.0.2.1'},"
                + "'stream': {'takeover': 'any', 'holdSeconds': 0, 'preludeBytes': 65536},"
                + "'fanout': {'gatherMillis': 350, 'queueBytes': 65536, 'queueSeconds': 1, 'closeAfterSeconds': 2},"
                + "'relay': {'instances': 6},"
                + "'cluster': {'enabled': true, 'name': 'tv', 'host': '192.0.2.1', 'port': 1, 'busPort': 2,"
                + "'members': ['a:1', 'b'], 'kubernetes': 'k', 'parent': 'c:9',"
                + "'certificate': 'c.pem', 'privateKey': 'k.pem', 'authority': 'a.pem'},"
                + "'demo': {'enabled': true},"
                + "'applications': {'folder': 'apps', 'configs': {'lobby': {'size': 4}, 'a.b': [1]},"
                + "'sharedObjects': 'a b/c',"
                + "'outgoing': 'db:5432, *:80', 'ports': '7000', 'isolate': true}, 'smtp': {'host': 'mail', 'port': 2525, 'timeoutSeconds': 5},"
                + "'record': {'folder': '/r', 'streams': 'live/*, a', 'format': 'flv', 'file': '{stream}', 'segmentSeconds': 0,"
                + "'byPublisher': false, 'queueBytes': 1048576, 'maxBytes': 5, 'maxAgeHours': 6},"
                + "'hls': {'enabled': false, 'segmentSeconds': 4, 'partMillis': 0, 'dvrSeconds': 7200, 'always': '*',"
                + "'idleSeconds': 10, 'maxBytes': 1048576},"
                + "'logs': {'directory': 'a b/c', 'name': 'x', 'level': 'debug', 'size': 5000000000, 'files': 7}}"));
        assertThat(config)
                .isEqualTo(new Config(
                        "tv.example.org",
                        new Config.Rtmp(0, "::1", 2, 3, 4),
                        new Config.Rtmfp(7, "::1", 3, 65536, 5, 255, 9, "192.0.2.1:1935,[::1]:7"),
                        new Config.Groups(1936, json("{'live/a': {'to': 'G:'}}")),
                        new Config.Web(80, "127.0.0.1", 5, 50_000, "a+/=", true),
                        new Config.Publish("k.~_-"),
                        new Config.Access(
                                Config.Access.Publishing.CLOSED,
                                false,
                                new Config.Access.Credentials(
                                        json("{'live/*': 'k'}"),
                                        json("{'live/a': ['p', 'q']}"),
                                        json("{'anna': {'password': '12345678'}}"),
                                        "0123456789abcdef"),
                                new Config.Access.Tokens("0123456789abcdef0123456789abcdef", "keys.json", "a", "i"),
                                List.of("10.0.0.0/8", "::1"),
                                List.of("10.1.2.3")),
                        new Config.Hooks("http://site/{action}", "fedcba9876543210", List.of("rpc"), 500, true),
                        new Config.Limits(1, 2, 3, 4, new Config.Limits.Kbps(5, 6, 7, 8)),
                        new Config.Tls(0, 443, "c.pem", "k.pem", List.of("192.0.2.1")),
                        new Config.Stream(Takeover.ANY, 0, 65536),
                        new Config.Fanout(350, 65536, 1, 2),
                        new Config.Relay(6),
                        new Config.Cluster(
                                true,
                                "tv",
                                "192.0.2.1",
                                1,
                                2,
                                List.of("a:1", "b"),
                                "k",
                                "c:9",
                                new Config.Cluster.Tls("c.pem", "k.pem", "a.pem")),
                        new Config.Demo(true),
                        new Config.Applications(
                                "apps",
                                json("{'lobby': {'size': 4}, 'a.b': [1]}"),
                                "a b/c",
                                "db:5432, *:80",
                                "7000",
                                true),
                        new Config.Smtp("mail", 2525, 5),
                        new Config.Record(
                                "/r", "live/*, a", Config.Record.Format.FLV, "{stream}", 0, false, 1048576, 5, 6),
                        new Config.Hls(false, 4, 0, 7200, "*", 10, 1048576),
                        new Config.Logs("a b/c", "x", Level.DEBUG, 5_000_000_000L, 7)));
    }

    @Test
    void membersAreAListOrOneText() {
        for (String members : List.of("['a', 'b:5701']", "'a,b:5701'", "' a , b:5701 ,'")) {
            Config config = Config.from(json("{'cluster': {'members': " + members + "}}"));
            assertThat(config.cluster().members()).as(members).containsExactly("a", "b:5701");
        }
        assertThat(Config.from(NOTHING.with(List.of("cluster.members=a,b")))
                        .cluster()
                        .members())
                .containsExactly("a", "b");
    }

    @Test
    void theTableAllowsItsOwnDefaultsAndBounds() {
        for (Key key : Keys.all()) {
            assertThat(key.read(key.path(), key.byDefault())).as(key.path()).isEqualTo(key.byDefault());
            if (key.kind() instanceof Key.Kind.Whole whole) {
                for (long bound : new long[] {whole.min(), whole.max()}) {
                    Config.from(NOTHING.with(List.of(key.path() + "=" + bound)));
                }
                for (long beyond : new long[] {whole.min() - 1, whole.max() + 1}) {
                    assertThatThrownBy(() -> NOTHING.with(List.of(key.path() + "=" + beyond)))
                            .hasMessage("`" + key.path() + "` is " + beyond + ": it must be a whole number from "
                                    + whole.min() + " to " + whole.max());
                }
            }
            if (key.kind() instanceof Key.Kind.OneOf oneOf) {
                oneOf.words().forEach(word -> Config.from(NOTHING.with(List.of(key.path() + "=" + word))));
            }
        }
    }

    @Test
    void noTwoKeysShareAPathOrAVariable() {
        Set<String> names = new HashSet<>();
        for (Key key : Keys.all()) {
            assertThat(names.add(key.path())).as(key.path()).isTrue();
            assertThat(names.add(key.variable())).as(key.variable()).isTrue();
        }
    }

    @Test
    void theCommandLineSpeaksOverTheEnvironmentAndThatOverTheFile() {
        Settings file = Settings.of(json("{'rtmp': {'port': 1, 'instances': 1}, 'web': {'port': 1}}"));
        Settings environment = file.withEnvironment(
                Map.of("FLUCTUS_RTMP_PORT", "2", "FLUCTUS_WEB_PORT", "2", "PATH", "/bin", "fluctus_x", "y"));
        Config config = Config.from(environment.with(List.of("rtmp.port=3", "rtmp.port=4")));
        assertThat(config.rtmp().port()).isEqualTo(4);
        assertThat(config.web().port()).isEqualTo(2);
        assertThat(config.rtmp().instances()).isEqualTo(1);
        assertThat(Config.from(file).rtmp().port()).isEqualTo(1);
    }

    @Test
    void anOverrideIsReadAsItsKeyWants() {
        Config config = Config.from(NOTHING.withEnvironment(
                        Map.of("FLUCTUS_PUBLICADDRESS", "10.0.0.7", "FLUCTUS_RTMP_IDLEPUBLISHERSECONDS", "20"))
                .with(List.of("web.private=TRUE", "publish.key=1234", "web.adminToken=a=b", "logs.directory=")));
        assertThat(config.publicAddress()).isEqualTo("10.0.0.7");
        assertThat(config.rtmp().idlePublisherSeconds()).isEqualTo(20);
        assertThat(config.web().isPrivate()).isTrue();
        assertThat(config.publish().key()).isEqualTo("1234");
        assertThat(config.web().adminToken()).isEqualTo("a=b");
        assertThat(config.logs().directory()).isEmpty();
    }

    @Test
    void aWrongVariableIsRefusedByItsName() {
        assertThatThrownBy(() -> NOTHING.withEnvironment(Map.of("FLUCTUS_RMTP_PORT", "1")))
                .hasMessage("unknown key `FLUCTUS_RMTP_PORT`: did you mean `FLUCTUS_RTMP_PORT`?");
        assertThatThrownBy(() -> NOTHING.withEnvironment(Map.of("FLUCTUS_RTMP_PORT", "")))
                .hasMessage("`FLUCTUS_RTMP_PORT` is \"\": it must be a whole number from 0 to 65535");
    }

    @Test
    void aWrongAssignmentIsRefused() {
        assertThatThrownBy(() -> NOTHING.with(List.of("rtmp.prot=1")))
                .hasMessage("unknown key `rtmp.prot`: did you mean `rtmp.port`?");
        assertThatThrownBy(() -> NOTHING.with(List.of("rtmp.port"))).hasMessage("`--set rtmp.port` must be key=value");
        assertThatThrownBy(() -> NOTHING.with(List.of("web.private=perhaps")))
                .hasMessage("`web.private` is \"perhaps\": it must be true or false");
    }

    @Test
    void aLongWrongValueIsCutAndALongWrongNameIsStillAnswered() {
        assertThatThrownBy(() -> NOTHING.with(List.of("rtmp.port=" + "9".repeat(100_000))))
                .message()
                .hasSizeLessThan(200);
        assertThatThrownBy(() -> NOTHING.with(List.of("x".repeat(100_000) + "=1")))
                .isInstanceOf(ConfigException.class);
    }

    @Test
    void secretsArePrintedNowhere() {
        Config config = Config.from(NOTHING.with(List.of("publish.key=hush-1", "web.adminToken=hush-2")));
        assertThat(config.toString()).doesNotContain("hush").contains("Publish[with a key]");
        assertThatThrownBy(() -> NOTHING.with(List.of("publish.key=hush&")))
                .message()
                .doesNotContain("hush");
    }

    @Test
    void aNearNameIsFoundThroughEachKindOfSlip() {
        List<String> names = List.of("rtmp.port", "web.port", "logs.name");
        for (String slip : List.of("rtmp.prt", "rtmp.poort", "rtmp.port_", "rtpm.port", "RTMP.Port", "rtmp-port")) {
            assertThat(Nearest.of(slip, names)).as(slip).isEqualTo("rtmp.port");
        }
        assertThat(Nearest.distance("abcd", "acbd")).isEqualTo(1);
        assertThat(Nearest.distance("", "abc")).isEqualTo(3);
        assertThat(Nearest.distance("kitten", "sitting")).isEqualTo(3);
    }

    @Test
    void zeroInstancesAreOnePerCore() {
        assertThat(Config.instances(0, 12)).isEqualTo(12);
        assertThat(Config.instances(3, 12)).isEqualTo(3);
    }

    private static JsonObject json(String text) {
        return new JsonObject(text.replace('\'', '"'));
    }
}
