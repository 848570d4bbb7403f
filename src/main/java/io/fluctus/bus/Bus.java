package io.fluctus.bus;

import io.fluctus.media.MediaPacket;
import io.fluctus.media.Prelude;
import io.fluctus.media.StreamName;
import io.fluctus.wire.AmfJson;
import io.fluctus.wire.AmfValue;
import io.fluctus.wire.ProtocolException;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.EventBus;
import io.vertx.core.eventbus.Message;
import io.vertx.core.eventbus.MessageConsumer;
import io.vertx.core.eventbus.ReplyException;
import io.vertx.core.eventbus.ReplyFailure;
import io.vertx.core.internal.VertxInternal;
import io.vertx.core.json.JsonObject;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.IntSupplier;

/** The one door to the event bus of a node: media by reference, control as JSON. Every verticle is given the same instance. */
public final class Bus {
    /** A request that nobody answered within this time has failed. */
    public static final long REQUEST_TIMEOUT_MILLIS = 5_000;

    /** What is asked for before it is there, as parts of a live stream are, may take longer. */
    public static final long RESOURCE_TIMEOUT_MILLIS = 40_000;

    /** An application's answer may depend on a client's, so it may take longer. */
    public static final long APPLICATION_TIMEOUT_MILLIS = 30_000;

    private static final int FAILED = -1;

    private static final int NOT_UNDERSTOOD = 400;

    private final EventBus events;
    private final boolean clustered;
    private final IntSupplier members;
    private final ConcurrentMap<StreamName, Integer> listeners = new ConcurrentHashMap<>();
    private final DeliveryOptions carried = new DeliveryOptions().setCodecName(CarriedCodec.NAME);
    private final String node;
    private final int relays;
    private final DeliveryOptions media =
            new DeliveryOptions().setLocalOnly(true).setCodecName(MediaPacketCodec.NAME);
    private final DeliveryOptions local =
            new DeliveryOptions().setLocalOnly(true).setSendTimeout(REQUEST_TIMEOUT_MILLIS);
    private final DeliveryOptions snapshot;
    private final DeliveryOptions appEvent;
    private final DeliveryOptions clientWord;
    private final DeliveryOptions answer;
    private final DeliveryOptions sharedWord;
    private final DeliveryOptions sharedNews;
    private final DeliveryOptions resource;

    /** Something that was registered and can be given up. */
    public interface Registration {
        Future<Void> close();

        /** Completes when other nodes know of it, where they shall. */
        default Future<Void> ready() {
            return Future.succeededFuture();
        }
    }

    /**
     * Registers the codecs: once for a Vert.x instance.
     *
     * @param node the id of this node
     * @param relays how many relay instances the node runs, at least 1
     */
    public Bus(Vertx vertx, String node, int relays) {
        this.events = vertx.eventBus();
        this.clustered = vertx.isClustered();
        this.members = () ->
                clustered ? ((VertxInternal) vertx).clusterManager().getNodes().size() : 1;
        this.node = node;
        this.relays = relays;
        LocalCodec<Prelude.Snapshot> snapshots = new LocalCodec<>(Prelude.Snapshot.class);
        events.registerCodec(new MediaPacketCodec());
        events.registerCodec(new CarriedCodec());
        this.snapshot = byReference(snapshots);
        this.appEvent = byReference(new LocalCodec<>(AppEvent.class)).setSendTimeout(APPLICATION_TIMEOUT_MILLIS);
        this.clientWord = byReference(new LocalCodec<>(ClientWord.class)).setSendTimeout(APPLICATION_TIMEOUT_MILLIS);
        this.answer = byReference(new LocalCodec<>(AmfValue.class));
        this.sharedWord = byReference(new LocalCodec<>(SharedWord.class)).setSendTimeout(REQUEST_TIMEOUT_MILLIS);
        this.sharedNews = byReference(new LocalCodec<>(SharedNews.class));
        this.resource = byReference(new LocalCodec<>(Resource.class));
    }

    private DeliveryOptions byReference(LocalCodec<?> codec) {
        events.registerCodec(codec);
        return new DeliveryOptions().setLocalOnly(true).setCodecName(codec.name());
    }

    public String node() {
        return node;
    }

    /** Whether there may be other nodes. */
    public boolean clustered() {
        return clustered;
    }

    /** Nodes that the cluster counts, this one included. */
    public int members() {
        return members.getAsInt();
    }

    /** How many relay instances this node runs. */
    public int relays() {
        return relays;
    }

    // -- media

