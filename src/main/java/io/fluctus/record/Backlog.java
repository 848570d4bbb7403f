package io.fluctus.record;

import java.util.ArrayList;
import java.util.List;

/** Steps that wait for the disk, bounded in bytes: above the bound packets are lost until half of it is done. */
final class Backlog {
    /** Bytes that are worth a write before its time. */
    static final long WRITE_BYTES = 64 * 1024;

    private final long maxBytes;
    private List<Step> waiting = new ArrayList<>();
    private long bytes;
    private long onTheWay;
    private boolean full;

    Backlog(long maxBytes) {
        this.maxBytes = maxBytes;
    }

    /** Whether packets have to be left out now. */
    boolean full() {
        full = full ? bytes + onTheWay > maxBytes / 2 : bytes + onTheWay > maxBytes;
        return full;
    }

    boolean worthAWrite() {
        return bytes >= WRITE_BYTES;
    }

    boolean isEmpty() {
        return waiting.isEmpty();
    }

    void add(List<Step> steps) {
        waiting.addAll(steps);
        for (Step step : steps) {
            if (step instanceof Step.Append append) {
                bytes += append.bytes().length();
            }
        }
    }

    /** Everything, which is on its way until {@link #done}. */
    List<Step> take() {
        List<Step> taken = waiting;
        waiting = new ArrayList<>();
        onTheWay = bytes;
        bytes = 0;
        return taken;
    }

    void done() {
        onTheWay = 0;
    }
}
