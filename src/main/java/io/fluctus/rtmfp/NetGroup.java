package io.fluctus.rtmfp;

import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * One group as the server sees it: a ring of members. A newcomer is told of its nearest on both sides and of a few random members;
 * when one leaves, those around the gap are told of each other. So each knows its neighbours on the ring at any time, and the random
 * ones keep the group together where several neighbours vanish at once.
 */
final class NetGroup {
    /** Neighbours on each side of the ring. */
    static final int SIDE = 3;

    static final int RANDOM = 2;

    /** Members of one group; more are not taken in. */
    static final int MAX_MEMBERS = 100_000;

    /** Introductions of one member that are remembered, for the picture of the mesh. */
    private static final int MAX_ACQUAINTANCES = 24;

    /** How often a random member is looked for that the newcomer does not know yet. */
    private static final int TRIES = 8;

    /**
     * One who is in the group.
     *
     * @param client its connection's id on the bus; empty for a member of the gateway's own
     */
    record Member(Buffer peerId, String client, String address, long since) {}

    /** {@code to} shall hear of {@code of}, and connect. */
    record Introduction(Buffer to, Buffer of) {}

    private final Buffer id;
    private final RandomGenerator random;
    private final GroupRing<Member> ring = new GroupRing<>();
    private final Map<Buffer, Set<Buffer>> acquainted = new HashMap<>();
    private final Rate joins = new Rate();
    private final Rate leaves = new Rate();

    NetGroup(Buffer id, RandomGenerator random) {
        this.id = id;
        this.random = random;
    }

    Buffer id() {
        return id;
    }

    int size() {
        return ring.size();
    }

    List<Member> members() {
        return List.copyOf(ring.all());
    }

    Optional<Member> member(Buffer peerId) {
        return ring.get(GroupRing.addressOf(peerId));
    }

    int joinsAMinute(long now) {
        return joins.lastMinute(now);
    }

    int leavesAMinute(long now) {
        return leaves.lastMinute(now);
    }

    /** Who is to hear of whom; nothing if the group is full. Who joins again is told again. */
    List<Introduction> join(Member member, long now) {
        String address = GroupRing.addressOf(member.peerId());
        boolean again = ring.get(address).isPresent();
        if (!again && ring.size() >= MAX_MEMBERS) {
            return List.of();
        }
        Set<Buffer> known = new LinkedHashSet<>();
        ring.before(address, SIDE).forEach(m -> known.add(m.peerId()));
        ring.after(address, SIDE).forEach(m -> known.add(m.peerId()));
        int wanted = known.size() + RANDOM;
        for (int i = 0; i < TRIES && known.size() < wanted; i++) {
            ring.any(random).filter(m -> !m.peerId().equals(member.peerId())).ifPresent(m -> known.add(m.peerId()));
        }
        ring.put(address, member);
        if (!again) {
            joins.add(now);
        }
        return introduce(
                known.stream().map(of -> new Introduction(member.peerId(), of)).toList());
    }

    /** Who is to hear of whom now that this one is gone: the first before it of the third after it, and so on. */
    List<Introduction> leave(Buffer peerId, long now) {
        String address = GroupRing.addressOf(peerId);
        if (ring.remove(address).isEmpty()) {
            return List.of();
        }
        leaves.add(now);
        Optional.ofNullable(acquainted.remove(peerId))
                .ifPresent(known -> known.forEach(
                        other -> acquainted.getOrDefault(other, new HashSet<>()).remove(peerId)));
        List<Introduction> introductions = new ArrayList<>();
        List<Member> before = ring.before(address, SIDE);
        List<Member> after = ring.after(address, SIDE);
        for (int i = 0; i < before.size(); i++) {
            int j = SIDE - 1 - i;
            if (j < after.size() && !before.get(i).equals(after.get(j))) {
                introductions.add(
                        new Introduction(before.get(i).peerId(), after.get(j).peerId()));
            }
        }
        return introduce(introductions);
    }

    /** Whom the server has introduced a member to, or it to them. */
    List<Buffer> acquaintances(Buffer peerId) {
        return List.copyOf(acquainted.getOrDefault(peerId, Set.of()));
    }

    private List<Introduction> introduce(List<Introduction> introductions) {
        for (Introduction introduction : introductions) {
            acquaint(introduction.to(), introduction.of());
            acquaint(introduction.of(), introduction.to());
        }
        return introductions;
    }

    private void acquaint(Buffer one, Buffer other) {
        Set<Buffer> known = acquainted.computeIfAbsent(one, key -> new LinkedHashSet<>());
        known.add(other);
        if (known.size() > MAX_ACQUAINTANCES) {
            known.remove(known.iterator().next());
        }
    }
}
