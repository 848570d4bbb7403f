package io.fluctus.rtmfp;

import static org.assertj.core.api.Assertions.assertThat;

import io.fluctus.wire.ByteReader;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Flows by themselves: fragments and ranges, forwards and windows, and the sums of congestion control. */
class FlowsTest {
    private static final Buffer METADATA = Captures.hex("54430400");
    private static final int WHOLE = Chunk.UserData.WHOLE;
    private static final int BEGIN = Chunk.UserData.BEGIN;
    private static final int MIDDLE = Chunk.UserData.MIDDLE;
    private static final int END = Chunk.UserData.END;

    private final Budget budget = new Budget(Params.SESSION_RECEIVE_BUFFER);
    private final RecvFlow flow = new RecvFlow(2, METADATA, Optional.empty(), budget);

    private static List<Chunk.UserData> assemble(SendFlow flow, Outstanding outstanding, long now) {
        List<Chunk.UserData> sent = new ArrayList<>();
        Outgoing out = new Outgoing().begin(0, Packet.NONE, Packet.NONE);
        while (flow.assemble(out, Params.MAX_SESSION_PACKET, outstanding, now)) {
            outstanding.packetDone();
            ByteReader in = new ByteReader(out.content());
            in.skip(1);
            while (in.hasRemaining()) {
                Chunk chunk = Chunk.decode(in);
                if (chunk instanceof Chunk.UserData data) {
                    sent.add(data);
                } else if (chunk instanceof Chunk.NextUserData next) {
                    Chunk.UserData last = sent.get(sent.size() - 1);
                    long sequence = last.sequence() + 1;
                    sent.add(new Chunk.UserData(
                            next.flags(),
                            last.flowId(),
                            sequence,
                            sequence - last.forwardSequence(),
                            List.of(),
                            next.data()));
                }
            }
            out.begin(0, Packet.NONE, Packet.NONE);
        }
        return sent;
    }

    @Test
    void theFirstChunksCarryMetadataThenTheAssociation() {
        // pitfall 9
        SendFlow send = new SendFlow(7, METADATA, Optional.of(2L), SendFlow.Priority.COMMAND);
        send.write(Buffer.buffer("a"), Delivery.RELIABLE, 0);
        Outstanding outstanding = new Outstanding();
        Chunk.UserData first = assemble(send, outstanding, 0).get(0);
        assertThat(Captures.hex(Option.encode(first.options()))).isEqualTo("050054430400020a02");
        assertThat(first.sequence()).isEqualTo(1);
        assertThat(first.forwardSequence()).isZero();
        send.write(Buffer.buffer("b"), Delivery.RELIABLE, 0);
        assertThat(assemble(send, outstanding, 0).get(0).options())
                .as("until acknowledged")
                .hasSize(2);
        send.acknowledge(new Chunk.AckRanges(7, 100, 1, List.of()), outstanding, 0);
        send.write(Buffer.buffer("c"), Delivery.RELIABLE, 0);
        assertThat(assemble(send, outstanding, 0).get(0).options()).isEmpty();
    }

    @Test
    void noPacketIsLongerThanTheFlashWorldTakes() {
        SendFlow send = new SendFlow(1L << 40, METADATA, Optional.of(1L << 40), SendFlow.Priority.COMMAND);
        Buffer message = Buffer.buffer(new byte[40_000]);
        send.write(message, Delivery.RELIABLE, 0);
        Outgoing out = new Outgoing().begin(0x02, 1, 1);
        assertThat(send.assemble(out, Params.MAX_SESSION_PACKET, new Outstanding(), 0))
                .isTrue();
        Buffer datagram = PacketCipher.startup().seal(1, out.content());
        assertThat(datagram.length()).isLessThanOrEqualTo(1192);
    }

