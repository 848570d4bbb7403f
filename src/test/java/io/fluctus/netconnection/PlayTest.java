package io.fluctus.netconnection;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fluctus.wire.ProtocolException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** play as players speak it: arguments made one, the exact sequence of the answer, and what viewers hear of their publisher. */
class PlayTest {
    /** A client that plays p1 on NetStream 1 and was accepted. */
    static Script playing() {
        return Script.connected()
                .play(
                        "C 0 createStream 2 null",
                        "S 0 _result 2 null 1",
                        "C 1 play 0 null p1",
                        "E PlayRequested 1 p1 - -2 -1 true",
                        "A acceptPlay 1",
                        "S StreamBegin 1",
                        "S 1 onStatus 0 null NetStream.Play.Reset",
                        "S 1 onStatus 0 null NetStream.Play.Start",
                        "S 1 data @0 |RtmpSampleAccess true true");
    }

    private static void asked(String arguments, String event) {
        Script.connected()
                .play(
                        "C 0 createStream 2 null",
                        "S 0 _result 2 null 1",
                        "C 1 play 0 null " + arguments,
                        "E PlayRequested 1 " + event);
    }

    @Test
    void aHundredPlaysASecondAreHeardAndNoMore() {
        NetConnection connection = Script.connected()
                .play("C 0 createStream 2 null", "S 0 _result 2 null 1")
                .connection();
        for (int second = 10; second < 13; second++) {
            for (int i = 0; i < NetConnection.MAX_REQUESTS; i++) {
                connection.receive(Words.message("1 play 0 null p1"), second * 1_000L + i);
            }
        }
        assertThatThrownBy(() -> connection.receive(Words.message("1 publish 0 null p1 live"), 12_999))
                .isInstanceOf(ProtocolException.class)
                .hasMessage("asks to publish, to play or for shared objects more than 100 times in a second");
    }

    @Test
    void ffmpegPlays() {
        Script.connected()
                .play(
                        "C 0 createStream 2 null",
                        "S 0 _result 2 null 1",
                        "C 0 getStreamLength 3 null p1",
                        "S 0 _result 3 null 0",
                        "C 1 play 4 null p1 -2000",
                        "E PlayRequested 1 p1 - -2 -1 true",
                        "C bufferLength 1 3000",
                        "A acceptPlay 1",
                        "E BufferLengthSet 1 3000",
                        "S StreamBegin 1",
                        "S 1 onStatus 0 null NetStream.Play.Reset",
                        "S 1 onStatus 0 null NetStream.Play.Start",
                        "S 1 data @0 |RtmpSampleAccess true true",
                        "C 0 deleteStream 5 null 1",
                        "E PlayStopped 1");
    }

    @Test
    void rtmpdumpPlays() {
        Script.connected()
                .play(
                        "C bufferLength 0 300",
                        "C 0 createStream 2 null",
                        "S 0 _result 2 null 1",
                        "C 0 FCSubscribe 3 null p1",
                        "S 0 _result 3 null null",
                        "S 0 onFCSubscribe 0 null NetStream.Play.Start",
                        "C 1 play 4 null p1 -1000 2000",
                        "E PlayRequested 1 p1 - -1 2000 true",
                        "A acceptPlay 1",
                        "E BufferLengthSet 1 300",
                        "S StreamBegin 1",
                        "S 1 onStatus 0 null NetStream.Play.Reset",
                        "S 1 onStatus 0 null NetStream.Play.Start",
                        "S 1 data @0 |RtmpSampleAccess true true",
                        "C bufferLength 1 36000000",
                        "E BufferLengthSet 1 36000000",
                        "C 0 FCUnsubscribe 5 null p1",
                        "S 0 _result 5 null null",
                        "S 0 onFCUnsubscribe 0 null NetStream.Play.Stop");
    }

    @Test
    void librtmfpAndTcconnPlayOverRtmfp() {
        Script.connected()
                .play(
                        "C 0 setPeerInfo 0 null",
                        "C 0 createStream 2 null",
                        "S 0 _result 2 null 1",
                        "C 1 play 0 null s1",
                        "E PlayRequested 1 s1 - -2 -1 true",
                        "A acceptPlay 1",
                        "S StreamBegin 1",
                        "S 1 onStatus 0 null NetStream.Play.Reset",
                        "S 1 onStatus 0 null NetStream.Play.Start",
                        "S 1 data @0 |RtmpSampleAccess true true",
                        "A published 1",
                        "S StreamBegin 1",
                        "S 1 onStatus 0 null NetStream.Play.PublishNotify");
    }

    @Test
    void gstreamerPlaysFromZero() {
        asked("p1 0", "p1 - 0 -1 true");
    }

    @Test
    void startIsReadInSecondsAndMilliseconds() {
        String[][] table = {
            {"", "-2"},
            {"-2", "-2"},
            {"-2000", "-2"},
            {"-1", "-1"},
            {"-1000", "-1"},
            {"0", "0"},
            {"5000", "5000"},
            {"-3", "-2"},
            {"NaN", "-2"},
            {"-Infinity", "-2"},
            {"null", "-2"},
            {"word", "-2"},
            {"1e308", "4294967295"},
        };
        for (String[] row : table) {
            asked(("p1 " + row[0]).trim(), "p1 - " + row[1] + " -1 true");
        }
    }

