package io.fluctus.rtmfp;

import io.fluctus.media.MediaPacket;
import io.fluctus.media.MediaPacket.Kind;
import io.fluctus.media.MediaTag;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Makes packets of the fragments that a member holds, strictly in order; a hole that lasts is passed over to the next key frame. */
final class Reassembler {
    /** How long the first fragments may overtake each other before the stream begins. */
    private static final int BEGIN_MILLIS = 300;

    private final FragmentStore store;
    private final int patience;
    private long next;
    private long waitsSince = Long.MIN_VALUE;
    private boolean keyFrameWanted = true;
    private long skipped;

    /** {@code patience}: milliseconds that a hole is waited for. */
    Reassembler(FragmentStore store, int patience) {
        this.store = store;
        this.patience = patience;
    }

    /** The number of the fragment that is waited for; 0 before the stream has begun. */
    long next() {
        return next;
    }

    /** Fragments that were given up. */
    long skipped() {
        return skipped;
    }

    /** What is complete now; the stream begins with the first message from {@code from} on. */
    List<MediaPacket> advance(long from, long now) {
        List<MediaPacket> packets = new ArrayList<>();
        if (next == 0 && !begin(from, now)) {
            return packets;
        }
        boolean going = true;
        while (going) {
            going = takeMessage(packets);
            if (going) {
                waitsSince = Long.MIN_VALUE;
            } else if (store.last() >= next) {
                going = passOver(now);
            }
        }
        return packets;
    }

    private boolean begin(long from, long now) {
        Optional<Long> first = store.nextBeginning(from);
        if (first.isEmpty()) {
            return false;
        }
        waitsSince = waitsSince == Long.MIN_VALUE ? now : waitsSince;
        if (now - waitsSince < BEGIN_MILLIS) {
            return false;
        }
        next = first.get();
        waitsSince = Long.MIN_VALUE;
        return true;
    }

    /** Takes the message that begins at {@code next}, if it is whole. */
    private boolean takeMessage(List<MediaPacket> packets) {
        Optional<Fragment> first = store.get(next);
        if (first.isEmpty()) {
            return false;
        }
        Fragment fragment = first.get();
        if (!fragment.place().begins()) {
            next++; // its beginning was passed over
            return true;
        }
        Buffer whole = fragment.data();
        if (fragment.place() == Fragment.Place.FIRST) {
            Optional<Joined> joined = join(fragment);
            if (joined.isEmpty()) {
                return false;
            }
            whole = joined.get().whole();
            next += joined.get().pieces();
        } else {
            next++;
        }
        emit(fragment, whole, packets);
        return true;
    }

    /** A message and its count of pieces; no bytes if it never ended. */
    private record Joined(Buffer whole, int pieces) {}

    /** The pieces of a message up to its last; empty while one is missing. */
    private Optional<Joined> join(Fragment first) {
        Buffer whole = Buffer.buffer().appendBuffer(first.data());
        for (int pieces = 1; pieces < Fragment.MAX_PIECES; pieces++) {
            Optional<Fragment> piece = store.get(first.id() + pieces);
            if (piece.isEmpty()) {
                return Optional.empty();
            }
            if (piece.get().place().begins()) {
                return Optional.of(new Joined(Buffer.buffer(), pieces));
            }
            whole.appendBuffer(piece.get().data());
            if (piece.get().place() == Fragment.Place.LAST) {
                return Optional.of(new Joined(whole, pieces + 1));
            }
        }
        return Optional.of(new Joined(Buffer.buffer(), Fragment.MAX_PIECES));
    }

    private boolean passOver(long now) {
        waitsSince = waitsSince == Long.MIN_VALUE ? now : waitsSince;
        if (now - waitsSince < patience) {
            return false;
        }
        Optional<Long> beginning = store.nextBeginning(next + 1);
        if (beginning.isEmpty()) {
            return false;
        }
        skipped += beginning.get() - next;
        next = beginning.get();
        keyFrameWanted = true;
        waitsSince = Long.MIN_VALUE;
        return true;
    }

    private void emit(Fragment first, Buffer whole, List<MediaPacket> packets) {
        if (whole.length() == 0) {
            return;
        }
        switch (first.type()) {
            case FlowMessage.AUDIO -> packets.add(MediaPacket.of(Kind.AUDIO, first.time(), whole));
            case FlowMessage.VIDEO -> {
                boolean header = MediaTag.header(Kind.VIDEO, whole);
                keyFrameWanted &= header || !MediaTag.keyFrame(whole);
                if (header || !keyFrameWanted) {
                    packets.add(MediaPacket.of(Kind.VIDEO, first.time(), whole));
                }
            }
            case FlowMessage.DATA_AMF0 -> packets.add(MediaPacket.of(Kind.DATA, first.time(), whole));
            default -> {} // such as the commands a publisher ends with
        }
    }
}
