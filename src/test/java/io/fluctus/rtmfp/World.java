package io.fluctus.rtmfp;

import io.vertx.core.buffer.Buffer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;

/** Endpoints in memory under a virtual clock, with a network between them that loses, doubles, delays and rebinds. */
final class World {
    /** What the network does to a datagram. */
    record Weather(double loss, double duplicate, double reorder, int latency) {
        static final Weather FINE = new Weather(0, 0, 0, 5);
    }

    private record Flight(long at, long order, Datagram datagram, InetSocketAddress to) {}

    /** One endpoint, the address it has now, and everything that was told to it. */
    final class Host {
        final RtmfpEndpoint endpoint;
        final List<RtmfpEndpoint.Event> events = new ArrayList<>();
        final Map<Long, List<Buffer>> messages = new LinkedHashMap<>();
        InetSocketAddress address;
        boolean dead;
        long bytesIn;
        long bytesOut;

        private Host(Identity identity, int port) {
            endpoint = new RtmfpEndpoint(identity, Buffer.buffer("secret" + port), 0, random);
            address = at(port);
        }

        void rebind(int port) {
            hosts.remove(address);
            address = at(port);
            hosts.put(address, this);
        }

        Session session() {
            for (int i = events.size() - 1; i >= 0; i--) {
                if (events.get(i) instanceof RtmfpEndpoint.Event.SessionOpened opened) {
                    return opened.session();
                }
            }
            throw new AssertionError("no session");
        }

        long openedCount() {
            return events.stream()
                    .filter(e -> e instanceof RtmfpEndpoint.Event.SessionOpened)
                    .count();
        }

        boolean isOpen() {
            return openedCount() > 0;
        }

        Optional<String> closed() {
            return inside(SessionEvent.Closed.class).stream()
                    .map(SessionEvent.Closed::reason)
                    .findFirst();
        }

        <T extends SessionEvent> List<T> inside(Class<T> type) {
            return events.stream()
                    .filter(e -> e instanceof RtmfpEndpoint.Event.InSession)
                    .map(e -> ((RtmfpEndpoint.Event.InSession) e).event())
                    .filter(type::isInstance)
                    .map(type::cast)
                    .toList();
        }

        List<Buffer> received() {
            return messages.values().stream().flatMap(List::stream).toList();
        }

        private void tell(List<RtmfpEndpoint.Event> told) {
            for (RtmfpEndpoint.Event event : told) {
                if (event instanceof RtmfpEndpoint.Event.AgreementNeeded needed) {
                    agreements++;
                    tell(endpoint.deliver(needed.agreement().compute(random), now));
                    continue;
                }
                if (event instanceof RtmfpEndpoint.Event.InSession in
                        && in.event() instanceof SessionEvent.MessageReceived got) {
                    messages.computeIfAbsent(got.flow().id(), k -> new ArrayList<>())
                            .add(got.message());
                    onMessage.accept(this, got);
                    continue;
                }
                events.add(event);
            }
        }
    }

    interface OnMessage {
        void accept(Host host, SessionEvent.MessageReceived message);
    }

    private static final int DATAGRAMS_AT_ONCE = 100_000;
    private static final int ROUNDS_AT_ONCE = 10_000;

    final Random random;
    final Map<InetSocketAddress, Host> hosts = new LinkedHashMap<>();
    private final PriorityQueue<Flight> flights =
            new PriorityQueue<>(Comparator.comparingLong(Flight::at).thenComparingLong(Flight::order));
    private long order;
    long now = 1_000_000;
    int agreements;
    int datagrams;
    Weather weather = Weather.FINE;
    OnMessage onMessage = (host, message) -> {};

    /** Sees every datagram that leaves, before the weather. */
    BiConsumer<Host, Datagram> onSend = (host, datagram) -> {};

    World(long seed) {
        random = new Random(seed);
    }

