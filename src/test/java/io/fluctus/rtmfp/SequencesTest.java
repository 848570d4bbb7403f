package io.fluctus.rtmfp;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.buffer.Buffer;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Chunks at the wrong time, of the wrong role or twice; and the small judges of the room by themselves. */
class SequencesTest {
    private static final Buffer COOKIE = Captures.hex("c0".repeat(64));
    private static final InetSocketAddress SERVER = World.at(1935);
    private static final InetSocketAddress ELSEWHERE = World.at(1936);

    private final Random random = new Random(11);
    private final Identity client = Identity.client(random);
    private final Identity server = Identity.server(random);
    private final List<Chunk> sent = new ArrayList<>();
    private final List<InetSocketAddress> targets = new ArrayList<>();
    private final InitiatorHandshake opening = new InitiatorHandshake(
            7,
            Epd.ofUri("rtmfp://x/y"),
            client,
            (id, chunk, to) -> {
                sent.add(chunk);
                targets.add(to);
            },
            random,
            0);

    private Chunk.RHello hello() {
        return new Chunk.RHello(opening.tag(), COOKIE, server.certificate().encoded());
    }

    private Chunk.RIKeying answer(Buffer publicValue) {
        Buffer component = Keying.responder(DhGroup.MODP_1024, Negotiation.OFFER.answer(), publicValue);
        return new Chunk.RIKeying(99, component, Certificate.SIGNATURE);
    }

    @Test
    void helloIsRepeatedLaterEachTimeToEveryCandidate() {
        opening.addCandidate(SERVER, 0);
        opening.addCandidate(ELSEWHERE, 0);
        opening.addCandidate(SERVER, 0);
        List<Long> times = new ArrayList<>();
        for (long now = 0; now < 12_000; now += 100) {
            int before = sent.size();
            opening.tick(now);
            if (sent.size() > before) {
                times.add(now);
                assertThat(sent.size()).isEqualTo(before + 2);
            }
        }
        assertThat(times).containsExactly(0L, 1_000L, 3_500L, 7_500L);
        assertThat(opening.tick(Params.OPENING_LIMIT)).isFalse();
    }

    @Test
    void onlyTheFirstGoodHelloBeginsTheKeying() {
        opening.addCandidate(SERVER, 0);
        opening.receive(hello(), SERVER, 10);
        opening.receive(hello(), ELSEWHERE, 11);
        assertThat(sent).hasSize(1).first().isInstanceOf(Chunk.IIKeying.class);
        assertThat(targets).containsExactly(SERVER);
    }

    @Test
    void aHelloThatTheDiscriminatorDoesNotSelectIsIgnored() {
        Chunk.RHello wrong =
                new Chunk.RHello(opening.tag(), COOKIE, client.certificate().encoded());
        opening.receive(wrong, SERVER, 10);
        assertThat(sent).isEmpty();
    }

    @Test
    void redirectsAreFollowedUntilSomebodyAnswersAndAreBounded() {
        for (int port = 1; port < 60; port++) {
            Address address = new Address(World.at(port), Address.OBSERVED);
            opening.receive(new Chunk.Redirect(opening.tag(), List.of(address)), SERVER, 0);
        }
        opening.tick(0);
        assertThat(sent).hasSize(Params.MAX_REDIRECTS);
        opening.receive(hello(), SERVER, 10);
        sent.clear();
        opening.receive(new Chunk.Redirect(opening.tag(), List.of()), ELSEWHERE, 20);
        opening.tick(30);
        assertThat(sent).isEmpty();
    }

