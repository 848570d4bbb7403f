package io.fluctus.rtmfp;

import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Set;

/** The acknowledgements that a session owes: at once, after two packets, or after 200 ms (RFC 7016 3.6.3.4). */
final class Acks {
    /** What a chunk of ranges may take at most: head, then two numbers a range. */
    private static final int HEADER = Params.CHUNK_HEADER + 3 * Vlu.MAX_BYTES;

    private static final int RANGE = 4;

    private final Set<RecvFlow> owed = new LinkedHashSet<>();
    private int packets;
    private boolean now;
    private long deadline = Long.MAX_VALUE;

    void owe(RecvFlow flow, boolean urgent, long time) {
        owed.add(flow);
        now |= urgent;
        deadline = Math.min(deadline, time + Params.DELAYED_ACK);
    }

    /** A packet with user data is done. */
    void packetReceived() {
        now |= ++packets >= Params.ACK_EVERY_PACKETS;
    }

    boolean tick(long time) {
        if (time < deadline) {
            return false;
        }
        now = true;
        deadline = Long.MAX_VALUE;
        return true;
    }

    long deadline() {
        return deadline;
    }

    boolean isDue() {
        return now && !owed.isEmpty();
    }

    void forget(RecvFlow flow) {
        owed.remove(flow);
    }

    /** Writes what is owed as far as it fits. */
    void assemble(Outgoing packet, int limit) {
        for (Iterator<RecvFlow> flows = owed.iterator(); flows.hasNext(); ) {
            Chunk.AckRanges ack = flows.next().acknowledgement();
            int room = (limit - packet.length() - HEADER) / RANGE;
            if (room < 0) {
                return;
            }
            if (ack.ranges().size() > room) {
                ack = new Chunk.AckRanges(
                        ack.flowId(),
                        ack.buffer(),
                        ack.cumulativeAck(),
                        ack.ranges().subList(0, room));
            }
            packet.chunk(ack);
            flows.remove();
        }
        packets = 0;
        now = false;
        deadline = Long.MAX_VALUE;
    }
}
