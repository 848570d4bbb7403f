package io.fluctus.rtmfp;

import io.vertx.core.buffer.Buffer;
import java.math.BigInteger;
import java.util.Optional;
import java.util.random.RandomGenerator;

/** The Diffie-Hellman groups of the profile (RFC 7425 4.2): primes of RFC 2409 6.2 and RFC 3526 3 and 5, generator 2. */
enum DhGroup {
    MODP_1024(
            2,
            "ffffffffffffffffc90fdaa22168c234c4c6628b80dc1cd129024e088a67cc74020bbea63b139b22514a08798e3404dd"
                    + "ef9519b3cd3a431b302b0a6df25f14374fe1356d6d51c245e485b576625e7ec6f44c42e9a637ed6b0bff5cb6f406b7ed"
                    + "ee386bfb5a899fa5ae9f24117c4b1fe649286651ece65381ffffffffffffffff"),
    MODP_2048(
            14,
            "ffffffffffffffffc90fdaa22168c234c4c6628b80dc1cd129024e088a67cc74020bbea63b139b22514a08798e3404dd"
                    + "ef9519b3cd3a431b302b0a6df25f14374fe1356d6d51c245e485b576625e7ec6f44c42e9a637ed6b0bff5cb6f406b7ed"
                    + "ee386bfb5a899fa5ae9f24117c4b1fe649286651ece45b3dc2007cb8a163bf0598da48361c55d39a69163fa8fd24cf5f"
                    + "83655d23dca3ad961c62f356208552bb9ed529077096966d670c354e4abc9804f1746c08ca18217c32905e462e36ce3b"
                    + "e39e772c180e86039b2783a2ec07a28fb5c55df06f4c52c9de2bcbf6955817183995497cea956ae515d2261898fa0510"
                    + "15728e5a8aacaa68ffffffffffffffff"),
    MODP_4096(
            16,
            "ffffffffffffffffc90fdaa22168c234c4c6628b80dc1cd129024e088a67cc74020bbea63b139b22514a08798e3404dd"
                    + "ef9519b3cd3a431b302b0a6df25f14374fe1356d6d51c245e485b576625e7ec6f44c42e9a637ed6b0bff5cb6f406b7ed"
                    + "ee386bfb5a899fa5ae9f24117c4b1fe649286651ece45b3dc2007cb8a163bf0598da48361c55d39a69163fa8fd24cf5f"
                    + "83655d23dca3ad961c62f356208552bb9ed529077096966d670c354e4abc9804f1746c08ca18217c32905e462e36ce3b"
                    + "e39e772c180e86039b2783a2ec07a28fb5c55df06f4c52c9de2bcbf6955817183995497cea956ae515d2261898fa0510"
                    + "15728e5a8aaac42dad33170d04507a33a85521abdf1cba64ecfb850458dbef0a8aea71575d060c7db3970f85a6e1e4c7"
                    + "abf5ae8cdb0933d71e8c94e04a25619dcee3d2261ad2ee6bf12ffa06d98a0864d87602733ec86a64521f2b18177b200c"
                    + "bbe117577a615d6c770988c0bad946e208e24fa074e5ab3143db5bfce0fd108e4b82d120a92108011a723c12a787e6d7"
                    + "88719a10bdba5b2699c327186af4e23c1a946834b6150bda2583e9ca2ad44ce8dbbbc2db04de8ef92e8efc141fbecaa6"
                    + "287c59474e6bc05d99b2964fa090c3a2233ba186515be7ed1f612970cee2d7afb81bdd762170481cd0069127d5b05aa9"
                    + "93b4ea988d8fddc186ffb7dc90a6c08f4df435c934063199ffffffffffffffff");

    /** Twice the strength of the largest group, so short exponents cost none. */
    private static final int EXPONENT_BITS = 384;

    /** 4.6.2: a public value nearer to either end than 2^24 is refused, */
    private static final int MARGIN_BITS = 24;

    /** and one with fewer zero or one bits than this. */
    private static final int MIN_BITS = 16;

    private final int id;
    private final BigInteger prime;

    DhGroup(int id, String prime) {
        this.id = id;
        this.prime = new BigInteger(prime, 16);
    }

    static Optional<DhGroup> of(long id) {
        for (DhGroup group : values()) {
            if (group.id == id) {
                return Optional.of(group);
            }
        }
        return Optional.empty();
    }

    int id() {
        return id;
    }

    /** Bytes of a public value without leading zeros. */
    int length() {
        return prime.bitLength() / 8;
    }

    /** A key whose public value has its full length: librtmfp refuses a responder's shorter one. */
    KeyPair generate(RandomGenerator random) {
        while (true) {
            byte[] exponent = new byte[EXPONENT_BITS / 8];
            random.nextBytes(exponent);
            KeyPair pair = pair(new BigInteger(1, exponent));
            if (pair.publicValue().length() == length() && isAcceptable(pair.publicValue())) {
                return pair;
            }
        }
    }

    KeyPair pair(BigInteger exponent) {
        return new KeyPair(this, exponent, unsigned(BigInteger.TWO.modPow(exponent, prime)));
    }

    /** The shared secret without leading zeros; empty if the far public value fails the checks of 4.6.2. */
    Optional<Buffer> agree(BigInteger exponent, Buffer farPublic) {
        if (!isAcceptable(farPublic)) {
            return Optional.empty();
        }
        return Optional.of(unsigned(new BigInteger(1, farPublic.getBytes()).modPow(exponent, prime)));
    }

    boolean isAcceptable(Buffer publicValue) {
        if (publicValue.length() > length()) {
            return false;
        }
        BigInteger y = new BigInteger(1, publicValue.getBytes());
        BigInteger low = BigInteger.ONE.shiftLeft(MARGIN_BITS);
        int ones = y.bitCount();
        return y.compareTo(low) >= 0
                && y.compareTo(prime.subtract(low)) <= 0
                && ones >= MIN_BITS
                && prime.bitLength() - ones >= MIN_BITS;
    }

    private static Buffer unsigned(BigInteger value) {
        byte[] bytes = value.toByteArray();
        return bytes[0] == 0 && bytes.length > 1
                ? Buffer.buffer().appendBytes(bytes, 1, bytes.length - 1)
                : Buffer.buffer(bytes);
    }

    /** A private exponent with its public value, unsigned and without leading zeros. */
    record KeyPair(DhGroup group, BigInteger exponent, Buffer publicValue) {
        Optional<Buffer> agree(Buffer farPublic) {
            return group.agree(exponent, farPublic);
        }
    }
}
