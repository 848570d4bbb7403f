package io.fluctus.rtmfp;

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
import io.fluctus.media.MediaPacket;
import io.fluctus.media.StreamName;
import io.fluctus.netconnection.Event;
import io.fluctus.netconnection.Status;
import io.fluctus.wire.AmfValue;
import io.fluctus.wire.ProtocolException;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.io.UncheckedIOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.security.SecureRandom;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** RTMFP on a UDP port: datagrams to a core, and what its sessions say to the bus and the audiences. */
public final class RtmfpVerticle extends VerticleBase {
    private static final Logger LOG = LoggerFactory.getLogger("rtmfp");

    /** How often viewers who could take no more are asked again. */
    private static final long DRAIN_MILLIS = 50;

    /** How often the log is told of lines that were left out. */
    private static final long LOG_MILLIS = 1_000;

    /** How long the last word to a peer may take before its session is closed. */
    private static final long LAST_WORD_MILLIS = 500;

    /** How long a session may take until its connect. */
    private static final long CONNECT_MILLIS = 10_000;

    /** How long a client may take to answer a call of its application. */
    private static final long ANSWER_MILLIS = 10_000;

    /** Calls of a client that its application has not answered; more are refused. */
    private static final int UNANSWERED_CALLS = 1_024;

    /** Words of an application for a client that takes nothing, at which it is cut off. */
    private static final int UNREAD_WORDS = 1_024;

    private static final int AGREEMENT_THREADS = 2;
    private static final int COOKIE_SECRET = 32;

    /** How often a second a client hears that somebody looks for it. */
    private static final int INTRODUCTIONS = 5;

    /** What all instances on a port have in common: who they are, the secret of their cookies, and the port. */
    public record Shared(Identity identity, Buffer cookieSecret, int port) {
        /** A configured port of 0 becomes a free one here, so that all instances get the same. */
        public static Shared of(Config.Rtmfp config) {
            SecureRandom random = new SecureRandom();
            byte[] secret = new byte[COOKIE_SECRET];
            random.nextBytes(secret);
            int port = config.port() == 0 ? freePort() : config.port();
            return new Shared(Identity.server(random), Buffer.buffer(secret), port);
        }

