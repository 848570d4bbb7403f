package io.fluctus.rtmfp;

import io.fluctus.wire.ByteWriter;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The sending end of a flow (RFC 7016 3.6.2): messages in fragments, from the queue until they are acknowledged or abandoned. */
public final class SendFlow {
    /** Which flow of a session speaks first; live media are time critical. */
    public enum Priority {
        COMMAND,
        AUDIO,
        VIDEO,
        DATA;

        boolean isTimeCritical() {
            return this == AUDIO || this == VIDEO;
        }
    }

    private static final int INITIAL_RING = 16;
    private static final Buffer NO_OPTIONS = Buffer.buffer();

    private final long id;
    private final Priority priority;
    private List<Option> startupOptions;
    private final int fragmentSize;
    /** Fragments by sequence number modulo length; empty where one was acknowledged ahead of others. */
    private OutFragment[] ring = new OutFragment[INITIAL_RING];

    private long first = 1;
    private int count;
    private long scan = 1;
    private int queuedBytes;
    private int inFlight;
    private long window = Params.INITIAL_SEND_WINDOW;
    private long probeAt = Long.MAX_VALUE;
    private long probeInterval = Params.WINDOW_PROBE;
    private boolean probing;
    private Optional<Receipt> lastReceipt = Optional.empty();
    private boolean closed;
    private boolean failed;
    private long finalSequence = -1;
    private long forward;
    private long forwardAt;

    SendFlow(long id, Buffer metadata, Optional<Long> association, Priority priority) {
        this.id = id;
        this.priority = priority;
        List<Option> options = new ArrayList<>();
        options.add(Option.of(Chunk.UserData.METADATA, metadata));
        association.ifPresent(flow -> {
            ByteWriter value = new ByteWriter();
            Vlu.write(value, flow);
            options.add(Option.of(Chunk.UserData.RETURN_ASSOCIATION, value.buffer()));
        });
        this.startupOptions = options; // pitfall 9: metadata first, then the association
        this.fragmentSize = Params.MAX_FRAGMENT - Option.encode(options).length();
    }

    public long id() {
        return id;
    }

    public Priority priority() {
        return priority;
    }

    /** Bytes that wait or are under way. */
    public int queuedBytes() {
        return queuedBytes;
    }

    /** Whether the far end refused the flow or its queue grew beyond the limit. */
    public boolean isFailed() {
        return failed;
    }

    boolean isFinished() {
        return closed && count == 0;
    }

    Receipt write(Buffer message, Delivery delivery, long now) {
        Receipt receipt = new Receipt(delivery, lastReceipt);
        if (queuedBytes + message.length() > Params.SESSION_SEND_BUFFER) {
            expireQueue(now);
        }
        if (closed || queuedBytes + message.length() > Params.SESSION_SEND_BUFFER) {
            fail();
            receipt.abandon();
            return receipt;
        }
        lastReceipt = Optional.of(receipt);
        int length = message.length();
        for (int at = 0; at == 0 || at < length; at += fragmentSize) {
            int end = Math.min(length, at + fragmentSize);
            int control = (at == 0 ? 0 : Chunk.UserData.END) | (end == length ? 0 : Chunk.UserData.BEGIN);
            append(new OutFragment(id, first + count, control, new OutFragment.Part(message, at, end), receipt));
        }
        return receipt;
    }

    /** 2.3.11: 00 whole, 10 begin, 20 end, 30 middle: so the two bits are "not the first" and "not the last". */
    private void append(OutFragment fragment) {
        if (count == ring.length) {
            grow();
        }
        ring[index(fragment.sequence)] = fragment;
        count++;
        queuedBytes += fragment.length() + Params.FRAGMENT_COST;
        fragment.receipt.fragmentAdded();
    }

    private void grow() {
        OutFragment[] larger = new OutFragment[2 * ring.length];
        for (long sequence = first; sequence < first + count; sequence++) {
            larger[(int) sequence & larger.length - 1] = ring[index(sequence)];
        }
        ring = larger;
    }

    private int index(long sequence) {
        return (int) sequence & ring.length - 1;
    }

