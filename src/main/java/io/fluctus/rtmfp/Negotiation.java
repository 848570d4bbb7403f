package io.fluctus.rtmfp;

import io.fluctus.wire.ByteReader;
import io.fluctus.wire.ByteWriter;
import io.fluctus.wire.ProtocolException;
import io.vertx.core.buffer.Buffer;
import java.util.List;
import java.util.Optional;

/**
 * Whether packets carry an HMAC and a session sequence number (RFC 7425 4.5): never asked for by us, because librtmfp and Flash
 * promise what they cannot do, but given and expected exactly when the peer asks or announces it.
 */
record Negotiation(int hmacFlags, int hmacLength, int sequenceFlags) {
    static final int HMAC = 0x1a;
    static final int SESSION_SEQUENCE = 0x1e;

    /** Flags: what the writer of the option will do, can do, and demands. */
    static final int WILL_SEND_ALWAYS = 4;

    static final int WILL_SEND_ON_REQUEST = 2;
    static final int REQUEST = 1;

    static final int DEFAULT_HMAC_LENGTH = 16;
    private static final int MIN_HMAC_LENGTH = 4;
    private static final int MAX_HMAC_LENGTH = 32;

    /** An initiator's offer: both on request. */
    static final Negotiation OFFER = new Negotiation(WILL_SEND_ON_REQUEST, DEFAULT_HMAC_LENGTH, WILL_SEND_ON_REQUEST);

    static Negotiation decode(List<Option> component) {
        int hmacFlags = 0;
        long length = 0;
        Optional<Buffer> hmac = Option.find(component, HMAC);
        if (hmac.isPresent()) {
            ByteReader in = new ByteReader(hmac.get());
            hmacFlags = in.u8();
            length = in.hasRemaining() ? Vlu.read(in) : 0;
        }
        int sequenceFlags = Option.find(component, SESSION_SEQUENCE)
                .map(value -> new ByteReader(value).u8())
                .orElse(0);
        if ((hmacFlags & WILL_SEND_ALWAYS) != 0) {
            checkLength(length);
        }
        return new Negotiation(hmacFlags, (int) Math.min(length, MAX_HMAC_LENGTH + 1), sequenceFlags);
    }

    private static void checkLength(long length) {
        if (length < MIN_HMAC_LENGTH || length > MAX_HMAC_LENGTH) {
            throw new ProtocolException("HMAC of " + length + " bytes");
        }
    }

    /** A responder's answer to this offer: with flags 0 and length 0, the shape librtmfp insists on, unless something was asked. */
    Negotiation answer() {
        int hmac = reflect(hmacFlags);
        return new Negotiation(hmac, (hmac & WILL_SEND_ALWAYS) != 0 ? DEFAULT_HMAC_LENGTH : 0, reflect(sequenceFlags));
    }

    private static int reflect(int far) {
        return ((far & REQUEST) != 0 ? WILL_SEND_ALWAYS : 0) | ((far & WILL_SEND_ALWAYS) != 0 ? REQUEST : 0);
    }

    boolean asksForHmac() {
        return (hmacFlags & REQUEST) != 0;
    }

    boolean sendsHmac() {
        return (hmacFlags & WILL_SEND_ALWAYS) != 0;
    }

    boolean asksForSequence() {
        return (sequenceFlags & REQUEST) != 0;
    }

    boolean sendsSequence() {
        return (sequenceFlags & WILL_SEND_ALWAYS) != 0;
    }

    /** The two options, HMAC first. */
    List<Option> options() {
        ByteWriter hmac = new ByteWriter().u8(hmacFlags);
        Vlu.write(hmac, hmacLength);
        return List.of(Option.of(HMAC, hmac.buffer()), Option.of(SESSION_SEQUENCE, sequenceFlags));
    }
}
