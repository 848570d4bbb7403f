package io.fluctus.netconnection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fluctus.wire.AmfValue;
import io.fluctus.wire.ProtocolException;
import io.vertx.core.buffer.Buffer;
import java.util.List;
import org.junit.jupiter.api.Test;

/** publish as encoders speak it, what comes of their media, and every way in which it ends. */
class PublishTest {
    /** A client that publishes s1 on NetStream 1 and was accepted. */
    static Script publishing() {
        return Script.connected()
                .play(
                        "C 0 createStream 2 null",
                        "S 0 _result 2 null 1",
                        "C 1 publish 0 null s1 live",
                        "E PublishRequested 1 s1 - live",
                        "A acceptPublish 1",
                        "S 1 onStatus 0 null NetStream.Publish.Start");
    }

    @Test
    void ffmpegPublishes() {
        Script.connected()
                .play(
                        "C 0 _checkbw 2 null",
                        "S 0 _result 2 null null",
                        "C 0 releaseStream 2 null s1",
                        "S 0 _result 2 null null",
                        "C 0 FCPublish 3 null s1",
                        "S 0 _result 3 null null",
                        "C 0 createStream 4 null",
                        "S 0 _result 4 null 1",
                        "C 1 publish 5 null s1 live",
                        "E PublishRequested 1 s1 - live",
                        "A acceptPublish 1",
                        "S 0 onFCPublish 0 null NetStream.Publish.Start",
                        "S 1 onStatus 0 null NetStream.Publish.Start",
                        "C 1 data @0 @setDataFrame onMetaData 1",
                        "E PacketReceived 1 DATA @0 onMetaData 1",
                        "C 1 video @0 17000000",
                        "E PacketReceived 1 VIDEO @0 17000000",
                        "C 1 audio @4294967295 af00",
                        "E PacketReceived 1 AUDIO @4294967295 af00",
                        "C 0 FCUnpublish 6 null s1",
                        "E PublishStopped 1",
                        "S 0 onFCUnpublish 0 null NetStream.Unpublish.Success",
                        "S 0 _result 6 null null",
                        "S 1 onStatus 0 null NetStream.Unpublish.Success",
                        "C 0 deleteStream 7 null 1",
                        "C 1 video @40 27");
    }

    @Test
    void librtmpPublishesWithTheQueryInTheName() {
        Script.connected()
                .play(
                        "C 0 releaseStream 2 null s4?key=a/b",
                        "S 0 _result 2 null null",
                        "C 0 FCPublish 3 null s4?key=a/b",
                        "S 0 _result 3 null null",
                        "C 0 createStream 4 null",
                        "S 0 _result 4 null 1",
                        "C 1 publish 5 null s4?key=a/b live",
                        "E PublishRequested 1 s4 key=a/b live",
                        "A acceptPublish 1",
                        "S 0 onFCPublish 0 null NetStream.Publish.Start",
                        "S 1 onStatus 0 null NetStream.Publish.Start",
                        "C 0 FCUnpublish 6 null s4?key=a/b",
                        "E PublishStopped 1",
                        "S 0 onFCUnpublish 0 null NetStream.Unpublish.Success",
                        "S 0 _result 6 null null",
                        "S 1 onStatus 0 null NetStream.Unpublish.Success");
    }

    @Test
    void gstreamerPublishesWithoutTransactionIds() {
        Script.connected()
                .play(
                        "C 0 releaseStream 0 null s5",
                        "C 0 FCPublish 0 null s5",
                        "C 0 createStream 2 null",
                        "S 0 _result 2 null 1",
                        "C 1 publish 0 null s5 live",
                        "E PublishRequested 1 s5 - live",
                        "A acceptPublish 1",
                        "S 0 onFCPublish 0 null NetStream.Publish.Start",
                        "S 1 onStatus 0 null NetStream.Publish.Start",
                        "C 0 deleteStream 0 null 1",
                        "E PublishStopped 1");
    }

