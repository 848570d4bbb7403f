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
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.json.JsonObject;
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
    static final long STOP_SECONDS = 10;

    /** Of the 30 s, what clients get to move to another node, and a little. */
    static final long DRAIN_SECONDS = Drain.SECONDS + 2;

    /** Set by the build tool: a stopped Maven would otherwise leave the gateway holding its ports. */
    private static final String ENDS_WITH_PARENT = "fluctus.endsWithParent";

    private final Vertx vertx;
    private final Logging logging;
    private final Optional<Path> pidfile;
    private final Thread atShutdown = new Thread(this::endProcess, "shutdown");
    private volatile List<Verticles.Deployed> deployed = List.of();
    private volatile Optional<Running> running = Optional.empty();

    /** What a gateway that is up has: its ways to be changed and to be ended, on one event loop. */
    private record Running(Context context, Deployments deployments, Drain drain) {}

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
        Config config = PublicAddress.inCluster(launch.config());
        Gateway gateway;
        try {
            gateway = new Gateway(vertx(config.cluster()), logging, launch.pidfile());
        } catch (StartException e) {
            logging.stop();
            err.println("fluctus: " + e.getMessage());
            return Cli.FAILURE;
        }
        Runtime.getRuntime().addShutdownHook(gateway.atShutdown);
        try {
            gateway.start(launch, config, out);
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

    private void start(Launch launch, Config joined, PrintWriter out) {
        pidfile.ifPresent(Gateway::writePid);
        AdminToken token = AdminToken.of(joined, launch.folder(), new SecureRandom());
        Config config = token.in(joined);
        int cores = Runtime.getRuntime().availableProcessors();
        Bus bus = new Bus(vertx, nodeId(), Config.instances(config.relay().instances(), cores));
        String reachable = PublicAddress.of(config.publicAddress());
        Guard guard = Guard.of(config, OwnCertificate.of(config, launch.folder(), reachable));
        vertx.setPeriodic(1_000, timer -> guard.addresses().tick(System.nanoTime()));
        List<Verticles.Row> all = Verticles.table(config, cores, bus, guard);
        List<Verticles.Row> rows = Verticles.only(launch.verticles(), all);
        if (!launch.verticles().isEmpty() && !launch.verticles().containsAll(Verticles.FOUNDATION)) {
            log().info("runs {}, too: the others stand on them", String.join(", ", Verticles.FOUNDATION));
        }
        deployed = await(Verticles.deploy(vertx, rows));
        List<Door> doors =
                deployed.stream().flatMap(d -> d.door().stream()).distinct().toList();
        running = Optional.of(await(serve(bus, all, reachable)));
        Banner banner = new Banner(config, reachable, doors, token);
        banner.lines().forEach(out::println);
        long millis = ManagementFactory.getRuntimeMXBean().getUptime();
        out.println(banner.ready(Instant.now().truncatedTo(ChronoUnit.MILLIS).toString(), millis));
    }

    private Future<Running> serve(Bus bus, List<Verticles.Row> rows, String reachable) {
        Context context = vertx.getOrCreateContext();
        Promise<Running> served = Promise.promise();
        context.runOnContext(v -> {
            Drain drain = new Drain(vertx, bus);
            Deployments deployments =
                    new Deployments(vertx, bus.node(), rows, deployed, new InCluster(bus, drain, reachable));
            bus.serveFar(Address.deploy(bus.node()), deployments::answer);
            served.complete(new Running(context, deployments, drain));
        });
        return served.future();
    }

    /** What the other nodes are told of this one, and its end when they ask for it. */
    private record InCluster(Bus bus, Drain end, String reachable) implements Deployments.House {
        @Override
        public JsonObject drain() {
            end.begin().onSuccess(done -> new Thread(() -> System.exit(0), "drained").start());
            return end.progress();
        }

        /** Clients of other nodes may be sent to the doors of this one. */
        @Override
        public void changed(List<Verticles.Deployed> deployed) {
            JsonObject urls = new JsonObject();
            deployed.stream()
                    .flatMap(running -> running.door().stream())
                    .forEach(door -> urls.put(door.section(), door.url(reachable)));
            JsonObject about = new JsonObject().put("doors", urls).put("version", Version.number());
            bus.request(Address.REGISTRY, new JsonObject().put("op", "describe").put("about", about));
        }
    }

    private static <T> T await(Future<T> future) {
        try {
            return future.toCompletionStage().toCompletableFuture().get();
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

    private static Vertx vertx(Config.Cluster cluster) {
        VertxOptions options = new VertxOptions()
                .setPreferNativeTransport(true)
                .setEventLoopPoolSize(Runtime.getRuntime().availableProcessors());
        Vertx vertx = cluster.enabled()
                ? await(Cluster.join(options, cluster)
                        .recover(cause -> Future.failedFuture(new StartException(
                                "cannot join the cluster at " + cluster.host() + ":" + cluster.port() + ": "
                                        + cause.getMessage(),
                                cause))))
                : Vertx.builder().with(options).build();
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
        running.ifPresent(this::drain);
        close();
        Runtime.getRuntime().halt(0);
    }

    /** Clients go to another node first, if there is one. */
    private void drain(Running up) {
        Promise<Void> drained = Promise.promise();
        up.context.runOnContext(v -> up.drain
                .possible()
                .compose(possible -> possible ? up.drain.begin() : Future.succeededFuture())
                .onComplete(drained));
        try {
            drained.future().toCompletionStage().toCompletableFuture().get(DRAIN_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException | ExecutionException e) {
            log().warn("did not drain in order", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void close() {
        List<Verticles.Deployed> ending =
                running.map(up -> up.deployments.deployed()).orElse(deployed);
        try {
            Verticles.undeploy(vertx, ending)
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
