package io.fluctus.rtmfp;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Where other members of a group find the gateway: under its public address if it is configured in digits, else under its interfaces'. */
final class OwnAddresses {
    private static final int MAX = 6;

    private OwnAddresses() {}

    /** For one who asks: an asker on this machine finds us here. */
    static List<Address> of(String publicAddress, InetSocketAddress asker, int port) {
        if (asker.getAddress().isLoopbackAddress()) {
            return List.of(new Address(new InetSocketAddress(asker.getAddress(), port), Address.OBSERVED));
        }
        return all(publicAddress, port, Address.OBSERVED);
    }

    /** For reports: the server first, then ourselves. */
    static List<Address> reported(String publicAddress, int serverPort, int port) {
        List<Address> addresses = new ArrayList<>(
                all(publicAddress, serverPort, Address.RELAY).stream().limit(1).toList());
        addresses.addAll(all(publicAddress, port, Address.OBSERVED));
        return addresses;
    }

    private static List<Address> all(String publicAddress, int port, int origin) {
        Optional<Address> configured = Address.parse(publicAddress + ":" + port);
        if (configured.isPresent()) {
            return List.of(new Address(configured.get().socket(), origin));
        }
        List<Address> addresses = interfaces().stream()
                .map(ip -> new Address(new InetSocketAddress(ip, port), origin))
                .toList();
        return addresses.isEmpty()
                ? List.of(new Address(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), origin))
                : addresses;
    }

    private static List<InetAddress> interfaces() {
        try {
            return NetworkInterface.networkInterfaces()
                    .flatMap(NetworkInterface::inetAddresses)
                    .filter(ip -> ip instanceof Inet4Address && !ip.isLoopbackAddress() && !ip.isLinkLocalAddress())
                    .limit(MAX)
                    .toList();
        } catch (SocketException e) {
            return List.of();
        }
    }
}
