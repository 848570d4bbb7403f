package io.fluctus;

/** The gateway cannot start: the sentence says what stands in the way. */
final class StartException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    StartException(String sentence, Throwable cause) {
        super(sentence, cause);
    }
}
