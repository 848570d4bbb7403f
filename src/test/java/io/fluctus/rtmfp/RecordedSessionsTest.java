package io.fluctus.rtmfp;

import static org.assertj.core.api.Assertions.assertThat;

import io.fluctus.wire.ByteReader;
import io.fluctus.wire.ProtocolException;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.math.BigInteger;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Sixteen sessions of other programs with their secrets, and dialogues of theirs: read, and written again to the byte. */
class RecordedSessionsTest {
    static Stream<Path> sessions() {
        return Captures.cryptoFiles().stream();
    }

    static Stream<Path> dialogues() {
        return Captures.plainFiles().stream();
    }

    @Test
    void thereAreSixteenOfThem() {
        assertThat(sessions()).hasSize(16);
    }

    @ParameterizedTest
    @MethodSource("sessions")
    void privateExponentsGiveThePublicValuesAndTheSecret(Path file) {
        JsonObject session = Captures.json(file);
        DhGroup group = DhGroup.of(session.getInteger("dh_group")).orElseThrow();
        Buffer initiator = hex(session, "initiator_public_key");
        Buffer responder = hex(session, "responder_public_key");
        BigInteger exponent = new BigInteger(session.getString("initiator_private_exponent"), 16);
        assertThat(group.pair(exponent).publicValue()).isEqualTo(initiator);
        assertThat(group.agree(exponent, responder)).contains(hex(session, "shared_secret"));
        if (session.getString("responder_private_exponent") != null) {
            BigInteger other = new BigInteger(session.getString("responder_private_exponent"), 16);
            assertThat(group.pair(other).publicValue()).isEqualTo(responder);
            assertThat(group.agree(other, initiator)).contains(hex(session, "shared_secret"));
        }
    }

    @ParameterizedTest
    @MethodSource("sessions")
    void keysAndNoncesFollowFromTheSecretAndTheComponents(Path file) {
        JsonObject session = Captures.json(file);
        SessionKeys keys = keys(session);
        assertThat(keys.initiatorKey()).isEqualTo(hex(session, "key_i2r"));
        assertThat(keys.responderKey()).isEqualTo(hex(session, "key_r2i"));
        assertThat(keys.initiatorNonce()).isEqualTo(hex(session, "nonce_initiator"));
        assertThat(keys.responderNonce()).isEqualTo(hex(session, "nonce_responder"));
        for (String way : List.of("i2r", "r2i")) {
            assertThat(Crypto.hmac(keys.secret(), hex(session, "key_" + way)))
                    .isEqualTo(Captures.hex(session.getJsonObject("hmac_" + way).getString("key")));
        }
    }

    @ParameterizedTest
    @MethodSource("sessions")
    void certificatesAndComponentsAreOptionLists(Path file) {
        JsonObject session = Captures.json(file);
        Certificate initiator = Certificate.decode(hex(session, "initiator_certificate"));
        Certificate responder = Certificate.decode(hex(session, "responder_certificate"));
        assertThat(initiator.fingerprint()).isEqualTo(hex(session, "initiator_fingerprint"));
        assertThat(responder.fingerprint()).isEqualTo(hex(session, "responder_fingerprint"));
        Keying.FarKey ofInitiator = Keying.decode(hex(session, "skic")).farKey(initiator);
        assertThat(ofInitiator.group().id()).isEqualTo(session.getInteger("dh_group"));
        assertThat(ofInitiator.publicValue()).isEqualTo(hex(session, "initiator_public_key"));
        Keying.FarKey ofResponder = Keying.decode(hex(session, "skrc")).farKey(responder, ofInitiator.group());
        assertThat(ofResponder.publicValue()).isEqualTo(hex(session, "responder_public_key"));
        for (String component : List.of("skic", "skrc", "initiator_certificate", "responder_certificate")) {
            Buffer bytes = hex(session, component);
            assertThat(Option.encode(Option.decodeAll(new ByteReader(bytes)))).isEqualTo(bytes);
        }
    }

