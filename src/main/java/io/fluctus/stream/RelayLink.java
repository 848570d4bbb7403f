package io.fluctus.stream;

import io.fluctus.bus.Address;
import io.fluctus.bus.Bus;
import io.fluctus.bus.Bus.Registration;
import io.fluctus.bus.Carried;
import io.fluctus.bus.Refusal;
import io.fluctus.media.MediaPacket;
import io.fluctus.media.Prelude;
import io.fluctus.media.StreamName;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A relay instance's talk with those of other nodes: it takes streams that viewers here want from the node that has them, once, and
 * gives streams to nodes that ask. A subscription is a lease; its packets are numbered, and acknowledged by bytes.
 */
final class RelayLink {
    private static final Logger LOG = LoggerFactory.getLogger("cluster");
    private static final long NANOS_PER_MILLI = 1_000_000;
    private static final long RENEW_MILLIS = 2_000;
    private static final long SUBSCRIBE_MILLIS = 3_000;
    private static final long RETRY_MILLIS = 100;

    /** A sender that has neither sent nor answered for so long is looked for again. */
    private static final long SILENT_MILLIS = 4_000;

    /** A stream whose owner is not known may just be on its way to another node. */
    static final long PATIENCE_MILLIS = 8_000;

    /** Bytes between two acknowledgements, and the longest time. */
    private static final long ACKNOWLEDGE_BYTES = 256 << 10;

    private static final long ACKNOWLEDGE_MILLIS = 250;

    /** Nodes between a publisher and a viewer. */
    static final int MAX_HOPS = 8;

    private static final int BAD_REQUEST = 400;
    private static final int NOT_HERE = 404;
    private static final int FULL = 503;
    private static final int LOOP = 508;

    /** Whose streams are carried. */
    interface House {
        /** The stream's relay, if it is open here. */
        Optional<Relay> relay(StreamName stream);

        /** Another node has the stream, and this is its fence. */
        void opened(StreamName stream, long fence);

        void carried(StreamName stream, MediaPacket packet);

        /** No node has the stream any more. */
        void over(StreamName stream);

        /** Whether anybody here wants the stream. */
        boolean wanted(StreamName stream);
    }

    private final Vertx vertx;
    private final Bus bus;
    private final String address;
    private final House house;
    private final Downlinks downlinks = new Downlinks();
    private final BiConsumer<String, Carried> sink;
    private final Map<Long, Uplink> uplinks = new HashMap<>();
    private final Map<StreamName, Uplink> byStream = new HashMap<>();
    private final Map<StreamName, Search> searches = new HashMap<>();
    private final Map<String, Taken> taken = new HashMap<>();
    private Registration service;
    private Registration packets;
    private long lastId;
    private boolean closed;

    /** A stream that is looked for, or whose prelude is awaited. */
    private static final class Search {
        private final Promise<Void> found = Promise.promise();
        private final List<String> via = new ArrayList<>();
        private Optional<Uplink> before = Optional.empty();
        private long deadline;
        private boolean owned;
        private boolean direct;
        private boolean again;
    }

    /** Bytes that one sender has sent here. */
    private static final class Taken {
        private long total;
        private long acknowledged;
    }

    /** {@code instance} is the relay's, which counts from 0. */
    RelayLink(Vertx vertx, Bus bus, int instance, House house) {
        this.vertx = vertx;
        this.bus = bus;
        this.address = Address.link(bus.node(), instance);
        this.house = house;
        this.sink = bus::carry;
    }

    Future<?> start() {
        vertx.setPeriodic(RENEW_MILLIS, timer -> {
            renew();
            listenToOurselves();
        });
        vertx.setPeriodic(ACKNOWLEDGE_MILLIS, timer -> acknowledgeAll());
        return register();
    }

    Future<?> close() {
        closed = true;
        List.copyOf(byStream.keySet()).forEach(this::drop);
        return Future.all(service.close(), packets.close());
    }

    private Future<?> register() {
        service = bus.serveFar(address, this::answer);
        packets = bus.onCarried(address, this::receive);
        return Future.all(service.ready(), packets.ready());
    }

    private void registerAgain() {
        LOG.warn("{} registers at the bus again: packets do not arrive", address);
        Future.all(service.close(), packets.close()).onComplete(done -> {
            if (!closed) {
                register();
            }
        });
    }

    // -- streams that are taken

    /** Whether the stream is here: its publisher, or its prelude from another node. */
    boolean carries(StreamName stream) {
        Uplink uplink = byStream.get(stream);
        return house.relay(stream).isPresent() && (uplink == null ? !searches.containsKey(stream) : uplink.loaded());
    }

