package io.fluctus.rtmfp;

import io.vertx.core.buffer.Buffer;
import java.net.InetSocketAddress;

/** What one UDP datagram carries, with the address of the peer it came from or goes to. */
public record Datagram(InetSocketAddress peer, Buffer bytes) {}