    @Test
    void obsPublishesAfterItsDataFrame() {
        Script.connected()
                .play(
                        "C 0 releaseStream 2 null obs",
                        "S 0 _result 2 null null",
                        "C 0 FCPublish 3 null obs",
                        "S 0 _result 3 null null",
                        "C 0 createStream 4 null",
                        "S 0 _result 4 null 1",
                        "C 1 publish 5 null obs live",
                        "E PublishRequested 1 obs - live",
                        "A acceptPublish 1",
                        "S 0 onFCPublish 0 null NetStream.Publish.Start",
                        "S 1 onStatus 0 null NetStream.Publish.Start",
                        "C 1 data @0 @setDataFrame onMetaData OBS",
                        "E PacketReceived 1 DATA @0 onMetaData OBS",
                        "C 1 audio @0 -",
                        "E PacketReceived 1 AUDIO @0 -",
                        "C 1 video @0 -",
                        "E PacketReceived 1 VIDEO @0 -");
    }

    @Test
    void flashPublishesInAmf3AndSendsBeforeItIsAccepted() {
        Script.connected()
                .play(
                        "C 0 createStream^3 2 null",
                        "S 0 _result^3 2 null 1",
                        "C 1 publish^3 0 null cam record",
                        "E PublishRequested 1 cam - record",
                        "C 1 data @0 @setDataFrame onMetaData 1",
                        "C 1 video @1 17000000",
                        "C 1 audio @2 af00",
                        "A acceptPublish 1",
                        "E PacketReceived 1 DATA @0 onMetaData 1",
                        "E PacketReceived 1 VIDEO @1 17000000",
                        "E PacketReceived 1 AUDIO @2 af00",
                        "S 1 onStatus^3 0 null NetStream.Publish.Start",
                        "A acceptPublish 1",
                        "C 1 closeStream^3 0 null",
                        "E PublishStopped 1",
                        "S 1 onStatus^3 0 null NetStream.Unpublish.Success",
                        "C 1 publish^3 0 null cam append",
                        "E PublishRequested 1 cam - append");
    }

    @Test
    void fcPublishMayComeAfterCreateStreamOrNever() {
        Script.connected()
                .play(
                        "C 0 createStream 2 null",
                        "S 0 _result 2 null 1",
                        "C 0 FCPublish 3 null s1",
                        "S 0 _result 3 null null",
                        "C 1 publish 4 null s1",
                        "E PublishRequested 1 s1 - live",
                        "A acceptPublish 1",
                        "S 0 onFCPublish 0 null NetStream.Publish.Start",
                        "S 1 onStatus 0 null NetStream.Publish.Start");
        publishing();
    }

    @Test
    void theCommandObjectMayBeMissing() {
        publishing().play("C 1 publish 5 s2 record", "E PublishStopped 1", "E PublishRequested 1 s2 - record");
        publishing().play("C 1 publish 5 {} s3 nonsense", "E PublishStopped 1", "E PublishRequested 1 s3 - live");
    }

    @Test
    void namesLosePrefixAndQuery() {
        String[][] table = {
            {"mp4:s1", "s1 -"},
            {"flv:s1?a=1", "s1 a=1"},
            {"/s1/", "s1 -"},
            {"studio/s1", "studio/s1 -"},
            {"s1?", "s1 -"},
        };
        for (String[] row : table) {
            Script.connected()
                    .play(
                            "C 0 createStream 2 null",
                            "S 0 _result 2 null 1",
                            "C 1 publish 0 null " + row[0] + " live",
                            "E PublishRequested 1 " + row[1] + " live");
        }
    }

    @Test
    void aNameThatIsNoneIsBadAndTheConnectionEnds() {
        for (String name : List.of("\"\"", "..", "a//b", "mp4:", "?key=1", "a:b", "x".repeat(200))) {
            Script script = Script.connected();
            script.connection().receive(Words.message("0 createStream 2 null"), 0);
            script.drain();
            List<Event> events = script.connection().receive(Words.message("1 publish 0 null " + name), 0);
            assertThat(events).as(name).hasSize(1);
            assertThat(events.get(0)).isInstanceOf(Event.CloseRequested.class);
            assertThat(script.drain()).map(Words::of).containsExactly("1 onStatus 0 null NetStream.Publish.BadName");
        }
    }

