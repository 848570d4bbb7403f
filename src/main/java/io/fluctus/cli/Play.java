package io.fluctus.cli;

import io.fluctus.media.MediaPacket;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code play}: receives a stream, to a file if asked, and says how it came. */
@Command(
        name = "play",
        description = "Play a stream over RTMP, RTMFP, HTTP-FLV or WebSocket-FLV and say how it came.",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false)
final class Play implements Callable<Integer>, Stage.Tool {
    private static final int PROGRESS_MILLIS = 1_000;

    @Spec
    private CommandSpec spec;

    @Parameters(
            index = "0",
            paramLabel = "URL",
            description =
                    "rtmp://HOST/APPLICATION/STREAM, rtmfp://..., http://HOST:8080/live/APPLICATION/STREAM.flv, or ws://...")
    private String url;

    @Option(names = "--out", paramLabel = "FILE", description = "write what comes as FLV")
    private Path path;

    @Option(names = "--seconds", paramLabel = "N", description = "end after so long; else with the stream")
    private int seconds;

    @Option(names = "--json", description = "say it as one JSON object")
    private boolean json;

    private Tally tally = new Tally(System.nanoTime());
    private Terminal terminal;
    private Stage stage;
    private boolean ending;
    private Optional<FlvRecording> recording = Optional.empty();
    private Optional<Session> session = Optional.empty();

    @Override
    public Integer call() {
        terminal = new Terminal(spec);
        Target.parse(url);
        return Stage.run(this);
    }

    @Override
    public void begin(Stage on, MediaClient client) {
        stage = on;
        stage.onInterrupt(() -> end(Optional.empty()));
        stage.after(seconds, () -> end(Optional.empty()));
        stage.vertx().setPeriodic(PROGRESS_MILLIS, timer -> terminal.progress(summary()));
        if (path == null) {
            play(client);
            return;
        }
        FlvRecording.open(stage.vertx(), path)
                .onSuccess(opened -> {
                    recording = Optional.of(opened);
                    opened.onFull(full -> session.ifPresent(s -> s.pause(full)));
                    play(client);
                })
                .onFailure(e -> stage.end(Optional.of(e.getMessage())));
    }

    private void play(MediaClient client) {
        tally = new Tally(System.nanoTime()); // the time to the first key frame is the server's, not ours to start
        session = Optional.of(client.play(Target.parse(url), new Session.Listener() {
            @Override
            public void accepted() {
                // The first packet says more.
            }

            @Override
            public void received(MediaPacket packet) {
                tally.add(packet, System.nanoTime());
                recording.ifPresent(file -> file.write(packet));
            }

            @Override
            public void ended(Optional<String> fault) {
                end(fault);
            }
        }));
    }

    /** The first fault, or the first wish, counts. */
    private void end(Optional<String> fault) {
        if (ending) {
            return;
        }
        ending = true;
        session.ifPresent(Session::close);
        recording.ifPresentOrElse(
                file -> file.close()
                        .onSuccess(closed -> stage.end(fault))
                        .onFailure(e -> stage.end(fault.or(() -> Optional.of(e.getMessage())))),
                () -> stage.end(fault));
    }

    private String summary() {
        return String.format("%d frames, %.1f s", tally.frames(), tally.span() / 1000.0);
    }

    @Override
    public int report(Optional<String> fault) {
        Optional<String> said = fault.or(() -> tally.arrived() ? Optional.empty() : Optional.of("nothing arrived"));
        said.ifPresent(terminal::complain);
        JsonObject report = tally.report(System.nanoTime())
                .put("lostFragments", session.map(Session::lost).orElse(0L));
        if (json) {
            said.ifPresent(sentence -> report.put("fault", sentence));
            terminal.say(report);
        } else if (tally.arrived()) {
            lines(report).forEach(terminal::say);
        }
        boolean written = recording.map(FlvRecording::complete).orElse(path == null);
        return tally.arrived() && written ? 0 : ExitCode.SOFTWARE;
    }

    private static List<String> lines(JsonObject report) {
        String first = String.format(
                "%s s, %d frames, %d bytes, %d kbit/s",
                report.getDouble("seconds"), report.getLong("frames"), report.getLong("bytes"), report.getLong("kbps"));
        return Stream.of(
                        Optional.of(first),
                        track("video", report),
                        track("audio", report),
                        Optional.of(report.getLong("lostFragments"))
                                .filter(lost -> lost > 0)
                                .map(lost -> lost + " fragments lost on the way"),
                        Optional.ofNullable(report.getDouble("firstKeyFrameMs"))
                                .map(millis -> "first key frame after " + millis + " ms"))
                .flatMap(Optional::stream)
                .toList();
    }

    private static Optional<String> track(String kind, JsonObject report) {
        return Optional.ofNullable(report.getJsonObject(kind))
                .map(track -> String.format(
                        "%s %s: %d frames, timestamps %d to %d, %d gaps (longest step %d ms), %d steps back, jitter %s ms",
                        kind,
                        track.getString("codec"),
                        track.getLong("frames"),
                        track.getLong("firstTimestamp"),
                        track.getLong("lastTimestamp"),
                        track.getLong("gaps"),
                        track.getLong("longestStepMs"),
                        track.getLong("backwardSteps"),
                        track.getDouble("jitterMs")));
    }
}
