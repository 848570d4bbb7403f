package io.fluctus.rtmfp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fluctus.wire.ProtocolException;
import io.vertx.core.buffer.Buffer;
import java.math.BigInteger;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Certificates, endpoint discriminators, keying components and what both sides make of them. */
class KeyingTest {
    private final Random random = new Random(7425);

    @Test
    void theResponderComponentHasTheShapeThatLibrtmfpCompares() {
        // pitfall 2: seven bytes are compared, the key is taken at offset 11, 139 bytes in all
        Buffer key = DhGroup.MODP_1024.generate(random).publicValue();
        Negotiation far = Keying.decode(Captures.hex("031a020a 021e02")).negotiation();
        Buffer component = Keying.responder(DhGroup.MODP_1024, far.answer(), key);
        assertThat(Captures.hex(component)).startsWith("031a0000021e0081020d02");
        assertThat(component.length()).isEqualTo(139);
        assertThat(component.getBuffer(11, 139)).isEqualTo(key);
    }

    @Test
    void aGeneratedPublicValueHasItsFullLength() {
        // pitfall 2: a shorter one is refused by librtmfp
        for (int i = 0; i < 300; i++) {
            assertThat(DhGroup.MODP_1024.generate(random).publicValue().length())
                    .isEqualTo(128);
        }
    }

    @Test
    void theServerCertificateIs77BytesWithTheGroupsWeDo() {
        // pitfall 3
        Identity server = Identity.server(random);
        assertThat(server.certificate().encoded().length()).isEqualTo(77);
        assertThat(Captures.hex(server.certificate().encoded()))
                .startsWith("010a410e")
                .endsWith("02150202150e021510");
        assertThat(server.certificate().isStatic()).isFalse();
        assertThat(DhGroup.values()).allMatch(server.certificate()::supports);
    }

    @Test
    void aCertificateWithSeveralStaticKeysIsReadAsOptions() {
        // pitfall 8
        Identity client = Identity.client(List.of(DhGroup.MODP_2048, DhGroup.MODP_1024), random);
        for (DhGroup.KeyPair pair : client.staticKeys()) {
            Buffer component = Keying.initiator(pair.group(), Negotiation.OFFER, Keying.randomness(random));
            assertThat(Keying.decode(component).farKey(client.certificate()))
                    .isEqualTo(new Keying.FarKey(pair.group(), pair.publicValue()));
        }
    }

    @Test
    void aFlashClientHasOneStaticKeyOf1024Bits() {
        assertThat(Captures.hex(Identity.client(random).certificate().encoded()))
                .startsWith("81021d02")
                .hasSize(2 * 132);
    }

    @Test
    void theFingerprintEndsBeforeTheMarker() {
        Buffer canonical = Captures.hex("010a 021502");
        Certificate plain = Certificate.decode(canonical);
        Certificate marked = Certificate.decode(canonical.copy().appendBuffer(Captures.hex("00 0219aa")));
        assertThat(marked.fingerprint()).isEqualTo(plain.fingerprint()).isEqualTo(Crypto.sha256(canonical));
    }

    @Test
    void groupsAndStaticKeysExcludeEachOther() {
        for (String bad : List.of("", "010a", "021502 041d02aabb", "00 021502")) {
            assertThatThrownBy(() -> Certificate.decode(Captures.hex(bad))).isInstanceOf(ProtocolException.class);
        }
    }

    @Test
    void hmacAndSequenceNumbersAreGivenExactlyWhenAsked() {
        // pitfall 7: {far hmac flags, far sequence flags, our hmac flags, our sequence flags}
        int[][] table = {
            {0, 0, 0, 0}, {2, 2, 0, 0}, {6, 2, 1, 0}, {7, 7, 5, 5}, {1, 0, 4, 0}, {2, 3, 0, 4}, {4, 4, 1, 1},
        };
        for (int[] row : table) {
            Negotiation answer = new Negotiation(row[0], 16, row[1]).answer();
            assertThat(answer.hmacFlags()).isEqualTo(row[2]);
            assertThat(answer.sequenceFlags()).isEqualTo(row[3]);
            assertThat(answer.hmacLength()).isEqualTo((row[2] & 4) != 0 ? 16 : 0);
        }
    }

