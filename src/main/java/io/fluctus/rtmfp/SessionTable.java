package io.fluctus.rtmfp;

import io.vertx.core.buffer.Buffer;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;

/** The sessions of an endpoint: by id and by fingerprint, those with something to send in turn, and who wants to be woken when. */
final class SessionTable {
    private final class Slot implements Session.Wakeup {
        final Session session;
        boolean ready;
        boolean present = true;
        long scheduled = Long.MAX_VALUE;

        Slot(Session session) {
            this.session = session;
        }

        @Override
        public void wake() {
            if (!ready && present) {
                ready = true;
                waiting.add(this);
            }
        }
    }

    /** Datagrams of one session in a row, before others get their turn: they leave together. */
    private static final int BURST = 6;

    private record Alarm(long at, Slot slot) {}

    private final Map<Integer, Slot> slots = new HashMap<>();
    private final Map<Buffer, Session> byFingerprint = new HashMap<>();
    private final Deque<Slot> waiting = new ArrayDeque<>();
    private int inTurn;
    private final PriorityQueue<Alarm> alarms = new PriorityQueue<>(Comparator.comparingLong(Alarm::at));

    void add(Session session) {
        Slot slot = new Slot(session);
        slots.put(session.nearId(), slot);
        session.wakeup(slot);
        slot.wake();
    }

    /** The session is proved: the one it overrides (RFC 7425 4.3.7), whose certificate is the same, is given back. */
    Optional<Session> confirm(Session session) {
        return Optional.ofNullable(byFingerprint.put(session.farCertificate().fingerprint(), session))
                .filter(old -> old != session && old.isOpen());
    }

    Optional<Session> get(int id) {
        return Optional.ofNullable(slots.get(id)).map(slot -> slot.session);
    }

    Optional<Session> get(Buffer fingerprint) {
        return Optional.ofNullable(byFingerprint.get(fingerprint)).filter(Session::isOpen);
    }

    Collection<Session> all() {
        return slots.values().stream().map(slot -> slot.session).toList();
    }

    int confirmedCount() {
        return byFingerprint.size();
    }

    int size() {
        return slots.size();
    }

    /** Writes one datagram of the next session that has any; false: nobody has. */
    boolean poll(Outgoing out, long now) {
        while (!waiting.isEmpty()) {
            Slot slot = waiting.peek();
            if (slot.session.poll(out, now)) {
                if (++inTurn >= BURST) {
                    inTurn = 0;
                    waiting.add(waiting.poll());
                }
                return true;
            }
            inTurn = 0;
            waiting.poll();
            slot.ready = false;
            if (slot.session.isClosed()) {
                remove(slot.session);
            } else {
                schedule(slot);
            }
        }
        return false;
    }

    private void schedule(Slot slot) {
        long at = slot.session.deadline();
        if (at < slot.scheduled) {
            slot.scheduled = at;
            alarms.add(new Alarm(at, slot));
        }
    }

    void remove(Session session) {
        Optional.ofNullable(slots.remove(session.nearId())).ifPresent(slot -> slot.present = false);
        byFingerprint.remove(session.farCertificate().fingerprint(), session);
    }

    long deadline() {
        return alarms.isEmpty() ? Long.MAX_VALUE : alarms.peek().at;
    }

    /** A session whose time has come, or null; its next alarm is set when it has been polled. */
    Session due(long now) {
        while (!alarms.isEmpty() && alarms.peek().at <= now) {
            Alarm alarm = alarms.poll();
            Slot slot = alarm.slot;
            if (alarm.at != slot.scheduled) {
                continue;
            }
            slot.scheduled = Long.MAX_VALUE;
            if (slot.session.isClosed()) {
                continue;
            }
            if (slot.session.deadline() <= now) {
                return slot.session;
            }
            schedule(slot);
        }
        return null;
    }
}
