package io.fluctus.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.fluctus.wire.AmfValue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** How calls are counted. */
class CallRateTest {
    private int calls;
    private final CallRate rate = new CallRate(() -> calls++, 0);

    private static long millis(long millis) {
        return TimeUnit.MILLISECONDS.toNanos(millis);
    }

    @Test
    void soManyCallsWaitAtATime() {
        rate.begin(3);
        assertThat(calls).isEqualTo(3);
        rate.answered(millis(1));
        rate.answered(millis(2));
        assertThat(calls).isEqualTo(5);
    }

    @Test
    void anAnswersTimeCountsFromItsOwnCall() {
        rate.begin(1);
        rate.answered(millis(10));
        rate.answered(millis(12));
        rate.answered(millis(14));
        rate.answered(millis(500));
        assertThat(rate.report(millis(500)).members())
                .containsEntry("calls", AmfValue.of(4))
                .containsEntry("callsPerSecond", AmfValue.of(8))
                .containsEntry("p50Millis", AmfValue.of(2));
        assertThat(rate.report(millis(500)).members().get("p99Millis").number())
                .hasValueSatisfying(p99 -> assertThat(p99).isBetween(485.0, 487.0));
    }
}
