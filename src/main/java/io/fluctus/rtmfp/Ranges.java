package io.fluctus.rtmfp;

import java.util.Map;
import java.util.TreeMap;

/** A set of sequence numbers as islands: the first and the last of each. */
final class Ranges {
    private final TreeMap<Long, Long> islands = new TreeMap<>();

    /** False if it was there. */
    boolean add(long value) {
        Map.Entry<Long, Long> below = islands.floorEntry(value);
        if (below != null && below.getValue() >= value) {
            return false;
        }
        boolean joinsBelow = below != null && below.getValue() == value - 1;
        Long above = islands.get(value + 1);
        long from = joinsBelow ? below.getKey() : value;
        if (above != null) {
            islands.remove(value + 1);
        }
        islands.put(from, above != null ? above : value);
        return true;
    }

    boolean contains(long value) {
        Map.Entry<Long, Long> below = islands.floorEntry(value);
        return below != null && below.getValue() >= value;
    }

    /** Whether everything from {@code from} to {@code to} is there; of nothing, everything is. */
    boolean covers(long from, long to) {
        Map.Entry<Long, Long> island = islands.floorEntry(from);
        return from > to || island != null && island.getValue() >= to;
    }

    /** Removes what follows {@code value} without a hole and whatever is below; the last one removed, or {@code value}. */
    long advance(long value) {
        long reached = value;
        while (!islands.isEmpty() && islands.firstKey() <= reached + 1) {
            reached = Math.max(reached, islands.pollFirstEntry().getValue());
        }
        return reached;
    }

    boolean isEmpty() {
        return islands.isEmpty();
    }

    int size() {
        return islands.size();
    }

    /** How many values. */
    long count() {
        long count = 0;
        for (Map.Entry<Long, Long> island : islands.entrySet()) {
            count += island.getValue() - island.getKey() + 1;
        }
        return count;
    }

    Iterable<Map.Entry<Long, Long>> islands() {
        return islands.entrySet();
    }
}
