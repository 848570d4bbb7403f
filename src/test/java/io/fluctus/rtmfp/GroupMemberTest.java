package io.fluctus.rtmfp;

import static org.assertj.core.api.Assertions.assertThat;

import io.fluctus.media.MediaPacket;
import io.fluctus.media.MediaPacket.Kind;
import io.fluctus.rtmfp.GroupStream.Generosity;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What one member says to another, word by word, as librtmfp expects to hear it. */
class GroupMemberTest {
    private static final GroupSpec SPEC = GroupSpec.parse(GroupMessageTest.SPEC);
    private static final Buffer OURS = Crypto.sha256(Buffer.buffer("ours"));
    private static final Buffer KEY = Crypto.sha256(Buffer.buffer("key"));
    private static final long NOW = 1_000_000;

    /** The other end: everything that is said to it is written down. */
    private static final class Far implements GroupLink {
        final Buffer id = Crypto.sha256(Buffer.buffer("far"));
        final Map<Long, GroupFlow> flows = new HashMap<>();
        final Map<Long, Optional<Long>> associations = new HashMap<>();
        final List<Buffer> said = new ArrayList<>();
        final List<Long> rejected = new ArrayList<>();
        final List<Long> finished = new ArrayList<>();
        boolean closed;
        boolean initiator;
        int queued;
        private long last = 1;

        @Override
        public Buffer farPeer() {
            return id;
        }

        @Override
        public Address farAddress() {
            return Address.parse("127.0.0.1:35611")
                    .map(a -> new Address(a.socket(), Address.OBSERVED))
                    .orElseThrow();
        }

        @Override
        public Buffer nearNonce() {
            return Buffer.buffer("near");
        }

        @Override
        public Buffer farNonce() {
            return Buffer.buffer("far");
        }

        @Override
        public boolean isInitiator() {
            return initiator;
        }

        @Override
        public long open(GroupFlow kind, Optional<Long> association) {
            flows.put(++last, kind);
            associations.put(last, association);
            return last;
        }

        @Override
        public void write(long flow, Buffer message, Worth worth) {
            assertThat(flows).containsKey(flow);
            said.add(message);
        }

        @Override
        public void finish(long flow) {
            finished.add(flow);
        }

        @Override
        public void reject(long farFlow) {
            rejected.add(farFlow);
        }

        @Override
        public int queuedBytes() {
            return queued;
        }

        @Override
        public void close() {
            closed = true;
        }

        List<String> words() {
            return said.stream()
                    .filter(m -> m.getByte(0) != 0x20 && m.getByte(0) != 0x30)
                    .map(m -> GroupMessage.decode(m).getClass().getSimpleName())
                    .toList();
        }

        long fragments() {
            return said.stream().filter(m -> m.getByte(0) == 0x20).count();
        }

        long flow(GroupFlow kind) {
            return flows.entrySet().stream()
                    .filter(e -> e.getValue() == kind)
                    .map(Map.Entry::getKey)
                    .findFirst()
                    .orElseThrow();
        }
    }

    private final Far far = new Far();
    private final GroupMember member =
            new GroupMember(new GroupMember.Self(SPEC, OURS, Generosity.GATEWAY, 2), new Random(1));

    private void say(long flow, GroupMessage message) {
        member.message(far, flow, message.encode(), NOW);
    }

    private static GroupMessage.Hello hello() {
        return new GroupMessage.Hello(SPEC.hexId(), SPEC.proof(Buffer.buffer("near")), OURS);
    }

    private static GroupMessage.Report report() {
        Address address = Address.parse("127.0.0.1:1935").orElseThrow();
        return new GroupMessage.Report(address, List.of(), List.of());
    }

    /** The far end began: its main flow is 2. */
    private void greet() {
        member.linked(far);
        member.flowOpened(far, 2, GroupFlow.REPORT, Optional.empty());
        say(2, hello());
        say(2, new GroupMessage.Ready());
        say(2, new GroupMessage.Begin());
    }

