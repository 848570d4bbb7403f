package io.fluctus.script;

import io.fluctus.script.Thing.Given;
import io.fluctus.wire.AmfValue;
import java.util.List;
import java.util.Optional;

/** A language as the model knows it: it loads files, shows things to them, and calls their functions. On the tree's thread only. */
interface Language extends AutoCloseable {
    /** How a function of a script ended. */
    enum State {
        DONE,
        FAILED,
        UNKNOWN
    }

    /** What came of a function: what it gave back, or the sentence that says why it failed. */
    record Result(State state, List<AmfValue> values) {
        static final Result NOTHING = new Result(State.DONE, List.of());

        static Result failed(String why) {
            return new Result(State.FAILED, List.of(AmfValue.of(why)));
        }

        AmfValue first() {
            return values.isEmpty() ? AmfValue.NULL : values.get(0);
        }

        /**
         * Why this is a refusal: an error, or {@code false}, with a reason perhaps as second result or, where a function has one
         * result only, in an array with it; empty if it is none.
         */
        Optional<String> refusal(String otherwise) {
            if (state == State.FAILED) {
                return Optional.of(first().string().orElse(otherwise));
            }
            List<AmfValue> words =
                    first() instanceof AmfValue.Array array && !array.items().isEmpty() ? array.items() : values;
            boolean refused = !words.isEmpty()
                    && words.get(0).bool().filter(flag -> !flag).isPresent();
            return refused
                    ? Optional.of(words.size() > 1 ? words.get(1).string().orElse(otherwise) : otherwise)
                    : Optional.empty();
        }
    }

    /** Is told how a function ended, at once or later. */
    interface Outcome {
        void ended(Result result);
    }

    /** Runs a version that waits for {@link #begin}; the one before goes on. Gives the reason if it fails. */
    Optional<String> load(Engine.Source source);

    /** From now on the version that was loaded last is the one at {@code path}. */
    void begin(String path);

    void unload(String path);

    /** Whether events called {@code name} have a function at {@code path}: its own, or one of those above. */
    boolean hears(String path, String name);

    /** Whether the application at {@code path} has this function itself. */
    boolean owns(String path, String name);

    /** Calls the function of an event; without one it is done at once. */
    void event(String path, String name, List<Given> arguments, Outcome outcome);

    /** Calls a function that a script put on {@code thing}, for which {@code method} is the name. */
    void member(Thing thing, String method, List<Given> arguments, Outcome outcome);

    /** Calls the function of this name of each kept thing that has one. */
    void eachKept(String method);

    /** What scripts add to {@code thing} stays, as long as it is kept. */
    void keep(Thing thing);

    void drop(Thing thing);

    /** Whether it holds more memory than it may. */
    boolean exhausted();

    @Override
    void close();
}
