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
import io.fluctus.media.MediaPacket;
import io.fluctus.wire.AmfValue;
import io.netty.util.internal.PlatformDependent;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** Peers that mean harm: each has a clear end, nothing grows, and those who watch do not notice. */
class HostilePeersIT {
    /** How soon a peer that broke a rule is gone. */
    private static final long END_MILLIS = 5_000;

    /** What a peer may be late by: the clock of time-outs ticks once a second, and the machine is shared. */
    private static final long GRACE_MILLIS = 2_500;

    private static final int INSTANCES = 2;
    private static final long MIB = 1 << 20;

    private final Logger logger = (Logger) LoggerFactory.getLogger("rtmp");
    private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private LiveGateway gateway;

    @TempDir
    Path folder;

    /** What one of them does; an exception while it writes means that it was thrown out. */
    private interface Attack {
        void run(Attacker attacker) throws IOException;
    }

    @BeforeEach
    void open() throws Exception {
        gateway = new LiveGateway();
        lines.list = new CopyOnWriteArrayList<>();
        lines.start();
        logger.setLevel(Level.INFO);
        logger.setAdditive(false);
        logger.addAppender(lines);
    }

    @AfterEach
    void close() throws Exception {
        threads.shutdownNow();
        gateway.close();
        logger.detachAppender(lines);
        logger.setAdditive(true);
        logger.setLevel(null);
    }

    /** Lines of the log that name the host. */
    private List<String> linesOf(String host) {
        return lines.list.stream()
                .map(ILoggingEvent::getFormattedMessage)
                .filter(line -> line.startsWith(host + ":"))
                .toList();
    }

