package io.fluctus.rtmfp;

import java.net.InetSocketAddress;

/** Where a handshake puts its startup packets. */
interface Outbox {
    void send(int sessionId, Chunk chunk, InetSocketAddress to);
}
