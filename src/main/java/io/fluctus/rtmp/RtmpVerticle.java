package io.fluctus.rtmp;

import io.fluctus.audience.Audience;
import io.fluctus.audience.Audiences;
import io.fluctus.audience.Run;
import io.fluctus.audience.Viewer;
import io.fluctus.bus.Address;
import io.fluctus.bus.AppEvent;
import io.fluctus.bus.ApplicationLink;
import io.fluctus.bus.Bus;
import io.fluctus.bus.Bus.Registration;
import io.fluctus.bus.ClientWord;
import io.fluctus.bus.Floodgate;
import io.fluctus.bus.Publication;
import io.fluctus.config.Config;
import io.fluctus.media.StreamName;
import io.fluctus.netconnection.Event;
import io.fluctus.netconnection.Status;
import io.fluctus.wire.AmfValue;
import io.fluctus.wire.ProtocolException;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetServerOptions;
import io.vertx.core.net.NetSocket;
import io.vertx.core.net.SocketAddress;
import java.security.SecureRandom;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** RTMP on a TCP port: sockets to cores, and what the cores say to the bus and the audiences. */
public final class RtmpVerticle extends VerticleBase {
    private static final Logger LOG = LoggerFactory.getLogger("rtmp");
    private static final long TICK_MILLIS = 1_000;

    /** Vert.x's word for any free port, the same one for all instances that say this number. */
    private static final int ANY_SHARED_PORT = -1;

    /** Calls of a client that its application has not answered at which its socket is no longer read. */
    private static final int UNANSWERED_CALLS = 128;

    /** How long a client may take to answer a call of its application; encoders never do. */
    private static final long ANSWER_MILLIS = 10_000;

    /** A publisher's bytes that its relay has not acknowledged at which its socket is no longer read. */
    private static final int UNACKNOWLEDGED_BYTES = 4 * 1024 * 1024;

    /** Bytes of answers that may wait for a peer that takes nothing, beside one prelude: other media waits in the audience. */
    private static final int UNREAD_BYTES = 1024 * 1024;

    private final Bus bus;
    private final Config config;
    private final String name;
    private final IntConsumer listening;
    private final int maxPeers;
    private final RandomGenerator random = new SplittableRandom(new SecureRandom().nextLong());
    private final Map<String, Peer> peers = new HashMap<>();
    private final Floodgate floodgate = new Floodgate();
    private NetServer server;
    private Audiences audiences;
    private Registration service;
    private Registration words;
    private long lastPeer;

    /** {@code instance} counts from 0; {@code listening} is told the port as soon as it is open. */
    public RtmpVerticle(Bus bus, Config config, int instance, IntConsumer listening) {
        this.bus = bus;
        this.config = config;
        this.name = "rtmp." + instance;
        int instances =
                Config.instances(config.rtmp().instances(), Runtime.getRuntime().availableProcessors());
        this.maxPeers = (config.rtmp().maxConnections() + instances - 1) / instances;
        this.listening = listening;
    }

    @Override
    public Future<?> start() {
        audiences = new Audiences(vertx, bus, config, name);
        audiences.countConnections(peers::size);
        service = bus.serve(Address.client(name), this::serve);
        words = bus.serveClients(name, this::deliver);
        vertx.setPeriodic(TICK_MILLIS, timer -> tick());
        server = vertx.createNetServer(new NetServerOptions().setTcpNoDelay(true));
        return server.connectHandler(this::connected)
                .listen(
                        config.rtmp().port() == 0
                                ? ANY_SHARED_PORT
                                : config.rtmp().port(),
                        config.rtmp().host())
                .onSuccess(open -> listening.accept(open.actualPort()));
    }

    @Override
    public Future<?> stop() {
        List.copyOf(peers.values()).forEach(peer -> peer.channel.close());
        audiences.close();
        return Future.all(service.close(), words.close(), server.close());
    }

    private void tick() {
        List.copyOf(peers.values()).forEach(Peer::tick);
        floodgate.leftOut(now()).ifPresent(LOG::info);
    }

    private void connected(NetSocket socket) {
        if (peers.size() >= maxPeers) {
            complain(socket.remoteAddress(), "refused: rtmp.maxConnections are open");
            socket.close();
            return;
        }
        Peer peer = new Peer(name + "/" + ++lastPeer, socket);
        peers.put(peer.id, peer);
        peer.channel.start(peer);
    }

