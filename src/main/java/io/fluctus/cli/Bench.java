package io.fluctus.cli;

import io.fluctus.config.ConfigException;
import io.fluctus.media.MediaPacket;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * {@code bench}: many connections at once, ramped up, left to settle, then measured within a window. It uses one event loop and so
 * one core; where that is full it measures itself.
 */
@Command(
        name = "bench",
        description = "Load a gateway with viewers, idle connections or publishers, and measure what they get.",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false)
final class Bench implements Callable<Integer>, Stage.Tool {
    private static final int SETTLE_MILLIS = 2_000;

    /** How long frames that were sent within the window may take to arrive. */
    private static final int DRAIN_MILLIS = 1_500;

    /** How long everybody may take to be accepted, over the ramp itself. */
    private static final int UP_SECONDS = 60;

    private static final int RAMP_STEP_MILLIS = 20;
    private static final int RAMP = 500;

    /** An RTMFP server answers an address some twenty times a second: more hellos only wait. */
    private static final int RAMP_RTMFP = 15;

    private static final int PUBLISHER_STEP_MILLIS = 1;
    private static final int PROGRESS_MILLIS = 500;

    @Spec
    private CommandSpec spec;

    @Parameters(index = "0", paramLabel = "URL", description = "the stream, as for play")
    private String url;

    @Option(names = "--viewers", paramLabel = "N", description = "connections that play the stream")
    private int viewers;

    @Option(names = "--idle", paramLabel = "N", description = "connections that do nothing (rtmp, rtmfp)")
    private int idle;

    @Option(
            names = "--publishers",
            paramLabel = "N",
            description = "publish marked streams: the URL's own, then NAME-2, NAME-3, ... (rtmp, rtmfp)")
    private int publishers;

    @Option(names = "--seconds", paramLabel = "N", defaultValue = "20", description = "the window (${DEFAULT-VALUE})")
    private int seconds;

    @Option(names = "--ramp", paramLabel = "N", description = "new connections a second (500; over rtmfp 15)")
    private int ramp = -1;

    @Option(names = "--kbps", paramLabel = "N", defaultValue = "1000", description = "of a published stream")
    private int kbps;

    @Option(names = "--fps", paramLabel = "N", defaultValue = "25", description = "of a published stream")
    private int fps;

    @Option(names = "--pid", paramLabel = "PID", description = "the server's process: its CPU and memory")
    private Long pid;

    @Option(names = "--json", description = "say it as one JSON object")
    private boolean json;

    private final Load load = new Load();
    private final List<Session> sessions = new ArrayList<>();
    private Optional<ServerProcess> server = Optional.empty();
    private Terminal terminal;
    private JsonObject report = new JsonObject();
    private double cpuAtOpen;
    private long bytesAtStart;

    @Override
    public Integer call() {
        terminal = new Terminal(spec);
        Target target = Target.parse(url);
        if (!target.transport().hasDialogue() && (publishers > 0 || idle > 0)) {
            throw new ConfigException("--publishers and --idle need an rtmp or rtmfp URL");
        }
        if (ramp < 0) {
            ramp = target.transport() == Target.Transport.RTMFP ? RAMP_RTMFP : RAMP;
        }
        if (viewers + idle + publishers < 1 || viewers < 0 || idle < 0 || publishers < 0) {
            throw new ConfigException("nothing to do: --viewers, --idle or --publishers");
        }
        if (seconds < 1 || ramp < 1 || kbps < 1 || fps < 1) {
            throw new ConfigException("--seconds, --ramp, --kbps and --fps are at least 1");
        }
        server = Optional.ofNullable(pid).map(ServerProcess::new);
        bytesAtStart = server.map(ServerProcess::residentBytes).orElse(0L);
        return Stage.run(this);
    }

    // -- the course of a measurement, on the event loop

