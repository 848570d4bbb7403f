package io.fluctus.access;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import io.fluctus.LiveGateway;
import io.fluctus.RtmpClient;
import io.fluctus.media.MediaPacket;
import io.fluctus.media.MediaPacket.Kind;
import io.fluctus.netconnection.Event;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** A gateway and its site: who may, under which name, for how long; and what the site is told. */
class HooksIT {
    private static final String ADMIN = "the-administrators-token";
    private static final String SECRET = "fedcba9876543210";
    private static final String KEY = "a-key-that-nobody-reads";

    private final Vertx vertx = Vertx.vertx();
    private final BlockingQueue<JsonObject> told = new LinkedBlockingQueue<>();
    private final List<String> lines = new CopyOnWriteArrayList<>();
    private final AppenderBase<ILoggingEvent> listener = new AppenderBase<>() {
        @Override
        protected void append(ILoggingEvent event) {
            lines.add(event.getFormattedMessage());
        }
    };
    private final Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    private Level before;
    private BiConsumer<JsonObject, HttpServerRequest> word =
            (said, request) -> request.response().end();
    private HttpServer site;
    private LiveGateway gateway;

    @BeforeEach
    void open() throws Exception {
        before = root.getLevel();
        root.setLevel(Level.DEBUG);
        listener.start();
        root.addAppender(listener);
        site = vertx.createHttpServer()
                .requestHandler(request -> request.body().onSuccess(body -> {
                    JsonObject said = new JsonObject(body);
                    if (List.of("unpublish", "stop", "viewers").contains(said.getString("action"))) {
                        told.add(said);
                        request.response().end();
                    } else {
                        word.accept(said, request);
                    }
                }))
                .listen(0, "127.0.0.1")
                .toCompletionStage()
                .toCompletableFuture()
                .get(5, TimeUnit.SECONDS);
        gateway = gateway("");
    }

    private LiveGateway gateway(String more) throws Exception {
        return new LiveGateway(Asked.json("{'web': {'adminToken': '" + ADMIN + "'}, 'hooks': {'url': 'http://127.0.0.1:"
                + site.actualPort() + "/{action}', 'secret': '" + SECRET
                + "', 'actions': 'connect,publish,play,unpublish,stop,rpc', 'timeoutMillis': 1000" + more + "}}"));
    }

    @AfterEach
    void close() throws Exception {
        gateway.close();
        vertx.close().toCompletionStage().toCompletableFuture().get(5, TimeUnit.SECONDS);
        root.detachAppender(listener);
        root.setLevel(before);
    }

    private void answers(String action, String json) {
        word = (said, request) ->
                request.response().end(said.getString("action").equals(action) ? json.replace('\'', '"') : "");
    }

    private RtmpClient client() throws Exception {
        RtmpClient client = new RtmpClient(gateway.rtmp(""));
        assertThat(client.connect("live")).isInstanceOf(Event.Connected.class);
        return client;
    }

    @Test
    void theSitesNameIsTheStreamsRealName() throws Exception {
        answers("publish", "{'stream': 'live/anna'}");
        try (RtmpClient publisher = client()) {
            assertThat(publisher.publish(KEY)).startsWith("NetStream.Publish.Start");
            gateway.awaitStream("anna", stream -> true);
            assertThat(gateway.streams().encode()).doesNotContain(KEY);
            assertThat(api("GET", "hooks")).contains("live/anna").doesNotContain(KEY);
        }
        JsonObject over = told.poll(5, TimeUnit.SECONDS);
        assertThat(over.getString("action")).isEqualTo("unpublish");
        assertThat(over.getString("stream")).isEqualTo("live/anna");
        assertThat(lines).isNotEmpty().noneMatch(line -> line.contains(KEY) && line.contains("publishes"));
    }

    @Test
    void theSitesReasonReachesTheClient() throws Exception {
        answers("publish", "{'allow': false, 'reason': 'not paid'}");
        try (RtmpClient publisher = client()) {
            assertThat(publisher.publish("cam")).isEqualTo("NetStream.Publish.Denied: not paid");
        }
        answers("play", "{'allow': false, 'reason': 'not yours'}");
        try (RtmpClient player = client()) {
            assertThat(player.play("cam")).isEqualTo("NetStream.Play.Failed: not yours");
        }
        answers("connect", "{'allow': false, 'reason': 'go away'}");
        try (RtmpClient nobody = new RtmpClient(gateway.rtmp(""))) {
            Event.ConnectRefused refused = (Event.ConnectRefused) nobody.connect("live");
            assertThat(refused.status().description()).isEqualTo("go away");
            assertThat(nobody.ends()).isTrue();
        }
    }