    /**
     * Takes the stream from where it is now. Completes when its prelude is here, fails when no node has it; who waits longer than
     * {@code patience} ms for an owner is told that it is over.
     */
    Future<Void> follow(StreamName stream, long patience) {
        return follow(stream, List.of(), patience);
    }

    private Future<Void> follow(StreamName stream, List<String> via, long patience) {
        Search running = searches.get(stream);
        if (running != null) {
            running.again = true;
            running.via.addAll(via);
            return running.found.future();
        }
        Search search = new Search();
        search.via.addAll(via);
        search.deadline = now() + patience;
        searches.put(stream, search);
        look(stream, search);
        return search.found.future();
    }

    private void look(StreamName stream, Search search) {
        search.again = false;
        bus.request(
                        Address.REGISTRY,
                        new JsonObject()
                                .put("op", "where")
                                .put("stream", stream.path())
                                .put("direct", search.direct))
                .onSuccess(where -> found(stream, search, where))
                .onFailure(error -> lookAgain(stream, search));
    }

    private void found(StreamName stream, Search search, JsonObject where) {
        search.owned = !where.isEmpty();
        if (where.isEmpty()) {
            lookAgain(stream, search);
            return;
        }
        String node = where.getString("node");
        Uplink present = byStream.get(stream);
        if (present != null && present.node().equals(node) && present.loaded()) {
            finish(stream, search);
            return;
        }
        int instance = Address.instance(stream, where.getInteger("relays"));
        subscribe(stream, search, new Uplink(stream, ++lastId, node, Address.link(node, instance)));
    }

    /** As long as the registry knows an owner, its relay is asked again: it may be about to open the stream, or to come back. */
    private void lookAgain(StreamName stream, Search search) {
        boolean patient = now() < search.deadline;
        if (!closed && house.wanted(stream) && (patient || search.owned)) {
            if (!patient) {
                search.found.tryFail(new Refusal(NOT_HERE, "the node that has " + stream + " does not answer"));
            }
            vertx.timer(patient ? RETRY_MILLIS : RENEW_MILLIS).onSuccess(fired -> look(stream, search));
        } else {
            searches.remove(stream);
            drop(stream);
            house.over(stream);
            search.found.tryFail(new Refusal(NOT_HERE, "no node has " + stream));
        }
    }

    private void finish(StreamName stream, Search search) {
        if (search.again) {
            look(stream, search);
        } else {
            searches.remove(stream);
            search.found.tryComplete();
        }
    }

    private void subscribe(StreamName stream, Search search, Uplink uplink) {
        long after = Optional.ofNullable(byStream.get(stream))
                .or(() -> search.before)
                .filter(before -> before.node().equals(uplink.node()))
                .map(Uplink::lastSequence)
                .orElse(0L);
        drop(stream);
        uplinks.put(uplink.id(), uplink);
        byStream.put(stream, uplink);
        List<String> via = new ArrayList<>(search.via);
        via.add(bus.node());
        JsonObject question = new JsonObject()
                .put("op", "subscribe")
                .put("stream", stream.path())
                .put("link", uplink.id())
                .put("to", address)
                .put("via", new JsonArray(via))
                .put("after", after);
        bus.requestFar(uplink.address(), question, SUBSCRIBE_MILLIS)
                .onSuccess(answer -> accepted(stream, search, uplink, answer))
                .onFailure(error -> {
                    search.direct = true; // whatever is wrong with a parent
                    lookAgain(stream, search);
                });
    }

    private void accepted(StreamName stream, Search search, Uplink uplink, JsonObject answer) {
        if (byStream.get(stream) != uplink) {
            lookAgain(stream, search); // a publisher came here, or nobody wants it any more
            return;
        }
        uplink.accepted(answer.getLong("prelude"), names(answer.getJsonArray("path")), now());
        house.opened(stream, answer.getLong("fence"));
        LOG.debug("{} comes from {} over {}", stream, uplink.node(), uplink.path());
        awaitPrelude(stream, search, uplink);
    }

    private void awaitPrelude(StreamName stream, Search search, Uplink uplink) {
        if (uplink.loaded() || byStream.get(stream) != uplink) {
            finish(stream, search);
        } else {
            vertx.timer(1).onSuccess(fired -> awaitPrelude(stream, search, uplink));
        }
    }

