package io.fluctus.rtmfp;

import io.fluctus.bus.Address;
import io.fluctus.bus.Bus;
import io.fluctus.bus.Bus.Registration;
import io.fluctus.bus.Refusal;
import io.fluctus.rtmfp.NetGroup.Introduction;
import io.fluctus.rtmfp.NetGroup.Member;
import io.fluctus.wire.ProtocolException;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.security.SecureRandom;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Who is in which NetGroup, at {@link Address#GROUPS}: {@code join}, {@code leave}, {@code size}, {@code list} and {@code describe}. One instance a
 * node, for the members at every RTMFP instance. Who joins is answered with whom to connect to.
 */
public final class GroupVerticle extends VerticleBase {
    /** Groups, and members of one, that are told at a time. */
    static final int MAX_LISTED = 200;

    private static final int BAD_REQUEST = 400;
    private static final int NOT_FOUND = 404;
    private static final int FULL = 503;

    private final Bus bus;
    private final NetGroups groups = new NetGroups(new SecureRandom());
    private Registration service;

    public GroupVerticle(Bus bus) {
        this.bus = bus;
    }

    @Override
    public Future<?> start() {
        service = bus.serve(Address.GROUPS, this::answer);
        return Future.succeededFuture();
    }

    @Override
    public Future<?> stop() {
        return service.close();
    }

    private Future<JsonObject> answer(JsonObject word) {
        try {
            return switch (word.getString("op")) {
                case "join" -> join(word);
                case "leave" -> leave(word);
                case "size" ->
                    Future.succeededFuture(new JsonObject()
                            .put(
                                    "size",
                                    groups.get(GroupSpec.unhex(word.getString("group")))
                                            .map(NetGroup::size)
                                            .orElse(0)));
                case "list" -> Future.succeededFuture(list());
                case "describe" -> describe(word);
                default -> Future.failedFuture(new Refusal(BAD_REQUEST, "no such word about groups"));
            };
        } catch (ProtocolException e) {
            return Future.failedFuture(new Refusal(BAD_REQUEST, e.getMessage()));
        }
    }

    private static long now() {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
    }

    /** {@code everybody}: a member of the gateway's own connects to nobody, the others connect to it. */
    private Future<JsonObject> join(JsonObject word) {
        Buffer id = GroupSpec.unhex(word.getString("group"));
        Buffer peer = GroupSpec.unhex(word.getString("peer"));
        Member member =
                new Member(peer, word.getString("client"), word.getString("address"), System.currentTimeMillis());
        List<Introduction> introductions = groups.join(id, member, now());
        Optional<NetGroup> group = groups.get(id).filter(g -> g.member(peer).isPresent());
        if (group.isEmpty()) {
            return Future.failedFuture(new Refusal(FULL, "the group is full"));
        }
        JsonArray meet = new JsonArray();
        for (Introduction introduction : introductions) {
            if (word.getBoolean("waits", false)) {
                tell(id, new Introduction(introduction.of(), introduction.to()));
            } else {
                meet.add(GroupSpec.hex(introduction.of()));
            }
        }
        return Future.succeededFuture(
                new JsonObject().put("meet", meet).put("size", group.get().size()));
    }

    private Future<JsonObject> leave(JsonObject word) {
        Buffer id = GroupSpec.unhex(word.getString("group"));
        groups.leave(id, GroupSpec.unhex(word.getString("peer")), now()).forEach(i -> tell(id, i));
        return Future.succeededFuture(new JsonObject());
    }

    /** To whoever holds the session of the one who shall hear it. */
    private void tell(Buffer group, Introduction introduction) {
        bus.send(
                Address.peer(GroupSpec.hex(introduction.to())),
                new JsonObject()
                        .put("op", "meet")
                        .put("group", GroupSpec.hex(group))
                        .put("peer", GroupSpec.hex(introduction.of())));
    }

    private JsonObject list() {
        JsonArray list = new JsonArray();
        groups.all().stream()
                .sorted(Comparator.comparingInt(NetGroup::size).reversed())
                .limit(MAX_LISTED)
                .forEach(group -> list.add(figures(group)));
        return new JsonObject().put("total", groups.all().size()).put("groups", list);
    }

    private static JsonObject figures(NetGroup group) {
        long now = now();
        return new JsonObject()
                .put("id", GroupSpec.hex(group.id()))
                .put("size", group.size())
                .put("joinsAMinute", group.joinsAMinute(now))
                .put("leavesAMinute", group.leavesAMinute(now));
    }

    private Future<JsonObject> describe(JsonObject word) {
        Optional<NetGroup> found = groups.get(GroupSpec.unhex(word.getString("group")));
        if (found.isEmpty()) {
            return Future.failedFuture(new Refusal(NOT_FOUND, "nobody is in this group"));
        }
        NetGroup group = found.get();
        JsonArray members = new JsonArray();
        for (Member member : group.members().stream().limit(MAX_LISTED).toList()) {
            JsonArray neighbours = new JsonArray();
            group.acquaintances(member.peerId()).forEach(n -> neighbours.add(GroupSpec.hex(n)));
            members.add(new JsonObject()
                    .put("peer", GroupSpec.hex(member.peerId()))
                    .put("client", member.client())
                    .put("address", member.address())
                    .put("since", member.since())
                    .put("introduced", neighbours));
        }
        return Future.succeededFuture(figures(group).put("members", members));
    }
}
