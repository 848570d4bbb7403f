package io.fluctus.rtmfp;

import io.vertx.core.buffer.Buffer;

/**
 * What a session's secrets are made of (RFC 7425 4.6): both keys of 32 bytes, of which AES uses the first 16, and the nonces.
 *
 * @param secret the Diffie-Hellman secret without leading zeros
 */
record SessionKeys(
        Buffer secret, Buffer initiatorKey, Buffer responderKey, Buffer initiatorNonce, Buffer responderNonce) {

    static SessionKeys derive(Buffer secret, Buffer initiatorComponent, Buffer responderComponent) {
        return new SessionKeys(
                secret,
                Crypto.hmac(secret, Crypto.hmac(responderComponent, initiatorComponent)),
                Crypto.hmac(secret, Crypto.hmac(initiatorComponent, responderComponent)),
                Crypto.hmac(secret, initiatorComponent),
                Crypto.hmac(secret, responderComponent));
    }

    /** The cipher of one side, by what both sides said: {@code near} and {@code far} are their options as sent. */
    PacketCipher cipher(boolean initiator, Negotiation near, Negotiation far) {
        boolean sendsHmac = near.sendsHmac() || far.asksForHmac();
        Buffer out = initiator ? initiatorKey : responderKey;
        Buffer in = initiator ? responderKey : initiatorKey;
        return new PacketCipher(
                new PacketCipher.Direction(
                        aes(out),
                        Crypto.hmac(secret, out),
                        sendsHmac ? Negotiation.DEFAULT_HMAC_LENGTH : 0,
                        near.sendsSequence() || far.asksForSequence()),
                new PacketCipher.Direction(
                        aes(in), Crypto.hmac(secret, in), far.sendsHmac() ? far.hmacLength() : 0, far.sendsSequence()));
    }

    static byte[] aes(Buffer key) {
        return key.getBytes(0, Crypto.KEY_LENGTH);
    }
}
