package io.fluctus.rtmfp;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The flows of a dialogue: one for each NetStream and kind. */
class LanesTest {
    private final World world = new World(6);
    private final World.Host server = world.server();
    private final World.Host client = world.client(5000);

    private Lanes connected() {
        world.connect(client, server);
        return new Lanes(server.session());
    }

    @Test
    void aStreamHasOneFlowForEachKind() {
        Lanes lanes = connected();
        List<SendFlow> flows = new ArrayList<>();
        for (int stream = 0; stream < 3; stream++) {
            for (SendFlow.Priority kind : SendFlow.Priority.values()) {
                SendFlow flow = lanes.open(stream, kind, Optional.empty());
                assertThat(flow.priority()).isEqualTo(kind);
                assertThat(lanes.open(stream, kind, Optional.empty())).isSameAs(flow);
                flows.add(flow);
            }
        }
        assertThat(flows).doesNotHaveDuplicates().hasSize(12);
    }

    @Test
    void whatWaitsIsTheSumOfAll() {
        Lanes lanes = connected();
        assertThat(lanes.queuedBytes()).isZero();
        int expected = 0;
        for (int stream = 1; stream <= 3; stream++) {
            SendFlow flow = lanes.open(stream, SendFlow.Priority.VIDEO, Optional.empty());
            server.session().write(flow, Buffer.buffer(new byte[stream * 100]), Delivery.RELIABLE, world.now);
            expected += stream * 100 + Params.FRAGMENT_COST;
        }
        assertThat(lanes.queuedBytes()).isEqualTo(expected);
    }

    @Test
    void aForgottenFlowIsReplaced() {
        Lanes lanes = connected();
        SendFlow flow = lanes.open(1, SendFlow.Priority.DATA, Optional.empty());
        lanes.forget(flow);
        assertThat(lanes.open(1, SendFlow.Priority.DATA, Optional.empty())).isNotSameAs(flow);
    }

    @Test
    void mediaAreTakenAwayAndCommandsStay() {
        Lanes lanes = connected();
        SendFlow command = lanes.open(1, SendFlow.Priority.COMMAND, Optional.empty());
        SendFlow audio = lanes.open(1, SendFlow.Priority.AUDIO, Optional.empty());
        SendFlow other = lanes.open(2, SendFlow.Priority.AUDIO, Optional.empty());
        List<SendFlow> taken = new ArrayList<>();
        lanes.takeMedia(1, taken::add);
        lanes.takeMedia(1, taken::add);
        lanes.takeMedia(9, taken::add);
        assertThat(taken).containsExactly(audio);
        assertThat(lanes.open(1, SendFlow.Priority.COMMAND, Optional.empty())).isSameAs(command);
        assertThat(lanes.open(1, SendFlow.Priority.AUDIO, Optional.empty())).isNotSameAs(audio);
        assertThat(lanes.open(2, SendFlow.Priority.AUDIO, Optional.empty())).isSameAs(other);
    }
}
