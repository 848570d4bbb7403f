package io.fluctus.rtmfp;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.buffer.Buffer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What strangers and peers of ill will send, and how little it moves us. */
class HostileDatagramsTest {
    private static final Buffer METADATA = Captures.hex("54430400");
    private static final Buffer LIBRTMFP_HELLO = Captures.hex("02010a b88b91106b0f26ff9829ccd4635593e2");
    private static final int HEADERS = 28;

    private final World world = new World(3);
    private final World.Host server = world.server();
    private final World.Host client = world.client(5000);
    private final PacketCipher startup = PacketCipher.startup();
    private final Identity stranger = Identity.client(new Random(1));

    private Buffer startup(Chunk chunk) {
        return startup.seal(
                0, Packet.of(Packet.STARTUP, 1, Packet.NONE, List.of(chunk)).encode());
    }

    private static InetSocketAddress from(int host, int port) {
        try {
            return new InetSocketAddress(
                    InetAddress.getByAddress(new byte[] {11, (byte) (host >> 16), (byte) (host >> 8), (byte) host}),
                    port);
        } catch (UnknownHostException e) {
            throw new AssertionError(e);
        }
    }

    private Buffer hello() {
        return startup(new Chunk.IHello(LIBRTMFP_HELLO.getBuffer(1, 3), LIBRTMFP_HELLO.getBuffer(3, 19)));
    }

    private List<RtmfpEndpoint.Event> receive(Buffer datagram, InetSocketAddress from) {
        return server.endpoint.receive(new Datagram(from, datagram), world.now);
    }

    private List<Buffer> answers() {
        List<Buffer> answers = new ArrayList<>();
        for (Datagram d = server.endpoint.poll(world.now); d != null; d = server.endpoint.poll(world.now)) {
            answers.add(d.bytes());
        }
        return answers;
    }

    private Chunk open(Buffer datagram) {
        return Packet.decode(startup.open(datagram).orElseThrow()).chunks().get(0);
    }

    private Buffer cookie(InetSocketAddress from) {
        receive(hello(), from);
        return ((Chunk.RHello) open(answers().get(0))).cookie();
    }

    private Buffer keying(Buffer cookie, int sessionId, long seed) {
        Buffer component = Keying.initiator(DhGroup.MODP_1024, Negotiation.OFFER, Keying.randomness(new Random(seed)));
        return startup(new Chunk.IIKeying(
                sessionId, cookie, stranger.certificate().encoded(), component, Certificate.SIGNATURE));
    }

    // -- F1