    @Test
    void statusesHaveDetailsAndClientid() {
        Script script = Script.connected();
        for (String line : List.of("0 createStream 2 null", "1 publish 0 null mp4:s1?key=secret live")) {
            script.connection().receive(Words.message(line), 0);
        }
        script.drain();
        script.connection().acceptPublish(1);
        Message.Command status = (Message.Command) script.connection().poll();
        assertThat(status.values().get(1).members().keySet())
                .containsExactly("level", "code", "description", "details", "clientid");
        assertThat(status.values().get(1).members()).containsEntry("details", AmfValue.of("s1"));
    }

    @Test
    void aRejectedPublishHearsTheStatusAndItsMediaIsDropped() {
        Script script = Script.connected()
                .play(
                        "C 0 createStream 2 null",
                        "S 0 _result 2 null 1",
                        "C 1 publish 0 null s1 live",
                        "E PublishRequested 1 s1 - live",
                        "C 1 video @0 17",
                        "A rejectPublish 1 NetStream.Publish.BadName",
                        "S 1 onStatus 0 null NetStream.Publish.BadName",
                        "A acceptPublish 1",
                        "A rejectPublish 1 NetStream.Publish.BadName",
                        "C 1 video @1 27");
        assertThat(script.connection().ignored()).isEqualTo(1);
    }

    @Test
    void aPublishThatStoppedBeforeItsAnswerNeedsNone() {
        Script.connected()
                .play(
                        "C 0 createStream 2 null",
                        "S 0 _result 2 null 1",
                        "C 1 publish 0 null s1 live",
                        "E PublishRequested 1 s1 - live",
                        "C 1 closeStream 0 null",
                        "E PublishStopped 1",
                        "A acceptPublish 1",
                        "A acceptPublish 7",
                        "A rejectPublish 7 NetStream.Publish.Denied");
    }

    @Test
    void everyEndIsACleanEnd() {
        publishing().play("C 0 deleteStream 0 null 1", "E PublishStopped 1");
        publishing().play("C 1 publish 0 null s2 live", "E PublishStopped 1", "E PublishRequested 1 s2 - live");
        for (String end : List.of("1 closeStream 0 null", "1 publish 0 null false", "1 publish 0 null")) {
            publishing()
                    .play(
                            "C " + end,
                            "E PublishStopped 1",
                            "S 1 onStatus 0 null NetStream.Unpublish.Success",
                            "C " + end);
        }
        publishing()
                .play(
                        "C 0 FCUnpublish 0 null mp4:s1",
                        "E PublishStopped 1",
                        "S 0 onFCUnpublish 0 null NetStream.Unpublish.Success",
                        "S 1 onStatus 0 null NetStream.Unpublish.Success");
        publishing().play("C 0 close 0 null", "E PublishStopped 1", "E CloseRequested the peer said close");
    }

    @Test
    void fcUnpublishOfAnotherNameEndsNothing() {
        for (String name : List.of("s2", "..", "\"\"", "null")) {
            publishing()
                    .play(
                            "C 0 FCUnpublish 6 null " + name,
                            "S 0 onFCUnpublish 0 null NetStream.Unpublish.Success",
                            "S 0 _result 6 null null",
                            "C 1 video @0 17",
                            "E PacketReceived 1 VIDEO @0 17");
        }
    }

    @Test
    void playOnAPublishingNetStreamEndsThePublication() {
        publishing()
                .play(
                        "C 1 play 0 null s1 -1000",
                        "E PublishStopped 1",
                        "E PlayRequested 1 s1 - -1 -1 true",
                        "C 1 video @0 17");
    }

    @Test
    void publishWithoutANetStreamIsRefused() {
        Script.connected()
                .play(
                        "C 0 publish 0 null s1 live",
                        "S 0 onStatus 0 null NetStream.Failed",
                        "C 9 publish 0 null s1 live",
                        "S 9 onStatus 0 null NetStream.Failed",
                        "C 9 video @0 17");
    }