    /** Ends the flow after what was written. */
    void close() {
        if (closed) {
            return;
        }
        closed = true;
        OutFragment last = count > 0 ? ring[index(first + count - 1)] : null;
        if (last == null || last.everSent) {
            Receipt receipt = new Receipt(Delivery.RELIABLE, Optional.empty());
            append(new OutFragment(id, first + count, Chunk.UserData.WHOLE, OutFragment.NOTHING, receipt));
        }
        finalSequence = first + count - 1;
    }

    /** Gives everything up: the far end reported an exception, or does not keep up. */
    void fail() {
        failed = true;
        close();
        for (long sequence = first; sequence < first + count; sequence++) {
            OutFragment fragment = ring[index(sequence)];
            if (fragment != null) {
                fragment.receipt.abandon();
            }
        }
    }

    /** Whether a packet might take something of this flow. */
    boolean isReady() {
        return scan < first + count && (inFlight < window || probing || failed);
    }

    /** When a closed window is tried again. */
    long probeDeadline() {
        return probeAt;
    }

    boolean tick(long now) {
        if (now < probeAt) {
            return false;
        }
        probing = true;
        scan = Math.min(scan, first);
        probeInterval = Math.min(2 * probeInterval, Params.MAX_WINDOW_PROBE);
        probeAt = now + probeInterval;
        return true;
    }

    /**
     * Writes as many chunks as fit below {@code limit} bytes; tells whether there were any. An abandoned fragment is sent too,
     * without data (a departure from 3.6.2.3, for the sake of a receiver that waits for it).
     */
    boolean assemble(Outgoing packet, int limit, Outstanding outstanding, long now) {
        trim(now);
        long forward = forwardSequence();
        long previous = -1;
        for (long sequence = Math.max(scan, first); sequence < first + count && isReady(); sequence++) {
            OutFragment fragment = ring[index(sequence)];
            scan = sequence;
            if (fragment != null && !fragment.inFlight) {
                int start = packet.length();
                fragment.receipt.expire(now);
                if (!encode(fragment, forward, previous, new Room(packet, limit))) {
                    return previous >= 0;
                }
                outstanding.sent(fragment, packet.length() - start);
                inFlight += fragment.size;
                previous = sequence;
                probing = false;
            }
            scan = sequence + 1;
        }
        return previous >= 0;
    }

    private record Room(Outgoing packet, int limit) {
        boolean fits(int length) {
            return packet.length() + length <= limit;
        }
    }

    private boolean encode(OutFragment fragment, long forward, long previous, Room room) {
        boolean abandoned = fragment.receipt.isAbandoned();
        boolean opens = previous < 0;
        List<Option> options = opens ? startupOptions : List.of();
        int flags = fragment.fragmentControl
                | (options.isEmpty() ? 0 : Chunk.UserData.OPTIONS)
                | (abandoned ? Chunk.UserData.ABANDON : 0)
                | (fragment.sequence == finalSequence ? Chunk.UserData.FINAL : 0);
        OutFragment.Part data = abandoned ? OutFragment.NOTHING : fragment.data;
        boolean next = !opens && fragment.sequence == previous + 1;
        Buffer list = options.isEmpty() ? NO_OPTIONS : Option.encode(options).appendByte((byte) 0);
        int length = 1 + list.length() + data.length();
        if (!next) {
            length += Vlu.length(id) + Vlu.length(fragment.sequence) + Vlu.length(fragment.sequence - forward);
        }
        if (!room.fits(Params.CHUNK_HEADER + length)) {
            return false;
        }
        Outgoing out = room.packet; // 2.3.11 and 2.3.12, as their records write them
        out.u8(next ? Chunk.NEXT_USER_DATA : Chunk.USER_DATA).u16(length).u8(flags);
        if (!next) {
            out.vlu(id).vlu(fragment.sequence).vlu(fragment.sequence - forward);
        }
        out.bytes(list).bytes(data.message(), data.from(), data.to());
        fragment.receipt.start();
        fragment.sentAbandoned = abandoned;
        return true;
    }

    /** Below this the receiver waits for nothing (3.6.2.3), even if some of it is still on the way. */
    private long forwardSequence() {
        forward = Math.max(forward, first - 1);
        while (forward + 1 < first + count) {
            OutFragment next = ring[index(forward + 1)];
            if (next != null && !next.receipt.isAbandoned()) {
                break;
            }
            forward++;
        }
        return forward;
    }

