package io.fluctus.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.fluctus.LiveGateway;
import io.fluctus.RtmpClient;
import io.fluctus.netconnection.Event;
import io.fluctus.rtmfp.RtmfpClient;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jose4j.jws.JsonWebSignature;
import org.jose4j.jwt.JwtClaims;
import org.jose4j.jwt.NumericDate;
import org.jose4j.keys.HmacKey;
import org.jose4j.lang.JoseException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Every protocol, what may be done by it, and everything that may be shown: the same answer at every door. */
class AccessIT {
    private static final String SECRET = "0123456789abcdef0123456789abcdef";
    private static final String SIGNING = "fedcba9876543210";
    private static final String ADMIN = "the-administrators-token";
    private static final long SOON = System.currentTimeMillis() / 1_000 + 600;
    private static final long LONG_AGO = SOON - 10_000;

    private static LiveGateway closed;
    private static LiveGateway open;

    /** How one protocol publishes or plays; the answer is empty when that is allowed, else the reason. */
    private interface Protocol {
        String ask(LiveGateway gateway, Action action, String name, Place place) throws Exception;
    }

    /** Where what is shown stands. */
    private enum Place {
        NAME,
        CONNECTION,
        HEADER
    }

    /** What is shown, as a query, and the reason why it is refused, empty if it is not. */
    private record Shown(String called, Action action, String query, String refused) {}

    @BeforeAll
    static void start() throws Exception {
        closed = new LiveGateway(Asked.json("{'web': {'adminToken': '" + ADMIN + "'}, 'stream': {'holdSeconds': 0},"
                + "'limits': {'connectionsPerAddress': 0},"
                + "'access': {'play': 'closed', 'keys': {'live/*': 'publish-key'}, 'playKeys': {'live/*': 'play-key'},"
                + "'users': {'anna': {'password': 'her-password', 'publish': 'live/*', 'play': 'live/*', 'role': 'operator'},"
                + "'bob': {'password': 'his-password', 'role': 'viewer'}},"
                + "'signingKey': '" + SIGNING + "', 'tokenSecret': '" + SECRET + "'}}"));
        open = new LiveGateway(Asked.json("{'stream': {'holdSeconds': 0}}"));
    }

    @AfterAll
    static void end() throws Exception {
        closed.close();
        open.close();
    }

    private static String token(String claim, String scope, long until) {
        try {
            JwtClaims claims = new JwtClaims();
            claims.setSubject("anna");
            claims.setStringListClaim(claim, scope);
            claims.setExpirationTime(NumericDate.fromSeconds(until));
            JsonWebSignature signature = new JsonWebSignature();
            signature.setPayload(claims.toJson());
            signature.setAlgorithmHeaderValue("HS256");
            signature.setKey(new HmacKey(SECRET.getBytes(StandardCharsets.UTF_8)));
            return signature.getCompactSerialization();
        } catch (JoseException e) {
            throw new IllegalStateException(e);
        }
    }

    private static List<Shown> everythingShown() {
        List<Shown> all = new ArrayList<>();
        for (Action action : new Action[] {Action.PUBLISH, Action.PLAY}) {
            String word = action.word();
            Links links = new Links(SIGNING);
            String needsKey = Keyring.needsKey(action);
            all.add(new Shown("nothing", action, "", needsKey));
            all.add(new Shown("the key", action, "key=" + word + "-key", ""));
            all.add(new Shown("a wrong key", action, "key=wrong", needsKey));
            all.add(new Shown("a password", action, "user=anna&password=her-password", ""));
            all.add(new Shown(
                    "a wrong password", action, "user=anna&password=wrong", "the user or the password is wrong"));
            all.add(new Shown(
                    "another user",
                    action,
                    "user=bob&password=his-password",
                    "this user may not " + word + " this stream"));
            all.add(new Shown("a token", action, "token=" + token(word, "live/*", SOON), ""));
            all.add(new Shown(
                    "an old token", action, "token=" + token(word, "live/*", LONG_AGO), "the token has expired"));
            all.add(new Shown(
                    "another stream's token",
                    action,
                    "token=" + token(word, "vod/*", SOON),
                    "the token does not allow to " + word + " this stream"));
            all.add(new Shown("a link", action, links.make(action, "live/cam", SOON, ""), ""));
            all.add(new Shown("our link", action, links.make(action, "live/cam", SOON, "127.0.0.1"), ""));
            all.add(new Shown(
                    "an old link", action, links.make(action, "live/cam", LONG_AGO, ""), "the link has expired"));
            all.add(new Shown(
                    "another's link",
                    action,
                    links.make(action, "live/cam", SOON, "192.0.2.7"),
                    "the link is for another address"));
        }
        return all;
    }

