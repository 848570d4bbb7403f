package io.fluctus.rtmp;

import io.fluctus.audience.Run;
import io.fluctus.audience.Viewer;
import io.fluctus.bus.ClientWord;
import io.fluctus.client.Caller;
import io.fluctus.client.Client;
import io.fluctus.client.Journal;
import io.fluctus.client.Line;
import io.fluctus.netconnection.Answers;
import io.fluctus.netconnection.Event;
import io.fluctus.wire.AmfValue;
import io.fluctus.wire.ProtocolException;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetSocket;
import io.vertx.core.net.SocketAddress;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** One RTMP connection: its socket, its core, and the client that speaks there. */
final class RtmpPeer implements RtmpChannel.Listener, Line {
    /** Bytes of answers that may wait for a peer that takes nothing, beside one prelude: other media waits in the audience. */
    private static final int UNREAD_BYTES = 1024 * 1024;

    /**
     * What the peers of one verticle instance have in common.
     *
     * @param left is told of each peer that is gone
     * @param protocol rtmp or rtmps
     */
    record House(
            Client.Surroundings around, Journal journal, long preludeBytes, Consumer<RtmpPeer> left, String protocol) {}

    private final House house;
    private final String id;
    private final SocketAddress address;
    private final boolean local;
    private final RtmpChannel channel;
    private final RtmpConnection connection;
    private final Client client;
    private long unread;
    private boolean blocked;
    private boolean ending;
    private String failure = "";

    RtmpPeer(House house, String id, NetSocket socket, RtmpChannel channel, RtmpConnection connection) {
        this.house = house;
        this.id = id;
        this.address = socket.remoteAddress();
        this.local = address.hostAddress().equals(socket.localAddress().hostAddress());
        this.channel = channel;
        this.connection = connection;
        this.client = new Client(house.around, id, this);
    }

    /** From now on it hears its socket. */
    void start() {
        channel.start(this);
    }

    void close() {
        channel.close();
    }

    void kick(String reason) {
        client.kick(reason);
    }

    /** Ends a peer that did nothing wrong, and tells it why. */
    void dismiss(String reason) {
        client.dismiss(reason);
    }

    /** This node is about to end: asks the peer to go to another, or ends it where it does not know how. */
    void move(String url) {
        client.move(url);
    }

    /** A word of its application. */
    Future<AmfValue> hear(ClientWord word) {
        return client.hear(word);
    }

    String id() {
        return id;
    }

    // -- the socket

    @Override
    public void received(Buffer bytes) {
        obey(() -> connection.receive(bytes, now()));
        if (blocked && takesMore()) {
            client.drain();
        }
    }

    /** Whether the socket and the peer's own limit let media pass. */
    private boolean takesMore() {
        boolean open = connection.windowIsOpen(channel.written());
        blocked = !open;
        return open && channel.writable();
    }

    @Override
    public void writable() {
        client.drain();
    }

    @Override
    public void closed() {
        ending = true;
        house.left.accept(this);
        client.closed(failure);
    }

    void tick(long now) {
        if (now >= connection.deadline()
                && !channel.readingIsPaused()) { // or a publisher that we keep waiting would count as silent
            obey(() -> connection.tick(now));
        }
    }

    /** One mutation of the core, what follows from it, and then what it has to say. */
    private void obey(Supplier<List<Event>> mutation) {
        try {
            mutation.get().forEach(client::obey);
            flush();
        } catch (ProtocolException e) {
            failure = e.getMessage();
            end(e.getMessage());
        }
    }

    private void flush() {
        Buffer bytes = connection.poll();
        if (bytes == null) {
            return;
        }
        owe(bytes.length());
        channel.write(bytes);
    }

    /** Takes note of what is about to be written: to one that reads, or on top of what waits already. */
    private void owe(long bytes) {
        unread = channel.writable() ? 0 : unread + bytes;
        if (unread > UNREAD_BYTES + house.preludeBytes) {
            end("does not read what it asks for");
        }
    }

    // -- the line

    @Override
    public void speak(Supplier<List<Event>> mutation) {
        if (!ending) {
            obey(mutation);
        }
    }

    @Override
    public Answers answers() {
        return connection;
    }

    @Override
    public Caller caller() {
        return new Caller(id, house.protocol, address.hostAddress(), address.toString(), local, Buffer.buffer());
    }

    @Override
    public boolean ending() {
        return ending;
    }

    @Override
    public void end(String reason) {
        if (!ending) {
            ending = true;
            complain("closed: " + reason);
            flush();
            channel.finish();
            client.withdraw();
        }
    }

    @Override
    public void say(String what) {
        house.journal.say(address.toString(), what, now());
    }

    private void complain(String what) {
        house.journal.complain(address.hostAddress(), address.toString(), what, now());
    }

    @Override
    public Viewer viewer(int streamId) {
        return new RtmpViewer(streamId, new RtmpEncoding(connection.outChunkSize(), streamId));
    }

    @Override
    public void pauseReading(boolean paused) {
        channel.pauseReading(paused);
    }

    static long now() {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
    }

    /** A NetStream of the peer that plays. */
    private final class RtmpViewer implements Viewer {
        private final int streamId;
        private final RtmpEncoding encoding;

        private RtmpViewer(int streamId, RtmpEncoding encoding) {
            this.streamId = streamId;
            this.encoding = encoding;
        }

        @Override
        public String protocol() {
            return "rtmp";
        }

        @Override
        public String address() {
            return address.toString();
        }

        @Override
        public String client() {
            return id;
        }

        @Override
        public boolean writable() {
            return takesMore();
        }

        @Override
        public void joined(boolean live) {
            // An RTMP player waits for a stream that is not there yet.
        }

        @Override
        public void deliver(Run run) {
            owe(run.bytes());
            channel.write(run, encoding);
        }

        @Override
        public void published() {
            connection.dialogue().published(streamId);
            flush();
        }

        @Override
        public void unpublished() {
            connection.dialogue().unpublished(streamId);
            flush();
        }

        @Override
        public void cut(String reason) {
            complain("closed: " + reason);
            channel.close();
        }
    }
}
