package io.fluctus.rtmfp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fluctus.media.MediaPacket;
import io.fluctus.media.MediaPacket.Kind;
import io.fluctus.netconnection.Event;
import io.fluctus.wire.AmfValue;
import io.fluctus.wire.ProtocolException;
import io.vertx.core.buffer.Buffer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What is waited for, and how long; and publishers that are gone. */
class PatienceTest {
    private static final Event CONNECT =
            new Event.ConnectRequested("live", "", "rtmfp://h/live", AmfValue.NULL, List.of());
    private static final Event PUBLISH = new Event.PublishRequested(1, "cam1", "", "live");
    private static final Event PLAY = new Event.PlayRequested(2, "cam1", "", -1, -1, true);
    private static final Event CALL = new Event.CallReceived(1, "setPeerInfo", List.of());

    private final Patience patience = new Patience(1_000);

    private void ends(long at, String sentence) {
        assertThatCode(() -> patience.check(at - 1)).doesNotThrowAnyException();
        assertThatThrownBy(() -> patience.check(at))
                .isInstanceOf(ProtocolException.class)
                .hasMessage(sentence);
    }

    private void neverEnds() {
        assertThatCode(() -> patience.check(1L << 50)).doesNotThrowAnyException();
    }

    @Test
    void connectIsWaitedForTenSeconds() {
        ends(11_000, "no connect within 10 s");
    }

    @Test
    void ourOwnDecisionMayTakeItsTime() {
        patience.note(CONNECT, 5_000);
        neverEnds();
    }

    @Test
    void publishOrPlayIsWaitedForTwentySeconds() {
        patience.note(CONNECT, 5_000);
        patience.accepted(6_000);
        ends(26_000, "no publish or play within 20 s");
    }

    @Test
    void aCallGivesTimeAgain() {
        patience.note(CONNECT, 5_000);
        patience.accepted(6_000);
        patience.note(CALL, 16_000);
        ends(36_000, "no publish or play within 20 s");
    }

    @Test
    void whoPublishesOrPlaysMayStayAndWhoStopsMustBeginAgain() {
        patience.note(CONNECT, 5_000);
        patience.accepted(6_000);
        patience.note(PUBLISH, 7_000);
        patience.note(PLAY, 7_000);
        neverEnds();
        patience.note(new Event.PublishStopped(1), 30_000);
        neverEnds();
        patience.note(new Event.PlayStopped(2), 40_000);
        ends(60_000, "no publish or play within 20 s");
    }

    @Test
    void whoIsRefusedMustAskAgain() {
        patience.note(CONNECT, 5_000);
        patience.accepted(6_000);
        patience.note(PLAY, 7_000);
        patience.end(2, 9_000);
        ends(29_000, "no publish or play within 20 s");
    }

    @Test
    void whoIsHeldMayStay() {
        patience.note(CONNECT, 5_000);
        patience.hold(5_500);
        patience.accepted(6_000);
        neverEnds();
    }

    // -- with a session

    private final World world = new World(11);
    private final World.Host server = world.server();
    private final World.Host client = world.client(5000);

    private RtmfpConnection connected(long publisherMillis) {
        world.connect(client, server);
        RtmfpConnection near = RtmfpConnection.client(client.session());
        RtmfpConnection far = RtmfpConnection.server(
                server.session(), new RtmfpConnection.KeepAlive(15_000, 10_000, publisherMillis), world.now);
        world.onMessage = (host, message) -> {
            RtmfpConnection hears = host == server ? far : near;
            hears.receive(new SessionEvent.FlowOpened(message.flow()), world.now);
            hears.receive(message, world.now).forEach(event -> {
                if (event instanceof Event.ConnectRequested) {
                    far.accept(Map.of());
                } else if (event instanceof Event.PublishRequested publish) {
                    far.acceptPublish(publish.streamId());
                } else if (event instanceof Event.StreamCreated created) {
                    near.dialogue().publish(created.streamId(), "cam1", "live");
                }
            });
            hears.flush(world.now);
        };
        near.dialogue().connect("live", "rtmfp://server/live", true, Map.of());
        near.dialogue().createStream();
        near.flush(world.now);
        world.run(1_000);
        return near;
    }

    @Test
    void aPublisherThatVanishesIsMissedSoonerThanOthers() {
        connected(10_000);
        client.dead = true;
        long before = world.now;
        assertThat(world.run(60_000, () -> server.closed().isPresent())).isTrue();
        assertThat(world.now - before).isBetween(8_000L, 10_000L);
        assertThat(server.closed()).isEqualTo(Optional.of("the far end is silent"));
    }

    @Test
    void aPublisherThatPausesButAnswersStays() {
        connected(10_000);
        world.run(60_000);
        assertThat(server.closed()).isEmpty();
    }

    @Test
    void whoHasUnpublishedHasTheTimeOfTheOthersAgain() {
        RtmfpConnection near = connected(10_000);
        near.dialogue().send(1, MediaPacket.of(Kind.AUDIO, 0, Buffer.buffer("x")));
        near.dialogue().deleteStream(1);
        near.flush(world.now);
        world.run(1_000);
        client.dead = true;
        long before = world.now;
        assertThat(world.run(60_000, () -> server.closed().isPresent())).isTrue();
        assertThat(world.now - before).isGreaterThan(40_000);
    }
}
