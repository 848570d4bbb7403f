package io.fluctus.config;

import io.vertx.core.json.JsonObject;
import java.util.Locale;

/** The configuration as a tree of records: the sections and names are those of the table in {@link Keys}. */
public record Config(
        String publicAddress,
        Rtmp rtmp,
        Rtmfp rtmfp,
        Groups groups,
        Web web,
        Publish publish,
        Stream stream,
        Fanout fanout,
        Relay relay,
        Demo demo,
        Applications applications,
        Record record,
        Hls hls,
        Logs logs) {

    /** The RTMP server; {@code instances} 0 is one per core, see {@link #instances}. */
    public record Rtmp(int port, String host, int instances, int maxConnections, int idlePublisherSeconds) {}

    /** The RTMFP server; {@code udpBufferSize} 0 is the system's. */
    public record Rtmfp(
            int port,
            String host,
            int instances,
            int udpBufferSize,
            int keepAliveServerSeconds,
            int keepAlivePeerSeconds,
            int idlePublisherSeconds,
            String redirect) {}

    /** NetGroups that the gateway itself is a member of; what {@code streams} holds is checked by who carries them. */
    public record Groups(int port, JsonObject streams) {}

    /** The HTTP server. */
    public record Web(int port, String host, int instances, int maxConnections, String adminToken, boolean isPrivate) {
        /** The same with another token. */
        public Web withAdminToken(String token) {
            return new Web(port, host, instances, maxConnections, token, isPrivate);
        }

        @Override
        public String toString() {
            return "Web[" + host + ":" + port + "]";
        }
    }

    /** Who may publish; an empty key: only this machine. */
    public record Publish(String key) {
        @Override
        public String toString() {
            return key.isEmpty() ? "Publish[without a key]" : "Publish[with a key]";
        }
    }

    /** What happens to a stream whose publisher leaves, comes back or finds a rival. */
    public record Stream(Takeover takeover, int holdSeconds, int preludeBytes) {
        /** Who may replace the publisher of a live stream. */
        public enum Takeover {
            NEVER,
            SAME_KEY,
            ANY
        }
    }

    /** How packets reach viewers, and what happens to slow ones; {@code gatherMillis} -1 is adaptive. */
    public record Fanout(int gatherMillis, int queueBytes, int queueSeconds, int closeAfterSeconds) {}

    /** The relays that carry streams from publishers to viewers. */
    public record Relay(int instances) {}

    /** The test clip. */
    public record Demo(boolean enabled) {}

    /** Server applications: where they are, what scripts read as their configuration, and where persistent shared objects are. */
    public record Applications(String folder, JsonObject configs, String sharedObjects) {}

    /** What becomes a file, and where; {@code segmentSeconds}, {@code maxBytes} and {@code maxAgeHours} 0: without a limit. */
    public record Record(
            String folder,
            String streams,
            Format format,
            String file,
            int segmentSeconds,
            boolean byPublisher,
            int queueBytes,
            long maxBytes,
            int maxAgeHours) {
        /** How files are written. */
        public enum Format {
            MP4,
            FLV
        }
    }

    /** Live streams as HLS; {@code partMillis} 0: without the parts of LL-HLS. */
    public record Hls(
            boolean enabled,
            int segmentSeconds,
            int partMillis,
            int dvrSeconds,
            String always,
            int idleSeconds,
            long maxBytes) {}

    /** Where and what is logged; an empty directory: to the console only. */
    public record Logs(String directory, String name, Level level, long size, int files) {
        /** The least important lines that are logged. */
        public enum Level {
            ERROR,
            WARN,
            INFO,
            DEBUG
        }
    }

    /** Reads a configuration file. Throws {@link ConfigException} with a sentence that names the key. */
    public static Config from(JsonObject file) {
        return from(Settings.of(file));
    }

    public static Config from(Settings s) {
        return new Config(
                s.text("publicAddress"),
                new Rtmp(
                        s.small("rtmp.port"),
                        s.text("rtmp.host"),
                        s.small("rtmp.instances"),
                        s.small("rtmp.maxConnections"),
                        s.small("rtmp.idlePublisherSeconds")),
                new Rtmfp(
                        s.small("rtmfp.port"),
                        s.text("rtmfp.host"),
                        s.small("rtmfp.instances"),
                        s.small("rtmfp.udpBufferSize"),
                        s.small("rtmfp.keepAliveServerSeconds"),
                        s.small("rtmfp.keepAlivePeerSeconds"),
                        s.small("rtmfp.idlePublisherSeconds"),
                        s.text("rtmfp.redirect")),
                new Groups(s.small("groups.port"), s.object("groups.streams")),
                new Web(
                        s.small("web.port"),
                        s.text("web.host"),
                        s.small("web.instances"),
                        s.small("web.maxConnections"),
                        s.text("web.adminToken"),
                        s.flag("web.private")),
                new Publish(s.text("publish.key")),
                new Stream(
                        Stream.Takeover.valueOf(constant(s.text("stream.takeover"))),
                        s.small("stream.holdSeconds"),
                        s.small("stream.preludeBytes")),
                new Fanout(
                        s.small("fanout.gatherMillis"),
                        s.small("fanout.queueBytes"),
                        s.small("fanout.queueSeconds"),
                        s.small("fanout.closeAfterSeconds")),
                new Relay(s.small("relay.instances")),
                new Demo(s.flag("demo.enabled")),
                new Applications(
                        s.text("applications.folder"),
                        s.object("applications.configs"),
                        s.text("applications.sharedObjects")),
                new Record(
                        s.text("record.folder"),
                        s.text("record.streams"),
                        Record.Format.valueOf(constant(s.text("record.format"))),
                        s.text("record.file"),
                        s.small("record.segmentSeconds"),
                        s.flag("record.byPublisher"),
                        s.small("record.queueBytes"),
                        s.number("record.maxBytes"),
                        s.small("record.maxAgeHours")),
                new Hls(
                        s.flag("hls.enabled"),
                        s.small("hls.segmentSeconds"),
                        s.small("hls.partMillis"),
                        s.small("hls.dvrSeconds"),
                        s.text("hls.always"),
                        s.small("hls.idleSeconds"),
                        s.number("hls.maxBytes")),
                new Logs(
                        s.text("logs.directory"),
                        s.text("logs.name"),
                        Logs.Level.valueOf(constant(s.text("logs.level"))),
                        s.number("logs.size"),
                        s.small("logs.files")));
    }

    /** The same with another HTTP server. */
    public Config withWeb(Web other) {
        return new Config(
                publicAddress,
                rtmp,
                rtmfp,
                groups,
                other,
                publish,
                stream,
                fanout,
                relay,
                demo,
                applications,
                record,
                hls,
                logs);
    }

    /** What a key called {@code instances} means on a machine with so many cores. */
    public static int instances(int configured, int cores) {
        return configured == 0 ? cores : configured;
    }

    private static String constant(String word) {
        return word.replace('-', '_').toUpperCase(Locale.ROOT);
    }
}
