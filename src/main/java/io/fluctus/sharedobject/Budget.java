package io.fluctus.sharedobject;

import java.util.Optional;

/** So many objects and so many bytes, and no more; what is taken here is taken above, too. */
final class Budget {
    private final Optional<Budget> above;
    private final int maxObjects;
    private final long maxBytes;
    private int objects;
    private long bytes;

    Budget(int maxObjects, long maxBytes) {
        this(Optional.empty(), maxObjects, maxBytes);
    }

    private Budget(Optional<Budget> above, int maxObjects, long maxBytes) {
        this.above = above;
        this.maxObjects = maxObjects;
        this.maxBytes = maxBytes;
    }

    /** A part of this one. */
    Budget within(int partObjects, long partBytes) {
        return new Budget(Optional.of(this), partObjects, partBytes);
    }

    boolean allows(int moreObjects, long moreBytes) {
        return objects + moreObjects <= maxObjects
                && bytes + moreBytes <= maxBytes
                && above.map(budget -> budget.allows(moreObjects, moreBytes)).orElse(true);
    }

    /** What it {@link #allows}, or gives back what is negative. */
    void take(int moreObjects, long moreBytes) {
        objects += moreObjects;
        bytes += moreBytes;
        above.ifPresent(budget -> budget.take(moreObjects, moreBytes));
    }

    boolean isUntouched() {
        return objects == 0;
    }
}
