package io.fluctus.rtmfp;

import static org.assertj.core.api.Assertions.assertThat;

import io.fluctus.LiveGateway;
import io.fluctus.media.MediaPacket;
import io.fluctus.media.MediaPacket.Kind;
import io.fluctus.netconnection.Event;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Hostile datagrams at rate, over a real socket and the loopback addresses, against a gateway that serves somebody. */
class HostileDatagramsIT {
    private static final int HELLOS = 10_000;
    private static final int COOKIES_A_SECOND = 2_000;
    private static final int STRANGERS = 300;
    private static final int COOKIES_EACH = 15;

    private static LiveGateway gateway;
    private static InetSocketAddress server;
    private static CompletableFuture<Long> idle;

    @BeforeAll
    static void start() throws Exception {
        gateway = new LiveGateway();
        server = new InetSocketAddress(
                InetAddress.getByAddress(new byte[] {127, 0, 0, 1}),
                URI.create(gateway.rtmfp("live")).getPort());
        idle = CompletableFuture.supplyAsync(HostileDatagramsIT::stayIdle);
    }

    @AfterAll
    static void end() throws Exception {
        gateway.close();
    }

    private static RtmfpClient client(String stream, boolean publishes) throws IOException {
        RtmfpClient client = new RtmfpClient(gateway.rtmfp("live"));
        client.connect();
        int streamId = client.createStream();
        if (publishes) {
            client.connection().dialogue().publish(streamId, stream, "live");
        } else {
            client.connection().dialogue().play(streamId, stream, -1);
        }
        client.connection().flush(RtmfpClient.now());
        client.until("a status", () -> client.has(Event.StatusReceived.class));
        return client;
    }

    private static void send(RtmfpClient publisher, long number) {
        Buffer body = Captures.hex(number == 0 ? "1701000000" : "2701000000").appendLong(number);
        publisher.connection().dialogue().send(1, MediaPacket.of(Kind.VIDEO, number * 40, body));
        publisher.connection().flush(RtmfpClient.now());
    }

    private static List<Long> numbers(RtmfpClient player) {
        return player.events.stream()
                .filter(e -> e instanceof Event.PacketReceived)
                .map(e -> ((Event.PacketReceived) e).packet())
                .filter(p -> p.kind() == Kind.VIDEO)
                .map(p -> p.payload().getLong(5))
                .toList();
    }

