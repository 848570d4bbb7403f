package io.fluctus.script;

import io.fluctus.script.MediaDoor.Opened;
import io.fluctus.script.NetworkDoor.Events;
import io.fluctus.script.NetworkDoor.Socket;
import io.fluctus.script.Thing.Arguments;
import io.fluctus.script.Thing.Given;
import io.fluctus.script.Thing.Kind;
import io.fluctus.wire.ProtocolException;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** TCP clients and servers, UDP sockets and mails, as scripts see them: functions that a script puts on them hear what happens. */
final class Sockets {
    /** Bytes that {@code onReception} leaves for its next call. */
    static final int MAX_KEPT = 1024 * 1024;

    /** Of one mail. */
    static final int MAX_RECIPIENTS = 100;

    private static final int MAX_PORT = 65_535;

    private final AppApi api;
    private final Estate estate;
    private final Language language;

    Sockets(AppApi api, Estate estate, Language language) {
        this.api = api;
        this.estate = estate;
        this.language = language;
    }

    Given tcpClient() {
        return Given.of(new Tcp(this).holder.thing);
    }

    Given tcpServer() {
        return Given.of(new Server(this).holder.thing);
    }

    Given udpSocket(Arguments given) {
        return Given.of(new Udp(this, given.value(0).bool().orElse(false)).holder.thing);
    }

    /** Sender, subject, text, recipients. */
    Given mail(Arguments given) {
        List<String> to = new ArrayList<>();
        for (int i = 3; i < given.count(); i++) {
            to.add(line(given.text(i)));
        }
        if (to.isEmpty() || to.size() > MAX_RECIPIENTS) {
            throw new ProtocolException("a mail has 1 to " + MAX_RECIPIENTS + " recipients");
        }
        Thing mail = Thing.of(MAIL, this);
        String path = estate.current();
        language.keep(mail);
        api.network()
                .mail(new NetworkDoor.Letter(line(given.text(0)), line(given.text(1)), given.text(2), to))
                .onComplete(done -> api.later(() -> {
                    estate.enter(path);
                    String error =
                            done.succeeded() ? "" : String.valueOf(done.cause().getMessage());
                    language.member(mail, "onSent", List.of(nothing(error)), sent -> {});
                    language.drop(mail);
                }));
        return Given.of(mail);
    }

    private static final Kind<Sockets> MAIL = new Kind<>("mail");

    /** No header of a mail has more than one line: or the rest of it would be headers of a script's client. */
    private static String line(String text) {
        if (text.chars().anyMatch(c -> c < ' ' || c == 0x7F)) {
            throw new ProtocolException("a line break in a mail's header");
        }
        return text;
    }

    private static Given nothing(String text) {
        return text.isEmpty() ? Given.NOTHING : Given.of(text);
    }

    private static int port(double number) {
        if (!(number >= 0 && number <= MAX_PORT)) {
            throw new ProtocolException("a port is a number from 0 to " + MAX_PORT);
        }
        return (int) number;
    }

    /** What every socket has: it is kept, and belongs to its application, while it is open. */
    private static final class Holder implements Opened {
        private final Sockets sockets;
        private final Thing thing;
        private final String path;
        private Optional<Opened> open = Optional.empty();
        private String address = "";
        private String peerAddress = "";
        private String error = "";
        private boolean connected;

        private Holder(Sockets sockets, Thing thing) {
            this.sockets = sockets;
            this.path = sockets.estate.current();
            this.thing = thing;
        }

        private void hold() {
            if (open.isPresent()) {
                throw new ProtocolException("it is open already");
            }
            sockets.estate.add(this);
            sockets.language.keep(thing);
            error = "";
        }

        private void tell(String function, List<Given> arguments, Result.Outcome outcome) {
            sockets.estate.enter(path);
            sockets.language.member(thing, function, arguments, outcome);
        }

        private void opened(String here, String there) {
            connected = true;
            address = here;
            peerAddress = there;
        }

        private void closed(String why) {
            boolean was = open.isPresent();
            error = why;
            connected = false;
            open = Optional.empty();
            sockets.estate.remove(this);
            if (was) {
                tell("onDisconnection", List.of(), ended -> {});
                sockets.language.drop(thing);
            }
        }

        @Override
        public void close() {
            open.ifPresent(Opened::close);
        }

        private Given end() {
            close();
            return Given.NOTHING;
        }
    }

    /** A TCP connection, our own or one that a server accepted. */
    private static final class Tcp implements Events {
        private static final Kind<Tcp> KIND = new Kind<Tcp>("tcpClient")
                .property("address", tcp -> nothing(tcp.holder.address))
                .property("peerAddress", tcp -> nothing(tcp.holder.peerAddress))
                .property("error", tcp -> nothing(tcp.holder.error))
                .property("connected", tcp -> Given.of(tcp.holder.connected))
                .method("connect", Tcp::connect)
                .method("send", Tcp::send)
                .method("disconnect", (tcp, given) -> tcp.holder.end());

        private final Holder holder;
        private Optional<Socket> socket = Optional.empty();
        private Buffer kept = Buffer.buffer();

