package io.fluctus.rtmfp;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketException;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** A bad way to a server, on real sockets: it loses, doubles and delays datagrams, each way, by a seeded dice. */
public final class LossyPath implements AutoCloseable {
    /** Shares of datagrams, and milliseconds each way. */
    public record Weather(double loss, double duplicate, int delay, int jitter) {}

    private static final int DATAGRAM = 2048;

    private final InetSocketAddress server;
    private final Weather weather;
    private final Random random = new Random(5);
    private final DatagramSocket front;
    private final Map<SocketAddress, DatagramSocket> backs = new ConcurrentHashMap<>();
    private final ScheduledExecutorService flights = Executors.newSingleThreadScheduledExecutor();

    public LossyPath(int serverPort, Weather weather) throws IOException {
        this.server = new InetSocketAddress(InetAddress.getLoopbackAddress(), serverPort);
        this.weather = weather;
        this.front = new DatagramSocket(0, InetAddress.getLoopbackAddress());
        listen(front, packet -> pass(back(packet.getSocketAddress()), packet, server));
    }

    public int port() {
        return front.getLocalPort();
    }

    private interface Sink {
        void accept(DatagramPacket packet) throws IOException;
    }

    private static void listen(DatagramSocket socket, Sink sink) {
        Thread thread = new Thread(
                () -> {
                    try {
                        while (true) {
                            DatagramPacket packet = new DatagramPacket(new byte[DATAGRAM], DATAGRAM);
                            socket.receive(packet);
                            sink.accept(packet);
                        }
                    } catch (SocketException closed) {
                        // The path is closed.
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                },
                "lossy path");
        thread.setDaemon(true);
        thread.start();
    }

    /** Each client has an address of its own behind the path. */
    private DatagramSocket back(SocketAddress client) throws IOException {
        DatagramSocket known = backs.get(client);
        if (known != null) {
            return known;
        }
        DatagramSocket back = new DatagramSocket(0, InetAddress.getLoopbackAddress());
        backs.put(client, back);
        listen(back, packet -> pass(front, packet, client));
        return back;
    }

    private void pass(DatagramSocket socket, DatagramPacket packet, SocketAddress to) {
        byte[] bytes = Arrays.copyOf(packet.getData(), packet.getLength());
        if (random.nextDouble() < weather.loss) {
            return;
        }
        int copies = random.nextDouble() < weather.duplicate ? 2 : 1;
        for (int i = 0; i < copies && !flights.isShutdown(); i++) {
            long delay = weather.delay + (weather.jitter > 0 ? random.nextInt(weather.jitter) : 0);
            flights.schedule(() -> send(socket, bytes, to), delay, TimeUnit.MILLISECONDS);
        }
    }

    private static void send(DatagramSocket socket, byte[] bytes, SocketAddress to) {
        try {
            socket.send(new DatagramPacket(bytes, bytes.length, to));
        } catch (IOException gone) {
            // as the network: nobody is told
        }
    }

    @Override
    public void close() {
        flights.shutdownNow();
        front.close();
        backs.values().forEach(DatagramSocket::close);
    }
}