    @Test
    void theResponderAnswersAHelloWithItsOwnAndReportsFirst() {
        greet();
        assertThat(far.words()).containsExactly("Hello", "Ready", "Begin", "Report");
        assertThat(far.associations.get(2L)).contains(2L);
        assertThat(far.said.get(0))
                .isEqualTo(new GroupMessage.Hello(SPEC.hexId(), SPEC.proof(Buffer.buffer("far")), far.id).encode());
        assertThat(member.takeEvents()).containsExactly(new GroupEvent.NeighbourCame(far.id));
    }

    @Test
    void theInitiatorSpeaksFirst() {
        far.initiator = true;
        member.linked(far);
        assertThat(far.words()).containsExactly("Hello", "Ready", "Begin");
        assertThat(far.associations.get(2L)).isEmpty();
    }

    @Test
    void aReportThatAnswersOursIsNotAnswered() {
        greet();
        say(2, report());
        assertThat(far.words()).containsExactly("Hello", "Ready", "Begin", "Report");
        say(2, report());
        assertThat(far.words()).containsExactly("Hello", "Ready", "Begin", "Report", "Report");
    }

    @Test
    void nowAndThenAQuietNeighbourGetsAReport() {
        greet();
        say(2, report());
        member.tick(NOW + 5_000);
        assertThat(far.words()).hasSize(4);
        member.tick(NOW + 10_000);
        assertThat(far.words()).hasSize(5).endsWith("Report");
        member.tick(NOW + 30_000);
        assertThat(far.words()).as("it owes us an answer").hasSize(5);
    }

    @Test
    void whoCannotProveToKnowTheGroupIsPartedFrom() {
        member.linked(far);
        member.flowOpened(far, 2, GroupFlow.REPORT, Optional.empty());
        say(2, new GroupMessage.Hello(SPEC.hexId(), SPEC.proof(Buffer.buffer("other")), OURS));
        assertThat(far.rejected).containsExactly(2L);
        assertThat(far.closed).isTrue();
        assertThat(member.neighbours()).isEmpty();
        assertThat(far.said).isEmpty();
    }

    @Test
    void aHelloForSomebodyElseIsRefused() {
        member.linked(far);
        member.flowOpened(far, 2, GroupFlow.REPORT, Optional.empty());
        say(2, new GroupMessage.Hello(SPEC.hexId(), SPEC.proof(Buffer.buffer("near")), KEY));
        assertThat(far.closed).isTrue();
    }

    @Test
    void whoSpeaksBeforeHelloIsPartedFrom() {
        member.linked(far);
        member.flowOpened(far, 2, GroupFlow.REPORT, Optional.empty());
        say(2, report());
        assertThat(far.closed).isTrue();
    }

    @Test
    void whoAsksToPartMay() {
        greet();
        say(2, new GroupMessage.AskClose());
        assertThat(far.rejected).containsExactly(2L);
        assertThat(far.closed).isTrue();
        assertThat(member.takeEvents()).endsWith(new GroupEvent.NeighbourLeft(far.id));
    }

    /** The far end has subscribed to our stream on its flow 3. */
    private void subscribe() {
        member.publish("cam1", KEY, NOW);
        greet();
        say(2, report());
        assertThat(far.words()).endsWith("Described");
        long ours = far.flow(GroupFlow.MEDIA_REPORT);
        assertThat(far.associations.get(ours)).contains(2L);
        member.flowOpened(far, 3, GroupFlow.MEDIA_REPORT, Optional.of(2L));
        say(3, new GroupMessage.Described(StreamDescription.of("cam1", KEY)));
    }

    private void film(int packets) {
        for (int i = 0; i < packets; i++) {
            Buffer sound = Buffer.buffer(new byte[] {(byte) 0xaf, 1, (byte) i});
            member.packet("cam1", MediaPacket.of(Kind.AUDIO, 20L * i, sound), NOW);
        }
    }

