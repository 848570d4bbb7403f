package io.fluctus.rtmfp;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Two endpoints in memory: hours of protocol, bad weather and moving clients in milliseconds. */
class EndpointsTest {
    private static final Buffer METADATA = Captures.hex("54430400");

    private final World world = new World(7016);
    private final World.Host server = world.server();
    private final World.Host client = world.client(5000);

    private static SendFlow flow(Session session, SendFlow.Priority priority) {
        return session.openFlow(METADATA, Optional.empty(), priority);
    }

    @Test
    void bothSidesOpenAndShareTheNonces() {
        world.connect(client, server);
        assertThat(client.session().nearNonce()).isEqualTo(server.session().farNonce());
        assertThat(client.session().farNonce()).isEqualTo(server.session().nearNonce());
        assertThat(client.session().farCertificate().encoded().length()).isEqualTo(77);
        assertThat(world.agreements).isEqualTo(2);
    }

    @ParameterizedTest
    @CsvSource({
        "0,    0,    0,    5",
        "0.02, 0,    0,    20",
        "0.05, 0.05, 0.1,  200",
        "0.2, 0.05, 0.1, 50",
        "0.4,  0.1,  0.1,  20",
        "0,    0,    0.5,  200",
    })
    void everythingReliableArrivesOnceAndInOrder(double loss, double duplicate, double reorder, int latency) {
        world.weather = new World.Weather(loss, duplicate, reorder, latency);
        world.connect(client, server);
        List<Buffer> up = write(client.session(), 60, 1);
        List<Buffer> down = write(server.session(), 60, 2);
        assertThat(world.run(
                        600_000,
                        () -> server.received().size() == 60
                                && client.received().size() == 60))
                .isTrue();
        assertThat(server.received()).isEqualTo(up);
        assertThat(client.received()).isEqualTo(down);
        world.run(30_000);
        assertThat(server.received()).hasSize(60);
        assertThat(client.session().outstandingBytes()).isZero();
        assertThat(server.session().heldBytes()).isZero();
    }

