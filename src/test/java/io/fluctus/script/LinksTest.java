package io.fluctus.script;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fluctus.bus.Address;
import io.fluctus.bus.Bus;
import io.fluctus.config.Config;
import io.fluctus.media.MediaPacket;
import io.fluctus.media.StreamName;
import io.fluctus.wire.AmfValue;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.NetSocket;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What applications reach outside their tree, over a real bus and real sockets. */
class LinksTest {
    private static final StreamName OWN = StreamName.parse("games/own");

    private final Vertx vertx = Vertx.vertx();
    private final Bus bus = new Bus(vertx, "n", 1);
    private final BlockingQueue<String> heard = new LinkedBlockingQueue<>();

    @AfterEach
    void close() throws Exception {
        await(vertx.close());
    }

    private static <T> T await(Future<T> future) throws Exception {
        return future.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
    }

    private String next() throws InterruptedException {
        String word = heard.poll(20, TimeUnit.SECONDS);
        assertThat(word).as("something is heard").isNotNull();
        return word;
    }

    // -- the bus

    private BusDoor door() {
        return new BusLink(bus, vertx.getOrCreateContext()).door(Runnable::run);
    }

    @Test
    void aPlainVerticleAnswersAnApplicationInJson() throws Exception {
        await(vertx.eventBus()
                .<JsonObject>consumer(
                        "app.prices",
                        question -> question.reply(new JsonObject()
                                .put("price", 7)
                                .put("of", question.body().getString("of"))))
                .completion());
        AmfValue question = AmfValue.Obj.of(Map.of("of", AmfValue.of("tea")));
        assertThat(Theatre.show(await(door().request("app.prices", question)))).isEqualTo("{of=tea, price=7}");
        assertThatThrownBy(() -> await(door().request("app.nobody", question))).hasMessageContaining("No handlers");
    }

    @Test
    void anApplicationAnswersAPlainVerticleInJson() throws Exception {
        BusDoor door = door();
        door.consume(
                "app.double",
                value -> Future.succeededFuture(AmfValue.of(value.number().orElse(0.0) * 2)));
        AmfValue date = new AmfValue.Date(1.0);
        door.consume(
                "app.date", value -> Future.succeededFuture(value instanceof AmfValue.Date ? value : AmfValue.NULL));
        assertThat(await(door.request("app.date", date))).as("by reference").isEqualTo(date);
        assertThat(await(vertx.eventBus().<Object>request("app.double", 21)).body())
                .isEqualTo(42L);
        assertThat(await(vertx.eventBus().<Object>request("app.double", "no number"))
                        .body())
                .isEqualTo(0L);
    }

    @Test
    void whatIsClosedHearsNothing() throws Exception {
        BusDoor door = door();
        door.consume("app.x", value -> Future.succeededFuture(value)).close();
        assertThatThrownBy(() -> await(door.request("app.x", AmfValue.of(1)))).hasMessageContaining("No handlers");
    }

    // -- media

    @Test
    void anApplicationsStreamIsClaimedFencedAndReleased() throws Exception {
        AtomicBoolean claimed = new AtomicBoolean();
        bus.serve(Address.REGISTRY, word -> {
            heard.add(word.getString("op") + " " + word.getString("stream"));
            claimed.set(true);
            return Future.succeededFuture(new JsonObject().put("fence", 7L));
        });
        BlockingQueue<MediaPacket> ingested = new LinkedBlockingQueue<>();
        bus.onIngest(OWN, ingested::add);
        MediaLink link = new MediaLink(bus, vertx.getOrCreateContext(), "script.0");
        MediaDoor.Outlet outlet = link.door(Runnable::run).publish(OWN, why -> heard.add("over " + why));
        assertThat(next()).isEqualTo("publish games/own");
        MediaPacket got = null;
        while (got == null) {
            outlet.send(MediaPacket.of(MediaPacket.Kind.AUDIO, 5, Buffer.buffer("x")));
            got = ingested.poll(10, TimeUnit.MILLISECONDS);
        }
        assertThat(got.fence()).isEqualTo(7);
        outlet.close();
        assertThat(List.of(next(), next())).containsExactlyInAnyOrder("unpublish games/own", "over ");
    }

    @Test
    void whatViewersGetIsHeardUntilItIsClosed() throws Exception {
        MediaLink link = new MediaLink(bus, vertx.getOrCreateContext(), "script.0");
        MediaDoor.Opened opened =
                link.door(Runnable::run).hear(OWN, packet -> heard.add(packet.kind() + " " + packet.payload()));
        while (heard.isEmpty()) {
            bus.outlet(OWN, MediaPacket.of(MediaPacket.Kind.VIDEO, 5, Buffer.buffer("x")));
            TimeUnit.MILLISECONDS.sleep(5);
        }
        assertThat(next()).isEqualTo("VIDEO x");
        opened.close();
    }

    // -- sockets

    private int silent;