    /** The stream is not taken from another node any more. */
    void drop(StreamName stream) {
        Uplink uplink = byStream.remove(stream);
        if (uplink != null) {
            uplinks.remove(uplink.id());
            bus.requestFar(
                    uplink.address(),
                    new JsonObject().put("op", "leave").put("to", address).put("link", uplink.id()),
                    SUBSCRIBE_MILLIS);
        }
    }

    private void receive(Carried carried) {
        Uplink uplink = uplinks.get(carried.link());
        if (uplink == null) {
            return;
        }
        take(uplink.address(), carried.total());
        if (uplink.receive(carried, now()) == Uplink.Verdict.GAP) {
            LOG.warn("{} from {}: packets were lost on the way", uplink.stream(), uplink.node());
            lost(uplink);
            return;
        }
        MediaPacket packet = carried.packet();
        if (packet.kind() == MediaPacket.Kind.UNPUBLISHED) {
            uplinks.remove(uplink.id());
            byStream.remove(uplink.stream(), uplink);
            house.over(uplink.stream());
        } else {
            house.carried(uplink.stream(), packet);
        }
    }

    private void take(String sender, long total) {
        Taken bytes = taken.computeIfAbsent(sender, key -> new Taken());
        if (total < bytes.total) { // the sender had given us up, and counts anew
            bytes.acknowledged = 0;
        }
        bytes.total = total;
        if (bytes.total - bytes.acknowledged >= ACKNOWLEDGE_BYTES) {
            acknowledge(sender, bytes);
        }
    }

    private void acknowledgeAll() {
        taken.forEach((sender, bytes) -> {
            if (bytes.total > bytes.acknowledged) {
                acknowledge(sender, bytes);
            }
        });
    }

    private void acknowledge(String sender, Taken bytes) {
        bytes.acknowledged = bytes.total;
        bus.sendFar(
                sender,
                new JsonObject().put("op", "acknowledge").put("to", address).put("total", bytes.total));
    }

    // -- leases

    private void renew() {
        int silent = downlinks.expire(now());
        if (silent > 0) {
            LOG.warn("{} relays of other nodes have not renewed: nothing is sent to them", silent);
        }
        Map<String, List<Uplink>> bySender = new HashMap<>();
        uplinks.values()
                .forEach(uplink -> bySender.computeIfAbsent(uplink.address(), key -> new ArrayList<>())
                        .add(uplink));
        taken.keySet().retainAll(bySender.keySet());
        bySender.forEach(this::renew);
    }

    private void renew(String sender, List<Uplink> links) {
        JsonArray ids = new JsonArray();
        links.forEach(uplink -> ids.add(uplink.id()));
        JsonObject word = new JsonObject().put("op", "renew").put("to", address).put("links", ids);
        bus.requestFar(sender, word, RENEW_MILLIS)
                .onSuccess(answer -> renewed(links, answer))
                .onFailure(error -> links.stream()
                        .filter(uplink -> error instanceof Refusal || now() - uplink.heardAt() > SILENT_MILLIS)
                        .forEach(this::lost));
    }

    /** Bus registrations may be lost while a cluster falls apart and grows together: who does not hear itself is not heard. */
    private void listenToOurselves() {
        bus.requestFar(address, new JsonObject().put("op", "echo").put("to", address), RENEW_MILLIS)
                .onFailure(error -> {
                    if (error instanceof Refusal) {
                        registerAgain();
                    }
                });
    }

    private void renewed(List<Uplink> links, JsonObject answer) {
        JsonObject numbers = answer.getJsonObject("numbers");
        JsonObject paths = answer.getJsonObject("paths");
        boolean deaf = false;
        for (Uplink uplink : links) {
            String id = Long.toString(uplink.id());
            if (uplinks.get(uplink.id()) != uplink || searches.containsKey(uplink.stream())) {
                continue;
            }
            if (!numbers.containsKey(id)) {
                lost(uplink);
                continue;
            }
            uplink.passes(names(paths.getJsonArray(id)), now());
            boolean stalls = uplink.stalls(numbers.getLong(id));
            deaf |= stalls;
            if (stalls || uplink.path().contains(bus.node())) {
                lost(uplink);
            }
        }
        if (deaf) {
            registerAgain();
        }
    }

    private void lost(Uplink uplink) {
        uplinks.remove(uplink.id());
        if (byStream.remove(uplink.stream(), uplink)) {
            follow(uplink.stream(), PATIENCE_MILLIS);
            Optional.ofNullable(searches.get(uplink.stream())).ifPresent(search -> search.before = Optional.of(uplink));
        }
    }

    // -- streams that are given

