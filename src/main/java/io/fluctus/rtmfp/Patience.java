package io.fluctus.rtmfp;

import io.fluctus.netconnection.Event;
import io.fluctus.wire.ProtocolException;
import java.util.HashSet;
import java.util.Set;

/** How long a peer may take until it says connect, and then until it publishes or plays. Times are in milliseconds. */
final class Patience {
    static final long CONNECT = 10_000;
    static final long PUBLISH_OR_PLAY = 20_000;

    private enum Step {
        CONNECT(Patience.CONNECT, "connect"),
        DECISION(Long.MAX_VALUE, "decision"), // ours
        IDLE(PUBLISH_OR_PLAY, "publish or play"),
        IN_USE(Long.MAX_VALUE, "use");

        private final long millis;
        private final String word;

        Step(long millis, String word) {
            this.millis = millis;
            this.word = word;
        }
    }

    private final Set<Integer> uses = new HashSet<>();
    private Step step = Step.CONNECT;
    private boolean held;
    private long since;

    Patience(long now) {
        since = now;
    }

    /** What the peer has asked for. */
    void note(Event event, long now) {
        if (event instanceof Event.ConnectRequested) {
            enter(Step.DECISION, now);
        } else if (event instanceof Event.PublishRequested request) {
            begin(request.streamId(), now);
        } else if (event instanceof Event.PlayRequested request) {
            begin(request.streamId(), now);
        } else if (event instanceof Event.PublishStopped stopped) {
            end(stopped.streamId(), now);
        } else if (event instanceof Event.PlayStopped stopped) {
            end(stopped.streamId(), now);
        } else if (event instanceof Event.CallReceived && step == Step.IDLE) {
            rest(now);
        }
    }

    void accepted(long now) {
        if (step == Step.DECISION) {
            rest(now);
        }
    }

    /** There is a use for the peer although it may neither publish nor play: an application's, or that of other peers. */
    void hold(long now) {
        held = true;
        if (step == Step.IDLE) {
            rest(now);
        }
    }

    /** Throws ProtocolException when the present step takes too long. */
    void check(long now) {
        if (now - since >= step.millis) {
            throw new ProtocolException("no " + step.word + " within " + step.millis / 1_000 + " s");
        }
    }

    private void begin(int streamId, long now) {
        uses.add(streamId);
        enter(Step.IN_USE, now);
    }

    /** A publication or play that was refused, or is over. */
    void end(int streamId, long now) {
        if (uses.remove(streamId) && step == Step.IN_USE) {
            rest(now);
        }
    }

    private void rest(long now) {
        enter(held || !uses.isEmpty() ? Step.IN_USE : Step.IDLE, now);
    }

    private void enter(Step next, long now) {
        step = next;
        since = now;
    }
}
