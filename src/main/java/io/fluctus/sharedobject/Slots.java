package io.fluctus.sharedobject;

import io.fluctus.media.SharedEvent;
import io.fluctus.wire.AmfValue;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The slots of one shared object: named values, each with the version in which it was set, and which ones were removed when. */
final class Slots {
    static final int MAX_SLOTS = 1_024;

    /** Bytes in the name of a slot or a handler, as messages can say them. */
    static final int MAX_NAME = 255;

    /** Bytes of one value, as {@link Weight} has them. */
    static final int MAX_VALUE = 64 * 1024;

    /** Bytes of all slots together. */
    static final int MAX_BYTES = 1024 * 1024;

    /** Removed slots that are remembered, for those who come back with an old copy; who has an older one begins anew. */
    static final int MAX_REMOVED = 1_024;

    /** What a slot costs beside its name and its value. */
    static final int SLOT_COST = 64;

    /** One slot. */
    record Slot(AmfValue value, long version, long bytes) {}

    /** Everything that is to be known about slots, for the disk. */
    record Image(long version, long since, Map<String, Slot> slots, Map<String, Long> removed) {}

    private final Map<String, Slot> slots = new LinkedHashMap<>();
    private final Map<String, Long> removed = new LinkedHashMap<>(); // in the order of their versions
    private long version;
    private long since; // what was removed after this version is in `removed`
    private long bytes;

    /** A new object's first version is above those of any of its name that were there before: it counts on from the time. */
    Slots(long version) {
        this.version = version;
        this.since = version;
    }

    Slots(Image image) {
        version = image.version;
        since = image.since;
        slots.putAll(image.slots);
        removed.putAll(image.removed);
        bytes = slots.values().stream().mapToLong(Slot::bytes).sum();
    }

    Image image() {
        return new Image(version, since, new LinkedHashMap<>(slots), new LinkedHashMap<>(removed));
    }

    long version() {
        return version;
    }

    int count() {
        return slots.size();
    }

    long bytes() {
        return bytes;
    }

    /** The version that the next changes make, and become when {@link #commit committed}. */
    private long next() {
        return version + 1 & 0xFFFFFFFFL;
    }

    void commit() {
        version = next();
    }

    /** What setting the slot would add to {@link #bytes}; negative if that becomes less. */
    long growth(String slot, AmfValue value) {
        Slot before = slots.get(slot);
        return cost(slot, value) - (before == null ? 0 : before.bytes);
    }

    static long cost(String slot, AmfValue value) {
        return SLOT_COST + Weight.of(slot) + Weight.of(value);
    }

    /** Whether the slot may have this value. */
    boolean fits(String slot, AmfValue value) {
        return isName(slot)
                && Weight.of(value) <= MAX_VALUE
                && bytes + growth(slot, value) <= MAX_BYTES
                && (slots.containsKey(slot) || slots.size() < MAX_SLOTS);
    }

    static boolean isName(String name) {
        return !name.isEmpty() && Weight.of(name) <= MAX_NAME;
    }

    /** Sets a slot to what {@link #fits}. */
    void set(String slot, AmfValue value) {
        long cost = cost(slot, value);
        bytes += growth(slot, value);
        slots.put(slot, new Slot(value, next(), cost));
        removed.remove(slot);
    }

    /** False if there is no such slot. */
    boolean remove(String slot) {
        Slot before = slots.remove(slot);
        if (before == null) {
            return false;
        }
        bytes -= before.bytes;
        removed.remove(slot);
        removed.put(slot, next());
        if (removed.size() > MAX_REMOVED) {
            Map.Entry<String, Long> oldest = removed.entrySet().iterator().next();
            since = oldest.getValue();
            removed.remove(oldest.getKey());
        }
        return true;
    }

    /** Nobody is told what exactly was removed: who has a copy begins anew. */
    void clear() {
        slots.clear();
        removed.clear();
        bytes = 0;
        since = next();
    }

    /** What stands in a slot, for one who has it otherwise. */
    SharedEvent told(String slot) {
        Slot known = slots.get(slot);
        return known == null ? new SharedEvent.Remove(slot) : new SharedEvent.Change(slot, known.value);
    }

    /** Every slot. */
    List<SharedEvent> all() {
        return changedAfter(-1);
    }

    /** Whether {@link #after} is enough for one who has this version. */
    boolean remembers(long old) {
        return old >= since && old <= version;
    }

    /** What was removed and changed after a version. */
    List<SharedEvent> after(long old) {
        List<SharedEvent> events = new ArrayList<>();
        removed.forEach((slot, when) -> {
            if (when > old) {
                events.add(new SharedEvent.Remove(slot));
            }
        });
        events.addAll(changedAfter(old));
        return events;
    }

    private List<SharedEvent> changedAfter(long old) {
        List<SharedEvent> events = new ArrayList<>(slots.size());
        slots.forEach((name, slot) -> {
            if (slot.version > old) {
                events.add(new SharedEvent.Change(name, slot.value));
            }
        });
        return events;
    }
}
