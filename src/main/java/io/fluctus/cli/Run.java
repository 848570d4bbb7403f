package io.fluctus.cli;

import io.fluctus.config.Config;
import io.fluctus.config.Key;
import io.fluctus.config.Keys;
import io.fluctus.config.Settings;
import io.vertx.core.json.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code run}: reads the configuration and hands it to the gateway. */
@Command(
        name = "run",
        description = "Run the gateway.",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        footerHeading = "%nKeys, each with its default. The environment (FLUCTUS_RTMP_PORT=1936) speaks over the file,"
                + " --set over both:%n%n")
final class Run implements Callable<Integer> {
    /** What is read when no file is named and it is there. */
    static final Path USUAL_FILE = Path.of("config.json");

    private final Launch.Action action;
    private final Map<String, String> environment;

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "configuration file; else ./config.json if it is there")
    private Path file;

    @Option(names = "--set", paramLabel = "KEY=VALUE", description = "overrides one key; may be repeated")
    private List<String> assignments = List.of();

    @Option(
            names = "--verticles",
            paramLabel = "NAME",
            split = ",",
            description = "deploy these alone, split by commas")
    private List<String> verticles = List.of();

    @Option(names = "--cluster", description = "join the other nodes: as --set cluster.enabled=true")
    private boolean cluster;

    @Option(names = "--pidfile", paramLabel = "FILE", description = "write the process id there while running")
    private Path pidfile;

    Run(Launch.Action action, Map<String, String> environment) {
        this.action = action;
        this.environment = environment;
    }

    /** The keys as {@code --help} lists them. */
    static String[] listing() {
        return Keys.all().stream().map(Run::listed).flatMap(String::lines).toArray(String[]::new);
    }

    private static String listed(Key key) {
        return "  " + key.path() + " = " + key.defaultText() + "  ("
                + key.kind().range() + ")\n      " + key.description();
    }

    @Override
    public Integer call() {
        Optional<Path> read =
                Optional.ofNullable(file).or(() -> Optional.of(USUAL_FILE).filter(Files::isRegularFile));
        Settings settings = read.map(ConfigFile::read).orElseGet(() -> Settings.of(new JsonObject()));
        Config config = Config.from(settings.withEnvironment(environment)
                .with(assignments)
                .with(cluster ? List.of("cluster.enabled=true") : List.of()));
        String source = read.map(path -> path.toAbsolutePath().normalize().toString())
                .orElse("built-in defaults, as there is no ./config.json");
        Path folder = read.map(path -> path.toAbsolutePath().normalize().getParent())
                .orElseGet(() -> Path.of("").toAbsolutePath());
        return action.run(new Launch(config, source, folder, List.copyOf(verticles), Optional.ofNullable(pidfile)));
    }
}
