package io.fluctus.rtmp;

import io.fluctus.netconnection.Event;
import io.fluctus.netconnection.NetConnection;
import io.vertx.core.buffer.Buffer;
import java.util.List;
import java.util.random.RandomGenerator;

/** One RTMP peer without its socket: handshake, chunk stream, protocol control and the dialogue above them. */
public final class RtmpConnection {
    private RtmpConnection() {}

    public static RtmpConnection server(RandomGenerator random, long now) {
        throw new UnsupportedOperationException();
    }

    public static RtmpConnection client(RandomGenerator random, long now) {
        throw new UnsupportedOperationException();
    }

    /** Bytes of the peer in any split. Throws ProtocolException when the peer is to be cut off. */
    public List<Event> receive(Buffer bytes, long now) {
        throw new UnsupportedOperationException();
    }

    /** Everything that waits to be sent, as one buffer; null: nothing. */
    public Buffer poll() {
        throw new UnsupportedOperationException();
    }

    /** Call about once a second: pings, acknowledges, and throws ProtocolException when a time-out of the limits has passed. */
    public List<Event> tick(long now) {
        throw new UnsupportedOperationException();
    }

    /** The dialogue: its doors answer events; afterwards poll. */
    public NetConnection dialogue() {
        throw new UnsupportedOperationException();
    }
}
