package io.fluctus.script;

import io.fluctus.bus.Address;
import io.fluctus.bus.Bus;
import io.fluctus.bus.Bus.Registration;
import io.fluctus.media.MediaPacket;
import io.fluctus.media.StreamName;
import io.fluctus.wire.AmfJson;
import io.fluctus.wire.AmfValue;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.json.JsonObject;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/** Streams between the bus, on the verticle's event loop, and the trees, each on its thread. */
final class MediaLink {
    /** Bytes of one stream that wait for a tree, or of one for the bus. */
    static final long MAX_WAITING = 8L * 1024 * 1024;

    /** Streams that applications of a node publish at a time. */
    static final int MAX_OUTLETS = 1_000;

    private final Bus bus;
    private final Context context;
    private final String name;
    private final Map<String, Own> outlets = new HashMap<>(); // by the client's id on the bus
    private final AtomicLong numbers = new AtomicLong();

    /** {@code name} is the verticle's among those that hold clients. */
    MediaLink(Bus bus, Context context, String name) {
        this.bus = bus;
        this.context = context;
        this.name = name;
    }

    Registration serve() {
        return bus.serve(Address.client(name), this::serve);
    }

    /** {@code replaced} and {@code kick}. */
    private Future<JsonObject> serve(JsonObject word) {
        Own own = outlets.get(word.getString("client", ""));
        if (own != null) {
            own.over(
                    "kick".equals(word.getString("op")) ? "closed by an administrator" : "another publisher took over");
        }
        return Future.succeededFuture(new JsonObject().put("found", own != null));
    }

    /** The door for the applications of one tree. */
    MediaDoor door(Executor tree) {
        return new MediaDoor() {
            @Override
            public Opened hear(StreamName stream, Consumer<MediaPacket> listener) {
                Heard heard = new Heard(tree, listener);
                context.runOnContext(go -> heard.open(stream));
                return () -> context.runOnContext(go -> heard.close());
            }

            @Override
            public Future<AmfValue> record(StreamName stream, boolean on) {
                Promise<AmfValue> answer = Promise.promise();
                JsonObject word =
                        new JsonObject().put("op", on ? "start" : "stop").put("stream", stream.path());
                context.runOnContext(go -> bus.request(Address.RECORD, word)
                        .<AmfValue>map(said -> AmfJson.fromJson(said))
                        .onComplete(answer));
                return answer.future();
            }

            @Override
            public Outlet publish(StreamName stream, Consumer<String> ended) {
                Own own = new Own(stream, why -> tree.execute(() -> ended.accept(why)));
                context.runOnContext(go -> own.claim());
                return own;
            }
        };
    }

    /** A stream that a tree hears. */
    private final class Heard {
        private final Executor tree;
        private final Consumer<MediaPacket> listener;
        private final AtomicLong waiting = new AtomicLong();
        private Optional<Registration> registration = Optional.empty();
        private boolean closed;

        private Heard(Executor tree, Consumer<MediaPacket> listener) {
            this.tree = tree;
            this.listener = listener;
        }

        private void open(StreamName stream) {
            if (!closed) {
                registration = Optional.of(bus.onOutlet(stream, this::receive));
            }
        }

        private void close() {
            closed = true;
            registration.ifPresent(Registration::close);
        }

        private void receive(MediaPacket packet) {
            int size = packet.payload().length();
            boolean told = packet.isMedia() || packet.kind() == MediaPacket.Kind.DATA;
            if (closed || !told || waiting.get() + size > MAX_WAITING) {
                return;
            }
            waiting.addAndGet(size);
            tree.execute(() -> {
                waiting.addAndGet(-size);
                listener.accept(packet);
            });
        }
    }

    /** A stream that a tree publishes. */
    private final class Own implements MediaDoor.Outlet {
        private final StreamName stream;
        private final Consumer<String> ended;
        private final String client;
        private final AtomicLong waiting = new AtomicLong();
        private boolean granted;
        private boolean over;
        private long fence;

        private Own(StreamName stream, Consumer<String> ended) {
            this.stream = stream;
            this.ended = ended;
            this.client = name + "/" + numbers.incrementAndGet();
        }

        private void claim() {
            if (outlets.size() >= MAX_OUTLETS) {
                over("applications publish " + MAX_OUTLETS + " streams already");
                return;
            }
            outlets.put(client, this);
            JsonObject claim = new JsonObject()
                    .put("op", "publish")
                    .put("stream", stream.path())
                    .put("protocol", "app")
                    .put("address", "an application")
                    .put("credential", "app " + stream.path())
                    .put("client", client);
            bus.request(Address.REGISTRY, claim)
                    .onSuccess(this::begin)
                    .onFailure(refusal -> over(refusal.getMessage()));
        }

        private void begin(JsonObject answer) {
            granted = true;
            fence = answer.getLong("fence");
            if (over) {
                release();
            }
        }

        @Override
        public void send(MediaPacket packet) {
            int size = packet.payload().length();
            if (waiting.addAndGet(size) > MAX_WAITING) {
                waiting.addAndGet(-size);
                return;
            }
            context.runOnContext(go -> {
                waiting.addAndGet(-size);
                if (granted && !over) {
                    bus.ingest(stream, packet.withFence(fence));
                }
            });
        }

        @Override
        public void close() {
            context.runOnContext(go -> over(""));
        }

        private void over(String why) {
            if (over) {
                return;
            }
            over = true;
            outlets.remove(client);
            if (granted) {
                release();
            }
            ended.accept(why);
        }

        private void release() {
            bus.request(
                    Address.REGISTRY,
                    new JsonObject()
                            .put("op", "unpublish")
                            .put("stream", stream.path())
                            .put("fence", fence)
                            .put("clean", true));
        }
    }
}
