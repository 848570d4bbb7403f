package io.fluctus.script;

import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** Where applications may go: {@code host:port} in a list with commas, {@code *} for any host, any port, or both. */
record AllowList(List<String> entries) {
    private static final String ANY = "*";

    static AllowList of(String text) {
        return new AllowList(Stream.of(text.split(","))
                .map(entry -> entry.strip().toLowerCase(Locale.ROOT))
                .filter(entry -> !entry.isEmpty())
                .toList());
    }

    /** A host is compared as it is written: a name does not allow its address, nor an address its names. */
    boolean allows(String host, int port) {
        return entries.stream().anyMatch(entry -> matches(entry, host.toLowerCase(Locale.ROOT), port));
    }

    private static boolean matches(String entry, String host, int port) {
        int colon = entry.lastIndexOf(':');
        String allowedHost = colon < 0 ? entry : entry.substring(0, colon);
        String allowedPort = colon < 0 ? ANY : entry.substring(colon + 1);
        return (allowedHost.equals(ANY) || allowedHost.equals(host))
                && (allowedPort.equals(ANY) || allowedPort.equals(String.valueOf(port)));
    }
}
