package io.fluctus.rtmfp;

import io.fluctus.wire.ByteReader;
import io.fluctus.wire.ProtocolException;
import io.vertx.core.buffer.Buffer;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Optional;
import javax.crypto.Cipher;
import javax.crypto.Mac;

/**
 * Packets to datagrams and back (RFC 7016 2.2.1 to 2.2.3, RFC 7425 4.6.3 and 4.6.4): scrambled session id, AES-128-CBC, and
 * either a checksum inside or an HMAC behind; perhaps a session sequence number in front.
 */
final class PacketCipher {
    private static final int SESSION_ID = 4;
    private static final int CHECKSUM = 2;
    static final int MIN_DATAGRAM = SESSION_ID + Crypto.BLOCK;

    /** Packets this far behind the newest are taken for replayed. */
    static final int SEQUENCE_WINDOW = 64;

    /** One direction's key material; an HMAC of 0 bytes means the checksum. */
    record Direction(byte[] key, Buffer hmacKey, int hmacLength, boolean sequence) {}

    private final Cipher encrypt;
    private final Cipher decrypt;
    private final Optional<Mac> sealMac;
    private final Optional<Mac> openMac;
    private final Direction out;
    private final Direction in;
    private long nextSequence;
    private long newestSequence = -1;
    private long seen;

    PacketCipher(Direction out, Direction in) {
        this.out = out;
        this.in = in;
        this.encrypt = Crypto.cipher(Cipher.ENCRYPT_MODE, out.key);
        this.decrypt = Crypto.cipher(Cipher.DECRYPT_MODE, in.key);
        this.sealMac = out.hmacLength > 0 ? Optional.of(Crypto.mac(out.hmacKey)) : Optional.empty();
        this.openMac = in.hmacLength > 0 ? Optional.of(Crypto.mac(in.hmacKey)) : Optional.empty();
    }

    /** The cipher of startup packets, which everyone can open. */
    static PacketCipher startup() {
        Direction both = new Direction(Crypto.defaultKey(), Buffer.buffer(), 0, false);
        return new PacketCipher(both, both);
    }

    /** The session id of a datagram of at least {@link #MIN_DATAGRAM} bytes. */
    static int sessionId(Buffer datagram) {
        return datagram.getInt(0) ^ datagram.getInt(4) ^ datagram.getInt(8);
    }

    /** A packet in {@code bytes[start, end)}: there are 16 bytes of room in front of it and behind it. */
    record Plain(byte[] bytes, int start, int end) {}

    /** The datagram for {@code packet}, padded with 0xFF. */
    Buffer seal(int sessionId, Buffer packet) {
        byte[] bytes = new byte[packet.length() + 2 * Crypto.BLOCK];
        packet.getBytes(0, packet.length(), bytes, Crypto.BLOCK);
        byte[] datagram = new byte[SESSION_ID + bytes.length + Crypto.HMAC];
        Plain plain = new Plain(bytes, Crypto.BLOCK, Crypto.BLOCK + packet.length());
        return Buffer.buffer(Arrays.copyOf(datagram, seal(sessionId, plain, datagram)));
    }

    /** Writes the datagram for {@code plain}, whose surroundings it uses up, with room for a whole HMAC behind it; gives its length. */
    int seal(int sessionId, Plain plain, byte[] datagram) {
        byte[] bytes = plain.bytes;
        int content = plain.start - (sealMac.isPresent() ? 0 : CHECKSUM);
        int start = out.sequence ? prepend(nextSequence++, bytes, content) : content;
        int length = plain.end - start + Crypto.BLOCK - 1 & -Crypto.BLOCK;
        Arrays.fill(bytes, plain.end, start + length, (byte) Packet.PADDING);
        if (sealMac.isEmpty()) {
            int sum = Crypto.checksum(bytes, plain.start, start + length);
            bytes[content] = (byte) (sum >> 8);
            bytes[content + 1] = (byte) sum;
        }
        try {
            encrypt.doFinal(bytes, start, length, datagram, SESSION_ID);
            int end = SESSION_ID + length;
            putInt(datagram, sessionId ^ word(datagram, SESSION_ID) ^ word(datagram, SESSION_ID + 4));
            if (sealMac.isPresent()) {
                sealMac.get().update(datagram, SESSION_ID, length);
                sealMac.get().doFinal(datagram, end);
            }
            return end + out.hmacLength;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Writes the number as a VLU in front of {@code at}; gives where it begins. */
    private static int prepend(long number, byte[] bytes, int at) {
        int start = at;
        bytes[--start] = (byte) (number & 0x7f);
        for (long rest = number >> 7; rest != 0; rest >>= 7) {
            bytes[--start] = (byte) (rest & 0x7f | 0x80);
        }
        return start;
    }

    private static void putInt(byte[] b, int value) {
        b[0] = (byte) (value >> 24);
        b[1] = (byte) (value >> 16);
        b[2] = (byte) (value >> 8);
        b[3] = (byte) value;
    }

    /** The packet with its padding; empty if the datagram is not from the owner of the key, or was seen before. */
    Optional<Buffer> open(Buffer datagram) {
        int length = datagram.length() - SESSION_ID - in.hmacLength;
        if (length < Crypto.BLOCK || length % Crypto.BLOCK != 0) {
            return Optional.empty();
        }
        byte[] bytes = datagram.getBytes();
        if (openMac.isPresent() && !isAuthentic(openMac.get(), bytes, length)) {
            return Optional.empty();
        }
        byte[] plain = run(decrypt, bytes, SESSION_ID, length);
        ByteReader reader = new ByteReader(Buffer.buffer(plain));
        try {
            long sequence = in.sequence ? Vlu.read(reader) : 0;
            if (openMac.isEmpty() && reader.u16() != Crypto.checksum(plain, reader.position(), length)) {
                return Optional.empty();
            }
            return in.sequence && !isNew(sequence) ? Optional.empty() : Optional.of(reader.bytes(reader.remaining()));
        } catch (ProtocolException e) {
            return Optional.empty();
        }
    }

    private boolean isAuthentic(Mac mac, byte[] bytes, int length) {
        mac.update(bytes, SESSION_ID, length);
        byte[] expected = Arrays.copyOf(mac.doFinal(), in.hmacLength);
        return MessageDigest.isEqual(
                expected, Arrays.copyOfRange(bytes, SESSION_ID + length, SESSION_ID + length + in.hmacLength));
    }

    private boolean isNew(long sequence) {
        if (sequence > newestSequence) {
            long shift = sequence - newestSequence;
            seen = shift < SEQUENCE_WINDOW ? seen << shift | 1 : 1;
            newestSequence = sequence;
            return true;
        }
        long age = newestSequence - sequence;
        if (age >= SEQUENCE_WINDOW || (seen >> age & 1) != 0) {
            return false;
        }
        seen |= 1L << age;
        return true;
    }

    private static int word(byte[] b, int at) {
        return b[at] << 24 | (b[at + 1] & 0xff) << 16 | (b[at + 2] & 0xff) << 8 | b[at + 3] & 0xff;
    }

    private static byte[] run(Cipher cipher, byte[] bytes, int offset, int length) {
        try {
            return cipher.doFinal(bytes, offset, length);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
