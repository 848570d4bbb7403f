package io.fluctus.rtmfp;

import io.vertx.core.buffer.Buffer;
import java.net.InetSocketAddress;

/** What the far endpoint did in this session. */
public sealed interface SessionEvent {
    record FlowOpened(RecvFlow flow) implements SessionEvent {}

    record MessageReceived(RecvFlow flow, Buffer message) implements SessionEvent {}

    /** Everything of the flow has arrived or was given up. */
    record FlowFinished(RecvFlow flow) implements SessionEvent {}

    /** The far end wants no more of this flow, or did not keep up with it. */
    record FlowRefused(SendFlow flow, long code) implements SessionEvent {}

    record AddressChanged(InetSocketAddress from, InetSocketAddress to) implements SessionEvent {}

    record FarHello(Chunk.FIHello hello) implements SessionEvent {}

    /** @param orderly whether the far end said good-bye */
    record Closed(String reason, boolean orderly) implements SessionEvent {}
}