    @ParameterizedTest
    @EnumSource(RecvFlow.Order.class)
    void fragmentsInAnyOrderBecomeTheSameMessages(RecvFlow.Order order) {
        Random random = new Random(5);
        for (int round = 0; round < 100; round++) {
            SendFlow send = new SendFlow(2, METADATA, Optional.empty(), SendFlow.Priority.DATA);
            List<Buffer> messages = new ArrayList<>();
            for (int i = 0; i < 10; i++) {
                byte[] bytes = new byte[random.nextInt(6_000)];
                random.nextBytes(bytes);
                messages.add(Buffer.buffer(bytes));
                send.write(messages.get(i), Delivery.RELIABLE, 0);
            }
            List<Chunk.UserData> fragments = new ArrayList<>(assemble(send, new Outstanding(), 0));
            fragments.addAll(fragments.subList(0, fragments.size() / 2));
            Collections.shuffle(fragments, random);
            RecvFlow receive = new RecvFlow(2, METADATA, Optional.empty(), budget);
            receive.order(order);
            List<Buffer> received = new ArrayList<>();
            fragments.forEach(f -> received.addAll(receive(receive, f)));
            if (order == RecvFlow.Order.SEQUENCE) {
                assertThat(received).isEqualTo(messages);
            } else {
                assertThat(received).containsExactlyInAnyOrderElementsOf(messages);
            }
            assertThat(budget.used()).isZero();
        }
    }

    private static List<Buffer> receive(RecvFlow flow, Chunk.UserData data) {
        return flow.receive(data.flags(), data.sequence(), data.forwardSequence(), data.data())
                .messages();
    }

    private List<Buffer> receive(int flags, long sequence, long forward, String data) {
        return flow.receive(flags, sequence, forward, Buffer.buffer(data)).messages();
    }

    @Test
    void aForwardSequenceNumberPassesOverHoles() {
        assertThat(receive(WHOLE, 3, 0, "c")).isEmpty();
        assertThat(receive(END, 5, 0, "e2")).isEmpty();
        assertThat(receive(WHOLE, 6, 2, "f")).containsExactly(Buffer.buffer("c"));
        assertThat(receive(WHOLE, 7, 4, "g")).containsExactly(Buffer.buffer("f"), Buffer.buffer("g"));
        assertThat(flow.acknowledgement().cumulativeAck()).isEqualTo(7);
        assertThat(budget.used()).isZero();
    }

    @Test
    void aMessageWithAnAbandonedOrMissingFragmentIsNotGivenUp() {
        assertThat(receive(BEGIN, 1, 0, "a")).isEmpty();
        assertThat(receive(MIDDLE | Chunk.UserData.ABANDON, 2, 0, "")).isEmpty();
        assertThat(receive(END, 3, 0, "c")).isEmpty();
        assertThat(receive(BEGIN, 4, 0, "d")).isEmpty();
        assertThat(receive(END, 6, 5, "f")).isEmpty();
        assertThat(receive(MIDDLE, 7, 5, "stray")).isEmpty();
        assertThat(receive(WHOLE, 8, 5, "g")).containsExactly(Buffer.buffer("g"));
        assertThat(budget.used()).isZero();
    }

    @Test
    void deadFragmentsAreForgottenWhereOrderDoesNotMatter() {
        flow.order(RecvFlow.Order.AS_SOON_AS_POSSIBLE);
        receive(BEGIN, 1, 0, "a");
        receive(END, 3, 0, "c");
        receive(BEGIN, 5, 0, "e");
        assertThat(receive(WHOLE, 9, 0, "i")).containsExactly(Buffer.buffer("i"));
        assertThat(budget.used()).isPositive();
        assertThat(receive(END, 6, 4, "f")).containsExactly(Buffer.buffer("ef"));
        assertThat(budget.used()).isZero();
        assertThat(flow.acknowledgement().cumulativeAck()).isEqualTo(6);
        assertThat(flow.acknowledgement().ranges()).containsExactly(new Chunk.AckRanges.Range(1, 0));
    }

