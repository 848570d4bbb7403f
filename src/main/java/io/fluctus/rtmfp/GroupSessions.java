package io.fluctus.rtmfp;

import io.fluctus.wire.ProtocolException;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;

/** The sessions of the gateway's own memberships: tells by its first words and by its association which group a flow belongs to. */
final class GroupSessions {
    private final LongSupplier clock;
    private final Map<Buffer, GroupMember> members = new HashMap<>(); // by group
    private final Map<Session, List<Bound>> bound = new HashMap<>();
    private final Map<Session, Set<RecvFlow>> silent = new HashMap<>(); // main flows that have not named their group

    /** Whether a session has become a neighbour's: one that does not is not kept. */
    boolean isNeighbour(Session session) {
        return !bound.getOrDefault(session, List.of()).isEmpty();
    }

    private static final class Bound {
        final SessionLink link;
        final GroupMember member;
        boolean named; // by the far end, too

        Bound(SessionLink link, GroupMember member) {
            this.link = link;
            this.member = member;
        }
    }

    GroupSessions(LongSupplier clock) {
        this.clock = clock;
    }

    void add(GroupMember member) {
        members.put(member.spec().id(), member);
    }

    /** Nobody is a neighbour in this group any more. */
    void remove(Buffer group) {
        GroupMember member = members.remove(group);
        bound.values()
                .forEach(list -> List.copyOf(list).stream()
                        .filter(b -> b.member == member)
                        .forEach(b -> {
                            list.remove(b);
                            member.closed(b.link);
                            b.link.close();
                        }));
    }

    int size() {
        return bound.size();
    }

    void opened(Session session) {
        bound.put(session, new ArrayList<>(1));
        silent.put(session, new HashSet<>(1));
    }

    /** A session that we opened to meet somebody in this group. */
    void opened(Session session, Buffer group) {
        opened(session);
        Optional.ofNullable(members.get(group)).ifPresent(member -> bind(session, member));
    }

    void receive(Session session, SessionEvent event) {
        if (!bound.containsKey(session)) {
            return;
        }
        if (event instanceof SessionEvent.FlowOpened opened) {
            open(session, opened.flow());
        } else if (event instanceof SessionEvent.MessageReceived received) {
            message(session, received.flow(), received.message());
        } else if (event instanceof SessionEvent.FlowFinished finished) {
            silent.get(session).remove(finished.flow());
            long flow = finished.flow().id();
            hearing(session, flow).ifPresent(b -> b.member.flowFinished(b.link, flow));
        } else if (event instanceof SessionEvent.FlowRefused refused) {
            long flow = refused.flow().id();
            owning(session, flow).ifPresent(b -> b.member.flowRefused(b.link, flow));
        } else if (event instanceof SessionEvent.Closed) {
            silent.remove(session);
            bound.remove(session).forEach(b -> b.member.closed(b.link));
        }
    }

    private void open(Session session, RecvFlow flow) {
        Optional<GroupFlow> kind = GroupFlow.of(flow.metadata());
        if (kind.equals(Optional.of(GroupFlow.REPORT))) {
            silent.get(session).add(flow);
            return;
        }
        Optional<Bound> to = flow.association().flatMap(ours -> owning(session, ours));
        if (kind.isEmpty() || to.isEmpty()) {
            session.reject(flow, 0);
            return;
        }
        if (kind.get() == GroupFlow.MEDIA) {
            flow.order(RecvFlow.Order.AS_SOON_AS_POSSIBLE); // fragments have numbers of their own
        }
        to.get().link.heard(flow);
        to.get().member.flowOpened(to.get().link, flow.id(), kind.get(), flow.association());
    }

    private Optional<Bound> owning(Session session, long ourFlow) {
        return bound.get(session).stream().filter(b -> b.link.owns(ourFlow)).findFirst();
    }

    private Optional<Bound> hearing(Session session, long farFlow) {
        return bound.get(session).stream().filter(b -> b.link.hears(farFlow)).findFirst();
    }

    private void message(Session session, RecvFlow flow, Buffer message) {
        if (message.length() == 0) {
            return;
        }
        if (silent.get(session).remove(flow)) {
            greet(session, flow, message);
        }
        hearing(session, flow.id()).ifPresent(b -> b.member.message(b.link, flow.id(), message, clock.getAsLong()));
    }

    /** The first word on a main flow says which group it is for. */
    private void greet(Session session, RecvFlow flow, Buffer message) {
        Optional<GroupMember> member = groupOf(message).map(members::get);
        Optional<Bound> known = bound.get(session).stream()
                .filter(b -> member.equals(Optional.of(b.member)))
                .findFirst();
        if (member.isEmpty() || known.isPresent() && known.get().named) {
            session.reject(flow, 0);
            return;
        }
        Bound to = known.orElseGet(() -> bind(session, member.get()));
        to.named = true;
        to.link.heard(flow);
        to.member.flowOpened(to.link, flow.id(), GroupFlow.REPORT, flow.association());
    }

    private Bound bind(Session session, GroupMember member) {
        Bound made = new Bound(new SessionLink(session, clock), member);
        bound.get(session).add(made);
        member.linked(made.link);
        return made;
    }

    private static Optional<Buffer> groupOf(Buffer message) {
        try {
            return GroupMessage.decode(message) instanceof GroupMessage.Hello hello
                    ? Optional.of(GroupSpec.unhex(hello.groupId()))
                    : Optional.empty();
        } catch (ProtocolException e) {
            return Optional.empty();
        }
    }
}
