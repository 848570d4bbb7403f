package io.fluctus.live;

import static org.assertj.core.api.Assertions.assertThat;

import io.fluctus.LiveGateway;
import io.fluctus.cli.Cli;
import io.vertx.core.json.JsonObject;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Two hundred viewers at once, each of whom gets every frame. */
class ViewersIT {
    private static final int VIEWERS = 200;

    private LiveGateway gateway;

    @BeforeEach
    void open() throws Exception {
        gateway = new LiveGateway();
    }

    @AfterEach
    void close() throws Exception {
        gateway.close();
    }

    private static JsonObject bench(String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        Cli cli = new Cli(launch -> 0, Map.of(), new PrintWriter(out, true), new PrintWriter(err, true));
        String[] all = new String[arguments.length + 2];
        all[0] = "bench";
        all[1] = "--json";
        System.arraycopy(arguments, 0, all, 2, arguments.length);
        assertThat(cli.execute(all)).as("%s %s", out, err).isZero();
        return new JsonObject(out.toString());
    }

    private static void everybodyWasServed(JsonObject report) {
        assertThat(report.getInteger("established")).isEqualTo(VIEWERS);
        assertThat(report.getLong("starved")).isZero();
        assertThat(report.getJsonObject("latencyMs").getLong("samples"))
                .isEqualTo(VIEWERS * report.getLong("framesExpected"));
        assertThat(report.getLong("framesExpected")).isGreaterThan(100);
    }

    @Test
    void overRtmp() {
        everybodyWasServed(bench(
                gateway.rtmp("live/crowd"),
                "--publishers",
                "1",
                "--viewers",
                "" + VIEWERS,
                "--seconds",
                "3",
                "--kbps",
                "300"));
    }

    @Test
    void overHttpAndWebSocket() throws Exception {
        CompletableFuture<JsonObject> publisher = CompletableFuture.supplyAsync(
                () -> bench(gateway.rtmp("live/crowd"), "--publishers", "1", "--seconds", "14", "--kbps", "300"));
        gateway.awaitStream("crowd", s -> s.containsKey("video"));
        String http = gateway.flv("live/crowd");
        everybodyWasServed(bench(http, "--viewers", "" + VIEWERS, "--seconds", "3"));
        everybodyWasServed(bench(http.replaceFirst("http", "ws"), "--viewers", "" + VIEWERS, "--seconds", "3"));
        assertThat(publisher.get(30, TimeUnit.SECONDS).getInteger("connections"))
                .isZero();
    }
}
