package io.fluctus.bus;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What is said when someone knocks often. */
class FloodgateTest {
    private static final long START = 7_000_000;

    private final Floodgate gate = new Floodgate();

    @Test
    void aHostIsComplainedAboutOnceInTenSeconds() {
        assertThat(gate.admitsFrom("a", "first", START)).isTrue();
        assertThat(gate.admitsFrom("a", "second", START + 9_999)).isFalse();
        assertThat(gate.admitsFrom("b", "other", START + 9_999)).isTrue();
        assertThat(gate.admitsFrom("a", "third", START + 10_000)).isTrue();
    }

    @Test
    void aSecondHasRoomForFiftyWords() {
        for (int i = 0; i < Floodgate.PER_SECOND; i++) {
            assertThat(i % 2 == 0 ? gate.admits("word", START + i) : gate.admitsFrom("host " + i, "word", START + i))
                    .isTrue();
        }
        assertThat(gate.admits("one more", START + 999)).isFalse();
        assertThat(gate.admitsFrom("another", "one more", START + 999)).isFalse();
        assertThat(gate.admitsFrom("another", "one more", START + 1_000)).isTrue();
    }

    @Test
    void whatIsLeftOutIsCountedAndTheLastOfItTold() {
        gate.admitsFrom("a", "first", START);
        assertThat(gate.leftOut(START)).isEmpty();
        gate.admitsFrom("a", "second", START);
        gate.admitsFrom("a", "third", START + 5_000);
        assertThat(gate.leftOut(START + 9_999)).isEmpty();
        assertThat(gate.leftOut(START + 10_000)).contains("left out 2 lines, the last: third");
        assertThat(gate.leftOut(START + 30_000)).isEmpty();
        gate.admitsFrom("a", "fourth", START + 30_000);
        gate.admitsFrom("a", "fifth", START + 30_000);
        assertThat(gate.leftOut(START + 40_000)).contains("left out 1 line: fifth");
    }

    @Test
    void nothingIsSaidTwiceNorLostUncounted() {
        Random random = new Random(5);
        long said = 0;
        long asked = 0;
        long counted = 0;
        List<Long> times = new ArrayList<>();
        for (long now = START; now < START + 60_000; now += random.nextInt(20)) {
            asked++;
            boolean admitted = random.nextBoolean()
                    ? gate.admits("word", now)
                    : gate.admitsFrom("host " + random.nextInt(3_000), "word", now);
            if (admitted) {
                said++;
                times.add(now);
            }
            counted += gate.leftOut(now)
                    .map(count -> Long.parseLong(count.split(" ")[2]))
                    .orElse(0L);
        }
        counted += gate.leftOut(START + 100_000)
                .map(count -> Long.parseLong(count.split(" ")[2]))
                .orElse(0L);
        assertThat(said + counted).isEqualTo(asked);
        for (int i = Floodgate.PER_SECOND; i < times.size(); i++) {
            assertThat(times.get(i) / 1_000).isGreaterThan(times.get(i - Floodgate.PER_SECOND) / 1_000);
        }
    }

    @Test
    void hostsWithoutNumberAreNotRemembered() {
        for (int i = 0; i < 10 * Floodgate.MAX_HOSTS; i++) {
            gate.admitsFrom("host " + i, "word", START + 100L * i);
        }
        assertThat(gate.admitsFrom("host 0", "word", START + 1_000_000L * Floodgate.MAX_HOSTS))
                .isTrue();
    }
}
