package io.fluctus.cluster;

import io.fluctus.cli.Cli;
import io.vertx.core.json.JsonObject;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** The tools of the command line, in this process. */
final class Tool {
    private Tool() {}

    /** What one said, and its exit code. */
    record Said(int code, String out, String err) {
        JsonObject json() {
            if (out.isBlank()) {
                throw new AssertionError("it failed: " + err);
            }
            return new JsonObject(out);
        }
    }

    static CompletableFuture<Said> start(Object... words) {
        return CompletableFuture.supplyAsync(() -> run(words), command -> new Thread(command, "tool").start());
    }

    static Said run(Object... words) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        Cli cli = new Cli(launch -> Cli.FAILURE, Map.of(), new PrintWriter(out), new PrintWriter(err));
        String[] args = List.of(words).stream().map(String::valueOf).toArray(String[]::new);
        return new Said(cli.execute(args), out.toString(), err.toString());
    }

    static Said get(CompletableFuture<Said> running) throws Exception {
        return running.get(60, TimeUnit.SECONDS);
    }
}
