package io.fluctus.script;

import io.fluctus.bus.AppEvent;
import io.fluctus.bus.Refusal;
import io.fluctus.config.Config;
import io.fluctus.script.MediaDoor.Opened;
import io.fluctus.wire.AmfValue;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.datagram.DatagramSocket;
import io.vertx.core.datagram.DatagramSocketOptions;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetClientOptions;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetSocket;
import io.vertx.core.net.SocketAddress;
import io.vertx.ext.mail.LoginOption;
import io.vertx.ext.mail.MailClient;
import io.vertx.ext.mail.MailConfig;
import io.vertx.ext.mail.MailMessage;
import io.vertx.ext.mail.StartTLSOptions;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Sockets and mail of applications, on the verticle's event loop. Where they may go stands in the configuration. */
final class NetworkLink {
    /** Bytes of a connection that its application has not taken at which it is no longer read; datagrams are lost then. */
    static final int MAX_WAITING = 1024 * 1024;

    /** Bytes that wait for the other side to take them: then the socket is closed. */
    static final int MAX_UNSENT = 4 * 1024 * 1024;

    /** Mails on their way at a time. */
    static final int MAX_MAILS = 100;

    private static final int CONNECT_MILLIS = 10_000;

    private final Vertx vertx;
    private final Context context;
    private final Config config;
    private final AllowList outgoing;
    private final AllowList ports;
    private final NetClient client;
    private final MailClient mails;
    private final AtomicInteger underway = new AtomicInteger();

    NetworkLink(Vertx vertx, Context context, Config config) {
        this.vertx = vertx;
        this.context = context;
        this.config = config;
        this.outgoing = AllowList.of(config.applications().outgoing());
        this.ports =
                AllowList.of(config.applications().ports().replace(",", ",*:").replaceFirst("^(?=.)", "*:"));
        this.client = vertx.createNetClient(new NetClientOptions().setConnectTimeout(CONNECT_MILLIS));
        this.mails = MailClient.create(
                vertx,
                new MailConfig(config.smtp().host(), config.smtp().port())
                        .setLogin(LoginOption.NONE)
                        .setStarttls(StartTLSOptions.OPTIONAL)
                        .setTrustAll(true) // as the standard has it for STARTTLS without a policy: better than none
                        .setKeepAlive(false));
    }

    Future<Void> close() {
        return Future.join(client.close(), mails.close()).mapEmpty();
    }

    NetworkDoor door(Executor tree) {
        return new Door(tree);
    }

    private static String text(SocketAddress address) {
        return address == null ? "" : address.hostAddress() + ":" + address.port();
    }

    private final class Door implements NetworkDoor {
        private final Executor tree;

        private Door(Executor tree) {
            this.tree = tree;
        }

        @Override
        public Socket connect(String host, int port, Events events) {
            Stream stream = new Stream(tree, events);
            if (!outgoing.allows(host, port)) {
                stream.end("applications.outgoing does not allow " + host + ":" + port);
                return stream;
            }
            context.runOnContext(go -> client.connect(port, host)
                    .onSuccess(stream::take)
                    .onFailure(error -> stream.end(String.valueOf(error.getMessage()))));
            return stream;
        }

        @Override
        public Opened listen(int port, Events events, Acceptor acceptor) {
            if (!ports.allows("", port)) {
                tree.execute(() -> events.closed("applications.ports does not allow " + port));
                return () -> {};
            }
            NetServer server = vertx.createNetServer();
            context.runOnContext(go -> server.connectHandler(socket -> accept(socket, acceptor))
                    .listen(port)
                    .onSuccess(open -> tree.execute(() -> events.opened("0.0.0.0:" + open.actualPort(), "")))
                    .onFailure(error -> tree.execute(() -> events.closed(String.valueOf(error.getMessage())))));
            return () -> context.runOnContext(
                    go -> server.close().onComplete(closed -> tree.execute(() -> events.closed(""))));
        }

        private void accept(NetSocket socket, Acceptor acceptor) {
            socket.pause();
            tree.execute(() -> {
                Later later = new Later();
                Stream stream = new Stream(tree, later);
                later.events = Optional.of(acceptor.accepted(stream));
                context.runOnContext(go -> stream.take(socket));
            });
        }

        @Override
        public Socket datagrams(int port, boolean broadcast, Events events) {
            Datagrams datagrams = new Datagrams(tree, events, broadcast);
            context.runOnContext(go -> datagrams.open(port));
            return datagrams;
        }

        @Override
        public Future<AmfValue> mail(Letter letter) {
            if (underway.incrementAndGet() > MAX_MAILS) {
                underway.decrementAndGet();
                return Future.failedFuture(new Refusal(AppEvent.REFUSED, "too many mails are on their way"));
            }
            Promise<AmfValue> sent = Promise.promise();
            MailMessage message = new MailMessage()
                    .setFrom(letter.from())
                    .setTo(letter.to())
                    .setSubject(letter.subject())
                    .setText(letter.text());
            context.runOnContext(go -> mails.sendMail(message)
                    .timeout(config.smtp().timeoutSeconds(), TimeUnit.SECONDS)
                    .<AmfValue>map(AmfValue.NULL)
                    .onComplete(done -> underway.decrementAndGet())
                    .onComplete(sent));
            return sent.future();
        }
    }

