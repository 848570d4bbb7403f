package io.fluctus.rtmfp;

/**
 * How many bytes may be under way (RFC 7016 3.5.2 and Appendix A): additive increase and multiplicative decrease, gentler for
 * whoever sends time-critical data and slower for whoever shares a path with it, in bursts of six packets.
 */
final class CongestionControl {
    /** Appendix A.2: from this much outstanding, a loss costs an eighth instead of a half. */
    private static final int LARGE_WINDOW = 67_200;

    private static final int MIN_STEP = 64;
    private static final int MAX_STEP = 4_800;
    private static final int SLOW_MAX_STEP = 2_400;
    private static final int INCREASE = 48;
    private static final int SLOW_INCREASE = 24;

    /** What one packet's acknowledgements said; bytes in flight before and after it. */
    record Report(int before, int after, int acked, boolean anyLoss, boolean anyNaks) {}

    private int cwnd = Params.CWND_INIT;
    private int ssthresh = Integer.MAX_VALUE;
    private int accumulator;
    private int recovery;
    private long timeCriticalSent = Long.MIN_VALUE / 2;
    private long timeCriticalReverse = Long.MIN_VALUE / 2;
    private int burst = Params.MAX_BURST;
    private long burstAt = Long.MAX_VALUE;

    int window() {
        return cwnd;
    }

    /** Whether data may leave now; otherwise a burst is refilled at {@link #burstDeadline}. */
    boolean maySend(int outstanding, double rtt, long now) {
        if (outstanding >= cwnd) {
            return false;
        }
        if (burst > 0 || rtt < Params.BURST_RTT) {
            return true;
        }
        if (burstAt == Long.MAX_VALUE) {
            burstAt = now + Math.max(1, (long) (rtt * (Params.SENDER_MSS - burst) / cwnd));
        }
        return false;
    }

    void sent(int bytes, boolean timeCritical, long now) {
        burst -= bytes;
        if (timeCritical) {
            timeCriticalSent = now;
        }
    }

    void timeCriticalReverse(long now) {
        timeCriticalReverse = now;
    }

    long burstDeadline() {
        return burstAt;
    }

    /** Refills the burst when its time has come; what a late timer missed is made up for. */
    boolean tick(double rtt, long now) {
        if (now < burstAt) {
            return false;
        }
        burst = Params.SENDER_MSS + (int) Math.min(Params.MAX_BURST, (now - burstAt) / Math.max(rtt, 1) * cwnd);
        burstAt = Long.MAX_VALUE;
        return true;
    }

    /** @param elsewhere whether this endpoint sends time-critical data in any session */
    void acknowledged(Report r, boolean elsewhere, long now) {
        burst = Math.max(burst, Params.MAX_BURST);
        burstAt = Long.MAX_VALUE;
        boolean sends = timeCriticalSent + Params.TIME_CRITICAL >= now;
        boolean fast = !sends && !elsewhere && timeCriticalReverse + Params.TIME_CRITICAL < now;
        if (recovery > r.before - r.after) {
            recovery -= r.before - r.after; // one window's losses are one event
            return;
        }
        recovery = 0;
        if (r.anyLoss) {
            boolean gentle = sends || r.before > LARGE_WINDOW && fast;
            int flight = Math.min(cwnd, r.before);
            ssthresh = Math.max(gentle ? flight - flight / 8 : flight / 2, Params.CWND_INIT);
            cwnd = ssthresh;
            accumulator = 0;
            recovery = r.after;
        } else if (r.acked > 0 && !r.anyNaks && r.before > cwnd - cwnd / 64 - 1) {
            int increase = Math.min(increase(r.acked, fast, sends), Params.SENDER_MSS);
            cwnd = Math.min(Math.max(cwnd + increase, Params.CWND_INIT), Params.MAX_CWND);
        }
    }

    private int increase(int acked, boolean fast, boolean sends) {
        if (cwnd < ssthresh && (fast || sends)) {
            accumulator = 0;
            return fast ? acked : (acked + 3) / 4;
        }
        int step = Math.min(Math.max(cwnd / 16, MIN_STEP), fast ? MAX_STEP : SLOW_MAX_STEP);
        accumulator += acked;
        int steps = accumulator / step;
        accumulator -= steps * step;
        return steps * (fast || sends ? INCREASE : SLOW_INCREASE);
    }

    /** A.2: nothing was acknowledged for a whole retransmission time-out. */
    void timedOut(boolean anyOutstanding) {
        ssthresh = Math.max(Math.min(ssthresh, Params.MAX_CWND), cwnd / 4 * 3);
        accumulator = 0;
        recovery = 0;
        cwnd = anyOutstanding ? Params.CWND_TIMEDOUT : Params.CWND_INIT;
        burst = Params.MAX_BURST;
        burstAt = Long.MAX_VALUE;
    }
}
