package io.fluctus.guard;

import static org.assertj.core.api.Assertions.assertThat;

import io.fluctus.config.Config;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class AddressLimitsTest {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
    private static final String HOST = "192.0.2.7";

    private static AddressLimits limits(int open, int fresh) {
        return new AddressLimits(new Config.Limits(open, fresh, 0, 0, new Config.Limits.Kbps(0, 0, 0, 0)));
    }

    @Test
    void soManyAreOpenAtATime() {
        AddressLimits limits = limits(2, 0);
        assertThat(limits.opened(HOST, 0)).isTrue();
        assertThat(limits.opened(HOST, 0)).isTrue();
        assertThat(limits.opened(HOST, 0)).isFalse();
        assertThat(limits.opened("192.0.2.8", 0)).isTrue();
        limits.closed(HOST, 0);
        assertThat(limits.opened(HOST, 0)).isTrue();
        assertThat(limits.refusedOpen()).isEqualTo(1);
    }

    @Test
    void soManyAreOpenedInASecondAndTriesCount() {
        AddressLimits limits = limits(0, 3);
        for (int i = 0; i < 3; i++) {
            assertThat(limits.opened(HOST, i)).isTrue();
            limits.closed(HOST, i);
        }
        assertThat(limits.opened(HOST, SECOND - 1)).isFalse();
        assertThat(limits.opened(HOST, SECOND)).isTrue();
        assertThat(limits.refusedFresh()).isEqualTo(1);
    }

    @Test
    void thisMachineHasNoLimit() {
        AddressLimits limits = limits(1, 1);
        for (String local : new String[] {"127.0.0.1", "127.1.2.3", "::1", "0:0:0:0:0:0:0:1"}) {
            assertThat(limits.opened(local, 0)).isTrue();
            assertThat(limits.opened(local, 0)).isTrue();
        }
        assertThat(limits.addresses()).isZero();
    }

    @Test
    void anAddressIsForgottenWhenNothingOfItIsLeft() {
        AddressLimits limits = limits(10, 10);
        limits.opened(HOST, 0);
        limits.tick(2 * SECOND);
        assertThat(limits.addresses()).isEqualTo(1);
        limits.closed(HOST, 2 * SECOND);
        assertThat(limits.addresses()).isZero();
        limits.opened(HOST, 3 * SECOND);
        limits.closed(HOST, 3 * SECOND);
        assertThat(limits.addresses()).isEqualTo(1); // its second is not over
        limits.tick(4 * SECOND);
        assertThat(limits.addresses()).isZero();
    }

    @Test
    void memoryIsBoundedWhoeverKnocks() {
        AddressLimits limits = limits(1, 0);
        for (int i = 0; i < AddressLimits.MAX_ADDRESSES + 100; i++) {
            limits.opened("h" + i, 0);
        }
        assertThat(limits.addresses()).isEqualTo(AddressLimits.MAX_ADDRESSES);
        assertThat(limits.opened("h0", 0)).isFalse(); // who is known stays counted
    }
}
