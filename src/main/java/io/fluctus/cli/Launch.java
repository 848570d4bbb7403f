package io.fluctus.cli;

import io.fluctus.config.Config;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What {@code run} was asked for.
 *
 * @param source where the configuration came from, as a person reads it
 * @param folder where the configuration file lies, else the working folder: what belongs to it is kept there
 * @param verticles the names of those to deploy; empty: all
 * @param pidfile where the process id is written
 */
public record Launch(Config config, String source, Path folder, List<String> verticles, Optional<Path> pidfile) {
    /** Starts the gateway and stays until it ends; the exit code is returned. */
    @FunctionalInterface
    public interface Action {
        int run(Launch launch);
    }
}
