package io.fluctus.rtmfp;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How many answers strangers get, and how long. */
class HelloLimitTest {
    private final HelloLimit limit = new HelloLimit(12345, Params.HELLOS_PER_ADDRESS);

    private static InetSocketAddress from(int host, int port) {
        try {
            byte[] address = {10, (byte) (host >> 16), (byte) (host >> 8), (byte) host};
            return new InetSocketAddress(InetAddress.getByAddress(address), port);
        } catch (UnknownHostException e) {
            throw new AssertionError(e);
        }
    }

    private int taken(int host, int asked, long now) {
        int taken = 0;
        for (int i = 0; i < asked; i++) {
            taken += limit.take(from(host, 1 + i), 100, 180, now) ? 1 : 0;
        }
        return taken;
    }

    @Test
    void anAddressGetsItsShareEachSecondWhateverItsPort() {
        assertThat(taken(1, 50, 10_000)).isEqualTo(Params.HELLOS_PER_ADDRESS);
        assertThat(taken(1, 50, 10_999)).isZero();
        assertThat(taken(2, 50, 10_999)).isEqualTo(Params.HELLOS_PER_ADDRESS);
        assertThat(taken(1, 50, 11_000)).isEqualTo(Params.HELLOS_PER_ADDRESS);
    }

    @Test
    void allTogetherGetNoMoreThanTheirLimit() {
        int taken = 0;
        for (int host = 0; host < 20_000; host++) {
            taken += taken(host, 1, 5_000);
        }
        assertThat(taken).isEqualTo(Params.HELLOS_IN_ALL);
    }

    /** Both with 28 bytes of IP and UDP headers: 36 bytes bring at most 228. */
    @ParameterizedTest
    @CsvSource({"36, 180, true", "36, 228, true", "36, 229, false", "0, 84, true", "0, 85, false", "1000, 4084, true"})
    void anAnswerIsAtMostFourTimesAsLong(int in, int out, boolean given) {
        assertThat(limit.take(from(1, 1), in, out, 0)).isEqualTo(given);
    }

    @Test
    void whatIsTooLongTakesNothingOfTheShare() {
        for (int i = 0; i < 100; i++) {
            limit.take(from(1, 1), 0, 1_000, 0);
        }
        assertThat(taken(1, 50, 0)).isEqualTo(Params.HELLOS_PER_ADDRESS);
    }
}
