package io.fluctus.rtmfp;

import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;

/** The receiving end of a flow (RFC 7016 3.6.3): fragments in any order become messages, and acknowledgements are owed. */
public final class RecvFlow {
    /** What a flow may do with what has arrived: wait for its turn, or give each message up as soon as it is whole. */
    public enum Order {
        SEQUENCE,
        AS_SOON_AS_POSSIBLE
    }

    /** What one fragment did: messages that are whole now, and whether the acknowledgement must not wait. */
    record Received(List<Buffer> messages, boolean urgent) {}

    private record Piece(int fragmentControl, boolean abandoned, Buffer data) {
        int cost() {
            return data.length() + Params.FRAGMENT_COST;
        }

        boolean begins() {
            return !abandoned && (fragmentControl & Chunk.UserData.END) == 0;
        }

        boolean ends() {
            return !abandoned && (fragmentControl & Chunk.UserData.BEGIN) == 0;
        }
    }

    private final long id;
    private final Buffer metadata;
    private final Optional<Long> association;
    private final Budget budget;
    private final TreeMap<Long, Piece> pieces = new TreeMap<>();
    private final TreeSet<Long> begins = new TreeSet<>();
    private final TreeSet<Long> ends = new TreeSet<>();
    private final Ranges received = new Ranges();
    private Order order = Order.SEQUENCE;
    private long cumulative;
    private long examined;
    private long finalSequence = Long.MAX_VALUE;
    private int held;
    private long accepted;
    private final List<Buffer> partial = new ArrayList<>();
    private int partialLength;
    private Optional<Long> rejection = Optional.empty();
    private long completeAt = Long.MAX_VALUE;

    RecvFlow(long id, Buffer metadata, Optional<Long> association, Budget budget) {
        this.id = id;
        this.metadata = metadata;
        this.association = association;
        this.budget = budget;
    }

    public long id() {
        return id;
    }

    public Buffer metadata() {
        return metadata;
    }

    /** The flow of ours that this one answers. */
    public Optional<Long> association() {
        return association;
    }

    Order order() {
        return order;
    }

    /** Before the first fragment. */
    public void order(Order order) {
        this.order = order;
    }

    /** Refuses the rest of the flow: the sender is told with this code. */
    public void reject(long code) {
        if (rejection.isEmpty()) {
            rejection = Optional.of(code);
            pieces.values().forEach(p -> release(p.cost()));
            pieces.clear();
            begins.clear();
            ends.clear();
            dropPartial();
        }
    }

    Optional<Long> rejection() {
        return rejection;
    }

    /** Every fragment up to the final one is here or given up. */
    boolean isComplete() {
        return cumulative >= finalSequence;
    }

    /** Fragments up to the newest that was received or given up, but for those that came with their data. */
    long lost() {
        return cumulative + received.count() - accepted;
    }

    long completeAt() {
        return completeAt;
    }

    void completeAt(long now) {
        completeAt = now;
    }

    Received receive(int flags, long sequence, long forward, Buffer data) {
        boolean hadHoles = !received.isEmpty();
        if ((flags & Chunk.UserData.FINAL) != 0 && finalSequence == Long.MAX_VALUE) {
            finalSequence = sequence;
        }
        boolean isNew = accept(flags, sequence, data);
        boolean jumped = forward > cumulative;
        cumulative = received.advance(Math.max(cumulative, Math.min(forward, finalSequence)));
        List<Buffer> messages = new ArrayList<>();
        if (rejection.isEmpty()) {
            if (order == Order.SEQUENCE) {
                deliverInSequence(messages);
            } else if (isNew) {
                deliverAround(sequence, messages);
            }
            if (order == Order.AS_SOON_AS_POSSIBLE && jumped) {
                dropDead();
            }
        }
        boolean urgent = !isNew || hadHoles || !received.isEmpty() || jumped || finalSequence != Long.MAX_VALUE;
        return new Received(messages, urgent);
    }

    /** Keeps the fragment if it is new and there is room; an unkept one is not acknowledged. */
    private boolean accept(int flags, long sequence, Buffer data) {
        if (sequence <= cumulative || sequence > finalSequence || received.contains(sequence)) {
            return false;
        }
        if (sequence - cumulative > Params.MAX_SEQUENCE_GAP || received.size() >= Params.MAX_RANGES) {
            return false;
        }
        boolean abandoned = (flags & Chunk.UserData.ABANDON) != 0;
        Piece piece = new Piece(flags & Chunk.UserData.FRAGMENT_CONTROL, abandoned, abandoned ? Buffer.buffer() : data);
        if (rejection.isEmpty()) {
            if (!budget.take(piece.cost())) {
                return false;
            }
            held += piece.cost();
            pieces.put(sequence, piece);
            if (order == Order.AS_SOON_AS_POSSIBLE && piece.begins()) {
                begins.add(sequence);
            }
            if (order == Order.AS_SOON_AS_POSSIBLE && piece.ends()) {
                ends.add(sequence);
            }
        }
        received.add(sequence);
        accepted += abandoned ? 0 : 1;
        return true;
    }