    private List<Buffer> write(Session session, int count, long seed) {
        Random random = new Random(seed);
        SendFlow flow = flow(session, SendFlow.Priority.COMMAND);
        List<Buffer> messages = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            byte[] bytes = new byte[random.nextInt(10) == 0 ? random.nextInt(20_000) : random.nextInt(300)];
            random.nextBytes(bytes);
            messages.add(Buffer.buffer(bytes));
            session.write(flow, messages.get(i), Delivery.RELIABLE, world.now);
        }
        return messages;
    }

    @Test
    void aFlowEndsAfterItsLastMessage() {
        world.connect(client, server);
        SendFlow flow = flow(client.session(), SendFlow.Priority.DATA);
        client.session().write(flow, Buffer.buffer("last"), Delivery.RELIABLE, world.now);
        client.session().finish(flow);
        world.run(1_000);
        assertThat(server.received()).containsExactly(Buffer.buffer("last"));
        assertThat(server.inside(SessionEvent.FlowFinished.class)).hasSize(1);
        SendFlow late = flow(client.session(), SendFlow.Priority.DATA);
        client.session().write(late, Buffer.buffer("x"), Delivery.RELIABLE, world.now);
        world.run(300);
        client.session().finish(late);
        world.run(1_000);
        assertThat(server.inside(SessionEvent.FlowFinished.class)).hasSize(2);
    }

    @ParameterizedTest
    @CsvSource({"0, 100, 299", "0.05, 50, 200", "0.2, 100, 30", "0.4, 30, 5"})
    void liveMediaNeverLagMoreThanTheirDeadline(double loss, int latency, int least) {
        int deadline = 1_000;
        world.connect(client, server);
        world.weather = new World.Weather(loss, 0, loss / 2, latency);
        SendFlow flow = flow(server.session(), SendFlow.Priority.VIDEO);
        List<Long> lags = new ArrayList<>();
        world.onMessage = (host, m) -> lags.add(world.now - m.message().getLong(0));
        for (int frame = 0; frame < 300; frame++) {
            Buffer message = Buffer.buffer(new byte[frame % 25 == 0 ? 12_000 : 2_000]);
            message.setLong(0, world.now);
            server.session().write(flow, message, Delivery.by(world.now + deadline), world.now);
            world.run(40);
        }
        world.run(10_000);
        // a frame that left just in time takes the way, and waits for what overtook it
        assertThat(lags).allMatch(lag -> lag <= deadline + 2L * latency + 500);
        assertThat(lags).hasSizeGreaterThan(least);
    }

    @Test
    void whatDependsOnAnAbandonedMessageFallsWithIt() {
        world.connect(client, server);
        SendFlow flow = flow(server.session(), SendFlow.Priority.VIDEO);
        world.weather = new World.Weather(1, 0, 0, 5);
        Delivery soon = Delivery.by(world.now + 100);
        Buffer big = Buffer.buffer(new byte[200_000]);
        server.session().write(flow, big, Delivery.RELIABLE, world.now);
        Receipt first = server.session().write(flow, Buffer.buffer("a"), soon, world.now);
        Receipt second =
                server.session().write(flow, Buffer.buffer("b"), Delivery.RELIABLE.dependentOnPrevious(), world.now);
        Receipt key = server.session().write(flow, Buffer.buffer("key"), Delivery.RELIABLE, world.now);
        world.run(1_000);
        world.weather = World.Weather.FINE;
        world.run(20_000);
        assertThat(first.isAbandoned()).isTrue();
        assertThat(second.isAbandoned()).isTrue();
        assertThat(key.isDelivered()).isTrue();
        assertThat(client.received()).containsExactly(big, Buffer.buffer("key"));
    }

    @Test
    void aClientThatMovesEveryTwoSecondsLosesNothing() {
        world.connect(client, server);
        List<Buffer> down = new ArrayList<>();
        List<Buffer> up = new ArrayList<>();
        SendFlow toClient = flow(server.session(), SendFlow.Priority.COMMAND);
        SendFlow toServer = flow(client.session(), SendFlow.Priority.COMMAND);
        for (int i = 0; i < 200; i++) {
            if (i % 20 == 19) {
                client.rebind(6_000 + i);
            }
            down.add(Buffer.buffer("down" + i));
            up.add(Buffer.buffer("up" + i));
            server.session().write(toClient, down.get(i), Delivery.RELIABLE, world.now);
            client.session().write(toServer, up.get(i), Delivery.RELIABLE, world.now);
            world.run(100);
        }
        world.run(20_000);
        assertThat(client.received()).isEqualTo(down);
        assertThat(server.received()).isEqualTo(up);
        assertThat(server.inside(SessionEvent.AddressChanged.class)).hasSize(10);
        assertThat(server.session().peer()).isEqualTo(client.address);
    }

    @Test
    void aPeerThatStopsIsNoticed() {
        world.connect(client, server);
        client.dead = true;
        assertThat(world.run(46_000, () -> server.closed().isPresent())).isTrue();
        assertThat(server.closed()).contains("the far end is silent");
        world.run(1_000);
        assertThat(server.endpoint.sessionCount()).isZero();
    }

    @Test
    void anIdleSessionStaysForHours() {
        world.connect(client, server);
        world.run(4 * 3_600_000);
        assertThat(server.closed()).isEmpty();
        assertThat(client.closed()).isEmpty();
        assertThat(world.datagrams).isLessThan(2 * 4 * 3_600 / 10 * 2);
    }

    @Test
    void closingEndsBothSides() {
        world.connect(client, server);
        server.endpoint.close(world.now);
        world.run(1_000);
        assertThat(client.closed()).contains("the far end closed");
        world.run(100_000);
        assertThat(server.endpoint.sessionCount()).isZero();
        assertThat(client.endpoint.sessionCount()).isZero();
    }

    @Test
    void aNewSessionWithTheSameCertificateOverridesTheOld() {
        world.connect(client, server);
        Session old = server.session();
        client.endpoint.open(Epd.ofUri("again"), List.of(server.address), world.now);
        world.run(30_000, () -> client.session() != null && server.session() != old);
        client.session().keepAlive(1_000);
        world.run(5_000);
        assertThat(old.isOpen()).isFalse();
        assertThat(server.session().isOpen()).isTrue();
        assertThat(server.endpoint.sessionCount()).isEqualTo(1);
    }

    @Test
    void aRefusedFlowEndsAtItsSender() {
        world.connect(client, server);
        SendFlow flow = flow(client.session(), SendFlow.Priority.DATA);
        client.session().write(flow, Buffer.buffer("x"), Delivery.RELIABLE, world.now);
        world.run(500);
        RecvFlow far = server.inside(SessionEvent.FlowOpened.class).get(0).flow();
        server.session().reject(far, 7);
        world.run(500);
        assertThat(client.inside(SessionEvent.FlowRefused.class))
                .extracting(SessionEvent.FlowRefused::code)
                .containsExactly(7L);
        assertThat(client.session()
                        .write(flow, Buffer.buffer("y"), Delivery.RELIABLE, world.now)
                        .isAbandoned())
                .isTrue();
    }

    @Test
    void aFlowAnswersTheFlowItIsAssociatedWith() {
        world.connect(client, server);
        SendFlow ask = flow(client.session(), SendFlow.Priority.COMMAND);
        client.session().write(ask, Buffer.buffer("?"), Delivery.RELIABLE, world.now);
        world.run(500);
        SendFlow answer = server.session().openFlow(METADATA, Optional.of(ask.id()), SendFlow.Priority.COMMAND);
        server.session().write(answer, Buffer.buffer("!"), Delivery.RELIABLE, world.now);
        SendFlow stray = server.session().openFlow(METADATA, Optional.of(99L), SendFlow.Priority.COMMAND);
        server.session().write(stray, Buffer.buffer("!"), Delivery.RELIABLE, world.now);
        world.run(500);
        assertThat(client.inside(SessionEvent.FlowOpened.class))
                .extracting(e -> e.flow().association())
                .containsExactly(Optional.of(ask.id()));
        assertThat(server.inside(SessionEvent.FlowRefused.class))
                .extracting(SessionEvent.FlowRefused::flow)
                .containsExactly(stray);
    }

    @Test
    void aRedirectorSendsTheClientOn() {
        World.Host other = world.host(Identity.server(world.random), 1936);
        server.endpoint.redirectAll(List.of(new Address(other.address, Address.OBSERVED)));
        client.endpoint.open(Epd.ofUri("x"), List.of(server.address), world.now);
        assertThat(world.run(10_000, client::isOpen)).isTrue();
        assertThat(client.session().peer()).isEqualTo(other.address);
    }

    @Test
    void twoWhoCallEachOtherAtOnceEndWithOneSession() {
        World.Host a = world.client(7001);
        World.Host b = world.client(7002);
        Buffer ofA = fingerprint(a);
        Buffer ofB = fingerprint(b);
        a.events.clear();
        b.events.clear();
        a.endpoint.open(Epd.ofFingerprint(ofB), List.of(b.address), world.now);
        b.endpoint.open(Epd.ofFingerprint(ofA), List.of(a.address), world.now);
        assertThat(world.run(5_000, () -> a.isOpen() || b.isOpen())).isTrue();
        Session one = a.isOpen() ? a.session() : b.session();
        one.keepAlive(1_000);
        world.run(5_000);
        assertThat(a.session().isInitiator()).isNotEqualTo(b.session().isInitiator());
    }

    private Buffer fingerprint(World.Host host) {
        // what a rendezvous would know from the host's session with it
        world.connect(host, server);
        return server.session().farCertificate().fingerprint();
    }

    @Test
    void aForwarderIntroducesTwoClients() {
        World.Host target = world.client(7003);
        Buffer peerId = fingerprint(target);
        client.endpoint.open(Epd.ofFingerprint(peerId), List.of(server.address), world.now);
        world.run(2_500);
        List<RtmfpEndpoint.Event.IntroductionWanted> wanted = server.events.stream()
                .filter(e -> e instanceof RtmfpEndpoint.Event.IntroductionWanted)
                .map(e -> (RtmfpEndpoint.Event.IntroductionWanted) e)
                .toList();
        assertThat(wanted).hasSize(2).allMatch(w -> w.fingerprint().equals(peerId));
        RtmfpEndpoint.Event.IntroductionWanted last = wanted.get(1);
        Session known = server.endpoint.session(peerId).orElseThrow();
        server.endpoint.forward(known, last.from(), last.tag());
        assertThat(world.run(10_000, client::isOpen)).isTrue();
        assertThat(client.session().peer()).isEqualTo(target.address);
        assertThat(client.session().farCertificate().fingerprint()).isEqualTo(peerId);
    }

    @Test
    void aCookieGivenToAnotherAddressIsChanged() {
        client.endpoint.open(Epd.ofUri("x"), List.of(server.address), world.now);
        world.run(6); // the hello has arrived, the answer is under way
        client.rebind(5_001);
        client.rebind(5_002);
        world.hosts.put(World.at(5000), client);
        assertThat(world.run(10_000, client::isOpen)).isTrue();
        client.session().keepAlive(1_000);
        assertThat(world.run(5_000, server::isOpen)).isTrue();
        assertThat(server.session().peer()).isEqualTo(World.at(5_002));
    }

    @Test
    void anOpeningThatNobodyAnswersFails() {
        int opening = client.endpoint.open(Epd.ofUri("x"), List.of(World.at(9)), world.now);
        world.run(100_000);
        assertThat(client.events).containsExactly(new RtmfpEndpoint.Event.OpeningFailed(opening));
    }
}
