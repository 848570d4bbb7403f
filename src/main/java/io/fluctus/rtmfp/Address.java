package io.fluctus.rtmfp;

import io.fluctus.wire.ByteReader;
import io.fluctus.wire.ByteWriter;
import io.fluctus.wire.ProtocolException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;

/** An address with its origin (RFC 7016 2.1.5): flags, IPv4 or IPv6 address, port. */
public record Address(InetSocketAddress socket, int origin) {
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
