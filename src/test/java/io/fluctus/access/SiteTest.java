package io.fluctus.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.fluctus.config.Config;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A small real site with every whim that sites have. */
class SiteTest {
    private static final String SECRET = "fedcba9876543210";
    private static final long SECONDS = 5;

    private final Vertx vertx = Vertx.vertx();
    private final AtomicInteger calls = new AtomicInteger();
    private final AtomicInteger connections = new AtomicInteger();
    private final BlockingQueue<JsonObject> heard = new LinkedBlockingQueue<>();
    private final List<String> signatures = new CopyOnWriteArrayList<>();
    private Consumer<HttpServerRequest> mood = request -> request.response().end();
    private HttpServer server;
    private Site site;

    @BeforeEach
    void open() throws Exception {
        server = await(vertx.createHttpServer()
                .connectionHandler(connection -> connections.incrementAndGet())
                .requestHandler(this::serve)
                .listen(0, "127.0.0.1"));
        site = site(false, 3_000);
    }

    @AfterEach
    void close() throws Exception {
        await(vertx.close());
    }

    private void serve(HttpServerRequest request) {
        calls.incrementAndGet();
        request.body().onSuccess(body -> {
            JsonObject said = new JsonObject(body);
            heard.add(said.put("path", request.path()));
            String signature = request.getHeader("Fluctus-Signature");
            String at = signature.substring(2, signature.indexOf(','));
            String right = Secrets.sign(SECRET, (at + "." + body).getBytes(StandardCharsets.UTF_8));
            signatures.add(signature.endsWith(",v1=" + right) ? "right" : "wrong");
            mood.accept(request);
        });
    }

    private Site site(boolean playWithoutAnswer, int timeout) {
        return new Site(
                vertx,
                new Config.Hooks(
                        "http://127.0.0.1:" + server.actualPort() + "/hook/{action}",
                        SECRET,
                        List.of("connect", "publish", "play", "unpublish", "stop", "viewers"),
                        timeout,
                        playWithoutAnswer));
    }

    private static <T> T await(Future<T> future) throws Exception {
        return future.toCompletionStage().toCompletableFuture().get(SECONDS, TimeUnit.SECONDS);
    }

    private String ask(String action) throws Exception {
        return Asked.word(await(site.ask(Asked.question(action, "live/cam", "key=s3cret"))));
    }

    private void answers(int status, String body) {
        mood = request -> request.response().setStatusCode(status).end(body);
    }

    @Test
    void theSiteIsToldWhatItNeedsAndEachCallIsSigned() throws Exception {
        assertThat(ask("publish")).isEqualTo("granted");
        JsonObject said = heard.poll(SECONDS, TimeUnit.SECONDS);
        assertThat(said.getString("path")).isEqualTo("/hook/publish");
        assertThat(said.getString("action")).isEqualTo("publish");
        assertThat(said.getString("stream")).isEqualTo("live/cam");
        assertThat(said.getString("query")).isEqualTo("key=s3cret");
        assertThat(said.getString("host")).isEqualTo(Asked.HOST);
        assertThat(signatures).containsExactly("right");
    }

    @Test
    void theSitesWordHolds() throws Exception {
        answers(200, "{\"allow\": false, \"reason\": \"not today\"}");
        assertThat(ask("publish")).isEqualTo("not today");
        answers(403, "");
        assertThat(ask("play")).isEqualTo("the site refuses");
    }

    @Test
    void callsShareConnectionsThatStayOpen() throws Exception {
        for (int i = 0; i < 20; i++) {
            ask("publish");
        }
        assertThat(calls.get()).isEqualTo(20);
        assertThat(connections.get()).isEqualTo(1);
    }

    @Test
    void oneFailureIsForgiven() throws Exception {
        mood = request ->
                request.response().setStatusCode(calls.get() == 1 ? 500 : 200).end();
        assertThat(ask("publish")).isEqualTo("granted");
        assertThat(calls.get()).isEqualTo(2);
    }

    @Test
    void aSiteThatFailsTwiceClosesPublishing() throws Exception {
        answers(500, "{\"allow\": true}");
        assertThat(ask("publish")).isEqualTo(Site.NO_ANSWER);
        assertThat(calls.get()).isEqualTo(2);
    }

