package io.fluctus.rtmfp;

import java.util.Optional;

/** What becomes of one written message: it waits, it is under way, it was abandoned, or every fragment arrived. */
public final class Receipt {
    private final Delivery delivery;
    private Optional<Receipt> previous;
    private long finishBy;
    private boolean started;
    private boolean abandoned;
    private int fragments;

    Receipt(Delivery delivery, Optional<Receipt> previous) {
        this.delivery = delivery;
        this.previous = delivery.dependent() ? previous : Optional.empty();
        this.finishBy = delivery.finishBy();
    }

    public boolean isAbandoned() {
        return abandoned;
    }

    public boolean isDelivered() {
        return fragments == 0 && !abandoned;
    }

    public void abandon() {
        abandoned = true;
        previous = Optional.empty();
    }

    /** From now on it is worth no more than this, because something newer replaces it. */
    public void finishBy(long deadline) {
        finishBy = Math.min(finishBy, deadline);
    }

    /** When {@link #expire} abandons it for its age. */
    long deadline() {
        return started ? finishBy : Math.min(finishBy, delivery.startBy());
    }

    void expire(long now) {
        if (abandoned) {
            return;
        }
        previous.ifPresent(p -> {
            p.expire(now);
            if (p.abandoned) {
                abandon();
            }
        });
        if (now >= deadline()) {
            abandon();
        }
    }

    void start() {
        started = true;
        previous = Optional.empty(); // what has begun is finished for its own sake
    }

    void lost() {
        if (!delivery.retransmit()) {
            abandon();
        }
    }

    void fragmentAdded() {
        fragments++;
    }

    void fragmentArrived() {
        fragments--;
    }
}