    @Test
    void aStreamIsDescribedAfterTheFirstReportAndPushedToWhoAsks() {
        subscribe();
        film(8);
        assertThat(far.fragments()).isZero();
        say(3, new GroupMessage.Push(0b0000_0110));
        film(16);
        assertThat(far.fragments()).isEqualTo(4);
        assertThat(far.associations.get(far.flow(GroupFlow.MEDIA))).contains(3L);
        say(3, new GroupMessage.Push(0));
        film(16);
        assertThat(far.fragments()).isEqualTo(4);
    }

    @Test
    void whatIsHeldIsToldAndHandedOutOnRequest() {
        subscribe();
        film(5);
        member.tick(NOW + 100);
        assertThat(far.words()).endsWith("Holdings");
        say(3, new GroupMessage.Pull(4));
        assertThat(far.fragments()).isEqualTo(1);
        say(3, new GroupMessage.Pull(99));
        assertThat(far.fragments()).isEqualTo(1);
        member.tick(NOW + 20_000);
        say(3, new GroupMessage.Pull(4));
        assertThat(far.fragments()).as("it is over").isEqualTo(1);
    }

    @Test
    void whoDoesNotTakeWhatWaitsIsNotPushedTo() {
        subscribe();
        say(3, new GroupMessage.Push(0xff));
        far.queued = 1 << 20;
        film(8);
        assertThat(far.fragments()).isZero();
        far.queued = 0;
        film(8);
        assertThat(far.fragments()).isEqualTo(8);
    }

    @Test
    void pullsAreBoundedByTheStream() {
        subscribe();
        Buffer large = Buffer.buffer(new byte[900]).setByte(0, (byte) 0xaf).setByte(1, (byte) 1);
        for (int i = 0; i < 100; i++) {
            member.packet("cam1", MediaPacket.of(Kind.AUDIO, 20L * i, large), NOW);
        }
        for (int i = 0; i < 5_000; i++) {
            say(3, new GroupMessage.Pull(1 + i % 100));
        }
        GroupStream.Traffic traffic = member.streams().get(0).traffic();
        assertThat(traffic.pulled()).isLessThanOrEqualTo(512 * 1024);
        assertThat(traffic.pulled() + traffic.refused()).isEqualTo(5_000 * 900);
    }

    @Test
    void theEndOfAStreamIsSaidAndItsFlowsEnd() {
        subscribe();
        film(7);
        member.unpublish("cam1");
        assertThat(far.words()).endsWith("Ended");
        assertThat(far.said.get(far.said.size() - 1)).isEqualTo(new GroupMessage.Ended(8).encode());
        assertThat(far.finished).contains(far.flow(GroupFlow.MEDIA_REPORT));
        assertThat(member.streams()).isEmpty();
    }

    @Test
    void aStreamThatNobodyWantsIsRefusedAndAWantedOneIsSubscribedTo() {
        greet();
        say(2, report());
        StreamDescription said = StreamDescription.of("show", KEY);
        member.flowOpened(far, 3, GroupFlow.MEDIA_REPORT, Optional.of(2L));
        say(3, new GroupMessage.Described(said));
        assertThat(far.rejected).containsExactly(3L);
        member.want("show");
        member.flowOpened(far, 4, GroupFlow.MEDIA_REPORT, Optional.of(2L));
        say(4, new GroupMessage.Described(said));
        assertThat(far.said.get(far.said.size() - 1)).isEqualTo(new GroupMessage.Described(said).encode());
        assertThat(far.closed).isFalse();
    }

