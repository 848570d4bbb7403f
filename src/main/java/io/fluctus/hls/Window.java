package io.fluctus.hls;

import io.vertx.core.buffer.Buffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The segments of one stream that are there: those of the playlist, and behind them those that left it and may still be asked for
 * (RFC 8216 6.2.2: for as long as the playlist was that held them).
 */
final class Window {
    /** RFC 8216 6.2.2: a playlist never becomes shorter than so many target durations. */
    private static final int LEAST_TARGETS = 3;

    /** Segments of a playlist: a day of seconds. */
    private static final int MAX_SEGMENTS = 86_400;

    private final double dvrSeconds;
    private final Deque<Segment> listed = new ArrayDeque<>();
    private final Deque<Segment> retired = new ArrayDeque<>();
    private final Map<Integer, Buffer> inits = new HashMap<>();
    private long discontinuitySequence;
    private double listedSeconds;
    private double retiredSeconds;
    private long bytes;

    /** {@code discontinuitySequence}: of the first segment. */
    Window(double dvrSeconds, long discontinuitySequence) {
        this.dvrSeconds = dvrSeconds;
        this.discontinuitySequence = discontinuitySequence;
    }

    void addInit(int number, Buffer init) {
        inits.put(number, init);
    }

    /** The next complete segment; {@code target} is the playlist's target duration. */
    void add(Segment segment, int target) {
        listed.addLast(segment);
        listedSeconds += segment.seconds();
        bytes += segment.length();
        double least = Math.max(dvrSeconds, (double) LEAST_TARGETS * target);
        while (listedSeconds - listed.getFirst().seconds() >= least || listed.size() > MAX_SEGMENTS) {
            retire();
        }
        while (!retired.isEmpty() && retiredSeconds - retired.getFirst().seconds() >= least) {
            forget();
        }
    }

    private void retire() {
        Segment oldest = listed.removeFirst();
        listedSeconds -= oldest.seconds();
        // The sequence counts the tags that left; a tag in front of the new first segment is still there.
        discontinuitySequence += oldest.discontinuity() ? 1 : 0;
        retired.addLast(oldest);
        retiredSeconds += oldest.seconds();
    }

    private void forget() {
        Segment gone = retired.removeFirst();
        retiredSeconds -= gone.seconds();
        bytes -= gone.length();
        int oldest = first().map(Segment::init).orElse(gone.init());
        inits.keySet().removeIf(number -> number < oldest);
    }

    private Optional<Segment> first() {
        return Optional.ofNullable(retired.peekFirst()).or(() -> Optional.ofNullable(listed.peekFirst()));
    }

    /** Gives up the oldest segment for want of memory; false when there is only one left. */
    boolean shed() {
        if (retired.isEmpty()) {
            if (listed.size() < 2) {
                return false;
            }
            retire();
        }
        forget();
        return true;
    }

    long bytes() {
        return bytes;
    }

    long discontinuitySequence() {
        return discontinuitySequence;
    }

    List<Segment> listed() {
        return new ArrayList<>(listed);
    }

    Optional<Segment> segment(long number) {
        Deque<Segment> where = listed.isEmpty() || number < listed.getFirst().number() ? retired : listed;
        return where.stream().filter(segment -> segment.number() == number).findFirst();
    }

    Optional<Buffer> init(int number) {
        return Optional.ofNullable(inits.get(number));
    }
}
