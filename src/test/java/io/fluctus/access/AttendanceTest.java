package io.fluctus.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.fluctus.config.Config;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Who is there, and how many may be. */
class AttendanceTest {
    private final Attendance attendance =
            new Attendance(new Config.Limits(0, 0, 2, 2, new Config.Limits.Kbps(0, 0, 0, 0)));

    private Optional<String> admit(String client, String action, String stream, Ruling.Bounds bounds, long now) {
        Question question = Question.of(Asked.body(action, stream, "").put("client", client));
        return attendance.admit(attendance.enter(question.who()), question, stream, bounds, now);
    }

    private Optional<String> admit(String client, String action, String stream) {
        return admit(client, action, stream, Ruling.Bounds.NONE, 0);
    }

    @Test
    void viewersOfAStreamAreBounded() {
        assertThat(admit("a/1", "play", "live/cam")).isEmpty();
        assertThat(admit("a/2", "play", "live/cam")).isEmpty();
        assertThat(admit("a/3", "play", "live/cam")).contains("the stream has as many viewers as it may have");
        assertThat(admit("a/3", "play", "live/other")).isEmpty();
        attendance.ended(Action.PLAY, "a/1", "live/cam");
        assertThat(admit("a/3", "play", "live/cam")).isEmpty();
        assertThat(attendance.refused()).isEqualTo(1);
    }

    @Test
    void thePublishersBoundHoldsWhereItIsSmaller() {
        admit("p/1", "publish", "live/cam", new Ruling.Bounds(0, 0, 1), 0);
        assertThat(admit("a/1", "play", "live/cam")).isEmpty();
        assertThat(admit("a/2", "play", "live/cam")).isPresent();
        attendance.ended(Action.PUBLISH, "p/1", "live/cam");
        assertThat(admit("a/2", "play", "live/cam")).isEmpty();
    }

    @Test
    void connectionsOfAnApplicationAreBounded() {
        assertThat(admit("a/1", "connect", "")).isEmpty();
        assertThat(admit("a/2", "connect", "")).isEmpty();
        assertThat(admit("a/3", "connect", "")).contains("the application has as many connections as it may have");
        attendance.disconnected("a/3");
        attendance.disconnected("a/2");
        assertThat(admit("a/4", "connect", "")).isEmpty();
        assertThat(attendance.connections()).isEqualTo(Map.of("live", 2));
    }

    @Test
    void whoLeavesGivesBackAll() {
        admit("a/1", "connect", "");
        admit("a/1", "play", "live/cam");
        admit("a/1", "publish", "live/mine");
        assertThat(attendance.disconnected("a/1"))
                .extracting(over -> over.action() + " " + over.stream())
                .containsExactly("UNPUBLISH live/mine", "STOP live/cam");
        assertThat(attendance.disconnected("a/1")).isEmpty();
        assertThat(attendance.ended(Action.PLAY, "a/1", "live/cam")).isEmpty();
        assertThat(attendance.clients()).isZero();
        assertThat(attendance.viewers()).isEmpty();
        assertThat(attendance.connections()).isEmpty();
    }

    @Test
    void whatIsOverIsOverOnce() {
        admit("a/1", "play", "live/cam");
        assertThat(attendance.ended(Action.PLAY, "a/1", "live/cam")).hasSize(1);
        assertThat(attendance.ended(Action.PLAY, "a/1", "live/cam")).isEmpty();
        assertThat(attendance.viewers()).isEmpty();
    }

    @Test
    void timeRunsOutOnceAndForThoseWhoHaveABoundOnly() {
        admit("a/1", "play", "live/cam", new Ruling.Bounds(0, 5, 0), 1_000);
        admit("a/2", "play", "live/cam");
        assertThat(attendance.expired(5_999)).isEmpty();
        assertThat(attendance.expired(6_000)).containsExactly("a/1");
        assertThat(attendance.expired(7_000)).isEmpty();
    }

    @Test
    void aClientThatLeftWhileItWasDecidedIsNotHere() {
        Question question = Asked.question("play", "live/cam", "");
        Attendance.Stay stay = attendance.enter(question.who());
        attendance.disconnected(question.who().client());
        assertThat(attendance.isHere(stay)).isFalse();
        attendance.enter(question.who());
        assertThat(attendance.isHere(stay)).isFalse();
    }

    @Test
    void countsThatChangedAreToldOnce() {
        admit("a/1", "play", "live/cam");
        admit("a/2", "play", "live/brief");
        attendance.ended(Action.PLAY, "a/2", "live/brief");
        assertThat(attendance.changedViewers()).isEqualTo(Map.of("live/cam", 1));
        assertThat(attendance.changedViewers()).isEmpty();
        attendance.disconnected("a/1");
        assertThat(attendance.changedViewers()).isEqualTo(Map.of("live/cam", 0));
    }

    @Test
    void oneClientDoesNotFillTheHouse() {
        Attendance open = new Attendance(new Config.Limits(0, 0, 0, 0, new Config.Limits.Kbps(0, 0, 0, 0)));
        Question question = Asked.question("play", "live/cam", "");
        Attendance.Stay stay = open.enter(question.who());
        for (int i = 0; i < Attendance.MAX_STREAMS; i++) {
            assertThat(open.admit(stay, question, "live/s" + i, Ruling.Bounds.NONE, 0))
                    .isEmpty();
        }
        assertThat(open.admit(stay, question, "live/more", Ruling.Bounds.NONE, 0))
                .isPresent();
    }
}
