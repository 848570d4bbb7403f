package io.fluctus.cli;

import io.fluctus.config.ConfigException;
import io.fluctus.config.Nearest;
import java.io.PrintWriter;
import java.util.List;
import java.util.Map;
import java.util.Set;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** The command line: its first word names a command, {@code run} if there is none. */
public final class Cli {
    /** The command line or the configuration is wrong. */
    public static final int USAGE = CommandLine.ExitCode.USAGE;

    /** It was understood, but did not work. */
    public static final int FAILURE = CommandLine.ExitCode.SOFTWARE;

    private static final int HELP_WIDTH = 120;

    private final CommandLine line;

    /** Writes answers to {@code out} and complaints, a sentence each, to {@code err}. */
    public Cli(Launch.Action action, Map<String, String> environment, PrintWriter out, PrintWriter err) {
        line = new CommandLine(new Fluctus());
        commands(action, environment).forEach(line::addSubcommand);
        // Setters reach the commands that are there already, no later ones.
        line.setOut(out).setErr(err).setUsageHelpWidth(HELP_WIDTH);
        line.getSubcommands().get("run").getCommandSpec().usageMessage().footer(Run.listing());
        line.setParameterExceptionHandler((e, args) -> complain(e.getCommandLine(), sentence(e), USAGE));
        line.setExecutionExceptionHandler((e, command, result) -> {
            if (e instanceof ConfigException) {
                return complain(command, e.getMessage(), USAGE);
            }
            throw e;
        });
    }

    /** Every command there is, beside the top one. */
    private static List<Object> commands(Launch.Action action, Map<String, String> environment) {
        return List.of(new Run(action, environment), new Publish(), new Play(), new Probe(), new Bench());
    }

    /** Runs one command; the result is the process's exit code. */
    public int execute(String... args) {
        return line.execute(isOfRun(args) ? prepend("run", args) : args);
    }

    /** The first word is an option, or there is none: but help and version belong to the whole. */
    private static boolean isOfRun(String[] args) {
        return args.length == 0
                || args[0].startsWith("-")
                        && !List.of("-h", "--help", "-V", "--version").contains(args[0]);
    }

    private static String[] prepend(String first, String[] args) {
        String[] all = new String[args.length + 1];
        all[0] = first;
        System.arraycopy(args, 0, all, 1, args.length);
        return all;
    }

    private static int complain(CommandLine command, String sentence, int code) {
        command.getErr().println("fluctus: " + sentence);
        command.getErr().flush();
        return code;
    }

    private static String sentence(ParameterException e) {
        if (e instanceof UnmatchedArgumentException u && !u.getUnmatched().isEmpty()) {
            return unknown(u.getUnmatched().get(0), u.getCommandLine());
        }
        return String.valueOf(e.getMessage()).lines().findFirst().orElse("") + "; --help lists what there is";
    }

    private static String unknown(String word, CommandLine command) {
        boolean option = word.startsWith("-");
        Set<String> known = option
                ? command.getCommandSpec().optionsMap().keySet()
                : command.getSubcommands().keySet();
        return "unknown " + (option ? "option" : "word") + " `" + word + "`"
                + (known.isEmpty() ? "" : ": did you mean `" + Nearest.of(word, known) + "`?");
    }

    /** The top command; every work is a command below it. */
    @Command(
            name = "fluctus",
            description = "A live media gateway: RTMP in, RTMP and HTTP out.",
            mixinStandardHelpOptions = true,
            versionProvider = Version.class,
            synopsisSubcommandLabel = "[run] [OPTIONS] | COMMAND",
            footer = {"", "Without a command it runs the gateway; `fluctus run --help` lists its options and every key."
            })
    static final class Fluctus {}
}