        private static int freePort() {
            try (DatagramSocket socket = new DatagramSocket(0)) {
                return socket.getLocalPort();
            } catch (SocketException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private final Bus bus;
    private final Config config;
    private final Shared shared;
    private final int instance;
    private final String name;
    private final IntConsumer listening;
    private final Floodgate floodgate = new Floodgate();
    private final SecureRandom random = new SecureRandom();
    private final Map<Session, Peer> peers = new HashMap<>();
    private final Map<String, Peer> byId = new HashMap<>();
    private final HelloLimit rendezvous = new HelloLimit(random.nextInt(), INTRODUCTIONS);
    private RtmfpEndpoint endpoint;
    private DatagramIo io;
    private Audiences audiences;
    private Registration service;
    private Registration words;
    private Registration handedOver;
    private WorkerExecutor agreements;
    private long lastPeer;
    private boolean pumpPending;
    private long timer = -1;
    private long timerAt = Long.MAX_VALUE;
    private Run encodedRun;
    private List<Buffer> encoded = List.of();

    /** {@code instance} counts from 0; {@code listening} is told the port as soon as it is open. */
    public RtmfpVerticle(Bus bus, Config config, Shared shared, int instance, IntConsumer listening) {
        this.bus = bus;
        this.config = config;
        this.shared = shared;
        this.instance = instance;
        this.name = "rtmfp." + instance;
        this.listening = listening;
    }

    @Override
    public Future<?> start() {
        endpoint = new RtmfpEndpoint(shared.identity, shared.cookieSecret, instance, random);
        agreements = vertx.createSharedWorkerExecutor("rtmfp-agreements", AGREEMENT_THREADS);
        audiences = new Audiences(vertx, bus, config, name);
        audiences.countConnections(peers::size);
        service = bus.serve(Address.client(name), this::serve);
        words = bus.serveClients(name, this::deliver);
        handedOver = bus.serve(Address.rtmfp(bus.node(), instance), this::takeOver);
        vertx.setPeriodic(DRAIN_MILLIS, id -> peers.values().forEach(Peer::drain));
        vertx.setPeriodic(LOG_MILLIS, id -> floodgate.leftOut(now()).ifPresent(LOG::info));
        boolean sharedPort = config.rtmfp().instances() != 1;
        InetSocketAddress address = new InetSocketAddress(config.rtmfp().host(), shared.port);
        return DatagramIo.open(
                        context,
                        new DatagramIo.Settings(
                                address, sharedPort, config.rtmfp().udpBufferSize()),
                        new Socket())
                .onSuccess(open -> {
                    io = open;
                    listening.accept(open.port());
                });
    }

    @Override
    public Future<?> stop() {
        if (io == null) {
            return Future.succeededFuture();
        }
        endpoint.close(now());
        pump();
        audiences.close();
        return Future.all(List.of(service.close(), words.close(), handedOver.close(), io.close(), agreements.close()));
    }

    private static long now() {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
    }

    // -- the socket and the core

    private final class Socket implements DatagramIo.Listener {
        @Override
        public void received(Datagram datagram) {
            Optional<Integer> owner = RtmfpEndpoint.instanceOf(datagram.bytes());
            if (owner.isPresent() && owner.get() != instance) {
                handOver(owner.get(), datagram);
            } else {
                obey(endpoint.receive(datagram, now()));
            }
        }

        @Override
        public void receivedAll() {
            pump();
        }
    }

    /** The peer's address has changed, and SO_REUSEPORT brought its datagram here. */
    private void handOver(int owner, Datagram datagram) {
        bus.send(
                Address.rtmfp(bus.node(), owner),
                new JsonObject()
                        .put("address", datagram.peer().getAddress().getAddress())
                        .put("port", datagram.peer().getPort())
                        .put("bytes", datagram.bytes().getBytes()));
    }

    private Future<JsonObject> takeOver(JsonObject datagram) {
        try {
            InetAddress address = InetAddress.getByAddress(datagram.getBinary("address"));
            InetSocketAddress from = new InetSocketAddress(address, datagram.getInteger("port"));
            obey(endpoint.receive(new Datagram(from, Buffer.buffer(datagram.getBinary("bytes"))), now()));
            pumpSoon();
        } catch (UnknownHostException e) {
            LOG.warn("a datagram from no address was handed over");
        }
        return Future.succeededFuture(new JsonObject());
    }

    private void obey(List<RtmfpEndpoint.Event> events) {
        events.forEach(this::obey);
    }

    private void obey(RtmfpEndpoint.Event event) {
        if (event instanceof RtmfpEndpoint.Event.InSession inside) {
            Peer peer = peers.get(inside.session());
            if (peer != null) {
                peer.hear(inside.event());
            }
        } else if (event instanceof RtmfpEndpoint.Event.AgreementNeeded needed) {
            agree(needed.agreement());
        } else if (event instanceof RtmfpEndpoint.Event.SessionOpened opened) {
            Peer peer = new Peer(name + "/" + ++lastPeer, opened.session());
            peers.put(opened.session(), peer);
            byId.put(peer.id, peer);
            vertx.setTimer(CONNECT_MILLIS, id -> peer.expectConnect());
        } else if (event instanceof RtmfpEndpoint.Event.IntroductionWanted wanted) {
            introduce(wanted);
        }
    }

    /** 3.5.1.4: the one who asks is told where the other is, and the other that somebody asks. */
    private void introduce(RtmfpEndpoint.Event.IntroductionWanted wanted) {
        Optional<Peer> target = endpoint.session(wanted.fingerprint()).map(peers::get);
        if (target.isPresent() && target.get().connection.isIntroducible()) {
            Session session = target.get().session;
            if (rendezvous.take(session.peer(), 0, 0, now())) {
                endpoint.redirect(
                        wanted.from(), wanted.tag(), target.get().connection.addresses());
                endpoint.forward(session, wanted.from(), wanted.tag());
            }
        }
    }

    private void agree(Agreement agreement) {
        agreements
                .executeBlocking(() -> agreement.compute(random), false)
                .otherwise(new Agreement.Result(agreement.sessionId(), Buffer.buffer(), Optional.empty()))
                .onSuccess(result -> {
                    obey(endpoint.deliver(result, now()));
                    pumpSoon();
                });
    }

    private void pumpSoon() {
        if (!pumpPending) {
            pumpPending = true;
            context.runOnContext(v -> pump());
        }
    }

    /** Sends what waits, and sets the alarm for what comes later. */
    private void pump() {
        pumpPending = false;
        long now = now();
        for (Datagram out = endpoint.poll(now); out != null; out = endpoint.poll(now)) {
            io.write(out);
        }
        io.flush();
        long deadline = endpoint.deadline();
        if (deadline < timerAt) {
            vertx.cancelTimer(timer);
            timerAt = deadline;
            timer = vertx.setTimer(Math.max(1, deadline - now), id -> {
                timerAt = Long.MAX_VALUE;
                obey(endpoint.tick(now()));
                pump();
            });
        }
    }

    /** A word for one of our clients: {@code replaced} and {@code kick}. */
    private Future<JsonObject> serve(JsonObject word) {
        Peer peer = byId.get(word.getString("client"));
        if (peer != null && word.getString("op").equals("replaced")) {
            peer.end("another publisher took over " + word.getString("stream"));
        } else if (peer != null) {
            peer.kick();
        }
        return Future.succeededFuture(new JsonObject().put("found", peer != null));
    }

    /** A word of an application for one of our clients. */
    private Future<AmfValue> deliver(ClientWord word) {
        Peer peer = byId.get(word.client());
        return peer == null || peer.ending ? ApplicationLink.gone() : peer.hear(word);
    }

    /** The messages of a run, made once for all viewers that get it. */
    private List<Buffer> encoded(Run run) {
        if (run != encodedRun) {
            encodedRun = run;
            encoded = run.packets().stream()
                    .map(packet -> FlowMessage.of(packet).write())
                    .toList();
        }
        return encoded;
    }

    /** One session and its dialogue: obeys its core. */
    private final class Peer {
        private final String id;
        private final Session session;
        private final RtmfpConnection connection;
        private final Map<Integer, Publication> publications = new HashMap<>(2);
        private final Map<Integer, Audience.Seat> seats = new HashMap<>(2);
        private final Map<Integer, StreamName> plays =
                new HashMap<>(2); // that the application allows, or is asked about
        private final ApplicationLink application;
        private String app = "";
        private String failure = "";
        private int unanswered;
        private int unread;
        private boolean blocked;
        private boolean ending;
        private boolean connectAsked;

        private Peer(String id, Session session) {
            this.id = id;
            this.session = session;
            this.application = new ApplicationLink(bus, id);
            this.connection = RtmfpConnection.server(
                    session,
                    new RtmfpConnection.KeepAlive(
                            TimeUnit.SECONDS.toMillis(config.rtmfp().keepAliveServerSeconds()),
                            TimeUnit.SECONDS.toMillis(config.rtmfp().keepAlivePeerSeconds())));
        }

        private void hear(SessionEvent event) {
            if (event instanceof SessionEvent.Closed closed) {
                closed(closed.reason());
            } else if (event instanceof SessionEvent.AddressChanged changed) {
                say("moved from " + host(changed.from()));
            } else if (!ending) {
                obeyAll(() -> connection.receive(event, now()));
            }
        }

        /** One mutation of the core, what follows from it, and then what it has to say. */
        private void obeyAll(Supplier<List<Event>> mutation) {
            try {
                mutation.get().forEach(this::obey);
                connection.flush(now());
                pumpSoon();
            } catch (ProtocolException e) {
                failure = e.getMessage();
                end(e.getMessage());
            }
        }

        /** As {@link #obeyAll}, for a word to the peer. */
        private void speak(Runnable word) {
            if (!ending) {
                obeyAll(() -> {
                    word.run();
                    return List.of();
                });
                unread = connection.writable() ? 0 : unread + 1;
                if (unread > UNREAD_WORDS) {
                    end("does not read what its application says");
                }
            }
        }

        private void expectConnect() {
            if (!connectAsked && peers.containsKey(session)) {
                end("has not said connect");
            }
        }

        private void closed(String reason) {
            peers.remove(session);
            byId.remove(id);
            LOG.debug("{} closed: {}", address(), reason);
            ending = true;
            seats.values().forEach(Audience.Seat::leave);
            List.copyOf(publications.keySet()).forEach(streamId -> unpublish(streamId, false));
            application.disconnected(failure);
        }

        /** Says why in the log, lets the last word reach the peer, and closes. */
        private void end(String reason) {
            if (!ending) {
                ending = true;
                complain("closed: " + reason);
                seats.values().forEach(Audience.Seat::leave);
                seats.clear();
                vertx.setTimer(LAST_WORD_MILLIS, timer -> {
                    session.close(now());
                    closed(reason);
                    pump();
                });
            }
        }

        private String address() {
            return host(session.peer());
        }

        /** A line of the log about what the peer does. */
        private void say(String what) {
            String line = address() + " " + what;
            if (floodgate.admits(line, now())) {
                LOG.info(line);
            }
        }

        /** A line about what the peer did wrong: those who knock again and again fill no disk. */
        private void complain(String what) {
            String line = address() + " " + what;
            if (floodgate.admitsFrom(session.peer().getAddress().getHostAddress(), line, now())) {
                LOG.info(line);
            }
        }

        private static String host(InetSocketAddress address) {
            return address.getAddress().getHostAddress() + ":" + address.getPort();
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
            connectAsked = true;
            AppEvent.Visitor visitor = new AppEvent.Visitor(
                    id,
                    "rtmfp",
                    address(),
                    session.farCertificate().fingerprint(),
                    request.query(),
                    request.properties().members());
            application
                    .connect(app, new AppEvent.Connected(visitor, request.arguments()))
                    .onSuccess(answer -> accept(answer.members()))
                    .onFailure(refusal -> close(Status.error(Status.CONNECT_REJECTED, refusal.getMessage())));
        }

        private void accept(Map<String, AmfValue> extra) {
            if (!ending) {
                obeyAll(() -> connection.dialogue().accept(extra));
            }
        }

        /** Says so, and ends. */
        private void close(Status status) {
            if (!ending) {
                speak(() -> connection.dialogue().reject(status));
                end("closed by the application: " + status.description());
            }
        }

        // -- the application

        private void call(Event.CallReceived call) {
            double transaction = call.transactionId();
            if (!application.present() || unanswered >= UNANSWERED_CALLS) {
                connection
                        .dialogue()
                        .error(
                                transaction,
                                application.present()
                                        ? Status.error(Status.CALL_FAILED, "the application is busy")
                                        : Status.methodNotFound(call.name()));
                return;
            }
            unanswered++;
            application
                    .call(call.name(), call.arguments())
                    .onComplete(answer -> unanswered--)
                    .onSuccess(value -> speak(() -> connection.dialogue().result(transaction, value)))
                    .onFailure(error ->
                            speak(() -> connection.dialogue().error(transaction, failed(call.name(), error))));
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
                speak(() -> call(call, answer));
                return answer.future();
            }
            if (word instanceof ClientWord.Close close) {
                close(Status.error(close.code(), close.description()));
            } else if (word instanceof ClientWord.Tell tell) {
                speak(() ->
                        connection.dialogue().tell(tell.name(), tell.arguments().toArray(AmfValue[]::new)));
            } else if (word instanceof ClientWord.Say status) {
                Status.Level level = status.error() ? Status.Level.ERROR : Status.Level.STATUS;
                speak(() -> connection.dialogue().status(0, new Status(level, status.code(), status.description())));
            }
            return Future.succeededFuture(AmfValue.NULL);
        }

        private void call(ClientWord.Call call, Promise<AmfValue> answer) {
            double transaction =
                    connection.dialogue().call(call.name(), call.arguments().toArray(AmfValue[]::new));
            application.begin(transaction, answer);
            long timer = vertx.setTimer(ANSWER_MILLIS, late -> application.expire(transaction));
            answer.future().onComplete(done -> vertx.cancelTimer(timer));
        }

        /** What a kicked publisher published is over: nobody waits for its return. */
        private void kick() {
            List.copyOf(publications.keySet()).forEach(streamId -> unpublish(streamId, true));
            end("closed by an administrator");
        }

        // -- publishing

        private void publish(Event.PublishRequested request) {
            int streamId = request.streamId();
            Publication publication = new Publication(
                    bus,
                    application,
                    new Publication.Asked(
                            streamOf(request.name()),
                            "rtmfp",
                            address(),
                            session.peer().getAddress().getHostAddress(),
                            isLocal(session.peer().getAddress()),
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
                say("publishes " + publication.stream());
                obeyAll(() -> connection.dialogue().acceptPublish(streamId));
            } else {
                publication.end(false);
            }
        }

        private void rejectPublish(int streamId, Publication publication, Throwable refusal) {
            if (publications.remove(streamId, publication)) {
                boolean badName = refusal instanceof Publication.Refused refused && refused.badName();
                String code = badName ? Status.PUBLISH_BAD_NAME : Status.PUBLISH_DENIED;
                Status status = Status.error(code, refusal.getMessage());
                speak(() -> connection.dialogue().rejectPublish(streamId, status));
                end("publishing " + publication.stream() + " refused: " + status.description());
            }
        }

        private void forward(Event.PacketReceived received) {
            Publication publication = publications.get(received.streamId());
            if (publication != null && publication.granted()) {
                publication.send(received.packet(), () -> {});
            }
        }

        private void unpublish(int streamId, boolean clean) {
            Publication publication = publications.remove(streamId);
            if (publication != null && publication.granted()) {
                say((clean ? "unpublishes " : "is lost for ") + publication.stream());
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
            say("plays " + stream);
            seats.put(streamId, audiences.join(stream, new PlayingStream(this, streamId)));
            return connection.dialogue().acceptPlay(streamId);
        }

        private void allowPlay(int streamId, StreamName stream) {
            if (plays.get(streamId) == stream && !ending) {
                obeyAll(() -> join(streamId, stream));
            } else {
                application.unsubscribed(stream); // the peer gave up, or left, while it was decided
            }
        }

        private void rejectPlay(int streamId, StreamName stream, String reason) {
            if (plays.remove(streamId, stream)) {
                speak(() -> connection.dialogue().rejectPlay(streamId, Status.error(Status.PLAY_FAILED, reason)));
            }
        }

        private StreamName streamOf(String requested) {
            return StreamName.parse(app.isEmpty() ? requested : app + "/" + requested);
        }

        private void leave(int streamId) {
            StreamName stream = plays.remove(streamId);
            Audience.Seat seat = seats.remove(streamId);
            if (seat != null) {
                seat.leave();
                connection.finishMedia(streamId);
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

        private boolean writable() {
            blocked = !connection.writable();
            return !blocked;
        }

        private void drain() {
            if (blocked && writable()) {
                List.copyOf(seats.values()).forEach(Audience.Seat::drain);
            }
        }

        private void send(int streamId, Run run) {
            List<Buffer> messages = encoded(run);
            obeyAll(() -> {
                for (int i = 0; i < messages.size(); i++) {
                    MediaPacket packet = run.packets().get(i);
                    connection.send(streamId, packet, messages.get(i), now());
                }
                return List.of();
            });
        }
    }

    /** Whether an address is one of this machine's: its owner has proved with the cookie to be there. */
    private static boolean isLocal(InetAddress address) {
        try {
            return address.isLoopbackAddress() || NetworkInterface.getByInetAddress(address) != null;
        } catch (SocketException e) {
            return false;
        }
    }

    /** A NetStream of a peer that plays. */
    private static final class PlayingStream implements Viewer {
        private final Peer peer;
        private final int streamId;

        private PlayingStream(Peer peer, int streamId) {
            this.peer = peer;
            this.streamId = streamId;
        }

        @Override
        public String protocol() {
            return "rtmfp";
        }

        @Override
        public String address() {
            return peer.address();
        }

        @Override
        public String client() {
            return peer.id;
        }

        @Override
        public boolean writable() {
            return peer.writable();
        }

        @Override
        public void joined(boolean live) {
            // A player waits for a stream that is not there yet.
        }

        @Override
        public void deliver(Run run) {
            peer.send(streamId, run);
        }

        @Override
        public void published() {
            peer.obeyAll(() -> {
                peer.connection.dialogue().published(streamId);
                return List.of();
            });
        }

        @Override
        public void unpublished() {
            peer.obeyAll(() -> {
                peer.connection.dialogue().unpublished(streamId);
                return List.of();
            });
        }

        @Override
        public void cut(String reason) {
            peer.end(reason);
        }
    }
}
