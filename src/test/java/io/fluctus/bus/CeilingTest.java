package io.fluctus.bus;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class CeilingTest {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    private final Ceiling ceiling = new Ceiling(8); // 1,000 bytes a second

    @Test
    void tenSecondsWorthMayComeAtOnce() {
        assertThat(ceiling.broken(10_000, 0)).isFalse();
        assertThat(ceiling.broken(1, 9 * SECOND)).isTrue();
    }

    @Test
    void whoKeepsToItNeverBreaksIt() {
        for (int second = 0; second < 100; second++) {
            assertThat(ceiling.broken(1_000, second * SECOND)).isFalse();
        }
    }

    @Test
    void theNextTenSecondsBeginAnew() {
        assertThat(ceiling.broken(10_000, 5 * SECOND)).isFalse();
        assertThat(ceiling.broken(10_000, 15 * SECOND)).isFalse();
    }
}
