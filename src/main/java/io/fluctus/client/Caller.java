package io.fluctus.client;

import io.fluctus.media.StreamName;
import io.vertx.core.buffer.Buffer;

/**
 * Who a client is.
 *
 * @param id on the bus, as {@link io.fluctus.bus.Address#client} reads it
 * @param protocol rtmp or rtmfp
 * @param host its address without the port: what rules look at
 * @param address host and port, for people
 * @param local whether it is on this machine
 * @param peerId the fingerprint that RTMFP knows it by, or empty
 */
public record Caller(String id, String protocol, String host, String address, boolean local, Buffer peerId) {
    /** The stream of this name in an application; the dialogue has checked both, and the name may hold slashes of its own. */
    static StreamName stream(String app, String requested) {
        return StreamName.parse(app.isEmpty() ? requested : app + "/" + requested);
    }
}