    @Test
    void aCookieIsChangedOnceAndOnlyForTheOldOne() {
        opening.receive(hello(), SERVER, 10);
        Buffer second = Captures.hex("c1".repeat(64));
        opening.receive(new Chunk.RHelloCookieChange(second, COOKIE), ELSEWHERE, 20);
        assertThat(sent).hasSize(1);
        opening.receive(new Chunk.RHelloCookieChange(COOKIE, second), ELSEWHERE, 20);
        assertThat(sent).hasSize(2);
        assertThat(((Chunk.IIKeying) sent.get(1)).cookie()).isEqualTo(second);
        assertThat(targets.get(1)).isEqualTo(ELSEWHERE);
        opening.receive(new Chunk.RHelloCookieChange(second, COOKIE), SERVER, 30);
        assertThat(sent).hasSize(2);
    }

    @Test
    void aKeyingAheadOfTheHelloOrASecondOneIsIgnored() {
        Buffer value = DhGroup.MODP_1024.generate(random).publicValue();
        assertThat(opening.receive(answer(value), SERVER)).isEmpty();
        opening.receive(hello(), SERVER, 10);
        Optional<Agreement> agreement = opening.receive(answer(value), SERVER);
        assertThat(agreement).isPresent();
        assertThat(opening.receive(answer(value), SERVER)).isEmpty();
        assertThat(opening.deliver(agreement.get().compute(random))).isPresent();
        assertThat(opening.deliver(agreement.get().compute(random))).isEmpty();
    }

    @Test
    void aBadPublicValueOfTheResponderLeavesRoomForAGoodOne() {
        opening.receive(hello(), SERVER, 10);
        Agreement bad = opening.receive(answer(Captures.hex("01")), SERVER).orElseThrow();
        assertThat(opening.deliver(bad.compute(random))).isEmpty();
        Buffer value = DhGroup.MODP_1024.generate(random).publicValue();
        Agreement good = opening.receive(answer(value), SERVER).orElseThrow();
        assertThat(opening.deliver(good.compute(random))).isPresent();
    }

    @Test
    void earlyPacketsAreKeptUpToEighteen() {
        Datagram packet = new Datagram(SERVER, Buffer.buffer("x"));
        opening.keepEarly(packet);
        assertThat(opening.early()).isEmpty();
        opening.receive(hello(), SERVER, 10);
        for (int i = 0; i < 100; i++) {
            opening.keepEarly(packet);
        }
        assertThat(opening.early()).hasSize(Params.MAX_EARLY_PACKETS);
    }

    // -- sessions

    private final List<SessionEvent> events = new ArrayList<>();
    private final SessionKeys keys = SessionKeys.derive(Captures.hex("01"), Captures.hex("02"), Captures.hex("03"));
    private final Session session = new Session(
            new Session.Terms(
                    Packet.RESPONDER,
                    1,
                    2,
                    keys.cipher(false, Negotiation.OFFER, Negotiation.OFFER),
                    keys,
                    client.certificate()),
            World.at(5000),
            new TimeCritical(),
            0);

    private void receive(int mode, Chunk... chunks) {
        session.receive(Packet.of(mode, 1, Packet.NONE, List.of(chunks)), World.at(5000), 100, events);
    }

    private List<Chunk> answers(long now) {
        PacketCipher far = keys.cipher(true, Negotiation.OFFER, Negotiation.OFFER);
        List<Chunk> answers = new ArrayList<>();
        for (Datagram out : World.poll(session, now)) {
            answers.addAll(Packet.decode(far.open(out.bytes()).orElseThrow()).chunks());
        }
        return answers;
    }

    @Test
    void packetsOfTheWrongModeAreIgnored() {
        for (int mode : new int[] {0, Packet.RESPONDER, Packet.STARTUP}) {
            receive(mode, new Chunk.Close());
        }
        assertThat(session.isOpen()).isTrue();
        receive(Packet.INITIATOR, new Chunk.Close());
        assertThat(session.isOpen()).isFalse();
    }

    @Test
    void aPingIsAnsweredWithItsOwnMessage() {
        receive(Packet.INITIATOR, new Chunk.Ping(Buffer.buffer("M123")), new Chunk.Ping(Buffer.buffer()));
        assertThat(answers(100))
                .containsExactly(new Chunk.PingReply(Buffer.buffer("M123")), new Chunk.PingReply(Buffer.buffer()));
    }

