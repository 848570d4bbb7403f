package io.fluctus.netconnection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fluctus.wire.AmfValue;
import io.fluctus.wire.ProtocolException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Calls in both directions, createStream and deleteStream, and the encoders' little questions. */
class CallTest {
    @Test
    void anUnknownMethodIsACallForTheApplication() {
        Script.connected()
                .play(
                        "C 0 sum 7 null 3 4",
                        "E CallReceived 7 sum [3,4]",
                        "A result 7 7",
                        "S 0 _result 7 null 7",
                        "C 0 chat/say 0 null hello",
                        "E CallReceived 0 chat/say [hello]",
                        "A result 0 nobody",
                        "C 0 nothing 8",
                        "E CallReceived 8 nothing []",
                        "A notFound 8 nothing",
                        "S 0 _error 8 null NetConnection.Call.Failed",
                        "A notFound 0 nothing");
    }

    @Test
    void anAnswerHasTheFormOfTheQuestion() {
        Script.connected()
                .play(
                        "C 0 echo^3 9 null x",
                        "E CallReceived 9 echo [x]",
                        "A result 9 x",
                        "S 0 _result^3 9 null x",
                        "C 0 echo 10 null x",
                        "E CallReceived 10 echo [x]",
                        "A result 10 x",
                        "S 0 _result 10 null x");
    }

    @Test
    void methodNotFoundNamesTheMethodWithinBounds() {
        assertThat(Status.methodNotFound("sum").description()).isEqualTo("Method not found (sum)");
        assertThat(Status.methodNotFound("x".repeat(100_000)).description().length())
                .isLessThan(200);
    }

    @Test
    void aMethodWithoutANameOrWithAnEndlessOneIsNotFound() {
        Script script = Script.connected();
        for (String name : List.of("", "x".repeat(ServerSide.MAX_METHOD + 1))) {
            assertThat(script.connection().receive(Message.Command.of(0, name, 3), 0))
                    .isEmpty();
            assertThat(Words.of(script.connection().poll())).isEqualTo("0 _error 3 null NetConnection.Call.Failed");
        }
    }

    @Test
    void theEncodersLittleQuestionsAreAnswered() {
        for (String name : List.of(
                "releaseStream", "_checkbw", "set_playlist", "playlist_ready", "secureTokenResponse", "setPeerInfo")) {
            Script.connected()
                    .play("C 0 " + name + " 3 null x", "S 0 _result 3 null null", "C 0 " + name + " 0 null x");
        }
        Script.connected()
                .play(
                        "C 0 checkBandwidth 3 null",
                        "S 0 _result 3 null null",
                        "S 0 onBWDone 0 null 0 0 0 0",
                        "C 0 checkBandwidth 0 null",
                        "S 0 onBWDone 0 null 0 0 0 0",
                        "C 0 getStreamLength 4 null x",
                        "S 0 _result 4 null 0",
                        "C 1 getStreamLength 5 null x",
                        "S 0 _result 5 null 0");
    }

    @Test
    void strangeTransactionIdsAreHarmless() {
        for (String id : List.of("NaN", "-1", "0", "-Infinity", "Infinity", "-1e308")) {
            Script.connected()
                    .play(
                            "C 0 createStream " + id + " null",
                            "S 0 _result 0 null 1", // librtmfp waits for it
                            "C 0 _result " + id + " null 1",
                            "C 0 _error " + id + " null 1",
                            "C 0 sum " + id + " null",
                            "E CallReceived 0 sum []");
        }
        Script.connected()
                .play(
                        "C 0 createStream 1e308 null",
                        "S 0 _result " + Words.of(AmfValue.of(1e308)) + " null 1",
                        "C 0 createStream 1.5 null",
                        "S 0 _result 1.5 null 2");
    }

    @Test
    void ourCallsHaveRisingIdsAndHearTheirAnswers() {
        Script.connected()
                .play(
                        "A call ask 1",
                        "S 0 ask 1 null 1",
                        "A call ask 2",
                        "S 0 ask 2 null 2",
                        "A tell news x",
                        "S 0 news 0 null x",
                        "C 0 _result 2 null yes",
                        "E CallAnswered 2 true [yes]",
                        "C 0 _error 1 null NetConnection.Call.Failed",
                        "E CallAnswered 1 false [NetConnection.Call.Failed]",
                        "C 0 _result 1 null again",
                        "C 0 _result 99 null unknown",
                        "C 0 _error 2.5 null unknown");
    }

    @Test
    void callsWithoutAnAnswerAreForgottenOverTheBound() {
        Script script = Script.connected();
        for (int i = 0; i < PendingCalls.MAX_PENDING + 1; i++) {
            script.connection().call("ask");
            script.drain();
        }
        script.play("C 0 _result 1 null late", "C 0 _result 2 null x", "E CallAnswered 2 true [x]");
    }

    @Test
    void atMost32NetStreamsStandAtATime() {
        Script script = Script.connected();
        Message createStream = Words.message("0 createStream 2 null");
        int created = 0;
        for (int i = 0; i < 100_000; i++) {
            script.connection().receive(createStream, 0);
            created += ((Message.Command) script.connection().poll()).name().equals("_result") ? 1 : 0;
        }
        assertThat(created).isEqualTo(ServerSide.MAX_STREAMS);
        script.play("C 0 deleteStream 0 null 5", "C 0 createStream 2 null", "S 0 _result 2 null 33");
    }

    @Test
    void deleteStreamOfAnIdThatIsNotOpenTouchesNobody() {
        for (String id : List.of("2", "0", "-1", "1.5", "NaN", "1e308", "null", "x", "4294967297")) {
            PublishTest.publishing()
                    .play("C 0 deleteStream 0 null " + id, "C 1 video @0 17", "E PacketReceived 1 VIDEO @0 17");
        }
    }

    @Test
    void unknownTypesAreCountedAndIgnored() {
        Script script = Script.connected();
        script.connection().receive(new Message.Unknown(98, 0, 0, Words.hex("00")), 0);
        script.connection().receive(new Message.Unknown(99, 0, 0, Words.hex("00")), 0);
        assertThat(script.drain()).isEmpty();
        assertThat(script.connection().ignored()).isEqualTo(2);
    }

    @Test
    void aPeerThatCannotBeAnsweredIsCutOff() {
        Script script = Script.connected();
        assertThatThrownBy(() -> {
                    for (int i = 0; i <= Outbox.MAX_MESSAGES; i++) {
                        script.connection().receive(Words.message("0 _checkbw 2 null"), 0);
                    }
                })
                .isInstanceOf(ProtocolException.class)
                .hasMessageContaining("wait");
    }

    @Test
    void aDoorOfTheOtherSideIsAMistakeOfTheOwner() {
        assertThatThrownBy(() -> NetConnection.server().createStream()).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> NetConnection.client().accept()).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void statusesReadWhatTheyWrite() {
        Status status = Status.error("a.b", "c");
        assertThat(Status.fromAmf(status.toAmf(Map.of("x", AmfValue.NULL)))).isEqualTo(status);
        assertThat(Status.fromAmf(AmfValue.NULL)).isEqualTo(Status.status("", ""));
    }
}
