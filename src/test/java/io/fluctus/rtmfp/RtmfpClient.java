package io.fluctus.rtmfp;

import io.fluctus.netconnection.Event;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/** A client of our own on a real socket, driven by the test's thread. */
public final class RtmfpClient implements AutoCloseable {
    private static final int LONGEST_WAIT = 20;

    private final SecureRandom random = new SecureRandom();
    private final RtmfpEndpoint endpoint;
    private final URI uri;
    private DatagramSocket socket = new DatagramSocket();
    private RtmfpConnection connection;
    final List<Event> events = new ArrayList<>();
    String closed = "";
    private Consumer<Buffer> sent = bytes -> {};

    public RtmfpClient(String uri) throws IOException {
        this.uri = URI.create(uri);
        endpoint = new RtmfpEndpoint(Identity.client(random), Buffer.buffer("unused"), 0, random);
    }

    public static long now() {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
    }

    public RtmfpConnection connection() {
        return connection;
    }

    /** Opens the session and says connect. */
    public void connect() throws IOException {
        endpoint.open(Epd.ofUri(uri.toString()), List.of(new InetSocketAddress(uri.getHost(), uri.getPort())), now());
        until("a session", () -> connection != null);
        connection.dialogue().connect(uri.getPath().substring(1), uri.toString(), true);
        connection.flush(now());
        until("connect's result", () -> has(Event.Connected.class));
    }

    public int createStream() throws IOException {
        connection.dialogue().createStream();
        connection.flush(now());
        until("a stream", () -> has(Event.StreamCreated.class));
        return last(Event.StreamCreated.class).streamId();
    }

    /** Another socket, as if a NAT had forgotten the old one. */
    void rebind() throws IOException {
        socket.close();
        socket = new DatagramSocket();
    }

    public boolean has(Class<? extends Event> type) {
        return events.stream().anyMatch(type::isInstance);
    }

    public <T extends Event> T last(Class<T> type) {
        return events.stream()
                .filter(type::isInstance)
                .map(type::cast)
                .reduce((a, b) -> b)
                .orElseThrow();
    }

    long count(Class<? extends Event> type) {
        return events.stream().filter(type::isInstance).count();
    }

    /** Lets datagrams come and go until it is so, for ten seconds at most. */
    public void until(String what, BooleanSupplier done) throws IOException {
        until(what, done, 10_000);
    }

    void until(String what, BooleanSupplier done, int millis) throws IOException {
        long end = now() + millis;
        while (!done.getAsBoolean()) {
            if (now() > end) {
                throw new AssertionError("waited in vain for " + what + "; heard " + events);
            }
            step();
        }
    }

    void step() throws IOException {
        flush();
        long wait = Math.max(1, Math.min(LONGEST_WAIT, endpoint.deadline() - now()));
        DatagramPacket in = new DatagramPacket(new byte[2048], 2048);
        try {
            socket.setSoTimeout((int) wait);
            socket.receive(in);
            Buffer bytes = Buffer.buffer(Arrays.copyOf(in.getData(), in.getLength()));
            obey(endpoint.receive(new Datagram((InetSocketAddress) in.getSocketAddress(), bytes), now()));
        } catch (SocketTimeoutException e) {
            obey(endpoint.tick(now()));
        }
    }

    private void flush() throws IOException {
        for (Datagram out = endpoint.poll(now()); out != null; out = endpoint.poll(now())) {
            byte[] bytes = out.bytes().getBytes();
            sent.accept(out.bytes());
            socket.send(new DatagramPacket(bytes, bytes.length, out.peer()));
        }
    }

    /** From now on a list of all that leaves. */
    List<Buffer> record() {
        List<Buffer> heard = new ArrayList<>();
        sent = heard::add;
        return heard;
    }

    /** Sends a chunk in the session that no honest client would send. */
    void inject(Chunk chunk) throws IOException {
        Session session = connection.session();
        Packet packet = Packet.of(Packet.INITIATOR, 1, Packet.NONE, List.of(chunk));
        byte[] bytes = session.cipher().seal(session.farId(), packet.encode()).getBytes();
        socket.send(new DatagramPacket(bytes, bytes.length, session.peer()));
    }

    private void obey(List<RtmfpEndpoint.Event> told) {
        for (RtmfpEndpoint.Event event : told) {
            if (event instanceof RtmfpEndpoint.Event.AgreementNeeded needed) {
                obey(endpoint.deliver(needed.agreement().compute(random), now()));
            } else if (event instanceof RtmfpEndpoint.Event.SessionOpened opened) {
                connection = RtmfpConnection.client(opened.session());
            } else if (event instanceof RtmfpEndpoint.Event.InSession inside) {
                if (inside.event() instanceof SessionEvent.Closed end) {
                    closed = end.reason();
                }
                events.addAll(connection.receive(inside.event(), now()));
                connection.flush(now());
            }
        }
    }

    @Override
    public void close() throws IOException {
        endpoint.close(now());
        flush();
        socket.close();
    }
}
