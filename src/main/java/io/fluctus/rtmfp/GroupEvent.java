package io.fluctus.rtmfp;

import io.fluctus.media.MediaPacket;
import io.vertx.core.buffer.Buffer;

/** What happened in a group that we are a member of. */
sealed interface GroupEvent {
    /** Another member has proved to know the group. */
    record NeighbourCame(Buffer peerId) implements GroupEvent {}

    record NeighbourLeft(Buffer peerId) implements GroupEvent {}

    /** A stream that we wanted is there. */
    record StreamBegan(String name) implements GroupEvent {}

    record PacketReceived(String name, MediaPacket packet) implements GroupEvent {}

    record StreamEnded(String name) implements GroupEvent {}
}