    @Test
    void aFloodOfPingsIsAnsweredWithinTheLimit() {
        for (int i = 0; i < 10_000; i++) {
            receive(Packet.INITIATOR, new Chunk.Ping(Buffer.buffer("x")));
        }
        assertThat(answers(100)).hasSize(Params.MAX_CONTROL_QUEUE);
    }

    @Test
    void aPingThatFitsInNoPacketIsNotAnswered() {
        receive(Packet.INITIATOR, new Chunk.Ping(Buffer.buffer(new byte[2_000])), new Chunk.Ping(Buffer.buffer("x")));
        assertThat(answers(100)).containsExactly(new Chunk.PingReply(Buffer.buffer("x")));
    }

    @Test
    void closeIsAcknowledgedEachTimeAndToldOnce() {
        receive(Packet.INITIATOR, new Chunk.Close());
        assertThat(answers(100)).containsExactly(new Chunk.CloseAck());
        receive(Packet.INITIATOR, new Chunk.Close());
        assertThat(answers(100)).containsExactly(new Chunk.CloseAck());
        assertThat(events).containsExactly(new SessionEvent.Closed("the far end closed", true));
        receive(Packet.INITIATOR, new Chunk.Ping(Buffer.buffer("late")));
        assertThat(answers(100)).isEmpty();
        session.tick(Params.FAR_CLOSE_LINGER + 100, events);
        assertThat(session.isClosed()).isTrue();
    }

    @Test
    void ourCloseIsRepeatedUntilItIsAcknowledged() {
        session.close(1_000);
        List<Long> times = new ArrayList<>();
        for (long now = 1_000; now < 17_000; now += 500) {
            if (answers(now).contains(new Chunk.Close())) {
                times.add(now);
            }
        }
        assertThat(times).containsExactly(1_000L, 6_000L, 11_000L, 16_000L);
        receive(Packet.INITIATOR, new Chunk.CloseAck());
        assertThat(session.isClosed()).isTrue();
        assertThat(session.deadline()).isEqualTo(Long.MAX_VALUE);
        assertThat(events).isEmpty();
    }

    @Test
    void aCloseThatNobodyAcknowledgesEndsByItself() {
        session.close(1_000);
        session.tick(1_000 + Params.NEAR_CLOSE, events);
        assertThat(session.isClosed()).isTrue();
    }

    @Test
    void nextUserDataMustFollowUserDataInTheSamePacket() {
        List<Option> options = List.of(Option.of(Chunk.UserData.METADATA, Captures.hex("54430400")));
        Chunk.UserData first = new Chunk.UserData(0x80, 5, 1, 1, options, Buffer.buffer("a"));
        Chunk.NextUserData next = new Chunk.NextUserData(0, List.of(), Buffer.buffer("b"));
        receive(Packet.INITIATOR, next, first, next, new Chunk.Ping(Buffer.buffer()), next);
        assertThat(events.stream()
                        .filter(e -> e instanceof SessionEvent.MessageReceived)
                        .map(e -> ((SessionEvent.MessageReceived) e).message().toString()))
                .containsExactly("a", "b");
    }

    @Test
    void theTwoHundredAndFiftySeventhFlowIsRefused() {
        List<Option> options = List.of(Option.of(Chunk.UserData.METADATA, Captures.hex("54430400")));
        for (int id = 2; id < 2 + Params.MAX_FLOWS; id++) {
            receive(Packet.INITIATOR, new Chunk.UserData(0x80, id, 1, 1, options, Buffer.buffer("a")));
        }
        assertThat(answers(100)).noneMatch(c -> c instanceof Chunk.ExceptionReport);
        receive(Packet.INITIATOR, new Chunk.UserData(0x80, 999, 1, 1, options, Buffer.buffer("a")));
        assertThat(answers(100)).contains(new Chunk.ExceptionReport(999, 0));
    }