    /** Tells on to one who is known later. */
    private static final class Later implements NetworkDoor.Events {
        private Optional<NetworkDoor.Events> events = Optional.empty();

        @Override
        public void opened(String address, String peerAddress) {
            events.ifPresent(e -> e.opened(address, peerAddress));
        }

        @Override
        public void received(Buffer bytes, String from) {
            events.ifPresent(e -> e.received(bytes, from));
        }

        @Override
        public void closed(String error) {
            events.ifPresent(e -> e.closed(error));
        }
    }

    /** A TCP connection. */
    private final class Stream implements NetworkDoor.Socket {
        private final Executor tree;
        private final NetworkDoor.Events events;
        private final AtomicInteger waiting = new AtomicInteger();
        private Optional<NetSocket> socket = Optional.empty();
        private String error = "";
        private boolean over;

        private Stream(Executor tree, NetworkDoor.Events events) {
            this.tree = tree;
            this.events = events;
        }

        private void take(NetSocket open) {
            if (over) {
                open.close();
                return;
            }
            socket = Optional.of(open);
            open.setWriteQueueMaxSize(MAX_UNSENT);
            open.handler(this::received);
            open.exceptionHandler(broken -> error = String.valueOf(broken.getMessage()));
            open.closeHandler(closed -> end(error));
            String here = text(open.localAddress());
            String there = text(open.remoteAddress());
            tree.execute(() -> events.opened(here, there));
            open.resume();
        }

        private void received(Buffer bytes) {
            if (waiting.addAndGet(bytes.length()) > MAX_WAITING) {
                socket.ifPresent(NetSocket::pause);
            }
            tree.execute(() -> {
                events.received(bytes, "");
                int before = waiting.getAndAdd(-bytes.length());
                if (before > MAX_WAITING && before - bytes.length() <= MAX_WAITING) {
                    context.runOnContext(go -> socket.filter(s -> !over).ifPresent(NetSocket::resume));
                }
            });
        }

        @Override
        public void send(Buffer bytes, String to) {
            context.runOnContext(go -> socket.filter(s -> !over).ifPresent(s -> {
                s.write(bytes);
                if (s.writeQueueFull()) {
                    error = "the other side does not read";
                    s.close();
                }
            }));
        }

        @Override
        public void close() {
            context.runOnContext(go -> socket.ifPresentOrElse(NetSocket::close, () -> end("")));
        }

        private void end(String why) {
            if (!over) {
                over = true;
                tree.execute(() -> events.closed(why));
            }
        }
    }

    /** A UDP socket. */
    private final class Datagrams implements NetworkDoor.Socket {
        private final Executor tree;
        private final NetworkDoor.Events events;
        private final DatagramSocket socket;
        private final AtomicInteger waiting = new AtomicInteger();

        private Datagrams(Executor tree, NetworkDoor.Events events, boolean broadcast) {
            this.tree = tree;
            this.events = events;
            this.socket = vertx.createDatagramSocket(new DatagramSocketOptions().setBroadcast(broadcast));
        }

        private void open(int port) {
            if (port != 0 && !ports.allows("", port)) {
                tree.execute(() -> events.closed("applications.ports does not allow " + port));
                return;
            }
            socket.handler(packet -> received(packet.data(), text(packet.sender())));
            socket.listen(port, "0.0.0.0")
                    .onSuccess(open -> {
                        String here = text(open.localAddress());
                        tree.execute(() -> events.opened(here, ""));
                    })
                    .onFailure(error -> tree.execute(() -> events.closed(String.valueOf(error.getMessage()))));
        }

        private void received(Buffer bytes, String from) {
            if (waiting.addAndGet(bytes.length()) > MAX_WAITING) {
                waiting.addAndGet(-bytes.length());
                return;
            }
            tree.execute(() -> {
                waiting.addAndGet(-bytes.length());
                events.received(bytes, from);
            });
        }

        @Override
        public void send(Buffer bytes, String to) {
            int colon = to.lastIndexOf(':');
            int port = port(to.substring(colon + 1));
            String host = colon < 0 ? "" : to.substring(0, colon);
            if (host.isEmpty() || port == 0) {
                refuse(to + " is no address");
            } else if (!outgoing.allows(host, port)) {
                refuse("applications.outgoing does not allow " + to);
            } else {
                context.runOnContext(go -> socket.send(bytes, port, host));
            }
        }

        private void refuse(String why) {
            context.runOnContext(go -> socket.close().onComplete(closed -> tree.execute(() -> events.closed(why))));
        }

        private static int port(String text) {
            return text.matches("\\d{1,5}") && Integer.parseInt(text) <= 65_535 ? Integer.parseInt(text) : 0;
        }

        @Override
        public void close() {
            context.runOnContext(go -> socket.close().onComplete(closed -> tree.execute(() -> events.closed(""))));
        }
    }
}
