package io.fluctus.bus;

/** A request on the bus that was understood and refused: the code for programs, the sentence for people. */
public final class Refusal extends RuntimeException {
    private final int code;

    public Refusal(int code, String sentence) {
        super(sentence, null, false, false);
        this.code = code;
    }

    public int code() {
        return code;
    }
}
