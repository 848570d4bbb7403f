package io.fluctus.access;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Secrets compared, signed with and told apart, without being told. */
final class Secrets {
    /** Characters of a fingerprint: enough to tell secrets apart. */
    private static final int FINGERPRINT = 24;

    private Secrets() {}

    /** Takes the same time for every wrong text, whatever its length. */
    static boolean same(String given, String secret) {
        return MessageDigest.isEqual(hash(given), hash(secret));
    }

    /** Tells secrets apart and does not lead back to them. */
    static String fingerprint(String secret) {
        return HexFormat.of().formatHex(hash(secret)).substring(0, FINGERPRINT);
    }

    /** HMAC-SHA256 in hexadecimal. */
    static String sign(String key, byte[] text) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
            return HexFormat.of().formatHex(mac.doFinal(text));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has HmacSHA256", e);
        }
    }

    private static byte[] hash(String text) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
