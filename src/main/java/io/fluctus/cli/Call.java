package io.fluctus.cli;

import io.fluctus.media.MediaPacket;
import io.fluctus.wire.AmfJson;
import io.fluctus.wire.AmfValue;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.Json;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code call}: calls a method of a server application and prints what it gives back. */
@Command(
        name = "call",
        description = "Call a method of a server application; print its result as JSON.",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false)
final class Call implements Callable<Integer>, Stage.Tool {
    /** Calls that may wait at a time. */
    private static final int MAX_WINDOW = 100_000;

    @Spec
    private CommandSpec spec;

    @Parameters(
            index = "0",
            paramLabel = "URL",
            description = "of the application: rtmp://HOST/APPLICATION, or rtmfp://...")
    private String url;

    @Parameters(index = "1", paramLabel = "METHOD", description = "its name")
    private String method;

    @Parameters(
            index = "2..*",
            paramLabel = "ARG",
            description = "what is JSON is that value: 7, true, null, {\"a\":1}, \"7\"; anything else is text")
    private List<String> arguments = List.of();

    @Option(
            names = "--seconds",
            paramLabel = "N",
            description = "call again and again for so long; print calls a second and how long an answer takes")
    private int seconds;

    @Option(names = "--window", paramLabel = "N", description = "calls that wait for an answer at a time (64)")
    private int window = 64;

    private Optional<AmfValue> result = Optional.empty();
    private Optional<CallRate> rate = Optional.empty();
    private Terminal terminal;

    @Override
    public Integer call() {
        terminal = new Terminal(spec);
        Target.application(url);
        if (seconds < 0 || window < 1 || window > MAX_WINDOW) {
            throw new ParameterException(
                    spec.commandLine(), "--window is 1 to " + MAX_WINDOW + ", --seconds 0 or more");
        }
        return Stage.run(this);
    }

    @Override
    public void begin(Stage stage, MediaClient client) {
        client.call(Target.application(url), new ClientSession.Calling() {
            @Override
            public void connected(ClientSession session) {
                if (seconds > 0) {
                    repeat(stage, session);
                    return;
                }
                session.call(method, arguments.stream().map(Call::value).toList());
                stage.after(
                        Session.ANSWER_MILLIS / 1_000,
                        () -> stage.end(Optional.of("the application did not answer " + method)));
            }

            @Override
            public void answered(boolean success, AmfValue value) {
                if (rate.isPresent() && success) {
                    rate.get().answered(System.nanoTime());
                    return;
                }
                if (success) {
                    result = Optional.of(value);
                }
                stage.end(
                        success
                                ? Optional.empty()
                                : Optional.of(value.members()
                                        .getOrDefault("description", AmfValue.of("the call failed"))
                                        .string()
                                        .orElse("the call failed")));
            }

            @Override
            public void accepted() {
                // That it is connected is told otherwise.
            }

            @Override
            public void received(MediaPacket packet) {
                // Nothing plays.
            }

            @Override
            public void ended(Optional<String> fault) {
                stage.end(fault);
            }
        });
    }

    private void repeat(Stage stage, ClientSession session) {
        List<AmfValue> values = arguments.stream().map(Call::value).toList();
        rate = Optional.of(new CallRate(() -> session.call(method, values), System.nanoTime()));
        rate.get().begin(window);
        stage.after(seconds, () -> {
            result = Optional.of(rate.get().report(System.nanoTime()));
            stage.end(Optional.empty());
        });
    }

    @Override
    public int report(Optional<String> fault) {
        fault.ifPresent(terminal::complain);
        result.ifPresent(
                value -> terminal.say(AmfJson.toJson(value).map(Json::encode).orElse("null")));
        return result.isPresent() ? 0 : ExitCode.SOFTWARE;
    }

    /** What one word of the command line means. */
    static AmfValue value(String argument) {
        Object json;
        try {
            json = Json.decodeValue(argument);
        } catch (DecodeException e) {
            return AmfValue.of(argument);
        }
        return AmfJson.fromJson(json);
    }
}