    @Override
    public void begin(Stage stage, MediaClient client) {
        Target target = Target.parse(url);
        for (int i = 1; i <= publishers; i++) {
            publish(stage, client, i == 1 ? target : target.withStream(numbered(target.stream(), i)));
        }
        long began = System.nanoTime();
        int wanted = viewers + idle;
        stage.vertx().setPeriodic(RAMP_STEP_MILLIS, timer -> {
            double due = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began) / 1000.0 * ramp;
            while (sessions.size() < Math.min(wanted, due)) {
                boolean watches = sessions.size() < viewers;
                sessions.add(watches ? client.play(target, load.add(true)) : client.idle(target, load.add(false)));
            }
            boolean late = due > wanted + (double) UP_SECONDS * ramp;
            if (load.settled() == wanted || late) {
                stage.vertx().cancelTimer(timer);
                stage.vertx().setTimer(SETTLE_MILLIS, settled -> open(stage));
            }
        });
        stage.vertx().setPeriodic(PROGRESS_MILLIS, timer -> terminal.progress(load.up() + " of " + wanted + " up"));
    }

    private void open(Stage stage) {
        cpuAtOpen = server.map(ServerProcess::cpuSeconds).orElse(0.0);
        load.open();
        stage.vertx().setTimer(TimeUnit.SECONDS.toMillis(seconds), window -> {
            load.close();
            OptionalLong memory =
                    server.map(s -> OptionalLong.of(s.residentBytes())).orElse(OptionalLong.empty());
            double cpu = server.map(ServerProcess::cpuSeconds).orElse(0.0) - cpuAtOpen;
            stage.vertx().setTimer(DRAIN_MILLIS, drained -> {
                load.finish();
                report = load.report();
                memory.ifPresent(bytes -> report.put("server", costs(cpu, bytes)));
                stage.end(Optional.empty());
            });
        });
    }

    private JsonObject costs(double cpu, long memory) {
        JsonObject costs = new JsonObject()
                .put("cpuSeconds", Load.round(cpu))
                .put("cores", Load.round(cpu / report.getDouble("seconds")))
                .put("residentBytes", memory)
                .put("residentBytesPerConnection", (memory - bytesAtStart) / Math.max(1, load.up()));
        if (viewers > 0) {
            costs.put("cpuMsPerViewerSecond", Load.round(cpu * 1000 / viewers / report.getDouble("seconds")));
        }
        long bytes = report.getLong("bytes");
        return bytes == 0 ? costs : costs.put("cpuSecondsPerGb", Load.round(cpu / (bytes / 1e9)));
    }

    private void publish(Stage stage, MediaClient client, Target target) {
        MarkedStream stream = new MarkedStream(kbps, fps);
        Session.Publication[] publication = new Session.Publication[1];
        publication[0] = client.publish(target, new Session.Listener() {
            @Override
            public void accepted() {
                publication[0].send(MarkedStream.headers());
                long began = System.nanoTime();
                stage.vertx().setPeriodic(PUBLISHER_STEP_MILLIS, timer -> {
                    long now = System.nanoTime();
                    while (stream.due() <= (now - began) / 1e6) {
                        publication[0].send(List.of(stream.next(now)));
                    }
                });
            }

            @Override
            public void received(MediaPacket packet) {
                // A publisher receives nothing.
            }

            @Override
            public void ended(Optional<String> fault) {
                stage.end(Optional.of("publishing " + target.stream() + ": " + fault.orElse("it ended")));
            }
        });
    }

    /** The query, which holds the key, stays behind the name. */
    private static String numbered(String stream, int number) {
        int query = stream.indexOf('?');
        return query < 0 ? stream + "-" + number : stream.substring(0, query) + "-" + number + stream.substring(query);
    }

    // -- the end

    @Override
    public int report(Optional<String> fault) {
        fault.ifPresent(terminal::complain);
        if (report.isEmpty()) {
            return ExitCode.SOFTWARE;
        }
        report.put("url", url.replaceFirst("\\?.*", "")).put("viewers", viewers).put("idle", idle);
        if (json) {
            terminal.say(report);
        } else {
            lines().forEach(terminal::say);
        }
        return fault.isEmpty() && load.complete() ? 0 : ExitCode.SOFTWARE;
    }

    private List<String> lines() {
        List<String> lines = new ArrayList<>();
        lines.add(report.getInteger("established") + " of " + report.getInteger("connections") + " connections, "
                + report.getInteger("failed") + " failed, " + report.getInteger("lost") + " lost, "
                + report.getLong("starved") + " starved");
        lines.add(report.getDouble("mbps") + " Mbit/s for " + report.getDouble("seconds") + " s");
        lines.add("latency ms  " + percentiles(report.getJsonObject("latencyMs")));
        lines.add("set-up ms   " + percentiles(report.getJsonObject("setUpMs")));
        Optional.ofNullable(report.getJsonObject("server"))
                .ifPresent(costs -> lines.add("server      " + costs.getDouble("cores") + " cores, "
                        + costs.getDouble("cpuSecondsPerGb", 0.0) + " CPU s/GB, "
                        + costs.getDouble("cpuMsPerViewerSecond", 0.0) + " ms per viewer-second, "
                        + costs.getLong("residentBytes") / (1 << 20) + " MiB"));
        Optional.ofNullable(report.getString("firstFault")).ifPresent(said -> lines.add("first fault " + said));
        return lines;
    }

    private static String percentiles(JsonObject of) {
        return "p50 " + of.getDouble("p50") + "  p99 " + of.getDouble("p99") + "  max " + of.getDouble("max") + "  ("
                + of.getLong("samples") + ")";
    }
}
