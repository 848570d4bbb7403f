package io.fluctus.config;

import io.fluctus.config.Key.Kind;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The one table of configuration keys: parsing, the command line's listing and the documentation all come from it. */
public final class Keys {
    private static final Kind PORT = new Kind.Whole(0, 65535);
    private static final Kind INSTANCES = new Kind.Whole(0, 64);
    private static final Kind HOST = text("[\\p{Alnum}.:_-]{1,253}", "a host name or an IP address");
    private static final Kind FLAG = new Kind.Flag();
    private static final String ADDRESS_OR_EMPTY = "[\\p{Alnum}.:_-]{0,253}";
    private static final Kind FILE = text("[^\\p{Cntrl}]{0,1024}", "a path of at most 1024 characters, or empty");
    private static final Pattern MEMBER = Pattern.compile("[\\p{Alnum}.:_-]{1,253}");
    private static final Kind KBPS = new Kind.Whole(0, 100_000_000);
    private static final Kind TLS_PORT = new Kind.Whole(-1, 65535);
    private static final Kind NETWORKS = text(
            "[\\p{XDigit}.:/, ]{0,4096}", "IP addresses and networks such as 10.0.0.0/8, split by commas, or empty");
    private static final Kind STREAMS =
            text("[\\p{L}\\p{M}\\p{N}._~*/, -]{0,4096}", "stream names joined by commas, * for any characters");

    private static final String ADDRESSES = "(|ONE(,ONE){0,7})".replace("ONE", "[\\d.:\\[\\]a-fA-F]{1,45}:\\d{1,5}");

