package io.fluctus.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.fluctus.config.Config;
import io.fluctus.config.Key;
import io.fluctus.config.Keys;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is typed, what is launched, and what a wrong line is told. */
class CliTest {
    @TempDir
    Path folder;

    private final List<Launch> launched = new ArrayList<>();
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private Map<String, String> environment = Map.of();

    @Test
    void theWordRunMayBeLeftOut() throws IOException {
        Path file = file("{\"rtmp\": {\"port\": 1}}");
        String[] options = {"--config", file.toString(), "--set", "web.port=2", "--set", "relay.instances=3"};
        assertThat(execute(options)).isZero();
        assertThat(execute("run", options[0], options[1], options[2], options[3], options[4], options[5]))
                .isZero();
        Config config = launched.get(0).config();
        assertThat(config.rtmp().port()).isEqualTo(1);
        assertThat(config.web().port()).isEqualTo(2);
        assertThat(config.relay().instances()).isEqualTo(3);
        assertThat(launched.get(0)).isEqualTo(launched.get(1));
        assertThat(launched.get(0).source()).isEqualTo(file.toString());
        assertThat(err.toString()).isEmpty();
    }

    @Test
    void theShippedFileIsTakenWhereNoneIsNamed() {
        assertThat(execute()).isZero();
        Path usual = Run.USUAL_FILE.toAbsolutePath();
        assertThat(launched.get(0).source()).isEqualTo(usual.toString());
        assertThat(usual).exists();
    }

    @Test
    void theEnvironmentSpeaksOverTheFileAndSetOverBoth() throws IOException {
        environment = Map.of("FLUCTUS_RTMP_PORT", "11", "FLUCTUS_WEB_PORT", "12");
        Path file = file("{\"rtmp\": {\"port\": 1}, \"web\": {\"port\": 2}}");
        assertThat(execute("--config", file.toString(), "--set", "web.port=22")).isZero();
        assertThat(launched.get(0).config().rtmp().port()).isEqualTo(11);
        assertThat(launched.get(0).config().web().port()).isEqualTo(22);
    }

    @Test
    void verticlesAndPidfileArePassedOn() {
        assertThat(execute("--verticles", "rtmp,relay", "--verticles", "web", "--pidfile", "x.pid"))
                .isZero();
        assertThat(launched.get(0).verticles()).containsExactly("rtmp", "relay", "web");
        assertThat(launched.get(0).pidfile()).isEqualTo(Optional.of(Path.of("x.pid")));
        assertThat(execute()).isZero();
        assertThat(launched.get(1).verticles()).isEmpty();
        assertThat(launched.get(1).pidfile()).isEmpty();
    }

    @Test
    void whatTheActionReturnsIsTheExitCode() {
        Cli cli = new Cli(launch -> Cli.FAILURE, Map.of(), new PrintWriter(out), new PrintWriter(err));
        assertThat(cli.execute("run")).isEqualTo(1);
    }

