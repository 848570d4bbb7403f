package io.fluctus.rtmfp;

/** Round-trip times and the retransmission time-out of a session, from timestamp echoes (RFC 7016 3.5.2.2). */
final class RoundTrip {
    private int timestamp = Packet.NONE;
    private long timestampTime;
    private int lastEchoSent = Packet.NONE;
    private int lastEchoReceived = Packet.NONE;
    private double srtt = -1;
    private double variation;
    private double measured = Params.MINIMUM_ERTO;
    private double erto = Params.INITIAL_ERTO;

    /** A packet arrived with these timestamps, either of which may be missing. */
    void received(int farTimestamp, int echo, long now) {
        if (farTimestamp != Packet.NONE && farTimestamp != timestamp) {
            timestamp = farTimestamp;
            timestampTime = now;
        }
        if (echo != Packet.NONE && echo != lastEchoReceived) {
            lastEchoReceived = echo;
            int ticks = Packet.ticks(now) - echo & 0xffff;
            if (ticks < 0x8000) {
                measure(ticks * (double) Packet.TICK);
            }
        }
    }

    private void measure(double rtt) {
        if (srtt < 0) {
            srtt = rtt;
            variation = rtt / 2;
        } else {
            variation = (3 * variation + Math.abs(srtt - rtt)) / 4;
            srtt = (7 * srtt + rtt) / 8;
        }
        measured = srtt + 4 * variation + Params.DELAYED_ACK;
        erto = Math.max(measured, Params.MINIMUM_ERTO);
    }

    /** The echo for a packet that leaves now, or NONE if it would say nothing new. */
    int echo(long now) {
        if (timestamp == Packet.NONE || now - timestampTime > Params.MAX_ECHO_AGE) {
            timestamp = Packet.NONE;
            return Packet.NONE;
        }
        int echo = timestamp + (int) ((now - timestampTime) / Packet.TICK) & 0xffff;
        return echo == lastEchoSent ? Packet.NONE : echo;
    }

    void sent(int echo) {
        if (echo != Packet.NONE) {
            lastEchoSent = echo;
        }
    }

    void backOff() {
        erto = Math.max(Math.min(erto * Params.ERTO_BACKOFF, Params.MAXIMUM_ERTO), measured);
    }

    /** Milliseconds, negative while unknown. */
    double smoothed() {
        return srtt;
    }

    long erto() {
        return (long) Math.ceil(erto);
    }
}
