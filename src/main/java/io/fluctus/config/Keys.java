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
    private static final Kind STREAMS =
            text("[\\p{L}\\p{M}\\p{N}._~*/, -]{0,4096}", "stream names joined by commas, * for any characters");

    private static final String ADDRESSES = "(|ONE(,ONE){0,7})".replace("ONE", "[\\d.:\\[\\]a-fA-F]{1,45}:\\d{1,5}");

    private static final List<Key> ALL = List.of(
            key(
                    "publicAddress",
                    text("[\\p{Alnum}.:_-]{0,253}", "a host name, an IP address or empty"),
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
                    "what a publisher adds to the stream's name as `?key=`; empty: only this machine may publish"),
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
