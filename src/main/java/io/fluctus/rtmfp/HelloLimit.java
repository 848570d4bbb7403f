package io.fluctus.rtmfp;

import java.net.InetSocketAddress;
import java.util.Arrays;

/** How many answers strangers get each second, one by one and together, in memory that never grows. */
final class HelloLimit {
    private static final int BUCKETS = 4096;
    private static final int SECOND = 1_000;

    /** IPv4 and UDP: amplification is counted as it travels, for librtmfp's hello of 36 bytes needs an answer of 180. */
    private static final int HEADERS = 28;

    private final byte[] counts = new byte[BUCKETS];
    private final int salt;
    private final int perAddress;
    private long second = Long.MIN_VALUE;
    private int all;

    HelloLimit(int salt, int perAddress) {
        this.salt = salt;
        this.perAddress = perAddress;
    }

    /** Takes one answer of {@code bytesOut} for a question of {@code bytesIn} from the address's share; false: give none. */
    boolean take(InetSocketAddress address, int bytesIn, int bytesOut, long now) {
        if (bytesOut + HEADERS > Params.AMPLIFICATION * (bytesIn + HEADERS)) {
            return false;
        }
        if (now / SECOND != second) {
            second = now / SECOND;
            all = 0;
            Arrays.fill(counts, (byte) 0);
        }
        int hash = (address.getAddress().hashCode() ^ salt) * 0x9e3779b1;
        int bucket = hash >>> 20;
        if (counts[bucket] >= perAddress || all >= Params.HELLOS_IN_ALL) {
            return false;
        }
        counts[bucket]++;
        all++;
        return true;
    }
}
