package io.fluctus.rtmfp;

import io.vertx.core.buffer.Buffer;
import java.net.InetSocketAddress;
import java.util.Optional;

/**
 * Whether a peer whose packets come from a new address is really there (RFC 7016 3.5.4.2): a ping goes there that nobody else can
 * answer. Flash and rtmfp-cpp give the mark back. librtmfp's replies are empty: one from that address counts if its timestamp echo
 * shows that it was written after our ping.
 */
final class Mobility {
    private static final byte MARK = 'M';
    private static final int MAC = 16;

    private final Buffer secret;
    private Optional<InetSocketAddress> candidate = Optional.empty();
    private Buffer proof = Buffer.buffer();
    private long askedAt = Long.MIN_VALUE / 2;
    private boolean due;

    Mobility(Buffer secret) {
        this.secret = secret;
    }

    /** An authentic packet came from elsewhere. */
    void seen(InetSocketAddress from, long now) {
        if (now - askedAt < Params.MOBILITY_REPEAT) {
            return;
        }
        candidate = Optional.of(from);
        askedAt = now;
        due = true;
        Buffer message = Buffer.buffer(from.toString()).appendLong(now);
        proof = Buffer.buffer()
                .appendByte(MARK)
                .appendBuffer(Crypto.hmac(secret, message).slice(0, MAC));
    }

    boolean isDue() {
        return due;
    }

    /** The address to ask, once per question, and the ping's message. */
    Optional<InetSocketAddress> takeCandidate() {
        due = false;
        return candidate;
    }

    Buffer proof() {
        return proof;
    }

    /** Whether this reply proves that the peer is at {@code from}. */
    boolean isProved(InetSocketAddress from, Buffer reply, int echo, long now) {
        if (!candidate.equals(Optional.of(from)) || now - askedAt > Params.MOBILITY_LIFETIME) {
            return false;
        }
        boolean fresh = echo != Packet.NONE && (echo - Packet.ticks(askedAt) & 0xffff) < 0x8000;
        return reply.equals(proof) || reply.length() == 0 && fresh;
    }

    void settled() {
        candidate = Optional.empty();
        due = false;
    }
}
