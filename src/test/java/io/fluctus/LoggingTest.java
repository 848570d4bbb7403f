package io.fluctus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import ch.qos.logback.core.AppenderBase;
import ch.qos.logback.core.ConsoleAppender;
import io.fluctus.config.Config;
import io.fluctus.config.ConfigException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a log line looks like, where it goes, and that no one ever waits for it. */
class LoggingTest {
    private static final long PATIENCE_SECONDS = 10;
    private static final long STOP_MILLIS = 100;

    @TempDir
    Path folder;

    private final LoggerContext context = context();

    @Test
    void aLineIsTimeLevelRoomAndText() {
        LoggingEvent event = event("10.0.0.7:51234 publishes live/cam1", null);
        event.setInstant(Instant.parse("2026-11-23T15:50:00.120456Z"));
        assertThat(LogLine.of(event))
                .isEqualTo("2026-11-23T15:50:00.120Z INFO rtmp 10.0.0.7:51234 publishes live/cam1\n");
        event.setInstant(Instant.parse("2026-11-23T15:50:00Z"));
        assertThat(LogLine.of(event)).startsWith("2026-11-23T15:50:00.000Z INFO");
        event.setLoggerName("io.vertx.core.impl.ContextImpl");
        assertThat(LogLine.of(event)).contains(" INFO ContextImpl 10.0.0.7");
    }

    @Test
    void whatAPeerSaysStaysOnItsLine() {
        Map<String, String> escaped = new LinkedHashMap<>();
        escaped.put("live/Grüße-日本-🎥", "live/Grüße-日本-🎥");
        escaped.put("a\n2026-11-23T15:50:00.123Z ERROR forged", "a\\n2026-11-23T15:50:00.123Z ERROR forged");
        escaped.put("\r\t\0", "\\r\\t\\u0000");
        escaped.put("\u001b[2Jclears the screen", "\\u001b[2Jclears the screen");
        escaped.put("\u009b\u007f\u0085", "\\u009b\\u007f\\u0085");
        escaped.put("\u2028\u2029", "\\u2028\\u2029");
        escaped.put("\u202eturned round", "\\u202eturned round");
        escaped.put("\ud83d alone", "\\ud83d alone");
        escaped.put("\udb40\udc01", "\\U000e0001");
        escaped.forEach((text, expected) -> {
            StringBuilder line = new StringBuilder();
            LogLine.escape(text, line);
            assertThat(line.toString()).isEqualTo(expected);
        });
    }

    @Test
    void aLongTextIsCut() {
        StringBuilder line = new StringBuilder();
        LogLine.escape("x".repeat(LogLine.MAX_MESSAGE + 5), line);
        assertThat(line).hasSize(LogLine.MAX_MESSAGE + "... (5 more)".length()).endsWith("x... (5 more)");
    }

    @Test
    void anExceptionFollowsItsLineAndCannotForgeOneEither() {
        Throwable thrown = new IllegalStateException("outer\nforged", new IOException("inner"));
        List<String> lines = LogLine.of(event("failed", thrown)).lines().toList();
        assertThat(lines.get(0)).endsWith(" INFO rtmp failed");
        assertThat(lines.get(1)).isEqualTo("    java.lang.IllegalStateException: outer\\nforged");
        assertThat(lines.get(2)).startsWith("        at io.fluctus.LoggingTest.anException");
        assertThat(lines).contains("    caused by java.io.IOException: inner");
        assertThat(lines).hasSizeLessThan(100);
    }

    @Test
    void anExceptionThatCausesItselfEnds() {
        Throwable a = new IllegalStateException("a");
        Throwable b = new IllegalStateException("b", a);
        a.initCause(b);
        assertThat(LogLine.of(event("failed", a)).lines().count()).isLessThan(500);
    }

    @Test
    void linesReachTheFileInOrder() throws IOException {
        Path directory = folder.resolve("a/b");
        write(new Config.Logs(directory.toString(), "tv", Config.Logs.Level.INFO, 1 << 20, 3), 100);
        List<String> lines = Files.readAllLines(directory.resolve("tv.log"));
        assertThat(lines).hasSize(100);
        for (int i = 0; i < 100; i++) {
            assertThat(lines.get(i)).endsWith("INFO test line " + i);
        }
    }