    /** A packet of a stream that is open here, for the nodes that take it. */
    void offer(StreamName stream, MediaPacket packet) {
        downlinks.offer(stream, packet, sink);
    }

    boolean gives(StreamName stream) {
        return downlinks.carries(stream);
    }

    /** The stream is over: its last word goes to everybody who takes it. */
    void end(StreamName stream, MediaPacket word) {
        downlinks.offer(stream, word, sink);
        downlinks.end(stream);
    }

    JsonObject report(StreamName stream) {
        return downlinks.report(stream);
    }

    private Future<JsonObject> answer(JsonObject word) {
        String to = word.getString("to");
        if (!to.startsWith("link.")) {
            throw new Refusal(BAD_REQUEST, "no relay's address: " + to);
        }
        switch (word.getString("op")) {
            case "subscribe" -> {
                return subscribed(word, to);
            }
            case "renew" -> {
                return Future.succeededFuture(keep(word, to));
            }
            case "echo" -> {
                return Future.succeededFuture(new JsonObject());
            }
            case "acknowledge" -> downlinks.acknowledge(to, word.getLong("total"));
            case "leave" -> downlinks.remove(to, word.getLong("link"));
            default -> throw new Refusal(BAD_REQUEST, "no such word between relays");
        }
        return Future.succeededFuture(new JsonObject());
    }

    private Future<JsonObject> subscribed(JsonObject word, String to) {
        StreamName stream = StreamName.parse(word.getString("stream"));
        List<String> via = names(word.getJsonArray("via"));
        if (via.contains(bus.node()) || via.size() > MAX_HOPS || asksUsWhatWeAsk(stream, via)) {
            throw new Refusal(LOOP, "the stream would go in a circle");
        }
        Future<Void> open = carries(stream) ? Future.succeededFuture() : follow(stream, via, SUBSCRIBE_MILLIS / 2);
        return open.map(ready -> give(stream, via, word, to));
    }

    /** Two nodes that ask each other would wait for each other: the lower one is sent to the owner. */
    private boolean asksUsWhatWeAsk(StreamName stream, List<String> via) {
        Uplink asked = byStream.get(stream);
        return asked != null
                && !asked.loaded()
                && via.contains(asked.node())
                && bus.node().compareTo(asked.node()) > 0;
    }

    private JsonObject give(StreamName stream, List<String> via, JsonObject word, String to) {
        List<String> path = pathTo(stream);
        if (path.stream().anyMatch(via::contains) || path.size() > MAX_HOPS) {
            throw new Refusal(LOOP, "the stream would go in a circle");
        }
        Relay relay = house.relay(stream).orElseThrow(() -> new Refusal(NOT_HERE, "no node has " + stream));
        long link = word.getLong("link");
        if (!downlinks.add(stream, to, link, now())) {
            throw new Refusal(FULL, "this relay gives " + Downlinks.MAX_LINKS + " streams already");
        }
        long after = word.getLong("after");
        Prelude.Snapshot snapshot = relay.snapshot();
        List<MediaPacket> prelude = snapshot.packets().stream()
                .filter(packet -> packet.sequence() > after)
                .toList();
        return new JsonObject()
                .put("fence", relay.fence())
                .put("prelude", downlinks.begin(to, link, prelude, sink))
                .put("path", new JsonArray(path));
    }

    private List<String> pathTo(StreamName stream) {
        List<String> path = new ArrayList<>();
        Uplink uplink = byStream.get(stream);
        if (uplink != null) {
            path.addAll(uplink.path());
        }
        path.add(bus.node());
        return path;
    }

    private JsonObject keep(JsonObject word, String to) {
        JsonObject numbers = new JsonObject();
        JsonObject paths = new JsonObject();
        downlinks
                .renew(to, new HashSet<>(longs(word.getJsonArray("links"))), now())
                .forEach((link, state) -> {
                    numbers.put(Long.toString(link), state.number());
                    paths.put(Long.toString(link), new JsonArray(pathTo(state.stream())));
                });
        return new JsonObject().put("numbers", numbers).put("paths", paths);
    }

    private static Set<Long> longs(JsonArray array) {
        Set<Long> longs = new HashSet<>();
        for (int i = 0; i < array.size(); i++) {
            longs.add(array.getLong(i));
        }
        return longs;
    }

    private static List<String> names(JsonArray array) {
        List<String> names = new ArrayList<>();
        for (int i = 0; i < array.size(); i++) {
            names.add(array.getString(i));
        }
        return names;
    }

    private static long now() {
        return System.nanoTime() / NANOS_PER_MILLI;
    }
}