    @Test
    void aSiteThatHangsIsWaitedForOnce() throws Exception {
        site = site(false, 500);
        mood = request -> {};
        long start = System.nanoTime();
        assertThat(ask("publish")).isEqualTo(Site.NO_ANSWER);
        assertThat(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start)).isBetween(450L, 1_500L);
    }

    @Test
    void aSiteThatIsNotThereClosesPublishing() throws Exception {
        await(server.close());
        assertThat(ask("publish")).isEqualTo(Site.NO_ANSWER);
    }

    @Test
    void aRedirectLeadsNowhere() throws Exception {
        mood = request -> request.response()
                .setStatusCode(302)
                .putHeader("Location", "http://127.0.0.1:" + server.actualPort() + "/metadata")
                .end();
        assertThat(ask("publish")).isEqualTo(Site.NO_ANSWER);
        assertThat(heard).allSatisfy(said -> assertThat(said.getString("path")).isEqualTo("/hook/publish"));
    }

    @Test
    void tenMebibytesAreNoAnswer() throws Exception {
        mood = request -> {
            request.response().setChunked(true);
            for (int i = 0; i < 160; i++) {
                request.response().write("{\"allow\": true} ".repeat(4_096));
            }
            request.response().end();
        };
        assertThat(ask("publish")).isEqualTo(Site.NO_ANSWER);
    }

    @Test
    void playingGoesOnWithoutAnAnswerWhereThatIsWanted() throws Exception {
        answers(500, "");
        assertThat(ask("play")).isEqualTo(Site.NO_ANSWER);
        site = site(true, 500);
        assertThat(ask("play")).isEqualTo("granted");
        assertThat(ask("connect")).isEqualTo("granted");
        assertThat(ask("publish")).isEqualTo(Site.NO_ANSWER);
    }

    @Test
    void aRefusalIsNoOutage() throws Exception {
        site = site(true, 500);
        answers(403, "");
        assertThat(ask("play")).isEqualTo("the site refuses");
    }

    @Test
    void anAnswerIsKeptForTheSameQuestionAlone() throws Exception {
        mood = request ->
                request.response().putHeader("Cache-Control", "max-age=60").end();
        for (int i = 0; i < 5; i++) {
            JsonObject another = Asked.body("play", "live/cam", "key=a")
                    .put("client", "rtmp.0/" + i)
                    .put("address", "x:" + i);
            assertThat(Asked.word(await(site.ask(Question.of(another))))).isEqualTo("granted");
        }
        assertThat(calls.get()).isEqualTo(1);
        await(site.ask(Asked.question("play", "live/cam", "key=b")));
        await(site.ask(Asked.question("play", "live/other", "key=a")));
        await(site.ask(Asked.question("publish", "live/cam", "key=a")));
        await(site.ask(Asked.from("192.0.2.99", false, "play", "live/cam")));
        assertThat(calls.get()).isEqualTo(5);
    }

    @Test
    void whatTheSiteIsToldArrivesInOrder() throws Exception {
        mood = request -> request.response()
                .setStatusCode(calls.get() % 3 == 1 ? 503 : 200)
                .end();
        Question.Who who = Asked.question("play", "live/cam", "").who();
        for (int i = 0; i < 10; i++) {
            site.tell(new Attendance.Over(Action.STOP, who, "live/s" + i));
        }
        String last = "";
        for (int i = 0; i < 10; ) {
            String stream = heard.poll(SECONDS, TimeUnit.SECONDS).getString("stream");
            assertThat(stream).isIn(last, "live/s" + i);
            i += stream.equals(last) ? 0 : 1;
            last = stream;
        }
    }

    @Test
    void deliveriesTellWhatHappenedWithoutSecrets() throws Exception {
        answers(403, "{\"reason\": \"not paid\"}");
        ask("publish");
        JsonObject publish = site.toJson().getJsonObject("hooks").getJsonObject("publish");
        assertThat(publish.getLong("calls")).isEqualTo(1);
        JsonObject delivery = publish.getJsonArray("deliveries").getJsonObject(0);
        assertThat(delivery.getJsonObject("answer").getInteger("status")).isEqualTo(403);
        assertThat(delivery.getJsonObject("answer").getString("body")).contains("not paid");
        assertThat(delivery.getJsonObject("request").getString("query")).isEqualTo("key=...");
        assertThat(site.toJson().encode()).doesNotContain("s3cret").doesNotContain(SECRET);
    }

    @Test
    void aTestCallDecidesNothingAndIsShown() throws Exception {
        answers(200, "{\"allow\": true}");
        JsonObject delivery = await(site.test(Action.PLAY));
        assertThat(delivery.getJsonObject("request").getBoolean("test")).isTrue();
        assertThat(delivery.getBoolean("failed")).isFalse();
    }
}