    static InetSocketAddress at(int port) {
        try {
            return new InetSocketAddress(InetAddress.getByAddress(new byte[] {10, 0, 0, 1}), port);
        } catch (UnknownHostException e) {
            throw new AssertionError(e);
        }
    }

    /** Every datagram that a session has for now. */
    static List<Datagram> poll(Session session, long now) {
        List<Datagram> all = new ArrayList<>();
        for (Outgoing out = new Outgoing(); session.poll(out, now); ) {
            all.add(out.copy());
        }
        return all;
    }

    Host host(Identity identity, int port) {
        Host host = new Host(identity, port);
        hosts.put(host.address, host);
        return host;
    }

    Host server() {
        return host(Identity.server(random), 1935);
    }

    Host client(int port) {
        return host(Identity.client(random), port);
    }

    /** Puts a datagram on the way without weather. */
    void inject(Datagram datagram, InetSocketAddress to) {
        flights.add(new Flight(now, order++, datagram, to));
    }

    void send(Host from, Datagram datagram) {
        from.bytesOut += datagram.bytes().length();
        datagrams++;
        onSend.accept(from, datagram);
        int copies = random.nextDouble() < weather.duplicate ? 2 : 1;
        for (int i = 0; i < copies; i++) {
            if (random.nextDouble() >= weather.loss) {
                int late = random.nextDouble() < weather.reorder ? random.nextInt(40) : 0;
                Datagram seen = new Datagram(from.address, datagram.bytes());
                flights.add(new Flight(now + weather.latency + late, order++, seen, datagram.peer()));
            }
        }
    }

    /** Opens a session from {@code client} to {@code server} and waits until both have it. */
    void connect(Host client, Host server) {
        connect(client, server, server);
    }

    /** As above, to a server that another one sends the client to. */
    void connect(Host client, Host server, Host asked) {
        client.endpoint.open(Epd.ofUri("rtmfp://server/live"), List.of(asked.address), now);
        long before = server.openedCount();
        run(200_000, client::isOpen);
        client.session().keepAlive(1_000); // the responder opens with the first packet of the session
        run(200_000, () -> server.openedCount() > before);
        client.session().keepAlive(Params.KEEPALIVE_SERVER);
    }

    void run(long millis) {
        run(millis, () -> false);
    }

    /** Lets time go on until {@code done} or for so many milliseconds; true if done. */
    boolean run(long millis, BooleanSupplier done) {
        long end = now + millis;
        int rounds = 0;
        drain();
        while (!done.getAsBoolean()) {
            long next = flights.isEmpty() ? Long.MAX_VALUE : flights.peek().at;
            for (Host host : hosts.values()) {
                next = host.dead ? next : Math.min(next, host.endpoint.deadline());
            }
            if (next > end) {
                now = end;
                return done.getAsBoolean();
            }
            rounds = next > now ? 0 : rounds + 1;
            if (rounds > ROUNDS_AT_ONCE) {
                throw new AssertionError("time stands still");
            }
            now = Math.max(now, next);
            arrive();
            for (Host host : List.copyOf(hosts.values())) {
                if (!host.dead) {
                    host.tell(host.endpoint.tick(now));
                }
            }
            drain();
        }
        return true;
    }

    private void arrive() {
        while (!flights.isEmpty() && flights.peek().at <= now) {
            Flight flight = flights.poll();
            Host host = hosts.get(flight.to);
            if (host != null && !host.dead) {
                host.bytesIn += flight.datagram.bytes().length();
                host.tell(host.endpoint.receive(flight.datagram, now));
            }
        }
    }

    private void drain() {
        for (Host host : List.copyOf(hosts.values())) {
            int count = 0;
            for (Datagram out = host.endpoint.poll(now); out != null && !host.dead; out = host.endpoint.poll(now)) {
                send(host, out);
                if (++count > DATAGRAMS_AT_ONCE) {
                    throw new AssertionError("the endpoint never stops sending");
                }
            }
        }
    }
}
