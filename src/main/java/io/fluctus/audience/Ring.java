package io.fluctus.audience;

import io.fluctus.config.Config;
import io.fluctus.media.MediaPacket;
import io.fluctus.media.MediaPacket.Kind;
import io.fluctus.media.MediaTag;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The newest packets of a stream, bounded in bytes, age and number; every viewer is a cursor into it. */
final class Ring {
    /** Packets kept at most. */
    static final int MAX_PACKETS = 8192;

    /** What a packet is to a viewer that chooses: the bits of its mask. */
    static final int AUDIO = 1;

    static final int VIDEO = 2;
    static final int DATA = 4;
    static final int HEADER = 8;
    static final int WORD = 16;

    /** The mask of a viewer that has chosen nothing. */
    static final int EVERYTHING = AUDIO | VIDEO | DATA | HEADER;

    private static final int FIRST_CAPACITY = 64;
    private static final long NONE = -1;
    private static final long MILLIS_PER_SECOND = 1_000;

    private final Config.Fanout pace;
    private MediaPacket[] packets = new MediaPacket[FIRST_CAPACITY];
    private byte[] bits = new byte[FIRST_CAPACITY];
    private long[] arrivedAt = new long[FIRST_CAPACITY];
    private long[] before = new long[FIRST_CAPACITY];
    private long bytesAdded;
    private long tail;
    private long head;
    private long bytes;
    private long lastKeyFrame = NONE;
    private long lastHeader = NONE;
    private long lastWord = NONE;
    private MediaPacket newestWord;

    Ring(Config.Fanout pace) {
        this.pace = pace;
    }

    /** The index after the newest packet. */
    long head() {
        return head;
    }

    /** The index of the oldest packet. */
    long tail() {
        return tail;
    }

    long bytes() {
        return bytes;
    }

    MediaPacket get(long index) {
        return packets[slot(index)];
    }

    /** {@code now} is monotonic milliseconds. */
    void add(MediaPacket packet, long now) {
        if (head - tail == packets.length) {
            grow();
        }
        int slot = slot(head);
        packets[slot] = packet;
        bits[slot] = (byte) bitOf(packet);
        arrivedAt[slot] = now;
        before[slot] = bytesAdded;
        bytesAdded += packet.payload().length();
        bytes += packet.payload().length();
        if (bits[slot] == VIDEO && MediaTag.keyFrame(packet.payload())) {
            lastKeyFrame = head;
        } else if (bits[slot] == HEADER) {
            lastHeader = head;
        } else if (bits[slot] == WORD) {
            lastWord = head;
            newestWord = packet;
        }
        head++;
        trim(now);
    }

    /** How long ago the packet at {@code index} arrived, or the oldest one kept; 0 when it is yet to come. */
    long age(long index, long now) {
        return index >= head ? 0 : Math.max(0, now - arrivedAt[slot(Math.max(index, tail))]);
    }

    /** The newest key frame, or -1 when none is kept. */
    long lastKeyFrame() {
        return lastKeyFrame >= tail ? lastKeyFrame : NONE;
    }

    /** The index of the newest header, or -1; it may have been trimmed. */
    long lastHeader() {
        return lastHeader;
    }

    /** The index of the newest word, or -1; it may have been trimmed. */
    long lastWord() {
        return lastWord;
    }

    /** The word at {@link #lastWord}, even if it was trimmed; only where there is one. */
    MediaPacket newestWord() {
        return newestWord;
    }

    /** The first key frame at or after {@code index}, or -1. */
    long nextKeyFrame(long index) {
        for (long i = index; i <= lastKeyFrame; i++) {
            if (bits[slot(i)] == VIDEO && MediaTag.keyFrame(get(i).payload())) {
                return i;
            }
        }
        return NONE;
    }

    /** The first word (PUBLISHED, UNPUBLISHED) at or after {@code index}, or -1. */
    long nextWord(long index) {
        for (long i = index; i <= lastWord; i++) {
            if (bits[slot(i)] == WORD) {
                return i;
            }
        }
        return NONE;
    }

    /** The end of a run that starts at {@code from}: at most {@code limit}, and over {@code maxBytes} by one packet at most. */
    long runEnd(long from, long limit, int maxBytes) {
        if (limit - from == 1 || bytesBefore(limit) - bytesBefore(from) <= maxBytes) {
            return limit;
        }
        long end = from + 1;
        while (bytesBefore(end) - bytesBefore(from) < maxBytes) {
            end++;
        }
        return end;
    }

    /** Bytes of all packets that were ever added before this one. */
    private long bytesBefore(long index) {
        return index == head ? bytesAdded : before[slot(index)];
    }

    /** The packets in {@code [from, to)} that the mask lets through. */
    List<MediaPacket> select(long from, long to, int mask) {
        List<MediaPacket> selected = new ArrayList<>((int) (to - from));
        for (long i = from; i < to; i++) {
            if ((bits[slot(i)] & mask) != 0) {
                selected.add(get(i));
            }
        }
        return selected;
    }

    /** The packets that the mask lets through. */
    static List<MediaPacket> select(List<MediaPacket> packets, int mask) {
        return packets.stream().filter(packet -> (bitOf(packet) & mask) != 0).toList();
    }

    private static int bitOf(MediaPacket packet) {
        return switch (packet.kind()) {
            case AUDIO -> MediaTag.header(Kind.AUDIO, packet.payload()) ? HEADER : AUDIO;
            case VIDEO -> MediaTag.header(Kind.VIDEO, packet.payload()) ? HEADER : VIDEO;
            case DATA -> DATA;
            case PUBLISHED, UNPUBLISHED -> WORD;
        };
    }

    private void trim(long now) {
        while (tail < head - 1
                && (bytes > pace.queueBytes()
                        || head - tail > MAX_PACKETS
                        || now - arrivedAt[slot(tail)] > pace.queueSeconds() * MILLIS_PER_SECOND)) {
            int slot = slot(tail);
            bytes -= packets[slot].payload().length();
            packets[slot] = null;
            tail++;
        }
    }

    private void grow() {
        MediaPacket[] oldPackets = packets;
        byte[] oldBits = bits;
        long[] oldArrivedAt = arrivedAt;
        long[] oldBefore = before;
        int capacity = packets.length * 2;
        packets = new MediaPacket[capacity];
        bits = Arrays.copyOf(bits, capacity);
        arrivedAt = Arrays.copyOf(arrivedAt, capacity);
        before = Arrays.copyOf(before, capacity);
        for (long i = tail; i < head; i++) {
            int from = (int) (i & (capacity / 2 - 1));
            packets[slot(i)] = oldPackets[from];
            bits[slot(i)] = oldBits[from];
            arrivedAt[slot(i)] = oldArrivedAt[from];
            before[slot(i)] = oldBefore[from];
        }
    }

    private int slot(long index) {
        return (int) (index & (packets.length - 1));
    }
}
