package io.fluctus.rtmfp;

import io.fluctus.wire.ProtocolException;
import io.vertx.core.buffer.Buffer;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The groups that one peer has joined at the server, each on a flow of its own, and how it hears of other members. */
final class PeerGroups {
    /** Groups of one peer at a time; more are refused. */
    static final int MAX_GROUPS = 16;

    /** Joins of one session, ever. */
    static final int MAX_JOINS = 256;

    /** What a peer did. */
    sealed interface Word {
        Buffer group();

        record Joined(Buffer group) implements Word {}

        record Left(Buffer group) implements Word {}
    }

    private final Session session;
    private final Set<Long> silent = new HashSet<>(1); // flows on which no group has been named yet
    private final Map<Long, Buffer> groups = new HashMap<>(1); // by the peer's flow
    private final Map<Buffer, SendFlow> answers = new HashMap<>(1);
    private int joins;

    PeerGroups(Session session) {
        this.session = session;
    }

    /** Whether the event belongs to a flow of groups; then {@link #receive} is for it. */
    boolean concerns(SessionEvent event) {
        if (event instanceof SessionEvent.FlowOpened opened) {
            return opened.flow().metadata().equals(GroupFlow.SERVER.metadata());
        } else if (event instanceof SessionEvent.MessageReceived received) {
            return isOurs(received.flow());
        } else if (event instanceof SessionEvent.FlowFinished finished) {
            return isOurs(finished.flow());
        } else if (event instanceof SessionEvent.FlowRefused refused) {
            return answers.containsValue(refused.flow());
        }
        return false;
    }

    private boolean isOurs(RecvFlow flow) {
        return silent.contains(flow.id()) || groups.containsKey(flow.id());
    }

    Optional<Word> receive(SessionEvent event) {
        if (event instanceof SessionEvent.FlowOpened opened) {
            open(opened.flow());
        } else if (event instanceof SessionEvent.MessageReceived received) {
            return message(received.flow(), received.message());
        } else if (event instanceof SessionEvent.FlowFinished finished) {
            silent.remove(finished.flow().id());
            return leave(finished.flow().id());
        } else if (event instanceof SessionEvent.FlowRefused refused) {
            return groups.entrySet().stream()
                    .filter(e -> refused.flow() == answers.get(e.getValue()))
                    .map(Map.Entry::getKey)
                    .findFirst()
                    .flatMap(this::leave);
        }
        return Optional.empty();
    }

    private void open(RecvFlow flow) {
        if (silent.size() + groups.size() >= MAX_GROUPS || ++joins > MAX_JOINS) {
            session.reject(flow, 0);
        } else {
            silent.add(flow.id());
        }
    }

    private Optional<Word> message(RecvFlow flow, Buffer message) {
        if (groups.containsKey(flow.id())) {
            return Optional.empty(); // nothing else is known to be said here
        }
        silent.remove(flow.id());
        Optional<Buffer> group = read(message).filter(id -> !answers.containsKey(id));
        if (group.isEmpty()) {
            session.reject(flow, 0);
            return Optional.empty();
        }
        Buffer id = group.get().copy();
        groups.put(flow.id(), id);
        answers.put(
                id, session.openFlow(GroupFlow.SERVER.metadata(), Optional.of(flow.id()), SendFlow.Priority.COMMAND));
        return Optional.of(new Word.Joined(id));
    }

    private static Optional<Buffer> read(Buffer message) {
        try {
            return GroupMessage.joined(message);
        } catch (ProtocolException e) {
            return Optional.empty();
        }
    }

    private Optional<Word> leave(long flow) {
        Buffer group = groups.remove(flow);
        if (group == null) {
            return Optional.empty();
        }
        SendFlow answer = answers.remove(group);
        if (session.isOpen() && !answer.isFailed()) {
            session.finish(answer);
        }
        return Optional.of(new Word.Left(group));
    }

    /** The groups that it is in. */
    List<Buffer> all() {
        return List.copyOf(groups.values());
    }

    /** Tells it to connect to another member. */
    void introduce(Buffer group, Buffer peerId, long now) {
        SendFlow answer = answers.get(group);
        if (answer != null && session.isOpen()) {
            session.write(answer, new GroupMessage.Member(peerId).encode(), Delivery.RELIABLE, now);
        }
    }
}
