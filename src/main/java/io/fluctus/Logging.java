package io.fluctus;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.OutputStreamAppender;
import ch.qos.logback.core.rolling.FixedWindowRollingPolicy;
import ch.qos.logback.core.rolling.RollingFileAppender;
import ch.qos.logback.core.rolling.SizeBasedTriggeringPolicy;
import ch.qos.logback.core.util.Duration;
import ch.qos.logback.core.util.FileSize;
import io.fluctus.cli.ConfigFile;
import io.fluctus.config.Config;
import io.fluctus.config.ConfigException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Where log lines go: to the console and, with a directory, to files that roll over by size. */
final class Logging {
    /** How long the end of the process waits for a console or a disk that takes no lines. */
    private static final long STOP_MILLIS = 2000;

    private final LoggerContext context;

    private Logging(LoggerContext context) {
        this.context = context;
    }

    /** Replaces what {@code context} did before. Throws {@link ConfigException} if the directory cannot be written. */
    static Logging start(LoggerContext context, Config.Logs logs) {
        context.reset();
        context.setPackagingDataEnabled(false);
        Logger root = context.getLogger(Logger.ROOT_LOGGER_NAME);
        Level level = Level.valueOf(logs.level().name());
        root.setLevel(level);
        // Netty's own debugging is a flood that no gateway's user asked for.
        // A packet on its way to viewers who have just left is nothing to warn of.
        context.getLogger("io.vertx.core.eventbus.impl").setLevel(Level.ERROR);
        // What Hazelcast says at a start is not for operators of a gateway.
        context.getLogger("com.hazelcast").setLevel(level.isGreaterOrEqual(Level.INFO) ? Level.ERROR : Level.INFO);
        context.getLogger("io.netty").setLevel(level.isGreaterOrEqual(Level.INFO) ? level : Level.INFO);
        queue(context, root, console(context));
        if (!logs.directory().isEmpty()) {
            queue(context, root, file(context, logs));
        }
        return new Logging(context);
    }

    /** What client tools do: only what goes wrong, on the error stream, as their output may be someone's input. */
    static void quiet(LoggerContext context) {
        context.reset();
        Logger root = context.getLogger(Logger.ROOT_LOGGER_NAME);
        root.setLevel(Level.WARN);
        ConsoleAppender<ILoggingEvent> console = new ConsoleAppender<>();
        console.setTarget("System.err");
        open(console, context, "errors");
        root.addAppender(console);
    }

    /** Writes what is queued and closes the files. */
    void stop() {
        context.stop();
    }

    private static void queue(LoggerContext context, Logger root, Appender<ILoggingEvent> place) {
        LogQueue queue = new LogQueue(context, place, STOP_MILLIS);
        queue.start();
        root.addAppender(queue);
    }

    private static Appender<ILoggingEvent> console(LoggerContext context) {
        ConsoleAppender<ILoggingEvent> console = new ConsoleAppender<>();
        open(console, context, "console");
        return console;
    }

    private static Appender<ILoggingEvent> file(LoggerContext context, Config.Logs logs) {
        Path directory = Path.of(logs.directory());
        Path path = directory.resolve(logs.name() + ".log");
        try {
            Files.createDirectories(directory);
            Files.newOutputStream(path, StandardOpenOption.CREATE, StandardOpenOption.APPEND)
                    .close();
        } catch (IOException e) {
            throw new ConfigException("`logs.directory`: cannot write " + path + " (" + ConfigFile.why(e) + ")");
        }
        RollingFileAppender<ILoggingEvent> file = new RollingFileAppender<>();
        file.setFile(path.toString());
        file.setRollingPolicy(window(context, file, directory.resolve(logs.name() + ".%i.log"), logs.files()));
        file.setTriggeringPolicy(bySize(context, logs.size()));
        open(file, context, "file");
        return file;
    }

    private static FixedWindowRollingPolicy window(
            LoggerContext context, RollingFileAppender<ILoggingEvent> file, Path pattern, int files) {
        FixedWindowRollingPolicy window = new FixedWindowRollingPolicy();
        window.setContext(context);
        window.setParent(file);
        window.setFileNamePattern(pattern.toString());
        window.setMinIndex(1);
        window.setMaxIndex(files - 1);
        window.start();
        return window;
    }

    private static SizeBasedTriggeringPolicy<ILoggingEvent> bySize(LoggerContext context, long bytes) {
        SizeBasedTriggeringPolicy<ILoggingEvent> policy = new SizeBasedTriggeringPolicy<>();
        policy.setContext(context);
        policy.setMaxFileSize(new FileSize(bytes));
        // By default logback looks at the size once a minute: a flood could write without bound until then.
        policy.setCheckIncrement(Duration.buildByMilliseconds(0));
        policy.start();
        return policy;
    }

    private static void open(OutputStreamAppender<ILoggingEvent> place, LoggerContext context, String name) {
        LogLine line = new LogLine();
        line.setContext(context);
        line.start();
        place.setContext(context);
        place.setName(name);
        place.setEncoder(line);
        place.start();
    }
}
