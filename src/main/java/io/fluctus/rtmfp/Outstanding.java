package io.fluctus.rtmfp;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** The fragments of all flows of a session that are in flight, in the order of their transmission (RFC 7016 3.6.2.5). */
final class Outstanding {
    private final Set<OutFragment> fragments = new LinkedHashSet<>();
    private int bytes;
    private long transmission = 1;
    private long newestAcked;

    int bytes() {
        return bytes;
    }

    boolean isEmpty() {
        return fragments.isEmpty();
    }

    void sent(OutFragment fragment, int size) {
        fragment.inFlight = true;
        fragment.everSent = true;
        fragment.naks = 0;
        fragment.size = size;
        fragment.transmission = transmission;
        fragments.add(fragment);
        bytes += size;
    }

    void packetDone() {
        transmission++;
    }

    void acked(OutFragment fragment) {
        newestAcked = Math.max(newestAcked, fragment.transmission);
        remove(fragment);
    }

    void remove(OutFragment fragment) {
        if (fragments.remove(fragment)) {
            bytes -= fragment.size;
        }
    }

    /** What one packet's acknowledgements passed over: fragments sent before the newest acknowledged one. */
    record Naks(List<OutFragment> lost, boolean anyNaks) {}

    /** Counts a negative acknowledgement for each; three make a loss. */
    Naks negativeAcknowledge() {
        List<OutFragment> lost = new ArrayList<>();
        boolean any = false;
        for (Iterator<OutFragment> all = fragments.iterator(); all.hasNext(); ) {
            OutFragment fragment = all.next();
            if (fragment.transmission > newestAcked) {
                break;
            }
            any |= !fragment.sentAbandoned;
            if (++fragment.naks >= Params.NAKS_FOR_LOSS) {
                all.remove();
                bytes -= fragment.size;
                fragment.inFlight = false;
                lost.add(fragment);
            }
        }
        return new Naks(lost, any);
    }

    List<OutFragment> takeAll() {
        List<OutFragment> all = new ArrayList<>(fragments);
        all.forEach(f -> f.inFlight = false);
        fragments.clear();
        bytes = 0;
        return all;
    }
}
