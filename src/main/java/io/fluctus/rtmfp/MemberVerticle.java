package io.fluctus.rtmfp;

import io.fluctus.audience.Audiences;
import io.fluctus.bus.Bus;
import io.fluctus.bus.Bus.Registration;
import io.fluctus.bus.Refusal;
import io.fluctus.config.Config;
import io.fluctus.config.ConfigException;
import io.fluctus.guard.Shares;
import io.fluctus.media.StreamName;
import io.fluctus.wire.ProtocolException;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The gateway as a member of NetGroups: publishes streams of its own there and takes streams from there, over a UDP port of its own.
 * At {@link io.fluctus.bus.Address#GROUP_MEMBER}: {@code carry}, {@code drop} and {@code list}. One instance a node.
 */
public final class MemberVerticle extends VerticleBase {
    /** Streams that are carried at a time. */
    static final int MAX_CARRIED = 256;

    /** Neighbours in one group: they pass on what they get. */
    static final int MAX_NEIGHBOURS = 16;

    /** How long a session may take until it has named its group. */
    private static final long GREET_MILLIS = 10_000;

    /** How often the members of our groups are counted. */
    private static final long COUNT_MILLIS = 1_000;

    private static final Logger LOG = LoggerFactory.getLogger("group");
    private static final String NAME = "group.0";
    private static final int SECRET = 32;
    private static final int BAD_REQUEST = 400;

    private final Bus bus;
    private final Config config;
    private final Shares shares;
    private final int rtmfpPort;
    private final SecureRandom random = new SecureRandom();
    private final GroupSessions sessions = new GroupSessions(RtmfpPeer::now);
    private final Map<Buffer, GroupMember> members = new HashMap<>(); // by group
    private final Map<StreamName, CarriedLink> carried = new LinkedHashMap<>();
    private Buffer peerId = Buffer.buffer();
    private RtmfpEndpoint endpoint;
    private Audiences audiences;
    private Registration service;
    private Registration self;
    private EndpointLink link;
    private int port;
    private Future<Void> opened;

    /** {@code rtmfpPort} is where members find the server; throws ConfigException for a bad {@code groups.streams}. */
    public MemberVerticle(Bus bus, Config config, Shares shares, int rtmfpPort) {
        this.bus = bus;
        this.config = config;
        this.shares = shares;
        this.rtmfpPort = rtmfpPort;
        configured();
    }

    private List<Carried> configured() {
        JsonObject streams = config.groups().streams();
        return streams.fieldNames().stream()
                .map(stream -> {
                    try {
                        if (streams.getValue(stream) instanceof JsonObject said) {
                            return Carried.of(stream, said);
                        }
                        throw new ProtocolException("it must be an object");
                    } catch (ProtocolException e) {
                        throw new ConfigException("`groups.streams` has `" + stream + "`: " + e.getMessage());
                    }
                })
                .toList();
    }

    @Override
    public Future<?> start() {
        audiences = new Audiences(vertx, bus, config, shares, NAME);
        service = bus.serve(io.fluctus.bus.Address.GROUP_MEMBER, this::answer);
        vertx.setPeriodic(GroupMember.TICK, id -> tick());
        vertx.setPeriodic(COUNT_MILLIS, id -> carried.values().forEach(this::count));
        return Future.all(configured().stream().map(this::carry).toList());
    }

    @Override
    public Future<?> stop() {
        List.copyOf(carried.keySet()).forEach(this::drop);
        audiences.close();
        Future<?> closed = link == null ? Future.succeededFuture() : link.close();
        return closed.eventually(service::close);
    }

    // -- the endpoint

    /** Opens the port, once. */
    private Future<Void> open() {
        if (opened == null) {
            opened = vertx.executeBlocking(() -> Identity.client(random)).compose(this::open);
        }
        return opened;
    }

    private Future<Void> open(Identity identity) {
        byte[] secret = new byte[SECRET];
        random.nextBytes(secret);
        peerId = identity.certificate().fingerprint();
        endpoint = new RtmfpEndpoint(identity, Buffer.buffer(secret), 0, random);
        link = new EndpointLink(vertx, endpoint, random, this::obey);
        InetSocketAddress address =
                new InetSocketAddress(config.rtmfp().host(), config.groups().port());
        return link.open(new DatagramIo.Settings(address, false, config.rtmfp().udpBufferSize()))
                .map(free -> {
                    port = free;
                    self = bus.serve(io.fluctus.bus.Address.peer(GroupSpec.hex(peerId)), this::introduce);
                    LOG.info("takes part in groups at UDP port {}", free);
                    return null;
                });
    }

    private void obey(RtmfpEndpoint.Event event) {
        if (event instanceof RtmfpEndpoint.Event.SessionOpened session) {
            sessions.opened(session.session());
            vertx.setTimer(GREET_MILLIS, id -> {
                if (!sessions.isNeighbour(session.session())) {
                    session.session().close(RtmfpPeer.now());
                    link.pumpSoon();
                }
            });
        } else if (event instanceof RtmfpEndpoint.Event.InSession inside) {
            sessions.receive(inside.session(), inside.event());
            members.values().forEach(this::hear);
            link.pumpSoon();
        }
    }

    /** A peer looks for us: it is answered by itself, and told the addresses. Words to meet others are for it, not for us. */
    private Future<JsonObject> introduce(JsonObject word) {
        List<Address> from =
                word.getString("op").equals("introduce") ? Rendezvous.decode(word.getBinary("from")) : List.of();
        boolean room = members.values().stream().anyMatch(m -> m.neighbours().size() < MAX_NEIGHBOURS);
        if (from.isEmpty() || !room) {
            return Future.failedFuture(new Refusal(BAD_REQUEST, "not now"));
        }
        Epd epd = Epd.ofFingerprint(peerId);
        Buffer tag = Buffer.buffer(word.getBinary("tag"));
        endpoint.hear(new Chunk.FIHello(epd.encode(), from.get(0), tag), RtmfpPeer.now());
        link.pumpSoon();
        InetSocketAddress asker = from.get(0).socket();
        byte[] addresses = Rendezvous.encode(OwnAddresses.of(config.publicAddress(), asker, port));
        return Future.succeededFuture(new JsonObject().put("addresses", addresses));
    }

    // -- what is carried

    private Future<JsonObject> answer(JsonObject word) {
        try {
            return switch (word.getString("op")) {
                case "carry" ->
                    carry(Carried.of(word.getString("stream"), word)).map(done -> new JsonObject());
                case "drop" ->
                    Future.succeededFuture(
                            new JsonObject().put("found", drop(StreamName.parse(word.getString("stream")))));
                case "list" -> Future.succeededFuture(list());
                default -> Future.failedFuture(new Refusal(BAD_REQUEST, "no such word to the member of groups"));
            };
        } catch (ProtocolException e) {
            return Future.failedFuture(new Refusal(BAD_REQUEST, e.getMessage()));
        }
    }

    private Future<Void> carry(Carried what) {
        if (carried.size() >= MAX_CARRIED || carried.containsKey(what.stream())) {
            return Future.failedFuture(new Refusal(BAD_REQUEST, what.stream() + " is carried, or too many are"));
        }
        return open().compose(done -> {
            GroupMember member = members.computeIfAbsent(what.group().id(), id -> begin(what.group()));
            CarriedLink link = new CarriedLink(bus, what, member, random, query());
            carried.put(what.stream(), link);
            if (what.direction() == Carried.Direction.TO) {
                link.seat(audiences);
            }
            LOG.info(
                    "{} {} group {} {}",
                    what.stream(),
                    what.direction() == Carried.Direction.TO ? "goes to" : "comes from",
                    what.group().name(),
                    what.group().hexId());
            return join(what.group());
        });
    }

    private String query() {
        String key = config.publish().key();
        return key.isEmpty() ? "" : "key=" + key;
    }

    private GroupMember begin(GroupSpec group) {
        GroupMember member = new GroupMember(
                new GroupMember.Self(group, peerId, GroupStream.Generosity.GATEWAY, MAX_NEIGHBOURS), random);
        member.addresses(OwnAddresses.reported(config.publicAddress(), rtmfpPort, port));
        sessions.add(member);
        return member;
    }

    private Future<Void> join(GroupSpec group) {
        JsonObject word = new JsonObject()
                .put("op", "join")
                .put("group", group.hexId())
                .put("peer", GroupSpec.hex(peerId))
                .put("client", "")
                .put("address", "this gateway")
                .put("waits", true);
        return bus.request(io.fluctus.bus.Address.GROUPS, word).mapEmpty();
    }

    private boolean drop(StreamName stream) {
        CarriedLink link = carried.remove(stream);
        if (link == null) {
            return false;
        }
        link.end();
        GroupSpec group = link.what().group();
        boolean used =
                carried.values().stream().anyMatch(c -> c.what().group().id().equals(group.id()));
        if (!used) {
            members.remove(group.id());
            sessions.remove(group.id());
            bus.send(
                    io.fluctus.bus.Address.GROUPS,
                    new JsonObject()
                            .put("op", "leave")
                            .put("group", group.hexId())
                            .put("peer", GroupSpec.hex(peerId)));
        }
        this.link.pumpSoon();
        return true;
    }

    private void tick() {
        if (link != null) {
            long now = RtmfpPeer.now();
            members.values().forEach(member -> {
                member.tick(now);
                hear(member);
            });
            link.pumpSoon();
        }
    }

    private void count(CarriedLink stream) {
        JsonObject word = new JsonObject()
                .put("op", "size")
                .put("group", stream.what().group().hexId());
        bus.request(io.fluctus.bus.Address.GROUPS, word).onSuccess(answer -> stream.count(answer.getInteger("size")));
    }

    /** What happened in a group, to whoever carries its streams. */
    private void hear(GroupMember member) {
        for (GroupEvent event : member.takeEvents()) {
            carried.values().stream()
                    .filter(c -> c.what().group().id().equals(member.spec().id()))
                    .forEach(c -> c.hear(event));
        }
    }

    private JsonObject list() {
        JsonArray list = new JsonArray();
        carried.values().forEach(each -> list.add(each.figures()));
        return new JsonObject()
                .put("peer", GroupSpec.hex(peerId))
                .put("port", port)
                .put("streams", list);
    }
}
