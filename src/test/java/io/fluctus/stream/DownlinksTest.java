package io.fluctus.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.fluctus.bus.Carried;
import io.fluctus.media.MediaPacket;
import io.fluctus.media.MediaPacket.Kind;
import io.fluctus.media.Packets;
import io.fluctus.media.StreamName;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** What goes to other nodes, and what a slow one costs. */
class DownlinksTest {
    private static final StreamName CAM = StreamName.parse("live/cam");
    private static final StreamName SUB = StreamName.parse("live/sub");
    private static final int FRAME_BYTES = 1 << 20;

    private final Downlinks links = new Downlinks();
    private final List<Carried> toA = new ArrayList<>();
    private final List<Carried> toB = new ArrayList<>();

    private void offer(MediaPacket packet) {
        offer(CAM, packet);
    }

    private void offer(StreamName stream, MediaPacket packet) {
        links.offer(stream, packet, (address, carried) -> (address.equals("a") ? toA : toB).add(carried));
    }

    /** Real first bytes of a frame, and a body that counts. */
    private static MediaPacket large(MediaPacket small) {
        byte[] body = new byte[FRAME_BYTES];
        small.payload().getBytes(0, small.payload().length(), body);
        return new MediaPacket(small.kind(), small.timestamp(), Buffer.buffer(body), 1, 1);
    }

    private void fill() {
        for (int i = 0; i < Downlinks.BUDGET_BYTES / FRAME_BYTES; i++) {
            offer(large(Packets.interFrame(i)));
        }
    }

    @Test
    void eachReceiverGetsOneCopyWithItsOwnNumbers() {
        links.add(CAM, "a", 7, 0);
        offer(Packets.audio(0));
        links.add(CAM, "b", 7, 0);
        offer(Packets.audio(1));
        assertThat(toA).extracting(Carried::number).containsExactly(1L, 2L);
        assertThat(toB).extracting(Carried::number).containsExactly(1L);
        assertThat(toA.get(1).packet()).isSameAs(toB.get(0).packet());
    }

    @Test
    void whatNobodyTakesGoesNowhere() {
        links.add(CAM, "a", 1, 0);
        offer(SUB, Packets.audio(0));
        assertThat(toA).isEmpty();
        assertThat(links.carries(SUB)).isFalse();
    }

    @Test
    void totalsCountTheBytesOfAllStreamsToAReceiver() {
        links.add(CAM, "a", 1, 0);
        links.add(SUB, "a", 2, 0);
        offer(CAM, Packets.audio(0));
        offer(SUB, Packets.audio(0));
        long each = Packets.audio(0).payload().length();
        assertThat(toA).extracting(Carried::total).containsExactly(each, 2 * each);
    }

    @Test
    void aReceiverThatDoesNotAcknowledgeLosesFramesUpToAKeyFrame() {
        links.add(CAM, "a", 1, 0);
        fill();
        int full = toA.size();
        offer(large(Packets.interFrame(100)));
        offer(large(Packets.keyFrame(101)));
        offer(Packets.audio(102));
        assertThat(toA).hasSize(full);

        links.acknowledge("a", Downlinks.BUDGET_BYTES);
        offer(Packets.audio(103));
        offer(Packets.interFrame(104));
        offer(Packets.keyFrame(105));
        offer(Packets.interFrame(106));
        assertThat(toA.subList(full, toA.size()))
                .extracting(carried -> carried.packet().timestamp())
                .containsExactly(103L, 105L, 106L);
        assertThat(LongStream.rangeClosed(1, toA.size()).boxed().toList())
                .as("what is dropped leaves no gap in the numbers")
                .isEqualTo(toA.stream().map(Carried::number).toList());
    }

    @Test
    void aSlowReceiverCostsTheOthersNothing() {
        links.add(CAM, "a", 1, 0);
        links.add(CAM, "b", 1, 0);
        for (int i = 0; i < 40; i++) {
            offer(large(Packets.interFrame(i)));
            links.acknowledge("b", toB.get(toB.size() - 1).total());
        }
        assertThat(toB).hasSize(40);
        assertThat(toA).hasSize((int) (Downlinks.BUDGET_BYTES / FRAME_BYTES));
    }