    private static final List<Key> ALL = List.of(
            key(
                    "publicAddress",
                    text(ADDRESS_OR_EMPTY, "a host name, an IP address or empty"),
                    "",
                    "the address that clients reach this machine by; empty: found by itself"),
            key("rtmp.port", PORT, 1935, "TCP port of the RTMP server; 0: any free port"),
            key("rtmp.host", HOST, "0.0.0.0", "the local address it listens on; 0.0.0.0: all"),
            key("rtmp.instances", INSTANCES, 0, "event loops that serve RTMP; 0: one per core"),
            key("rtmp.maxConnections", whole(1, 1_000_000), 50_000, "RTMP connections at one time; more are refused"),
            key(
                    "rtmp.idlePublisherSeconds",
                    whole(1, 3600),
                    10,
                    "a publisher that sends nothing for so long is disconnected"),
            key("rtmfp.port", PORT, 1935, "UDP port of the RTMFP server; 0: any free port"),
            key("rtmfp.host", HOST, "0.0.0.0", "the local address it listens on; 0.0.0.0: all"),
            key("rtmfp.instances", INSTANCES, 1, "event loops that serve RTMFP; 0: one per core"),
            key(
                    "rtmfp.udpBufferSize",
                    whole(0, 64 << 20),
                    0,
                    "bytes of the socket's send and receive buffers; 0: as the system has them"),
            key(
                    "rtmfp.keepAliveServerSeconds",
                    whole(5, 255),
                    15,
                    "a client is asked for a sign of life after so long, and is lost after three times of it"),
            key("rtmfp.keepAlivePeerSeconds", whole(5, 255), 10, "the same, between peers"),
            key(
                    "rtmfp.idlePublisherSeconds",
                    whole(1, 3_600),
                    10,
                    "a publisher that sends nothing for so long, though it is asked, is disconnected"),
            key(
                    "rtmfp.redirect",
                    text(ADDRESSES, "at most 8 addresses such as 192.0.2.1:1935, with commas between them, or empty"),
                    "",
                    "other servers that every newcomer is sent to; empty: none"),
            key(
                    "groups.port",
                    PORT,
                    0,
                    "UDP port of the gateway's own part in NetGroups, open when groups.streams is not empty; 0: any free port"),
            key(
                    "groups.streams",
                    new Kind.Free(),
                    new JsonObject(),
                    "streams that go into NetGroups or come from them: see docs/groups.md"),
            key("web.port", PORT, 8080, "TCP port of the HTTP server; 0: any free port"),
            key("web.host", HOST, "0.0.0.0", "the local address it listens on; 0.0.0.0: all"),
            key("web.instances", INSTANCES, 0, "event loops that serve HTTP; 0: one per core"),
            key(
                    "web.adminToken",
                    secret("[\\p{Alnum}._~+/=-]{0,256}", "at most 256 letters, digits and ._~+/=-"),
                    "",
                    "what an administrator sends as `Authorization: Bearer`; empty: one is made and kept beside this file"),
            key("web.maxConnections", whole(1, 1_000_000), 50_000, "HTTP connections at one time; more are closed"),
            key("web.private", FLAG, false, "true: watching and reading over HTTP need the administrator's token, too"),
            key(
                    "publish.key",
                    secret("[\\p{Alnum}._~-]{0,256}", "at most 256 letters, digits and ._~-"),
                    "",
                    "what a publisher adds to the stream's name as `?key=`; empty: see `access.publish`"),
            key(
                    "access.publish",
                    new Kind.OneOf(List.of("auto", "open", "closed")),
                    "auto",
                    "who may publish: auto is only this machine until a rule stands, then who shows what it asks for"),
            key(
                    "access.play",
                    new Kind.OneOf(List.of("open", "closed")),
                    "open",
                    "who may play: everybody, or who shows a key, a user's password, a token or a signed link"),
            key("access.keys", new Kind.Free(), new JsonObject(), "keys of publishers: `{\"live/*\": [\"key\", ...]}`"),
            key(
                    "access.playKeys",
                    new Kind.Free(),
                    new JsonObject(),
                    "keys of players, in the same form; streams that stand here are closed without one"),
            key(
                    "access.users",
                    new Kind.Free(),
                    new JsonObject(),
                    "`{\"anna\": {\"password\": ..., \"role\": \"operator\", \"publish\": [\"live/*\"], \"play\": [\"*\"]}}`"),
            key(
                    "access.signingKey",
                    secret("|[\\p{Graph}]{16,256}", "16 to 256 visible characters, or empty"),
                    "",
                    "what signs links that end; empty: there are none"),
            key(
                    "access.tokenSecret",
                    secret("|[\\p{Graph}]{32,256}", "32 to 256 visible characters, or empty"),
                    "",
                    "the secret of tokens (JWT) signed with HS256, HS384 or HS512; empty: none are taken"),
            key(
                    "access.jwks",
                    text("[^\\p{Cntrl}]{0,1024}", "a path or an http address of at most 1024 characters, or empty"),
                    "",
                    "the file or address of the public keys (JWKS) of tokens signed with RS, PS, ES or EdDSA"),
            key(
                    "access.audience",
                    text("[^\\p{Cntrl}]{0,256}", "at most 256 characters"),
                    "",
                    "the `aud` that a token must hold; empty: it must hold none"),
            key(
                    "access.issuer",
                    text("[^\\p{Cntrl}]{0,256}", "at most 256 characters"),
                    "",
                    "the `iss` that a token must hold; empty: any"),
            key("access.allow", NETWORKS, "", "only these may connect, publish, play and use the API; empty: all"),
            key("access.deny", NETWORKS, "", "these may not"),
            key(
                    "hooks.url",
                    text("|https?://[\\p{Graph}]{1,1024}", "an http or https address, or empty"),
                    "",
                    "the site that decides and is told; `{action}` in it is replaced; empty: none"),
            key(
                    "hooks.secret",
                    secret("|[\\p{Graph}]{16,256}", "16 to 256 visible characters, or empty"),
                    "",
                    "what signs the calls to the site; empty: they are not signed"),
            key(
                    "hooks.actions",
                    text(
                            "(connect|publish|play|unpublish|stop|record|rpc|viewers)?"
                                    + "(, *(connect|publish|play|unpublish|stop|record|rpc|viewers))*",
                            "some of connect, publish, play, record, rpc, unpublish, stop, viewers, split by commas"),
                    "publish,play,unpublish,stop",
                    "what the site is asked (the first five) and told (the others)"),
            key(
                    "hooks.timeoutMillis",
                    whole(100, 4_000),
                    3_000,
                    "the site's answer is waited for so long, with its retry"),
            key(
                    "hooks.playWithoutAnswer",
                    FLAG,
                    false,
                    "true: who wants to play may while the site does not answer; publishing is always refused then"),
            key(
                    "limits.connectionsPerAddress",
                    whole(0, 1_000_000),
                    1_000,
                    "connections of one address at a time; 0: no limit; this machine's own have none"),
            key(
                    "limits.newConnectionsPerAddress",
                    whole(0, 1_000_000),
                    100,
                    "connections that one address opens in a second; 0: no limit"),
            key(
                    "limits.connectionsPerApplication",
                    whole(0, 1_000_000),
                    0,
                    "RTMP and RTMFP connections of one application at a time; 0: no limit"),
            key("limits.viewersPerStream", whole(0, 1_000_000), 0, "viewers of one stream on this node; 0: no limit"),
            key("limits.viewerKbps", KBPS, 0, "kbit/s to one viewer; over it only key frames and sound; 0: no limit"),
            key("limits.streamKbps", KBPS, 0, "the same, to all viewers of one stream on this node"),
            key(
                    "limits.applicationKbps",
                    KBPS,
                    0,
                    "the same, to all viewers of one application's streams on this node"),
            key("limits.nodeKbps", KBPS, 0, "the same, to all viewers of this node"),
            key("rtmps.port", TLS_PORT, -1, "TCP port of RTMP over TLS; -1: off, 0: any free port"),
            key("https.port", TLS_PORT, -1, "TCP port of HTTPS and WSS; -1: off, 0: any free port"),
            key(
                    "tls.certificate",
                    text("[^\\p{Cntrl}]{0,1024}", "a path of at most 1024 characters, or empty"),
                    "",
                    "PEM file with the certificate chain, read again when it changes; empty: one is made and kept beside this file"),
            key(
                    "tls.key",
                    text("[^\\p{Cntrl}]{0,1024}", "a path of at most 1024 characters, or empty"),
                    "",
                    "PEM file with its private key"),
            key(
                    "proxy.trusted",
                    NETWORKS,
                    "",
                    "proxies that begin TCP connections with a PROXY header (v1 or v2); when set, only they may connect over TCP"),
            key(
                    "stream.takeover",
                    new Kind.OneOf(List.of("never", "same-key", "any")),
                    "same-key",
                    "who may replace the publisher of a live stream, its viewers stay"),
            key(
                    "stream.holdSeconds",
                    whole(0, 3600),
                    15,
                    "viewers of a stream whose publisher vanished wait so long for it to come back"),
            // OBS leaves the encoder's own key frame interval of 250 frames alone: 8.3 s, at 6 Mbit/s some 6 MB.
            key(
                    "stream.preludeBytes",
                    whole(64 << 10, 256 << 20),
                    8 << 20,
                    "what is kept of a stream since its last key frame, for a picture at once when a viewer joins"),
            key(
                    "fanout.gatherMillis",
                    whole(-1, 1000),
                    -1,
                    "messages to a viewer are gathered for so long into one write; -1: as the load asks, 0: never"),
            key(
                    "fanout.queueBytes",
                    whole(64 << 10, 256 << 20),
                    4 << 20,
                    "a viewer who has more than this waiting loses frames"),
            key("fanout.queueSeconds", whole(1, 60), 3, "a viewer who is later than this loses frames"),
            key(
                    "fanout.closeAfterSeconds",
                    whole(1, 3600),
                    15,
                    "a viewer who has read nothing for so long is disconnected"),
            key(
                    "relay.instances",
                    INSTANCES,
                    1,
                    "event loops that carry streams from publishers to viewers; 0: one per core"),
            key("cluster.enabled", FLAG, false, "true: joins the other nodes of the cluster"),
            key(
                    "cluster.name",
                    text("[\\p{Alnum}._-]{1,64}", "1 to 64 letters, digits and ._-"),
                    "fluctus",
                    "nodes of another name are not joined"),
            key(
                    "cluster.host",
                    text(ADDRESS_OR_EMPTY, "a host name, an IP address or empty"),
                    "",
                    "the address that other nodes reach this one by; empty: found by itself"),
            key("cluster.port", whole(1, 65535), 5701, "TCP port at which nodes find each other"),
            key("cluster.busPort", PORT, 0, "TCP port of the event bus between nodes; 0: any free port"),
            key(
                    "cluster.members",
                    new Kind.Names(MEMBER, 64, "host names or addresses, each with or without :port"),
                    "",
                    "where other nodes are, a list or one text split by commas; one that is up is enough"),
            key(
                    "cluster.kubernetes",
                    text(ADDRESS_OR_EMPTY, "a host name or empty"),
                    "",
                    "the DNS name of a headless service whose pods are the members; empty: not in Kubernetes"),
            key(
                    "cluster.parent",
                    text("([\\p{Alnum}.:_-]{1,253}:\\d{1,5})?", "host:port of a node's `cluster.port`, or empty"),
                    "",
                    "the node that this one takes streams from; empty: from the node they are published at"),
            key("cluster.certificate", FILE, "", "PEM file: this node's certificate on the event bus; empty: no TLS"),
            key("cluster.privateKey", FILE, "", "PEM file: the key of this certificate"),
            key("cluster.authority", FILE, "", "PEM file: who signs the certificates of all nodes"),
            key("demo.enabled", FLAG, false, "true: shows a test clip, played in a loop, as the stream demo/colorbars"),
            key(
                    "applications.folder",
                    text("[^\\p{Cntrl}]{1,1024}", "a path of at most 1024 characters"),
                    "verticles",
                    "where server applications are: main.lua, and a folder for each application"),
            key(
                    "applications.configs",
                    new Kind.Free(),
                    new JsonObject(),
                    "anything: scripts read it as `cumulus.configs`"),
            key(
                    "applications.sharedObjects",
                    text("[^\\p{Cntrl}]{0,1024}", "a path of at most 1024 characters, or empty"),
                    "shared",
                    "where persistent shared objects are kept; empty: nowhere, they are refused"),
            key(
                    "applications.outgoing",
                    text(
                            "[\\p{Alnum}.:*_, -]{0,4096}",
                            "addresses such as example.org:80, host:* or *, with commas, or empty"),
                    "",
                    "where the sockets of server applications may go; empty: nowhere"),
            key(
                    "applications.ports",
                    text("[0-9, ]{0,1024}", "port numbers with commas, or empty"),
                    "",
                    "TCP and UDP ports that server applications may open; empty: none"),
            key(
                    "applications.isolate",
                    FLAG,
                    false,
                    "true: each tree of server applications runs in a process of its own, which is ended when it takes too much"),
            key("smtp.host", HOST, "localhost", "the server that takes the mail of server applications"),
            key("smtp.port", PORT, 25, "its TCP port"),
            key("smtp.timeoutSeconds", whole(1, 600), 60, "a mail that it has not taken after so long has failed"),
            key(
                    "record.folder",
                    text("[^\\p{Cntrl}]{1,1024}", "a path of at most 1024 characters"),
                    "recordings",
                    "where recordings are written, and served from as /vod/"),
            key("record.streams", STREAMS, "", "the streams that are always recorded, such as live/*"),
            key(
                    "record.format",
                    new Kind.OneOf(List.of("mp4", "flv")),
                    "mp4",
                    "what files are: fragmented MP4, or FLV"),
            key(
                    "record.file",
                    text(
                            "(?!.*\\.\\.)(?=.*\\{stream\\})(?:[\\p{L}\\p{N}._~/-]|\\{(?:app|stream|date|time)\\}){1,200}",
                            "a path with {stream}, and with {app}, {date}, {time} (UTC) as wanted"),
                    "{app}/{stream}-{date}-{time}",
                    "how files are called; .mp4 or .flv is added"),
            key("record.segmentSeconds", whole(0, 86_400), 3_600, "a new file begins after so long; 0: never"),
            key(
                    "record.byPublisher",
                    FLAG,
                    true,
                    "true: a publisher that publishes as `record` or `append` is recorded"),
            key(
                    "record.queueBytes",
                    whole(1 << 20, 1 << 30),
                    16 << 20,
                    "what may wait for the disk, for each recording; more is left out of the file"),
            key("record.maxBytes", whole(0, 1L << 50), 0, "the oldest recordings are deleted above this; 0: never"),
            key("record.maxAgeHours", whole(0, 1_000_000), 0, "recordings older than this are deleted; 0: never"),
            key("hls.enabled", FLAG, true, "true: live streams are served as HLS, each from its first viewer on"),
            key("hls.segmentSeconds", whole(1, 10), 2, "a segment is at least so long, and ends before a key frame"),
            key("hls.partMillis", whole(0, 2_000), 500, "the parts of low-latency HLS; below 100: none"),
            key("hls.dvrSeconds", whole(10, 86_400), 30, "what a playlist holds, for going back in time"),
            key("hls.always", STREAMS, "", "the streams that are packaged before anybody watches, such as live/*"),
            key(
                    "hls.idleSeconds",
                    whole(10, 86_400),
                    60,
                    "a stream that nobody has asked for so long is packaged no more"),
            key(
                    "hls.maxBytes",
                    whole(1 << 20, 1L << 40),
                    256 << 20,
                    "segments of all streams in memory; above it the oldest ones go"),
            key(
                    "logs.directory",
                    text("[^\\p{Cntrl}%]{0,1024}", "a path of at most 1024 characters without percent signs, or empty"),
                    "",
                    "where log files are written; empty: to the console only"),
            key(
                    "logs.name",
                    text("[\\p{Alnum}_-][\\p{Alnum}._-]{0,99}", "1 to 100 letters, digits and ._-"),
                    "fluctus",
                    "log files are called this and `.log`"),
            key(
                    "logs.level",
                    new Kind.OneOf(List.of("error", "warn", "info", "debug")),
                    "info",
                    "the least important lines that are logged"),
            key("logs.size", whole(1 << 10, 1L << 40), 10 << 20, "bytes of a log file before the next one begins"),
            key("logs.files", whole(2, 20), 5, "log files that are kept, the current one among them"));

