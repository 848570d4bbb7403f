package io.fluctus.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fluctus.LiveGateway;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What a console hears. */
class FeedIT {
    private static final String TOKEN = "token-of-the-test";
    private static LiveGateway open;
    private static LiveGateway closed;

    /** One who listens to the feed. */
    private static final class Ear implements WebSocket.Listener, AutoCloseable {
        private final BlockingQueue<JsonObject> heard = new LinkedBlockingQueue<>();
        private final CompletableFuture<Integer> ended = new CompletableFuture<>();
        private final StringBuilder text = new StringBuilder();
        private final WebSocket socket;

        private Ear(LiveGateway gateway, String query, String... headers) throws Exception {
            WebSocket.Builder builder = HttpClient.newHttpClient().newWebSocketBuilder();
            for (int i = 0; i < headers.length; i += 2) {
                builder.header(headers[i], headers[i + 1]);
            }
            URI address = URI.create(gateway.http("api/v1/feed" + query).replaceFirst("http", "ws"));
            socket = builder.buildAsync(address, this).get(5, TimeUnit.SECONDS);
        }

        @Override
        public CompletionStage<?> onText(WebSocket from, CharSequence part, boolean last) {
            text.append(part);
            if (last) {
                heard.add(new JsonObject(text.toString()));
                text.setLength(0);
            }
            from.request(1);
            return null;
        }

        @Override
        public CompletionStage<?> onClose(WebSocket from, int code, String reason) {
            ended.complete(code);
            return null;
        }

        private void say(String text) {
            socket.sendText(text, true).join();
        }

        private JsonObject await(Predicate<JsonObject> wanted) throws InterruptedException {
            for (int i = 0; i < 50; i++) {
                JsonObject next = heard.poll(5, TimeUnit.SECONDS);
                if (next == null || wanted.test(next)) {
                    assertThat(next).as("a message").isNotNull();
                    return next;
                }
            }
            throw new AssertionError("it was not among 50 messages");
        }

        private int end() throws Exception {
            return ended.get(10, TimeUnit.SECONDS);
        }

        @Override
        public void close() {
            socket.abort();
        }
    }

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
                .put("web", new JsonObject().put("adminToken", TOKEN).put("private", isPrivate)));
    }

    @Test
    void itBeginsWithASnapshotAndGoesOnWithDeltas() throws Exception {
        try (Ear ear = new Ear(open, "")) {
            JsonObject first = ear.await(message -> true);
            assertThat(first.getString("type")).isEqualTo("snapshot");
            assertThat(first.getJsonArray("streams").getJsonObject(0).getString("name"))
                    .isEqualTo("colorbars");
            assertThat(first.getJsonObject("totals").getInteger("streams")).isOne();
            assertThat(first.getJsonObject("server").getString("node")).isEqualTo("test");
            JsonObject delta = ear.await(message -> message.getString("type").equals("delta")
                    && !message.getJsonArray("changed").isEmpty());
            assertThat(delta.getJsonArray("gone")).isEmpty();
        }
    }

    @Test
    void onlyWhatIsOnTheScreenIsSent() throws Exception {
        try (Ear ear = new Ear(open, "")) {
            ear.say("{\"watch\": {\"rows\": [], \"server\": false}}");
            ear.await(message -> message.getString("type").equals("delta") && !message.containsKey("server"));
            JsonObject next = ear.await(message -> true);
            assertThat(next.getJsonArray("changed")).isEmpty();
            assertThat(next.containsKey("viewers")).isFalse();
            ear.say("{\"watch\": {\"rows\": [\"demo/colorbars\", \"no/body\"], \"stream\": \"demo/colorbars\"}}");
            JsonObject row = ear.await(message -> message.containsKey("sparks"));
            assertThat(row.getJsonArray("changed")).hasSize(1);
            assertThat(row.getJsonObject("sparks")
                            .getJsonArray("demo/colorbars")
                            .size())
                    .isPositive();
            assertThat(row.getString("stream")).isEqualTo("demo/colorbars");
            assertThat(row.getJsonArray("viewers")).isEmpty();
        }
    }

    @Test
    void eventsComeAtOnce() throws Exception {
        try (Ear ear = new Ear(open, "")) {
            ear.await(message -> true);
            open.tell(new JsonObject().put("type", "test").put("at", 1L));
            assertThat(ear.await(message -> message.getString("type").equals("event"))
                            .getJsonObject("event")
                            .getString("type"))
                    .isEqualTo("test");
        }
    }

    @Test
    void whoeverSpeaksNonsenseIsClosed() throws Exception {
        for (String nonsense : new String[] {"", "[", "7", "{\"watch\""}) {
            try (Ear ear = new Ear(open, "")) {
                ear.say(nonsense);
                assertThat(ear.end()).as(nonsense).isEqualTo(1007);
            }
        }
    }

    @Test
    void aPageOfAnotherSiteIsRefused() {
        assertThatThrownBy(() -> new Ear(open, "", "Origin", "http://elsewhere.example"))
                .hasStackTraceContaining("403");
    }

    @Test
    void aPrivateFeedTakesTheTokenInTheAddressOrAHeaderOrTheFirstMessage() throws Exception {
        try (Ear ear = new Ear(closed, "?token=" + TOKEN)) {
            assertThat(ear.await(message -> true).getBoolean("private")).isTrue();
        }
        try (Ear ear = new Ear(closed, "", "Authorization", "Bearer " + TOKEN)) {
            ear.await(message -> message.getString("type").equals("snapshot"));
        }
        try (Ear ear = new Ear(closed, "")) {
            ear.say("{\"token\": \"" + TOKEN + "\"}");
            assertThat(ear.await(message -> true).getString("type")).isEqualTo("snapshot");
        }
    }

    @Test
    void aPrivateFeedTellsNothingBeforeTheToken() throws Exception {
        try (Ear stranger = new Ear(closed, "");
                Ear administrator = new Ear(closed, "?token=" + TOKEN)) {
            administrator.await(message -> message.getString("type").equals("snapshot"));
            closed.tell(new JsonObject().put("type", "secret").put("at", 1L));
            administrator.await(message -> message.getString("type").equals("event"));
            administrator.await(message -> message.getString("type").equals("delta"));
            administrator.await(message -> message.getString("type").equals("delta"));
            assertThat(stranger.heard).isEmpty();
        }
    }

    @Test
    void aPrivateFeedClosesForAWrongToken() throws Exception {
        for (String first : new String[] {"{\"token\": \"wrong\"}", "{\"token\": 7}", "{\"watch\": {}}"}) {
            try (Ear ear = new Ear(closed, "?token=wrong")) {
                ear.say(first);
                assertThat(ear.end()).as(first).isEqualTo(4401);
                assertThat(ear.heard).isEmpty();
            }
        }
    }
}
