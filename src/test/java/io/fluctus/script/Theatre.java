package io.fluctus.script;

import io.fluctus.bus.AppEvent;
import io.fluctus.bus.ClientWord;
import io.fluctus.bus.Refusal;
import io.fluctus.bus.SharedWord;
import io.fluctus.media.MediaPacket;
import io.fluctus.media.StreamName;
import io.fluctus.wire.AmfValue;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Consumer;
import java.util.function.Function;

/** One engine with applications in it, on the thread of the test: what clients do goes in, what they hear is kept. */
final class Theatre implements AppApi, AutoCloseable {
    final List<String> log = new ArrayList<>();
    final List<String> answers = new ArrayList<>(); // those that came later
    final List<ClientWord> told = new ArrayList<>();
    final List<SharedWord> shared = new ArrayList<>();
    final Queue<Promise<AmfValue>> asked = new ArrayDeque<>();
    private final Queue<Runnable> later = new ArrayDeque<>();
    final Engine engine;
    private final Folder.Language language;
    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();

    Theatre() {
        this(Budget.Limits.STANDARD);
    }

    Theatre(Budget.Limits limits) {
        this(Folder.Language.LUA, limits);
    }

    Theatre(Folder.Language language, Budget.Limits limits) {
        this.language = language;
        engine = new Model(
                this,
                (api, globals) -> language == Folder.Language.LUA
                        ? new LuaLanguage(api, globals, limits)
                        : new JsLanguage(api, globals, limits, clock));
    }

    // -- what clients do

    Optional<String> load(String path, String source) {
        Optional<String> parent = path.isEmpty()
                ? Optional.empty()
                : Optional.of(path.contains("/") ? path.substring(0, path.lastIndexOf('/')) : "");
        String name = (path.isEmpty() ? "" : path + "/") + language.file();
        return engine.load(new Engine.Source(path, parent, name, source.getBytes(StandardCharsets.UTF_8), true));
    }

