package io.fluctus.cli;

import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.ExitCode;

/**
 * Where a client tool runs: a Vert.x with one event loop, from the tool's first step until its end. An interrupt (Ctrl-C) asks the
 * tool to end in order, and lets it say what it has found.
 */
final class Stage {
    /** How long a tool may take for its last words. */
    private static final long LAST_WORDS_MILLIS = 5_000;

    private final Vertx vertx =
            Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1).setPreferNativeTransport(true));
    private final CompletableFuture<Optional<String>> end = new CompletableFuture<>();
    private volatile Runnable interrupt = () -> end(Optional.empty());

    /** A tool as the stage sees it. */
    interface Tool {
        /** Called on the event loop; the tool ends by {@link Stage#end}. */
        void begin(Stage stage, MediaClient client);

        /** Called by the command's thread, after the end, with what went wrong; gives the exit code. */
        int report(Optional<String> fault);
    }

    private Stage() {}

    /** Gives the exit code. */
    static int run(Tool tool) {
        Stage stage = new Stage();
        CompletableFuture<Integer> code = new CompletableFuture<>();
        Thread hook = new Thread(() -> stage.interrupted(code), "interrupt");
        Runtime.getRuntime().addShutdownHook(hook);
        stage.vertx.exceptionHandler(stage.end::completeExceptionally); // or a bug would be a tool that hangs
        stage.vertx.runOnContext(start -> tool.begin(stage, new MediaClient(stage.vertx)));
        try {
            code.complete(tool.report(stage.end.join()));
            return code.join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof RuntimeException bug ? bug : e;
        } finally {
            stage.close(hook);
        }
    }

    Vertx vertx() {
        return vertx;
    }

    /** The tool has ended; the first word counts. */
    void end(Optional<String> fault) {
        end.complete(fault);
    }

    /** What an interrupt does, on the event loop; at first it just ends. */
    void onInterrupt(Runnable action) {
        interrupt = action;
    }

    /** {@code action} after some seconds; 0: never. */
    void after(int seconds, Runnable action) {
        if (seconds > 0) {
            vertx.setTimer(TimeUnit.SECONDS.toMillis(seconds), timer -> action.run());
        }
    }

    /** The shutdown hook: without it, a process that Ctrl-C ends would have no words and no code of its own. */
    private void interrupted(CompletableFuture<Integer> code) {
        vertx.runOnContext(go -> interrupt.run());
        int found = code.completeOnTimeout(ExitCode.SOFTWARE, LAST_WORDS_MILLIS, TimeUnit.MILLISECONDS)
                .join();
        Runtime.getRuntime().halt(found);
    }

    private void close(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException ending) {
            return; // the hook ends the process
        }
        CountDownLatch closed = new CountDownLatch(1);
        vertx.close().onComplete(done -> closed.countDown());
        try {
            closed.await(LAST_WORDS_MILLIS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