    private NetworkDoor network(String outgoing, String ports, int smtp) {
        Config config = Config.from(new JsonObject()
                .put("applications", new JsonObject().put("outgoing", outgoing).put("ports", ports))
                .put(
                        "smtp",
                        new JsonObject()
                                .put("host", "127.0.0.1")
                                .put("port", smtp)
                                .put("timeoutSeconds", smtp == silent ? 1 : 15)));
        return new NetworkLink(vertx, vertx.getOrCreateContext(), config).door(Runnable::run);
    }

    private NetworkDoor.Events events(String name) {
        return new NetworkDoor.Events() {
            @Override
            public void opened(String address, String peerAddress) {
                heard.add(name + " opened " + address);
            }

            @Override
            public void received(Buffer bytes, String from) {
                heard.add(name + " received " + bytes);
            }

            @Override
            public void closed(String error) {
                heard.add(name + " closed " + error);
            }
        };
    }

    private static int port(String opened) {
        return Integer.parseInt(opened.substring(opened.lastIndexOf(':') + 1));
    }

    @Test
    void aClientAndAServerOfApplicationsSpeak() throws Exception {
        NetworkDoor door = network("127.0.0.1:*", "0", 1);
        BlockingQueue<NetworkDoor.Socket> accepted = new LinkedBlockingQueue<>();
        MediaDoor.Opened server = door.listen(0, events("server"), socket -> {
            accepted.add(socket);
            return events("peer");
        });
        int port = port(next());
        NetworkDoor.Socket client = door.connect("127.0.0.1", port, events("client"));
        assertThat(List.of(next(), next()))
                .anyMatch(w -> w.startsWith("client opened"))
                .anyMatch(w -> w.startsWith("peer opened"));
        client.send(Buffer.buffer("hi"), "");
        assertThat(next()).isEqualTo("peer received hi");
        accepted.take().send(Buffer.buffer("ho"), "");
        assertThat(next()).isEqualTo("client received ho");
        client.close();
        assertThat(List.of(next(), next())).containsExactlyInAnyOrder("client closed ", "peer closed ");
        server.close();
        assertThat(next()).isEqualTo("server closed ");
    }

    @Test
    void datagramsGoAndComeWhereTheListAllows() throws Exception {
        NetworkDoor door = network("127.0.0.1:*", "", 1);
        door.datagrams(0, false, events("one"));
        int port = port(next());
        NetworkDoor.Socket two = door.datagrams(0, false, events("two"));
        next();
        two.send(Buffer.buffer("hi"), "127.0.0.1:" + port);
        assertThat(next()).isEqualTo("one received hi");
        two.send(Buffer.buffer("hi"), "10.0.0.1:" + port);
        assertThat(next()).isEqualTo("two closed applications.outgoing does not allow 10.0.0.1:" + port);
    }

    @Test
    void whatTheConfigurationDoesNotAllowIsRefused() throws Exception {
        NetworkDoor door = network("", "", 1);
        door.connect("127.0.0.1", 80, events("tcp"));
        assertThat(next()).isEqualTo("tcp closed applications.outgoing does not allow 127.0.0.1:80");
        door.listen(7000, events("server"), socket -> events("peer"));
        assertThat(next()).isEqualTo("server closed applications.ports does not allow 7000");
        door.datagrams(7000, false, events("udp"));
        assertThat(next()).isEqualTo("udp closed applications.ports does not allow 7000");
    }

    // -- mail

    private int mailServer(List<String> lines) throws Exception {
        return await(vertx.createNetServer()
                        .connectHandler(socket -> serveMail(socket, lines))
                        .listen(0, "127.0.0.1"))
                .actualPort();
    }

    private static void serveMail(NetSocket socket, List<String> lines) {
        AtomicBoolean data = new AtomicBoolean();
        socket.write("220 test ESMTP\r\n");
        socket.handler(io.vertx.core.parsetools.RecordParser.newDelimited("\r\n", line -> {
            String text = line.toString();
            lines.add(text);
            if (data.get() && !text.equals(".")) {
                return;
            }
            data.set(text.equals("DATA"));
            socket.write(
                    text.equals("DATA") ? "354 go on\r\n" : text.startsWith("QUIT") ? "221 bye\r\n" : "250 ok\r\n");
        }));
    }

    @Test
    void aMailReachesItsServer() throws Exception {
        List<String> lines = new CopyOnWriteArrayList<>();
        NetworkDoor door = network("", "", mailServer(lines));
        await(door.mail(new NetworkDoor.Letter("me@a.org", "Subject", "text", List.of("you@b.org", "they@c.org"))));
        assertThat(lines)
                .contains(
                        "MAIL FROM:<me@a.org>",
                        "RCPT TO:<you@b.org>",
                        "RCPT TO:<they@c.org>",
                        "Subject: Subject",
                        "text");
    }

    @Test
    void aMailServerThatKeepsSilentFails() throws Exception {
        silent = await(vertx.createNetServer().connectHandler(socket -> {}).listen(0, "127.0.0.1"))
                .actualPort();
        NetworkDoor door = network("", "", silent);
        assertThatThrownBy(() -> await(door.mail(new NetworkDoor.Letter("me@a.org", "s", "t", List.of("you@b.org")))))
                .hasMessageContaining("Timeout");
    }
}