    private static final Map<String, Key> BY_PATH = index(Key::path);
    private static final Map<String, Key> BY_VARIABLE = index(Key::variable);

    private Keys() {}

    /** In the order of the documentation. */
    public static List<Key> all() {
        return ALL;
    }

    static Key byPath(String called, String path) {
        return known(called, path, BY_PATH);
    }

    static Key byVariable(String name) {
        return known(name, name, BY_VARIABLE);
    }

    private static Key known(String called, String name, Map<String, Key> keys) {
        Key key = keys.get(name);
        if (key == null) {
            throw new ConfigException(
                    "unknown key `" + called + "`: did you mean `" + Nearest.of(name, keys.keySet()) + "`?");
        }
        return key;
    }

    private static Map<String, Key> index(Function<Key, String> name) {
        return ALL.stream().collect(Collectors.toUnmodifiableMap(name, k -> k));
    }

    private static Key key(String path, Kind kind, Object byDefault, String description) {
        return new Key(path, kind, byDefault instanceof Integer i ? Long.valueOf(i) : byDefault, description);
    }

    private static Kind whole(long min, long max) {
        return new Kind.Whole(min, max);
    }

    private static Kind text(String form, String range) {
        return new Kind.Text(Pattern.compile(form), range, false);
    }

    private static Kind secret(String form, String range) {
        return new Kind.Text(Pattern.compile(form), range, true);
    }
}
