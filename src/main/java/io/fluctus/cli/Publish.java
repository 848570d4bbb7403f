package io.fluctus.cli;

import io.fluctus.config.ConfigException;
import io.fluctus.media.MediaPacket;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code publish}: sends an FLV file as a live stream, in real time. */
@Command(
        name = "publish",
        description = "Publish an FLV file over RTMP or RTMFP as a live stream.",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false)
final class Publish implements Callable<Integer>, Stage.Tool {
    /** Milliseconds between two looks at what is due. */
    private static final int PACE_MILLIS = 5;

    private static final int PROGRESS_MILLIS = 1_000;

    @Spec
    private CommandSpec spec;

    @Parameters(
            index = "0",
            paramLabel = "URL",
            description = "rtmp://HOST[:PORT]/APPLICATION/STREAM[?key=KEY], or rtmfp://...")
    private String url;

    @Parameters(index = "1", paramLabel = "FILE.flv")
    private Path path;

    @Option(names = "--loop", description = "begin again at the end of the file")
    private boolean loop;

    @Option(names = "--seconds", paramLabel = "N", description = "end after so long; else with the file")
    private int seconds;

    private Terminal terminal;
    private Stage stage;
    private FlvFile file;
    private Session.Publication publication;
    private boolean accepted;
    private boolean finishing;
    private boolean complete;
    private long began;
    private long packets;
    private long bytes;
    private long lastTimestamp;

    @Override
    public Integer call() {
        terminal = new Terminal(spec);
        if (!Target.parse(url).transport().hasDialogue()) {
            throw new ConfigException("publish speaks RTMP and RTMFP: rtmp://HOST/APPLICATION/STREAM, or rtmfp://...");
        }
        return Stage.run(this);
    }

    @Override
    public void begin(Stage on, MediaClient client) {
        stage = on;
        file = new FlvFile(stage.vertx(), path, loop, why -> stage.end(Optional.of(why)));
        file.open();
        publication = client.publish(Target.parse(url), new Heard());
        stage.onInterrupt(this::finish);
        stage.vertx().setPeriodic(PROGRESS_MILLIS, timer -> terminal.progress(progress()));
    }

    /** What the server says. */
    private final class Heard implements Session.Listener {
        @Override
        public void accepted() {
            accepted = true;
            began = Session.now();
            stage.vertx().setPeriodic(PACE_MILLIS, timer -> send());
            stage.after(seconds, Publish.this::finish);
        }

        @Override
        public void received(MediaPacket packet) {
            // Nobody sends media to a publisher.
        }

        @Override
        public void writable() {
            send();
        }

        @Override
        public void ended(Optional<String> fault) {
            complete = finishing && fault.isEmpty();
            stage.end(fault);
        }
    }

    private void send() {
        if (finishing || publication.full()) {
            return;
        }
        List<MediaPacket> due = file.take(Session.now() - began);
        for (MediaPacket packet : due) {
            packets++;
            bytes += packet.payload().length();
            lastTimestamp = packet.timestamp();
        }
        publication.send(due);
        if (file.finished()) {
            finish();
        }
    }

    private void finish() {
        if (accepted) {
            finishing = true;
            publication.finish();
        } else {
            stage.end(Optional.of("interrupted"));
        }
    }

    private String progress() {
        return String.format("%d packets, %d KiB, %.1f s", packets, bytes / 1024, lastTimestamp / 1000.0);
    }

    @Override
    public int report(Optional<String> fault) {
        fault.ifPresent(terminal::complain);
        if (accepted) {
            terminal.say("published " + url.replaceFirst("\\?.*", "") + ": " + progress());
        }
        return complete ? 0 : ExitCode.SOFTWARE;
    }
}
