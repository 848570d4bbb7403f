package io.fluctus.live;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.fluctus.LiveGateway;
import io.fluctus.TestFlv;
import io.fluctus.bus.Floodgate;
import io.fluctus.cli.Cli;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** What a web server meets: every answer is one, in JSON, and nobody holds a socket for nothing. */
class HostileHttpIT {
    private static final String HOST = "127.0.8.1";

    private static final int INSTANCES = 2;

    private LiveGateway gateway;

    @TempDir
    Path folder;

    @BeforeEach
    void open() throws Exception {
        gateway = new LiveGateway();
    }

    @AfterEach
    void close() throws Exception {
        gateway.close();
    }

    /** The whole answer to bytes after which the client is silent. */
    private String answer(String request) throws Exception {
        try (Attacker client = new Attacker(gateway.http(""), HOST)) {
            client.send(request).hear("\r\n\r\n");
            client.endsWithin(300);
            return client.heard();
        }
    }

    private static String get(String target) {
        return "GET " + target + " HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
    }

    @Test
    void connectionsOverTheLimitAreClosedAndThoseBelowItStay() throws Exception {
        try (LiveGateway small =
                        new LiveGateway(new JsonObject().put("web", new JsonObject().put("maxConnections", 4)));
                Attacker first = new Attacker(small.http(""), HOST)) {
            List<Attacker> more = new ArrayList<>();
            for (int i = 0; i < 10; i++) {
                more.add(new Attacker(small.http(""), HOST));
            }
            long closed = 0;
            for (Attacker client : more) {
                closed += client.endsWithin(1_000) ? 1 : 0;
                client.close();
            }
            assertThat(closed).isBetween(6L, 8L);
            first.send(get("/api/v1/streams")).hear("200 OK");
        }
    }

