package io.fluctus.sharedobject;

import io.fluctus.media.SharedEvent;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What one user's word makes known to somebody: of all that is said of one slot the last alone, so that it is never much. */
final class Telling {
    private final Map<Object, SharedEvent> events = new LinkedHashMap<>(); // by slot, or by itself

    void add(SharedEvent event) {
        if (event instanceof SharedEvent.Clear) {
            events.keySet().removeIf(key -> key instanceof String);
        }
        Object key = key(event);
        events.remove(key);
        events.put(key, event);
    }

    private static Object key(SharedEvent event) {
        if (event instanceof SharedEvent.Change change) {
            return change.slot();
        }
        if (event instanceof SharedEvent.Remove remove) {
            return remove.slot();
        }
        return event instanceof SharedEvent.SendMessage ? new Object() : event;
    }

    /** Whether it says what a slot is now. */
    boolean mentions(String slot) {
        return events.containsKey(slot);
    }

    List<SharedEvent> events() {
        return List.copyOf(events.values());
    }
}