    /** To the relay that owns the stream. */
    public void ingest(StreamName stream, MediaPacket packet) {
        events.send(Address.ingest(stream), packet, media);
    }

    /** As {@link #ingest}, and completes when the relay has taken the packet and all before it. */
    public Future<Void> ingestAcknowledged(StreamName stream, MediaPacket packet) {
        DeliveryOptions options = new DeliveryOptions(media).setSendTimeout(REQUEST_TIMEOUT_MILLIS);
        return events.request(Address.ingest(stream), packet, options).mapEmpty();
    }

    /** The owner of a stream takes what its publisher sends. */
    public Registration onIngest(StreamName stream, Consumer<MediaPacket> owner) {
        return registered(
                events.<MediaPacket>localConsumer(Address.ingest(stream)).handler(message -> {
                    owner.accept(message.body());
                    if (message.replyAddress() != null) {
                        message.reply(null);
                    }
                }));
    }

    /** To every instance on this node that has viewers of the stream. */
    public void outlet(StreamName stream, MediaPacket packet) {
        events.publish(Address.outlet(stream), packet, media);
    }

    public Registration onOutlet(StreamName stream, Consumer<MediaPacket> viewers) {
        listeners.merge(stream, 1, Integer::sum);
        MessageConsumer<MediaPacket> consumer = events.<MediaPacket>localConsumer(Address.outlet(stream))
                .handler(message -> viewers.accept(message.body()));
        return () -> {
            if (consumer.isRegistered()) {
                listeners.computeIfPresent(stream, (name, count) -> count == 1 ? null : count - 1);
            }
            return consumer.unregister();
        };
    }

    /** Whether anybody on this node listens to the stream's outlet. */
    public boolean isHeard(StreamName stream) {
        return listeners.containsKey(stream);
    }

    // -- the relay of a stream

    /** What a late joiner of the stream gets first. */
    public Future<Prelude.Snapshot> prelude(StreamName stream) {
        JsonObject body = new JsonObject().put("op", "prelude").put("stream", stream.path());
        return events.<Prelude.Snapshot>request(relayOf(stream), body, local).map(Message::body);
    }

    /** A word to the relay that owns the stream: {@code op} is open, end. */
    public Future<JsonObject> relay(StreamName stream, JsonObject body) {
        return request(relayOf(stream), body.put("stream", stream.path()));
    }

    /** Serves instance number {@code instance}: {@code preludes} answers {@code prelude}, {@code words} everything else. */
    public Registration serveRelay(
            int instance, Function<StreamName, Prelude.Snapshot> preludes, Function<JsonObject, JsonObject> words) {
        return serveEdge(instance, stream -> Future.succeededFuture(preludes.apply(stream)), words);
    }

    /** As {@link #serveRelay}, for preludes that may have to come from another node first. */
    public Registration serveEdge(
            int instance,
            Function<StreamName, Future<Prelude.Snapshot>> preludes,
            Function<JsonObject, JsonObject> words) {
        return registered(events.<JsonObject>localConsumer(Address.relay(node, instance))
                .handler(message -> {
                    JsonObject body = message.body();
                    if ("prelude".equals(body.getString("op"))) {
                        preludes.apply(StreamName.parse(body.getString("stream")))
                                .onSuccess(found -> message.reply(found, snapshot))
                                .onFailure(error -> fail(message, error));
                    } else {
                        message.reply(words.apply(body));
                    }
                }));
    }

    private String relayOf(StreamName stream) {
        return Address.relay(node, Address.instance(stream, relays));
    }

    // -- between nodes

    /** A packet to the relay of another node; lost when it is not there. */
    public void carry(String link, Carried packet) {
        events.send(link + ".media", packet, carried);
    }

    public Registration onCarried(String link, Consumer<Carried> relay) {
        return everywhere(events.<Carried>consumer(link + ".media").handler(message -> relay.accept(message.body())));
    }

    /** As {@link #request}, of any node, and for as long as is said. */
    public Future<JsonObject> requestFar(String address, JsonObject body, long timeoutMillis) {
        return events.<JsonObject>request(address, body, new DeliveryOptions().setSendTimeout(timeoutMillis))
                .map(Message::body)
                .recover(error -> Future.failedFuture(refusal(error)));
    }

    /** One word to one address of any node, without an answer. */
    public void sendFar(String address, JsonObject body) {
        events.send(address, body);
    }