    /** A sample application that must load, in the language of this theatre. */
    Theatre sample(String name) {
        String file = "/samples/" + name + "/" + language.file();
        try (InputStream in = Theatre.class.getResourceAsStream(file)) {
            return with("", new String(in.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** An application that must load. */
    Theatre with(String path, String... lines) {
        load(path, String.join("\n", lines)).ifPresent(fault -> {
            throw new AssertionError(fault);
        });
        return this;
    }

    String connect(String path, String client, AmfValue... arguments) {
        return connect(path, client, "", arguments);
    }

    String connect(String path, String client, String query, AmfValue... arguments) {
        Map<String, AmfValue> properties =
                Map.of("pageUrl", AmfValue.of("http://page/"), "flashVer", AmfValue.of("LNX 9"));
        AppEvent.Visitor visitor =
                new AppEvent.Visitor(client, "rtmp", "10.0.0.7:5000", Buffer.buffer(), query, properties);
        return handle(path, new AppEvent.Connected(visitor, List.of(arguments)));
    }

    String call(String client, String name, AmfValue... arguments) {
        return handle("", new AppEvent.Called(client, name, List.of(arguments)));
    }

    AmfValue result(String client, String name, AmfValue... arguments) {
        return ask("", new AppEvent.Called(client, name, List.of(arguments))).result();
    }

    String publish(String client, String stream) {
        return handle("", new AppEvent.Published(client, StreamName.parse(stream)));
    }

    String unpublish(String client, String stream) {
        return handle("", new AppEvent.Unpublished(client, StreamName.parse(stream)));
    }

    String subscribe(String client, String stream) {
        return handle("", new AppEvent.Subscribed(client, StreamName.parse(stream)));
    }

    String unsubscribe(String client, String stream) {
        return handle("", new AppEvent.Unsubscribed(client, StreamName.parse(stream)));
    }

    String disconnect(String client, String failure) {
        return handle("", new AppEvent.Disconnected(client, failure));
    }

    Future<AmfValue> ask(String path, AppEvent event) {
        Promise<AmfValue> answer = Promise.promise();
        engine.handle(path, event, answer);
        return answer.future();
    }

    private String handle(String path, AppEvent event) {
        Future<AmfValue> answer = ask(path, event);
        if (answer.isComplete()) {
            return show(answer);
        }
        answer.onComplete(done -> answers.add(show(answer)));
        return "later";
    }

    static String show(Future<AmfValue> answer) {
        return answer.succeeded()
                ? show(answer.result())
                : ((Refusal) answer.cause()).code() + " " + answer.cause().getMessage();
    }

    /** A value as a short text. */
    static String show(AmfValue value) {
        if (value instanceof AmfValue.Str text) {
            return text.value();
        }
        if (value.number().isPresent()) {
            double number = value.number().get();
            return number == Math.rint(number) ? Long.toString((long) number) : Double.toString(number);
        }
        if (value instanceof AmfValue.Bool flag) {
            return String.valueOf(flag.value());
        }
        if (value instanceof AmfValue.Array array && array.named().isEmpty()) {
            return array.items().stream().map(Theatre::show).toList().toString();
        }
        Map<String, String> members = new java.util.TreeMap<>();
        value.members().forEach((name, member) -> members.put(name, show(member)));
        return value instanceof AmfValue.Null ? "null" : members.toString();
    }

    // -- what happens behind the scene

    /** Does what was put off, until nothing is left. */
    void settle() {
        for (Runnable action = later.poll(); action != null; action = later.poll()) {
            action.run();
        }
    }

    List<String> heard() {
        List<String> heard = told.stream().map(Theatre::show).toList();
        told.clear();
        return heard;
    }

    private static String show(ClientWord word) {
        if (word instanceof ClientWord.Tell tell) {
            return tell.client() + " " + tell.name() + " "
                    + tell.arguments().stream().map(Theatre::show).toList();
        }
        return word.toString();
    }

    @Override
    public void log(Level level, String text) {
        log.add(level + " " + text);
    }

    @Override
    public void tell(ClientWord word) {
        told.add(word);
    }

    @Override
    public Future<AmfValue> ask(ClientWord word) {
        told.add(word);
        Promise<AmfValue> answer = Promise.promise();
        asked.add(answer);
        return answer.future();
    }

    @Override
    public void share(SharedWord word) {
        shared.add(word);
    }

    @Override
    public Future<AmfValue> sharedObjects(String path) {
        return Future.succeededFuture(AmfValue.Array.of(AmfValue.of(path + " has none")));
    }

    @Override
    public String user() {
        return "app.test";
    }

    @Override
    public boolean owns(String path) {
        return path.isEmpty() || path.equals("games");
    }

    @Override
    public void later(Runnable action) {
        later.add(action);
    }

    // -- streams and the bus, as they would be

    final Map<StreamName, Consumer<MediaPacket>> hearing = new HashMap<>();
    final List<MediaPacket> pushed = new ArrayList<>();
    final Map<String, Function<AmfValue, Future<AmfValue>>> consumers = new HashMap<>();
    final List<String> sent = new ArrayList<>();

    @Override
    public MediaDoor media() {
        return new MediaDoor() {
            @Override
            public Opened hear(StreamName stream, Consumer<MediaPacket> listener) {
                hearing.put(stream, listener);
                return () -> hearing.remove(stream, listener);
            }

            @Override
            public Future<AmfValue> record(StreamName stream, boolean on) {
                sent.add("record " + stream + " " + on);
                return Future.succeededFuture(AmfValue.of(on));
            }

            @Override
            public Outlet publish(StreamName stream, Consumer<String> ended) {
                sent.add("publish " + stream);
                return new Outlet() {
                    @Override
                    public void send(MediaPacket packet) {
                        pushed.add(packet);
                    }

                    @Override
                    public void close() {
                        sent.add("close " + stream);
                        later(() -> ended.accept(""));
                    }
                };
            }
        };
    }

    @Override
    public BusDoor bus() {
        return new BusDoor() {
            @Override
            public void send(String address, AmfValue value) {
                sent.add("send " + address + " " + show(value));
            }

            @Override
            public Future<AmfValue> request(String address, AmfValue value) {
                return consumers.containsKey(address)
                        ? consumers.get(address).apply(value)
                        : Future.failedFuture(new Refusal(AppEvent.NOBODY, "nobody is there"));
            }

            @Override
            public void publish(String address, AmfValue value) {
                sent.add("publish " + address + " " + show(value));
            }

            @Override
            public MediaDoor.Opened consume(String address, Function<AmfValue, Future<AmfValue>> consumer) {
                consumers.put(address, consumer);
                return () -> consumers.remove(address, consumer);
            }
        };
    }

    final List<NetworkDoor.Letter> letters = new ArrayList<>();
    final Map<String, NetworkDoor.Events> sockets = new HashMap<>(); // by where they go
    final Map<Integer, NetworkDoor.Acceptor> servers = new HashMap<>();

    /** A socket whose words are kept. */
    NetworkDoor.Socket socket(String name) {
        return new NetworkDoor.Socket() {
            @Override
            public void send(Buffer bytes, String to) {
                sent.add(name + (to.isEmpty() ? "" : " to " + to) + ": " + bytes);
            }

            @Override
            public void close() {
                sent.add(name + " closed");
                NetworkDoor.Events events = sockets.remove(name);
                if (events != null) {
                    later(() -> events.closed(""));
                }
            }
        };
    }

    @Override
    public NetworkDoor network() {
        return new NetworkDoor() {
            @Override
            public Socket connect(String host, int port, Events events) {
                sockets.put(host + ":" + port, events);
                return socket(host + ":" + port);
            }

            @Override
            public MediaDoor.Opened listen(int port, Events events, Acceptor acceptor) {
                servers.put(port, acceptor);
                sockets.put("server " + port, events);
                return socket("server " + port);
            }

            @Override
            public Socket datagrams(int port, boolean broadcast, Events events) {
                sockets.put("udp " + port, events);
                return socket("udp " + port);
            }

            @Override
            public Future<AmfValue> mail(Letter letter) {
                letters.add(letter);
                Promise<AmfValue> taken = Promise.promise();
                asked.add(taken);
                return taken.future();
            }
        };
    }

    @Override
    public JsonObject configs() {
        return new JsonObject()
                .put("lobby", new JsonObject().put("size", 4).put("open", false))
                .put("guard", new JsonObject().put("password", "secret"));
    }

    @Override
    public String folder() {
        return "/srv/verticles/";
    }

    @Override
    public String publicAddress() {
        return "media.example.org";
    }

    @Override
    public void close() {
        engine.close();
        clock.shutdownNow();
    }
}