    @TestFactory
    Stream<DynamicTest> everyDoorGivesTheSameAnswer() {
        List<DynamicTest> tests = new ArrayList<>();
        for (Shown shown : everythingShown()) {
            for (Place place : Place.values()) {
                add(tests, "rtmp", AccessIT::rtmp, shown, place);
                add(tests, "rtmfp", AccessIT::rtmfp, shown, place);
                add(tests, "http-flv", AccessIT::http, shown, place);
                add(tests, "ws-flv", AccessIT::webSocket, shown, place);
            }
        }
        return tests.stream();
    }

    private static void add(List<DynamicTest> tests, String name, Protocol protocol, Shown shown, Place place) {
        boolean overHttp = !name.startsWith("rtm");
        boolean hasHeader = shown.query.startsWith("token=") || shown.query.startsWith("user=anna");
        boolean possible =
                place == Place.NAME || (overHttp ? place == Place.HEADER && hasHeader : place == Place.CONNECTION);
        if (possible && !(overHttp && shown.action == Action.PUBLISH)) {
            String title = name + ", " + shown.action.word() + " with " + shown.called + " in the " + place;
            tests.add(DynamicTest.dynamicTest(
                    title,
                    () -> assertThat(protocol.ask(closed, shown.action, shown.query, place))
                            .isEqualTo(shown.refused)));
        }
    }

    private static String withQuery(String name, String query, boolean wanted) {
        return wanted && !query.isEmpty() ? name + "?" + query : name;
    }

    private static String reason(String status) {
        String code = status.substring(0, status.indexOf(": "));
        return code.endsWith(".Start") ? "" : status.substring(status.indexOf(": ") + 2);
    }

    private static String rtmp(LiveGateway gateway, Action action, String query, Place place) throws IOException {
        try (RtmpClient client = new RtmpClient(gateway.rtmp(""))) {
            Event answer = client.connect(withQuery("live", query, place == Place.CONNECTION));
            assertThat(answer).isInstanceOf(Event.Connected.class);
            String name = withQuery("cam", query, place == Place.NAME);
            String status = reason(action == Action.PUBLISH ? client.publish(name) : client.play(name));
            if (action == Action.PUBLISH && status.isEmpty()) {
                int streamId = 1;
                client.connection().dialogue().deleteStream(streamId); // the name is free for the next test
                client.createStream();
            }
            return status;
        }
    }

    private static String rtmfp(LiveGateway gateway, Action action, String query, Place place) throws IOException {
        try (RtmfpClient client = new RtmfpClient(gateway.rtmfp(withQuery("live", query, place == Place.CONNECTION)))) {
            client.connect();
            int streamId = client.createStream();
            String name = withQuery("cam", query, place == Place.NAME);
            if (action == Action.PUBLISH) {
                client.connection().dialogue().publish(streamId, name, "live");
            } else {
                client.connection().dialogue().play(streamId, name, -1);
            }
            client.connection().flush(RtmfpClient.now());
            client.until(
                    "a status",
                    () -> client.has(Event.StatusReceived.class)
                            && !client.last(Event.StatusReceived.class)
                                    .status()
                                    .code()
                                    .endsWith(".Reset"));
            var status = client.last(Event.StatusReceived.class).status();
            client.connection().dialogue().deleteStream(streamId);
            client.createStream();
            return reason(status.code() + ": " + status.description());
        }
    }

    private static String header(String query) {
        if (query.startsWith("token=")) {
            return "Bearer " + query.substring("token=".length());
        }
        String pair = query.replace("user=", "").replace("&password=", ":");
        return "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
    }

