package io.fluctus.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.fluctus.config.Config;
import org.junit.jupiter.api.Test;

/** Which tokens open. */
class GateTest {
    @Test
    void onlyTheTokenOpens() {
        Gate gate = gate("secret-1");
        assertThat(gate.opens("secret-1")).isTrue();
        for (String wrong : new String[] {"", "secret-", "secret-11", "SECRET-1", " secret-1"}) {
            assertThat(gate.opens(wrong)).as(wrong).isFalse();
        }
    }

    @Test
    void withoutATokenNobodyComesIn() {
        assertThat(gate("").opens("")).isFalse();
    }

    private static Gate gate(String token) {
        return new Gate(new Config.Web(0, "127.0.0.1", 1, 100, token, false));
    }
}
