package io.fluctus;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.StackTraceElementProxy;
import ch.qos.logback.core.encoder.EncoderBase;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;

/** One event as one line, {@code 2026-11-23T15:50:00.123Z INFO rtmp 10.0.0.7:51234 publishes live/cam1}, that nobody can forge. */
final class LogLine extends EncoderBase<ILoggingEvent> {
    /** What a peer chose to be called must not fill the disk. */
    static final int MAX_MESSAGE = 4096;

    private static final int MAX_FRAMES = 40;
    private static final int MAX_CAUSES = 8;
    private static final DateTimeFormatter MILLIS =
            new DateTimeFormatterBuilder().appendInstant(3).toFormatter();

    static String of(ILoggingEvent event) {
        StringBuilder line = new StringBuilder(160);
        MILLIS.formatTo(Instant.ofEpochMilli(event.getTimeStamp()), line);
        line.append(' ').append(event.getLevel()).append(' ').append(lastName(event.getLoggerName()));
        line.append(' ');
        escape(event.getFormattedMessage(), line);
        line.append('\n');
        trace(event.getThrowableProxy(), line);
        return line.toString();
    }

    @Override
    public byte[] encode(ILoggingEvent event) {
        return of(event).getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public byte[] headerBytes() {
        return new byte[0];
    }

    @Override
    public byte[] footerBytes() {
        return new byte[0];
    }

    /** Our loggers are called after rooms, those of libraries after classes: the class alone is shown. */
    private static String lastName(String logger) {
        return logger.substring(logger.lastIndexOf('.') + 1);
    }

    private static void trace(IThrowableProxy thrown, StringBuilder line) {
        IThrowableProxy at = thrown;
        for (int causes = 0; at != null && causes < MAX_CAUSES; causes++) {
            line.append(causes == 0 ? "    " : "    caused by ").append(at.getClassName());
            line.append(": ");
            escape(String.valueOf(at.getMessage()), line);
            line.append('\n');
            StackTraceElementProxy[] frames = at.getStackTraceElementProxyArray();
            for (int i = 0; i < Math.min(frames.length, MAX_FRAMES); i++) {
                line.append("        ").append(frames[i].getSTEAsString()).append('\n');
            }
            at = at.getCause();
        }
    }

    /** Appends {@code text} so that it stays on its line and means to a terminal what it means to the eye. */
    static void escape(String text, StringBuilder line) {
        int end = Math.min(text.length(), MAX_MESSAGE);
        for (int i = 0; i < end; ) {
            int c = text.codePointAt(i);
            i += Character.charCount(c);
            if (isVisible(c)) {
                line.appendCodePoint(c);
            } else if (c == '\n') {
                line.append("\\n");
            } else if (c == '\r') {
                line.append("\\r");
            } else if (c == '\t') {
                line.append("\\t");
            } else {
                line.append(c < 0x10000 ? String.format("\\u%04x", c) : String.format("\\U%08x", c));
            }
        }
        if (text.length() > end) {
            line.append("... (").append(text.length() - end).append(" more)");
        }
    }

    private static boolean isVisible(int c) {
        if (c >= ' ' && c < 0x7f) {
            return true;
        }
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.SURROGATE,
                    Character.UNASSIGNED -> false;
            default -> true;
        };
    }
}