    /** When the receiver should hear that it need not wait: the oldest message grows too old, or it was told in vain. */
    long forwardDeadline() {
        if (forward >= first && count > 0) {
            return forwardAt;
        }
        OutFragment head = count > 0 ? ring[index(first)] : null;
        return head != null && head.everSent ? head.receipt.deadline() : Long.MAX_VALUE;
    }

    /** A chunk that tells the forward sequence number although the window is closed, if it is time. */
    Optional<Chunk> forwardUpdate(long now) {
        if (now < forwardDeadline()) {
            return Optional.empty();
        }
        OutFragment head = ring[index(first)];
        if (head != null) {
            head.receipt.expire(now);
        }
        long told = forwardSequence();
        if (told < first) {
            return Optional.empty();
        }
        forwardAt = now + Params.FORWARD_REPEAT;
        OutFragment last = ring[index(told)];
        int control = last == null ? Chunk.UserData.WHOLE : last.fragmentControl;
        int flags = control
                | Chunk.UserData.ABANDON
                | (startupOptions.isEmpty() ? 0 : Chunk.UserData.OPTIONS)
                | (told == finalSequence ? Chunk.UserData.FINAL : 0);
        return Optional.of(new Chunk.UserData(flags, id, told, 0, startupOptions, Buffer.buffer()));
    }

    /** Forgets abandoned fragments at the head, but for one that carries the forward sequence number over. */
    private void trim(long now) {
        while (count > 1) {
            OutFragment head = ring[index(first)];
            if (head.inFlight) {
                return;
            }
            head.receipt.expire(now);
            if (!head.receipt.isAbandoned()) {
                return;
            }
            drop(head);
            skipAcknowledged();
        }
    }

    private void expireQueue(long now) {
        for (long sequence = first; sequence < first + count; sequence++) {
            OutFragment fragment = ring[index(sequence)];
            if (fragment != null && !fragment.inFlight) {
                fragment.receipt.expire(now);
            }
        }
        trim(now);
    }

    private void drop(OutFragment fragment) {
        ring[index(fragment.sequence)] = null;
        queuedBytes -= fragment.length() + Params.FRAGMENT_COST;
        if (fragment.inFlight) {
            inFlight -= fragment.size;
            fragment.inFlight = false;
        }
    }

    private void skipAcknowledged() {
        while (count > 0 && ring[index(first)] == null) {
            first++;
            count--;
        }
    }

    /** 3.6.2.4; what the far end claims of fragments that never left is not believed. */
    void acknowledge(Chunk.AckRanges ack, Outstanding outstanding, long now) {
        startupOptions = List.of();
        updateWindow(ack.buffer(), now);
        acknowledge(first, ack.cumulativeAck(), outstanding);
        long cursor = ack.cumulativeAck();
        for (Chunk.AckRanges.Range range : ack.ranges()) {
            if (cursor >= first + count) {
                break;
            }
            long from = cursor + range.holesMinusOne() + 2;
            long to = from + range.receivedMinusOne();
            acknowledge(from, to, outstanding);
            cursor = to;
        }
        skipAcknowledged();
        scan = Math.max(scan, first);
    }

    private void acknowledge(long from, long to, Outstanding outstanding) {
        long end = Math.min(to, first + count - 1);
        for (long sequence = Math.max(from, first); sequence <= end; sequence++) {
            OutFragment fragment = ring[index(sequence)];
            if (fragment != null && fragment.everSent) {
                outstanding.acked(fragment);
                drop(fragment);
                fragment.receipt.fragmentArrived();
            }
        }
    }

    private void updateWindow(long blocks, long now) {
        window = blocks * Params.BUFFER_BLOCK;
        if (window > 0) {
            probeAt = Long.MAX_VALUE;
            probeInterval = Params.WINDOW_PROBE;
            probing = false;
        } else if (probeAt == Long.MAX_VALUE && count > 0) {
            probeAt = now + probeInterval;
        }
    }

    /** A fragment of ours that is no longer in flight. */
    void lost(OutFragment fragment) {
        inFlight -= fragment.size;
        fragment.receipt.lost();
        scan = Math.min(scan, fragment.sequence);
    }
}
