package io.fluctus.script;

import io.fluctus.wire.AmfValue;
import java.util.List;
import java.util.Optional;

/** What came of a function of a script: what it gave back, or the sentence that says why it failed. */
record Result(State state, List<AmfValue> values) {
    static final Result NOTHING = new Result(State.DONE, List.of());

    /** How it ended. */
    enum State {
        DONE,
        FAILED,
        UNKNOWN
    }

    /** Is told how a function ended, at once or later. */
    interface Outcome {
        void ended(Result result);
    }

    static Result failed(String why) {
        return new Result(State.FAILED, List.of(AmfValue.of(why)));
    }

    AmfValue first() {
        return values.isEmpty() ? AmfValue.NULL : values.get(0);
    }

    /**
     * Why this is a refusal: an error, or {@code false}, with a reason perhaps as second result or, where a function has one result
     * only, in an array with it; empty if it is none.
     */
    Optional<String> refusal(String otherwise) {
        if (state == State.FAILED) {
            return Optional.of(first().string().orElse(otherwise));
        }
        List<AmfValue> words =
                first() instanceof AmfValue.Array array && !array.items().isEmpty() ? array.items() : values;
        boolean refused =
                !words.isEmpty() && words.get(0).bool().filter(flag -> !flag).isPresent();
        return refused
                ? Optional.of(words.size() > 1 ? words.get(1).string().orElse(otherwise) : otherwise)
                : Optional.empty();
    }
}