    private void deliverInSequence(List<Buffer> messages) {
        Iterator<Map.Entry<Long, Piece>> head =
                pieces.headMap(cumulative, true).entrySet().iterator();
        while (head.hasNext() && rejection.isEmpty()) {
            Map.Entry<Long, Piece> next = head.next();
            head.remove();
            if (next.getKey() != examined + 1) {
                dropPartial();
            }
            examined = next.getKey();
            append(next.getValue(), messages);
        }
        if (examined < cumulative) {
            examined = cumulative;
            dropPartial();
        }
    }

    private void append(Piece piece, List<Buffer> messages) {
        if (piece.begins() || piece.abandoned) {
            dropPartial();
        }
        if (piece.abandoned || !piece.begins() && partial.isEmpty()) {
            release(piece.cost());
            return;
        }
        partial.add(piece.data);
        partialLength += piece.data.length();
        release(piece.cost() - piece.data.length());
        if (piece.ends()) {
            messages.add(joined(partial, partialLength));
            dropPartial();
        } else if (partialLength > Params.MAX_MESSAGE) {
            reject(0);
        }
    }

    private static Buffer joined(List<Buffer> parts, int length) {
        if (parts.size() == 1) {
            return parts.get(0);
        }
        Buffer whole = Buffer.buffer(length);
        parts.forEach(whole::appendBuffer);
        return whole;
    }

    private void dropPartial() {
        release(partialLength);
        partial.clear();
        partialLength = 0;
    }

    private void release(int cost) {
        held -= cost;
        budget.give(cost);
    }

    /** Joins the message that a new fragment made whole, if it did: its ends are looked up, not walked to. */
    private void deliverAround(long sequence, List<Buffer> messages) {
        Long from = begins.floor(sequence);
        Long to = ends.ceiling(sequence);
        if (from == null || to == null || !received.covers(Math.max(from, cumulative + 1), to)) {
            return;
        }
        List<Buffer> parts = new ArrayList<>();
        int length = 0;
        for (long at = from; at <= to; at++) {
            Piece piece = pieces.get(at);
            if (piece == null || piece.abandoned || at != from && piece.begins()) {
                return;
            }
            parts.add(piece.data);
            length += piece.data.length();
        }
        for (long done = from; done <= to; done++) {
            forget(done);
        }
        if (length > Params.MAX_MESSAGE) {
            reject(0);
        } else {
            messages.add(joined(parts, length));
        }
    }

    private void forget(long sequence) {
        release(pieces.remove(sequence).cost());
        begins.remove(sequence);
        ends.remove(sequence);
    }

    /** Forgets fragments below the cumulative acknowledgement whose message can never be whole. */
    private void dropDead() {
        List<Long> chain = new ArrayList<>();
        List<Long> dead = new ArrayList<>();
        for (Map.Entry<Long, Piece> next : pieces.headMap(cumulative, true).entrySet()) {
            boolean follows = !chain.isEmpty() && chain.get(chain.size() - 1) == next.getKey() - 1;
            if (!follows || next.getValue().begins()) {
                dead.addAll(chain);
                chain.clear();
            }
            if (follows || next.getValue().begins()) {
                chain.add(next.getKey());
            } else {
                dead.add(next.getKey());
            }
        }
        if (!chain.isEmpty() && chain.get(chain.size() - 1) < cumulative) {
            dead.addAll(chain);
        }
        dead.forEach(this::forget);
    }

    /** 3.6.3.4.3. Ranges, never a bitmap, and never a closed window: Cumulus knows no bitmaps, and a window of 0 ends flows. */
    Chunk.AckRanges acknowledgement() {
        List<Chunk.AckRanges.Range> ranges = new ArrayList<>();
        long cursor = cumulative;
        for (Map.Entry<Long, Long> island : received.islands()) {
            if (ranges.size() == Params.MAX_ACK_RANGES) {
                break;
            }
            ranges.add(new Chunk.AckRanges.Range(island.getKey() - cursor - 2, island.getValue() - island.getKey()));
            cursor = island.getValue();
        }
        int room = Math.min(Params.RECEIVE_BUFFER - held, budget.left());
        return new Chunk.AckRanges(id, Math.max(1, room / Params.BUFFER_BLOCK), cumulative, ranges);
    }
}
