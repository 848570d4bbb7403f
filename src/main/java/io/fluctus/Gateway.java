package io.fluctus;

import ch.qos.logback.classic.LoggerContext;
import io.fluctus.bus.Address;
import io.fluctus.bus.Bus;
import io.fluctus.cli.Cli;
import io.fluctus.cli.ConfigFile;
import io.fluctus.cli.Launch;
import io.fluctus.cli.Version;
import io.fluctus.config.Config;
import io.fluctus.config.ConfigException;
import io.fluctus.guard.Guard;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.io.IOException;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The process: reads the configuration, deploys the verticles, says when they are ready, and ends in order. */
public final class Gateway {
    /** Of the 30 s that a SIGTERM may take, what the verticles get; the log needs the rest. */
    static final long STOP_SECONDS = 20;

    /** Set by the build tool: a stopped Maven would otherwise leave the gateway holding its ports. */
    private static final String ENDS_WITH_PARENT = "fluctus.endsWithParent";

    private final Vertx vertx;
    private final Logging logging;
    private final Optional<Path> pidfile;
    private final Thread atShutdown = new Thread(this::endProcess, "shutdown");
    private volatile List<Verticles.Deployed> deployed = List.of();

    private Gateway(Vertx vertx, Logging logging, Optional<Path> pidfile) {
        this.vertx = vertx;
        this.logging = logging;
        this.pidfile = pidfile;
    }

    public static void main(String[] args) {
        System.setProperty("vertx.logger-delegate-factory-class-name", "io.vertx.core.logging.SLF4JLogDelegateFactory");
        Logging.quiet(logContext());
        PrintWriter out = new PrintWriter(System.out, true);
        PrintWriter err = new PrintWriter(System.err, true);
        Cli cli = new Cli(launch -> run(launch, out, err), System.getenv(), out, err);
        System.exit(cli.execute(args));
    }

    /** Returns only if the gateway could not start; after that, a signal ends the process. */
    private static int run(Launch launch, PrintWriter out, PrintWriter err) {
        Logging logging = Logging.start(logContext(), launch.config().logs());
        out.println("Fluctus " + Version.number() + ", configuration: " + launch.source());
        Gateway gateway = new Gateway(vertx(), logging, launch.pidfile());
        Runtime.getRuntime().addShutdownHook(gateway.atShutdown);
        try {
            gateway.start(launch, out);
            endWithParent();
            new CountDownLatch(1).await();
            return 0;
        } catch (ConfigException e) {
            gateway.giveUp();
            throw e;
        } catch (StartException e) {
            gateway.giveUp();
            err.println("fluctus: " + e.getMessage());
            return Cli.FAILURE;
        } catch (InterruptedException e) {
            throw new IllegalStateException("nobody interrupts the main thread", e);
        }
    }

    private void start(Launch launch, PrintWriter out) {
        pidfile.ifPresent(Gateway::writePid);
        AdminToken token = AdminToken.of(launch.config(), launch.folder(), new SecureRandom());
        Config config = token.in(launch.config());
        int cores = Runtime.getRuntime().availableProcessors();
        Bus bus = new Bus(vertx, nodeId(), Config.instances(config.relay().instances(), cores));
        String reachable = PublicAddress.of(config.publicAddress());
        Guard guard = Guard.of(config, OwnCertificate.of(config, launch.folder(), reachable));
        vertx.setPeriodic(1_000, timer -> guard.addresses().tick(System.nanoTime()));
        List<Verticles.Row> rows = Verticles.only(launch.verticles(), Verticles.table(config, cores, bus, guard));
        deployed = await(Verticles.deploy(vertx, rows));
        List<Door> doors = deployed.stream().flatMap(d -> d.door().stream()).toList();
        bus.serve(Address.deploy(bus.node()), new Deployments(bus.node(), rows, deployed)::answer);
        Banner banner = new Banner(config, reachable, doors, token);
        banner.lines().forEach(out::println);
        long millis = ManagementFactory.getRuntimeMXBean().getUptime();
        out.println(banner.ready(Instant.now().truncatedTo(ChronoUnit.MILLIS).toString(), millis));
    }

    private static List<Verticles.Deployed> await(Future<List<Verticles.Deployed>> deployment) {
        try {
            return deployment.toCompletionStage().toCompletableFuture().get();
        } catch (ExecutionException e) {
            sayIfBug(e.getCause());
            throw e.getCause() instanceof StartException s
                    ? s
                    : new StartException(e.getCause().toString(), e);
        } catch (InterruptedException e) {
            throw new IllegalStateException("nobody interrupts the main thread", e);
        }
    }

    /** A port in use needs its sentence alone; what nobody foresaw needs its stack trace too. */
    private static void sayIfBug(Throwable failure) {
        if (failure.getCause() instanceof RuntimeException bug && !(bug instanceof ConfigException)) {
            log().error("the start failed", bug);
        }
    }

    private static Vertx vertx() {
        Vertx vertx = Vertx.builder()
                .with(new VertxOptions()
                        .setPreferNativeTransport(true)
                        .setEventLoopPoolSize(Runtime.getRuntime().availableProcessors()))
                .build();
        if (!vertx.isNativeTransportEnabled()) {
            log().info(
                            "runs without the native transport: {}",
                            Objects.toString(vertx.unavailableNativeTransportCause()));
        }
        return vertx;
    }

    /** Tells this process from every other, those of the same machine included. */
    private static String nodeId() {
        return Integer.toHexString(new SecureRandom().nextInt());
    }

    private static void writePid(Path file) {
        try {
            Files.writeString(file, ProcessHandle.current().pid() + "\n");
        } catch (IOException e) {
            throw new StartException("cannot write the process id to " + file + " (" + ConfigFile.why(e) + ")", e);
        }
    }

    private static void endWithParent() {
        if (Boolean.getBoolean(ENDS_WITH_PARENT)) {
            ProcessHandle.current().parent().ifPresent(parent -> parent.onExit().thenRun(() -> System.exit(0)));
        }
    }

    /** Ends what was begun, when the process itself goes on to say why. */
    private void giveUp() {
        try {
            Runtime.getRuntime().removeShutdownHook(atShutdown);
        } catch (IllegalStateException e) {
            log().debug("the process is ending already");
        }
        close();
    }

    /** The shutdown hook: halts by itself, as the code of a process that a signal ends would be 143. */
    private void endProcess() {
        log().info("ends");
        close();
        Runtime.getRuntime().halt(0);
    }

    private void close() {
        try {
            Verticles.undeploy(vertx, deployed)
                    .eventually(vertx::close)
                    .toCompletionStage()
                    .toCompletableFuture()
                    .get(STOP_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            log().warn("gave up waiting for verticles to end after {} s", STOP_SECONDS);
        } catch (ExecutionException e) {
            log().warn("did not end in order", e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        pidfile.ifPresent(Gateway::removePid);
        logging.stop();
    }

    private static void removePid(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            log().warn("cannot remove {} ({})", file, ConfigFile.why(e));
        }
    }

    private static Logger log() {
        return LoggerFactory.getLogger("gateway");
    }

    private static LoggerContext logContext() {
        return (LoggerContext) LoggerFactory.getILoggerFactory();
    }
}
