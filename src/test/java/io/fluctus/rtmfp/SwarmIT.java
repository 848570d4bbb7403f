package io.fluctus.rtmfp;

import static org.assertj.core.api.Assertions.assertThat;

import io.fluctus.rtmfp.GroupStream.Generosity;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Two hundred viewers in memory: what the gateway sends, and what each of them gets. */
class SwarmIT {
    private static final int VIEWERS = 200;

    @Test
    void twoHundredViewersCostThePublisherLessThanFour() {
        Swarm swarm = new Swarm(2);
        Swarm.Host publisher = swarm.host(Swarm.SPEC, Generosity.GATEWAY, MemberVerticle.MAX_NEIGHBOURS);
        swarm.join(publisher);
        Camera camera = new Camera(swarm, publisher);
        List<Swarm.Host> viewers = new ArrayList<>();
        for (int i = 0; i < VIEWERS; i++) {
            Swarm.Host viewer = swarm.host(Generosity.MEMBER);
            viewer.member.want(Camera.NAME);
            viewers.add(viewer);
            swarm.join(viewer);
            if (i % 4 == 3) {
                camera.film(40);
            }
        }
        camera.film(20_000);
        long skipped = viewers.stream().mapToLong(Swarm.Host::skipped).sum();
        long late = viewers.stream()
                .filter(v -> Camera.frames(v).get(Camera.frames(v).size() - 1) < camera.frame - 200)
                .count();
        double most = viewers.stream().mapToLong(v -> v.mediaOut).max().orElse(0) / (double) camera.bytes;
        System.out.printf(
                "%d viewers: the publisher sent %.2f copies, the busiest viewer %.2f; %d fragments skipped, %d late%n",
                VIEWERS, camera.copies(), most, skipped, late);
        assertThat(viewers).allSatisfy(v -> assertThat(Camera.frames(v)).isNotEmpty());
        assertThat(camera.copies()).isBetween(0.9, 4.0);
        assertThat(late).isZero();
    }
}
