package io.fluctus.rtmfp;

import io.vertx.core.buffer.Buffer;

/** One fragment in a sender's queue, from cutting to acknowledgement; in flight it is linked with the others of its session. */
final class OutFragment {
    /** Bytes of a message that viewers share. */
    record Part(Buffer message, int from, int to) {
        int length() {
            return to - from;
        }
    }

    static final Part NOTHING = new Part(Buffer.buffer(), 0, 0);

    final long flowId;
    final long sequence;
    final int fragmentControl;
    final Part data;
    final Receipt receipt;
    boolean everSent;
    boolean inFlight;
    boolean sentAbandoned;
    int size;
    long transmission;
    int naks;

    /** The fragments that left before and after this one, while it is in flight. */
    OutFragment earlier;

    OutFragment later;
    boolean linked;

    OutFragment(long flowId, long sequence, int fragmentControl, Part data, Receipt receipt) {
        this.flowId = flowId;
        this.sequence = sequence;
        this.fragmentControl = fragmentControl;
        this.data = data;
        this.receipt = receipt;
    }

    int length() {
        return data.length();
    }
}
