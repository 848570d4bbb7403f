package io.fluctus.rtmfp;

import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/** A stranger on a loopback address of its own, who says hello and keying as ill as he likes. */
final class Prober implements AutoCloseable {
    private static final int ANSWER_MILLIS = 500;
    private static final int HEADERS = 28;

    private final PacketCipher startup = PacketCipher.startup();
    private final DatagramSocket socket;
    private final InetSocketAddress server;
    long bytesOut;
    long bytesIn;
    int datagramsIn;

    /** {@code host} is the last two numbers of an address of 127.1. */
    Prober(int host, InetSocketAddress server) throws IOException {
        byte[] address = {127, 1, (byte) (host >> 8), (byte) host};
        this.socket = new DatagramSocket(new InetSocketAddress(InetAddress.getByAddress(address), 0));
        this.server = server;
    }

    static Chunk hello(int tag) {
        return new Chunk.IHello(
                Epd.ofUri("rtmfp://127.0.0.1/").encode(),
                Buffer.buffer("tag of 16 by").appendInt(tag));
    }

    static Chunk keying(Identity identity, Buffer cookie, int sessionId) {
        Buffer component =
                Keying.initiator(DhGroup.MODP_1024, Negotiation.OFFER, Keying.randomness(new Random(sessionId)));
        return new Chunk.IIKeying(
                sessionId, cookie, identity.certificate().encoded(), component, Certificate.SIGNATURE);
    }

    void say(Chunk chunk) throws IOException {
        send(startup.seal(
                0, Packet.of(Packet.STARTUP, 1, Packet.NONE, List.of(chunk)).encode()));
    }

    void send(Buffer datagram) throws IOException {
        byte[] bytes = datagram.getBytes();
        bytesOut += bytes.length + HEADERS;
        socket.send(new DatagramPacket(bytes, bytes.length, server));
    }

    /** The next datagram, if one comes soon. */
    Optional<Buffer> hear(int millis) throws IOException {
        DatagramPacket in = new DatagramPacket(new byte[2048], 2048);
        try {
            socket.setSoTimeout(Math.max(1, millis));
            socket.receive(in);
        } catch (SocketTimeoutException e) {
            return Optional.empty();
        }
        datagramsIn++;
        bytesIn += in.getLength() + HEADERS;
        return Optional.of(Buffer.buffer(Arrays.copyOf(in.getData(), in.getLength())));
    }

    /** Hears all that has come. */
    void hearAll(int millis) throws IOException {
        for (Optional<Buffer> next = hear(millis); next.isPresent(); ) {
            next = hear(millis);
        }
    }

    /** The answer to what was said last, if it is a startup packet for this session id, 0 for none. */
    Optional<Chunk> answer(int sessionId) throws IOException {
        return hear(ANSWER_MILLIS)
                .filter(bytes -> PacketCipher.sessionId(bytes) == sessionId)
                .flatMap(startup::open)
                .map(plain -> Packet.decode(plain).chunks().get(0));
    }

    Optional<Buffer> cookie() throws IOException {
        say(hello(1));
        return answer(0).map(chunk -> ((Chunk.RHello) chunk).cookie());
    }

    @Override
    public void close() {
        socket.close();
    }
}