    @Test
    void aWrongLineIsToldInOneSentenceAndTheCodeIsTwo() throws IOException {
        Path bad = file("{\"rtmp\": }");
        Map<List<String>, String> sentences = new LinkedHashMap<>();
        sentences.put(List.of("rnu"), "unknown word `rnu`: did you mean `run`?");
        sentences.put(List.of("run", "--confg", "x"), "unknown option `--confg`: did you mean `--config`?");
        sentences.put(List.of("run", "fast"), "unknown word `fast`");
        sentences.put(
                List.of("--set"),
                "Missing required parameter for option '--set' (KEY=VALUE); --help lists what there is");
        sentences.put(List.of("--set", "rtmp.port"), "`--set rtmp.port` must be key=value");
        sentences.put(List.of("--set", "rtmp.prot=1"), "unknown key `rtmp.prot`: did you mean `rtmp.port`?");
        sentences.put(
                List.of("--set", "rtmp.port=x"), "`rtmp.port` is \"x\": it must be a whole number from 0 to 65535");
        sentences.put(
                List.of("publish", "http://h/live/cam1.flv", "x.flv"),
                "publish speaks RTMP and RTMFP: rtmp://HOST/APPLICATION/STREAM, or rtmfp://...");
        sentences.put(
                List.of("play", "rtmps://h/live/cam1"),
                "`rtmps://h/live/cam1`: rtmps is not spoken yet; rtmp, rtmfp, http and ws are");
        sentences.put(
                List.of("call", "http://h/", "f"),
                "`http://h/`: applications are called by rtmp://HOST/APPLICATION or rtmfp://...");
        sentences.put(List.of("call", "rtmp:///", "f"), "`rtmp:///` names no host");
        sentences.put(List.of("probe", "rtmp://h"), "`rtmp://h` names no stream: rtmp://HOST/APPLICATION/STREAM");
        sentences.put(List.of("--config", "nowhere.json"), "nowhere.json: there is no such file");
        sentences.put(List.of("--config", bad.toString()), bad + ": is not JSON at line 1, column 10");
        for (Map.Entry<List<String>, String> e : sentences.entrySet()) {
            err.getBuffer().setLength(0);
            assertThat(execute(e.getKey().toArray(String[]::new)))
                    .as(e.getKey().toString())
                    .isEqualTo(2);
            assertThat(err.toString()).isEqualTo("fluctus: " + e.getValue() + System.lineSeparator());
        }
        assertThat(launched).isEmpty();
        assertThat(out.toString()).isEmpty();
    }

    @Test
    void aSecretIsNeverRepeated() {
        assertThat(execute("--set", "publish.key=hush&hush")).isEqualTo(2);
        environment = Map.of("FLUCTUS_WEB_ADMINTOKEN", "hush hush");
        assertThat(execute()).isEqualTo(2);
        assertThat(err.toString())
                .contains("`publish.key` is something else")
                .contains("`FLUCTUS_WEB_ADMINTOKEN` is something else")
                .doesNotContain("hush");
    }

    @Test
    void versionIsThePoms() throws Exception {
        String version = DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(Path.of("pom.xml").toFile())
                .getDocumentElement()
                .getElementsByTagName("version")
                .item(0)
                .getTextContent();
        assertThat(execute("--version")).isZero();
        assertThat(execute("-V")).isZero();
        assertThat(execute("run", "--version")).isZero();
        assertThat(out.toString().lines()).hasSize(3).containsOnly("fluctus " + version);
    }

    @Test
    void helpNamesEveryCommandAndEveryKey() {
        assertThat(execute("--help")).isZero();
        assertThat(out.toString())
                .containsPattern("run +Run the gateway\\.")
                .containsPattern("publish +Publish an FLV file")
                .containsPattern("play +Play a stream")
                .containsPattern("probe +Say what a stream is");
        assertThat(execute("run", "--help")).isZero();
        for (Key key : Keys.all()) {
            assertThat(out.toString())
                    .contains("\n  " + key.path() + " = " + key.defaultText() + "  (")
                    .contains(key.description());
        }
        assertThat(String.join("", Run.listing())).doesNotContain("%");
    }

    @Test
    void theShippedFileIsTheBuiltInDefaultsAndTheDemo() throws IOException {
        JsonObject shipped = new JsonObject(Files.readString(Run.USUAL_FILE));
        assertThat(Config.from(shipped)).isEqualTo(Config.from(new JsonObject("{\"demo\": {\"enabled\": true}}")));
    }

    private Path file(String text) throws IOException {
        return Files.writeString(folder.resolve("config.json"), text);
    }

    private int execute(String... args) {
        Cli cli = new Cli(
                launch -> {
                    launched.add(launch);
                    return 0;
                },
                environment,
                new PrintWriter(out),
                new PrintWriter(err));
        return cli.execute(args);
    }
}