    /** As {@link #serve}, for every node; what is not understood is refused. */
    public Registration serveFar(String address, Function<JsonObject, Future<JsonObject>> server) {
        return everywhere(events.<JsonObject>consumer(address)
                .handler(message -> understood(server, message.body())
                        .onSuccess(message::reply)
                        .onFailure(error -> fail(message, error))));
    }

    private static Future<JsonObject> understood(Function<JsonObject, Future<JsonObject>> server, JsonObject body) {
        try {
            return server.apply(body);
        } catch (Refusal refusal) {
            return Future.failedFuture(refusal);
        } catch (ProtocolException | ClassCastException | NullPointerException malformed) {
            return Future.failedFuture(new Refusal(NOT_UNDERSTOOD, "not understood: " + malformed.getMessage()));
        }
    }

    private static Registration everywhere(MessageConsumer<?> consumer) {
        return new Registration() {
            @Override
            public Future<Void> close() {
                return consumer.unregister();
            }

            @Override
            public Future<Void> ready() {
                return consumer.completion();
            }
        };
    }

    // -- applications

    /** Asks the application at {@code path}; fails with a {@link Refusal}: {@link AppEvent#NOBODY} when there is none. */
    public Future<AmfValue> ask(String path, AppEvent event) {
        return answered(events.request(Address.app(path), event, appEvent));
    }

    /** As {@link #ask}, when there is nothing to answer. */
    public void tell(String path, AppEvent event) {
        events.send(Address.app(path), event, appEvent);
    }

    /** Serves the application at {@code path}. The answer may be completed on any thread. */
    public Registration serveApplication(String path, Function<AppEvent, Future<AmfValue>> application) {
        return registered(events.<Object>localConsumer(Address.app(path)).handler(message -> {
            if (message.body() instanceof AppEvent event) {
                reply(message, application.apply(event));
            } else {
                message.fail(AppEvent.REFUSED, "this is the address of an application: it hears events of clients");
            }
        }));
    }

    /** Asks a client, or the verticle that holds it; fails with a {@link Refusal}. */
    public Future<AmfValue> ask(ClientWord word) {
        return answered(events.request(Address.words(word.client()), word, clientWord));
    }

    /** Tells a client; lost when it has left. */
    public void tell(ClientWord word) {
        events.send(Address.words(word.client()), word, clientWord);
    }

    /** Serves the words for the clients of the verticle instance called {@code name}. */
    public Registration serveClients(String name, Function<ClientWord, Future<AmfValue>> clients) {
        return answering(Address.words(name), clients);
    }

    private <T> Registration answering(String address, Function<T, Future<AmfValue>> server) {
        return registered(
                events.<T>localConsumer(address).handler(message -> reply(message, server.apply(message.body()))));
    }

    private void reply(Message<?> message, Future<AmfValue> answered) {
        if (message.replyAddress() != null) {
            answered.onSuccess(value -> message.reply(value, answer)).onFailure(error -> fail(message, error));
        }
    }

    private static Future<AmfValue> answered(Future<Message<AmfValue>> request) {
        return request.map(Message::body).recover(error -> Future.failedFuture(refusal(error)));
    }

    // -- shared objects

    /** To the owner of the shared object; completes when it has taken the word. */
    public Future<Void> share(SharedWord word) {
        return events.request(Address.SHARED, word, sharedWord)
                .<Void>mapEmpty()
                .recover(error -> Future.failedFuture(refusal(error)));
    }

    /** Owns the shared objects of this node: {@code owner} takes the words of users, {@code control} everything else. */
    public Registration serveShared(Consumer<SharedWord> owner, Function<JsonObject, JsonObject> control) {
        return registered(events.<Object>localConsumer(Address.SHARED).handler(message -> {
            if (message.body() instanceof SharedWord word) {
                owner.accept(word);
                message.reply(null);
            } else {
                message.reply(control.apply((JsonObject) message.body()));
            }
        }));
    }

    /** To the verticle instance where {@code user} is. */
    public void tell(String user, SharedNews news) {
        events.send(Address.sharedNews(user), news, sharedNews);
    }

    /** The users of shared objects whose ids begin with {@code instance} hear. */
    public Registration onSharedNews(String instance, Consumer<SharedNews> users) {
        return registered(events.<SharedNews>localConsumer(Address.sharedNews(instance))
                .handler(message -> users.accept(message.body())));
    }

    // -- values between applications and verticles

    /** To one who serves the address; lost when nobody does. By reference, or as JSON for those who know no AMF. */
    public void sendValue(String address, AmfValue value, boolean byReference) {
        events.send(address, body(value, byReference), byReference ? answer : local);
    }

