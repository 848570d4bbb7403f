package io.fluctus.rtmfp;

import io.fluctus.rtmfp.NetGroup.Introduction;
import io.fluctus.rtmfp.NetGroup.Member;
import io.vertx.core.buffer.Buffer;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;

/** Every group of the gateway, whichever instance its members are connected to. A group exists while it has a member. */
final class NetGroups {
    /** Groups at one time; more are not made. */
    static final int MAX_GROUPS = 20_000;

    private final Map<Buffer, NetGroup> groups = new HashMap<>();
    private final RandomGenerator random;

    NetGroups(RandomGenerator random) {
        this.random = random;
    }

    Collection<NetGroup> all() {
        return groups.values();
    }

    Optional<NetGroup> get(Buffer id) {
        return Optional.ofNullable(groups.get(id));
    }

    /** Whether the member is in the group afterwards is told by {@link NetGroup#member}. */
    List<Introduction> join(Buffer id, Member member, long now) {
        if (!groups.containsKey(id) && groups.size() >= MAX_GROUPS) {
            return List.of();
        }
        return groups.computeIfAbsent(id, key -> new NetGroup(key, random)).join(member, now);
    }

    List<Introduction> leave(Buffer id, Buffer peerId, long now) {
        NetGroup group = groups.get(id);
        if (group == null) {
            return List.of();
        }
        List<Introduction> introductions = group.leave(peerId, now);
        if (group.size() == 0) {
            groups.remove(id);
        }
        return introductions;
    }
}