    @Test
    void aReceivedStreamIsAskedForAndEndsWhenItsPublisherSaysSo() {
        member.want("show");
        greet();
        say(2, report());
        member.flowOpened(far, 3, GroupFlow.MEDIA_REPORT, Optional.of(2L));
        say(3, new GroupMessage.Described(StreamDescription.of("show", KEY)));
        say(3, new GroupMessage.Holdings(4, Buffer.buffer(new byte[] {7})));
        member.tick(NOW);
        assertThat(far.words()).contains("Push");
        long ours = far.flow(GroupFlow.MEDIA_REPORT);
        member.flowOpened(far, 5, GroupFlow.MEDIA, Optional.of(ours));
        member.tick(NOW + 600);
        assertThat(far.words()).contains("Pull");
        for (long id = 3; id < 8; id++) {
            Fragment sound =
                    new Fragment(Fragment.Place.WHOLE, id, 0, FlowMessage.AUDIO, 20 * id, Captures.hex("af0101"));
            member.message(far, 5, sound.encode(), NOW + 700);
        }
        member.tick(NOW + 1_200);
        assertThat(member.takeEvents())
                .filteredOn(e -> e instanceof GroupEvent.PacketReceived)
                .hasSize(5);
        say(3, new GroupMessage.Ended(8));
        member.tick(NOW + 1_300);
        assertThat(member.takeEvents()).containsExactly(new GroupEvent.StreamEnded("show"));
    }

    @Test
    void aStreamOfWhichNothingIsHeardIsOver() {
        member.want("show");
        greet();
        say(2, report());
        member.flowOpened(far, 3, GroupFlow.MEDIA_REPORT, Optional.of(2L));
        say(3, new GroupMessage.Described(StreamDescription.of("show", KEY)));
        member.tick(NOW + 20_001);
        assertThat(member.takeEvents()).endsWith(new GroupEvent.StreamEnded("show"));
        assertThat(member.streams()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "21", "22", "23", "2b", "99", "2b00ff", "0b"})
    void nonsenseOnAStreamsFlowCostsTheFlowAndNotTheNeighbour(String hex) {
        subscribe();
        member.message(far, 3, Captures.hex(hex), NOW);
        assertThat(far.closed).isFalse();
        film(1);
        member.tick(NOW + 1_000);
    }

    @Test
    void fragmentsWithoutAStreamAreRefused() {
        greet();
        member.flowOpened(far, 3, GroupFlow.MEDIA, Optional.of(2L));
        assertThat(far.rejected).containsExactly(3L);
    }

    @Test
    void oneNeighbourTooManyIsSentAway() {
        greet();
        for (int i = 0; i < 2; i++) {
            Far other = new Far();
            member.linked(other);
            member.flowOpened(other, 2, GroupFlow.REPORT, Optional.empty());
            member.message(other, 2, hello().encode(), NOW);
            assertThat(other.closed).isEqualTo(i == 1);
        }
        assertThat(member.neighbours()).hasSize(2);
    }

    @Test
    void aNeighbourWhoseFlowsAreGoneIsForgottenWithItsStreams() {
        subscribe();
        say(3, new GroupMessage.Push(0xff));
        member.closed(far);
        film(8);
        assertThat(far.fragments()).isZero();
        assertThat(member.streams().get(0).peers()).isEmpty();
        assertThat(member.takeEvents()).endsWith(new GroupEvent.NeighbourLeft(far.id));
    }

    @Test
    void whateverBytesComeNothingIsThrown() {
        subscribe();
        long ours = far.flow(GroupFlow.MEDIA_REPORT);
        member.flowOpened(far, 9, GroupFlow.MEDIA, Optional.of(ours));
        Random random = new Random(5);
        int[] types = {0x00, 0x01, 0x02, 0x0a, 0x0b, 0x0e, 0x10, 0x20, 0x21, 0x22, 0x23, 0x2b, 0x30};
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = new byte[1 + random.nextInt(60)];
            random.nextBytes(bytes);
            bytes[0] = (byte) types[random.nextInt(types.length)];
            Far other = new Far();
            member.linked(other);
            member.flowOpened(other, 2, GroupFlow.REPORT, Optional.empty());
            member.message(other, 2, Buffer.buffer(bytes), NOW);
            member.message(far, random.nextBoolean() ? 3 : 9, Buffer.buffer(bytes), NOW);
            member.closed(other);
        }
        assertThat(far.closed).isFalse();
        assertThat(member.neighbours()).hasSize(1);
    }
}