    private static void step(RtmfpClient client) {
        try {
            client.step();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    // -- F1

    @Test
    void tenThousandHellosFromManyAddressesGetNoMoreThanFourBytesForOne() throws Exception {
        List<Prober> strangers = new ArrayList<>();
        for (int host = 1; host <= 100; host++) {
            strangers.add(new Prober(host, server));
        }
        for (int i = 0; i < HELLOS; i++) {
            strangers.get(i % strangers.size()).say(Prober.hello(i));
        }
        long bytesOut = 0;
        long bytesIn = 0;
        for (Prober stranger : strangers) {
            stranger.hearAll(20);
            bytesOut += stranger.bytesOut;
            bytesIn += stranger.bytesIn;
            stranger.close();
        }
        System.out.printf("amplification: %.2f%n", (double) bytesIn / bytesOut);
        assertThat(bytesIn).isPositive().isLessThanOrEqualTo(4 * bytesOut);
    }

    @Test
    void anAddressGetsTwentyAnswersASecond() throws Exception {
        try (Prober stranger = new Prober(200, server)) {
            long began = System.nanoTime();
            for (int i = 0; i < 1_000; i++) {
                stranger.say(Prober.hello(i));
            }
            stranger.hearAll(100);
            long seconds = 2 + TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - began);
            assertThat(stranger.datagramsIn).isGreaterThanOrEqualTo(1).isLessThanOrEqualTo((int)
                    (seconds * 2 * Params.HELLOS_PER_ADDRESS));
        }
    }

    // -- F2

    @Test
    void aBadOrForeignCookieBringsNoKeying() throws Exception {
        Identity identity = Identity.client(new Random(1));
        try (Prober honest = new Prober(300, server);
                Prober thief = new Prober(301, server)) {
            Buffer cookie = honest.cookie().orElseThrow();
            thief.say(Prober.keying(identity, cookie, 5));
            assertThat(thief.answer(5)).containsInstanceOf(Chunk.RHelloCookieChange.class);
            Buffer bad = cookie.copy().setByte(20, (byte) ~cookie.getByte(20));
            honest.say(Prober.keying(identity, bad, 6));
            honest.say(Prober.keying(identity, Buffer.buffer(), 6));
            assertThat(honest.answer(6)).isEmpty();
            honest.say(Prober.keying(identity, cookie, 7));
            assertThat(honest.answer(7)).containsInstanceOf(Chunk.RIKeying.class);
            honest.say(Prober.keying(identity, cookie, 8));
            assertThat(honest.answer(8)).as("the cookie was used").isEmpty();
        }
    }

    // -- F3

    @Test
    void sessionsAnswerWhileThousandsOfGoodCookiesComeIn() throws Exception {
        List<Prober> strangers = new ArrayList<>();
        for (int host = 400; host < 400 + STRANGERS; host++) {
            strangers.add(new Prober(host, server));
        }
        Flood flood = new Flood(strangers);
        flood.collect();
        List<Long> micros = new ArrayList<>();
        try (RtmfpClient live = client("pinged", true)) {
            Thread thread = new Thread(flood, "flood");
            thread.start();
            while (thread.isAlive()) {
                long asked = System.nanoTime();
                long answers = live.count(Event.CallAnswered.class);
                live.connection().dialogue().call("nobodyKnows");
                live.connection().flush(RtmfpClient.now());
                live.until("an answer", () -> live.count(Event.CallAnswered.class) > answers);
                micros.add(TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - asked));
            }
            thread.join();
            micros.sort(null);
            long p50 = micros.get(micros.size() / 2);
            long p99 = micros.get(micros.size() * 99 / 100);
            System.out.printf(
                    "%d keyings with good cookies in %d ms, %d answered; %d round trips, p50 %d us, p99 %d us%n",
                    flood.keyings.size(), flood.millis, flood.answered(), micros.size(), p50, p99);
            assertThat(flood.keyings).hasSizeGreaterThan(COOKIES_A_SECOND);
            assertThat(p99).as("of a machine that may have other work").isLessThan(500_000);
            assertThat(live.closed).isEmpty();
        }
        try (RtmfpClient late = client("late", false)) {
            assertThat(late.closed).as("nobody is kept out afterwards").isEmpty();
        }
        strangers.forEach(Prober::close);
    }

    /** Collects cookies, and then hands them in so many a second. */
    private static final class Flood implements Runnable {
        private record Keying(Prober stranger, Chunk chunk) {}

        private final List<Prober> strangers;
        private final Identity identity = Identity.client(new Random(2));
        private final List<Keying> keyings = new ArrayList<>();
        private volatile long millis;

        Flood(List<Prober> strangers) {
            this.strangers = strangers;
        }

        void collect() throws IOException {
            PacketCipher startup = PacketCipher.startup();
            for (Prober stranger : strangers) {
                for (int i = 0; i < COOKIES_EACH; i++) {
                    stranger.say(Prober.hello(i));
                }
                for (int i = 0; i < COOKIES_EACH; i++) {
                    Optional<Buffer> cookie = stranger.hear(20)
                            .flatMap(startup::open)
                            .map(plain -> Packet.decode(plain).chunks().get(0))
                            .map(chunk -> ((Chunk.RHello) chunk).cookie());
                    cookie.ifPresent(c ->
                            keyings.add(new Keying(stranger, Prober.keying(identity, c, 1 + keyings.size()))));
                }
            }
        }

        @Override
        public void run() {
            long began = System.nanoTime();
            try {
                for (int i = 0; i < keyings.size(); i++) {
                    long due = began + TimeUnit.SECONDS.toNanos(i) / COOKIES_A_SECOND;
                    while (System.nanoTime() < due) {
                        Thread.onSpinWait();
                    }
                    keyings.get(i).stranger.say(keyings.get(i).chunk);
                }
            } catch (IOException e) {
                throw new AssertionError(e);
            }
            millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began);
        }

