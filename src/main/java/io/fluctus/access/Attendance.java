package io.fluctus.access;

import io.fluctus.config.Config;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Who is there by whose leave: counted by application and stream, until it is given back or its time is over. */
final class Attendance {
    /** Clients at a time. */
    static final int MAX_CLIENTS = 1_000_000;

    /** Streams of one client, published and played. */
    static final int MAX_STREAMS = 64;

    private final Config.Limits limits;
    private final Map<String, Stay> stays = new HashMap<>();
    private final Map<String, Integer> connections = new HashMap<>(); // by application
    private final Map<String, Integer> viewers = new HashMap<>(); // by stream
    private final Map<String, Integer> bounds = new HashMap<>(); // viewers, by published stream
    private final Map<String, Long> deadlines = new LinkedHashMap<>(); // milliseconds, by client
    private final Map<String, Integer> changed = new HashMap<>(); // viewers as they were told last, where that is over
    private long refused;

    /** What one client was granted. */
    static final class Stay {
        private final Question.Who who;
        private final List<String> published = new ArrayList<>(1);
        private final List<String> played = new ArrayList<>(1);
        private String app;

        private Stay(Question.Who who) {
            this.who = who;
        }
    }

    /** Something that is over, for the site. */
    record Over(Action action, Question.Who who, String stream) {}

    Attendance(Config.Limits limits) {
        this.limits = limits;
    }

    /** From now on the client is known; it ends with {@link #disconnected}. */
    Stay enter(Question.Who who) {
        return stays.computeIfAbsent(who.client(), id -> new Stay(who));
    }

    boolean isHere(Stay stay) {
        return stays.get(stay.who.client()) == stay;
    }

    /** Counts what was granted, or says why there is no room for it. {@code stream} is the real one; {@code now} in milliseconds. */
    Optional<String> admit(Stay stay, Question question, String stream, Ruling.Bounds bound, long now) {
        Optional<String> full = switch (question.action()) {
            case CONNECT -> connect(stay, question.app());
            case PLAY -> play(stay, stream);
            case PUBLISH -> publish(stay, stream, bound);
            default -> Optional.empty();
        };
        if (full.isPresent()) {
            refused++;
        } else if (bound.seconds() > 0) {
            deadlines.merge(stay.who.client(), now + bound.seconds() * 1_000L, Math::min);
        }
        return full;
    }

    private Optional<String> connect(Stay stay, String app) {
        int most = limits.connectionsPerApplication();
        if (most > 0 && connections.getOrDefault(app, 0) >= most) {
            return Optional.of("the application has as many connections as it may have");
        }
        if (stay.app == null) {
            stay.app = app;
            connections.merge(app, 1, Integer::sum);
        }
        return Optional.empty();
    }

    private Optional<String> play(Stay stay, String stream) {
        int most = least(limits.viewersPerStream(), bounds.getOrDefault(stream, 0));
        if (most > 0 && viewers.getOrDefault(stream, 0) >= most || isFull(stay)) {
            return Optional.of("the stream has as many viewers as it may have");
        }
        stay.played.add(stream);
        count(stream, 1);
        return Optional.empty();
    }

    private Optional<String> publish(Stay stay, String stream, Ruling.Bounds bound) {
        if (isFull(stay)) {
            return Optional.of("the client publishes and plays as much as it may");
        }
        stay.published.add(stream);
        if (bound.viewers() > 0) {
            bounds.put(stream, bound.viewers());
        } else {
            bounds.remove(stream);
        }
        return Optional.empty();
    }

    private static boolean isFull(Stay stay) {
        return stay.published.size() + stay.played.size() >= MAX_STREAMS;
    }

    private static int least(int a, int b) {
        return a == 0 ? b : b == 0 ? a : Math.min(a, b);
    }

    private void count(String stream, int more) {
        int before = viewers.getOrDefault(stream, 0);
        changed.putIfAbsent(stream, before);
        if (before + more > 0) {
            viewers.put(stream, before + more);
        } else {
            viewers.remove(stream);
        }
    }

    /** Something of a client is over. */
    List<Over> ended(Action action, String client, String stream) {
        Stay stay = stays.get(client);
        List<String> list = stay == null ? List.of() : action == Action.PUBLISH ? stay.published : stay.played;
        if (stay == null || !list.remove(stream)) {
            return List.of();
        }
        return List.of(over(action, stay, stream));
    }

    private Over over(Action action, Stay stay, String stream) {
        if (action == Action.PLAY) {
            count(stream, -1);
            return new Over(Action.STOP, stay.who, stream);
        }
        bounds.remove(stream);
        return new Over(Action.UNPUBLISH, stay.who, stream);
    }

    /** All of a client is over. */
    List<Over> disconnected(String client) {
        Stay stay = stays.remove(client);
        deadlines.remove(client);
        if (stay == null) {
            return List.of();
        }
        List<Over> over = new ArrayList<>();
        stay.published.forEach(stream -> over.add(over(Action.PUBLISH, stay, stream)));
        stay.played.forEach(stream -> over.add(over(Action.PLAY, stay, stream)));
        if (stay.app != null) {
            connections.computeIfPresent(stay.app, (app, count) -> count == 1 ? null : count - 1);
        }
        return over;
    }

    /** The clients whose time is over, each told once. */
    List<String> expired(long now) {
        List<String> over = new ArrayList<>();
        deadlines.entrySet().removeIf(entry -> entry.getValue() <= now && over.add(entry.getKey()));
        return over;
    }

    /** Streams whose viewers are not as many as when this was last asked. */
    Map<String, Integer> changedViewers() {
        Map<String, Integer> now = new HashMap<>();
        changed.forEach((stream, before) -> {
            int count = viewers.getOrDefault(stream, 0);
            if (count != before) {
                now.put(stream, count);
            }
        });
        changed.clear();
        return now;
    }

    boolean isFull() {
        return stays.size() >= MAX_CLIENTS;
    }

    int clients() {
        return stays.size();
    }

    Map<String, Integer> connections() {
        return Map.copyOf(connections);
    }

    Map<String, Integer> viewers() {
        return Map.copyOf(viewers);
    }

    long refused() {
        return refused;
    }
}
