package io.fluctus.rtmfp;

import io.fluctus.wire.ByteReader;
import io.fluctus.wire.ByteWriter;
import io.fluctus.wire.ProtocolException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** An address with its origin (RFC 7016 2.1.5): flags, IPv4 or IPv6 address, port. */
public record Address(InetSocketAddress socket, int origin) {
    /** Digits and dots, or hexadecimal digits and colons in brackets: nothing that a name server would be asked for. */
    private static final Pattern LITERAL = Pattern.compile(
            "(\\[[0-9a-fA-F:.]+]|OCTET(?:\\.OCTET){3}):(\\d{1,5})".replace("OCTET", "(?:25[0-5]|2[0-4]\\d|1?\\d?\\d)"));

    static final int IP6 = 0x80;
    static final int ORIGIN_MASK = 0x03;

    public static final int UNKNOWN = 0;
    public static final int REPORTED = 1;
    public static final int OBSERVED = 2;
    public static final int RELAY = 3;

    static Address decode(ByteReader in) {
        int flags = in.u8();
        byte[] ip = in.bytes((flags & IP6) != 0 ? 16 : 4).getBytes();
        try {
            return new Address(new InetSocketAddress(InetAddress.getByAddress(ip), in.u16()), flags & ORIGIN_MASK);
        } catch (UnknownHostException e) {
            throw new ProtocolException("address of neither 4 nor 16 bytes");
        }
    }

    /** Reads {@code 10.0.0.1:1935} or {@code [::1]:1935}; names are not looked up. */
    static Optional<Address> parse(String text) {
        Matcher parts = LITERAL.matcher(text);
        if (!parts.matches()) {
            return Optional.empty();
        }
        String ip = parts.group(1); // one in brackets is an IPv6 address, or refused: never a name
        int port = Integer.parseInt(parts.group(2));
        try {
            return port > 0xffff
                    ? Optional.empty()
                    : Optional.of(new Address(new InetSocketAddress(InetAddress.getByName(ip), port), REPORTED));
        } catch (UnknownHostException e) {
            return Optional.empty();
        }
    }

    /** Reads some with commas between them; throws ProtocolException if one is not usable. */
    static List<Address> parseAll(String text) {
        return text.isEmpty()
                ? List.of()
                : Arrays.stream(text.split(","))
                        .map(one -> parse(one)
                                .filter(Address::isUsable)
                                .orElseThrow(() -> new ProtocolException(one + " is no address")))
                        .toList();
    }

    void encode(ByteWriter out) {
        byte[] ip = socket.getAddress().getAddress();
        out.u8((ip.length == 16 ? IP6 : 0) | origin).bytes(ip).u16(socket.getPort());
    }

    /** Whether packets can be sent there: wildcard addresses occur in what clients report of themselves. */
    public boolean isUsable() {
        return socket.getPort() != 0
                && !socket.getAddress().isAnyLocalAddress()
                && !socket.getAddress().isMulticastAddress();
    }
}
