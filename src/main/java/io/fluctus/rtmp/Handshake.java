package io.fluctus.rtmp;

import io.fluctus.rtmp.HandshakeDigest.Signer;
import io.fluctus.wire.ProtocolException;
import io.vertx.core.buffer.Buffer;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * The handshake (RTMP 1.0 5.2) of either side, simple or with digests. The peer's second packet is only counted: nothing depends
 * on what it says, and real clients fill it in different ways.
 */
final class Handshake {
    static final int VERSION = 3; // 5.2.2
    static final int PACKET_BYTES = 1536; // 5.2.3, 5.2.4
    static final int BYTES = 1 + 2 * PACKET_BYTES;

    private static final int RTMPE = 6;
    private static final int RTMPE_XTEA = 8;
    private static final int TLS_HANDSHAKE = 0x16; // RFC 8446 5.1

    /** In the place of C1's and S1's zero; ffmpeg looks for a digest when the first number is 3 or more. */
    private static final byte[] PLAYER_VERSION = {9, 0, 124, 2};

    private static final byte[] SERVER_VERSION = {5, 0, 17, 1};

    private final RandomGenerator random;
    private final boolean server;
    private Buffer first = Buffer.buffer(0); // C0 and C1, or S0 and S1, as they arrive; null when they are answered
    private int secondLeft = PACKET_BYTES; // of C2 or S2
    private Buffer out; // null: nothing

    private Handshake(RandomGenerator random, boolean server) {
        this.random = random;
        this.server = server;
    }

    static Handshake server(RandomGenerator random) {
        return new Handshake(random, true);
    }

    /** C0 and C1 wait at once; C1 carries a digest, which a simple server takes for random bytes. */
    static Handshake client(RandomGenerator random) {
        Handshake handshake = new Handshake(random, false);
        byte[] c1 = handshake.packet(PLAYER_VERSION);
        HandshakeDigest.seal(c1, HandshakeDigest.Schema.DIGEST_FIRST, Signer.PLAYER);
        handshake.out =
                Buffer.buffer(1 + PACKET_BYTES).appendByte((byte) VERSION).appendBytes(c1);
        return handshake;
    }

    /** Takes what belongs to the handshake; the index of the first byte that does not. */
    int receive(Buffer bytes) {
        int at = 0;
        if (first != null) {
            at = Math.min(1 + PACKET_BYTES - first.length(), bytes.length());
            first.appendBuffer(bytes, 0, at);
            if (first.length() > 0) {
                checkVersion(first.getUnsignedByte(0));
            }
            if (first.length() <= PACKET_BYTES) {
                return at;
            }
            answer(first.getBytes(1, 1 + PACKET_BYTES));
            first = null;
        }
        int skipped = Math.min(secondLeft, bytes.length() - at);
        secondLeft -= skipped;
        return at + skipped;
    }

    /** What waits to be sent, or null. */
    Buffer poll() {
        Buffer waiting = out;
        out = null;
        return waiting;
    }

    boolean done() {
        return first == null && secondLeft == 0;
    }

    private void checkVersion(int version) {
        if (version == VERSION) {
            return;
        }
        if (!server) {
            throw new ProtocolException("the server answers with version " + version + " where 3 was asked for");
        }
        throw new ProtocolException(
                switch (version) {
                    case RTMPE, RTMPE_XTEA -> "RTMPE is not served";
                    case TLS_HANDSHAKE -> "TLS is not served on the RTMP port";
                    default ->
                        version >= 'A' && version <= 'Z'
                                ? "RTMPT / HTTP is not served on the RTMP port"
                                : "handshake of version " + version + " where 3 is served";
                });
    }

    /** With a digest when the peer has one that verifies, else the simple one. */
    private void answer(byte[] peer) {
        Optional<HandshakeDigest> digest = HandshakeDigest.find(peer, server ? Signer.PLAYER : Signer.SERVER);
        Buffer answer = Buffer.buffer(BYTES);
        if (server) {
            byte[] s1 = packet(digest.isPresent() ? SERVER_VERSION : new byte[4]);
            digest.ifPresent(d -> HandshakeDigest.seal(s1, d.schema(), Signer.SERVER));
            answer.appendByte((byte) VERSION).appendBytes(s1);
        }
        byte[] second = peer; // 5.2.4: an echo
        if (digest.isPresent()) {
            second = packet(new byte[4]);
            digest.get().sign(second, server ? Signer.SERVER : Signer.PLAYER);
        }
        answer.appendBytes(second);
        out = answer;
    }

    /** Time 0, a version or zero, random bytes. */
    private byte[] packet(byte[] version) {
        byte[] packet = new byte[PACKET_BYTES];
        random.nextBytes(packet);
        for (int i = 0; i < 4; i++) {
            packet[i] = 0;
            packet[4 + i] = version[i];
        }
        return packet;
    }
}
