package io.fluctus.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.fluctus.LiveGateway;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The HTTP port of a whole gateway: who may read and act, and with which headers pages are served. */
class ApiTest {
    /** Two each of rtmp, rtmfp and web. */
    private static final int INSTANCES_WITH_VIEWERS = 7;

    private static final String TOKEN = "token-of-the-test";
    private static LiveGateway open;
    private static LiveGateway closed;

    private final HttpClient http = HttpClient.newHttpClient();

    @BeforeAll
    static void start() throws Exception {
        open = gateway(false);
        closed = gateway(true);
        open.awaitStream("colorbars", stream -> stream.containsKey("video"));
    }

    @AfterAll
    static void end() throws Exception {
        open.close();
        closed.close();
    }

    private static LiveGateway gateway(boolean isPrivate) throws Exception {
        return new LiveGateway(new JsonObject()
                .put("demo", new JsonObject().put("enabled", true))
                .put("publish", new JsonObject().put("key", "hush-hush"))
                .put("web", new JsonObject().put("adminToken", TOKEN).put("private", isPrivate)));
    }

    private HttpResponse<String> send(LiveGateway gateway, String method, String path, String... headers)
            throws Exception {
        List<String> all = new ArrayList<>(List.of("X-Nothing", "0"));
        all.addAll(List.of(headers));
        HttpRequest request = HttpRequest.newBuilder(URI.create(gateway.http(path)))
                .method(method, HttpRequest.BodyPublishers.noBody())
                .headers(all.toArray(String[]::new))
                .build();
        return http.send(request, BodyHandlers.ofString());
    }

    private int status(LiveGateway gateway, String method, String path, String... headers) throws Exception {
        return send(gateway, method, path, headers).statusCode();
    }

    @Test
    void everyAnswerForbidsWhatIsFromElsewhere() throws Exception {
        for (String path : List.of("", "app.js", "status", "api/v1/streams", "nothing", "live/a/b.flv")) {
            var headers = send(open, "GET", path).headers();
            assertThat(headers.firstValue("Content-Security-Policy"))
                    .as(path)
                    .hasValueSatisfying(policy -> assertThat(policy)
                            .contains("default-src 'self'", "frame-ancestors 'none'", "script-src 'self';")
                            .doesNotContain("unsafe"));
            assertThat(headers.firstValue("X-Content-Type-Options")).hasValue("nosniff");
        }
    }

    @Test
    void pagesAreAskedForAgainAndSentOnce() throws Exception {
        HttpResponse<String> page = send(open, "GET", "");
        assertThat(page.statusCode()).isEqualTo(200);
        assertThat(page.body()).contains("<div id=\"app\">").doesNotContain("style=");
        assertThat(page.headers().firstValue("Content-Type")).hasValue("text/html; charset=utf-8");
        assertThat(page.headers().firstValue("Cache-Control")).hasValue("no-cache");
        String tag = page.headers().firstValue("ETag").orElseThrow();
        HttpResponse<String> again = send(open, "GET", "", "If-None-Match", tag);
        assertThat(again.statusCode()).isEqualTo(304);
        assertThat(again.body()).isEmpty();
        assertThat(status(open, "GET", "", "If-None-Match", "\"other\"")).isEqualTo(200);
        assertThat(send(open, "HEAD", "").headers().firstValueAsLong("Content-Length"))
                .hasValue(page.body().length());
    }

    @Test
    void scriptsArePackedForWhoeverTakesIt() throws Exception {
        HttpResponse<String> packed = send(open, "GET", "vendor/mpegts/mpegts.js", "Accept-Encoding", "gzip");
        assertThat(packed.headers().firstValue("Content-Encoding")).hasValue("gzip");
        assertThat(packed.headers().firstValue("Vary")).hasValue("Accept-Encoding");
        assertThat(packed.headers().firstValueAsLong("Content-Length").orElse(0))
                .isBetween(1L, 120_000L);
        assertThat(send(open, "GET", "vendor/uplot/uPlot.esm.js").headers().firstValue("Content-Type"))
                .hasValue("text/javascript; charset=utf-8");
    }

    @Test
    void nothingButTheConsoleIsServed() throws Exception {
        for (String path : List.of(
                "../config.json",
                "%2e%2e/logback.xml",
                "..%2flogback.xml",
                "vendor",
                "vendor/",
                "pages/",
                "vendor/mpegts/LICENSE",
                "demo/colorbars.flv",
                "io/fluctus/Gateway.class",
                "app.js/",
                ".hidden.js",
                "%00.js",
                "app.js%00.html")) {
            assertThat(status(open, "GET", path)).as(path).isGreaterThanOrEqualTo(400);
        }
        assertThat(status(open, "POST", "")).isGreaterThanOrEqualTo(400);
    }