    @ParameterizedTest
    @MethodSource("sessions")
    void everyDatagramOpensAndSealsAgainToTheByte(Path file) {
        JsonObject session = Captures.json(file);
        SessionKeys keys = keys(session);
        Negotiation near = Keying.decode(hex(session, "skic")).negotiation();
        Negotiation far = Keying.decode(hex(session, "skrc")).negotiation();
        PacketCipher initiator = keys.cipher(true, near, far);
        PacketCipher responder = keys.cipher(false, far, near);
        PacketCipher startup = PacketCipher.startup();
        long[] sequences = new long[2];
        for (JsonObject datagram : datagrams(session)) {
            boolean toResponder = datagram.getString("dir").equals("i2r");
            boolean inSession = datagram.getString("key").equals("session");
            PacketCipher writer = !inSession ? startup : toResponder ? initiator : responder;
            PacketCipher reader = !inSession ? startup : toResponder ? responder : initiator;
            Buffer hex = hex(datagram, "hex");
            Buffer plain = hex(datagram, "plain");
            int sid = PacketCipher.sessionId(hex);
            assertThat(sid).isEqualTo(hex(datagram, "sid").getInt(0));
            assertThat(reader.open(hex)).contains(plain);
            Packet packet = Packet.decode(plain);
            assertThat(Captures.padded(packet.encode(), plain.length())).isEqualTo(plain);
            skipLost(writer, datagram, sequences, toResponder ? 0 : 1);
            assertThat(writer.seal(sid, packet.encode())).isEqualTo(hex);
        }
    }

    /** Seals nothing for the sequence numbers that did not arrive where the recording was made. */
    private static void skipLost(PacketCipher writer, JsonObject datagram, long[] sequences, int way) {
        if (datagram.containsKey("sseq")) {
            for (; sequences[way] < datagram.getLong("sseq"); sequences[way]++) {
                writer.seal(0, Buffer.buffer());
            }
            sequences[way]++;
        }
    }

    @ParameterizedTest
    @MethodSource("dialogues")
    void everyPacketDecodesAndEncodesAgainToTheByte(Path file) {
        for (Buffer plain : Captures.packets(file)) {
            Buffer encoded = Packet.decode(plain).encode();
            assertThat(Captures.padded(encoded, plain.length())).isEqualTo(plain);
        }
    }

    @ParameterizedTest
    @MethodSource("dialogues")
    void everyTruncationOfAPacketIsReadOrRefused(Path file) {
        for (Buffer plain : Captures.packets(file)) {
            for (int length = 0; length < plain.length(); length++) {
                refusesOrReads(plain.slice(0, length));
            }
        }
    }

    private static void refusesOrReads(Buffer plain) {
        try {
            Packet.decode(plain);
        } catch (ProtocolException expected) {
            assertThat(expected).hasMessageMatching(".+");
        }
    }

    @Test
    void aFlippedBitOrAMissingByteOpensNothing() {
        for (String name : List.of("tcconn-full14", "tcconn-hmaconly14", "librtmfp-cumulus-short-secret")) {
            JsonObject session = Captures.json(name);
            Negotiation near = Keying.decode(hex(session, "skic")).negotiation();
            Negotiation far = Keying.decode(hex(session, "skrc")).negotiation();
            for (JsonObject datagram : datagrams(session).subList(5, 9)) {
                boolean toResponder = datagram.getString("dir").equals("i2r");
                PacketCipher reader = toResponder
                        ? keys(session).cipher(false, far, near)
                        : keys(session).cipher(true, near, far);
                Buffer good = hex(datagram, "hex");
                for (int at = 4; at < good.length(); at++) {
                    Buffer bad = good.copy();
                    bad.setByte(at, (byte) (bad.getByte(at) ^ 1 << at % 8));
                    assertThat(reader.open(bad)).as("byte " + at).isEmpty();
                    assertThat(reader.open(good.slice(0, at))).isEmpty();
                }
                assertThat(reader.open(good)).isPresent();
            }
        }
    }

    @Test
    void aReplayedPacketOfASequencedSessionOpensOnce() {
        JsonObject session = Captures.json("tcconn-sseqonly14");
        Negotiation near = Keying.decode(hex(session, "skic")).negotiation();
        Negotiation far = Keying.decode(hex(session, "skrc")).negotiation();
        PacketCipher reader = keys(session).cipher(false, far, near);
        List<Buffer> sent = datagrams(session).stream()
                .filter(d ->
                        d.getString("dir").equals("i2r") && d.getString("key").equals("session"))
                .map(d -> hex(d, "hex"))
                .toList();
        assertThat(sent).allSatisfy(d -> assertThat(reader.open(d)).isPresent());
        assertThat(sent).allSatisfy(d -> assertThat(reader.open(d)).isEqualTo(Optional.empty()));
    }

    static SessionKeys keys(JsonObject session) {
        return SessionKeys.derive(hex(session, "shared_secret"), hex(session, "skic"), hex(session, "skrc"));
    }

    static List<JsonObject> datagrams(JsonObject session) {
        JsonArray array = session.getJsonArray("datagrams");
        return array.stream().map(JsonObject.class::cast).toList();
    }

    static Buffer hex(JsonObject object, String key) {
        return Captures.hex(object.getString(key));
    }
}
