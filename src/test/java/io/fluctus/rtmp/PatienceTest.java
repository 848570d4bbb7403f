package io.fluctus.rtmp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fluctus.rtmp.Patience.Step;
import io.fluctus.wire.ProtocolException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class PatienceTest {
    private static final long START = 1_000_000;

    @ParameterizedTest
    @CsvSource({
        "HANDSHAKE,5000,no handshake within 5 s",
        "CONNECT,10000,no connect within 10 s",
        "IDLE,20000,no publish or play within 20 s"
    })
    void eachStepOfThePeerHasItsTime(Step step, long limit, String sentence) {
        Patience patience = new Patience(Patience.IDLE_PUBLISHER, START);
        patience.enter(step, START + 77);
        assertThatCode(() -> patience.checkStep(START + 77 + limit - 1)).doesNotThrowAnyException();
        assertThatThrownBy(() -> patience.checkStep(START + 77 + limit))
                .isInstanceOf(ProtocolException.class)
                .hasMessage(sentence);
    }

    @ParameterizedTest
    @EnumSource(names = {"DECISION", "IN_USE"})
    void whatIsNotThePeersTakesAnyTime(Step step) {
        Patience patience = new Patience(Patience.IDLE_PUBLISHER, START);
        patience.enter(step, START);
        assertThatCode(() -> patience.checkStep(START + 1_000_000_000_000L)).doesNotThrowAnyException();
    }

    @Test
    void theHandshakeHasBegunWithTheConnection() {
        Patience patience = new Patience(Patience.IDLE_PUBLISHER, START);
        patience.heard(START + 4_999); // a byte now and then gains no time
        assertThatThrownBy(() -> patience.checkStep(START + 5_000)).hasMessageContaining("handshake");
    }

    @ParameterizedTest
    @CsvSource({"false,15000,15000", "true,5000,5000"})
    void aSilentPeerIsAskedOnceAndThenGivenUp(boolean publisher, long pingAfter, long answerWithin) {
        Patience patience = new Patience(Patience.IDLE_PUBLISHER, START);
        assertThat(patience.pingIsDue(publisher, START + pingAfter - 1)).isFalse();
        assertThat(patience.pingIsDue(publisher, START + pingAfter)).isTrue();
        assertThat(patience.pingIsDue(publisher, START + pingAfter + 1)).isFalse();
        assertThat(patience.pingIsDue(publisher, START + pingAfter + answerWithin - 1))
                .isFalse();
        assertThatThrownBy(() -> patience.pingIsDue(publisher, START + pingAfter + answerWithin))
                .isInstanceOf(ProtocolException.class)
                .hasMessageContaining("silent for " + (pingAfter + answerWithin) / 1_000 + " s");
    }

    @ParameterizedTest
    @ValueSource(longs = {1_000, 7_001, 3_600_000})
    void aPublisherIsGivenUpWhenTheConfiguredTimeIsOver(long idle) {
        Patience patience = new Patience(idle, START);
        assertThat(patience.pingIsDue(true, START + idle / 2 - 1)).isFalse();
        assertThat(patience.pingIsDue(true, START + idle / 2)).isTrue();
        assertThat(patience.pingIsDue(true, START + idle - 1)).isFalse();
        assertThatThrownBy(() -> patience.pingIsDue(true, START + idle)).isInstanceOf(ProtocolException.class);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void anyByteIsAnAnswer(boolean publisher) {
        Patience patience = new Patience(Patience.IDLE_PUBLISHER, START);
        for (long now = START; now < START + 3_600_000; now += 16_000) {
            assertThat(patience.pingIsDue(publisher, now + 15_000)).isTrue();
            patience.heard(now + 16_000);
        }
    }

    @ParameterizedTest
    @EnumSource(Step.class)
    void nothingHappensBeforeTheDeadline(Step step) {
        for (boolean publisher : new boolean[] {true, false}) {
            Patience patience = new Patience(Patience.IDLE_PUBLISHER, START);
            patience.enter(step, START);
            for (long now = START; now < START + 60_000 && now < patience.deadline(publisher); now += 10) {
                patience.checkStep(now);
                assertThat(step == Step.IN_USE && patience.pingIsDue(publisher, now))
                        .isFalse();
            }
        }
    }

    @Test
    void aPingThatLeftLateStillHasItsTime() {
        Patience patience = new Patience(Patience.IDLE_PUBLISHER, START);
        assertThat(patience.pingIsDue(true, START + 60_000)).isTrue();
        assertThat(patience.pingIsDue(true, START + 64_999)).isFalse();
    }
}