        int answered() throws IOException {
            int answered = 0;
            for (Prober stranger : strangers) {
                for (Optional<Buffer> in = stranger.hear(1); in.isPresent(); in = stranger.hear(1)) {
                    answered++;
                }
            }
            return answered;
        }
    }

    // -- F5, F6, F7

    @Test
    void replayedForgedAndBrokenDatagramsChangeNothing() throws Exception {
        try (RtmfpClient publisher = client("replayed", true);
                RtmfpClient player = client("replayed", false);
                Prober thief = new Prober(900, server)) {
            List<Buffer> heard = publisher.record();
            for (int i = 0; i < 40; i++) {
                send(publisher, i);
                step(publisher);
            }
            player.until("forty frames", () -> {
                step(publisher);
                return numbers(player).size() == 40;
            });
            List<Buffer> recorded = List.copyOf(heard);
            Random random = new Random(3);
            for (int i = 0; i < 10_000; i++) {
                Buffer datagram = recorded.get(random.nextInt(recorded.size())).copy();
                if (i % 2 == 0) {
                    int at = random.nextInt(datagram.length());
                    datagram.setByte(at, (byte) (datagram.getByte(at) ^ 1 << random.nextInt(8)));
                }
                thief.send(datagram);
                if (i % 100 == 0) {
                    step(player);
                    step(publisher);
                }
            }
            long[] next = {40}; // a frame may be too late behind such a flood, and be given up: then another comes
            player.until("a frame behind the flood", () -> {
                send(publisher, next[0]++);
                step(publisher);
                return numbers(player).size() > 40;
            });
            assertThat(numbers(player)).doesNotHaveDuplicates().isSorted();
            thief.hearAll(50);
            assertThat(thief.datagramsIn)
                    .as("pings that ask for a proof, and nothing that was meant for the publisher")
                    .isLessThanOrEqualTo(20);
            assertThat(publisher.closed + player.closed).isEmpty();
        }
    }

    // -- F4

    @Test
    void fragmentsThatAreNeverCompletedAreRefusedInTheEndAndTheGatewayGoesOn() throws Exception {
        try (RtmfpClient hostile = client("partial", true)) {
            Session session = hostile.connection().session();
            for (int flow = 100; flow < 400; flow++) {
                for (int i = 0; i < 8; i++) {
                    hostile.inject(new Chunk.UserData(
                            Chunk.UserData.OPTIONS | Chunk.UserData.MIDDLE,
                            flow,
                            2 + i,
                            2 + i,
                            List.of(Option.of(Chunk.UserData.METADATA, Captures.hex("54430400"))),
                            Buffer.buffer(new byte[1_000])));
                }
                step(hostile);
            }
            assertThat(session.isOpen()).isTrue();
            long answers = hostile.count(Event.CallAnswered.class);
            hostile.connection().dialogue().call("stillThere");
            hostile.connection().flush(RtmfpClient.now());
            hostile.until("an answer", () -> hostile.count(Event.CallAnswered.class) > answers);
        }
    }

    // -- who does nothing, and who is seen

    @Test
    void whoNeitherPublishesNorPlaysIsSentAway() throws Exception {
        assertThat(idle.get(30, TimeUnit.SECONDS)).isBetween(18_000L, 25_000L);
    }

    /** Milliseconds from connect to the end; it waits while the other tests run. */
    private static long stayIdle() {
        try (RtmfpClient client = new RtmfpClient(gateway.rtmfp("live"))) {
            client.connect();
            long began = RtmfpClient.now();
            client.until("the end", () -> !client.closed.isEmpty(), 28_000);
            return RtmfpClient.now() - began;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void aViewerIsShownWithItsAddressAndItsId() throws Exception {
        try (RtmfpClient player = client("shown", false)) {
            LiveGateway.await("the viewer", () -> viewers().contains("\"127.0.0.1:"));
            assertThat(viewers()).contains("\"protocol\":\"rtmfp\"", "\"client\":\"rtmfp.");
            assertThat(player.closed).isEmpty();
        }
    }

    private static String viewers() {
        try {
            return gateway.get("api/v1/viewers/live/shown").body();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
