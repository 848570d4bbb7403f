package io.fluctus;

import io.fluctus.config.Config;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.Comparator;

/** The address that others most likely reach this machine by. */
final class PublicAddress {
    static final String LOOPBACK = "127.0.0.1";

    private PublicAddress() {}

    /** The configured one, else that of the first network interface that is up and no loopback, else {@link #LOOPBACK}. */
    static String of(String configured) {
        if (!configured.isEmpty()) {
            return configured;
        }
        try {
            return NetworkInterface.networkInterfaces()
                    .filter(PublicAddress::leadsOut)
                    .sorted(Comparator.comparingInt(NetworkInterface::getIndex))
                    .flatMap(NetworkInterface::inetAddresses)
                    .filter(address -> address instanceof Inet4Address && !address.isLinkLocalAddress())
                    .map(InetAddress::getHostAddress)
                    .findFirst()
                    .orElse(LOOPBACK);
        } catch (SocketException e) {
            return LOOPBACK;
        }
    }

    /** The configuration with the address that other nodes reach this one by. */
    static Config inCluster(Config config) {
        Config.Cluster cluster = config.cluster();
        return cluster.enabled() && cluster.host().isEmpty() ? config.withCluster(cluster.withHost(of(""))) : config;
    }

    private static boolean leadsOut(NetworkInterface network) {
        try {
            return network.isUp() && !network.isLoopback();
        } catch (SocketException e) {
            return false;
        }
    }
}
