package io.fluctus.rtmfp;

import io.fluctus.audience.Audience;
import io.fluctus.audience.Audiences;
import io.fluctus.audience.Run;
import io.fluctus.audience.Viewer;
import io.fluctus.bus.AccessLink;
import io.fluctus.bus.ApplicationLink;
import io.fluctus.bus.Bus;
import io.fluctus.bus.Publication;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One stream that goes into a group or comes from one: a viewer like any other, or a publisher like any other. */
final class CarriedLink implements Viewer {
    private static final Logger LOG = LoggerFactory.getLogger("group");
    private static final String PROTOCOL = "netgroup";

    /** Nobody has to reach it on the bus. */
    private static final String CLIENT = "group.0/1";

    private final Bus bus;
    private final Carried what;
    private final GroupMember member;
    private final RandomGenerator random;
    private final String query;
    private Optional<Audience.Seat> seat = Optional.empty();
    private Optional<Publication> publication = Optional.empty();
    private boolean publishing;
    private long counted;
    private long wanted;

    /** {@code query} is what a publisher adds to the stream's name, as far as there is a key. */
    CarriedLink(Bus bus, Carried what, GroupMember member, RandomGenerator random, String query) {
        this.bus = bus;
        this.query = query;
        this.what = what;
        this.member = member;
        this.random = random;
        if (what.direction() == Carried.Direction.FROM) {
            member.want(what.name());
        }
    }

    Carried what() {
        return what;
    }

    /** Begins to watch the stream that goes into the group. */
    void seat(Audiences audiences) {
        seat = Optional.of(audiences.join(what.stream(), this));
    }

    void end() {
        seat.ifPresent(Audience.Seat::leave);
        unpublished();
        publication.ifPresent(p -> p.end(true));
        publication = Optional.empty();
        member.doNotWant(what.name());
    }

    // -- into the group

    @Override
    public String protocol() {
        return PROTOCOL;
    }

    @Override
    public boolean writable() {
        return true; // fragments go to whoever asks, and nothing waits here
    }

    @Override
    public void joined(boolean live) {
        // The publication begins with the first packet.
    }

    @Override
    public void deliver(Run run) {
        long now = RtmfpPeer.now();
        if (!publishing) {
            publishing = true;
            byte[] key = new byte[Epd.FINGERPRINT_LENGTH];
            random.nextBytes(key);
            member.publish(what.name(), Buffer.buffer(key), now);
        }
        run.packets().forEach(packet -> member.packet(what.name(), packet, now));
    }

    @Override
    public void published() {
        // As above.
    }

    @Override
    public void unpublished() {
        if (publishing) {
            publishing = false;
            member.unpublish(what.name());
        }
    }

    @Override
    public void cut(String reason) {
        LOG.warn("{} does not go to its group any more: {}", what.stream(), reason);
        unpublished();
    }

    // -- from the group

    void hear(GroupEvent event) {
        if (what.direction() == Carried.Direction.TO) {
            return;
        }
        if (event instanceof GroupEvent.StreamBegan began && began.name().equals(what.name())) {
            publish();
        } else if (event instanceof GroupEvent.PacketReceived packet
                && packet.name().equals(what.name())) {
            publication.filter(Publication::granted).ifPresent(p -> p.send(packet.packet(), () -> {}));
        } else if (event instanceof GroupEvent.StreamEnded ended && ended.name().equals(what.name())) {
            publication.ifPresent(p -> p.end(true));
            publication = Optional.empty();
        }
    }

    private void publish() {
        if (publication.isPresent()) {
            return; // two publications of one name in a group: the first is taken
        }
        String address = "group " + what.group().name();
        Publication asked = new Publication(
                bus,
                new Publication.Deciders(
                        new AccessLink(bus, new AccessLink.Who(CLIENT, PROTOCOL, "127.0.0.1", address, true)),
                        new ApplicationLink(bus, CLIENT)),
                new Publication.Asked(what.stream(), PROTOCOL, address, query, CLIENT));
        publication = Optional.of(asked);
        asked.ask()
                .onSuccess(granted -> LOG.info(
                        "publishes {} from group {}",
                        what.stream(),
                        what.group().name()))
                .onFailure(refusal -> {
                    LOG.warn("{} is not taken from its group: {}", what.stream(), refusal.getMessage());
                    publication = Optional.empty();
                });
    }

    // -- figures

    /** So many members are in the group, we among them: what they would have cost since the last call, each served from here. */
    void count(int members) {
        long bytes = stream().map(s -> s.traffic().bytes()).orElse(0L);
        wanted += Math.max(0, bytes - counted) * Math.max(0, members - 1);
        counted = bytes;
    }

    private Optional<GroupStream> stream() {
        return member.streams().stream()
                .filter(s -> s.description().name().equals(what.name()))
                .findFirst();
    }

    JsonObject figures() {
        JsonObject figures = new JsonObject()
                .put("stream", what.stream().path())
                .put("group", what.group().hexId())
                .put("groupName", what.group().name())
                .put("name", what.name())
                .put("direction", what.direction() == Carried.Direction.TO ? "to" : "from")
                .put("neighbours", member.neighbours().size());
        Optional<GroupStream> stream = stream();
        GroupStream.Traffic traffic = stream.map(GroupStream::traffic).orElse(new GroupStream.Traffic(0, 0, 0, 0, 0));
        return figures.put("live", stream.isPresent())
                .put("bytes", traffic.bytes())
                .put("wanted", wanted)
                .put("pushed", traffic.pushed())
                .put("pulled", traffic.pulled())
                .put("refused", traffic.refused())
                .put("duplicates", traffic.duplicates());
    }
}
