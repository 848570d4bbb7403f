package io.fluctus.hls;

import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;

/** A media segment, from its first part on; complete, it is one run of bytes of which its parts are views. */
final class Segment {
    /** A part (RFC 8216bis 4.4.4.9); {@code independent}: it begins with a key frame. */
    record Part(Buffer bytes, double seconds, boolean independent) {}

    private final long number;
    private final boolean discontinuity;
    private final int init;
    private List<Part> parts = new ArrayList<>();
    private Buffer bytes = Buffer.buffer();
    private double seconds;
    private long length;
    private long wall;

    /** {@code number}: its media sequence number; {@code init}: the number of its initialization. */
    Segment(long number, boolean discontinuity, int init) {
        this.number = number;
        this.discontinuity = discontinuity;
        this.init = init;
    }

    void add(Part part) {
        parts.add(part);
        seconds += part.seconds;
        length += part.bytes.length();
    }

    /** No part follows; it began at {@code wall}, milliseconds since 1970. */
    void complete(long wall) {
        this.wall = wall;
        Buffer whole = Buffer.buffer((int) length);
        parts.forEach(part -> whole.appendBuffer(part.bytes));
        List<Part> views = new ArrayList<>(parts.size());
        int at = 0;
        for (Part part : parts) {
            int end = at + part.bytes.length();
            views.add(new Part(whole.slice(at, end), part.seconds, part.independent));
            at = end;
        }
        parts = views;
        bytes = whole;
    }

    long number() {
        return number;
    }

    boolean discontinuity() {
        return discontinuity;
    }

    int init() {
        return init;
    }

    List<Part> parts() {
        return parts;
    }

    /** Empty until it is complete. */
    Buffer bytes() {
        return bytes;
    }

    double seconds() {
        return seconds;
    }

    long length() {
        return length;
    }

    long wall() {
        return wall;
    }
}
