package io.fluctus.rtmfp;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.buffer.Buffer;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** A client behind a NAT that forgets it (F10): the session stays, and others are told where the client is now. */
class RebindingTest {
    private static final int HALF_A_MINUTE = 30_000;
    private static final int AN_HOUR = 120; // times half a minute

    @Test
    void aSessionOutlivesANatThatForgetsItEveryHalfMinuteForAnHour() {
        World world = new World(10);
        World.Host server = world.server();
        World.Host client = world.client(2_000);
        world.connect(client, server);
        Session ours = client.session();
        Session theirs = server.session();
        SendFlow up = ours.openFlow(FlowMetadata.of(1).encode(), Optional.empty(), SendFlow.Priority.COMMAND);
        for (int i = 0; i < AN_HOUR; i++) {
            client.rebind(3_000 + i);
            ours.write(up, Buffer.buffer("message " + i), Delivery.RELIABLE, world.now);
            world.run(HALF_A_MINUTE);
            assertThat(theirs.peer()).as("after change " + i).isEqualTo(client.address);
        }
        assertThat(server.received()).hasSize(AN_HOUR);
        assertThat(server.received().get(AN_HOUR - 1)).isEqualTo(Buffer.buffer("message " + (AN_HOUR - 1)));
        assertThat(server.closed()).isEmpty();
        assertThat(client.closed()).isEmpty();
        RtmfpConnection connection = RtmfpConnection.server(theirs, RtmfpConnection.KeepAlive.DEFAULT, world.now);
        assertThat(connection.addresses()).extracting(Address::socket).containsExactly(client.address);
    }
}