    @Test
    void aSiteThatIsGoneClosesPublishingWithinItsTime() throws Exception {
        word = (said, request) -> {
            if (said.getString("action").equals("connect")) {
                request.response().end();
            }
        };
        long start = System.nanoTime();
        try (RtmpClient publisher = client()) {
            assertThat(publisher.publish("cam")).isEqualTo("NetStream.Publish.Denied: " + Site.NO_ANSWER);
        }
        assertThat(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start)).isLessThan(3_000);
    }

    @Test
    void whoMayWatchForASecondLeavesThen() throws Exception {
        answers("play", "{'seconds': 1}");
        try (RtmpClient player = client()) {
            assertThat(player.play("cam")).startsWith("NetStream.Play.Start");
            assertThat(player.ends()).isTrue();
        }
        assertThat(told.poll(5, TimeUnit.SECONDS).getString("action")).isEqualTo("stop");
        assertThat(lines).anyMatch(line -> line.contains("its time is over"));
    }

    @Test
    void whoSendsMoreThanHeMayIsEnded() throws Exception {
        answers("publish", "{'kbps': 8}");
        try (RtmpClient publisher = client()) {
            publisher.publish("cam");
            MediaPacket packet = MediaPacket.of(
                    Kind.VIDEO, 0, Buffer.buffer().appendByte((byte) 0x17).appendBytes(new byte[20_000]));
            publisher.connection().dialogue().send(1, packet);
            assertThat(publisher.ends()).isTrue();
        }
        assertThat(lines).anyMatch(line -> line.contains("sends more than it may"));
    }

    @Test
    void asManyViewersAsThePublisherMayHave() throws Exception {
        answers("publish", "{'viewers': 1}");
        try (RtmpClient publisher = client();
                RtmpClient first = client();
                RtmpClient second = client()) {
            publisher.publish("cam");
            assertThat(first.play("cam")).startsWith("NetStream.Play.Start");
            assertThat(second.play("cam")).endsWith("the stream has as many viewers as it may have");
            HttpResponse<String> third = gateway.get("live/live/cam.flv");
            assertThat(third.statusCode()).isEqualTo(403);
        }
    }

    @Test
    void whatTheSiteWasAskedIsInTheApiWithoutSecretsAndSoIsATestCall() throws Exception {
        answers("publish", "{'allow': false, 'reason': 'no such key'}");
        try (RtmpClient publisher = client()) {
            publisher.publish("cam?key=" + KEY);
        }
        String hooks = api("GET", "hooks");
        JsonObject publish = new JsonObject(hooks).getJsonObject("hooks").getJsonObject("publish");
        assertThat(publish.getJsonArray("deliveries").getJsonObject(0).encode()).contains("no such key");
        assertThat(hooks).doesNotContain(KEY).doesNotContain(SECRET);
        JsonObject test = new JsonObject(api("POST", "hooks/publish/test"));
        assertThat(test.getJsonObject("answer").getString("body")).contains("no such key");
    }

    private String api(String method, String path) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create(gateway.http("api/v1/" + path)))
                .method(method, HttpRequest.BodyPublishers.noBody())
                .header("Authorization", "Bearer " + ADMIN)
                .build();
        return HttpClient.newHttpClient()
                .send(request, HttpResponse.BodyHandlers.ofString())
                .body();
    }

    @Test
    void noSecretIsLoggedEvenInDebug() throws Exception {
        try (RtmpClient publisher = new RtmpClient(gateway.rtmp(""))) {
            publisher.connect("live?token=" + KEY);
            publisher.publish("cam?key=" + KEY);
            publisher.play("cam?key=" + KEY);
        }
        gateway.get("live/live/cam.flv?token=" + KEY);
        api("GET", "hooks");
        String all = String.join("\n", lines);
        assertThat(all).isNotEmpty().doesNotContain(KEY).doesNotContain(SECRET).doesNotContain(ADMIN);
        assertThat(gateway.get("api/v1/events").body()).doesNotContain(KEY);
        assertThat(gateway.get("api/v1/limits").body()).doesNotContain(KEY);
    }
}
