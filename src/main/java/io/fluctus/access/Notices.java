package io.fluctus.access;

import io.vertx.core.json.JsonObject;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/** What the site is told, in order: the next one leaves when the last one has arrived or was given up. */
final class Notices {
    /** Notices that wait; the oldest is given up for one more. */
    static final int MAX_WAITING = 10_000;

    /** Tries of one notice, with 1, 2, 4, ... seconds between them. */
    static final int TRIES = 8;

    static final long FIRST_DELAY_MILLIS = 1_000;

    private final Deque<Notice> waiting = new ArrayDeque<>();
    private boolean underWay;
    private int tries;
    private long givenUp;
    private long delivered;

    /** One of them. */
    record Notice(Action action, JsonObject request) {}

    void add(Notice notice) {
        if (waiting.size() == MAX_WAITING) {
            Notice first = waiting.removeFirst();
            if (underWay && waiting.size() > 0) { // the one under way keeps its place
                waiting.removeFirst();
                waiting.addFirst(first);
            }
            givenUp++;
        }
        waiting.addLast(notice);
    }

    /** The one to send now; empty while one is under way, or none waits. Ended by {@link #arrived} or {@link #failed}. */
    Optional<Notice> next() {
        if (underWay || waiting.isEmpty()) {
            return Optional.empty();
        }
        underWay = true;
        return Optional.of(waiting.peekFirst());
    }

    void arrived() {
        waiting.removeFirst();
        underWay = false;
        tries = 0;
        delivered++;
    }

    /** After so many milliseconds {@link #again} is to be called. */
    long failed() {
        tries++;
        if (tries < TRIES) {
            return FIRST_DELAY_MILLIS << tries - 1;
        }
        waiting.removeFirst();
        givenUp++;
        tries = 0;
        return 0;
    }

    void again() {
        underWay = false;
    }

    int size() {
        return waiting.size();
    }

    long delivered() {
        return delivered;
    }

    long givenUp() {
        return givenUp;
    }
}
