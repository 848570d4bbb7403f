package io.fluctus.rtmfp;

import io.fluctus.bus.AppEvent;
import io.fluctus.bus.Bus;
import io.fluctus.bus.Bus.Registration;
import io.fluctus.bus.Refusal;
import io.fluctus.wire.AmfValue;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/**
 * What the peers of one RTMFP instance have to do with those of others: introductions (RFC 7016 3.5.1.4), wherever the two are
 * connected, and their groups. A peer is known on the bus by its id from its setPeerInfo on.
 */
final class PeersLink implements RtmfpPeer.Neighbours {
    private final Bus bus;
    private final RtmfpEndpoint endpoint;
    private final Rendezvous rendezvous;
    private final Runnable pump;
    private final Consumer<RtmfpPeer> left;
    private final Map<RtmfpPeer, Registration> known = new HashMap<>();

    PeersLink(Bus bus, RtmfpEndpoint endpoint, RandomGenerator random, Runnable pump, Consumer<RtmfpPeer> left) {
        this.bus = bus;
        this.endpoint = endpoint;
        this.rendezvous = new Rendezvous(random);
        this.pump = pump;
        this.left = left;
    }

    private static String idOf(RtmfpPeer peer) {
        return GroupSpec.hex(peer.session().farCertificate().fingerprint());
    }

    // -- introductions

    /** The one who asks is told where the other is, and the other that somebody asks; a peer nobody knows is the application's. */
    void introduce(RtmfpEndpoint.Event.IntroductionWanted wanted) {
        if (!rendezvous.mayAsk(wanted.from(), RtmfpPeer.now())) {
            return;
        }
        Buffer tag = wanted.tag().copy();
        Buffer fingerprint = wanted.fingerprint().copy();
        Address from = new Address(wanted.from(), Address.OBSERVED);
        JsonObject question = new JsonObject()
                .put("op", "introduce")
                .put("from", Rendezvous.encode(List.of(from)))
                .put("tag", tag.getBytes());
        bus.request(io.fluctus.bus.Address.peer(GroupSpec.hex(fingerprint)), question)
                .map(answer -> Rendezvous.decode(answer.getBinary("addresses")))
                .recover(error -> isNobody(error) ? askApplication(fingerprint) : Future.failedFuture(error))
                .onSuccess(addresses -> redirect(wanted.from(), tag, addresses));
    }

    private void redirect(InetSocketAddress to, Buffer tag, List<Address> addresses) {
        if (!addresses.isEmpty()) {
            endpoint.redirect(to, tag, rendezvous.turned(tag, addresses));
            pump.run();
        }
    }

    private static boolean isNobody(Throwable error) {
        return error instanceof Refusal refusal && refusal.code() == AppEvent.NOBODY;
    }

    private Future<List<Address>> askApplication(Buffer fingerprint) {
        return bus.ask("", new AppEvent.RendezvousUnknown("", fingerprint)).map(PeersLink::addressesIn);
    }

    /** Where everybody is sent, as configured; throws ProtocolException. */
    static List<Address> elsewhere(String configured) {
        return Address.parseAll(configured);
    }

    /** The addresses that an application has answered. */
    static List<Address> addressesIn(AmfValue answer) {
        List<AmfValue> items = answer instanceof AmfValue.Array array ? array.items() : List.of();
        return items.stream()
                .flatMap(value -> value.string().stream())
                .flatMap(text -> Address.parse(text).stream())
                .filter(Address::isUsable)
                .limit(Rendezvous.MAX_ADDRESSES)
                .toList();
    }

    /** A word for one of our peers: somebody looks for it, or it shall meet a member of a group. */
    private Future<JsonObject> serve(RtmfpPeer peer, JsonObject word) {
        long now = RtmfpPeer.now();
        if (word.getString("op").equals("meet")) {
            meet(peer, GroupSpec.unhex(word.getString("group")), word.getString("peer"));
            return Future.succeededFuture(new JsonObject());
        }
        Buffer id = peer.session().farCertificate().fingerprint();
        List<Address> from = Rendezvous.decode(word.getBinary("from"));
        if (from.isEmpty() || !peer.session().isOpen() || !rendezvous.mayDisturb(id, now)) {
            return Future.failedFuture(new Refusal(AppEvent.REFUSED, "not now"));
        }
        endpoint.forward(peer.session(), from.get(0).socket(), Buffer.buffer(word.getBinary("tag")));
        pump.run();
        byte[] addresses = Rendezvous.encode(peer.connection().addresses());
        return Future.succeededFuture(new JsonObject().put("addresses", addresses));
    }

    private void meet(RtmfpPeer peer, Buffer group, String other) {
        peer.groups().introduce(group, GroupSpec.unhex(other), RtmfpPeer.now());
        pump.run();
    }

    // -- what becomes of a peer

    @Override
    public void introducible(RtmfpPeer peer) {
        String address = io.fluctus.bus.Address.peer(idOf(peer));
        known.put(peer, bus.serve(address, word -> serve(peer, word)));
    }

    @Override
    public void joined(RtmfpPeer peer, Buffer group) {
        JsonObject word = word("join", peer, group)
                .put("client", peer.id())
                .put("address", peer.caller().address());
        bus.request(io.fluctus.bus.Address.GROUPS, word).onSuccess(answer -> {
            JsonArray meet = answer.getJsonArray("meet");
            for (int i = 0; i < meet.size(); i++) {
                meet(peer, group, meet.getString(i));
            }
            if (peer.groups().all().contains(group)) {
                peer.client().joinedGroup(group);
            } else {
                leave(peer, group); // it has left while it was taken in
            }
        });
    }

    @Override
    public void parted(RtmfpPeer peer, Buffer group) {
        leave(peer, group);
        peer.client().leftGroup(group);
    }

    private void leave(RtmfpPeer peer, Buffer group) {
        bus.send(io.fluctus.bus.Address.GROUPS, word("leave", peer, group));
    }

    private static JsonObject word(String op, RtmfpPeer peer, Buffer group) {
        return new JsonObject().put("op", op).put("group", GroupSpec.hex(group)).put("peer", idOf(peer));
    }

    @Override
    public void left(RtmfpPeer peer) {
        Optional.ofNullable(known.remove(peer)).ifPresent(Registration::close);
        left.accept(peer);
    }
}
