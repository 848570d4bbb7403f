package io.fluctus.access;

/** One way to be let in: keys, passwords, tokens, links. */
interface Way {
    /** {@link Ruling.Silent} when the client shows nothing of this kind. {@code seconds}: since 1970. */
    Ruling judge(Question question, Credentials shown, long seconds);

    /** Whether somebody could publish by it: then publishing is closed to those who show nothing. */
    boolean leadsToPublishing();
}