    @Test
    void durationIsMillisecondsOrToTheEnd() {
        String[][] table = {{"-1", "-1"}, {"-1000", "-1"}, {"0", "0"}, {"2500.5", "2500"}, {"NaN", "-1"}, {"x", "-1"}};
        for (String[] row : table) {
            asked("p1 -2 " + row[0], "p1 - -2 " + row[1] + " true");
        }
    }

    @Test
    void resetIsABooleanOrANumber() {
        String[][] table = {
            {"true", "true"}, {"false", "false"}, {"0", "false"}, {"1", "true"}, {"3", "true"}, {"null", "true"}
        };
        for (String[] row : table) {
            asked("p1 -2 -1 " + row[0], "p1 - -2 -1 " + row[1]);
        }
    }

    @Test
    void namesLosePrefixAndQuery() {
        for (String name : List.of("p1", "mp4:p1", "flv:p1", "mp3:p1", "raw:p1", "mp4:/p1", "/p1")) {
            asked(name + "?t=1", "p1 t=1 -2 -1 true");
        }
        asked("sub/p1", "sub/p1 - -2 -1 true");
        asked("mp4:flv", "flv - -2 -1 true");
    }

    @Test
    void withoutResetThereIsNoPlayReset() {
        Script.connected()
                .play(
                        "C 0 createStream 2 null",
                        "S 0 _result 2 null 1",
                        "C 1 play 0 null p1 -2 -1 false",
                        "E PlayRequested 1 p1 - -2 -1 false",
                        "A acceptPlay 1",
                        "S StreamBegin 1",
                        "S 1 onStatus 0 null NetStream.Play.Start",
                        "S 1 data @0 |RtmpSampleAccess true true",
                        "A acceptPlay 1");
    }

    @Test
    void aNameThatIsNoneIsNotFound() {
        playing().play("C 1 play 0 null a//b", "E PlayStopped 1", "S 1 onStatus 0 null NetStream.Play.StreamNotFound");
    }

    @Test
    void aRejectedPlayHearsTheStatus() {
        Script.connected()
                .play(
                        "C 0 createStream 2 null",
                        "S 0 _result 2 null 1",
                        "C 1 play 0 null p1",
                        "E PlayRequested 1 p1 - -2 -1 true",
                        "A rejectPlay 1 NetStream.Play.StreamNotFound",
                        "S 1 onStatus 0 null NetStream.Play.StreamNotFound",
                        "A acceptPlay 1",
                        "A rejectPlay 1 NetStream.Play.Failed",
                        "A acceptPlay 2",
                        "A rejectPlay 2 NetStream.Play.Failed");
    }

    @Test
    void closeStreamThenPlayAgainOnTheSameId() {
        playing()
                .play(
                        "C 1 closeStream 0 null",
                        "E PlayStopped 1",
                        "C 1 play 0 null p2",
                        "E PlayRequested 1 p2 - -2 -1 true",
                        "C 1 play 0 null p3",
                        "E PlayStopped 1",
                        "E PlayRequested 1 p3 - -2 -1 true",
                        "C 1 closeStream 0 null",
                        "E PlayStopped 1",
                        "A acceptPlay 1");
    }

    @Test
    void playFalseStops() {
        playing()
                .play(
                        "C 1 play 0 null false",
                        "E PlayStopped 1",
                        "S StreamEOF 1",
                        "S 1 onStatus 0 null NetStream.Play.Stop",
                        "C 1 play 0 null false",
                        "C 1 play 0 null");
    }

    @Test
    void play2IsRefusedAndTheStreamGoesOn() {
        playing()
                .play(
                        "C 1 play2 0 null {}",
                        "S 1 onStatus 0 null NetStream.Play.Failed",
                        "A published 1",
                        "S StreamBegin 1",
                        "S 1 onStatus 0 null NetStream.Play.PublishNotify");
    }

    @Test
    void viewersHearOfTheirPublisher() {
        playing()
                .play(
                        "A unpublished 1",
                        "S 1 onStatus 0 null NetStream.Play.UnpublishNotify",
                        "S StreamEOF 1",
                        "A published 1",
                        "S StreamBegin 1",
                        "S 1 onStatus 0 null NetStream.Play.PublishNotify",
                        "A status 1 NetStream.Play.InsufficientBW",
                        "S 1 onStatus 0 null NetStream.Play.InsufficientBW",
                        "A status 0 NetConnection.Connect.Closed",
                        "S 0 onStatus 0 null NetConnection.Connect.Closed");
    }

    @Test
    void whoDoesNotPlayHearsOfNoPublisher() {
        Script.connected()
                .play(
                        "C 0 createStream 2 null",
                        "S 0 _result 2 null 1",
                        "A published 1",
                        "A unpublished 1",
                        "A published 5",
                        "A unpublished 5",
                        "A status 5 NetStream.Play.Failed");
    }

    @Test
    void playWithoutANetStreamIsRefused() {
        Script.connected()
                .play(
                        "C 0 play 0 null p1",
                        "S 0 onStatus 0 null NetStream.Failed",
                        "C 3 play2 0 null {}",
                        "S 3 onStatus 0 null NetStream.Failed",
                        "C 3 closeStream 0 null",
                        "C 0 closeStream 0 null",
                        "C 3 pause 0 null true",
                        "C bufferLength 3 100");
    }
}
