package io.fluctus.cli;

import io.vertx.core.json.JsonObject;
import java.io.PrintWriter;
import java.util.regex.Pattern;
import picocli.CommandLine.Model.CommandSpec;

/** Where a tool says what it found. What a server sent is escaped: it cannot move the cursor or forge a line. */
final class Terminal {
    /** Control and format characters, line and paragraph separators, lone surrogates. */
    private static final Pattern UNSEEN = Pattern.compile("[\\p{Cc}\\p{Cf}\\p{Cs}\\p{Zl}\\p{Zp}]");

    private final PrintWriter out;
    private final PrintWriter err;
    private final boolean interactive = System.console() != null;
    private boolean progressing;

    Terminal(CommandSpec spec) {
        this.out = spec.commandLine().getOut();
        this.err = spec.commandLine().getErr();
    }

    void say(String line) {
        endProgress();
        out.println(visible(line));
        out.flush();
    }

    /** One line; an escape within a string means to a JSON parser what stood there. */
    void say(JsonObject object) {
        say(object.encode());
    }

    void complain(String sentence) {
        endProgress();
        err.println("fluctus: " + visible(sentence));
        err.flush();
    }

    /** Overwrites the last progress; nothing where nobody looks. */
    void progress(String text) {
        if (interactive) {
            progressing = true;
            err.print("\r" + visible(text) + " ");
            err.flush();
        }
    }

    private void endProgress() {
        if (progressing) {
            progressing = false;
            err.println();
        }
    }

    static String visible(String text) {
        return UNSEEN.matcher(text)
                .replaceAll(match -> match.group()
                        .chars()
                        .mapToObj(c -> String.format("\\\\u%04x", c))
                        .reduce("", String::concat));
    }
}