    /** A word for one of our clients: {@code replaced} and {@code kick}. */
    private Future<JsonObject> serve(JsonObject word) {
        Peer peer = peers.get(word.getString("client"));
        if (peer != null && word.getString("op").equals("replaced")) {
            peer.dismiss("another publisher took over " + word.getString("stream"));
        } else if (peer != null) {
            peer.kick();
        }
        return Future.succeededFuture(new JsonObject().put("found", peer != null));
    }

    /** A word of an application for one of our clients. */
    private Future<AmfValue> deliver(ClientWord word) {
        Peer peer = peers.get(word.client());
        return peer == null || peer.ending ? ApplicationLink.gone() : peer.hear(word);
    }

    /** A line of the log about what a peer does. */
    private void say(SocketAddress address, String what) {
        String line = address + " " + what;
        if (floodgate.admits(line, now())) {
            LOG.info(line);
        }
    }

    /** A line about what a peer did wrong: those who knock again and again fill no disk. */
    private void complain(SocketAddress address, String what) {
        String line = address + " " + what;
        if (floodgate.admitsFrom(address.hostAddress(), line, now())) {
            LOG.info(line);
        }
    }

    private static long now() {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
    }

    /** One connection: obeys its core. */
    private final class Peer implements RtmpChannel.Listener {
        private final String id;
        private final SocketAddress address;
        private final SocketAddress local;
        private final RtmpChannel channel;
        private final RtmpConnection connection;
        private final Map<Integer, Publication> publications = new HashMap<>(2);
        private final Map<Integer, Audience.Seat> seats = new HashMap<>(2);
        private final Map<Integer, StreamName> plays =
                new HashMap<>(2); // those that the application allows, or is asked about
        private final ApplicationLink application;
        private String app = "";
        private int unanswered;
        private long unread;
        private boolean ending;
        private String failure = "";

        private Peer(String id, NetSocket socket) {
            this.id = id;
            this.application = new ApplicationLink(bus, id);
            this.address = socket.remoteAddress();
            this.local = socket.localAddress();
            this.channel = RtmpChannel.take(socket, context);
            this.connection = RtmpConnection.server(
                    random, TimeUnit.SECONDS.toMillis(config.rtmp().idlePublisherSeconds()), now());
        }

        // -- the socket

        @Override
        public void received(Buffer bytes) {
            obeyAll(() -> connection.receive(bytes, now()));
        }

        @Override
        public void writable() {
            List.copyOf(seats.values()).forEach(Audience.Seat::drain);
        }

        @Override
        public void closed() {
            ending = true;
            peers.remove(id);
            List.copyOf(seats.keySet()).forEach(this::leave);
            unpublishAll(false);
            application.disconnected(failure);
        }

        private void tick() {
            if (!channel.readingIsPaused()) { // or a publisher that we keep waiting would count as silent
                obeyAll(() -> connection.tick(now()));
            }
        }

