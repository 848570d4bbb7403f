package io.fluctus.config;

import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Locale;

/** The configuration as a tree of records: the sections and names are those of the table in {@link Keys}. */
public record Config(
        String publicAddress,
        Rtmp rtmp,
        Rtmfp rtmfp,
        Groups groups,
        Web web,
        Publish publish,
        Access access,
        Hooks hooks,
        Limits limits,
        Tls tls,
        Stream stream,
        Fanout fanout,
        Relay relay,
        Cluster cluster,
        Demo demo,
        Applications applications,
        Smtp smtp,
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

    /**
     * Who may publish and play, beside {@link Publish}; {@code keys}, {@code playKeys} and {@code users} have the form that
     * {@code docs/access.md} shows, {@code allow}, {@code deny} and {@code jwks} are empty for none.
     */
    public record Access(
            Publishing publish,
            boolean playOpen,
            Credentials credentials,
            Tokens tokens,
            List<String> allow,
            List<String> deny) {
        /** Who may publish where no hook decides. */
        public enum Publishing {
            AUTO,
            OPEN,
            CLOSED
        }

        /** Keys by stream, users by name, and what signs links. */
        public record Credentials(JsonObject keys, JsonObject playKeys, JsonObject users, String signingKey) {
            @Override
            public String toString() {
                return "Credentials[]";
            }
        }

        /** Who signs tokens, and for whom they are. */
        public record Tokens(String secret, String jwks, String audience, String issuer) {
            @Override
            public String toString() {
                return "Tokens[]";
            }
        }
    }

    /** The site that is asked and told; an empty {@code url}: none. */
    public record Hooks(String url, String secret, List<String> actions, int timeoutMillis, boolean playWithoutAnswer) {
        @Override
        public String toString() {
            return url.isEmpty() ? "Hooks[]" : "Hooks[with an address]";
        }
    }

    /** What one address, application, stream or viewer may take; 0 is no limit. */
    public record Limits(
            int connectionsPerAddress,
            int newConnectionsPerAddress,
            int connectionsPerApplication,
            int viewersPerStream,
            Kbps kbps) {
        /** What leaves, by whom it goes to or from. */
        public record Kbps(int viewer, int stream, int application, int node) {}
    }

    /** Ports with TLS, below 0 for none; empty paths: a certificate of the gateway's own. Whose PROXY headers are believed. */
    public record Tls(int rtmpsPort, int httpsPort, String certificate, String key, List<String> proxies) {}

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

    /**
     * The other nodes. Empty texts: {@code host} is found, {@code kubernetes} and {@code parent} are not used, no certificate is no
     * TLS.
     */
    public record Cluster(
            boolean enabled,
            String name,
            String host,
            int port,
            int busPort,
            List<String> members,
            String kubernetes,
            String parent,
            Tls tls) {
        /** The same with another host. */
        public Cluster withHost(String other) {
            return new Cluster(enabled, name, other, port, busPort, members, kubernetes, parent, tls);
        }

        /** Files in PEM form. */
        public record Tls(String certificate, String privateKey, String authority) {
            public boolean enabled() {
                return !certificate.isEmpty();
            }
        }
    }

    /** The test clip. */
    public record Demo(boolean enabled) {}

    /** Server applications: their folder and configuration, where persistent shared objects are kept, and where they may go. */
    public record Applications(
            String folder, JsonObject configs, String sharedObjects, String outgoing, String ports, boolean isolate) {}

    /** The server that takes their mail. */
    public record Smtp(String host, int port, int timeoutSeconds) {}

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
                access(s),
                new Hooks(
                        s.text("hooks.url"),
                        s.text("hooks.secret"),
                        s.list("hooks.actions"),
                        s.small("hooks.timeoutMillis"),
                        s.flag("hooks.playWithoutAnswer")),
                limits(s),
                new Tls(
                        s.small("rtmps.port"),
                        s.small("https.port"),
                        s.text("tls.certificate"),
                        s.text("tls.key"),
                        s.list("proxy.trusted")),
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
                cluster(s),
                new Demo(s.flag("demo.enabled")),
                new Applications(
                        s.text("applications.folder"),
                        s.object("applications.configs"),
                        s.text("applications.sharedObjects"),
                        s.text("applications.outgoing"),
                        s.text("applications.ports"),
                        s.flag("applications.isolate")),
                new Smtp(s.text("smtp.host"), s.small("smtp.port"), s.small("smtp.timeoutSeconds")),
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

    private static Cluster cluster(Settings s) {
        Cluster.Tls tls = new Cluster.Tls(
                s.text("cluster.certificate"), s.text("cluster.privateKey"), s.text("cluster.authority"));
        if (tls.enabled() && (tls.privateKey().isEmpty() || tls.authority().isEmpty())) {
            throw new ConfigException(
                    "`cluster.certificate` needs `cluster.privateKey` and `cluster.authority` beside it");
        }
        String members = s.text("cluster.members");
        return new Cluster(
                s.flag("cluster.enabled"),
                s.text("cluster.name"),
                s.text("cluster.host"),
                s.small("cluster.port"),
                s.small("cluster.busPort"),
                members.isEmpty() ? List.of() : List.of(members.split(",")),
                s.text("cluster.kubernetes"),
                s.text("cluster.parent"),
                tls);
    }

    private static Access access(Settings s) {
        return new Access(
                Access.Publishing.valueOf(constant(s.text("access.publish"))),
                s.text("access.play").equals("open"),
                new Access.Credentials(
                        s.object("access.keys"),
                        s.object("access.playKeys"),
                        s.object("access.users"),
                        s.text("access.signingKey")),
                new Access.Tokens(
                        s.text("access.tokenSecret"),
                        s.text("access.jwks"),
                        s.text("access.audience"),
                        s.text("access.issuer")),
                s.list("access.allow"),
                s.list("access.deny"));
    }

    private static Limits limits(Settings s) {
        return new Limits(
                s.small("limits.connectionsPerAddress"),
                s.small("limits.newConnectionsPerAddress"),
                s.small("limits.connectionsPerApplication"),
                s.small("limits.viewersPerStream"),
                new Limits.Kbps(
                        s.small("limits.viewerKbps"),
                        s.small("limits.streamKbps"),
                        s.small("limits.applicationKbps"),
                        s.small("limits.nodeKbps")));
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
                access,
                hooks,
                limits,
                tls,
                stream,
                fanout,
                relay,
                cluster,
                demo,
                applications,
                smtp,
                record,
                hls,
                logs);
    }

    /** The same with other words about the cluster. */
    public Config withCluster(Cluster other) {
        return new Config(
                publicAddress,
                rtmp,
                rtmfp,
                groups,
                web,
                publish,
                access,
                hooks,
                limits,
                tls,
                stream,
                fanout,
                relay,
                other,
                demo,
                applications,
                smtp,
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
