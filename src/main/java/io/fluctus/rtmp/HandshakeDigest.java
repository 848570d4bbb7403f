package io.fluctus.rtmp;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * The 32 bytes by which Flash Player and Flash Media Server know each other: a digest within C1 and S1, and at the end of S2 and C2
 * a signature that depends on the other side's digest. RTMP 1.0 does not tell of it; H.264 in Flash Player does not play without.
 */
final class HandshakeDigest {
    static final int BYTES = 32;

    /** Who signs: the key for digests is the sentence, the key for signatures has the common end too. */
    enum Signer {
        PLAYER("Genuine Adobe Flash Player 001"),
        SERVER("Genuine Adobe Flash Media Server 001");

        private static final String COMMON_END = "f0eec24a8068bee82e00d0d1029e7e576eec5d2d29806fab93b8e636cfeb31ae";

        private final byte[] digestKey;
        private final byte[] signatureKey;

        Signer(String sentence) {
            digestKey = sentence.getBytes(StandardCharsets.US_ASCII);
            byte[] end = HexFormat.of().parseHex(COMMON_END);
            signatureKey = Arrays.copyOf(digestKey, digestKey.length + end.length);
            System.arraycopy(end, 0, signatureKey, digestKey.length, end.length);
        }
    }

    /** Where the digest lies: in a block of 764 bytes that begins with four bytes whose sum tells the place. */
    enum Schema {
        KEY_FIRST(772),
        DIGEST_FIRST(8);

        private static final int PLACES = 728;

        private final int block;

        Schema(int block) {
            this.block = block;
        }

        int place(byte[] packet) {
            int sum = 0;
            for (int i = block; i < block + 4; i++) {
                sum += packet[i] & 0xFF;
            }
            return block + 4 + sum % PLACES;
        }
    }

    private final Schema schema;
    private final byte[] value;

    private HandshakeDigest(Schema schema, byte[] value) {
        this.schema = schema;
        this.value = value;
    }

    Schema schema() {
        return schema;
    }

    /** The digest of C1 or S1; empty when it has none that {@code signer} could have made. */
    static Optional<HandshakeDigest> find(byte[] packet, Signer signer) {
        for (Schema schema : Schema.values()) {
            int place = schema.place(packet);
            byte[] value = Arrays.copyOfRange(packet, place, place + BYTES);
            if (MessageDigest.isEqual(value, compute(packet, place, signer))) {
                return Optional.of(new HandshakeDigest(schema, value));
            }
        }
        return Optional.empty();
    }

    /** Writes the digest into C1 or S1. */
    static void seal(byte[] packet, Schema schema, Signer signer) {
        int place = schema.place(packet);
        System.arraycopy(compute(packet, place, signer), 0, packet, place, BYTES);
    }

    /** Writes the signature at the end of C2 or S2, for the peer whose digest this is. */
    void sign(byte[] packet, Signer signer) {
        int place = packet.length - BYTES;
        System.arraycopy(signature(packet, signer), 0, packet, place, BYTES);
    }

    boolean isSigned(byte[] packet, Signer signer) {
        byte[] end = Arrays.copyOfRange(packet, packet.length - BYTES, packet.length);
        return MessageDigest.isEqual(end, signature(packet, signer));
    }

    private byte[] signature(byte[] packet, Signer signer) {
        byte[] key = hmac(signer.signatureKey).doFinal(value);
        Mac mac = hmac(key);
        mac.update(packet, 0, packet.length - BYTES);
        return mac.doFinal();
    }

    private static byte[] compute(byte[] packet, int place, Signer signer) {
        Mac mac = hmac(signer.digestKey);
        mac.update(packet, 0, place);
        mac.update(packet, place + BYTES, packet.length - place - BYTES);
        return mac.doFinal();
    }

    private static Mac hmac(byte[] key) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            return mac;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e); // every Java has it
        }
    }
}
