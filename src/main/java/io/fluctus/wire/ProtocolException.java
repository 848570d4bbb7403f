package io.fluctus.wire;

/**
 * A peer broke the protocol: the sentence says how. It ends that peer alone, so it carries no stack trace: a stranger must not
 * be able to make it dear.
 */
public final class ProtocolException extends RuntimeException {
    public ProtocolException(String sentence) {
        super(sentence, null, false, false);
    }
}
