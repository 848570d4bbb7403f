package io.fluctus.rtmfp;

import static org.assertj.core.api.Assertions.assertThat;

import io.fluctus.media.MediaPacket.Kind;
import io.fluctus.rtmfp.GroupStream.Generosity;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Multicast among members in memory: everything arrives in order, and the publisher sends but a few copies. */
class MulticastTest {
    private static Swarm.Host viewer(Swarm swarm) {
        Swarm.Host viewer = swarm.host(Generosity.MEMBER);
        viewer.member.want(Camera.NAME);
        return viewer;
    }

    /** Every frame from its first to one of the newest, in order. */
    private static void assertUnbroken(Swarm.Host viewer, Camera camera, int behind) {
        List<Integer> frames = Camera.frames(viewer);
        assertThat(frames).isNotEmpty();
        for (int i = 1; i < frames.size(); i++) {
            assertThat(frames.get(i)).isEqualTo(frames.get(i - 1) + 1);
        }
        assertThat(frames.get(frames.size() - 1)).isGreaterThan(camera.frame - behind);
    }

    @Test
    void aViewerGetsEveryFrameInOrderFromThePublisher() {
        Swarm swarm = new Swarm(1);
        Swarm.Host publisher = swarm.host(Generosity.GATEWAY);
        Swarm.Host viewer = viewer(swarm);
        Camera camera = new Camera(swarm, publisher);
        viewer.connect(publisher);
        camera.film(10_000);
        assertThat(viewer.events).contains(new GroupEvent.StreamBegan(Camera.NAME));
        assertUnbroken(viewer, camera, 100);
    }

    @Test
    void whoJoinsLateBeginsWithHeadersAndAKeyFrame() {
        Swarm swarm = new Swarm(2);
        Swarm.Host publisher = swarm.host(Generosity.GATEWAY);
        Camera camera = new Camera(swarm, publisher);
        camera.film(12_000);
        Swarm.Host viewer = viewer(swarm);
        viewer.connect(publisher);
        camera.film(10_000);
        assertUnbroken(viewer, camera, 100);
        assertThat(Camera.frames(viewer).get(0) % 50).as("a key frame").isZero();
        assertThat(viewer.packets.stream()
                        .filter(p -> p.kind() == Kind.VIDEO)
                        .findFirst()
                        .orElseThrow()
                        .payload()
                        .getByte(1))
                .as("a header")
                .isZero();
    }

    @Test
    void aMemberPassesOnWhatItGetsToWhomThePublisherDoesNotKnow() {
        Swarm swarm = new Swarm(3);
        Swarm.Host publisher = swarm.host(Generosity.GATEWAY);
        Swarm.Host between = viewer(swarm);
        Swarm.Host far = viewer(swarm);
        between.connect(publisher);
        far.connect(between);
        Camera camera = new Camera(swarm, publisher);
        camera.film(15_000);
        assertThat(far.links).hasSize(1);
        assertUnbroken(far, camera, 150);
        assertThat(publisher.mediaOut).isLessThan(2 * camera.bytes);
    }

    @Test
    void whatIsLostOnTheWayIsFetched() {
        Swarm swarm = new Swarm(4);
        swarm.loss = 0.05;
        Swarm.Host publisher = swarm.host(Generosity.GATEWAY);
        List<Swarm.Host> viewers = new ArrayList<>();
        swarm.join(publisher);
        Camera camera = new Camera(swarm, publisher);
        for (int i = 0; i < 5; i++) {
            viewers.add(viewer(swarm));
            swarm.join(viewers.get(i));
        }
        camera.film(12_000);
        viewers.forEach(v -> assertUnbroken(v, camera, 200));
    }

    @Test
    void aMemberWhoseNeighbourVanishesGoesOnWithTheOthers() {
        Swarm swarm = new Swarm(5);
        Swarm.Host publisher = swarm.host(Generosity.GATEWAY);
        Swarm.Host one = viewer(swarm);
        Swarm.Host two = viewer(swarm);
        Swarm.Host last = viewer(swarm);
        one.connect(publisher);
        two.connect(publisher);
        last.connect(one);
        last.connect(two);
        Camera camera = new Camera(swarm, publisher);
        camera.film(10_000);
        one.leave();
        camera.film(10_000);
        assertUnbroken(last, camera, 150);
    }

    @Test
    void theEndOfAStreamReachesEverybody() {
        Swarm swarm = new Swarm(6);
        Swarm.Host publisher = swarm.host(Generosity.GATEWAY);
        Swarm.Host viewer = viewer(swarm);
        viewer.connect(publisher);
        Camera camera = new Camera(swarm, publisher);
        camera.film(6_000);
        publisher.member.unpublish(Camera.NAME);
        swarm.run(10_000);
        assertThat(Camera.frames(viewer)).endsWith(camera.frame - 1);
        assertThat(viewer.events).endsWith(new GroupEvent.StreamEnded(Camera.NAME));
    }

    @Test
    void twentyViewersCostThePublisherLessThanFour() {
        Swarm swarm = new Swarm(7);
        Swarm.Host publisher = swarm.host(Swarm.SPEC, Generosity.GATEWAY, MemberVerticle.MAX_NEIGHBOURS);
        swarm.join(publisher);
        Camera camera = new Camera(swarm, publisher);
        List<Swarm.Host> viewers = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            viewers.add(viewer(swarm));
            swarm.join(viewers.get(i));
            camera.film(100);
        }
        camera.film(10_000);
        assertThat(camera.copies()).isBetween(0.9, 4.0);
        viewers.forEach(v -> assertUnbroken(v, camera, 200));
    }
}
