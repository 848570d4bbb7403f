package io.fluctus;

import com.hazelcast.config.ClassFilter;
import com.hazelcast.config.JavaSerializationFilterConfig;
import com.hazelcast.config.JoinConfig;
import com.hazelcast.config.MapConfig;
import com.hazelcast.config.MultiMapConfig;
import com.hazelcast.config.NetworkConfig;
import io.fluctus.config.Config;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.eventbus.EventBusOptions;
import io.vertx.core.http.ClientAuth;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import io.vertx.spi.cluster.hazelcast.HazelcastClusterManager;
import java.util.Map;

/** Joins the other nodes: Hazelcast tells who is there, Vert.x's event bus carries everything else. Only loaded where it is used. */
final class Cluster {
    /** A hanging node is noticed after this time, and one that died as a rule at once. */
    private static final int SILENT_SECONDS = 5;

    /** How often parts that lost sight of each other look for each other. */
    private static final int MERGE_SECONDS = 2;

    private static final int CONNECT_SECONDS = 2;
    private static final int BUS_PING_MILLIS = 1_000;
    private static final int BUS_PING_REPLY_MILLIS = 5_000;

    private Cluster() {}

    /** Hazelcast's own switches, in place of its defaults. */
    private static final Map<String, Object> PROPERTIES = Map.ofEntries(
            Map.entry("hazelcast.phone.home.enabled", false),
            Map.entry("hazelcast.shutdownhook.enabled", false),
            Map.entry("hazelcast.logging.type", "slf4j"),
            Map.entry("hazelcast.socket.bind.any", false),
            Map.entry("hazelcast.wait.seconds.before.join", 0),
            Map.entry("hazelcast.heartbeat.interval.seconds", 1),
            Map.entry("hazelcast.max.no.heartbeat.seconds", SILENT_SECONDS),
            Map.entry("hazelcast.merge.first.run.delay.seconds", MERGE_SECONDS),
            Map.entry("hazelcast.merge.next.run.delay.seconds", MERGE_SECONDS),
            Map.entry("hazelcast.tcp.join.port.try.count", 1),
            Map.entry("hazelcast.io.thread.count", 1),
            Map.entry("hazelcast.operation.thread.count", 2),
            Map.entry("hazelcast.operation.generic.thread.count", 2));

    /** Fails if this node cannot open its ports. */
    static Future<Vertx> join(VertxOptions options, Config.Cluster config) {
        EventBusOptions bus = new EventBusOptions()
                .setHost(config.host())
                .setPort(config.busPort())
                .setClusterPingInterval(BUS_PING_MILLIS)
                .setClusterPingReplyInterval(BUS_PING_REPLY_MILLIS);
        if (config.tls().enabled()) {
            bus.setSsl(true)
                    .setKeyCertOptions(new PemKeyCertOptions()
                            .setCertPath(config.tls().certificate())
                            .setKeyPath(config.tls().privateKey()))
                    .setTrustOptions(
                            new PemTrustOptions().addCertPath(config.tls().authority()))
                    .setClientAuth(ClientAuth.REQUIRED);
        }
        return Vertx.builder()
                .with(options.setEventBusOptions(bus))
                .withClusterManager(new HazelcastClusterManager(hazelcast(config)))
                .buildClustered()
                .onSuccess(vertx ->
                        vertx.eventBus().serializableChecker(name -> false).clusterSerializableChecker(name -> false));
    }

    private static com.hazelcast.config.Config hazelcast(Config.Cluster config) {
        com.hazelcast.config.Config hazelcast = new com.hazelcast.config.Config();
        hazelcast.setClusterName(config.name());
        hazelcast.setProperty("hazelcast.local.localAddress", config.host());
        PROPERTIES.forEach((name, value) -> hazelcast.setProperty(name, value.toString()));
        NetworkConfig network = hazelcast.getNetworkConfig();
        network.setPort(config.port()).setPortAutoIncrement(false);
        JoinConfig join = network.getJoin();
        join.getAutoDetectionConfig().setEnabled(false);
        join.getMulticastConfig().setEnabled(false);
        if (config.kubernetes().isEmpty()) {
            join.getTcpIpConfig()
                    .setEnabled(true)
                    .setConnectionTimeoutSeconds(CONNECT_SECONDS)
                    .setMembers(config.members());
        } else {
            join.getKubernetesConfig().setEnabled(true).setProperty("service-dns", config.kubernetes());
        }
        // What Vert.x needs of a configuration of one's own.
        hazelcast.addMultiMapConfig(new MultiMapConfig("__vertx.subs")
                .setBackupCount(1)
                .setValueCollectionType(MultiMapConfig.ValueCollectionType.SET));
        hazelcast.addMapConfig(new MapConfig("__vertx.haInfo").setBackupCount(1));
        hazelcast.addMapConfig(new MapConfig("__vertx.nodeInfo").setBackupCount(1));
        hazelcast.getSerializationConfig().setJavaSerializationFilterConfig(onlyItsOwn());
        return hazelcast;
    }

    /** Java objects of any other class that arrive at the port are refused; failures travel between members as such objects. */
    private static JavaSerializationFilterConfig onlyItsOwn() {
        ClassFilter allowed = new ClassFilter()
                .addPrefixes(
                        "com.hazelcast.",
                        "io.vertx.spi.cluster.hazelcast.",
                        "java.lang.",
                        "java.util.",
                        "[Ljava.lang.",
                        "[Ljava.util.")
                .addClasses("java.io.IOException", "java.io.EOFException", "io.vertx.core.VertxException");
        return new JavaSerializationFilterConfig().setDefaultsDisabled(true).setWhitelist(allowed);
    }
}
