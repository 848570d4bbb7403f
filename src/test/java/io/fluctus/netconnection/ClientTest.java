package io.fluctus.netconnection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fluctus.media.MediaPacket;
import io.fluctus.wire.AmfValue;
import io.fluctus.wire.ProtocolException;
import io.vertx.core.buffer.Buffer;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Our own client: what it says to other servers and what it makes of their answers. */
class ClientTest {
    private final NetConnection client = NetConnection.client();
    private final Script script = new Script(client);

    private Script connecting() {
        client.connect("live", "rtmp://h/live", false);
        script.drain();
        return script;
    }

    @Test
    void connectNamesApplicationUrlAndAbilities() {
        client.connect("live", "rtmp://h/live", true, Map.of("token", AmfValue.of("t")));
        Message.Command connect = (Message.Command) client.poll();
        assertThat(connect.name()).isEqualTo("connect");
        assertThat(connect.transactionId()).isEqualTo(1);
        assertThat(connect.amf3()).isFalse();
        assertThat(connect.values()).hasSize(1);
        Map<String, AmfValue> members = connect.values().get(0).members();
        assertThat(members)
                .containsEntry("app", AmfValue.of("live"))
                .containsEntry("tcUrl", AmfValue.of("rtmp://h/live"))
                .containsEntry("type", AmfValue.of("nonprivate"))
                .containsEntry("objectEncoding", AmfValue.of(0))
                .containsEntry("token", AmfValue.of("t"));
        assertThat(Words.of(members.get("videoFourCcInfoMap"))).isEqualTo("{*=4}");
        assertThat(client.objectEncoding()).isZero();
    }

    @Test
    void aPlayerIsNoPublisher() {
        client.connect("live", "rtmp://h/live", false);
        assertThat(((Message.Command) client.poll()).values().get(0).members()).doesNotContainKey("type");
    }

    @Test
    void theResultOfConnectIsItsInformation() {
        connecting()
                .play(
                        "C 0 _result 1 {} NetConnection.Connect.Success",
                        "E Connected NetConnection.Connect.Success",
                        "C 0 onBWDone 0 null",
                        "C 0 _result 1 {} again");
    }

    @Test
    void aRefusalHasItsStatus() {
        connecting();
        Status status = Status.error(Status.CONNECT_REJECTED, "[ AccessManager.Reject ]");
        Message error = Message.Command.of(0, "_error", 1, AmfValue.NULL, status.toAmf(Map.of()));
        assertThat(client.receive(error, 0)).containsExactly(new Event.ConnectRefused(status));
        script.play(
                "C 0 close 0 null", "E CloseRequested the server said close", "C 0 _result 1 null", "A createStream");
    }

    @Test
    void publishGoesOutAsEncodersSayIt() {
        connecting()
                .play(
                        "A createStream",
                        "S 0 createStream 2 null",
                        "C 0 _result 2 null 1",
                        "E StreamCreated 1",
                        "A publish 1 s1?key=k live",
                        "S 0 releaseStream 3 null s1?key=k",
                        "S 0 FCPublish 4 null s1?key=k",
                        "S 1 publish 0 null s1?key=k live",
                        "C 0 _error 3 null x",
                        "C 0 _result 4 null",
                        "C 0 onFCPublish 0 null x",
                        "C 1 onStatus 0 null x",
                        "E StatusReceived 1 -",
                        "A deleteStream 1",
                        "S 0 FCUnpublish 5 null s1?key=k",
                        "S 0 deleteStream 0 null 1",
                        "A deleteStream 1",
                        "S 0 deleteStream 0 null 1");
    }

    @Test
    void playGoesOutInTheWiresUnits() {
        connecting()
                .play(
                        "A play 1 p1 -1",
                        "S 1 play 0 null p1 -1000",
                        "S bufferLength 1 3000",
                        "A play 1 p1 -2",
                        "S 1 play 0 null p1 -2000",
                        "S bufferLength 1 3000",
                        "A play 1 p1 1500",
                        "S 1 play 0 null p1 1500",
                        "S bufferLength 1 3000",
                        "A deleteStream 1",
                        "S 0 deleteStream 0 null 1");
    }

    @Test
    void aNetStreamThatIsNotCreatedIsAStatus() {
        for (String answer : new String[] {
            "_error 2 null x",
            "_result 2 null 0",
            "_result 2 null x",
            "_result 2 null 1e308",
            "_result 2 null NaN",
            "_result 2"
        }) {
            NetConnection other = NetConnection.client();
            other.connect("live", "rtmp://h/live", false);
            other.createStream();
            assertThat(other.receive(Words.message("0 " + answer), 0))
                    .as(answer)
                    .hasSize(1)
                    .allSatisfy(event ->
                            assertThat(Words.of(event)).isEqualTo("StatusReceived 0 NetConnection.Call.Failed"));
        }
    }

    @Test
    void mediaComesAsPacketsWithoutFlashsRemarks() {
        connecting()
                .play(
                        "C 1 data @0 |RtmpSampleAccess true true",
                        "C 1 data @0 onStatus x",
                        "C 1 data @0 onMetaData 1",
                        "E PacketReceived 1 DATA @0 onMetaData 1",
                        "C 1 video @40 1700",
                        "E PacketReceived 1 VIDEO @40 1700",
                        "C 1 audio @41 af01",
                        "E PacketReceived 1 AUDIO @41 af01",
                        "C ping 00000001",
                        "S pong 1");
    }

    @Test
    void packetsLeaveOnTheirNetStreamAndMetadataIsKept() {
        Object[][] table = {
            {MediaPacket.Kind.AUDIO, Words.hex("af01"), "1 audio @7 af01"},
            {MediaPacket.Kind.VIDEO, Words.hex("1701"), "1 video @7 1701"},
            {MediaPacket.Kind.DATA, Words.data("onMetaData", "1"), "1 data @7 @setDataFrame onMetaData 1"},
            {MediaPacket.Kind.DATA, Words.data("onTextData", "1"), "1 data @7 onTextData 1"},
        };
        for (Object[] row : table) {
            client.send(1, MediaPacket.of((MediaPacket.Kind) row[0], 7, (Buffer) row[1]));
            assertThat(Words.of(client.poll())).isEqualTo(row[2]);
        }
        client.send(1, MediaPacket.of(MediaPacket.Kind.PUBLISHED, 7, Buffer.buffer()));
        client.send(1, MediaPacket.of(MediaPacket.Kind.UNPUBLISHED, 7, Buffer.buffer()));
        assertThat(client.poll()).isNull();
    }

    @Test
    void packetsThatNobodyFetchesAreBounded() {
        MediaPacket packet = MediaPacket.of(MediaPacket.Kind.AUDIO, 0, Buffer.buffer());
        assertThatThrownBy(() -> {
                    for (int i = 0; i <= Outbox.MAX_MESSAGES; i++) {
                        client.send(1, packet);
                    }
                })
                .isInstanceOf(ProtocolException.class);
    }

    @Test
    void aServerMayCallUsAndProbeUs() {
        connecting()
                .play(
                        "C 0 hello 4 null x",
                        "E CallReceived 4 hello [x]",
                        "A notFound 4 hello",
                        "S 0 _error 4 null NetConnection.Call.Failed",
                        "C 0 _onbwcheck 5 null 1 2",
                        "S 0 _result 5 null null",
                        "C 0 onBWCheck 6 null x",
                        "S 0 _result 6 null null",
                        "C bufferLength 1 5");
    }
}
