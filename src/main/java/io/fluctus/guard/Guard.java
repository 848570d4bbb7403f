package io.fluctus.guard;

import io.fluctus.config.Config;
import io.fluctus.config.ConfigException;
import java.util.List;
import java.util.Optional;

/**
 * What the doors of a node have in common.
 *
 * @param certificate for ports with TLS; empty where there are none
 * @param proxies whose PROXY headers are believed; where there are any, nobody else may connect over TCP
 */
public record Guard(AddressLimits addresses, Shares shares, Optional<Certificate> certificate, List<Network> proxies) {
    public static Guard of(Config config, Optional<Certificate> certificate) {
        return new Guard(
                new AddressLimits(config.limits()),
                new Shares(config.limits().kbps()),
                certificate,
                networks("proxy.trusted", config.tls().proxies()));
    }

    /** Throws {@link ConfigException} naming the key for what is no network. */
    public static List<Network> networks(String key, List<String> texts) {
        return texts.stream()
                .map(text -> Network.parse(text)
                        .orElseThrow(() -> new ConfigException("`" + key + "` holds \"" + text
                                + "\": it must be an IP address or a network such as 10.0.0.0/8")))
                .toList();
    }

    /** Whether {@code host}, from which a TCP connection really came, may speak for others. */
    public boolean speaksForOthers(String host) {
        return Network.anyHolds(proxies, host);
    }
}
