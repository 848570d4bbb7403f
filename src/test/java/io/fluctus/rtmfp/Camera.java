package io.fluctus.rtmfp;

import io.fluctus.media.MediaPacket;
import io.fluctus.media.MediaPacket.Kind;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;

/** A publisher's camera in a swarm: some 400 kbit/s, a key frame every 2 s, 25 frames and 25 sounds a second, all numbered. */
final class Camera {
    static final String NAME = "cam1";

    private static final int FRAME = 40;
    private static final int KEY_FRAME_EVERY = 50;

    private final Swarm swarm;
    private final Swarm.Host host;
    final List<MediaPacket> sent = new ArrayList<>();
    long bytes;
    int frame;

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
            boolean key = frame % KEY_FRAME_EVERY == 0;
            Buffer picture = Buffer.buffer(new byte[] {(byte) (key ? 0x17 : 0x27), 1, 0, 0, 0})
                    .appendInt(frame)
                    .appendBytes(new byte[key ? 12_000 : 1_500]);
            send(Kind.VIDEO, picture);
            send(
                    Kind.AUDIO,
                    Buffer.buffer(new byte[] {(byte) 0xaf, 1}).appendInt(frame).appendBytes(new byte[200]));
            swarm.run(FRAME);
        }
    }

    private void send(Kind kind, Buffer payload) {
        MediaPacket packet = MediaPacket.of(kind, swarm.now, payload);
        sent.add(packet);
        bytes += payload.length();
        host.member.packet(NAME, packet, swarm.now);
    }

    /** What the publisher has sent of the stream, in streams. */
    double copies() {
        return 1.0 * host.mediaOut / bytes;
    }

    /** The numbers of the frames that a viewer got. */
    static List<Integer> frames(Swarm.Host viewer) {
        return viewer.packets.stream()
                .filter(p -> p.kind() == Kind.VIDEO && p.payload().getByte(1) == 1)
                .map(p -> p.payload().getInt(5))
                .toList();
    }
}
