package io.fluctus.bus;

import io.fluctus.media.StreamName;

/** Every address of the event bus, in one place. */
public final class Address {
    /** Who publishes what: claim, release, list. */
    public static final String REGISTRY = "registry";

    /** Who may do what. */
    public static final String ACCESS = "access";

    /** Who owns the shared objects of this node: words of users, and control. */
    public static final String SHARED = "shared";

    /** The recorder: start, stop, list. */
    public static final String RECORD = "record";

    /** The packager of HLS: playlists, segments, parts. */
    public static final String HLS = "hls";

    /** What happens, for consoles, scripts and the log. */
    public static final String EVENTS = "events";

    /** Who is in which NetGroup: join, leave, list, describe. */
    public static final String GROUPS = "groups";

    /** The gateway's own part in NetGroups: carry, drop, list. */
    public static final String GROUP_MEMBER = "group.member";

    private Address() {}

    /** Publisher's verticle to the relay that owns the stream; this node only. */
    public static String ingest(StreamName stream) {
        return "ingest." + stream.path();
    }

    /** Relay to the verticle instances with viewers; this node only. */
    public static String outlet(StreamName stream) {
        return "outlet." + stream.path();
    }

    /** One relay instance of a node. */
    public static String relay(String node, int instance) {
        return "relay." + node + "." + instance;
    }

    /** Which of a node's relay instances carries a stream: the same on every node that counts them. */
    public static int instance(StreamName stream, int relays) {
        return Math.floorMod(stream.path().hashCode(), relays);
    }

    /** One relay instance of a node, for the relays of other nodes. */
    public static String link(String node, int instance) {
        return "link." + node + "." + instance;
    }

    /** What every node says of itself, every two seconds and whenever its streams change. */
    public static final String NODES = "nodes";

    /** This node is about to end: its doors refuse newcomers, and send their clients to the nodes that are named. */
    public static final String DRAIN = "drain";

    /** The registry of a node, for those of other nodes. */
    public static String registry(String node) {
        return "registry." + node;
    }

    /** The verticle instance that holds a client: a client's id is that instance's name, a slash, and a number. */
    public static String client(String id) {
        int slash = id.indexOf('/');
        return "client." + (slash < 0 ? id : id.substring(0, slash));
    }

    /** The application at a path; {@code app.} alone for the root's. */
    public static String app(String path) {
        return "app." + path;
    }

    /** As {@link #client}, for the words of applications. */
    public static String words(String client) {
        return client(client) + ".words";
    }

    /** As {@link #client}, for what is told of shared objects. */
    public static String sharedNews(String user) {
        return client(user) + ".shared";
    }

    /** An RTMFP peer by the hexadecimal digits of its id: that somebody looks for it, and whom of a group it shall connect to. */
    public static String peer(String id) {
        return "peer." + id;
    }

    /** One RTMFP instance of a node: datagrams of its sessions that another instance received. */
    public static String rtmfp(String node, int instance) {
        return "rtmfp." + node + "." + instance;
    }

    /** Who watches at one verticle instance, which is named as in its figures. */
    public static String audience(String source) {
        return "audience." + source;
    }

    /** Figures of a node, once a second from each verticle instance. */
    public static String stats(String node) {
        return "stats." + node;
    }

    /** The gateway of a node: what is deployed there. */
    public static String deploy(String node) {
        return "deploy." + node;
    }
}
