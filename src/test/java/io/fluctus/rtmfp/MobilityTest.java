package io.fluctus.rtmfp;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.buffer.Buffer;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.Test;

/** A peer that seems to have moved: what is asked, how often, and which answers prove it. */
class MobilityTest {
    private static final InetSocketAddress HERE = World.at(1);
    private static final InetSocketAddress THERE = World.at(2);

    private final Mobility mobility = new Mobility(Buffer.buffer("secret"));

    @Test
    void theQuestionGivenBackIsProof() {
        mobility.seen(HERE, 10_000);
        assertThat(mobility.isDue()).isTrue();
        assertThat(mobility.takeCandidate()).contains(HERE);
        assertThat(mobility.isDue()).as("asked once").isFalse();
        assertThat(mobility.isProved(HERE, mobility.proof(), Packet.NONE, 10_100))
                .isTrue();
        mobility.settled();
        assertThat(mobility.isProved(HERE, mobility.proof(), Packet.NONE, 10_200))
                .isFalse();
    }

    @Test
    void anAnswerFromElsewhereTooLateOrOfOtherBytesIsNone() {
        mobility.seen(HERE, 10_000);
        Buffer proof = mobility.proof();
        assertThat(mobility.isProved(THERE, proof, Packet.NONE, 10_100)).isFalse();
        assertThat(mobility.isProved(HERE, Buffer.buffer("M"), Packet.NONE, 10_100))
                .isFalse();
        long late = 10_001 + Params.MOBILITY_LIFETIME;
        assertThat(mobility.isProved(HERE, proof, Packet.NONE, late)).isFalse();
    }

    @Test
    void anEmptyAnswerNeedsAnEchoThatIsNotOlderThanTheQuestion() {
        mobility.seen(HERE, 10_000);
        Buffer empty = Buffer.buffer();
        assertThat(mobility.isProved(HERE, empty, Packet.NONE, 10_100)).isFalse();
        assertThat(mobility.isProved(HERE, empty, Packet.ticks(9_900), 10_100)).isFalse();
        assertThat(mobility.isProved(HERE, empty, Packet.ticks(10_000), 10_100)).isTrue();
        assertThat(mobility.isProved(HERE, empty, Packet.ticks(10_090), 10_100)).isTrue();
    }

    @Test
    void whoeverReplaysFromManyAddressesBringsOneQuestionASecond() {
        int asked = 0;
        for (int now = 10_000; now < 13_000; now += 10) {
            mobility.seen(World.at(1 + now % 50_000), now);
            asked += mobility.isDue() ? 1 : 0;
            mobility.takeCandidate();
        }
        assertThat(asked).isEqualTo(3);
    }

    @Test
    void eachQuestionIsAnother() {
        mobility.seen(HERE, 10_000);
        Buffer first = mobility.proof();
        mobility.seen(HERE, 12_000);
        assertThat(mobility.proof()).isNotEqualTo(first);
        assertThat(mobility.proof().length()).isEqualTo(17);
        assertThat(mobility.isProved(HERE, first, Packet.NONE, 12_100)).isFalse();
    }
}
