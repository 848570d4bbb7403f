package io.fluctus.rtmfp;

import static org.assertj.core.api.Assertions.assertThat;

import io.fluctus.media.MediaPacket;
import io.fluctus.media.MediaPacket.Kind;
import io.fluctus.rtmfp.GroupStream.Generosity;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Multicast among members in memory: everything arrives in order, and the publisher sends but a few copies. */
class MulticastTest {
    private static final String NAME = "cam1";

    /** A stream of some 400 kbit/s: a key frame every 2 s, 25 frames and 20 sounds a second. */
    private static final class Camera {
        private final Swarm swarm;
        private final Swarm.Host host;
        private final List<MediaPacket> sent = new ArrayList<>();
        private long bytes;
        private int frame;

        Camera(Swarm swarm, Swarm.Host host) {
            this.swarm = swarm;
            this.host = host;
            host.member.publish(NAME, swarm.randomId(), swarm.now);
            send(Kind.VIDEO, Buffer.buffer(new byte[] {0x17, 0, 0, 0, 0, 1, 66, 0, 30}));
            send(Kind.AUDIO, Buffer.buffer(new byte[] {(byte) 0xaf, 0, 0x12, 0x10}));
        }

        /** Films for so long while the swarm goes on. */
        void film(long millis) {
            for (long end = swarm.now + millis; swarm.now < end; frame++) {
                boolean key = frame % 50 == 0;
                Buffer picture = Buffer.buffer(new byte[] {(byte) (key ? 0x17 : 0x27), 1, 0, 0, 0})
                        .appendInt(frame)
                        .appendBytes(new byte[key ? 12_000 : 1_500]);
                send(Kind.VIDEO, picture);
                send(
                        Kind.AUDIO,
                        Buffer.buffer(new byte[] {(byte) 0xaf, 1})
                                .appendInt(frame)
                                .appendBytes(new byte[200]));
                swarm.run(40);
            }
        }

        private void send(Kind kind, Buffer payload) {
            MediaPacket packet = MediaPacket.of(kind, swarm.now, payload);
            sent.add(packet);
            bytes += payload.length();
            host.member.packet(NAME, packet, swarm.now);
        }
    }

    private static Swarm.Host viewer(Swarm swarm) {
        Swarm.Host viewer = swarm.host(Generosity.MEMBER);
        viewer.member.want(NAME);
        return viewer;
    }

    /** The numbers in the pictures that a viewer got. */
    private static List<Integer> frames(Swarm.Host viewer) {
        return viewer.packets.stream()
                .filter(p -> p.kind() == Kind.VIDEO && p.payload().getByte(1) == 1)
                .map(p -> p.payload().getInt(5))
                .toList();
    }

    private static void assertUnbroken(Swarm.Host viewer, int last) {
        List<Integer> frames = frames(viewer);
        assertThat(frames).isNotEmpty();
        for (int i = 1; i < frames.size(); i++) {
            assertThat(frames.get(i)).isEqualTo(frames.get(i - 1) + 1);
        }
        assertThat(frames.get(frames.size() - 1)).isGreaterThan(last);
    }

    @Test
    void aViewerGetsEveryFrameInOrderFromThePublisher() {
        Swarm swarm = new Swarm(1);
        Swarm.Host publisher = swarm.host(Generosity.GATEWAY);
        Swarm.Host viewer = viewer(swarm);
        Camera camera = new Camera(swarm, publisher);
        viewer.connect(publisher);
        camera.film(10_000);
        assertThat(viewer.events).contains(new GroupEvent.StreamBegan(NAME));
        assertUnbroken(viewer, camera.frame - 50);
        assertThat(viewer.packets.get(0).payload().length()).isPositive();
    }

    @Test
    void figuresOfTwentyViewers() {
        figures(20, 60_000);
    }

    @Test
    void figuresOfTwoHundredViewers() {
        figures(200, 40_000);
    }

    private static void figures(int n, int millis) {
        Swarm swarm = new Swarm(2);
        Swarm.Host publisher = swarm.host(SPEC(), Generosity.GATEWAY, 16);
        swarm.join(publisher);
        Camera camera = new Camera(swarm, publisher);
        List<Swarm.Host> viewers = new ArrayList<>();
        for (int i = 0; i < n; i++) {
            Swarm.Host viewer = viewer(swarm);
            viewers.add(viewer);
            swarm.join(viewer);
            camera.film(100);
        }
        long t = System.nanoTime();
        camera.film(millis);
        System.out.println(n + " real ms " + (System.nanoTime() - t) / 1000000);
        System.out.println(publisher.member.neighbours().size() + " neighbours, "
                + publisher.member.streams().get(0).traffic() + " out/stream " + 1.0 * publisher.mediaOut / camera.bytes
                + " all " + 1.0 * publisher.bytesOut / camera.bytes);
        for (Swarm.Host v : viewers.subList(0, 10)) {
            System.out.println(v.member.neighbours().size() + " packets " + v.packets.size() + " of "
                    + camera.sent.size() + " skipped " + v.skipped()
                    + " out " + 1.0 * v.bytesOut / camera.bytes + " "
                    + (v.member.streams().isEmpty()
                            ? "none"
                            : v.member.streams().get(0).traffic())
                    + " last " + (camera.frame - frames(v).get(frames(v).size() - 1)));
        }
        System.out.println(
                "skips " + viewers.stream().mapToLong(Swarm.Host::skipped).sum() + " without "
                        + viewers.stream().filter(v -> v.packets.isEmpty()).count());
    }

    private static String SPEC() {
        return Swarm.SPEC;
    }
}
