package io.fluctus.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import org.junit.jupiter.api.Test;

class NoticesTest {
    private final Notices notices = new Notices();

    private void add(int number) {
        notices.add(new Notices.Notice(Action.STOP, new JsonObject().put("n", number)));
    }

    private int next() {
        return notices.next().orElseThrow().request().getInteger("n");
    }

    @Test
    void theNextOneWaitsForTheLast() {
        add(1);
        add(2);
        assertThat(next()).isEqualTo(1);
        assertThat(notices.next()).isEmpty();
        notices.arrived();
        assertThat(next()).isEqualTo(2);
        notices.arrived();
        assertThat(notices.next()).isEmpty();
        assertThat(notices.delivered()).isEqualTo(2);
    }

    @Test
    void aFailedOneIsTriedAgainLaterAndLaterAndThenGivenUp() {
        add(1);
        add(2);
        long expected = Notices.FIRST_DELAY_MILLIS;
        for (int i = 1; i < Notices.TRIES; i++) {
            assertThat(next()).isEqualTo(1);
            assertThat(notices.failed()).isEqualTo(expected);
            assertThat(notices.next()).isEmpty();
            notices.again();
            expected *= 2;
        }
        assertThat(next()).isEqualTo(1);
        assertThat(notices.failed()).isZero();
        notices.again();
        assertThat(next()).isEqualTo(2);
        assertThat(notices.givenUp()).isEqualTo(1);
    }

    @Test
    void theQueueIsBoundedAndTheOneUnderWayKeepsItsPlace() {
        for (int i = 0; i < Notices.MAX_WAITING; i++) {
            add(i);
        }
        assertThat(next()).isZero();
        add(Notices.MAX_WAITING);
        assertThat(notices.size()).isEqualTo(Notices.MAX_WAITING);
        notices.arrived();
        assertThat(next()).isEqualTo(2); // 1 was the oldest that waited
    }
}
