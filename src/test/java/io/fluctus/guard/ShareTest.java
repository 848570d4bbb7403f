package io.fluctus.guard;

import static org.assertj.core.api.Assertions.assertThat;

import io.fluctus.config.Config;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ShareTest {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    /** 8 kbit/s are 1,000 bytes a second. */
    private final Share share = new Share(8);

    @Test
    void whoTakesWhatIsHisNeverExceeds() {
        for (int second = 0; second < 100; second++) {
            share.take(1_000, second * SECOND);
            assertThat(share.exceeded(second * SECOND)).isFalse();
        }
    }

    @Test
    void aBurstIsForgivenAndMoreIsNot() {
        share.take(4_000, 0);
        assertThat(share.exceeded(0)).isFalse();
        share.take(1, 0);
        assertThat(share.exceeded(0)).isTrue();
        assertThat(share.exceeded(SECOND)).isFalse();
        assertThat(share.paid(4 * SECOND)).isFalse();
        assertThat(share.paid(5 * SECOND)).isTrue();
    }

    @Test
    void nobodyOwesForEver() {
        share.take(1_000_000, 0);
        assertThat(share.paid(8 * SECOND)).isTrue();
    }

    @Test
    void theClockMayBeNegative() {
        Share other = new Share(8);
        other.take(5_000, Long.MIN_VALUE / 2);
        assertThat(other.exceeded(Long.MIN_VALUE / 2)).isTrue();
    }

    @Test
    void viewersOfOneStreamHaveOneShareAndAnotherStreamAnother() {
        Shares shares = new Shares(new Config.Limits.Kbps(0, 100, 200, 300));
        List<Share> one = shares.of("live", "a");
        List<Share> same = shares.of("live", "a");
        List<Share> other = shares.of("live", "b");
        assertThat(one).extracting(Share::kbps).containsExactly(300, 200, 100);
        assertThat(same).containsExactlyElementsOf(one);
        assertThat(other.subList(0, 2)).containsExactlyElementsOf(one.subList(0, 2));
        assertThat(other.get(2)).isNotSameAs(one.get(2));
    }

    @Test
    void aShareIsForgottenWithItsLastHolder() {
        Shares shares = new Shares(new Config.Limits.Kbps(0, 100, 0, 0));
        Share first = shares.of("live", "a").get(0);
        shares.of("live", "a");
        shares.release("live", "a");
        assertThat(shares.of("live", "a").get(0)).isSameAs(first);
        shares.release("live", "a");
        shares.release("live", "a");
        assertThat(shares.of("live", "a").get(0)).isNotSameAs(first);
    }

    @Test
    void aViewerHasTheSmallerOfTwoLimits() {
        Shares bounded = new Shares(new Config.Limits.Kbps(500, 0, 0, 0));
        assertThat(bounded.own(0)).extracting(Share::kbps).containsExactly(500);
        assertThat(bounded.own(800)).extracting(Share::kbps).containsExactly(500);
        assertThat(bounded.own(300)).extracting(Share::kbps).containsExactly(300);
        assertThat(new Shares(new Config.Limits.Kbps(0, 0, 0, 0)).own(0)).isEmpty();
    }
}