    @Test
    void manyThreadsNeverTearALineOrLoseOne() throws Exception {
        LoggerContext process = context();
        Logging logging =
                Logging.start(process, new Config.Logs(folder.toString(), "tv", Config.Logs.Level.INFO, 1 << 20, 3));
        process.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME).detachAppender("console");
        List<Thread> threads = new ArrayList<>();
        for (int t = 0; t < 4; t++) {
            Logger log = process.getLogger("thread" + t);
            threads.add(new Thread(() -> {
                for (int i = 0; i < 500; i++) {
                    log.info("line {} of {}", i, log.getName());
                }
            }));
        }
        threads.forEach(Thread::start);
        for (Thread thread : threads) {
            thread.join();
        }
        logging.stop();
        List<String> lines = Files.readAllLines(folder.resolve("tv.log"));
        assertThat(lines).hasSize(4 * 500).allMatch(line -> line.matches("\\S+Z INFO (thread\\d) line \\d+ of \\1"));
    }

    @Test
    void clientToolsHearOnlyWhatGoesWrong() {
        LoggerContext process = context();
        Logging.quiet(process);
        assertThat(process.getLogger("rtmp").isInfoEnabled()).isFalse();
        assertThat(process.getLogger("rtmp").isWarnEnabled()).isTrue();
        Logger root = process.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        assertThat(((ConsoleAppender<ILoggingEvent>) root.getAppender("errors")).getTarget())
                .isEqualTo("System.err");
        Logging.start(process, new Config.Logs("", "tv", Config.Logs.Level.INFO, 1 << 20, 3))
                .stop();
        assertThat(root.getAppender("errors")).isNull();
    }

    @Test
    void aSecondStartGoesOnInTheSameFile() throws IOException {
        Config.Logs logs = new Config.Logs(folder.toString(), "tv", Config.Logs.Level.INFO, 1 << 20, 3);
        write(logs, 2);
        write(logs, 3);
        assertThat(Files.readAllLines(folder.resolve("tv.log"))).hasSize(5);
    }

    @Test
    void filesRollOverBySizeAndOldOnesGo() throws IOException {
        write(new Config.Logs(folder.toString(), "tv", Config.Logs.Level.INFO, 2048, 3), 500);
        try (Stream<Path> files = Files.list(folder)) {
            List<Path> found = files.sorted().toList();
            assertThat(found)
                    .containsExactly(folder.resolve("tv.1.log"), folder.resolve("tv.2.log"), folder.resolve("tv.log"));
            for (Path file : found) {
                assertThat(Files.size(file)).as(file.toString()).isBetween(1L, 2048L + 100);
            }
        }
        String last = String.join("\n", Files.readAllLines(folder.resolve("tv.1.log")))
                + String.join("\n", Files.readAllLines(folder.resolve("tv.log")));
        assertThat(last).endsWith("line 499");
    }

    @Test
    void theLevelIsTheConfiguredOneAndNettyStaysQuiet() {
        Logging debug = Logging.start(context, new Config.Logs("", "tv", Config.Logs.Level.DEBUG, 1 << 20, 3));
        assertThat(context.getLogger("rtmp").isDebugEnabled()).isTrue();
        assertThat(context.getLogger("io.netty.util").isDebugEnabled()).isFalse();
        debug.stop();
        Logging error = Logging.start(context, new Config.Logs("", "tv", Config.Logs.Level.ERROR, 1 << 20, 3));
        assertThat(context.getLogger("rtmp").isWarnEnabled()).isFalse();
        assertThat(context.getLogger("io.netty.util").isWarnEnabled()).isFalse();
        error.stop();
    }

    @Test
    void aDirectoryThatCannotBeWrittenIsNamed() throws IOException {
        Path file = Files.createFile(folder.resolve("file"));
        Config.Logs logs = new Config.Logs(file.resolve("logs").toString(), "tv", Config.Logs.Level.INFO, 1 << 20, 3);
        assertThatThrownBy(() -> Logging.start(context, logs))
                .isInstanceOf(ConfigException.class)
                .message()
                .startsWith("`logs.directory`: cannot write " + file.resolve("logs/tv.log") + " (");
        context.stop();
    }

    /** A disk that takes nothing until it is told to. */
    private static final class StuckDisk extends AppenderBase<ILoggingEvent> {
        private final CountDownLatch reached = new CountDownLatch(1);
        private final CountDownLatch released = new CountDownLatch(1);
        private final CountDownLatch saidDropped = new CountDownLatch(1);
        private final List<String> lines = new CopyOnWriteArrayList<>();

        @Override
        protected void append(ILoggingEvent event) {
            reached.countDown();
            try {
                released.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            if (lines.size() < 3) {
                lines.add(event.getFormattedMessage());
            }
            if (event.getFormattedMessage().contains("were dropped")) {
                lines.add(event.getFormattedMessage());
                saidDropped.countDown();
            }
        }
    }

    @Test
    void aStuckDiskBlocksNobodyAndWhatItLostIsSaid() throws InterruptedException {
        StuckDisk disk = new StuckDisk();
        LogQueue queue = queue(disk);
        Logger log = context.getLogger("test");
        log.info("line first");
        assertThat(disk.reached.await(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
        for (int i = 0; i < LogQueue.CAPACITY + 123; i++) {
            log.info("line {}", i);
        }
        disk.released.countDown();
        assertThat(disk.saidDropped.await(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(disk.lines)
                .contains("line first")
                .anyMatch(line -> line.startsWith("123 lines were dropped, as they came faster"));
        queue.stop();
    }

    @Test
    void aStuckDiskDoesNotKeepTheProcessFromEnding() throws InterruptedException {
        StuckDisk disk = new StuckDisk();
        LogQueue queue = queue(disk);
        context.getLogger("test").info("line first");
        assertThat(disk.reached.await(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
        long began = System.nanoTime();
        queue.stop();
        assertThat(Duration.ofNanos(System.nanoTime() - began))
                .isBetween(Duration.ofMillis(STOP_MILLIS - 10), Duration.ofSeconds(PATIENCE_SECONDS));
        disk.released.countDown();
    }

    private LogQueue queue(StuckDisk disk) {
        disk.setContext(context);
        disk.setName("disk");
        disk.start();
        LogQueue queue = new LogQueue(context, disk, STOP_MILLIS);
        queue.start();
        Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        root.setLevel(Level.INFO);
        root.addAppender(queue);
        return queue;
    }

    /** What a process has that SLF4J made. */
    private static LoggerContext context() {
        LoggerContext context = new LoggerContext();
        context.setMDCAdapter(new LogbackMDCAdapter());
        return context;
    }

    /** The life of one process. */
    private static void write(Config.Logs logs, int lines) {
        LoggerContext process = context();
        Logging logging = Logging.start(process, logs);
        Logger root = process.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        root.detachAppender("console");
        Logger log = process.getLogger("test");
        for (int i = 0; i < lines; i++) {
            log.info("line {}", i);
        }
        logging.stop();
    }

    private LoggingEvent event(String text, Throwable thrown) {
        return new LoggingEvent("", context.getLogger("rtmp"), Level.INFO, text, thrown, null);
    }
}
