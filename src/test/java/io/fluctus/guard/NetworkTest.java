package io.fluctus.guard;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NetworkTest {
    @ParameterizedTest
    @CsvSource({
        "10.0.0.0/8, 10.255.0.1, true",
        "10.0.0.0/8, 11.0.0.1, false",
        "192.0.2.128/25, 192.0.2.129, true",
        "192.0.2.128/25, 192.0.2.127, false",
        "192.0.2.7, 192.0.2.7, true",
        "192.0.2.7, 192.0.2.8, false",
        "0.0.0.0/0, 203.0.113.9, true",
        "0.0.0.0/0, ::1, false",
        "2001:db8::/33, 2001:db8:7fff::1, true",
        "2001:db8::/33, 2001:db8:8000::1, false",
        "::1, 0:0:0:0:0:0:0:1, true",
        "::ffff:192.0.2.7, 192.0.2.7, true",
        "fe80::/10, fe80:0:0:0:1:2:3:4%eth0, true",
    })
    void holds(String network, String host, boolean held) {
        assertThat(Network.parse(network)
                        .orElseThrow()
                        .holds(Network.bytes(host).orElseThrow()))
                .isEqualTo(held);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "/",
                "10.0.0.0/33",
                "::/129",
                "10.0.0",
                "256.0.0.1",
                "cafe",
                "example.org",
                "10.0.0.0/-1",
                "10.0.0.0/8/8",
                "1::2::3",
                "10.0.0.0/ 8",
                "0x7f.1"
            })
    void whatIsNoNetworkIsNoneAndNoNameIsLookedUp(String text) {
        assertThat(Network.parse(text)).isEmpty();
    }

    @Test
    void oneAddressHasMoreThanOneText() {
        assertThat(Network.same("::1", "0:0:0:0:0:0:0:1")).isTrue();
        assertThat(Network.same("192.0.2.7", "192.0.2.8")).isFalse();
        assertThat(Network.same("x", "x")).isFalse();
    }
}
