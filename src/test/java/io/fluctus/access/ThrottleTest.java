package io.fluctus.access;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ThrottleTest {
    private final Throttle throttle = new Throttle();

    private void fail(int times, String account, String host) {
        for (int i = 0; i < times; i++) {
            throttle.failed(account, host, 0);
        }
    }

    @Test
    void accountAndAddressCountTogether() {
        fail(Throttle.TRIES, "anna", "a");
        assertThat(throttle.admits("anna", "a", 1)).isFalse();
        assertThat(throttle.admits("anna", "b", 1)).isTrue();
        assertThat(throttle.admits("bob", "a", 1)).isTrue();
    }

    @Test
    void aRightPasswordBeginsAnew() {
        fail(Throttle.TRIES - 1, "anna", "a");
        throttle.succeeded("anna", "a");
        fail(Throttle.TRIES - 1, "anna", "a");
        assertThat(throttle.admits("anna", "a", 1)).isTrue();
        fail(1, "anna", "a");
        assertThat(throttle.admits("anna", "a", 1)).isFalse();
    }

    @Test
    void theOldestPairIsForgottenForOneMore() {
        fail(Throttle.TRIES, "first", "a");
        for (int i = 0; i < Throttle.MAX_PAIRS; i++) {
            fail(1, "account " + i, "a");
        }
        assertThat(throttle.admits("first", "a", 1)).isTrue();
    }
}
