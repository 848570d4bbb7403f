package io.fluctus.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.fluctus.bus.Carried;
import io.fluctus.media.MediaPacket;
import io.fluctus.media.MediaPacket.Kind;
import io.fluctus.media.StreamName;
import io.fluctus.stream.Uplink.Verdict;
import io.vertx.core.buffer.Buffer;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A stream from another node: whether it is whole. */
class UplinkTest {
    private final Uplink uplink = new Uplink(StreamName.parse("live/cam"), 4, "n", "link.n.0");

    private Verdict receive(long number) {
        MediaPacket packet = new MediaPacket(Kind.AUDIO, 0, Buffer.buffer(), 1, 100 + number);
        return uplink.receive(new Carried(4, number, 0, packet), number);
    }

    @Test
    void packetsInOrderAreTaken() {
        assertThat(receive(1)).isEqualTo(Verdict.TAKEN);
        assertThat(receive(2)).isEqualTo(Verdict.TAKEN);
        assertThat(uplink.lastSequence()).isEqualTo(102);
    }

    @Test
    void aMissingPacketIsNoticed() {
        receive(1);
        assertThat(receive(3)).isEqualTo(Verdict.GAP);
        assertThat(uplink.lastSequence()).isEqualTo(101);
    }

    @Test
    void itIsLoadedWhenThePreludeIsThereWhateverComesFirst() {
        receive(1);
        assertThat(uplink.loaded()).as("nobody knows yet how much it is").isFalse();
        uplink.accepted(2, List.of("n"), 5);
        assertThat(uplink.loaded()).isFalse();
        receive(2);
        assertThat(uplink.loaded()).isTrue();
    }

    @Test
    void anEmptyPreludeIsThereAtOnce() {
        uplink.accepted(0, List.of("n"), 5);
        assertThat(uplink.loaded()).isTrue();
    }

    @Test
    void itStallsWhenWhatWasSentDoesNotArriveBetweenTwoRenewals() {
        receive(1);
        assertThat(uplink.stalls(5)).as("the others may be on their way").isFalse();
        assertThat(uplink.stalls(9)).isTrue();
        receive(2);
        assertThat(uplink.stalls(9)).isFalse();
        receive(3);
        assertThat(uplink.stalls(3)).isFalse();
        assertThat(uplink.stalls(3)).as("nothing more was sent").isFalse();
    }

    @Test
    void wordsAndPacketsAreSignsOfLife() {
        uplink.accepted(1, List.of("n"), 10);
        assertThat(uplink.heardAt()).isEqualTo(10);
        uplink.passes(List.of("o", "n"), 20);
        assertThat(uplink.heardAt()).isEqualTo(20);
        assertThat(uplink.path()).containsExactly("o", "n");
        uplink.receive(new Carried(4, 1, 0, new MediaPacket(Kind.AUDIO, 0, Buffer.buffer(), 1, 1)), 30);
        assertThat(uplink.heardAt()).isEqualTo(30);
    }
}