    @Test
    void whatIsUnderWayIsBoundedWhateverComes() {
        links.add(CAM, "a", 1, 0);
        for (int i = 0; i < 200; i++) {
            offer(large(Packets.keyFrame(i)));
            offer(large(Packets.avcHeader(i)));
            offer(large(Packets.audio(i)));
        }
        long sent = toA.stream().mapToLong(c -> c.packet().payload().length()).sum();
        assertThat(sent).isLessThanOrEqualTo(2 * Downlinks.BUDGET_BYTES + FRAME_BYTES);
    }

    @Test
    void headersAndTheLastWordReachASlowReceiver() {
        links.add(CAM, "a", 1, 0);
        fill();
        int full = toA.size();
        offer(Packets.avcHeader(1));
        offer(MediaPacket.of(Kind.UNPUBLISHED, 2, Buffer.buffer()));
        assertThat(toA).hasSize(full + 2);
    }

    @Test
    void anAcknowledgementOfMoreThanWasSentIsNotBelieved() {
        links.add(CAM, "a", 1, 0);
        links.acknowledge("a", Long.MAX_VALUE);
        fill();
        int full = toA.size();
        offer(large(Packets.interFrame(1)));
        assertThat(toA).hasSize(full);
    }

    @Test
    void theBeginningIsCounted() {
        links.add(CAM, "a", 3, 0);
        long sent = links.begin(
                "a", 3, List.of(Packets.avcHeader(0), Packets.keyFrame(0)), (address, carried) -> toA.add(carried));
        assertThat(sent).isEqualTo(2);
        assertThat(toA).extracting(Carried::link).containsExactly(3L, 3L);
    }

    @Test
    void whoDoesNotRenewIsForgotten() {
        links.add(CAM, "a", 1, 0);
        links.add(CAM, "b", 1, 0);
        links.renew("b", Set.of(1L), Downlinks.LEASE_MILLIS);
        assertThat(links.expire(Downlinks.LEASE_MILLIS + 1)).isEqualTo(1);
        offer(Packets.audio(0));
        assertThat(toA).isEmpty();
        assertThat(toB).hasSize(1);
    }

    @Test
    void aRenewalTellsWhatIsKnownAndDropsWhatIsNotNamed() {
        links.add(CAM, "a", 1, 0);
        links.add(SUB, "a", 2, 0);
        offer(Packets.audio(0));
        assertThat(links.renew("a", Set.of(1L, 9L), 10))
                .containsOnlyKeys(1L)
                .containsEntry(1L, new Downlinks.State(CAM, 1));
        assertThat(links.carries(SUB))
                .as("it may have been asked for a moment ago")
                .isTrue();
        links.renew("a", Set.of(1L), Downlinks.LEASE_MILLIS + 1);
        assertThat(links.carries(SUB)).isFalse();
    }

    @Test
    void theEndOfAStreamEndsItsLinks() {
        links.add(CAM, "a", 1, 0);
        links.end(CAM);
        assertThat(links.carries(CAM)).isFalse();
        assertThat(links.renew("a", Set.of(1L), 1)).isEmpty();
    }

    @Test
    void aLinkThatIsAskedForAgainReplacesTheOldOne() {
        links.add(CAM, "a", 1, 0);
        links.add(CAM, "a", 1, 0);
        offer(Packets.audio(0));
        assertThat(toA).hasSize(1);
        links.remove("a", 1);
        links.remove("a", 1);
        assertThat(links.carries(CAM)).isFalse();
    }

    @Test
    void thereIsRoomForSoMany() {
        for (long i = 0; i < Downlinks.MAX_LINKS; i++) {
            assertThat(links.add(CAM, "a" + i, 1, 0)).isTrue();
        }
        assertThat(links.add(CAM, "one more", 1, 0)).isFalse();
    }
}
