package io.fluctus.rtmfp;

import io.vertx.core.buffer.Buffer;
import java.net.InetSocketAddress;
import java.security.MessageDigest;
import java.util.random.RandomGenerator;

/**
 * Cookies that need no memory (RFC 7016 3.5.1.1.2): 8 bytes of time and chance, 24 that prove them ours, 32 that bind them to an
 * address. Exactly 64 bytes, for librtmfp and Cumulus read no others (pitfall 1). All instances of a port share the secret.
 */
final class Cookies {
    static final int LENGTH = 64;
    private static final int TIME = 8;
    private static final int TIME_MAC = 24;
    private static final int CHANCE_BITS = 16;

    /** How far the clock of another instance may run ahead. */
    private static final int SKEW = 1_000;

    enum Verdict {
        GOOD,
        OTHER_ADDRESS,
        BAD
    }

    private final Buffer secret;
    private final RandomGenerator random;

    Cookies(Buffer secret, RandomGenerator random) {
        this.secret = secret;
        this.random = random;
    }

    Buffer bake(InetSocketAddress address, long now) {
        Buffer time = Buffer.buffer(LENGTH).appendLong(now << CHANCE_BITS | random.nextInt(1 << CHANCE_BITS));
        return time.copy().appendBuffer(timeMac(time)).appendBuffer(addressMac(time, address));
    }

    Verdict check(Buffer cookie, InetSocketAddress address, long now) {
        if (cookie.length() != LENGTH) {
            return Verdict.BAD;
        }
        Buffer time = cookie.getBuffer(0, TIME);
        long age = now - (time.getLong(0) >> CHANCE_BITS);
        if (age < -SKEW || age > Params.COOKIE_LIFETIME || !equal(timeMac(time), cookie, TIME)) {
            return Verdict.BAD;
        }
        return equal(addressMac(time, address), cookie, TIME + TIME_MAC) ? Verdict.GOOD : Verdict.OTHER_ADDRESS;
    }

    /** Eight bytes that nobody can predict, to remember a good cookie by. */
    static long name(Buffer cookie) {
        return cookie.getLong(LENGTH - Long.BYTES);
    }

    private Buffer timeMac(Buffer time) {
        return Crypto.hmac(secret, time).getBuffer(0, TIME_MAC);
    }

    private Buffer addressMac(Buffer time, InetSocketAddress address) {
        Buffer message =
                time.copy().appendBytes(address.getAddress().getAddress()).appendInt(address.getPort());
        return Crypto.hmac(secret, message);
    }

    private static boolean equal(Buffer mac, Buffer cookie, int at) {
        return MessageDigest.isEqual(mac.getBytes(), cookie.getBytes(at, at + mac.length()));
    }
}