    @Test
    void everyErrorIsJson() throws Exception {
        Map<String, Integer> statuses = new LinkedHashMap<>();
        statuses.put(get("/nowhere"), 404);
        statuses.put(get("/api/v1/nowhere"), 404);
        statuses.put(get("/live/live/none.flv"), 404);
        statuses.put(get("/live/%zz.flv"), 400);
        statuses.put(get("/live/%c3%28.flv"), 400);
        statuses.put(get("/live/a%00b.flv"), 400);
        statuses.put(get("/live/a%0d%0aINFO%20forged.flv"), 400);
        statuses.put(get("/live/" + "a".repeat(200) + ".flv"), 400);
        statuses.put(get("/live/a/b/c/d/e/f/g/h/i/j/k.flv"), 400);
        statuses.put("GET /live/live/cam.flv HTTP/1.0\r\n\r\n", 505);
        statuses.put("POST /live/live/cam.flv HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n", 405);
        statuses.put("GARBAGE\r\n\r\n", 400);
        statuses.put("GET /x HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabc", 400);
        statuses.put(
                "POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400);
        statuses.put("GET /" + "a".repeat(9_000) + " HTTP/1.1\r\nHost: h\r\n\r\n", 400);
        statuses.put("GET / HTTP/1.1\r\nHost: h\r\nX: " + "a".repeat(9_000) + "\r\n\r\n", 400);
        Map<String, String> wrong = new LinkedHashMap<>();
        for (Map.Entry<String, Integer> e : statuses.entrySet()) {
            String answer = answer(e.getKey());
            String head = answer.substring(0, answer.indexOf("\r\n\r\n"));
            String body = answer.substring(head.length() + 4);
            boolean right = head.startsWith("HTTP/1.") && head.contains(" " + e.getValue() + " ") && isError(body);
            if (!right) {
                wrong.put(e.getKey().substring(0, Math.min(60, e.getKey().length())), answer);
            }
        }
        assertThat(wrong).isEmpty();
    }

    private static boolean isError(String body) {
        try {
            JsonObject error = new JsonObject(body).getJsonObject("error");
            return !error.getString("code").isEmpty()
                    && !error.getString("message").isEmpty();
        } catch (RuntimeException e) {
            return false;
        }
    }

    @Test
    void noPathLeadsOutside() throws Exception {
        for (String path : List.of(
                "/../pom.xml",
                "/%2e%2e/pom.xml",
                "/..%2fpom.xml",
                "/%2e%2e%2f%2e%2e%2fetc/passwd",
                "/..%5c..%5cpom.xml",
                "/....//pom.xml",
                "//etc/passwd",
                "/%00/etc/passwd",
                "/.%00./pom.xml",
                "/live/../../pom.xml",
                "/live/%2e%2e/%2e%2e/pom.xml.flv",
                "/live/..%2f..%2fpom.flv")) {
            String answer = answer(get(path));
            assertThat(answer).as(path).containsPattern("^HTTP/1.1 (400|404) ");
            assertThat(answer).as(path).doesNotContain("<project").doesNotContain("root:");
        }
    }

    @Test
    void aFrameTooLargeOnTheLivePathEndsTheWebSocket() throws Exception {
        CompletableFuture<Integer> publisher = publish(6);
        gateway.awaitStream("cam", s -> s.containsKey("video"));
        try (Attacker client = new Attacker(gateway.http(""), HOST)) {
            client.send("GET /live/live/cam.flv HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                            + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
                    .hear("FLV");
            client.send(Buffer.buffer()
                    .appendByte((byte) 0x82)
                    .appendByte((byte) 0xFF)
                    .appendLong(Long.MAX_VALUE)
                    .appendInt(0)
                    .appendString("x"));
            assertThat(client.endsWithin(3_000)).isTrue();
        }
        for (String broken : List.of("Sec-WebSocket-Version: 99\r\n", "")) {
            String answer = answer("GET /live/live/cam.flv HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\n"
                    + "Upgrade: websocket\r\n" + broken + "\r\n");
            assertThat(answer).containsPattern("^HTTP/1.1 4\\d\\d ");
        }
        assertThat(publisher.get(20, TimeUnit.SECONDS)).isZero();
    }

    @Test
    void whoPlaysAgainAndAgainDoesNotFillTheLog() throws Exception {
        Logger logger = (Logger) LoggerFactory.getLogger("web");
        ListAppender<ILoggingEvent> lines = new ListAppender<>();
        lines.list = new CopyOnWriteArrayList<>();
        lines.start();
        logger.setLevel(Level.INFO);
        logger.setAdditive(false);
        logger.addAppender(lines);
        CompletableFuture<Integer> publisher = publish(6);
        gateway.awaitStream("cam", s -> s.containsKey("video"));
        long began = System.nanoTime();
        for (int i = 0; i < 500; i++) {
            try (Attacker viewer = new Attacker(gateway.http(""), HOST)) {
                viewer.send(get("/live/live/cam.flv")).hear("FLV");
            }
        }
        long seconds = 2 + TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - began);
        logger.detachAppender(lines);
        logger.setAdditive(true);
        logger.setLevel(null);
        assertThat(lines.list).hasSizeBetween(1, (int) Math.min(499, seconds * INSTANCES * (Floodgate.PER_SECOND + 1)));
        assertThat(publisher.get(20, TimeUnit.SECONDS)).isZero();
    }

    @Test
    void whoIsSlowIsClosedAndWhoWatchesIsNot() throws Exception {
        CompletableFuture<Integer> publisher = publish(16);
        gateway.awaitStream("cam", s -> s.containsKey("video"));
        List<Attacker> slow = new ArrayList<>();
        for (String begun : List.of(
                "",
                "GET",
                "GET / HTTP/1.1\r\nHost: h\r\nX-A",
                "GET /nowhere HTTP/1.1\r\nHost: h\r\n\r\nGET / HT",
                "POST /api/v1/x HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\nabc")) {
            slow.add(new Attacker(gateway.http(""), HOST).send(begun));
        }
        try (Attacker viewer = new Attacker(gateway.http(""), HOST)) {
            viewer.send("GET /live/live/cam.flv HTTP/1.1\r\nHost: h\r\n\r\n").hear("FLV");
            for (Attacker attacker : slow) {
                assertThat(attacker.endsWithin(13_000)).isTrue();
                attacker.close();
            }
            assertThat(viewer.endsWithin(1_000)).as("a viewer stays").isFalse();
        }
        assertThat(publisher.get(30, TimeUnit.SECONDS)).isZero();
    }

    private CompletableFuture<Integer> publish(int seconds) throws Exception {
        Path source = Files.write(
                folder.resolve("source.flv"), TestFlv.file(TestFlv.packets(50)).getBytes());
        PrintWriter nowhere = new PrintWriter(new StringWriter());
        Cli cli = new Cli(launch -> Cli.FAILURE, Map.of(), nowhere, nowhere);
        return CompletableFuture.supplyAsync(
                () -> cli.execute(
                        "publish", gateway.rtmp("live/cam"), source.toString(), "--loop", "--seconds", "" + seconds),
                command -> new Thread(command, "publisher").start());
    }
}