    @Test
    void acknowledgementsCountHolesAndIslands() {
        for (long sequence : new long[] {1, 2, 5, 6, 7, 9}) {
            receive(WHOLE, sequence, 0, "x");
        }
        Chunk.AckRanges ack = flow.acknowledgement();
        assertThat(ack.cumulativeAck()).isEqualTo(2);
        assertThat(ack.ranges()).containsExactly(new Chunk.AckRanges.Range(1, 2), new Chunk.AckRanges.Range(0, 0));
    }

    @Test
    void nothingFollowsTheFinalFragment() {
        receive(WHOLE | Chunk.UserData.FINAL, 2, 0, "b");
        assertThat(flow.isComplete()).isFalse();
        assertThat(receive(WHOLE, 3, 0, "beyond")).isEmpty();
        assertThat(receive(WHOLE, 1, 0, "a")).containsExactly(Buffer.buffer("a"), Buffer.buffer("b"));
        assertThat(flow.isComplete()).isTrue();
    }

    @Test
    void rangesAreASet() {
        Random random = new Random(8);
        Ranges ranges = new Ranges();
        TreeSet<Long> model = new TreeSet<>();
        long reached = 0;
        for (int i = 0; i < 20_000; i++) {
            long value = reached + 1 + random.nextInt(60);
            assertThat(ranges.add(value)).isEqualTo(model.add(value));
            if (i % 7 == 0) {
                long from = reached + random.nextInt(5);
                reached = ranges.advance(from);
                long expected = from;
                while (model.contains(expected + 1)) {
                    expected++;
                }
                long end = expected;
                model.removeIf(v -> v <= end);
                assertThat(reached).isEqualTo(expected);
            }
            assertThat(ranges.contains(value)).isEqualTo(model.contains(value));
        }
    }

    @Test
    void acknowledgementsOfWhatNeverLeftAreNotBelieved() {
        SendFlow send = new SendFlow(2, METADATA, Optional.empty(), SendFlow.Priority.DATA);
        Receipt receipt = send.write(Buffer.buffer("x"), Delivery.RELIABLE, 0);
        Outstanding outstanding = new Outstanding();
        send.acknowledge(new Chunk.AckRanges(2, 100, 50, List.of()), outstanding, 0);
        assertThat(receipt.isDelivered()).isFalse();
        assemble(send, outstanding, 0);
        send.acknowledge(new Chunk.AckRanges(2, 100, 50, List.of()), outstanding, 0);
        assertThat(receipt.isDelivered()).isTrue();
        assertThat(outstanding.bytes()).isZero();
    }

    @Test
    void anUnreliableMessageIsAbandonedAtItsFirstLoss() {
        SendFlow send = new SendFlow(2, METADATA, Optional.empty(), SendFlow.Priority.DATA);
        Delivery once = new Delivery(Long.MAX_VALUE, Long.MAX_VALUE, false, false);
        Receipt receipt = send.write(Buffer.buffer("x"), once, 0);
        Outstanding outstanding = new Outstanding();
        assemble(send, outstanding, 0);
        outstanding.takeAll().forEach(send::lost);
        assertThat(receipt.isAbandoned()).isTrue();
        Chunk.UserData again = assemble(send, outstanding, 1).get(0);
        assertThat(again.data().length()).isZero();
        assertThat(again.flags() & Chunk.UserData.ABANDON).isNotZero();
        assertThat(again.forwardSequence()).isEqualTo(1);
    }

    @Test
    void threeNegativeAcknowledgementsMakeALoss() {
        SendFlow send = new SendFlow(2, METADATA, Optional.empty(), SendFlow.Priority.DATA);
        Outstanding outstanding = new Outstanding();
        for (int i = 0; i < 5; i++) {
            send.write(Buffer.buffer("x"), Delivery.RELIABLE, 0);
            assemble(send, outstanding, 0);
        }
        for (int acked = 2; acked <= 4; acked++) {
            assertThat(outstanding.bytes()).isPositive();
            send.acknowledge(
                    new Chunk.AckRanges(2, 100, 0, List.of(new Chunk.AckRanges.Range(0, acked - 2))), outstanding, 0);
            Outstanding.Naks naks = outstanding.negativeAcknowledge();
            assertThat(naks.anyNaks()).isTrue();
            assertThat(naks.lost()).hasSize(acked == 4 ? 1 : 0);
            naks.lost().forEach(send::lost);
        }
        assertThat(assemble(send, outstanding, 0))
                .extracting(Chunk.UserData::sequence)
                .containsExactly(1L);
    }

