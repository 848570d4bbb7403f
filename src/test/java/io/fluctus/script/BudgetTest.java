package io.fluctus.script;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** When a function of a script has had enough. */
class BudgetTest {
    private long nanos = 5;
    private final Budget budget = new Budget(new Budget.Limits(200, 1_000), () -> nanos);

    private String checkAfter(long millis) {
        nanos += TimeUnit.MILLISECONDS.toNanos(millis);
        return budget.check(10);
    }

    @Test
    void timeCountsFromTheFirstQuestionOfAFunction() {
        assertThat(checkAfter(900)).isEmpty();
        assertThat(checkAfter(200)).isEmpty();
        assertThat(checkAfter(1)).isEqualTo("stopped: more than 200 ms of CPU time");
    }

    @Test
    void aBreachStaysUntilTheNextFunction() {
        checkAfter(0);
        String breach = checkAfter(300);
        assertThat(checkAfter(0)).isEqualTo(breach);
        budget.fresh();
        assertThat(checkAfter(500)).isEmpty();
        assertThat(checkAfter(100)).isEmpty();
    }

    @Test
    void memoryIsABreachThatIsRememberedOnce() {
        assertThat(budget.check(1_000)).isEmpty();
        assertThat(budget.starved()).isFalse();
        assertThat(budget.check(1_001)).isEqualTo("stopped: more than 0 MiB of memory");
        budget.fresh();
        assertThat(budget.starved()).isTrue();
        assertThat(budget.starved()).isFalse();
    }
}
