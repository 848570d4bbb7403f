package io.fluctus.rtmfp;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How a peer joins groups at the server and hears of other members, over a session as it is. */
class PeerGroupsTest {
    private static final Buffer GROUP = Crypto.sha256(Buffer.buffer("group"));
    private static final Buffer OTHER = Crypto.sha256(Buffer.buffer("other"));

    private final World world = new World(1);
    private final World.Host server = world.server();
    private final World.Host client = world.client(2_000);
    private final List<PeerGroups.Word> words = new ArrayList<>();
    private final Set<Long> seen = new HashSet<>();
    private PeerGroups groups;

    @BeforeEach
    void connect() {
        world.connect(client, server);
        groups = new PeerGroups(server.session());
        world.onMessage = (host, message) -> {
            if (host == server) {
                if (seen.add(message.flow().id())) {
                    hear(new SessionEvent.FlowOpened(message.flow()));
                }
                hear(message);
            }
        };
    }

    private void hear(SessionEvent event) {
        if (groups.concerns(event)) {
            groups.receive(event).ifPresent(words::add);
        }
    }

    private SendFlow join(Buffer message) {
        SendFlow flow =
                client.session().openFlow(GroupFlow.SERVER.metadata(), Optional.empty(), SendFlow.Priority.COMMAND);
        client.session().write(flow, message, Delivery.RELIABLE, world.now);
        world.run(500);
        return flow;
    }

    @Test
    void aPeerJoinsOnAFlowOfItsOwnAndHearsOfMembersOnAnother() {
        SendFlow flow = join(GroupMessage.join(GROUP));
        assertThat(words).containsExactly(new PeerGroups.Word.Joined(GROUP));
        assertThat(groups.all()).containsExactly(GROUP);
        Buffer member = Crypto.sha256(Buffer.buffer("member"));
        groups.introduce(GROUP, member, world.now);
        groups.introduce(OTHER, member, world.now);
        world.run(500);
        assertThat(client.received()).containsExactly(new GroupMessage.Member(member).encode());
        RecvFlow answer = client.inside(SessionEvent.FlowOpened.class).get(0).flow();
        assertThat(answer.metadata()).isEqualTo(GroupFlow.SERVER.metadata());
        assertThat(answer.association()).contains(flow.id());
    }

    @Test
    void theEndOfTheFlowIsTheEndOfTheMembership() {
        SendFlow flow = join(GroupMessage.join(GROUP));
        client.session().finish(flow);
        world.run(500);
        server.inside(SessionEvent.FlowFinished.class).forEach(this::hear);
        assertThat(words).containsExactly(new PeerGroups.Word.Joined(GROUP), new PeerGroups.Word.Left(GROUP));
        assertThat(groups.all()).isEmpty();
    }

    @Test
    void theSameGroupTwiceAndNonsenseAreRefused() {
        join(GroupMessage.join(GROUP));
        join(GroupMessage.join(GROUP));
        join(Captures.hex("0102"));
        join(Captures.hex("0b"));
        assertThat(words).containsExactly(new PeerGroups.Word.Joined(GROUP));
        assertThat(client.inside(SessionEvent.FlowRefused.class)).hasSize(3);
    }

    @Test
    void aPeerIsInSixteenGroupsAtMost() {
        for (int i = 0; i < PeerGroups.MAX_GROUPS + 4; i++) {
            join(GroupMessage.join(Crypto.sha256(Buffer.buffer("group " + i))));
        }
        assertThat(groups.all()).hasSize(PeerGroups.MAX_GROUPS);
        assertThat(client.inside(SessionEvent.FlowRefused.class)).hasSize(4);
    }

    @Test
    void flowsOfOtherKindsAreNotItsAffair() {
        SendFlow flow =
                client.session().openFlow(FlowMetadata.of(0).encode(), Optional.empty(), SendFlow.Priority.COMMAND);
        client.session().write(flow, GroupMessage.join(GROUP), Delivery.RELIABLE, world.now);
        world.run(500);
        assertThat(words).isEmpty();
        assertThat(groups.all()).isEmpty();
    }
}
