package io.fluctus.rtmfp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What is in flight, against a plain list that does the same. */
class OutstandingTest {
    private static final int SIZE = 100;

    private final Outstanding outstanding = new Outstanding();

    private static OutFragment fragment(long sequence) {
        return new OutFragment(2, sequence, 0, OutFragment.NOTHING, new Receipt(Delivery.RELIABLE, Optional.empty()));
    }

    private OutFragment send(long sequence) {
        OutFragment fragment = fragment(sequence);
        outstanding.sent(fragment, SIZE);
        outstanding.packetDone();
        return fragment;
    }

    @Test
    void whateverOrderTheyAreAcknowledgedInTheRestStays() {
        Random random = new Random(7);
        List<OutFragment> known = new ArrayList<>();
        for (int i = 0; i < 5_000; i++) {
            if (known.isEmpty() || random.nextInt(5) < 3) {
                known.add(send(i));
            } else {
                OutFragment acked = known.remove(random.nextInt(known.size()));
                outstanding.acked(acked);
                acked.inFlight = false;
            }
            assertThat(outstanding.bytes()).isEqualTo(known.size() * SIZE);
            assertThat(outstanding.isEmpty()).isEqualTo(known.isEmpty());
        }
        assertThat(outstanding.takeAll()).isEqualTo(known);
        assertThat(outstanding.isEmpty()).isTrue();
        assertThat(outstanding.bytes()).isZero();
        assertThat(known).noneMatch(f -> f.inFlight);
    }

    @Test
    void acknowledgingTwiceCountsOnce() {
        OutFragment first = send(1);
        send(2);
        outstanding.acked(first);
        outstanding.acked(first);
        assertThat(outstanding.bytes()).isEqualTo(SIZE);
    }

    @Test
    void onlyWhatLeftBeforeTheNewestAcknowledgedIsPassedOver() {
        OutFragment first = send(1);
        OutFragment second = send(2);
        OutFragment third = send(3);
        outstanding.acked(second);
        Set<OutFragment> lost = new LinkedHashSet<>();
        for (int i = 0; i < Params.NAKS_FOR_LOSS; i++) {
            assertThat(lost).isEmpty();
            lost.addAll(outstanding.negativeAcknowledge().lost());
        }
        assertThat(lost).containsExactly(first);
        assertThat(first.inFlight).isFalse();
        assertThat(third.inFlight).isTrue();
        assertThat(outstanding.bytes()).isEqualTo(SIZE);
    }

    @Test
    void aLostOneThatIsSentAgainIsTheNewest() {
        OutFragment first = send(1);
        OutFragment second = send(2);
        outstanding.acked(second);
        for (int i = 0; i < Params.NAKS_FOR_LOSS; i++) {
            outstanding.negativeAcknowledge();
        }
        OutFragment third = send(3);
        outstanding.sent(first, SIZE);
        outstanding.packetDone();
        assertThat(first.naks).isZero();
        assertThat(outstanding.takeAll()).containsExactly(third, first);
    }
}