    @Test
    void aFlowWithoutMetadataIsRefused() {
        receive(Packet.INITIATOR, new Chunk.UserData(0, 4, 1, 1, List.of(), Buffer.buffer("a")));
        assertThat(answers(100)).contains(new Chunk.ExceptionReport(4, 0));
        assertThat(events).isEmpty();
    }

    // -- judges

    @Test
    void cookiesAreBoundToAddressAndTime() {
        Cookies cookies = new Cookies(Buffer.buffer("secret"), random);
        Buffer cookie = cookies.bake(SERVER, 50_000);
        Object[][] table = {
            {SERVER, 50_000L, Cookies.Verdict.GOOD},
            {SERVER, 145_000L, Cookies.Verdict.GOOD},
            {SERVER, 145_001L, Cookies.Verdict.BAD},
            {SERVER, 49_500L, Cookies.Verdict.GOOD},
            {SERVER, 40_000L, Cookies.Verdict.BAD},
            {ELSEWHERE, 50_000L, Cookies.Verdict.OTHER_ADDRESS},
        };
        for (Object[] row : table) {
            assertThat(cookies.check(cookie, (InetSocketAddress) row[0], (Long) row[1]))
                    .isEqualTo(row[2]);
        }
        assertThat(new Cookies(Buffer.buffer("other"), random).check(cookie, SERVER, 50_000))
                .isEqualTo(Cookies.Verdict.BAD);
        assertThat(cookies.bake(SERVER, 50_000)).isNotEqualTo(cookie);
    }

    @Test
    void usedCookiesAreForgottenWhenTheyAreTooOldToBeGood() {
        Cookies cookies = new Cookies(Buffer.buffer("secret"), random);
        HalfOpen halfOpen = new HalfOpen();
        Buffer first = cookies.bake(SERVER, 0);
        ResponderHandshake handshake = handshake(first, 1, 0);
        halfOpen.begin(handshake, 0);
        assertThat(halfOpen.mayBegin(first, SERVER.getAddress())).isFalse();
        halfOpen.remove(handshake);
        assertThat(halfOpen.mayBegin(first, SERVER.getAddress()))
                .as("even when its session has begun")
                .isFalse();
        halfOpen.begin(handshake(cookies.bake(SERVER, 96_000), 2, 96_000), 96_000);
        assertThat(halfOpen.mayBegin(first, SERVER.getAddress()))
                .as("its time tells by then")
                .isTrue();
        assertThat(halfOpen.size()).isEqualTo(1);
    }

    private ResponderHandshake handshake(Buffer cookie, int id, long now) {
        Buffer component = Keying.initiator(DhGroup.MODP_1024, Negotiation.OFFER, Keying.randomness(random));
        Chunk.IIKeying keying =
                new Chunk.IIKeying(5, cookie, client.certificate().encoded(), component, Certificate.SIGNATURE);
        return new ResponderHandshake(id, keying, SERVER, server, now);
    }

    @Test
    void aSessionTellsOfTimeCriticalDataThatOthersReceive() {
        TimeCritical critical = new TimeCritical();
        assertThat(critical.reverse(1, 0)).isFalse();
        critical.received(1, 1_000);
        assertThat(critical.reverse(1, 1_000)).isFalse();
        assertThat(critical.reverse(2, 1_800)).isTrue();
        assertThat(critical.reverse(2, 1_801)).isFalse();
        critical.received(2, 2_000);
        critical.received(1, 2_100);
        assertThat(critical.reverse(1, 2_100)).isTrue();
        critical.sent(3_000);
        assertThat(critical.isSending(3_800)).isTrue();
        assertThat(critical.isSending(3_801)).isFalse();
    }

    @Test
    void aBudgetIsNeverOverdrawn() {
        Budget budget = new Budget(100);
        assertThat(budget.take(60)).isTrue();
        assertThat(budget.take(41)).isFalse();
        assertThat(budget.take(40)).isTrue();
        budget.give(60);
        assertThat(budget.left()).isEqualTo(60);
    }
}
