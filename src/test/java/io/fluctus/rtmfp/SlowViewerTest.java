package io.fluctus.rtmfp;

import static org.assertj.core.api.Assertions.assertThat;

import io.fluctus.media.MediaPacket;
import io.fluctus.media.MediaPacket.Kind;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A viewer who cannot keep up: what waits for it is bounded, and what it gets is not old. */
class SlowViewerTest {
    private static final int FRAME_MILLIS = 40;
    private static final int FRAMES_PER_KEY = 50;
    private static final int KEY_BYTES = 16_000;
    private static final int INTER_BYTES = 4_000; // about 900 kbit/s

    private final World world = new World(21);
    private final World.Host server = world.server();
    private final World.Host client = world.client(5000);
    private final List<Long> lateness = new ArrayList<>();
    private RtmfpConnection far;
    private int largest;
    private int frames;

    /** The server's end of a session whose client notes how late each frame comes. */
    private void connect() {
        world.connect(client, server);
        far = RtmfpConnection.server(server.session(), RtmfpConnection.KeepAlive.DEFAULT, world.now);
        world.onMessage = (host, message) -> {
            if (host == client) {
                lateness.add(world.now - FlowMessage.read(message.message()).timestamp());
            }
        };
    }

    /** As an audience does: what finds no room is left out, up to the next key frame. */
    private void stream(int seconds) {
        boolean waits = true;
        for (int i = 0; i < seconds * 1_000 / FRAME_MILLIS; i++) {
            boolean key = i % FRAMES_PER_KEY == 0;
            waits = waits && !key || !far.writable();
            if (!waits) {
                byte[] body = new byte[key ? KEY_BYTES : INTER_BYTES];
                body[0] = (byte) (key ? 0x17 : 0x27);
                body[1] = 1;
                far.send(1, MediaPacket.of(Kind.VIDEO, world.now, Buffer.buffer(body)), world.now);
                frames++;
            }
            largest = Math.max(largest, far.queuedBytes());
            world.run(FRAME_MILLIS);
        }
    }

    @ParameterizedTest
    @CsvSource({"0.4, 20", "0.2, 100", "1, 20", "0.05, 100"})
    void whatWaitsIsBoundedAndWhatComesIsNotOld(double loss, int latency) {
        connect();
        world.weather = new World.Weather(loss, 0.05, 0.1, latency);
        stream(30);
        assertThat(largest).isLessThan(700_000);
        assertThat(lateness)
                .allMatch(late -> late <= (loss < 0.2 ? 2_500 : 4_500), "a key frame is sent until the next is there");
        assertThat(client.session().heldBytes()).isLessThanOrEqualTo(Params.SESSION_RECEIVE_BUFFER);
    }

    @Test
    void onAFineLinkEveryFrameComesInTime() {
        connect();
        stream(20);
        world.run(1_000);
        assertThat(lateness).hasSize(frames).hasSize(500).allMatch(late -> late < 50);
    }

    @Test
    void aWindowOfOneBlockIsObeyedAndCostsNoMemory() {
        connect();
        PacketCipher cipher = client.session().cipher();
        world.onSend = (host, datagram) -> {
            if (host == client) { // every acknowledgement again, with hardly any room
                Packet packet =
                        Packet.of(Packet.INITIATOR, 1, Packet.NONE, List.of(new Chunk.AckRanges(2, 1, 0, List.of())));
                Buffer sealed = cipher.seal(client.session().farId(), packet.encode());
                world.inject(new Datagram(client.address, sealed), server.address);
            }
        };
        stream(30);
        assertThat(largest).isLessThan(700_000);
        assertThat(server.session().isOpen()).isTrue();
    }

    @Test
    void afterAStormTheStreamIsInTimeAgain() {
        connect();
        stream(2);
        world.weather = new World.Weather(0.6, 0, 0.1, 100);
        stream(10);
        world.weather = World.Weather.FINE;
        stream(10);
        world.run(2_000);
        lateness.clear();
        stream(4);
        assertThat(lateness).hasSizeGreaterThan(90).allMatch(late -> late < 100);
    }
}
