package io.fluctus.rtmfp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fluctus.wire.ProtocolException;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Packets in fragments: joined in any order, bounded whatever comes. */
class FragmentedPacketsTest {
    private static final int ROOM = 4;

    private final FragmentedPackets packets = new FragmentedPackets(ROOM);
    private final Random random = new Random(1);

    private static FragmentedPackets.Key key(long id) {
        return new FragmentedPackets.Key(0, World.at(1), Packet.STARTUP, id);
    }

    private Packet packet(int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return Packet.of(Packet.STARTUP, 5, Packet.NONE, List.of(new Chunk.Ping(Buffer.buffer(bytes))));
    }

    private static List<Chunk.Fragment> cut(Packet packet, long id, int size) {
        Buffer bytes = packet.encode();
        List<Chunk.Fragment> fragments = new ArrayList<>();
        for (int at = 0; at < bytes.length(); at += size) {
            int end = Math.min(bytes.length(), at + size);
            int flags = end < bytes.length() ? Chunk.Fragment.MORE : 0;
            fragments.add(new Chunk.Fragment(flags, id, fragments.size(), bytes.getBuffer(at, end)));
        }
        return fragments;
    }

    @Test
    void fragmentsInAnyOrderAndTwiceBecomeThePacket() {
        for (int round = 0; round < 200; round++) {
            Packet packet = packet(1 + random.nextInt(4_000));
            List<Chunk.Fragment> fragments = cut(packet, round, 100 + random.nextInt(1_000));
            fragments.addAll(fragments.subList(0, fragments.size() / 2));
            Collections.shuffle(fragments, random);
            List<Packet> joined = new ArrayList<>();
            for (Chunk.Fragment fragment : fragments) {
                packets.add(key(round), fragment, round * 10_000L).ifPresent(joined::add);
            }
            assertThat(joined).contains(packet);
        }
        assertThat(packets.waiting()).isLessThanOrEqualTo(ROOM);
    }

    @Test
    void fragmentsOfAnotherSenderSessionOrModeAreNoneOfIt() {
        Packet packet = packet(1_500);
        List<Chunk.Fragment> fragments = cut(packet, 9, 1_000);
        packets.add(key(9), fragments.get(0), 0);
        List<FragmentedPackets.Key> others = List.of(
                new FragmentedPackets.Key(0, World.at(2), Packet.STARTUP, 9),
                new FragmentedPackets.Key(1, World.at(1), Packet.STARTUP, 9),
                new FragmentedPackets.Key(0, World.at(1), Packet.INITIATOR, 9));
        for (FragmentedPackets.Key other : others) {
            assertThat(packets.add(other, fragments.get(1), 0)).isEmpty();
        }
        assertThat(packets.add(key(9), fragments.get(1), 0)).contains(packet);
    }

    @Test
    void aPacketOfAnotherModeThanItsFragmentsIsRefused() {
        Packet inside = Packet.of(Packet.INITIATOR, 1, Packet.NONE, List.of(new Chunk.Close()));
        assertThat(packets.add(key(1), cut(inside, 1, 100).get(0), 0)).isEmpty();
    }

    @Test
    void whatIsTooLongTooManyOrContradictoryIsForgotten() {
        Buffer thousand = Buffer.buffer(new byte[1_000]);
        for (int i = 0; i < 8; i++) {
            packets.add(key(1), new Chunk.Fragment(Chunk.Fragment.MORE, 1, i, thousand), 0);
        }
        assertThat(packets.waiting()).isEqualTo(1);
        packets.add(key(1), new Chunk.Fragment(Chunk.Fragment.MORE, 1, 8, thousand), 0);
        assertThat(packets.waiting()).as("9,000 bytes").isZero();
        long far = FragmentedPackets.MAX_FRAGMENTS;
        packets.add(key(2), new Chunk.Fragment(Chunk.Fragment.MORE, 2, far, thousand), 0);
        packets.add(key(3), new Chunk.Fragment(0, 3, Long.MAX_VALUE, thousand), 0);
        assertThat(packets.waiting()).as("numbers beyond the limit").isZero();
        packets.add(key(4), new Chunk.Fragment(Chunk.Fragment.MORE, 4, 5, thousand), 0);
        packets.add(key(4), new Chunk.Fragment(0, 4, 2, thousand), 0);
        assertThat(packets.waiting()).as("an end before a known part").isZero();
    }

