package io.fluctus;

/** The gateway cannot start: the sentence says what stands in the way. */
final class StartException extends RuntimeException {
    StartException(String sentence, Throwable cause) {
        super(sentence, cause);
    }
}