        private Tcp(Sockets sockets) {
            this.holder = new Holder(sockets, Thing.of(KIND, this));
        }

        private Given connect(Arguments given) {
            String host = given.text(0);
            int port = port(given.number(1, -1));
            holder.hold();
            use(holder.sockets.api.network().connect(host, port, this));
            return Given.NOTHING;
        }

        private void use(Socket used) {
            socket = Optional.of(used);
            holder.open = Optional.of(used);
        }

        private Given send(Arguments given) {
            Buffer bytes = Buffer.buffer(given.bytes(0));
            socket.ifPresent(s -> s.send(bytes, ""));
            return Given.NOTHING;
        }

        @Override
        public void opened(String here, String there) {
            holder.opened(here, there);
        }

        @Override
        public void closed(String why) {
            holder.closed(why);
        }

        @Override
        public void received(Buffer bytes, String from) {
            Buffer all = kept.length() == 0 ? bytes : kept.copy().appendBuffer(bytes);
            kept = Buffer.buffer();
            holder.tell("onReception", List.of(new Given.Binary(all.getBytes())), result -> keep(all, result));
        }

        /** What the function gives back is how many bytes it leaves for the next time. */
        private void keep(Buffer all, Result result) {
            int left = (int)
                    Math.min(all.length(), Math.max(0, result.first().number().orElse(0.0)));
            kept = all.getBuffer(all.length() - left, all.length()).appendBuffer(kept);
            if (kept.length() > MAX_KEPT) {
                kept = Buffer.buffer();
                holder.close();
            }
        }
    }

    /** A TCP server: {@code server:clientHandler(client)} is given each connection. */
    private static final class Server implements Events, NetworkDoor.Acceptor {
        private static final Kind<Server> KIND = new Kind<Server>("tcpServer")
                .property("port", server -> Given.of(server.port))
                .property("running", server -> Given.of(server.holder.connected))
                .property("error", server -> nothing(server.holder.error))
                .method("start", Server::start)
                .method("stop", (server, given) -> server.holder.end());

        private final Holder holder;
        private int port;

        private Server(Sockets sockets) {
            this.holder = new Holder(sockets, Thing.of(KIND, this));
        }

        private Given start(Arguments given) {
            port = port(given.number(0, -1));
            holder.hold();
            holder.open = Optional.of(holder.sockets.api.network().listen(port, this, this));
            return Given.of(true);
        }

        @Override
        public Events accepted(Socket socket) {
            Tcp client = new Tcp(holder.sockets);
            try {
                client.holder.hold();
            } catch (ProtocolException full) {
                socket.close();
                return client;
            }
            client.use(socket);
            client.holder.connected = true;
            holder.tell("clientHandler", List.of(Given.of(client.holder.thing)), handled -> {});
            return client;
        }

        @Override
        public void opened(String here, String there) {
            holder.opened(here, there);
        }

        @Override
        public void closed(String why) {
            holder.closed(why);
        }

        @Override
        public void received(Buffer bytes, String from) {
            // A server receives nothing itself.
        }
    }

    /** A UDP socket. */
    private static final class Udp implements Events {
        private static final Kind<Udp> KIND = new Kind<Udp>("udpSocket")
                .property("address", udp -> nothing(udp.holder.address))
                .property("peerAddress", udp -> nothing(udp.holder.peerAddress))
                .property("error", udp -> nothing(udp.holder.error))
                .method("bind", (udp, given) -> udp.bind(port(given.number(0, lastNumber(given.text(0))))))
                .method("connect", Udp::connect)
                .method("send", Udp::send)
                .method("close", (udp, given) -> udp.holder.end());

        private final Holder holder;
        private final boolean broadcast;
        private Optional<Socket> socket = Optional.empty();
        private String peer = "";

        private Udp(Sockets sockets, boolean broadcast) {
            this.holder = new Holder(sockets, Thing.of(KIND, this));
            this.broadcast = broadcast;
        }

        private static double lastNumber(String address) {
            String digits = address.substring(address.lastIndexOf(':') + 1);
            return digits.matches("\\d{1,5}") ? Integer.parseInt(digits) : -1;
        }

        private Given bind(int port) {
            holder.hold();
            socket = Optional.of(holder.sockets.api.network().datagrams(port, broadcast, this));
            holder.open = Optional.of(socket.get());
            return Given.NOTHING;
        }

        private Given connect(Arguments given) {
            peer = given.text(0);
            return Given.NOTHING;
        }

        private Given send(Arguments given) {
            Buffer bytes = Buffer.buffer(given.bytes(0));
            String to = given.text(1).isEmpty() ? peer : given.text(1);
            if (socket.isEmpty() || holder.open.isEmpty()) {
                bind(0);
            }
            socket.orElseThrow().send(bytes, to);
            return Given.NOTHING;
        }

        @Override
        public void opened(String here, String there) {
            holder.opened(here, peer);
        }

        @Override
        public void closed(String why) {
            holder.closed(why);
        }

        @Override
        public void received(Buffer bytes, String from) {
            holder.tell("onReception", List.of(new Given.Binary(bytes.getBytes()), Given.of(from)), taken -> {});
        }
    }
}
