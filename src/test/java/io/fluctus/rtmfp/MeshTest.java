package io.fluctus.rtmfp;

import static org.assertj.core.api.Assertions.assertThat;

import io.fluctus.rtmfp.NetGroup.Introduction;
import io.fluctus.rtmfp.NetGroup.Member;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The mesh that introductions by the server make, under a virtual clock: members come, vanish without a word, and nothing else helps. */
class MeshTest {
    /** A member that vanished is missed by the server after three keepalives. */
    private static final int MISSED_AFTER = 45_000;

    private static final int CONNECTS_WITHIN = 1_000;
    private static final int SETTLED = 5_000;
    private static final int SECOND = 1_000;
    private static final int MEMBERS = 2_000;
    private static final int HALF_AN_HOUR = 30;
    private static final int LOOK_EVERY = 20; // seconds

    /** Whom a server introduces to whom. */
    private interface Server {
        List<Introduction> join(Buffer peer, long now);

        List<Introduction> leave(Buffer peer, long now);
    }

    private static Server ours(Random random) {
        NetGroup group = new NetGroup(Buffer.buffer("group"), random);
        return new Server() {
            @Override
            public List<Introduction> join(Buffer peer, long now) {
                return group.join(new Member(peer, "", "", now), now);
            }

            @Override
            public List<Introduction> leave(Buffer peer, long now) {
                return group.leave(peer, now);
            }
        };
    }

    /** The last five and one at random of those before them; after a leaver, the next one hears of the fifth before it. */
    private static Server cumulus(Random random) {
        List<Buffer> members = new ArrayList<>();
        return new Server() {
            @Override
            public List<Introduction> join(Buffer peer, long now) {
                List<Introduction> introductions = new ArrayList<>();
                int older = Math.max(0, members.size() - 5);
                members.subList(older, members.size()).forEach(m -> introductions.add(new Introduction(peer, m)));
                if (older > 0) {
                    introductions.add(new Introduction(peer, members.get(random.nextInt(older))));
                }
                members.add(peer);
                return introductions;
            }

            @Override
            public List<Introduction> leave(Buffer peer, long now) {
                int at = 0;
                while (members.get(at) != peer) { // the same one: comparing bytes takes longer than all the rest
                    at++;
                }
                members.remove(at);
                return at >= 5 && at < members.size()
                        ? List.of(new Introduction(members.get(at), members.get(at - 5)))
                        : List.of();
            }
        };
    }

    /** One of them; compared by identity, for there are many comparisons. */
    private static final class Node {
        final Buffer peer;
        final long since;
        final Set<Node> links = new HashSet<>();
        boolean gone;
        int reached;

        Node(Buffer peer, long since) {
            this.peer = peer;
            this.since = since;
        }
    }

    /** Everybody, the links between them, and what was seen of them now and then. */
    private static final class Mesh {
        private final Random random = new Random(7);
        private final Server server;
        private final Map<Buffer, Node> nodes = new HashMap<>();
        private final List<Node> list = new ArrayList<>();
        private final PriorityQueue<Later> later = new PriorityQueue<>(Comparator.comparingLong(Later::at));
        private long now;
        private int lonely;
        private int splits;
        private int looks;
        private int mostIntroductions;

        private record Later(long at, Runnable action) {}

        Mesh(Server server) {
            this.server = server;
        }

        void join() {
            byte[] id = new byte[Epd.FINGERPRINT_LENGTH];
            random.nextBytes(id);
            Node node = new Node(Buffer.buffer(id), now);
            nodes.put(node.peer, node);
            list.add(node);
            connect(server.join(node.peer, now));
        }

        void vanish() {
            int at = random.nextInt(list.size());
            Node node = list.set(at, list.get(list.size() - 1));
            list.remove(list.size() - 1);
            node.gone = true;
            node.links.forEach(other -> other.links.remove(node));
            later.add(new Later(now + MISSED_AFTER, () -> {
                connect(server.leave(node.peer, now));
                nodes.remove(node.peer);
            }));
        }

        private void connect(List<Introduction> introductions) {
            mostIntroductions = Math.max(mostIntroductions, introductions.size());
            for (Introduction introduction : introductions) {
                Node to = nodes.get(introduction.to());
                Node of = nodes.get(introduction.of());
                later.add(new Later(now + random.nextInt(CONNECTS_WITHIN), () -> {
                    if (!to.gone && !of.gone) {
                        to.links.add(of);
                        of.links.add(to);
                    }
                }));
            }
        }

        void second() {
            long end = now + SECOND;
            while (!later.isEmpty() && later.peek().at <= end) {
                now = later.peek().at;
                later.poll().action.run();
            }
            now = end;
        }

