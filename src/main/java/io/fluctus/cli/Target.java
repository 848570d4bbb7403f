package io.fluctus.cli;

import io.fluctus.config.ConfigException;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.Map;

/**
 * A stream somewhere, as its URL names it.
 *
 * @param app of an RTMP or RTMFP URL: the path before the last segment
 * @param stream of an RTMP or RTMFP URL: the last segment and the query, which holds the key
 * @param resource of every other URL: path and query, as they are asked for
 */
record Target(Transport transport, String host, int port, String app, String stream, String resource) {
    /** What carries the stream. */
    enum Transport {
        RTMP(1935),
        RTMFP(1935),
        HTTP(80),
        WS(80);

        private final int port;

        Transport(int port) {
            this.port = port;
        }

        /** Whether RTMP's dialogue is led over it: streams have an application and a name, and can be published. */
        boolean hasDialogue() {
            return this == RTMP || this == RTMFP;
        }
    }

    private static final Map<String, Transport> SCHEMES =
            Map.of("rtmp", Transport.RTMP, "rtmfp", Transport.RTMFP, "http", Transport.HTTP, "ws", Transport.WS);

    /** Reads {@code rtmp://HOST/APPLICATION}; throws as {@link #parse}. */
    static Target application(String url) {
        URI uri = uri(url);
        Transport transport = SCHEMES.get(String.valueOf(uri.getScheme()));
        if (transport == null || !transport.hasDialogue()) {
            throw new ConfigException(
                    "`" + url + "`: applications are called by rtmp://HOST/APPLICATION or rtmfp://...");
        }
        if (uri.getHost() == null) {
            throw new ConfigException("`" + url + "` names no host");
        }
        int port = uri.getPort() < 0 ? transport.port : uri.getPort();
        String query = uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery();
        String app = uri.getPath().replaceAll("^/+|/+$", "");
        return new Target(transport, uri.getHost(), port, app + query, "", "");
    }

    private static URI uri(String url) {
        try {
            return new URI(url);
        } catch (URISyntaxException e) {
            throw new ConfigException("`" + url + "` is no URL: " + e.getReason());
        }
    }

    /** Throws {@link ConfigException} with a sentence for a URL that these tools cannot use. */
    static Target parse(String url) {
        URI uri = uri(url);
        Transport transport = SCHEMES.get(String.valueOf(uri.getScheme()));
        if (transport == null) {
            throw new ConfigException("`" + url + "`: " + why(uri.getScheme()));
        }
        if (uri.getHost() == null) {
            throw new ConfigException("`" + url + "` names no host");
        }
        int port = uri.getPort() < 0 ? transport.port : uri.getPort();
        String path = uri.getRawPath();
        String query = uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery();
        if (!transport.hasDialogue()) {
            return new Target(transport, uri.getHost(), port, "", "", (path.isEmpty() ? "/" : path) + query);
        }
        String decoded = uri.getPath().replaceAll("^/+", "");
        int slash = decoded.lastIndexOf('/');
        String stream = decoded.substring(slash + 1);
        if (stream.isEmpty()) {
            throw new ConfigException("`" + url + "` names no stream: rtmp://HOST/APPLICATION/STREAM");
        }
        return new Target(transport, uri.getHost(), port, decoded.substring(0, Math.max(0, slash)), stream + query, "");
    }

    private static String why(String scheme) {
        return switch (String.valueOf(scheme)) {
            case "rtmps", "https", "wss" -> scheme + " is not spoken yet; rtmp, rtmfp, http and ws are";
            default -> "only rtmp, rtmfp, http and ws are spoken";
        };
    }

    /** Another stream of the same application. */
    Target withStream(String other) {
        return new Target(transport, host, port, app, other, resource);
    }

    /** What a client says in connect. */
    String tcUrl() {
        String scheme = transport.name().toLowerCase(Locale.ROOT);
        return scheme + "://" + host + (port == transport.port ? "" : ":" + port) + "/" + app;
    }

    /** A host name as sockets want it: an IPv6 address without its brackets. */
    String address() {
        return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    }
}
