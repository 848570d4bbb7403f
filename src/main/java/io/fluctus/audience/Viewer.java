package io.fluctus.audience;

/** One who watches, as its protocol sees it. Every door is called on the event loop of the audience. */
public interface Viewer {
    /** What the figures count it as: rtmp, flv, ... */
    String protocol();

    /** Host and port it comes from, for people; empty where that is not known. */
    default String address() {
        return "";
    }

    /** The id of its connection on the bus, as {@link io.fluctus.bus.Address#client} reads it; empty: nobody can speak to it. */
    default String client() {
        return "";
    }

    /** Whether it can take more; when it can again, it says so through {@link Audience.Seat#drain}. */
    boolean writable();

    /** The first word, before any packet: whether the stream is there now. */
    void joined(boolean live);

    /** The next packets, to be sent in one write. */
    void deliver(Run run);

    /** A publisher came while it waited. */
    void published();

    /** The publisher left for good. */
    void unpublished();

    /** It is too slow: close it. */
    void cut(String reason);
}
