package io.fluctus.rtmfp;

/** Bytes that may be held at one time: taken before holding, given back after. */
final class Budget {
    private final int limit;
    private int used;

    Budget(int limit) {
        this.limit = limit;
    }

    boolean take(int bytes) {
        if (bytes > limit - used) {
            return false;
        }
        used += bytes;
        return true;
    }

    void give(int bytes) {
        used -= bytes;
    }

    int used() {
        return used;
    }

    int left() {
        return limit - used;
    }
}
