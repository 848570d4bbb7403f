package io.fluctus.cli;

import io.fluctus.media.MediaPacket;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code probe}: looks at a stream for a moment and says what it is. */
@Command(
        name = "probe",
        description = "Say what a stream is made of.",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false)
final class Probe implements Callable<Integer>, Stage.Tool {
    /** How long it looks, from the first packet on. */
    private static final int LOOK_SECONDS = 2;

    /** How long it waits for the first packet. */
    private static final int WAIT_SECONDS = 10;

    @Spec
    private CommandSpec spec;

    @Parameters(index = "0", paramLabel = "URL", description = "as for play")
    private String url;

    @Option(names = "--json", description = "say it as one JSON object")
    private boolean json;

    private final Tally tally = new Tally(System.nanoTime());
    private Terminal terminal;

    @Override
    public Integer call() {
        terminal = new Terminal(spec);
        Target.parse(url);
        return Stage.run(this);
    }

    @Override
    public void begin(Stage stage, MediaClient client) {
        stage.after(WAIT_SECONDS, () -> {
            if (!tally.arrived()) {
                stage.end(Optional.of("nothing is published there"));
            }
        });
        client.play(Target.parse(url), new Session.Listener() {
            private boolean looking;

            @Override
            public void accepted() {
                // The first packet says more.
            }

            @Override
            public void received(MediaPacket packet) {
                tally.add(packet, System.nanoTime());
                if (!looking && tally.arrived()) {
                    looking = true;
                    stage.after(LOOK_SECONDS, () -> stage.end(Optional.empty()));
                }
            }

            @Override
            public void ended(Optional<String> fault) {
                stage.end(fault);
            }
        });
    }

    @Override
    public int report(Optional<String> fault) {
        boolean found = tally.arrived();
        fault.filter(sentence -> !found).ifPresent(terminal::complain);
        if (json) {
            terminal.say(tally.description().put("url", url.replaceFirst("\\?.*", "")));
        } else if (found) {
            lines(tally.description()).forEach(terminal::say);
        }
        return found ? 0 : ExitCode.SOFTWARE;
    }

    private List<String> lines(JsonObject stream) {
        List<String> lines = new ArrayList<>();
        lines.add(url.replaceFirst("\\?.*", ""));
        Optional.ofNullable(stream.getJsonObject("video")).ifPresent(video -> lines.add("  video     " + video(video)));
        Optional.ofNullable(stream.getJsonObject("audio")).ifPresent(audio -> lines.add("  audio     " + audio(audio)));
        stream.getJsonObject("metadata")
                .forEach(entry -> lines.add("  metadata  " + entry.getKey() + " = "
                        + (entry.getValue() instanceof JsonObject object ? object.encode() : entry.getValue())));
        return lines;
    }

    private static String video(JsonObject video) {
        String size = video.containsKey("width")
                ? " " + video.getInteger("width") + "x" + video.getInteger("height") + ", profile "
                        + video.getInteger("profile") + ", level " + video.getInteger("level")
                : "";
        return video.getString("codec") + size + ", " + video.getDouble("fps") + " fps, " + video.getLong("kbps")
                + " kbit/s";
    }

    private static String audio(JsonObject audio) {
        String sound = audio.containsKey("sampleRate")
                ? " " + audio.getInteger("sampleRate") + " Hz, " + audio.getInteger("channels")
                        + (audio.getInteger("channels") == 1 ? " channel" : " channels")
                : "";
        return audio.getString("codec") + sound + ", " + audio.getLong("kbps") + " kbit/s";
    }
}