    private static JsonObject run(Object... words) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        Cli cli = new Cli(launch -> Cli.FAILURE, Map.of(), new PrintWriter(out), new PrintWriter(err));
        int code = cli.execute(List.of(words).stream().map(String::valueOf).toArray(String[]::new));
        assertThat(code).as(err.toString()).isZero();
        return out.toString().startsWith("{") ? new JsonObject(out.toString()) : new JsonObject();
    }

    private CompletableFuture<JsonObject> start(Object... words) {
        return CompletableFuture.supplyAsync(() -> run(words), threads);
    }

    // -- the attacks

    /** Those that break a rule at once, by name. */
    private static Map<String, Attack> breaches() {
        Map<String, Attack> attacks = new LinkedHashMap<>();
        attacks.put("RTMPE", a -> a.send(new byte[] {6}).send(new byte[1536]));
        attacks.put("HTTP on the RTMP port", a -> a.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n"));
        attacks.put("TLS on the RTMP port", a -> a.send(new byte[] {0x16, 3, 1, 2, 0, 1}));
        attacks.put("a command before connect", a -> a.handshake().createStream());
        attacks.put("media before connect", a -> a.handshake().message(4, Attacker.AUDIO, 1, Buffer.buffer("media")));
        attacks.put(
                "more bytes announced than a message may have",
                a -> a.handshake().send(Attacker.message(4, Attacker.AUDIO, 1, Buffer.buffer("x"), 0xFFFFFF)));
        attacks.put(
                "the same after connect",
                a -> a.connected().send(Attacker.message(4, Attacker.AUDIO, 1, Buffer.buffer("x"), 0xFFFFFF)));
        attacks.put("the ninth chunk stream before connect", a -> openChunkStreams(a.handshake(), 9));
        attacks.put("chunk stream 129", a -> openChunkStreams(a.connected(), 129));
        attacks.put("chunk size 0", a -> setChunkSize(a.handshake(), 0));
        attacks.put("chunk size with the first bit set", a -> setChunkSize(a.handshake(), 0x80000080));
        attacks.put("chunks of one byte", HostilePeersIT::oneByteChunks);
        attacks.put("fmt 3 on a fresh chunk stream", a -> a.handshake().send(new byte[] {(byte) 0xC7, 1, 2, 3}));
        attacks.put(
                "a message within another",
                a -> a.handshake()
                        .send(Attacker.message(4, Attacker.AUDIO, 1, Buffer.buffer(new byte[128]), 200))
                        .message(4, Attacker.AUDIO, 1, Buffer.buffer("x")));
        attacks.put("arrays in arrays", a -> a.handshake().message(3, Attacker.COMMAND, 0, nestedArrays(12_000)));
        attacks.put(
                "an array of 4 billion values",
                a -> a.handshake()
                        .message(
                                3,
                                Attacker.COMMAND,
                                0,
                                connectWith(
                                        Buffer.buffer().appendByte((byte) 0x0A).appendInt(-1))));
        attacks.put(
                "AMF3 vector of 2^28 doubles",
                a -> a.handshake().message(3, Attacker.COMMAND, 0, connectWith(Buffer.buffer(new byte[] {
                    0x11, 0x0F, -1, -1, -1, -1, 0
                }))));
        attacks.put(
                "a command that is a number",
                a -> a.handshake().message(3, Attacker.COMMAND, 0, Buffer.buffer(new byte[9])));
        attacks.put("an application of 60,000 letters", a -> a.handshake().connect("a".repeat(60_000)));
        attacks.put(
                "an application with a line of the log",
                a -> a.handshake()
                        .connect("x\n2026-11-23T15:50:00.123Z INFO rtmp 10.0.0.7:51234 publishes live/forged"));
        attacks.put("a stream with a line of the log", a -> publish(a.connected(), "x\r\nINFO forged\u001b[2J"));
        attacks.put("a stream of 60,000 letters", a -> publish(a.connected(), "a".repeat(60_000)));
        attacks.put("a stream outside its application", a -> publish(a.connected(), "../../etc/passwd"));
        attacks.put("a second connect", a -> a.connected().connect("live"));
        Random random = new Random(11);
        for (int i = 0; i < 20; i++) {
            byte[] noise = new byte[64 * 1024];
            random.nextBytes(noise);
            attacks.put("noise " + i, a -> a.handshake().send(noise));
        }
        return attacks;
    }

    private static void openChunkStreams(Attacker attacker, int count) throws IOException {
        for (int id = 3; id < 3 + count; id++) {
            attacker.send(Attacker.message(id, Attacker.AUDIO, 1, Buffer.buffer(new byte[128]), 200));
        }
    }

    private static void setChunkSize(Attacker attacker, int size) throws IOException {
        attacker.message(2, Attacker.SET_CHUNK_SIZE, 0, Buffer.buffer().appendInt(size));
    }

    private static void oneByteChunks(Attacker attacker) throws IOException {
        setChunkSize(attacker.connected(), 1);
        Buffer chunks = Attacker.message(4, Attacker.AUDIO, 1, Buffer.buffer("x"), 1_000_000);
        for (int i = 0; i < 30_000; i++) {
            chunks.appendByte((byte) 0xC4).appendByte((byte) i);
        }
        attacker.send(chunks);
    }

    private static Buffer connectWith(Buffer value) {
        return Buffer.buffer()
                .appendByte((byte) 2)
                .appendShort((short) 7)
                .appendString("connect")
                .appendBytes(new byte[9])
                .appendBuffer(value);
    }

    private static Buffer nestedArrays(int depth) {
        Buffer arrays = Buffer.buffer();
        for (int i = 0; i < depth; i++) {
            arrays.appendByte((byte) 0x0A).appendInt(1);
        }
        return connectWith(arrays);
    }

    private static void publish(Attacker attacker, String name) throws IOException {
        attacker.createStream()
                .hear("_result")
                .command(
                        1,
                        AmfValue.of("publish"),
                        AmfValue.of(3),
                        AmfValue.NULL,
                        AmfValue.of(name),
                        AmfValue.of("live"));
    }

    /** Half a gigabyte of questions in whole chunks, each with an answer as long: ends when it is thrown out. */
    private static void neverReads(Attacker attacker) throws IOException {
        attacker.connected();
        Buffer question = Buffer.buffer()
                .appendByte((byte) 2)
                .appendShort((short) 100)
                .appendString("x".repeat(100))
                .appendBytes(new byte[] {0, 0x40, 0, 0, 0, 0, 0, 0, 0, 5, 2, 0, (byte) 140})
                .appendString("y".repeat(140));
        Buffer questions = Buffer.buffer();
        for (int i = 0; i < 1_000; i++) {
            questions.appendBuffer(Attacker.message(3, Attacker.COMMAND, 0, question, question.length()));
        }
        for (int i = 0; i < 2_000; i++) {
            attacker.send(questions);
        }
    }

    /** The time each took to be thrown out, or a sentence for those that were not. */
    private Map<String, Future<String>> launch(Map<String, Attack> attacks, long millis) {
        Map<String, Future<String>> running = new LinkedHashMap<>();
        int number = 0;
        for (Map.Entry<String, Attack> e : attacks.entrySet()) {
            String host = "127.0." + (1 + number / 250) + "." + (1 + number++ % 250);
            running.put(e.getKey(), threads.submit(() -> judge(e.getValue(), host, millis)));
        }
        return running;
    }

    private String judge(Attack attack, String host, long millis) throws IOException {
        try (Attacker attacker = new Attacker(gateway.rtmp(""), host)) {
            try {
                attack.run(attacker);
            } catch (SocketException thrownOut) {
                return verdict(host);
            }
            return attacker.endsWithin(millis + GRACE_MILLIS) ? verdict(host) : "is still there";
        }
    }

    private String verdict(String host) {
        List<String> said = linesOf(host).stream()
                .filter(line -> line.contains(" closed: "))
                .toList();
        if (said.size() > 1) {
            return "has more than one line: " + said;
        }
        return said.stream().anyMatch(line -> line.chars().anyMatch(Character::isISOControl))
                ? "forged a line: " + said
                : "gone";
    }

    private static void allGone(Map<String, Future<String>> running) throws Exception {
        Map<String, String> wrong = new LinkedHashMap<>();
        for (Map.Entry<String, Future<String>> e : running.entrySet()) {
            String verdict = e.getValue().get(60, TimeUnit.SECONDS);
            if (!verdict.equals("gone")) {
                wrong.put(e.getKey(), verdict);
            }
        }
        assertThat(wrong).isEmpty();
    }

    // -- the laws

    @Test
    void whoeverBreaksARuleIsGoneAndWhoWatchesLosesNoFrame() throws Exception {
        long before = memory();
        Path source = Files.write(
                folder.resolve("source.flv"), TestFlv.file(TestFlv.packets(50)).getBytes());
        CompletableFuture<JsonObject> publisher =
                start("publish", gateway.rtmp("live/good"), source, "--loop", "--seconds", 26);
        gateway.awaitStream("good", s -> s.containsKey("video"));
        List<CompletableFuture<JsonObject>> viewers = List.of(
                start("play", gateway.rtmp("live/good"), "--seconds", 24, "--json"),
                start("play", gateway.flv("live/good"), "--seconds", 24, "--json"),
                start("play", gateway.flv("live/good").replaceFirst("http", "ws"), "--seconds", 24, "--json"));

        Map<String, Attack> slow = new LinkedHashMap<>();
        slow.put("half a handshake", a -> a.send(new byte[] {3}).send(new byte[700]));
        slow.put("nothing at all", a -> {});
        slow.put("handshake and silence", Attacker::handshake);
        slow.put("connect and silence", Attacker::connected);
        long[] patience = {5_000, 5_000, 10_000, 20_000};
        Map<String, Future<String>> waiting = new LinkedHashMap<>();
        int number = 0;
        for (Map.Entry<String, Attack> e : slow.entrySet()) {
            String host = "127.0.9." + ++number;
            long millis = patience[number - 1];
            waiting.put(e.getKey(), threads.submit(() -> judge(e.getValue(), host, millis)));
        }
        allGone(launch(breaches(), END_MILLIS));
        allGone(waiting);
        for (CompletableFuture<JsonObject> viewer : viewers) {
            JsonObject video = viewer.get(40, TimeUnit.SECONDS).getJsonObject("video");
            assertThat(video.getLong("longestStepMs")).as("no frame is missing").isEqualTo(TestFlv.FRAME_MILLIS);
            assertThat(video.getLong("backwardSteps")).isZero();
            assertThat(video.getLong("lastTimestamp") - video.getLong("firstTimestamp"))
                    .isGreaterThan(20_000);
        }
        publisher.get(40, TimeUnit.SECONDS);
        LiveGateway.await("memory comes back", () -> memory() - before < 16 * MIB);
    }

    @Test
    void everyFirstByteButThreeEndsTheConnectionAndTheLogStaysShort() throws Exception {
        Map<String, Attack> attacks = new LinkedHashMap<>();
        for (int version = 0; version < 256; version++) {
            if (version != 3) {
                byte first = (byte) version;
                attacks.put("version " + version, a -> a.send(new byte[] {first}));
            }
        }
        long began = System.nanoTime();
        allGone(launch(attacks, END_MILLIS));
        long seconds = 2 + (System.nanoTime() - began) / 1_000_000_000;
        assertThat(lines.list).hasSizeLessThanOrEqualTo((int) (seconds * INSTANCES * Floodgate.PER_SECOND));
    }

    @Test
    void whoKnocksAgainAndAgainHasOneLine() throws Exception {
        for (int i = 0; i < 300; i++) {
            try (Attacker attacker = new Attacker(gateway.rtmp(""), "127.0.3.3")) {
                attacker.send("GET");
                assertThat(attacker.endsWithin(END_MILLIS)).isTrue();
            }
        }
        assertThat(linesOf("127.0.3.3")).hasSizeBetween(1, INSTANCES);
    }

    @Test
    void announcedLengthsCostNothing() throws Exception {
        long before = memory();
        List<Attacker> attackers = new ArrayList<>();
        try {
            for (int i = 0; i < 200; i++) {
                Attacker attacker = new Attacker(gateway.rtmp(""), "127.0.4." + (1 + i));
                attackers.add(attacker.connected());
                for (int id = 4; id < 11; id++) {
                    // as much as an honest peer may announce, and as little of it as can stand between two headers
                    attacker.send(Attacker.message(id, Attacker.AUDIO, 1, Buffer.buffer(new byte[128]), 8 << 20));
                }
                attacker.createStream()
                        .hear("_result")
                        .send(Attacker.message(11, Attacker.AUDIO, 1, Buffer.buffer(new byte[1]), 8 << 20));
            }
            assertThat(memory() - before).isLessThan(32 * MIB);
        } finally {
            for (Attacker attacker : attackers) {
                attacker.close();
            }
        }
        LiveGateway.await("memory comes back", () -> memory() - before < 8 * MIB);
    }

    @Test
    void whoNeverReadsItsAnswersIsGone() throws Exception {
        allGone(launch(Map.of("answers that are never read", HostilePeersIT::neverReads), END_MILLIS));
        assertThat(linesOf("127.0.1.1")).singleElement().asString().contains("does not read");
    }

    @Test
    void whoPlaysAgainAndAgainAndNeverReadsIsGone() throws Exception {
        Path source = Files.write(
                folder.resolve("source.flv"),
                TestFlv.file(large(TestFlv.packets(250))).getBytes());
        start("publish", gateway.rtmp("live/good"), source, "--loop", "--seconds", 20);
        gateway.awaitStream("good", s -> s.containsKey("video"));
        Attack attack = attacker -> {
            attacker.connected().createStream().hear("_result");
            for (int i = 0; i < 2_000; i++) {
                attacker.command(1, AmfValue.of("play"), AmfValue.of(3), AmfValue.NULL, AmfValue.of("good"));
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20)); // or all get one and the same prelude
            }
        };
        allGone(launch(Map.of("plays", attack), END_MILLIS));
        assertThat(linesOf("127.0.1.1")).as("plays are lines, too").isNotEmpty();
        assertThat(lines.list).anyMatch(line -> line.getFormattedMessage().contains("does not read"));
    }

    /** The same with frames of 100 KiB: a second of it is a prelude of 2.5 MiB. */
    private static List<MediaPacket> large(List<MediaPacket> packets) {
        return packets.stream()
                .map(p -> p.kind() == MediaPacket.Kind.VIDEO && p.payload().getByte(1) == 1
                        ? MediaPacket.of(
                                p.kind(), p.timestamp(), p.payload().copy().appendBytes(new byte[100 * 1024]))
                        : p)
                .toList();
    }

    @Test
    void aMillionStreamsAreThirtyTwo() throws Exception {
        try (Attacker attacker = new Attacker(gateway.rtmp(""), "127.0.5.1")) {
            attacker.connected();
            for (int i = 0; i < 1_000; i++) {
                attacker.createStream();
            }
            attacker.command(0, AmfValue.of("ask"), AmfValue.of(77), AmfValue.NULL)
                    .hear("Method not found (ask)");
            assertThat(attacker.heard().split("Too many NetStreams", -1)).hasSize(1 + 1_000 - 32);
        }
    }

    @Test
    void oddNumbersAndStrangersStreamsChangeNothing() throws Exception {
        try (Attacker attacker = new Attacker(gateway.rtmp(""), "127.0.6.1")) {
            attacker.connected()
                    .message(
                            2,
                            Attacker.WINDOW_ACKNOWLEDGEMENT_SIZE,
                            0,
                            Buffer.buffer().appendInt(1))
                    .message(2, Attacker.SET_PEER_BANDWIDTH, 0, Buffer.buffer(new byte[5]))
                    .message(2, Attacker.ACKNOWLEDGEMENT, 0, Buffer.buffer().appendInt(-1))
                    .message(2, Attacker.ABORT, 0, Buffer.buffer().appendInt(60_000));
            for (double number : new double[] {Double.NaN, -1, 1e308, Double.POSITIVE_INFINITY, 0}) {
                attacker.command(0, AmfValue.of("createStream"), AmfValue.of(number), AmfValue.NULL)
                        .command(0, AmfValue.of("deleteStream"), AmfValue.of(0), AmfValue.NULL, AmfValue.of(number));
            }
            attacker.command(
                            0,
                            AmfValue.of("publish"),
                            AmfValue.of(5),
                            AmfValue.NULL,
                            AmfValue.of("cam"),
                            AmfValue.of("live"))
                    .hear("NetStream.Failed");
            assertThat(gateway.streams()).isEmpty();
        }
    }

    @Test
    void tenThousandPingsHaveFiftyAnswersASecond() throws Exception {
        try (Attacker attacker = new Attacker(gateway.rtmp(""), "127.0.7.1")) {
            attacker.connected();
            Buffer pings = Buffer.buffer();
            // As long as a chunk, or the budget for tiny chunks would end it.
            Buffer ping =
                    Buffer.buffer().appendShort((short) 6).appendString("abcd").appendBytes(new byte[122]);
            for (int i = 0; i < 10_000; i++) {
                pings.appendBuffer(Attacker.message(2, Attacker.USER_CONTROL, 0, ping, ping.length()));
            }
            attacker.send(pings)
                    .command(0, AmfValue.of("ask"), AmfValue.of(77), AmfValue.NULL)
                    .hear("Method not found (ask)");
            int answers = attacker.heard().split("abcd", -1).length - 1;
            assertThat(answers).isBetween(1, 50 * 5);
        }
    }

    /** Bytes on the heap after a collection, and Netty's own. */
    private static long memory() {
        System.gc();
        Runtime runtime = Runtime.getRuntime();
        return runtime.totalMemory() - runtime.freeMemory() + PlatformDependent.usedDirectMemory();
    }
}
