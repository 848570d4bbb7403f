package io.fluctus.rtmfp;

import io.vertx.core.buffer.Buffer;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/** The primitives of the profile (RFC 7425 4): AES-128 in CBC mode, SHA-256, HMAC-SHA-256, the Internet checksum. */
final class Crypto {
    static final int BLOCK = 16;
    static final int KEY_LENGTH = 16;
    static final int HMAC = 32;

    /** 4.1: the key of startup packets. */
    private static final String DEFAULT_KEY = "Adobe Systems 02";

    private static final byte[] EMPTY_KEY = new byte[1];

    private static final VarHandle WORDS = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);

    private Crypto() {}

    static byte[] defaultKey() {
        return DEFAULT_KEY.getBytes(StandardCharsets.US_ASCII);
    }

    static Buffer sha256(Buffer message) {
        try {
            return Buffer.buffer(MessageDigest.getInstance("SHA-256").digest(message.getBytes()));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    static Buffer hmac(Buffer key, Buffer message) {
        return Buffer.buffer(mac(key).doFinal(message.getBytes()));
    }

    /** HMAC-SHA-256 ready for messages. A key of no bytes, which JCE refuses, is the same as one of zeros. */
    static Mac mac(Buffer key) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key.length() == 0 ? EMPTY_KEY : key.getBytes(), "HmacSHA256"));
            return mac;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** AES in CBC mode without padding; every packet starts from an initialization vector of zeros (4.6.3). */
    static Cipher cipher(int mode, byte[] key) {
        try {
            Cipher cipher = Cipher.getInstance("AES/CBC/NoPadding");
            cipher.init(mode, new SecretKeySpec(key, "AES"), new IvParameterSpec(new byte[BLOCK]));
            return cipher;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * 4.6.3: the ones' complement sum over {@code bytes[start, end)}. An odd byte at the end counts as the low byte of a word,
     * not as the high one of RFC 1071: so it stands in recorded sessions with sequence numbers and checksums.
     */
    static int checksum(byte[] bytes, int start, int end) {
        long sum = 0;
        int i = start;
        for (; i < end - 3; i += 4) {
            sum += (int) WORDS.get(bytes, i) & 0xffffffffL; // two words at a time: the carries meet in the end
        }
        for (; i < end - 1; i += 2) {
            sum += (bytes[i] & 0xff) << 8 | bytes[i + 1] & 0xff;
        }
        if ((end - start & 1) != 0) {
            sum += bytes[end - 1] & 0xff;
        }
        while (sum >> 16 != 0) {
            sum = (sum & 0xffff) + (sum >> 16);
        }
        return (int) ~sum & 0xffff;
    }
}