    /** Nobody publishes the stream, so whoever may play it is told that. */
    private static String http(LiveGateway gateway, Action action, String query, Place place) throws Exception {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create(withQuery(gateway.flv("live/cam"), query, place == Place.NAME)));
        if (place == Place.HEADER) {
            request.header("Authorization", header(query));
        }
        HttpResponse<String> answer =
                HttpClient.newHttpClient().send(request.build(), HttpResponse.BodyHandlers.ofString());
        JsonObject error = new JsonObject(answer.body()).getJsonObject("error");
        assertThat(answer.statusCode()).isIn(403, 404);
        return answer.statusCode() == 404 ? "" : error.getString("message");
    }

    private static String webSocket(LiveGateway gateway, Action action, String query, Place place) throws Exception {
        CompletableFuture<Integer> closeCode = new CompletableFuture<>();
        WebSocket.Builder builder = HttpClient.newHttpClient().newWebSocketBuilder();
        if (place == Place.HEADER) {
            builder.header("Authorization", header(query));
        }
        String url =
                withQuery(gateway.flv("live/cam"), query, place == Place.NAME).replaceFirst("http", "ws");
        try {
            builder.buildAsync(URI.create(url), new WebSocket.Listener() {
                        @Override
                        public CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
                            closeCode.complete(code);
                            return null;
                        }
                    })
                    .join();
        } catch (CompletionException e) {
            assertThat(e).hasCauseInstanceOf(WebSocketHandshakeException.class);
            HttpResponse<?> response = ((WebSocketHandshakeException) e.getCause()).getResponse();
            assertThat(response.statusCode()).isEqualTo(403);
            return http(gateway, action, query, place); // the client library gives no body
        }
        assertThat(closeCode.get(5, TimeUnit.SECONDS)).isEqualTo(4404);
        return "";
    }

    // -- without any rule

    @Test
    void withoutARuleThisMachinePublishesAndEverybodyPlays() throws Exception {
        assertThat(rtmp(open, Action.PUBLISH, "", Place.NAME)).isEmpty();
        assertThat(rtmfp(open, Action.PUBLISH, "", Place.NAME)).isEmpty();
        assertThat(rtmp(open, Action.PLAY, "", Place.NAME)).isEmpty();
        assertThat(http(open, Action.PLAY, "", Place.NAME)).isEmpty();
    }

    // -- the API

    private static HttpResponse<String> api(LiveGateway gateway, String method, String path, String... headers)
            throws IOException, InterruptedException, ExecutionException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(gateway.http("api/v1/" + path)))
                .method(method, HttpRequest.BodyPublishers.noBody());
        if (headers.length > 0) {
            request.headers(headers);
        }
        return HttpClient.newHttpClient().send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private static HttpResponse<String> post(String path, JsonObject body, String... headers) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(closed.http("api/v1/" + path)))
                .POST(HttpRequest.BodyPublishers.ofString(body.encode()));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return HttpClient.newHttpClient().send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    @Test
    void whatChangesSomethingNeedsItsRole() throws Exception {
        String admin = "Bearer " + ADMIN;
        String operator = header("user=anna&password=her-password");
        String viewer = header("user=bob&password=his-password");
        record Row(String method, String path, int admin, int operator, int viewer) {}
        for (Row row : List.of(
                new Row("GET", "secrets", 200, 403, 403),
                new Row("GET", "hooks", 200, 200, 403),
                new Row("POST", "hooks/publish/test", 404, 403, 403),
                new Row("POST", "clients/rtmp.0/99999/kick", 404, 404, 403),
                new Row("GET", "me", 200, 200, 200))) {
            assertThat(api(closed, row.method, row.path).statusCode())
                    .as(row.path)
                    .isEqualTo(401);
            assertThat(api(closed, row.method, row.path, "Authorization", "Bearer x")
                            .statusCode())
                    .as(row.path)
                    .isEqualTo(401);
            assertThat(api(closed, row.method, row.path, "Authorization", admin).statusCode())
                    .as(row.path)
                    .isEqualTo(row.admin);
            assertThat(api(closed, row.method, row.path, "Authorization", operator)
                            .statusCode())
                    .as(row.path)
                    .isEqualTo(row.operator);
            assertThat(api(closed, row.method, row.path, "Authorization", viewer)
                            .statusCode())
                    .as(row.path)
                    .isEqualTo(row.viewer);
        }
    }

    @Test
    void pagesOfOtherSitesActForNobody() throws Exception {
        String operator = header("user=anna&password=her-password");
        assertThat(api(closed, "GET", "hooks", "Authorization", operator, "Origin", "https://evil.example")
                        .statusCode())
                .isEqualTo(403);
        JsonObject login = Asked.json("{'user': 'anna', 'password': 'her-password'}");
        assertThat(post("login", login, "Origin", "https://evil.example").statusCode())
                .isEqualTo(403);
    }

    @Test
    void aPasswordIsChangedForATokenThatEnds() throws Exception {
        HttpResponse<String> login = post("login", Asked.json("{'user': 'anna', 'password': 'her-password'}"));
        assertThat(login.statusCode()).isEqualTo(200);
        assertThat(login.headers().map()).doesNotContainKey("set-cookie");
        JsonObject session = new JsonObject(login.body());
        assertThat(session.getString("role")).isEqualTo("operator");
        String bearer = "Bearer " + session.getString("token");
        JsonObject me =
                new JsonObject(api(closed, "GET", "me", "Authorization", bearer).body());
        assertThat(me.getString("name")).isEqualTo("anna");
        assertThat(api(closed, "POST", "logout", "Authorization", bearer).statusCode())
                .isEqualTo(200);
        assertThat(api(closed, "GET", "me", "Authorization", bearer).statusCode())
                .isEqualTo(401);
    }

    @Test
    void guessingIsSlowedDownAtEveryDoorTogether() throws Exception {
        try (LiveGateway fresh = new LiveGateway(Asked.json(
                "{'access': {'play': 'closed', 'users': {'anna': {'password': 'her-password', 'play': '*'}}}}"))) {
            for (int i = 0; i < Throttle.TRIES; i++) {
                assertThat(http(fresh, Action.PLAY, "user=anna&password=guess" + i, Place.NAME))
                        .isEqualTo("the user or the password is wrong");
            }
            assertThat(rtmp(fresh, Action.PLAY, "user=anna&password=her-password", Place.NAME))
                    .isEqualTo(Users.TOO_OFTEN);
        }
    }

    @Test
    void anOperatorMakesLinksThatWork() throws Exception {
        String operator = header("user=anna&password=her-password");
        JsonObject wanted = Asked.json("{'action': 'play', 'stream': 'live/cam', 'seconds': 60}");
        HttpResponse<String> made = post("links", wanted, "Authorization", operator);
        assertThat(made.statusCode()).isEqualTo(200);
        String query = new JsonObject(made.body()).getString("query");
        assertThat(http(closed, Action.PLAY, query, Place.NAME)).isEmpty();
        assertThat(post("links", wanted).statusCode()).isEqualTo(401);
        assertThat(post("links", wanted.copy().put("seconds", 0), "Authorization", operator)
                        .statusCode())
                .isEqualTo(400);
    }

    @Test
    void limitsAreToldAndHoldNoSecret() throws Exception {
        String limits = api(closed, "GET", "limits").body();
        assertThat(new JsonObject(limits).getJsonObject("addresses").getInteger("newASecond"))
                .isEqualTo(100);
        assertThat(limits).doesNotContain("-key").doesNotContain("password");
    }

    // -- names (H3)

    @Test
    void noNameLeadsOutOfTheHouse() throws Exception {
        for (String name : new String[] {
            "..%2f..%2fetc%2fpasswd",
            "%2e%2e/%2e%2e/x",
            "..%5c..%5cx",
            "%00",
            "a%00b",
            "x".repeat(129),
            "CON%3a",
            "..",
            "."
        }) {
            HttpResponse<String> answer = HttpClient.newHttpClient()
                    .send(
                            HttpRequest.newBuilder(URI.create(open.http("live/app/" + name + ".flv")))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString());
            assertThat(answer.statusCode()).as(name).isIn(400, 404);
            assertThat(answer.body()).as(name).doesNotContain("root:");
        }
        try (RtmpClient client = new RtmpClient(open.rtmp(""))) {
            client.connect("live");
            assertThat(client.publish("../../etc/passwd")).startsWith("NetStream.Publish.BadName");
        }
    }
}
