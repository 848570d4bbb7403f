package io.fluctus.rtmp;

import io.fluctus.wire.ProtocolException;

/** How long a peer may take for each step of a connection, and how long it may be silent. Times are in milliseconds. */
final class Patience {
    static final long HANDSHAKE = 5_000;
    static final long CONNECT = 10_000;
    static final long PUBLISH_OR_PLAY = 20_000;

    /** After this time without a byte a peer is asked, and has the second time to send any byte. */
    static final long PING_AFTER = 15_000;

    static final long ANSWER_WITHIN = 15_000;

    /**
     * How long a publisher may be silent; the ping goes out at half of it. OBS answers no ping while it publishes, so its media must
     * count as life, and do.
     */
    static final long IDLE_PUBLISHER = 10_000;

    /** What is waited for; DECISION is ours, IN_USE nothing. */
    enum Step {
        HANDSHAKE(Patience.HANDSHAKE, "handshake"),
        CONNECT(Patience.CONNECT, "connect"),
        DECISION(Long.MAX_VALUE, "decision"),
        IDLE(PUBLISH_OR_PLAY, "publish or play"),
        IN_USE(Long.MAX_VALUE, "use");

        private final long millis;
        private final String word;

        Step(long millis, String word) {
            this.millis = millis;
            this.word = word;
        }
    }

    private static final long NEVER = Long.MIN_VALUE;

    private final long idlePublisher;
    private Step step = Step.HANDSHAKE;
    private long since;
    private long heard;
    private long asked = NEVER; // when a ping went out that no byte has answered

    /** {@code idlePublisher} stands for {@link #IDLE_PUBLISHER}. */
    Patience(long idlePublisher, long now) {
        this.idlePublisher = idlePublisher;
        since = now;
        heard = now;
    }

    Step step() {
        return step;
    }

    void enter(Step next, long now) {
        step = next;
        since = now;
    }

    /** Any byte is a sign of life. */
    void heard(long now) {
        heard = now;
        asked = NEVER;
    }

    /** Throws ProtocolException when the present step takes too long. */
    void checkStep(long now) {
        if (now - since >= step.millis) {
            throw new ProtocolException("no " + step.word + " within " + step.millis / 1_000 + " s");
        }
    }

    /** When the next of the two below has something to say. */
    long deadline(boolean publisher) {
        if (step != Step.IN_USE) {
            return step.millis == Long.MAX_VALUE ? Long.MAX_VALUE : since + step.millis;
        }
        long pingAfter = pingAfter(publisher);
        return asked == NEVER ? heard + pingAfter : asked + answerWithin(publisher);
    }

    private long pingAfter(boolean publisher) {
        return publisher ? idlePublisher / 2 : PING_AFTER;
    }

    private long answerWithin(boolean publisher) {
        return publisher ? idlePublisher - pingAfter(publisher) : ANSWER_WITHIN;
    }

    /** Whether a ping is to be sent now; throws ProtocolException when the one sent before found no answer. */
    boolean pingIsDue(boolean publisher, long now) {
        if (asked != NEVER) {
            if (now - asked >= answerWithin(publisher)) {
                throw new ProtocolException("silent for " + (now - heard) / 1_000 + " s, and no answer to a ping");
            }
            return false;
        }
        boolean due = now - heard >= pingAfter(publisher);
        asked = due ? now : NEVER;
        return due;
    }
}
