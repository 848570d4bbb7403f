package io.fluctus.rtmfp;

/** What all sessions of an endpoint know of each other: who receives and who sends time-critical data (RFC 7016 3.5.2.1). */
final class TimeCritical {
    private static final long LONG_AGO = Long.MIN_VALUE / 2;

    private int receiver;
    private long receivedAt = LONG_AGO;
    private long receivedByOthersAt = LONG_AGO;
    private long sentAt = LONG_AGO;

    void received(int session, long now) {
        if (session != receiver) {
            receivedByOthersAt = receivedAt;
            receiver = session;
        }
        receivedAt = now;
    }

    /** Whether {@code session} shall tell its peer that somebody else here receives in real time. */
    boolean reverse(int session, long now) {
        long at = session == receiver ? receivedByOthersAt : receivedAt;
        return at + Params.TIME_CRITICAL >= now;
    }

    void sent(long now) {
        sentAt = now;
    }

    boolean isSending(long now) {
        return sentAt + Params.TIME_CRITICAL >= now;
    }
}