    @Test
    void bothSidesOfEveryNegotiationUnderstandEachOther() {
        Buffer i = Captures.hex("01");
        Buffer r = Captures.hex("02");
        SessionKeys keys = SessionKeys.derive(Captures.hex("0304"), i, r);
        Buffer packet = Captures.hex("0a1234 4c0000");
        for (int hmac = 0; hmac < 8; hmac++) {
            for (int sequence = 0; sequence < 8; sequence++) {
                Negotiation offer = new Negotiation(hmac, 12, sequence);
                Negotiation answer = offer.answer();
                PacketCipher responder = keys.cipher(false, answer, offer);
                boolean sends = (hmac & 4) != 0;
                PacketCipher initiator = new PacketCipher(
                        new PacketCipher.Direction(
                                SessionKeys.aes(keys.initiatorKey()),
                                Crypto.hmac(keys.secret(), keys.initiatorKey()),
                                sends ? 12 : 0,
                                (sequence & 4) != 0),
                        new PacketCipher.Direction(
                                SessionKeys.aes(keys.responderKey()),
                                Crypto.hmac(keys.secret(), keys.responderKey()),
                                answer.hmacLength(),
                                answer.sendsSequence()));
                assertThat(open(responder, initiator.seal(1, packet))).contains(packet);
                assertThat(open(initiator, responder.seal(1, packet))).contains(packet);
            }
        }
    }

    private static Optional<Buffer> open(PacketCipher cipher, Buffer datagram) {
        return cipher.open(datagram).map(Captures::withoutPadding);
    }

    @Test
    void publicValuesNearTheEndsAreRefused() {
        for (DhGroup group : DhGroup.values()) {
            Buffer good = group.generate(random).publicValue();
            assertThat(group.isAcceptable(good)).isTrue();
            BigInteger prime = new BigInteger(1, good.getBytes()); // any number of that length
            for (BigInteger bad : List.of(
                    BigInteger.ZERO,
                    BigInteger.ONE,
                    BigInteger.TWO.pow(24).subtract(BigInteger.ONE),
                    BigInteger.TWO.pow(500),
                    BigInteger.TWO.pow(8 * group.length()).subtract(BigInteger.ONE),
                    prime.shiftLeft(8))) {
                assertThat(group.isAcceptable(Buffer.buffer(bad.toByteArray()))).isFalse();
                assertThat(group.agree(BigInteger.TEN, Buffer.buffer(bad.toByteArray())))
                        .isEmpty();
            }
        }
    }

    @Test
    void aBadPublicValueCostsNoComputation() {
        Agreement bad =
                new Agreement(1, Optional.empty(), new Keying.FarKey(DhGroup.MODP_4096, Captures.hex("00000001")));
        assertThat(bad.compute(random).secret()).isEmpty();
    }

    @Test
    void endpointDiscriminatorsSelectCertificates() {
        Certificate server = Identity.server(random).certificate();
        Certificate named = Certificate.decode(Captures.hex("0400666f6f 021502"));
        Epd anyUri = Epd.decode(Captures.hex("010a"));
        assertThat(server.isSelectedBy(anyUri)).isTrue();
        assertThat(named.isSelectedBy(anyUri)).isFalse();
        assertThat(server.isSelectedBy(Epd.ofFingerprint(server.fingerprint()))).isTrue();
        assertThat(server.isSelectedBy(Epd.ofFingerprint(named.fingerprint()))).isFalse();
        Epd hostname = Epd.decode(Captures.hex("0400666f6f"));
        assertThat(named.isSelectedBy(hostname)).isTrue();
        assertThat(server.isSelectedBy(hostname)).isFalse();
        for (Epd epd : List.of(anyUri, hostname, Epd.ofUri("rtmfp://host/live"))) {
            assertThat(Epd.decode(epd.encode())).isEqualTo(epd);
        }
        for (String bad : List.of("", "0199", "020f01")) {
            assertThatThrownBy(() -> Epd.decode(Captures.hex(bad))).isInstanceOf(ProtocolException.class);
        }
    }
}
