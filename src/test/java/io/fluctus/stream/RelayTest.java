package io.fluctus.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.fluctus.media.MediaPacket;
import io.fluctus.media.MediaPacket.Kind;
import io.fluctus.media.Packets;
import io.fluctus.media.Timeline;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RelayTest {
    private final AtomicLong numbers = new AtomicLong();
    private final Relay relay = new Relay(numbers::incrementAndGet, new Timeline(), 1 << 20);
    private Optional<MediaPacket> opened;
    private long now = 50_000;

    @BeforeEach
    void open() {
        opened = relay.open(1);
    }

    private Optional<MediaPacket> send(MediaPacket packet, long fence) {
        return relay.receive(packet.withFence(fence), now);
    }

    @Test
    void theFirstPublisherIsAnnounced() {
        assertThat(opened).map(MediaPacket::kind).contains(Kind.PUBLISHED);
    }

    @Test
    void aTakeoverIsNotAnnouncedAndTheLineGoesOn() {
        send(Packets.keyFrame(0), 1);
        send(Packets.interFrame(1_000), 1);
        now += 500;
        assertThat(relay.open(2)).isEmpty();
        assertThat(send(Packets.keyFrame(77_000_000), 2))
                .map(MediaPacket::timestamp)
                .contains(1_500L);
    }

    @Test
    void whatAReplacedPublisherStillSendsIsDropped() {
        send(Packets.keyFrame(0), 1);
        relay.open(2);
        assertThat(send(Packets.interFrame(40), 1)).isEmpty();
        assertThat(send(Packets.keyFrame(0), 2)).isPresent();
    }

    @Test
    void packetsAreNumberedInOrder() {
        long first = send(Packets.keyFrame(0), 1).orElseThrow().sequence();
        long second = send(Packets.audio(10), 1).orElseThrow().sequence();
        assertThat(second).isGreaterThan(first);
    }

    @Test
    void aNewPublishersVideoBeginsWithAKeyFrame() {
        assertThat(send(Packets.interFrame(0), 1)).isEmpty();
        assertThat(send(Packets.audio(0), 1)).isPresent();
        assertThat(send(Packets.avcHeader(0), 1)).isPresent();
        assertThat(send(Packets.keyFrame(40), 1)).isPresent();
        assertThat(send(Packets.interFrame(80), 1)).isPresent();
    }

    @Test
    void theEndIsAWordAndNothingFollowsIt() {
        send(Packets.keyFrame(0), 1);
        assertThat(relay.end().kind()).isEqualTo(Kind.UNPUBLISHED);
        assertThat(send(Packets.interFrame(40), 1)).isEmpty();
        assertThat(relay.snapshot().live()).isFalse();
        assertThat(relay.snapshot().packets()).isEmpty();
    }

    @Test
    void theNextPublicationGoesOnInTime() {
        send(Packets.keyFrame(0), 1);
        send(Packets.interFrame(1_000), 1);
        relay.end();
        now += 4_000;
        Relay next = new Relay(numbers::incrementAndGet, relay.timeline(), 1 << 20);
        next.open(2);
        assertThat(next.receive(Packets.keyFrame(0).withFence(2), now))
                .map(MediaPacket::timestamp)
                .contains(5_000L);
    }

    @Test
    void thePayloadIsTheVerySameObject() {
        MediaPacket packet = Packets.keyFrame(0);
        assertThat(send(packet, 1).orElseThrow().payload()).isSameAs(packet.payload());
    }
}
