package io.fluctus.rtmfp;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.vertx.core.buffer.Buffer;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What a packet to a viewer allocates, from the message that all viewers share to the encrypted datagram. */
class SendAllocationTest {
    private static final int MESSAGE = 4_400; // a frame of 1 Mbit/s: four packets
    private static final int PACKETS = 4;
    private static final int ROUNDS = 2_000;
    private static final int BYTES_A_PACKET = 400;

    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private final World world = new World(41);
    private final Outgoing outgoing = new Outgoing();
    private int datagrams;

    @Test
    void aPacketIsWrittenAndEncryptedInPlace() {
        World.Host server = world.server();
        World.Host client = world.client(5000);
        world.connect(client, server);
        Session session = server.session();
        SendFlow flow = session.openFlow(Captures.hex("54430401"), Optional.empty(), SendFlow.Priority.VIDEO);
        Buffer message = Buffer.buffer(new byte[MESSAGE]);
        long allocated = 0;
        for (int round = 1; round <= 2 * ROUNDS; round++) {
            long before = threads.getCurrentThreadAllocatedBytes();
            session.write(flow, message, Delivery.by(world.now + 1_000), world.now);
            while (session.poll(outgoing, world.now)) {
                outgoing.leave((to, bytes, length) -> datagrams++);
            }
            long after = threads.getCurrentThreadAllocatedBytes();
            allocated += round > ROUNDS ? after - before : 0; // the first half loads and warms up
            Chunk ack = new Chunk.AckRanges(flow.id(), 1_000, (long) round * PACKETS, List.of());
            Packet packet = Packet.of(Packet.INITIATOR, Packet.NONE, Packet.NONE, List.of(ack));
            session.receive(packet, client.address, world.now, List.of());
        }
        assertThat(datagrams).isGreaterThanOrEqualTo(2 * ROUNDS * PACKETS);
        assertThat(session.outstandingBytes()).isZero();
        assertThat(allocated / ROUNDS / PACKETS)
                .as("bytes a packet, whose 1,168 bytes are not among them")
                .isLessThan(BYTES_A_PACKET);
    }
}
