package io.fluctus.media;

import static org.assertj.core.api.Assertions.assertThat;

import io.fluctus.media.MediaPacket.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class TimelineTest {
    private final Timeline timeline = new Timeline();
    private long now = 1_000_000;

    private long audio(long timestamp) {
        return timeline.place(Kind.AUDIO, timestamp, true, now);
    }

    private long video(long timestamp) {
        return timeline.place(Kind.VIDEO, timestamp, true, now);
    }

    private long header(long timestamp) {
        return timeline.place(Kind.VIDEO, timestamp, false, now);
    }

    @Test
    void aStreamBeginsAtZeroWhateverItsPublishersClockSays() {
        assertThat(video(987_654)).isZero();
        assertThat(audio(987_664)).isEqualTo(10);
        assertThat(video(987_694)).isEqualTo(40);
    }

    @Test
    void theLineGoesOnWhere32BitsWrap() {
        video(0xFFFF_FFF0L);
        assertThat(video(0x10)).isEqualTo(0x20);
        assertThat(video(0x38)).isEqualTo(0x48);
    }

    @Test
    void the31BitBorderIsNoJump() {
        video(0x7FFF_FFF0L);
        assertThat(video(0x8000_0010L)).isEqualTo(0x20);
    }

    @Test
    void aJumpIsBridgedByTheTimeThatPassed() {
        video(0);
        now += 40;
        assertThat(video(36_000_000)).isEqualTo(40);
        now += 40;
        assertThat(video(36_000_040)).isEqualTo(80);
        now += 40;
        assertThat(video(5)).isEqualTo(120);
    }

    @Test
    void aStepOfFiveSecondsIsNoJump() {
        video(0);
        assertThat(video(Timeline.JUMP)).isEqualTo(Timeline.JUMP);
    }

    @Test
    void aTrackNeverGoesBack() {
        video(0);
        assertThat(video(100)).isEqualTo(100);
        assertThat(video(60)).isEqualTo(100);
        assertThat(video(140)).isEqualTo(140);
    }

    @Test
    void audioMayBeBehindVideo() {
        video(0);
        video(100);
        assertThat(audio(80)).isEqualTo(80);
    }

    @Test
    void aHeaderNeverMovesTheClock() {
        video(0);
        video(1_000);
        assertThat(header(0xFFFF_FFFFL))
                .as("its underflow is a small step back")
                .isEqualTo(1_000);
        assertThat(header(3_600_000)).isEqualTo(1_000);
        assertThat(video(1_040)).isEqualTo(1_040);
    }

    @Test
    void theNextPublisherGoesOnAfterTheSilence() {
        video(5_000);
        video(6_000);
        now += 3_000;
        timeline.restart();
        assertThat(video(0)).isEqualTo(4_000);
        assertThat(video(40)).isEqualTo(4_040);
    }

    @Test
    void whateverComesTheTracksNeverGoBack() {
        SplittableRandom random = new SplittableRandom(7);
        List<Long> placed = new ArrayList<>();
        for (int i = 0; i < 20_000; i++) {
            now += random.nextInt(50);
            placed.add(video(random.nextInt(10) == 0 ? random.nextLong(1L << 32) : i * 40L));
        }
        assertThat(placed).isSorted();
        assertThat(placed.get(placed.size() - 1))
                .as("jumps add no more than the time that passed")
                .isLessThan(3 * 20_000 * 40L);
    }
}