    /** As {@link #sendValue}, and gives the answer. Fails with {@link Refusal}. */
    public Future<AmfValue> requestValue(String address, AmfValue value, boolean byReference) {
        DeliveryOptions options =
                new DeliveryOptions(byReference ? answer : local).setSendTimeout(REQUEST_TIMEOUT_MILLIS);
        return events.<Object>request(address, body(value, byReference), options)
                .map(message -> value(message.body()))
                .recover(error -> Future.failedFuture(refusal(error)));
    }

    /** To everybody who listens on this node, as JSON. */
    public void publishValue(String address, AmfValue value) {
        events.publish(address, body(value, false), local);
    }

    /** Serves an address in both ways: each is answered as it asked. */
    public Registration serveValues(String address, Function<AmfValue, Future<AmfValue>> server) {
        return registered(events.<Object>localConsumer(address).handler(message -> {
            boolean byReference = message.body() instanceof AmfValue;
            Future<AmfValue> answered = server.apply(value(message.body()));
            if (message.replyAddress() != null) {
                answered.onSuccess(value -> message.reply(body(value, byReference), byReference ? answer : local))
                        .onFailure(error -> fail(message, error));
            }
        }));
    }

    private static Object body(AmfValue value, boolean byReference) {
        return byReference ? value : AmfJson.toJson(value).orElse(null);
    }

    /** What is neither AMF nor JSON is nothing to an application. */
    private static AmfValue value(Object body) {
        try {
            return body instanceof AmfValue value ? value : AmfJson.fromJson(body);
        } catch (ProtocolException e) {
            return AmfValue.NULL;
        }
    }

    // -- control

    /** Asks on this node. Fails with {@link Refusal} when the other side refuses or nobody is there. */
    public Future<JsonObject> request(String address, JsonObject body) {
        return events.<JsonObject>request(address, body, local)
                .map(Message::body)
                .recover(error -> Future.failedFuture(refusal(error)));
    }

    private static Throwable refusal(Throwable error) {
        if (!(error instanceof ReplyException reply)) {
            return error;
        }
        boolean nobody = reply.failureType() == ReplyFailure.NO_HANDLERS;
        return new Refusal(nobody ? AppEvent.NOBODY : reply.failureCode(), reply.getMessage());
    }

    private static void fail(Message<?> message, Throwable error) {
        message.fail(error instanceof Refusal refusal ? refusal.code() : FAILED, error.getMessage());
    }

    /** Answers requests; a failed future with a {@link Refusal} is given to the asker as it is. */
    public Registration serve(String address, Function<JsonObject, Future<JsonObject>> server) {
        return registered(events.<JsonObject>localConsumer(address)
                .handler(message -> server.apply(message.body())
                        .onSuccess(message::reply)
                        .onFailure(error -> fail(message, error))));
    }

    /** Asks for what is served over HTTP; fails with {@link Refusal} when nobody is there. */
    public Future<Resource> fetch(String address, JsonObject question) {
        DeliveryOptions patient = new DeliveryOptions().setLocalOnly(true).setSendTimeout(RESOURCE_TIMEOUT_MILLIS);
        return events.<Resource>request(address, question, patient)
                .map(Message::body)
                .recover(error -> Future.failedFuture(refusal(error)));
    }

    /** Answers {@link #fetch}. */
    public Registration serveResources(String address, Function<JsonObject, Future<Resource>> server) {
        return registered(events.<JsonObject>localConsumer(address)
                .handler(message -> server.apply(message.body())
                        .onSuccess(found -> message.reply(found, resource))
                        .onFailure(error -> fail(message, error))));
    }

    /** One word to one address on this node, without an answer; lost when nobody is there. */
    public void send(String address, JsonObject body) {
        events.send(address, body, local);
    }

    /** To everybody who listens, on every node. */
    public void publish(String address, JsonObject body) {
        events.publish(address, body);
    }

    public Registration listen(String address, Consumer<JsonObject> listener) {
        return everywhere(events.<JsonObject>consumer(address).handler(message -> listener.accept(message.body())));
    }

    /** As {@link #publish}, on this node only. */
    public void publishHere(String address, JsonObject body) {
        events.publish(address, body, local);
    }

    /** As {@link #listen}, for what is said on this node. */
    public Registration listenHere(String address, Consumer<JsonObject> listener) {
        return registered(
                events.<JsonObject>localConsumer(address).handler(message -> listener.accept(message.body())));
    }

    private static Registration registered(MessageConsumer<?> consumer) {
        return consumer::unregister;
    }
}