    @Test
    void readingIsOpenAndActingNeedsTheToken() throws Exception {
        String kick = "api/v1/clients/rtmp.0/99/kick";
        assertThat(status(open, "GET", "api/v1/streams")).isEqualTo(200);
        assertThat(status(open, "GET", "api/v1/server")).isEqualTo(200);
        for (String wrong : List.of("", "Bearer", "Bearer ", "Bearer x" + TOKEN, "Basic " + TOKEN, TOKEN)) {
            HttpResponse<String> refused = send(open, "POST", kick, "Authorization", wrong);
            assertThat(refused.statusCode()).as(wrong).isEqualTo(401);
            assertThat(refused.headers().firstValue("WWW-Authenticate")).hasValue("Bearer");
            assertThat(new JsonObject(refused.body()).getJsonObject("error").getString("code"))
                    .isEqualTo("token");
        }
        assertThat(status(open, "POST", kick + "?token=" + TOKEN))
                .as("a link cannot act")
                .isEqualTo(401);
        assertThat(status(open, "POST", kick, "Authorization", "Bearer " + TOKEN))
                .isEqualTo(404);
        assertThat(status(open, "POST", "api/v1/clients/nobody.7/1/kick", "Authorization", "Bearer " + TOKEN))
                .isEqualTo(404);
    }

    @Test
    void thePublishKeyIsForTheAdministrator() throws Exception {
        assertThat(send(open, "GET", "api/v1/server").body()).doesNotContain("hush");
        assertThat(status(open, "GET", "api/v1/secrets")).isEqualTo(401);
        assertThat(new JsonObject(send(open, "GET", "api/v1/secrets", "Authorization", "bearer " + TOKEN)
                                .body())
                        .getString("publishKey"))
                .isEqualTo("hush-hush");
    }

    @Test
    void aPrivateGatewayTellsNothingWithoutTheToken() throws Exception {
        List<String> paths = List.of(
                "api/v1/streams",
                "api/v1/server",
                "api/v1/events",
                "api/v1/tracks/demo/colorbars",
                "status",
                "live/demo/nothing.flv");
        for (String path : paths) {
            assertThat(status(closed, "GET", path)).as(path).isEqualTo(401);
            assertThat(status(closed, "GET", path + "?token=wrong")).as(path).isEqualTo(401);
            int open = path.endsWith(".flv") ? 404 : 200;
            assertThat(status(closed, "GET", path, "Authorization", "Bearer " + TOKEN))
                    .as(path)
                    .isEqualTo(open);
            assertThat(status(closed, "GET", path + "?token=" + TOKEN)).as(path).isEqualTo(open);
        }
        assertThat(status(closed, "GET", ""))
                .as("the console itself knows nothing")
                .isEqualTo(200);
    }

    @Test
    void aStreamIsToldInFull() throws Exception {
        JsonObject stream = new JsonObject(
                send(open, "GET", "api/v1/streams/demo/colorbars").body());
        assertThat(stream.getJsonObject("publisher"))
                .isEqualTo(new JsonObject()
                        .put("protocol", "demo")
                        .put("address", "built in")
                        .put("client", "demo.0/1"));
        JsonObject tracks =
                new JsonObject(send(open, "GET", "api/v1/tracks/demo/colorbars").body());
        assertThat(tracks.getJsonArray("tracks")).hasSize(2);
        JsonObject history = new JsonObject(
                send(open, "GET", "api/v1/history/demo/colorbars").body());
        assertThat(history.getJsonArray("kbps").size()).isPositive();
        assertThat(new JsonArray(
                        send(open, "GET", "api/v1/viewers/demo/colorbars").body()))
                .isEmpty();
        assertThat(new JsonObject(send(open, "GET", "api/v1/tracks/live/nobody").body()).getJsonArray("tracks"))
                .isEmpty();
        assertThat(status(open, "GET", "api/v1/streams/live/nobody")).isEqualTo(404);
        assertThat(status(open, "GET", "api/v1/streams/live/%3Cb%3E")).isEqualTo(400);
        assertThat(status(open, "GET", "api/v1/nothing")).isEqualTo(404);
    }

    @Test
    void theServerTellsWhatRuns() throws Exception {
        JsonObject server = new JsonObject(send(open, "GET", "api/v1/server").body());
        assertThat(server.getJsonArray("verticles").stream().map(v -> ((JsonObject) v).getString("name")))
                .containsExactly(
                        "access",
                        "registry",
                        "relay",
                        "shared",
                        "record",
                        "hls",
                        "script",
                        "rtmp",
                        "group",
                        "member",
                        "rtmfp",
                        "web",
                        "demo");
        assertThat(server.getBoolean("keyed")).isTrue();
        assertThat(server.getJsonObject("memory").getLong("heapUsed")).isPositive();
        LiveGateway.await("figures of all loops", () -> loops().size() == INSTANCES_WITH_VIEWERS);
        for (Object loop : loops()) {
            assertThat(((JsonObject) loop).getLong("delayMillis")).isNotNegative();
        }
        JsonObject connections =
                new JsonObject(send(open, "GET", "api/v1/server").body()).getJsonObject("connections");
        assertThat(connections.getJsonObject("rtmp"))
                .isEqualTo(new JsonObject().put("now", 0).put("max", 50_000));
        assertThat(connections.getJsonObject("web").getInteger("now")).isNotNegative();
    }

    private JsonArray loops() {
        try {
            return new JsonObject(send(open, "GET", "api/v1/server").body()).getJsonArray("loops");
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }
}
