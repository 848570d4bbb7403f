package io.fluctus.script;

import io.fluctus.script.Result.Outcome;
import io.fluctus.script.Thing.Given;
import java.util.List;
import java.util.Optional;

/** A language as the model knows it: it loads files, shows things to them, and calls their functions. On the tree's thread only. */
interface Language extends AutoCloseable {
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