        /** Looks at those who had time to settle. */
        void look() {
            looks++;
            List<Node> settled =
                    list.stream().filter(n -> now - n.since >= SETTLED).toList();
            lonely += (int) settled.stream().filter(n -> n.links.isEmpty()).count();
            Deque<Node> next = new ArrayDeque<>(List.of(settled.get(0)));
            settled.get(0).reached = looks;
            while (!next.isEmpty()) {
                for (Node other : next.poll().links) {
                    if (other.reached < looks) {
                        other.reached = looks;
                        next.add(other);
                    }
                }
            }
            splits += settled.stream().allMatch(n -> n.reached == looks) ? 0 : 1;
        }

        /** {@code minutes} in which a tenth of all leaves each minute and as many come. */
        void churn(int minutes) {
            for (int second = 0; second < 60 * minutes; second++) {
                for (int due = (second + 1) * MEMBERS / 600 - second * MEMBERS / 600; due > 0; due--) {
                    vanish();
                    join();
                }
                second();
                if (second % LOOK_EVERY == 0) {
                    look();
                }
            }
        }
    }

    private static Mesh of(Server server) {
        Mesh mesh = new Mesh(server);
        for (int i = 0; i < MEMBERS; i++) {
            mesh.join();
            if (i % 20 == 19) {
                mesh.second();
            }
        }
        for (int i = 0; i < 6; i++) {
            mesh.second();
        }
        return mesh;
    }

    @Test
    void twoThousandMembersOfWhomATenthVanishesEachMinuteStayOneGroup() {
        Mesh mesh = of(ours(new Random(1)));
        mesh.churn(HALF_AN_HOUR);
        assertThat(mesh.list).hasSize(MEMBERS);
        assertThat(mesh.looks).isEqualTo(60 * HALF_AN_HOUR / LOOK_EVERY);
        assertThat(mesh.lonely)
                .as("members without a neighbour 5 s after they came")
                .isZero();
        assertThat(mesh.splits).as("times at which the group was split").isZero();
        assertThat(mesh.mostIntroductions).isEqualTo(2 * NetGroup.SIDE + NetGroup.RANDOM);
    }

    /** The case to beat, and a check that this one can fail. */
    @Test
    void theIntroductionsOfCumulusLeaveMembersAlone() {
        Mesh mesh = of(cumulus(new Random(1)));
        mesh.churn(HALF_AN_HOUR);
        assertThat(mesh.lonely).isPositive();
        assertThat(mesh.splits).isPositive();
    }

    @Test
    void neighboursOnTheRingKnowEachOtherAfterOneBetweenThemHasLeft() {
        Random random = new Random(3);
        NetGroup group = new NetGroup(Buffer.buffer("group"), random);
        Map<Buffer, Set<Buffer>> told = new HashMap<>();
        List<Buffer> ids = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            byte[] id = new byte[Epd.FINGERPRINT_LENGTH];
            random.nextBytes(id);
            ids.add(Buffer.buffer(id));
            note(told, group.join(new Member(ids.get(i), "", "", 0), 0));
        }
        for (int i = 0; i < 90; i++) {
            note(told, group.leave(ids.get(i), 0));
        }
        GroupRing<Buffer> ring = new GroupRing<>();
        ids.subList(90, 100).forEach(id -> ring.put(GroupRing.addressOf(id), id));
        for (Buffer id : ids.subList(90, 100)) {
            ring.after(GroupRing.addressOf(id), NetGroup.SIDE)
                    .forEach(next -> assertThat(told.get(id)).contains(next));
        }
    }

    private static void note(Map<Buffer, Set<Buffer>> told, List<Introduction> introductions) {
        for (Introduction i : introductions) {
            told.computeIfAbsent(i.to(), k -> new HashSet<>()).add(i.of());
            told.computeIfAbsent(i.of(), k -> new HashSet<>()).add(i.to());
        }
    }

    @Test
    void whoIsAloneIsToldOfNobodyAndASecondOfTheFirst() {
        NetGroup group = new NetGroup(Buffer.buffer("group"), new Random(1));
        Buffer one = Crypto.sha256(Buffer.buffer("one"));
        Buffer two = Crypto.sha256(Buffer.buffer("two"));
        assertThat(group.join(new Member(one, "", "", 0), 0)).isEmpty();
        assertThat(group.join(new Member(one, "", "", 0), 0)).isEmpty();
        assertThat(group.join(new Member(two, "", "", 0), 0)).containsExactly(new Introduction(two, one));
        assertThat(group.size()).isEqualTo(2);
        assertThat(group.acquaintances(one)).containsExactly(two);
        assertThat(group.leave(one, 0)).isEmpty();
        assertThat(group.leave(one, 0)).isEmpty();
        assertThat(group.acquaintances(two)).isEmpty();
        assertThat(group.joinsAMinute(1_000)).isEqualTo(2);
        assertThat(group.leavesAMinute(1_000)).isEqualTo(1);
        assertThat(group.joinsAMinute(100_000)).isZero();
    }
}