    @Test
    void tenThousandSpoofedHellosGetNoMoreThanFourBytesForOneAndLeaveNothing() {
        Buffer hello = hello();
        long in = 0;
        long out = 0;
        for (int i = 0; i < 10_000; i++) {
            receive(hello, from(i, 1 + i % 60_000));
            in += hello.length() + HEADERS;
            for (Buffer answer : answers()) {
                out += answer.length() + HEADERS;
            }
        }
        assertThat(out).isPositive().isLessThanOrEqualTo(4 * in);
        assertThat(server.endpoint.sessionCount()).isZero();
        assertThat(server.endpoint.halfOpenCount()).isZero();
        assertThat(server.endpoint.deadline()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void anAddressGetsTwentyAnswersASecond() {
        for (int second = 0; second < 3; second++) {
            int count = 0;
            for (int i = 0; i < 100; i++) {
                receive(hello(), from(7, 1000 + i));
                count += answers().size();
            }
            assertThat(count).isEqualTo(Params.HELLOS_PER_ADDRESS);
            world.now += 1_000;
        }
    }

    @Test
    void theShortestHelloOfLibrtmfpIsAnswered() {
        assertThat(hello().length()).isEqualTo(36);
        receive(hello(), from(1, 1));
        assertThat(answers()).hasSize(1).allMatch(a -> a.length() == 180);
    }

    @Test
    void aTagThatGrowsTheAnswerBeyondFourForOneGetsNone() {
        Identity big = Identity.client(List.of(DhGroup.MODP_4096, DhGroup.MODP_2048), new Random(2));
        RtmfpEndpoint endpoint = new RtmfpEndpoint(big, Buffer.buffer("s"), 0, new Random(2));
        Epd epd = Epd.ofFingerprint(big.certificate().fingerprint());
        Buffer hello = startup(new Chunk.IHello(epd.encode(), Captures.hex("01")));
        endpoint.receive(new Datagram(from(1, 1), hello), world.now);
        assertThat(endpoint.poll(world.now)).isNull();
    }

    // -- F2

    @Test
    void aBadOldForeignOrReplayedCookieCostsNoDiffieHellman() {
        InetSocketAddress from = from(1, 1);
        Buffer good = cookie(from);
        assertThat(good.length()).isEqualTo(64); // pitfall 1
        for (int at = 0; at < good.length(); at++) {
            Buffer bad = good.copy();
            bad.setByte(at, (byte) (bad.getByte(at) ^ 1));
            assertThat(receive(keying(bad, 1, 1), from)).isEmpty();
        }
        assertThat(receive(keying(Buffer.buffer(), 1, 1), from)).isEmpty();
        assertThat(receive(keying(good.getBuffer(0, 63), 1, 1), from)).isEmpty();
        answers();
        assertThat(receive(keying(good, 1, 1), from(2, 1))).isEmpty();
        assertThat(open(answers().get(0))).isInstanceOf(Chunk.RHelloCookieChange.class);
        assertThat(receive(keying(good, 1, 1), from)).hasSize(1);
        assertThat(receive(keying(good, 1, 2), from))
                .as("another keying with that cookie")
                .isEmpty();
        world.now += 1_000; // the address has had its twenty answers
        Buffer old = cookie(from);
        world.now += 96_000;
        assertThat(receive(keying(old, 1, 1), from)).isEmpty();
    }

    @Test
    void aRepeatedKeyingGetsTheIdenticalAnswerAndNoSecondAgreement() {
        // pitfall 15
        InetSocketAddress from = from(1, 1);
        Buffer keying = keying(cookie(from), 77, 1);
        List<RtmfpEndpoint.Event> first = receive(keying, from);
        assertThat(receive(keying, from)).as("while the agreement is computed").isEmpty();
        assertThat(answers()).isEmpty();
        Agreement agreement = ((RtmfpEndpoint.Event.AgreementNeeded) first.get(0)).agreement();
        server.endpoint.deliver(agreement.compute(world.random), world.now);
        List<Buffer> once = answers();
        assertThat(receive(keying, from)).isEmpty();
        assertThat(answers()).isEqualTo(once).hasSize(1);
        assertThat(server.endpoint.halfOpenCount()).isEqualTo(1);
        assertThat(server.endpoint.sessionCount()).isZero();
        world.now += Params.HALF_OPEN_LIFETIME;
        server.endpoint.tick(world.now);
        answers();
        assertThat(server.endpoint.halfOpenCount()).isZero();
    }

    @Test
    void aPublicValueThatIsNoneEndsTheHandshake() {
        InetSocketAddress from = from(1, 1);
        Buffer certificate = Captures.hex("041d020001");
        Buffer component = Keying.initiator(DhGroup.MODP_1024, Negotiation.OFFER, Keying.randomness(world.random));
        Buffer keying = startup(new Chunk.IIKeying(1, cookie(from), certificate, component, Certificate.SIGNATURE));
        List<RtmfpEndpoint.Event> events = receive(keying, from);
        Agreement agreement = ((RtmfpEndpoint.Event.AgreementNeeded) events.get(0)).agreement();
        server.endpoint.deliver(agreement.compute(world.random), world.now);
        assertThat(answers()).isEmpty();
        assertThat(server.endpoint.halfOpenCount()).isZero();
    }

    // -- F3

    @Test
    void neverMoreThanSixteenAgreementsAreUnderWay() {
        List<Agreement> asked = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            InetSocketAddress from = from(i, 1);
            receive(keying(cookie(from), 1, i), from).stream()
                    .map(e -> ((RtmfpEndpoint.Event.AgreementNeeded) e).agreement())
                    .forEach(asked::add);
        }
        assertThat(asked).hasSize(Params.MAX_AGREEMENTS);
        server.endpoint.deliver(
                new Agreement.Result(asked.get(0).sessionId(), Buffer.buffer(), Optional.empty()), world.now);
        InetSocketAddress from = from(999, 1);
        assertThat(receive(keying(cookie(from), 1, 1), from)).hasSize(1);
    }

    // -- F4, F5

    private void inject(Chunk... chunks) {
        Buffer packet =
                Packet.of(Packet.INITIATOR, 1, Packet.NONE, List.of(chunks)).encode();
        int id = client.session().farId();
        world.inject(new Datagram(client.address, client.session().cipher().seal(id, packet)), server.address);
        world.run(1);
    }

    private static Chunk.UserData data(long flow, long sequence, int fragmentControl, int length) {
        List<Option> options = List.of(Option.of(Chunk.UserData.METADATA, METADATA));
        int flags = Chunk.UserData.OPTIONS | fragmentControl;
        return new Chunk.UserData(flags, flow, sequence, sequence, options, Buffer.buffer(new byte[length]));
    }

    @Test
    void fragmentsThatAreNeverCompletedStayWithinTheSessionsBudget() {
        world.connect(client, server);
        for (int flow = 2; flow < 302; flow++) {
            for (int i = 0; i < 9; i++) {
                inject(data(flow, 2 + i, Chunk.UserData.MIDDLE, 7_500));
            }
        }
        assertThat(server.session().heldBytes()).isPositive().isLessThanOrEqualTo(Params.SESSION_RECEIVE_BUFFER);
        assertThat(server.session().isOpen()).isTrue();
    }

    @Test
    void aMessageWithoutEndIsRefused() {
        world.connect(client, server);
        inject(data(2, 1, Chunk.UserData.BEGIN, 7_000));
        for (int i = 2; i < 700; i++) {
            inject(data(2, i, Chunk.UserData.MIDDLE, 7_500));
        }
        assertThat(server.session().heldBytes()).isZero();
        assertThat(server.received()).isEmpty();
    }

    @Test
    void strangeNumbersMoveNothing() {
        world.connect(client, server);
        SendFlow flow = server.session().openFlow(METADATA, Optional.empty(), SendFlow.Priority.DATA);
        world.weather = new World.Weather(1, 0, 0, 1);
        server.session().write(flow, Buffer.buffer("still waiting"), Delivery.RELIABLE, world.now);
        world.run(10);
        long huge = (1L << 56) - 1;
        long id = flow.id();
        inject(new Chunk.AckRanges(id, huge, 0, List.of(new Chunk.AckRanges.Range(huge, huge))));
        inject(new Chunk.AckRanges(99, 1, huge, List.of()));
        inject(new Chunk.AckBitmap(id, 0, 0, Captures.hex("ffffffffffff")));
        inject(new Chunk.BufferProbe(huge), new Chunk.ExceptionReport(huge, huge));
        inject(new Chunk.NextUserData(0, List.of(), Buffer.buffer("of nothing")));
        inject(data(3, huge, 0, 10), data(4, 0, 0, 10));
        inject(new Chunk.UserData(0x80, 5, 9, 9, List.of(Option.of(0x2001, 1)), Buffer.buffer()));
        assertThat(flow.queuedBytes()).isPositive();
        assertThat(server.session().isOpen()).isTrue();
        inject(new Chunk.AckRanges(id, 100, huge, List.of()));
        assertThat(flow.queuedBytes())
                .as("a cumulative acknowledgement of what was sent")
                .isZero();
    }

    @Test
    void aReaderThatNeverReadsEndsTheFlowAtItsLimit() {
        world.connect(client, server);
        SendFlow flow = server.session().openFlow(METADATA, Optional.empty(), SendFlow.Priority.DATA);
        for (int i = 0; i < 100 && !flow.isFailed(); i++) {
            server.session().write(flow, Buffer.buffer(new byte[100_000]), Delivery.RELIABLE, world.now);
            inject(new Chunk.AckRanges(flow.id(), 0, 0, List.of()));
        }
        assertThat(flow.isFailed()).isTrue();
        assertThat(flow.queuedBytes()).isLessThanOrEqualTo(Params.SESSION_SEND_BUFFER + 1_000);
    }

    @Test
    void aClosedWindowIsTriedAgainWithoutABufferProbe() {
        // pitfall 5
        world.connect(client, server);
        SendFlow flow = server.session().openFlow(METADATA, Optional.empty(), SendFlow.Priority.DATA);
        List<Chunk> sent = sniff();
        server.session().write(flow, Buffer.buffer(new byte[50_000]), Delivery.RELIABLE, world.now);
        inject(new Chunk.AckRanges(flow.id(), 0, 0, List.of()));
        assertThat(world.run(60_000, () -> client.received().size() == 1)).isTrue();
        assertThat(sent).noneMatch(c -> c instanceof Chunk.BufferProbe);
    }

    @Test
    void aBufferProbeIsAnsweredWithAnAcknowledgement() {
        world.connect(client, server);
        inject(data(2, 1, 0, 10));
        world.run(1_000);
        List<Chunk> sent = sniff();
        inject(new Chunk.BufferProbe(2));
        assertThat(sent).hasSize(1).allMatch(c -> c instanceof Chunk.AckRanges);
    }

    /** The chunks that the server will send in its session. */
    private List<Chunk> sniff() {
        List<Chunk> sent = new ArrayList<>();
        PacketCipher cipher = client.session().cipher();
        world.onSend = (host, datagram) -> {
            if (host == server) {
                Packet packet = Packet.decode(cipher.open(datagram.bytes()).orElseThrow());
                assertThat(packet.timestamp())
                        .as("pitfall 4: a timestamp in every packet")
                        .isNotNegative();
                sent.addAll(packet.chunks());
            }
        };
        return sent;
    }

    @Test
    void acknowledgementsAreRangesAndNeverCloseTheWindow() {
        // pitfalls 5 and 10
        world.connect(client, server);
        List<Chunk> sent = sniff();
        world.weather = new World.Weather(0.1, 0, 0.1, 20);
        SendFlow flow = client.session().openFlow(METADATA, Optional.empty(), SendFlow.Priority.DATA);
        for (int i = 0; i < 50; i++) {
            client.session().write(flow, Buffer.buffer(new byte[60_000]), Delivery.RELIABLE, world.now);
        }
        assertThat(world.run(600_000, () -> server.received().size() == 50)).isTrue();
        List<Chunk.AckRanges> acks = sent.stream()
                .filter(c -> c instanceof Chunk.AckRanges)
                .map(Chunk.AckRanges.class::cast)
                .toList();
        assertThat(acks).hasSizeGreaterThan(100).allMatch(a -> a.buffer() > 0);
        assertThat(acks).anyMatch(a -> !a.ranges().isEmpty());
        assertThat(sent).noneMatch(c -> c instanceof Chunk.AckBitmap || c instanceof Chunk.BufferProbe);
    }

    // -- F6, F7

    @Test
    void tenThousandReplayedPacketsGiveNoMessageTwice() {
        world.connect(client, server);
        List<Datagram> heard = new ArrayList<>();
        world.onSend = (host, datagram) -> {
            if (host == client) {
                heard.add(new Datagram(client.address, datagram.bytes()));
            }
        };
        SendFlow flow = client.session().openFlow(METADATA, Optional.empty(), SendFlow.Priority.DATA);
        for (int i = 0; i < 50; i++) {
            client.session().write(flow, Buffer.buffer("message " + i), Delivery.RELIABLE, world.now);
            world.run(20);
        }
        List<Datagram> recorded = List.copyOf(heard);
        for (int i = 0; i < 10_000; i++) {
            world.inject(recorded.get(i % recorded.size()), server.address);
        }
        world.run(1_000);
        assertThat(server.received()).hasSize(50);
        assertThat(server.session().isOpen()).isTrue();
    }

    @Test
    void flippedBitsOfASessionAreDropped() {
        world.connect(client, server);
        Random random = new Random(6);
        for (int i = 0; i < 2_000; i++) {
            Buffer bytes = client.session().cipher().seal(client.session().farId(), Captures.hex("0900014c0000"));
            bytes.setByte(random.nextInt(bytes.length()), (byte) random.nextInt());
            Buffer broken = bytes;
            boolean whole = server.session().cipher().open(broken).isPresent();
            if (!whole) {
                world.inject(new Datagram(client.address, broken), server.address);
            }
        }
        world.run(100);
        assertThat(server.session().isOpen()).isTrue();
    }

    @Test
    void garbageOfAnyLengthIsDropped() {
        Random random = new Random(4);
        for (int length = 0; length < 9_000; length += 1 + length / 50) {
            byte[] bytes = new byte[length];
            random.nextBytes(bytes);
            assertThat(receive(Buffer.buffer(bytes), from(1, 1))).isEmpty();
            Buffer inside = Buffer.buffer(bytes).getBuffer(0, Math.min(length, 4_000));
            assertThat(receive(startup.seal(0, inside), from(1, 1))).isEmpty();
        }
        assertThat(server.endpoint.dropped()).isPositive();
    }

    @Test
    void aReplayFromASpoofedSourceDoesNotMoveTheSession() {
        world.connect(client, server);
        List<Buffer> heard = new ArrayList<>();
        List<InetSocketAddress> asked = new ArrayList<>();
        InetSocketAddress spoofed = from(66, 6);
        world.onSend = (host, datagram) -> {
            if (host == client) {
                heard.add(datagram.bytes());
            } else if (datagram.peer().equals(spoofed)) {
                asked.add(spoofed);
            }
        };
        client.session().keepAlive(1_000);
        world.run(10_000);
        for (Buffer bytes : List.copyOf(heard)) {
            world.inject(new Datagram(spoofed, bytes), server.address);
            world.run(200);
        }
        assertThat(asked).isNotEmpty().hasSizeLessThanOrEqualTo(heard.size() / 5 + 2);
        assertThat(server.session().peer()).isEqualTo(client.address);
        assertThat(server.inside(SessionEvent.AddressChanged.class)).isEmpty();
    }

    @Test
    void anEmptyPingReplyFromTheNewAddressIsProofEnoughForLibrtmfp() {
        // pitfall 6
        world.connect(client, server);
        InetSocketAddress moved = World.at(5_555);
        int id = client.session().farId();
        int old = Packet.ticks(world.now - 5_000);
        reply(moved, id, old, new Chunk.Ping(Buffer.buffer()));
        reply(moved, id, old, new Chunk.PingReply(Buffer.buffer()));
        assertThat(server.session().peer()).as("an old echo proves nothing").isEqualTo(client.address);
        reply(moved, id, Packet.ticks(world.now), new Chunk.PingReply(Captures.hex("4d00")));
        assertThat(server.session().peer()).as("a wrong mark neither").isEqualTo(client.address);
        reply(moved, id, Packet.ticks(world.now), new Chunk.PingReply(Buffer.buffer()));
        assertThat(server.session().peer()).isEqualTo(moved);
    }

    private void reply(InetSocketAddress from, int id, int echo, Chunk chunk) {
        Buffer packet = Packet.of(Packet.INITIATOR, 1, echo, List.of(chunk)).encode();
        world.inject(new Datagram(from, client.session().cipher().seal(id, packet)), server.address);
        world.run(5);
    }

    @Test
    void redirectingGoesOnAsLongAsItIsMeant() {
        // pitfall 14
        server.endpoint.redirectAll(List.of(new Address(World.at(1936), Address.OBSERVED)));
        for (int i = 0; i < 5; i++) {
            receive(hello(), from(1, 1));
            assertThat(open(answers().get(0))).isInstanceOf(Chunk.Redirect.class);
        }
        server.endpoint.redirectAll(List.of());
        receive(hello(), from(1, 1));
        assertThat(open(answers().get(0))).isInstanceOf(Chunk.RHello.class);
    }

    @Test
    void sessionIdsCarryTheNumberOfTheirInstance() {
        RtmfpEndpoint third = new RtmfpEndpoint(Identity.server(world.random), Buffer.buffer("s"), 3, world.random);
        Buffer datagram = PacketCipher.startup().seal(third.open(Epd.ofUri("x"), List.of(), 0), Buffer.buffer());
        assertThat(RtmfpEndpoint.instanceOf(datagram)).contains(3);
        assertThat(RtmfpEndpoint.instanceOf(hello())).isEmpty();
        assertThat(RtmfpEndpoint.instanceOf(Buffer.buffer("short"))).isEmpty();
    }
}
