package io.fluctus.guard;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** Addresses with the same first bits, such as {@code 10.0.0.0/8}; one address is a network of all its bits. */
public record Network(byte[] address, int bits) {
    private static final Pattern IPV4 = Pattern.compile("\\d{1,3}(\\.\\d{1,3}){3}");

    /** Beside a colon: so that no name is ever looked up. */
    private static final Pattern IPV6 = Pattern.compile("[\\p{XDigit}.]*:[\\p{XDigit}.:]*");

    private static final int BYTE = 8;

    /** Empty if the text is no network. */
    public static Optional<Network> parse(String text) {
        int slash = text.indexOf('/');
        Optional<byte[]> address = bytes(slash < 0 ? text : text.substring(0, slash));
        if (address.isEmpty()) {
            return Optional.empty();
        }
        int all = address.get().length * BYTE;
        if (slash < 0) {
            return Optional.of(new Network(address.get(), all));
        }
        String bits = text.substring(slash + 1);
        return bits.matches("\\d{1,3}") && Integer.parseInt(bits) <= all
                ? Optional.of(new Network(address.get(), Integer.parseInt(bits)))
                : Optional.empty();
    }

    /** The bytes of a numeric address; IPv6 that only maps IPv4 is IPv4. */
    public static Optional<byte[]> bytes(String host) {
        int scope = host.indexOf('%');
        String numeric = scope < 0 ? host : host.substring(0, scope);
        if (!IPV4.matcher(numeric).matches() && !IPV6.matcher(numeric).matches()) {
            return Optional.empty();
        }
        try {
            return Optional.of(InetAddress.getByName(numeric).getAddress());
        } catch (UnknownHostException e) {
            return Optional.empty();
        }
    }

    /** Whether both texts mean the same address. */
    public static boolean same(String one, String other) {
        return bytes(one)
                .flatMap(a -> bytes(other).map(b -> Arrays.equals(a, b)))
                .orElse(false);
    }

    public static boolean anyHolds(List<Network> networks, String host) {
        Optional<byte[]> bytes = networks.isEmpty() ? Optional.empty() : bytes(host);
        return bytes.isPresent() && networks.stream().anyMatch(network -> network.holds(bytes.get()));
    }

    public boolean holds(byte[] other) {
        if (other.length != address.length) {
            return false;
        }
        int whole = bits / BYTE;
        for (int i = 0; i < whole; i++) {
            if (other[i] != address[i]) {
                return false;
            }
        }
        int rest = bits % BYTE;
        return rest == 0 || ((other[whole] ^ address[whole]) & 0xFF) >> BYTE - rest == 0;
    }
}
