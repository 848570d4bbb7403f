package io.fluctus.access;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** What was found out lately, until it is too old; the least used is forgotten for one more. */
final class Recent<T> {
    private final Map<String, Entry<T>> entries;

    private record Entry<T>(T value, long until) {}

    Recent(int most) {
        entries = new LinkedHashMap<>(16, 0.75f, true) {
            private static final long serialVersionUID = 1;

            @Override
            protected boolean removeEldestEntry(Map.Entry<String, Entry<T>> eldest) {
                return size() > most;
            }
        };
    }

    /** {@code now} and {@code until} are of the same clock. */
    Optional<T> get(String key, long now) {
        Entry<T> entry = entries.get(key);
        if (entry != null && entry.until < now) {
            entries.remove(key);
            return Optional.empty();
        }
        return Optional.ofNullable(entry).map(Entry::value);
    }

    void put(String key, T value, long until) {
        entries.put(key, new Entry<>(value, until));
    }

    void remove(String key) {
        entries.remove(key);
    }

    void clear() {
        entries.clear();
    }

    int size() {
        return entries.size();
    }
}