    @Test
    void dataFramesAreUnwrappedOrCleared() {
        publishing()
                .play(
                        "C 1 data @5 onTextData hello",
                        "E PacketReceived 1 DATA @5 onTextData hello",
                        "C 1 data @6 @setDataFrame custom 1 2",
                        "E PacketReceived 1 DATA @6 custom 1 2",
                        "C 1 data @7 @clearDataFrame onMetaData",
                        "E DataFrameCleared 1 onMetaData",
                        "C 1 data @8");
    }

    @Test
    void dataWithoutAHandlerEndsThePeer() {
        for (String data : List.of("1", "null", "@setDataFrame", "@setDataFrame 5", "@clearDataFrame null")) {
            assertThatThrownBy(() -> publishing().connection().receive(Words.message("1 data @0 " + data), 0))
                    .as(data)
                    .isInstanceOf(ProtocolException.class);
        }
        for (String bytes : List.of("02", "0200", "020005616263", "0cffffffff61", "0c000001016162", "11", "0e")) {
            assertThatThrownBy(
                            () -> publishing().connection().receive(new Message.Data(1, 0, Words.hex(bytes), false), 0))
                    .as(bytes)
                    .isInstanceOf(ProtocolException.class);
        }
    }

    @Test
    void aLongStringMayNameTheHandler() {
        Message data = new Message.Data(1, 0, Words.hex("0c00000001610500".substring(0, 14)), false);
        assertThat(publishing().connection().receive(data, 0)).hasSize(1);
    }

    @Test
    void earlyPacketsAreBoundedInNumberAndBytes() {
        for (int size : new int[] {0, 1, 300_000}) {
            Script script = Script.connected();
            NetConnection server = script.connection();
            server.receive(Words.message("0 createStream 2 null"), 0);
            server.receive(Words.message("1 publish 0 null s1 live"), 0);
            Buffer payload = Buffer.buffer(new byte[size]);
            for (int i = 0; i < 1000; i++) {
                assertThat(server.receive(new Message.Video(1, i, payload), 0)).isEmpty();
            }
            int kept = server.acceptPublish(1).size();
            assertThat(kept).isEqualTo(size == 300_000 ? 3 : NetStream.MAX_EARLY_PACKETS);
            assertThat(server.ignored()).isEqualTo(1000 - kept);
        }
    }

    @Test
    void earlyDataCountsAsLargeAsItsReferencesMakeIt() {
        Script script = Script.connected();
        NetConnection server = script.connection();
        server.receive(Words.message("0 createStream 2 null"), 0);
        server.receive(Words.message("1 publish 0 null s1 live"), 0);
        // "a", then a string of 10,000 bytes in AMF3 and 50 references to it
        String text = "1106" + "819c21" + "61".repeat(10_000) + "110600".repeat(50);
        for (int i = 0; i < 10; i++) {
            server.receive(new Message.Data(1, 0, Words.hex("02000161" + text), true), 0);
        }
        assertThat(server.acceptPublish(1)).hasSize(2);
        assertThat(server.ignored()).isEqualTo(8);
    }

    @Test
    void mediaOfNobodyIsCountedAndIgnored() {
        Script script = Script.connected()
                .play(
                        "C 0 createStream 2 null",
                        "S 0 _result 2 null 1",
                        "C 1 video @0 17",
                        "C 1 data @0 onMetaData 1",
                        "C 2 video @0 17",
                        "C 0 deleteStream 0 null 1");
        assertThat(script.connection().ignored()).isEqualTo(3);
    }

    @Test
    void severalNetStreamsPublishSideBySide() {
        publishing()
                .play(
                        "C 0 createStream 3 null",
                        "S 0 _result 3 null 2",
                        "C 2 publish 0 null s2 live",
                        "E PublishRequested 2 s2 - live",
                        "A acceptPublish 2",
                        "S 2 onStatus 0 null NetStream.Publish.Start",
                        "C 2 video @0 17",
                        "E PacketReceived 2 VIDEO @0 17",
                        "C 0 deleteStream 0 null 2",
                        "E PublishStopped 2",
                        "C 1 video @0 17",
                        "E PacketReceived 1 VIDEO @0 17");
    }
}
