package io.fluctus.rtmfp;

import java.util.ArrayList;
import java.util.List;

/** The fragments of all flows of a session that are in flight, in the order of their transmission (RFC 7016 3.6.2.5). */
final class Outstanding {
    private OutFragment oldest;
    private OutFragment newest;
    private int bytes;
    private long transmission = 1;
    private long newestAcked;

    int bytes() {
        return bytes;
    }

    boolean isEmpty() {
        return oldest == null;
    }

    void sent(OutFragment fragment, int size) {
        fragment.inFlight = true;
        fragment.everSent = true;
        fragment.naks = 0;
        fragment.size = size;
        fragment.transmission = transmission;
        fragment.linked = true;
        fragment.earlier = newest;
        if (newest == null) {
            oldest = fragment;
        } else {
            newest.later = fragment;
        }
        newest = fragment;
        bytes += size;
    }

    void packetDone() {
        transmission++;
    }

    void acked(OutFragment fragment) {
        newestAcked = Math.max(newestAcked, fragment.transmission);
        remove(fragment);
    }

    private void remove(OutFragment fragment) {
        if (!fragment.linked) {
            return;
        }
        if (fragment.earlier == null) {
            oldest = fragment.later;
        } else {
            fragment.earlier.later = fragment.later;
        }
        if (fragment.later == null) {
            newest = fragment.earlier;
        } else {
            fragment.later.earlier = fragment.earlier;
        }
        fragment.earlier = null;
        fragment.later = null;
        fragment.linked = false;
        bytes -= fragment.size;
    }

    /** What one packet's acknowledgements passed over: fragments sent before the newest acknowledged one. */
    record Naks(List<OutFragment> lost, boolean anyNaks) {}

    /** Counts a negative acknowledgement for each; three make a loss. */
    Naks negativeAcknowledge() {
        List<OutFragment> lost = List.of();
        boolean any = false;
        OutFragment next = oldest;
        while (next != null && next.transmission <= newestAcked) {
            OutFragment fragment = next;
            next = fragment.later;
            any |= !fragment.sentAbandoned;
            if (++fragment.naks >= Params.NAKS_FOR_LOSS) {
                remove(fragment);
                fragment.inFlight = false;
                lost = lost.isEmpty() ? new ArrayList<>() : lost;
                lost.add(fragment);
            }
        }
        return new Naks(lost, any);
    }

    List<OutFragment> takeAll() {
        List<OutFragment> all = new ArrayList<>();
        while (oldest != null) {
            oldest.inFlight = false;
            all.add(oldest);
            remove(oldest);
        }
        return all;
    }
}
