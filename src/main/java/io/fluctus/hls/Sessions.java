package io.fluctus.hls;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** The viewers of one stream: a player shows by the session in its playlist's address that it is the same one. */
final class Sessions {
    /** Viewers of one stream; who comes when it is full is served and not counted. */
    static final int MAX_SESSIONS = 100_000;

    private static final Pattern ID = Pattern.compile("[A-Za-z0-9_-]{16,64}");

    private final Map<String, Session> sessions = new LinkedHashMap<>();
    private final Set<String> kicked = new HashSet<>();

    /** One viewer; {@code number} is the instance's own. */
    static final class Session {
        private final String id;
        private final long number;
        private final String address;
        private final long since;
        private long asked;

        private Session(String id, long number, String address, long since) {
            this.id = id;
            this.number = number;
            this.address = address;
            this.since = since;
        }

        long number() {
            return number;
        }

        String address() {
            return address;
        }

        /** Milliseconds since 1970. */
        long since() {
            return since;
        }
    }

    static boolean isId(String id) {
        return ID.matcher(id).matches();
    }

    /** A viewer asks for the playlist; {@code number} is for a new one. False when it was sent away. */
    boolean touch(String id, String address, long number, long now) {
        if (kicked.contains(id)) {
            return false;
        }
        Session session = sessions.get(id);
        if (session == null && sessions.size() < MAX_SESSIONS) {
            session = new Session(id, number, address, System.currentTimeMillis());
            sessions.put(id, session);
        }
        if (session != null) {
            session.asked = now;
        }
        return true;
    }

    boolean knows(String id) {
        return sessions.containsKey(id);
    }

    /** Forgets those that have asked for nothing for so long. */
    void expire(long now, long patienceMillis) {
        sessions.values().removeIf(session -> now - session.asked > patienceMillis);
    }

    /** Sends a viewer away; false when there is no such viewer. */
    boolean kick(long number) {
        Optional<Session> found =
                sessions.values().stream().filter(s -> s.number == number).findFirst();
        found.ifPresent(session -> {
            sessions.remove(session.id);
            if (kicked.size() < MAX_SESSIONS) {
                kicked.add(session.id);
            }
        });
        return found.isPresent();
    }

    int size() {
        return sessions.size();
    }

    List<Session> list(int limit) {
        return sessions.values().stream().limit(limit).toList();
    }
}
