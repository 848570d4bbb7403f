package io.fluctus.rtmfp;

import java.util.Arrays;

/** How often something happened within the last minute, in steps of five seconds. */
final class Rate {
    private static final int STEP = 5_000;
    private static final int STEPS = 12;

    private final int[] counts = new int[STEPS];
    private long newest = Long.MIN_VALUE;

    void add(long now) {
        turn(now);
        counts[index(newest)]++;
    }

    int lastMinute(long now) {
        turn(now);
        return Arrays.stream(counts).sum();
    }

    private void turn(long now) {
        long step = Math.floorDiv(now, STEP);
        if (newest == Long.MIN_VALUE || step - newest >= STEPS) {
            Arrays.fill(counts, 0);
            newest = step;
        }
        while (newest < step) {
            newest++;
            counts[index(newest)] = 0;
        }
    }

    private static int index(long step) {
        return (int) Math.floorMod(step, (long) STEPS);
    }
}
