package io.fluctus.rtmp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fluctus.rtmp.HandshakeDigest.Schema;
import io.fluctus.rtmp.HandshakeDigest.Signer;
import io.fluctus.wire.ProtocolException;
import io.vertx.core.buffer.Buffer;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class HandshakeTest {
    private static final int PACKET = Handshake.PACKET_BYTES;

    /** C1 or S1 of a whole recorded handshake. */
    private static byte[] first(Buffer handshake) {
        return handshake.getBytes(1, 1 + PACKET);
    }

    /** C2 or S2. */
    private static byte[] second(Buffer handshake) {
        return handshake.getBytes(1 + PACKET, 1 + 2 * PACKET);
    }

    private static Buffer handshake(String recorded) {
        return new Recorded(recorded, "").handshake();
    }

    private static byte[] c1(Schema schema, long seed) {
        byte[] c1 = new byte[PACKET];
        new Random(seed).nextBytes(c1);
        HandshakeDigest.seal(c1, schema, Signer.PLAYER);
        return c1;
    }

    private static Buffer c0c1(byte[] c1) {
        return Buffer.buffer().appendByte((byte) 3).appendBytes(c1);
    }

    private static Buffer answer(Buffer c0c1) {
        Handshake server = Handshake.server(new Random(1));
        assertThat(server.receive(c0c1)).isEqualTo(c0c1.length());
        return server.poll();
    }

    // -- digests of real programs

    @ParameterizedTest
    @ValueSource(strings = {"ffmpeg-play", "ffmpeg-publish"})
    void theDigestsOfRecordedConnectionsVerify(String name) {
        Buffer client = handshake(name + "-c2s");
        Buffer server = handshake(name + "-s2c");
        HandshakeDigest c1 = HandshakeDigest.find(first(client), Signer.PLAYER).orElseThrow();
        HandshakeDigest s1 = HandshakeDigest.find(first(server), Signer.SERVER).orElseThrow();

        assertThat(c1.schema()).isEqualTo(Schema.DIGEST_FIRST);
        assertThat(s1.schema()).isEqualTo(c1.schema());
        assertThat(c1.isSigned(second(server), Signer.SERVER)).isTrue();
        assertThat(c1.isSigned(second(server), Signer.PLAYER)).isFalse();
    }

    @Test
    void theSignatureOfARecordedPlayerVerifies() {
        HandshakeDigest s1 = HandshakeDigest.find(first(handshake("ffmpeg-play-s2c")), Signer.SERVER)
                .orElseThrow();
        assertThat(s1.isSigned(second(handshake("ffmpeg-play-c2s")), Signer.PLAYER))
                .isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"librtmp-publish", "gst-rtmp2sink-publish", "gst-rtmpsink-publish"})
    void simpleHandshakesHaveNoDigest(String name) {
        assertThat(HandshakeDigest.find(first(handshake(name + "-c2s")), Signer.PLAYER))
                .isEmpty();
        assertThat(HandshakeDigest.find(first(handshake(name + "-s2c")), Signer.SERVER))
                .isEmpty();
    }

    // -- the server

    @ParameterizedTest
    @EnumSource(Schema.class)
    void aDigestIsAnsweredInItsOwnSchema(Schema schema) {
        for (int seed = 0; seed < 50; seed++) {
            byte[] c1 = c1(schema, seed);
            Buffer answer = answer(c0c1(c1));
            HandshakeDigest theirs = HandshakeDigest.find(c1, Signer.PLAYER).orElseThrow();
            Optional<HandshakeDigest> ours = HandshakeDigest.find(first(answer), Signer.SERVER);

            assertThat(answer.length()).isEqualTo(Handshake.BYTES);
            assertThat(answer.getByte(0)).isEqualTo((byte) 3);
            assertThat(answer.getByte(5)).isGreaterThanOrEqualTo((byte) 3);
            assertThat(ours.map(HandshakeDigest::schema)).contains(schema);
            assertThat(theirs.isSigned(second(answer), Signer.SERVER)).isTrue();
        }
    }

    @Test
    void aDigestThatDoesNotVerifyIsAnsweredSimply() {
        byte[] c1 = c1(Schema.KEY_FIRST, 7);
        c1[1500] ^= 1;
        Buffer answer = answer(c0c1(c1));
        assertThat(answer.getInt(5)).isZero();
        assertThat(second(answer)).isEqualTo(c1);
    }

    @Test
    void theAnswerLeavesWithoutWaitingForC2() {
        Handshake server = Handshake.server(new Random(1));
        Buffer c0c1 = c0c1(c1(Schema.KEY_FIRST, 7));
        server.receive(c0c1.getBuffer(0, PACKET));
        assertThat(server.poll()).isNull();
        server.receive(c0c1.getBuffer(PACKET, PACKET + 1));
        assertThat(server.poll()).isNotNull();
        assertThat(server.poll()).isNull();
        assertThat(server.done()).isFalse();
    }

    @Test
    void whatFollowsC2IsLeftToTheChunkStream() {
        Handshake server = Handshake.server(new Random(1));
        Buffer all = new Recorded("librtmp-publish-c2s", "").bytes();
        assertThat(server.receive(all)).isEqualTo(Handshake.BYTES);
        assertThat(server.done()).isTrue();
    }

    @Test
    void c2MaySayAnything() {
        Handshake server = Handshake.server(new Random(1));
        server.receive(c0c1(c1(Schema.KEY_FIRST, 7)));
        server.receive(Buffer.buffer(new byte[PACKET]));
        assertThat(server.done()).isTrue();
    }

    static List<Recorded> recordedClients() {
        return Recorded.ALL.stream().filter(r -> r.name().endsWith("c2s")).toList();
    }

    @ParameterizedTest
    @MethodSource("recordedClients")
    void everySplitEndsAtTheSameByte(Recorded recorded) {
        Buffer bytes = recorded.bytes();
        for (int step : new int[] {1, 2, 1_000, PACKET, PACKET + 1, Handshake.BYTES - 1, Handshake.BYTES + 1}) {
            Handshake server = Handshake.server(new Random(1));
            int taken = 0;
            int at = 0;
            while (!server.done()) {
                taken += server.receive(bytes.slice(at, Math.min(bytes.length(), at + step)));
                at += step;
            }
            assertThat(taken).isEqualTo(Handshake.BYTES);
            assertThat(server.poll().length()).isEqualTo(Handshake.BYTES);
        }
    }

    @Test
    void onlyVersionThreeIsServedAndTheRefusalNamesWhatCame() {
        for (int version = 0; version < 256; version++) {
            if (version == 3) {
                continue;
            }
            Buffer c0 = Buffer.buffer().appendByte((byte) version);
            assertThatThrownBy(() -> Handshake.server(new Random(1)).receive(c0))
                    .isInstanceOf(ProtocolException.class)
                    .hasMessage(refusal(version));
        }
    }

    private static String refusal(int version) {
        return switch (version) {
            case 6, 8 -> "RTMPE is not served";
            case 0x16 -> "TLS is not served on the RTMP port";
            default ->
                version >= 'A' && version <= 'Z'
                        ? "RTMPT / HTTP is not served on the RTMP port"
                        : "handshake of version " + version + " where 3 is served";
        };
    }

    @Test
    void anHttpRequestIsToldWhereItIs() {
        for (String verb : List.of("GET / HTTP/1.1", "POST /open/1 HTTP/1.1", "HEAD /", "OPTIONS *", "CONNECT a:1")) {
            assertThatThrownBy(() -> Handshake.server(new Random(1)).receive(Buffer.buffer(verb)))
                    .hasMessage("RTMPT / HTTP is not served on the RTMP port");
        }
    }

    // -- the client

    @Test
    void theClientSpeaksFirstAndCarriesADigest() {
        Buffer c0c1 = Handshake.client(new Random(2)).poll();
        assertThat(c0c1.length()).isEqualTo(1 + PACKET);
        assertThat(HandshakeDigest.find(c0c1.getBytes(1, 1 + PACKET), Signer.PLAYER))
                .isPresent();
    }

    @Test
    void theClientEchoesASimpleServer() {
        Handshake client = Handshake.client(new Random(2));
        client.poll();
        byte[] s1 = new byte[PACKET];
        new Random(3).nextBytes(s1);
        client.receive(c0c1(s1));
        assertThat(client.poll().getBytes()).isEqualTo(s1);
        assertThat(client.done()).isFalse();
        client.receive(Buffer.buffer(new byte[PACKET]));
        assertThat(client.done()).isTrue();
    }

    @Test
    void theClientWantsVersionThree() {
        assertThatThrownBy(() -> Handshake.client(new Random(2)).receive(Buffer.buffer("HTTP/1.1 400")))
                .isInstanceOf(ProtocolException.class)
                .hasMessage("the server answers with version 72 where 3 was asked for");
    }

    @Test
    void theClientSignsForAServerWithADigest() {
        Handshake client = Handshake.client(new Random(2));
        client.poll();
        Buffer server = handshake("ffmpeg-play-s2c");
        client.receive(server);
        byte[] c2 = client.poll().getBytes();
        HandshakeDigest s1 = HandshakeDigest.find(first(server), Signer.SERVER).orElseThrow();
        assertThat(s1.isSigned(c2, Signer.PLAYER)).isTrue();
        assertThat(client.done()).isTrue();
    }

    @Test
    void twoOfUsShakeHandsOneByteAtATime() {
        Handshake client = Handshake.client(new Random(2));
        Handshake server = Handshake.server(new Random(3));
        Buffer toServer = client.poll();
        for (int i = 0; i < toServer.length(); i++) {
            server.receive(toServer.slice(i, i + 1));
        }
        Buffer toClient = server.poll();
        for (int i = 0; i < toClient.length(); i++) {
            client.receive(toClient.slice(i, i + 1));
        }
        assertThat(client.done()).isTrue();
        Buffer c2 = client.poll();
        assertThat(server.receive(c2)).isEqualTo(PACKET);
        assertThat(server.done()).isTrue();
        HandshakeDigest s1 =
                HandshakeDigest.find(first(toClient), Signer.SERVER).orElseThrow();
        assertThat(s1.isSigned(c2.getBytes(), Signer.PLAYER)).isTrue();
    }

    @Test
    void thePlaceOfADigestStaysInsideThePacket() {
        byte[] packet = new byte[PACKET];
        for (int fill = 0; fill < 256; fill++) {
            Arrays.fill(packet, (byte) fill);
            for (Schema schema : Schema.values()) {
                assertThat(schema.place(packet) + HandshakeDigest.BYTES).isLessThanOrEqualTo(PACKET);
            }
        }
    }
}