    @Test
    void theOldestGivesWayAndTheExpiredAreForgotten() {
        List<List<Chunk.Fragment>> all = new ArrayList<>();
        List<Packet> whole = new ArrayList<>();
        for (int id = 0; id <= ROOM; id++) {
            whole.add(packet(1_500));
            all.add(cut(whole.get(id), id, 1_000));
            packets.add(key(id), all.get(id).get(0), id);
        }
        assertThat(packets.waiting()).isEqualTo(ROOM);
        assertThat(packets.add(key(0), all.get(0).get(1), 10)).as("gave way").isEmpty();
        assertThat(packets.add(key(ROOM), all.get(ROOM).get(1), 10)).isEqualTo(Optional.of(whole.get(ROOM)));
        packets.add(key(99), all.get(0).get(0), FragmentedPackets.LIFETIME + 1_000);
        assertThat(packets.waiting()).isEqualTo(1);
    }

    @Test
    void aJoinedPacketThatIsNoneIsToldLikeAnyOther() {
        Chunk.Fragment broken = new Chunk.Fragment(0, 1, 0, Captures.hex("0b00017f00"));
        assertThatThrownBy(() -> packets.add(key(1), broken, 0)).isInstanceOf(ProtocolException.class);
        assertThat(packets.waiting()).isZero();
    }

    @Test
    void aHelloInFragmentsIsAnswered() {
        World world = new World(1);
        World.Host server = world.server();
        Buffer uri = Buffer.buffer("rtmfp://server/" + "x".repeat(1_500));
        Chunk hello = new Chunk.IHello(Epd.ofUri(uri.toString()).encode(), Buffer.buffer("tag"));
        Packet packet = Packet.of(Packet.STARTUP, 1, Packet.NONE, List.of(hello));
        PacketCipher startup = PacketCipher.startup();
        for (Chunk.Fragment fragment : cut(packet, 3, 1_000)) {
            assertThat(server.endpoint.poll(world.now)).isNull();
            Packet part = Packet.of(Packet.STARTUP, 1, Packet.NONE, List.of(fragment));
            server.endpoint.receive(new Datagram(World.at(9), startup.seal(0, part.encode())), world.now);
        }
        Datagram answer = server.endpoint.poll(world.now);
        Packet opened = Packet.decode(startup.open(answer.bytes()).orElseThrow());
        assertThat(opened.chunks().get(0)).isInstanceOf(Chunk.RHello.class);
    }

    @Test
    void dataInFragmentsArrivesInASessionOnce() {
        World world = new World(2);
        World.Host server = world.server();
        World.Host client = world.client(5000);
        world.connect(client, server);
        List<Option> options = List.of(Option.of(Chunk.UserData.METADATA, Captures.hex("54430400")));
        Buffer message = Buffer.buffer("long".repeat(500));
        Chunk data = new Chunk.UserData(Chunk.UserData.OPTIONS, 2, 1, 1, options, message);
        Packet packet = Packet.of(Packet.INITIATOR, 1, Packet.NONE, List.of(data));
        List<Chunk.Fragment> fragments = cut(packet, 8, 900);
        Collections.reverse(fragments);
        for (Chunk.Fragment fragment : fragments) {
            assertThat(server.received()).isEmpty();
            Packet part = Packet.of(Packet.INITIATOR, 1, Packet.NONE, List.of(fragment));
            Buffer sealed = client.session().cipher().seal(client.session().farId(), part.encode());
            world.inject(new Datagram(client.address, sealed), server.address);
            world.run(1);
        }
        assertThat(server.received()).containsExactly(message);
    }
}
