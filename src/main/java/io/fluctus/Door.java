package io.fluctus;

/**
 * Where a verticle listens.
 *
 * @param section of the configuration, which holds its {@code host} and {@code port}
 * @param scheme of the URLs that lead there
 */
record Door(String section, String scheme, String host, int port) {
    /** The URL with {@code reachable} in the place of an address that means all of this machine's. */
    String url(String reachable) {
        String name = isEverywhere() ? reachable : host;
        return scheme + "://" + (name.contains(":") ? "[" + name + "]" : name) + ":" + port;
    }

    boolean isEverywhere() {
        return host.equals("0.0.0.0") || host.equals("::");
    }

    Door on(int boundPort) {
        return new Door(section, scheme, host, boundPort);
    }
}
