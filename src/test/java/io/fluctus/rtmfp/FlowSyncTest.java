package io.fluctus.rtmfp;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Flows that wait for each other, told as what one may read in the end. */
class FlowSyncTest {
    private final FlowSync sync = new FlowSync();
    private final Budget budget = new Budget(1 << 20);
    private final RecvFlow audio = new RecvFlow(2, Captures.hex("544304 01"), Optional.empty(), budget);
    private final RecvFlow data = new RecvFlow(3, Captures.hex("544304 01"), Optional.empty(), budget);
    private final RecvFlow video = new RecvFlow(4, Captures.hex("544304 01"), Optional.empty(), budget);
    private final List<String> read = new ArrayList<>();
    private long now;

    private void hear(RecvFlow flow, String text) {
        hear(flow, Buffer.buffer(text));
    }

    private void hear(RecvFlow flow, Buffer message) {
        sync.receive(flow, message, now)
                .forEach(due -> read.add(due.flow().id() + due.message().toString()));
    }

    private static Buffer synchronization(int number, int flows) {
        return Captures.hex("0400000000" + "0022" + String.format("%08x%08x", number, flows));
    }

    @Test
    void withoutASynchronizationNothingWaits() {
        hear(audio, "a");
        hear(data, "d");
        hear(audio, Captures.hex("0400000000" + "0006" + "00000001" + "00000002"));
        assertThat(read).hasSize(3);
        assertThat(sync.heldBytes()).isZero();
    }

    @Test
    void theFirstToComeWaitsForTheOther() {
        hear(audio, "a1");
        hear(audio, synchronization(7, 2));
        hear(audio, "a2");
        hear(data, "d1");
        hear(video, "v");
        assertThat(read).containsExactly("2a1", "3d1", "4v");
        hear(data, synchronization(7, 2));
        hear(data, "d2");
        assertThat(read).containsExactly("2a1", "3d1", "4v", "2a2", "3d2");
        assertThat(sync.heldBytes()).isZero();
    }

    @Test
    void synchronizationsOneBehindTheOtherAreKeptApart() {
        hear(audio, synchronization(1, 2));
        hear(audio, "a1");
        hear(audio, synchronization(2, 2));
        hear(audio, "a2");
        hear(data, synchronization(1, 2));
        assertThat(read).containsExactly("2a1");
        hear(data, "d1");
        hear(data, synchronization(2, 2));
        assertThat(read).containsExactly("2a1", "3d1", "2a2");
    }

    @Test
    void threeMayWait() {
        hear(audio, synchronization(1, 3));
        hear(video, synchronization(1, 3));
        hear(audio, "a");
        hear(video, "v");
        assertThat(read).isEmpty();
        hear(data, synchronization(1, 3));
        assertThat(read).containsExactly("2a", "4v");
    }

    @Test
    void aFlowInNetworkOrderIsCountedButNeverHeld() {
        audio.order(RecvFlow.Order.AS_SOON_AS_POSSIBLE);
        hear(audio, synchronization(1, 2));
        hear(audio, "a");
        assertThat(read).containsExactly("2a");
        hear(data, synchronization(1, 2));
        hear(data, "d");
        assertThat(read).containsExactly("2a", "3d");
    }

    @Test
    void whoWaitsTooLongGoesOnAlone() {
        hear(audio, synchronization(1, 2));
        hear(audio, "a1");
        now += FlowSync.PATIENCE;
        hear(data, "d1");
        assertThat(read).containsExactly("3d1");
        now++;
        hear(data, "d2");
        assertThat(read).containsExactly("3d1", "2a1", "3d2");
    }

    @Test
    void whoHoldsTooMuchGoesOnAlone() {
        hear(audio, synchronization(1, 2));
        Buffer large = Buffer.buffer(new byte[FlowSync.MAX_HELD / 4]);
        for (int i = 0; i < 4; i++) {
            hear(audio, large);
            assertThat(sync.heldBytes()).isLessThanOrEqualTo(FlowSync.MAX_HELD);
        }
        assertThat(read).isEmpty();
        hear(audio, "more");
        assertThat(read).hasSize(5);
        assertThat(sync.heldBytes()).isZero();
    }

    @Test
    void tooManySynchronizationsEndAllOfThem() {
        hear(data, synchronization(0, 2));
        hear(data, "d");
        audio.order(RecvFlow.Order.AS_SOON_AS_POSSIBLE);
        for (int number = 1; number <= FlowSync.MAX_BARRIERS; number++) {
            hear(audio, synchronization(number, 2));
        }
        assertThat(read).containsExactly("3d");
        for (int i = 0; i < 10_000; i++) {
            hear(audio, synchronization(1, -1)); // as many flows as no session has
        }
        hear(data, "e");
        assertThat(read).containsExactly("3d", "3e");
    }
}
