package io.fluctus.script;

import io.fluctus.bus.Address;
import io.fluctus.bus.Bus;
import io.fluctus.bus.Bus.Registration;
import io.fluctus.bus.ClientWord;
import io.fluctus.bus.Floodgate;
import io.fluctus.bus.SharedWord;
import io.fluctus.config.Config;
import io.fluctus.wire.AmfJson;
import io.fluctus.wire.AmfValue;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finds the applications under {@code applications.folder}, serves each at its address, and gives each tree a thread. */
public final class ScriptVerticle extends VerticleBase {
    private static final Logger LOG = LoggerFactory.getLogger("app");

    /** Between two looks for new folders, and between two calls of {@code onManage}, as Cumulus had it. */
    private static final long MANAGE_MILLIS = 2_000;

    /** Among the verticles that hold clients: applications publish under it. */
    private static final String NAME = "script.0";

    /** Native code runs on it, and recurses. */
    private static final long STACK_BYTES = 8 * 1024 * 1024;

    private final Bus bus;
    private final Config config;
    private final Folder folder;
    private final Map<String, Served> served = new HashMap<>(); // by path
    private final Map<Key, Grown> trees = new HashMap<>();
    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread made = new Thread(task, "app-watch");
        made.setDaemon(true);
        return made;
    });
    private boolean scanning;
    private MediaLink media;
    private BusLink words;
    private NetworkLink sockets;
    private Registration clients;

    /** A tree is of one language: what stands in the same folder in another one is another tree. */
    private record Key(Folder.Language language, String folder) {
        private static Key of(String path, Path file) {
            int slash = path.indexOf('/');
            return new Key(Folder.Language.of(file), slash < 0 ? path : path.substring(0, slash));
        }

        /** As a user of shared objects. */
        private String user() {
            return "app." + language + "." + folder;
        }
    }

    /** A path that has an application, and the tree that it is in. */
    private record Served(Key tree, Registration registration) {}

    /** A tree and its thread. */
    private record Grown(Tree tree, ExecutorService thread, Registration news) {}

    public ScriptVerticle(Bus bus, Config config) {
        this.bus = bus;
        this.config = config;
        this.folder = new Folder(
                Path.of(config.applications().folder()).toAbsolutePath().normalize());
    }

    @Override
    public Future<?> start() {
        media = new MediaLink(bus, context, NAME);
        words = new BusLink(bus, context);
        sockets = new NetworkLink(vertx, context, config);
        clients = media.serve();
        vertx.setPeriodic(MANAGE_MILLIS, timer -> {
            trees.values().forEach(grown -> grown.tree.manage());
            scan();
        });
        return scan();
    }

    @Override
    public Future<?> stop() {
        List<Future<?>> ends = new ArrayList<>();
        ends.add(clients.close());
        ends.add(sockets.close());
        served.values().forEach(each -> ends.add(each.registration.close()));
        trees.values().forEach(grown -> ends.add(end(grown)));
        trees.clear(); // the timer asks nothing of those that have ended
        return Future.join(ends).onComplete(ended -> clock.shutdownNow());
    }

    private static Future<Void> end(Grown grown) {
        return grown.news.close().eventually(grown.tree::close).onComplete(closed -> grown.thread.shutdown());
    }

    private Future<Void> scan() {
        if (scanning) {
            return Future.succeededFuture();
        }
        scanning = true;
        return vertx.executeBlocking(folder::scan)
                .onSuccess(this::serve)
                .onComplete(done -> scanning = false)
                .mapEmpty();
    }

    private void serve(Map<String, Path> found) {
        List.copyOf(served.keySet()).stream()
                .filter(path ->
                        !found.containsKey(path) || !served.get(path).tree.equals(Key.of(path, found.get(path))))
                .forEach(path -> served.remove(path).registration.close());
        Map<Key, Map<String, Path>> grouped = new HashMap<>();
        found.forEach((path, file) -> grouped.computeIfAbsent(Key.of(path, file), first -> new HashMap<>())
                .put(path, file));
        List.copyOf(trees.keySet()).stream()
                .filter(key -> !grouped.containsKey(key))
                .forEach(key -> end(trees.remove(key)));
        grouped.forEach((key, files) -> {
            Path root = found.get("");
            if (root != null && Folder.Language.of(root) == key.language) {
                files.put("", root);
            }
            trees.computeIfAbsent(key, this::grow).tree.update(files);
        });
        found.forEach((path, file) -> {
            if (!served.containsKey(path)) {
                serve(path, Key.of(path, file));
            }
        });
    }

    private void serve(String path, Key key) {
        Tree tree = trees.get(key).tree;
        served.put(path, new Served(key, bus.serveApplication(path, event -> tree.handle(path, event))));
        tree.start(path);
    }

    private Grown grow(Key key) {
        String called = "app-" + (key.folder.isEmpty() ? "root" : key.folder);
        ExecutorService thread = Executors.newSingleThreadExecutor(task -> {
            Thread made = new Thread(null, task, called, STACK_BYTES);
            made.setDaemon(true);
            return made;
        });
        Gate gate = new Gate(key, thread);
        Tree tree = new Tree(key.folder, thread, gate, api -> engine(key.language, api));
        return new Grown(tree, thread, bus.onSharedNews(key.user(), tree::hear));
    }

    private Engine engine(Folder.Language language, AppApi api) {
        Budget.Limits limits = Budget.Limits.STANDARD;
        if (config.applications().isolate()) {
            return new ChildEngine(api, ChildEngine.Room.of(language, limits), clock);
        }
        if (language == Folder.Language.LUA) {
            return new Model(api, (gate, globals) -> new LuaLanguage(gate, globals, limits));
        }
        try {
            return new Model(api, (gate, globals) -> new JsLanguage(gate, globals, limits, clock));
        } catch (NoClassDefFoundError e) {
            throw new LinkageError("JavaScript needs the folder `javascript` of the build beside the jar", e);
        }
    }

    /** What the applications of one tree may do. */
    private final class Gate implements AppApi {
        private final Key key;
        private final String shown;
        private final ExecutorService thread;
        private final Floodgate floodgate = new Floodgate();

        private final MediaDoor streams;
        private final BusDoor exchange;
        private final NetworkDoor network;

        private Gate(Key key, ExecutorService thread) {
            this.key = key;
            this.shown = "/" + key.folder;
            this.thread = thread;
            this.streams = media.door(this::later);
            this.exchange = words.door(this::later);
            this.network = sockets.door(this::later);
        }

        @Override
        public MediaDoor media() {
            return streams;
        }

        @Override
        public BusDoor bus() {
            return exchange;
        }

        @Override
        public NetworkDoor network() {
            return network;
        }

        @Override
        public void log(Level level, String text) {
            String line = shown + " " + text;
            if (!floodgate.admits(line, TimeUnit.NANOSECONDS.toMillis(System.nanoTime()))) {
                return;
            }
            switch (level) {
                case ERROR -> LOG.error(line);
                case WARN -> LOG.warn(line);
                case INFO -> LOG.info(line);
                case DEBUG -> LOG.debug(line);
            }
        }

        @Override
        public void tell(ClientWord word) {
            bus.tell(word);
        }

        @Override
        public Future<AmfValue> ask(ClientWord word) {
            return bus.ask(word);
        }

        @Override
        public void share(SharedWord word) {
            bus.share(word);
        }

        @Override
        public Future<AmfValue> sharedObjects(String path) {
            return bus.request(Address.SHARED, new JsonObject().put("app", path))
                    .map(answer -> AmfJson.fromJson(answer.getJsonArray("objects")));
        }

        @Override
        public String user() {
            return key.user();
        }

        @Override
        public boolean owns(String path) {
            return key.folder.isEmpty() ? path.isEmpty() : path.equals(key.folder) || path.startsWith(key.folder + "/");
        }

        @Override
        public void later(Runnable action) {
            if (!thread.isShutdown()) {
                thread.execute(action);
            }
        }

        @Override
        public JsonObject configs() {
            return config.applications().configs();
        }

        @Override
        public String folder() {
            return folder.root() + "/";
        }

        @Override
        public String publicAddress() {
            return config.publicAddress();
        }
    }
}