        /** One mutation of the core, what follows from it, and then what it has to say. */
        private void obeyAll(Supplier<List<Event>> mutation) {
            try {
                mutation.get().forEach(this::obey);
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
            if (unread > UNREAD_BYTES + config.stream().preludeBytes()) {
                end("does not read what it asks for");
            }
        }

        /** As {@link #obeyAll}, for what the application has to say. */
        private void pass(Runnable word) {
            obeyAll(() -> {
                word.run();
                return List.of();
            });
        }

        /** What a kicked publisher published is over: nobody waits for its return. */
        private void kick() {
            unpublishAll(true);
            dismiss("closed by an administrator");
        }

        /** Ends a peer that did nothing wrong, and tells it why. */
        private void dismiss(String reason) {
            connection.dialogue().reject(Status.error(Status.CONNECT_CLOSED, reason));
            end(reason);
        }

        /** Sends what waits, says why in the log, and closes. */
        private void end(String reason) {
            if (!ending) {
                ending = true;
                complain(address, "closed: " + reason);
                flush();
                channel.finish();
                unpublishAll(false); // the socket lingers for its last word, the stream does not
            }
        }

        // -- the dialogue

        private void obey(Event event) {
            if (event instanceof Event.PacketReceived packet) {
                forward(packet);
            } else if (event instanceof Event.ConnectRequested request) {
                connect(request);
            } else if (event instanceof Event.PublishRequested request) {
                publish(request);
            } else if (event instanceof Event.PlayRequested request) {
                play(request);
            } else if (event instanceof Event.PublishStopped stopped) {
                unpublish(stopped.streamId(), true);
            } else if (event instanceof Event.PlayStopped stopped) {
                leave(stopped.streamId());
            } else if (event instanceof Event.Paused paused) {
                seatOf(paused.streamId(), seat -> seat.pause(paused.paused()));
            } else if (event instanceof Event.TracksSelected selected) {
                seatOf(selected.streamId(), seat -> seat.select(selected.audio(), selected.video()));
            } else if (event instanceof Event.CallReceived call) {
                call(call);
            } else if (event instanceof Event.CallAnswered answer) {
                application.answered(
                        answer.transactionId(),
                        answer.success(),
                        answer.values().get(0));
            } else if (event instanceof Event.CloseRequested request) {
                end(request.reason());
            }
        }

        private void connect(Event.ConnectRequested request) {
            app = request.app();
            AppEvent.Visitor visitor = new AppEvent.Visitor(
                    id,
                    "rtmp",
                    address.toString(),
                    Buffer.buffer(),
                    request.query(),
                    request.properties().members());
            application
                    .connect(app, new AppEvent.Connected(visitor, request.arguments()))
                    .onSuccess(answer -> obeyAll(() -> accept(answer)))
                    .onFailure(refusal -> reject(refusal.getMessage()));
        }

        private List<Event> accept(AmfValue answer) {
            if (application.present()) {
                connection.hold();
            }
            return connection.accept(answer.members());
        }

        private void reject(String reason) {
            if (!ending) {
                connection.dialogue().reject(Status.error(Status.CONNECT_REJECTED, reason));
                end("refused by the application: " + reason);
            }
        }

        // -- the application

        private void call(Event.CallReceived call) {
            double transaction = call.transactionId();
            if (!application.present()) {
                connection.dialogue().error(transaction, Status.methodNotFound(call.name()));
                return;
            }
            unanswered++;
            regulate();
            application
                    .call(call.name(), call.arguments())
                    .onComplete(answer -> {
                        unanswered--;
                        regulate();
                    })
                    .onSuccess(value -> pass(() -> connection.dialogue().result(transaction, value)))
                    .onFailure(error ->
                            pass(() -> connection.dialogue().error(transaction, failed(call.name(), error))));
        }

        private static Status failed(String method, Throwable error) {
            return ApplicationLink.isUnknown(error)
                    ? Status.methodNotFound(method)
                    : Status.error(Status.CALL_FAILED, error.getMessage());
        }

        /** Obeys a word of the application. */
        private Future<AmfValue> hear(ClientWord word) {
            if (word instanceof ClientWord.Call call) {
                Promise<AmfValue> answer = Promise.promise();
                pass(() -> call(call, answer));
                return answer.future();
            }
            if (word instanceof ClientWord.Close close) {
                connection.dialogue().reject(Status.error(close.code(), close.description()));
                end("closed by its application: " + close.description());
            } else if (word instanceof ClientWord.Tell tell) {
                pass(() ->
                        connection.dialogue().tell(tell.name(), tell.arguments().toArray(AmfValue[]::new)));
            } else if (word instanceof ClientWord.Say status) {
                Status.Level level = status.error() ? Status.Level.ERROR : Status.Level.STATUS;
                pass(() -> connection.dialogue().status(0, new Status(level, status.code(), status.description())));
            }
            return Future.succeededFuture(AmfValue.NULL);
        }

        private void call(ClientWord.Call call, Promise<AmfValue> answer) {
            double id = connection.dialogue().call(call.name(), call.arguments().toArray(AmfValue[]::new));
            application.begin(id, answer);
            long timer = vertx.setTimer(ANSWER_MILLIS, late -> application.expire(id));
            answer.future().onComplete(done -> vertx.cancelTimer(timer));
        }

        /** Who sends faster than it is taken waits. */
        private void regulate() {
            boolean pause = unanswered >= UNANSWERED_CALLS
                    || publications.values().stream().anyMatch(p -> p.unacknowledged() > UNACKNOWLEDGED_BYTES);
            if (pause != channel.readingIsPaused()) {
                channel.pauseReading(pause);
            }
        }

        // -- publishing

        private void publish(Event.PublishRequested request) {
            int streamId = request.streamId();
            Publication publication = new Publication(
                    bus,
                    application,
                    new Publication.Asked(
                            streamOf(request.name()),
                            "rtmp",
                            address.toString(),
                            address.hostAddress(),
                            address.hostAddress().equals(local.hostAddress()),
                            request.query(),
                            id));
            publications.put(streamId, publication);
            publication
                    .ask()
                    .onSuccess(granted -> published(streamId, publication, granted))
                    .onFailure(refusal -> rejectPublish(streamId, publication, refusal));
        }

        private void published(int streamId, Publication publication, boolean granted) {
            if (granted && !ending) {
                say(address, "publishes " + publication.stream());
                obeyAll(() -> connection.acceptPublish(streamId));
            } else {
                publication.end(false);
            }
        }

        private void rejectPublish(int streamId, Publication publication, Throwable refusal) {
            if (publications.remove(streamId, publication)) {
                boolean badName = refusal instanceof Publication.Refused refused && refused.badName();
                String code = badName ? Status.PUBLISH_BAD_NAME : Status.PUBLISH_DENIED;
                Status status = Status.error(code, refusal.getMessage());
                connection.rejectPublish(streamId, status);
                end("publishing " + publication.stream() + " refused: " + status.description());
            }
        }

        private void forward(Event.PacketReceived received) {
            Publication publication = publications.get(received.streamId());
            if (publication != null && publication.granted()) {
                publication.send(received.packet(), this::regulate);
                regulate();
            }
        }

        private void unpublishAll(boolean clean) {
            List.copyOf(publications.keySet()).forEach(streamId -> unpublish(streamId, clean));
        }

        private void unpublish(int streamId, boolean clean) {
            Publication publication = publications.remove(streamId);
            if (publication != null && publication.granted()) {
                say(address, (clean ? "unpublishes " : "is lost for ") + publication.stream());
            }
            if (publication != null) {
                publication.end(clean);
            }
        }

        // -- playing

        private void play(Event.PlayRequested request) {
            int streamId = request.streamId();
            StreamName stream = streamOf(request.name());
            leave(streamId);
            if (!application.present()) {
                join(streamId, stream).forEach(this::obey);
                return;
            }
            plays.put(streamId, stream);
            application
                    .subscribe(stream)
                    .onSuccess(allowed -> allowPlay(streamId, stream))
                    .onFailure(refusal -> rejectPlay(streamId, stream, refusal.getMessage()));
        }

        private List<Event> join(int streamId, StreamName stream) {
            say(address, "plays " + stream);
            seats.put(streamId, audiences.join(stream, new PlayingStream(this, streamId)));
            return connection.acceptPlay(streamId);
        }

        private void allowPlay(int streamId, StreamName stream) {
            if (plays.get(streamId) == stream) {
                obeyAll(() -> join(streamId, stream));
            } else {
                application.unsubscribed(stream); // the peer gave up, or left, while it was decided
            }
        }

        private void rejectPlay(int streamId, StreamName stream, String reason) {
            if (plays.remove(streamId, stream)) {
                pass(() -> connection.rejectPlay(streamId, Status.error(Status.PLAY_FAILED, reason)));
            }
        }

        /** The dialogue has checked the name: it may hold slashes of its own. */
        private StreamName streamOf(String requested) {
            return StreamName.parse(app.isEmpty() ? requested : app + "/" + requested);
        }

        private void leave(int streamId) {
            StreamName stream = plays.remove(streamId);
            Audience.Seat seat = seats.remove(streamId);
            if (seat != null) {
                seat.leave();
            }
            if (seat != null && stream != null) {
                application.unsubscribed(stream);
            }
        }

        private void seatOf(int streamId, Consumer<Audience.Seat> action) {
            Audience.Seat seat = seats.get(streamId);
            if (seat != null) {
                action.accept(seat);
            }
        }
    }

    /** A NetStream of a peer that plays. */
    private final class PlayingStream implements Viewer {
        private final Peer peer;
        private final int streamId;
        private final RtmpEncoding encoding;

        private PlayingStream(Peer peer, int streamId) {
            this.peer = peer;
            this.streamId = streamId;
            this.encoding = new RtmpEncoding(peer.connection.outChunkSize(), streamId);
        }

        @Override
        public String protocol() {
            return "rtmp";
        }

        @Override
        public String address() {
            return peer.address.toString();
        }

        @Override
        public String client() {
            return peer.id;
        }

        @Override
        public boolean writable() {
            return peer.channel.writable();
        }

        @Override
        public void joined(boolean live) {
            // An RTMP player waits for a stream that is not there yet.
        }

        @Override
        public void deliver(Run run) {
            peer.owe(run.bytes());
            peer.channel.write(run, encoding);
        }

        @Override
        public void published() {
            peer.connection.dialogue().published(streamId);
            peer.flush();
        }

        @Override
        public void unpublished() {
            peer.connection.dialogue().unpublished(streamId);
            peer.flush();
        }

        @Override
        public void cut(String reason) {
            complain(peer.address, "closed: " + reason);
            peer.channel.close();
        }
    }
}
