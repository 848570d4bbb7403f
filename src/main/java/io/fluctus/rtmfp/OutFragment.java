package io.fluctus.rtmfp;

import io.vertx.core.buffer.Buffer;

/** One fragment in a sender's queue, from cutting to acknowledgement. */
final class OutFragment {
    final long flowId;
    final long sequence;
    final int fragmentControl;
    final Buffer data;
    final Receipt receipt;
    boolean everSent;
    boolean inFlight;
    boolean sentAbandoned;
    int size;
    long transmission;
    int naks;

    OutFragment(long flowId, long sequence, int fragmentControl, Buffer data, Receipt receipt) {
        this.flowId = flowId;
        this.sequence = sequence;
        this.fragmentControl = fragmentControl;
        this.data = data;
        this.receipt = receipt;
    }
}
