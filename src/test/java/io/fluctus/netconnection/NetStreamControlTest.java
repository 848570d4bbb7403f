package io.fluctus.netconnection;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** pause, seek, receiveAudio, receiveVideo, SetBufferLength and pings: answered at once, told upward when they change something. */
class NetStreamControlTest {
    @Test
    void pauseIsNotifiedAndEndsTheStreamForNow() {
        PlayTest.playing()
                .play(
                        "C 1 pause 0 null true 1000",
                        "E Paused 1 true",
                        "S 1 onStatus 0 null NetStream.Pause.Notify",
                        "S StreamEOF 1",
                        "C 1 pause 0 null false 1000",
                        "E Paused 1 false",
                        "S StreamBegin 1",
                        "S 1 onStatus 0 null NetStream.Unpause.Notify");
    }

    @Test
    void pausingTwiceIsAnsweredTwiceAndToldOnce() {
        PlayTest.playing()
                .play(
                        "C 1 pauseRaw 0 null 1 0",
                        "E Paused 1 true",
                        "S 1 onStatus 0 null NetStream.Pause.Notify",
                        "S StreamEOF 1",
                        "C 1 pause 0 null",
                        "S 1 onStatus 0 null NetStream.Pause.Notify",
                        "S StreamEOF 1");
    }

    @Test
    void seekOnLiveSucceedsWhereItIs() {
        PlayTest.playing()
                .play(
                        "C 1 seek 0 null 5000",
                        "E Seeked 1 5000",
                        "S StreamEOF 1",
                        "S StreamBegin 1",
                        "S 1 onStatus 0 null NetStream.Seek.Notify",
                        "S 1 onStatus 0 null NetStream.Play.Start",
                        "C 1 seek 0 null -5",
                        "E Seeked 1 0",
                        "S StreamEOF 1",
                        "S StreamBegin 1",
                        "S 1 onStatus 0 null NetStream.Seek.Notify",
                        "S 1 onStatus 0 null NetStream.Play.Start");
    }

    @Test
    void seekWhereNothingPlaysFails() {
        PublishTest.publishing().play("C 1 seek 0 null 5000", "S 1 onStatus 0 null NetStream.Seek.Failed");
    }

    @Test
    void tracksAreSwitchedOffSilentlyAndOnWithNotice() {
        PlayTest.playing()
                .play(
                        "C 1 receiveAudio 0 null false",
                        "E TracksSelected 1 false true",
                        "C 1 receiveVideo 0 null false",
                        "E TracksSelected 1 false false",
                        "C 1 receiveVideo 0 null false",
                        "C 1 receiveAudio 0 null true",
                        "E TracksSelected 1 true false",
                        "S 1 onStatus 0 null NetStream.Seek.Notify",
                        "S 1 onStatus 0 null NetStream.Play.Start",
                        "C 1 receiveVideoFPS 0 null 10");
    }

    @Test
    void whatWasAskedBeforePlayHoldsFromItsAcceptance() {
        Script.connected()
                .play(
                        "C bufferLength 0 300",
                        "C 0 createStream 2 null",
                        "S 0 _result 2 null 1",
                        "C 1 receiveVideo 0 null false",
                        "C 1 play 0 null p1 -1 -1 false",
                        "E PlayRequested 1 p1 - -1 -1 false",
                        "C bufferLength 1 5000",
                        "C 1 pause 0 null true 0",
                        "A acceptPlay 1",
                        "E BufferLengthSet 1 5000",
                        "E TracksSelected 1 true false",
                        "E Paused 1 true",
                        "S StreamBegin 1",
                        "S 1 onStatus 0 null NetStream.Play.Start",
                        "S 1 data @0 |RtmpSampleAccess true true",
                        "S 1 onStatus 0 null NetStream.Pause.Notify",
                        "S StreamEOF 1");
    }

    @Test
    void closeStreamForgetsPauseAndTracksButNotTheBuffer() {
        PlayTest.playing()
                .play(
                        "C bufferLength 1 700",
                        "E BufferLengthSet 1 700",
                        "C 1 receiveAudio 0 null false",
                        "E TracksSelected 1 false true",
                        "C 1 closeStream 0 null",
                        "E PlayStopped 1",
                        "C 1 play 0 null p1 -1 -1 false",
                        "E PlayRequested 1 p1 - -1 -1 false",
                        "A acceptPlay 1",
                        "E BufferLengthSet 1 700",
                        "S StreamBegin 1",
                        "S 1 onStatus 0 null NetStream.Play.Start",
                        "S 1 data @0 |RtmpSampleAccess true true");
    }

    @Test
    void controlOfAPublisherChangesNothing() {
        PublishTest.publishing()
                .play(
                        "C 1 pause 0 null true",
                        "C 1 receiveAudio 0 null true",
                        "C bufferLength 1 5",
                        "C 1 video @0 17",
                        "E PacketReceived 1 VIDEO @0 17");
    }

    @Test
    void pingsAreEchoedUpToARate() {
        NetConnection server = NetConnection.server();
        for (int i = 0; i < 10_000; i++) {
            server.receive(Words.message("ping 01020304"), 5000);
        }
        assertThat(new Script(server).drain())
                .hasSize(NetConnection.MAX_PINGS)
                .allSatisfy(pong -> assertThat(Words.of(pong)).isEqualTo("pong " + 0x01020304));
        server.receive(Words.message("ping 01020304"), 6000);
        assertThat(server.poll()).isNotNull();
    }

    @Test
    void shortOrUnknownUserControlIsIgnored() {
        Script script = PlayTest.playing();
        for (int event = 0; event < 64; event++) {
            for (int bytes = 0; bytes < 4; bytes++) {
                Message control = new Message.UserControl(event, Words.hex("00".repeat(bytes)));
                assertThat(script.connection().receive(control, 0)).isEmpty();
            }
        }
        assertThat(script.drain()).isEmpty();
    }
}