    // -- congestion

    private static CongestionControl.Report report(int before, int after, boolean loss) {
        return new CongestionControl.Report(before, after, before - after, loss, loss);
    }

    @Test
    void aLossHalvesTheWindowOnceForEachFlight() {
        CongestionControl control = new CongestionControl();
        for (int i = 0; i < 50; i++) {
            control.acknowledged(report(control.window(), control.window() - 1_100, false), false, i);
        }
        int before = control.window();
        assertThat(before).isBetween(50_000, 67_000);
        control.acknowledged(report(before, before - 10_000, true), false, 100);
        assertThat(control.window()).isBetween(before / 2 - 1, before / 2 + 1);
        control.acknowledged(report(before - 10_000, before - 20_000, true), false, 101);
        assertThat(control.window()).isGreaterThan(before / 2 - 2);
    }

    @Test
    void timeCriticalDataLosesAnEighthAndOthersGrowSlowlyBesideThem() {
        CongestionControl critical = new CongestionControl();
        critical.sent(1, true, 0);
        for (int i = 0; i < 300; i++) {
            critical.acknowledged(report(critical.window(), critical.window() - 1_100, false), false, i);
        }
        int before = critical.window();
        critical.acknowledged(report(before, before - 1_000, true), false, 301);
        assertThat(critical.window()).isEqualTo(before - before / 8);

        CongestionControl fast = new CongestionControl();
        CongestionControl slow = new CongestionControl();
        for (int i = 0; i < 100; i++) {
            fast.acknowledged(report(fast.window(), fast.window() - 1_100, false), false, i);
            slow.timeCriticalReverse(i);
            slow.acknowledged(report(slow.window(), slow.window() - 1_100, false), false, i);
        }
        assertThat(slow.window()).isLessThan(fast.window() / 4);
    }

    @Test
    void aTimeoutFallsToTwoSegmentsAndABurstIsSixPackets() {
        CongestionControl control = new CongestionControl();
        control.timedOut(true);
        assertThat(control.window()).isEqualTo(Params.CWND_TIMEDOUT);
        control.timedOut(false);
        assertThat(control.window()).isEqualTo(Params.CWND_INIT);
        control.sent(Params.MAX_BURST, false, 0);
        assertThat(control.maySend(0, 2, 0)).as("near enough to need no limit").isTrue();
        assertThat(control.maySend(0, 100, 0)).isFalse();
        assertThat(control.burstDeadline()).isPositive();
        assertThat(control.tick(100, control.burstDeadline())).isTrue();
        assertThat(control.maySend(0, 100, 200)).isTrue();
    }

    @Test
    void roundTripsComeFromEchoes() {
        RoundTrip trip = new RoundTrip();
        assertThat(trip.erto()).isEqualTo(Params.INITIAL_ERTO);
        trip.received(100, Packet.ticks(1_000), 1_080);
        assertThat(trip.smoothed()).isEqualTo(80);
        assertThat(trip.erto()).isEqualTo(80 + 160 + 200);
        trip.received(100, Packet.ticks(1_000), 5_000);
        assertThat(trip.smoothed()).as("the same echo again says nothing").isEqualTo(80);
        assertThat(trip.echo(1_100)).isEqualTo(105);
        trip.sent(105);
        assertThat(trip.echo(1_100)).isEqualTo(Packet.NONE);
        for (int i = 0; i < 20; i++) {
            trip.backOff();
        }
        assertThat(trip.erto()).isEqualTo(Params.MAXIMUM_ERTO);
    }
}
