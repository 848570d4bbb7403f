package io.fluctus.script;

import io.fluctus.bus.AppEvent;
import io.fluctus.bus.Refusal;
import io.fluctus.bus.SharedNews;
import io.fluctus.media.StreamName;
import io.fluctus.script.MediaDoor.Opened;
import io.fluctus.script.Result.Outcome;
import io.fluctus.script.Result.State;
import io.fluctus.script.Thing.Given;
import io.fluctus.wire.AmfValue;
import io.vertx.core.Promise;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiFunction;

/** What happens in a tree, in the words of the object model: which function is called for an event, and what its answer means. */
final class Model implements Engine {
    private static final String CONNECTION = "onConnection";
    private static final Outcome IGNORED = result -> {};

    private final Language language;
    private final Directory directory = new Directory();
    private final SharedUses shared;
    private final AppApi api;
    private final Hush words;
    private final Estate estate = new Estate();
    private final Hooks hooks;
    private final Map<String, Source> sources = new TreeMap<>(); // by path
    private final Set<Promise<AmfValue>> unanswered = new HashSet<>();
    private boolean closed;

    /** {@code language} is handed what an application may do, and what scripts find under a name of its own. */
    Model(AppApi api, BiFunction<AppApi, Map<String, Thing>, Language> language) {
        this.api = api;
        this.words = new Hush(api);
        this.shared = new SharedUses(api);
        Cumulus cumulus = new Cumulus(api, directory, estate, shared);
        Thing shown = Thing.of(Cumulus.KIND, cumulus);
        Thing bus = Thing.of(BusThing.KIND, new BusThing(api, estate));
        this.language = language.apply(api, Map.of("cumulus", shown, "gateway", shown, "bus", bus));
        cumulus.in(this.language, new Sockets(api, estate, this.language));
        this.hooks = new Hooks(api, this.language);
        shared.speak(this.language);
    }

    // -- versions

    @Override
    public Optional<String> load(Source source) {
        String path = source.path();
        Set<Opened> before = estate.take(path);
        estate.enter(path);
        Optional<String> fault = language.load(source);
        if (fault.isPresent()) {
            estate.giveBack(path, before);
            return fault;
        }
        boolean again = sources.containsKey(path);
        if (again && source.serving()) {
            tell(path, "onStop", Given.of(path));
        }
        language.begin(path);
        Estate.close(before);
        sources.put(path, source);
        if (source.serving()) {
            tell(path, "onStart", Given.of(path));
        }
        if (again) {
            introduce(path);
        }
        directory.everybody().forEach(this::listen);
        return Optional.empty();
    }

    /** A new version begins without a memory: it meets those who are connected as if they came now, but nobody hears of it. */
    private void introduce(String path) {
        if (!language.hears(path, CONNECTION)) {
            return;
        }
        words.during(() -> directory.everybody().stream()
                .filter(client -> greets(path, client.path()))
                .forEach(client -> language.event(path, CONNECTION, arguments(client), IGNORED)));
    }

    /** To the media of what the client publishes, if there are functions for it. */
    private void listen(Client client) {
        client.publishing().forEach(name -> directory.known(name).ifPresent(stream -> hooks.attach(client, stream)));
    }

    /** Whether it is the function at {@code path} that serves clients of the application at {@code other}. */
    private boolean greets(String path, String other) {
        Optional<String> at = Optional.of(other);
        while (at.isPresent() && !language.owns(at.get(), CONNECTION)) {
            at = Optional.ofNullable(sources.get(at.get())).flatMap(Source::parent);
        }
        return at.filter(path::equals).isPresent();
    }

    @Override
    public void unload(String path) {
        Source source = sources.remove(path);
        if (source != null && source.serving()) {
            tell(path, "onStop", Given.of(path));
        }
        language.unload(path);
        Estate.close(estate.take(path));
    }

    @Override
    public void manage() {
        sources.forEach((path, source) -> {
            if (source.serving() && language.owns(path, "onManage")) {
                estate.enter(path);
                language.event(path, "onManage", List.of(), IGNORED);
            }
        });
        language.eachKept("onManage");
    }

    // -- events

    @Override
    public void handle(String path, AppEvent event, Promise<AmfValue> answer) {
        if (closed) {
            answer.fail(new Refusal(AppEvent.REFUSED, "the application has ended"));
        } else if (event instanceof AppEvent.Called call) {
            called(call, asked(answer));
        } else if (event instanceof AppEvent.Connected connect) {
            connected(new Client(api, words, path, connect), asked(answer));
        } else if (event instanceof AppEvent.Published publish) {
            ofClient(publish.client(), answer, client -> published(client, publish.stream(), asked(answer)));
        } else if (event instanceof AppEvent.Subscribed subscribe) {
            ofClient(subscribe.client(), answer, client -> subscribed(client, subscribe.stream(), asked(answer)));
        } else if (event instanceof AppEvent.Shared share) {
            ofClient(share.client(), answer, client -> shared(client, share, asked(answer)));
        } else if (event instanceof AppEvent.Greeted hello) {
            where(path, "onHandshake", List.of(Given.of(hello.address()), Given.of("/" + hello.path())), answer);
        } else if (event instanceof AppEvent.RendezvousUnknown rendezvous) {
            String id = HexFormat.of().formatHex(rendezvous.peerId().getBytes());
            where(path, "onRendezVousUnknown", List.of(Given.of(id)), answer);
        } else {
            directory.client(event.client()).ifPresent(client -> told(client, event));
            answer.complete(AmfValue.NULL);
        }
    }

    /** Asks where somebody shall go: addresses, as several results or in one array. */
    private void where(String path, String event, List<Given> arguments, Promise<AmfValue> answer) {
        if (!language.hears(path, event)) {
            answer.fail(new Refusal(AppEvent.UNKNOWN_METHOD, "no such function"));
            return;
        }
        estate.enter(path);
        asked(answer);
        language.event(path, event, arguments, result -> {
            List<AmfValue> words = result.first() instanceof AmfValue.Array array ? array.items() : result.values();
            answer.tryComplete(
                    result.state() == State.DONE ? new AmfValue.Array(words, Map.of()) : AmfValue.Array.of());
        });
    }

    private void told(Client client, AppEvent event) {
        if (event instanceof AppEvent.Disconnected end) {
            disconnected(client, end.failure());
        } else if (event instanceof AppEvent.Unpublished publish) {
            directory.known(publish.stream()).ifPresent(stream -> unpublished(client, stream));
        } else if (event instanceof AppEvent.JoinedGroup group) {
            tell(client.path(), "onJoinGroup", Given.of(client.thing()), Given.of(Group.of(group.group())));
        } else if (event instanceof AppEvent.LeftGroup group) {
            tell(client.path(), "onUnjoinGroup", Given.of(client.thing()), Given.of(Group.of(group.group())));
        } else if (event instanceof AppEvent.Unsubscribed subscribe) {
            directory.known(subscribe.stream()).ifPresent(stream -> unsubscribed(client, stream));
        }
    }

    private interface Action {
        void on(Client client);
    }

    private void ofClient(String key, Promise<AmfValue> answer, Action action) {
        directory
                .client(key)
                .ifPresentOrElse(action::on, () -> answer.fail(new Refusal(AppEvent.REFUSED, "the client is gone")));
    }

    /** Remembers an answer that may come later: whoever waits for it is told when the application ends. */
    private Promise<AmfValue> asked(Promise<AmfValue> answer) {
        unanswered.add(answer);
        answer.future().onComplete(done -> unanswered.remove(answer));
        return answer;
    }

    private static void refuse(Promise<AmfValue> answer, String why) {
        answer.fail(new Refusal(AppEvent.REFUSED, why));
    }

    private void tell(String path, String event, Given... arguments) {
        estate.enter(path);
        language.event(path, event, List.of(arguments), IGNORED);
    }

    private static List<Given> arguments(Client client) {
        List<Given> arguments = new ArrayList<>(client.arguments().size() + 1);
        arguments.add(Given.of(client.thing()));
        arguments.addAll(Given.all(client.arguments()));
        return arguments;
    }

    // -- clients

    private void connected(Client client, Promise<AmfValue> answer) {
        estate.enter(client.path());
        directory.add(client);
        language.keep(client.thing());
        language.event(client.path(), CONNECTION, arguments(client), result -> {
            Optional<String> refusal = result.refusal("refused by the application");
            if (refusal.isPresent()) {
                forget(client);
                refuse(answer, refusal.get());
            } else {
                Map<String, AmfValue> members = result.first().members();
                answer.tryComplete(members.isEmpty() ? AmfValue.Array.of() : AmfValue.Obj.of(members));
            }
        });
    }

    private void forget(Client client) {
        directory.remove(client);
        language.drop(client.thing());
    }

    /** Ends what the client had begun, in the order in which a script expects it. */
    private void disconnected(Client client, String failure) {
        List.copyOf(client.publishing())
                .forEach(name -> directory.known(name).ifPresent(stream -> unpublished(client, stream)));
        List.copyOf(client.playing())
                .forEach(name -> directory.known(name).ifPresent(stream -> unsubscribed(client, stream)));
        if (!failure.isEmpty()) {
            tell(client.path(), "onFailed", Given.of(client.thing()), Given.of(failure));
        }
        tell(client.path(), "onDisconnection", Given.of(client.thing()));
        forget(client);
    }

    private void called(AppEvent.Called call, Promise<AmfValue> answer) {
        Optional<Client> found = directory.client(call.client());
        if (found.isEmpty() || call.name().equals("onManage")) {
            answer.fail(new Refusal(AppEvent.UNKNOWN_METHOD, "no such method"));
            return;
        }
        Client client = found.get();
        client.heard();
        estate.enter(client.path());
        language.member(client.thing(), call.name(), Given.all(call.arguments()), result -> {
            Optional<AmfValue> said = client.takeResult();
            if (result.state() == State.UNKNOWN) {
                answer.tryFail(new Refusal(AppEvent.UNKNOWN_METHOD, "no such method"));
            } else if (result.state() == State.FAILED) {
                answer.tryFail(
                        new Refusal(AppEvent.REFUSED, result.first().string().orElse("refused")));
            } else {
                answer.tryComplete(result.values().isEmpty() ? said.orElse(AmfValue.NULL) : result.first());
            }
        });
    }

    // -- streams

    private void published(Client client, StreamName name, Promise<AmfValue> answer) {
        AppStream stream = directory.stream(name);
        language.keep(stream.thing());
        ask(client, "onPublish", stream.thing(), result -> {
            Optional<String> refusal = result.refusal("the application refuses this publication");
            if (refusal.isPresent()) {
                release(stream);
                refuse(answer, refusal.get());
                return;
            }
            stream.publisher(Optional.of(client));
            client.publishing().add(stream.name());
            directory.show(stream);
            hooks.attach(client, stream);
            answer.tryComplete(AmfValue.NULL);
        });
    }

    private void ask(Client client, String event, Thing about, Outcome outcome) {
        estate.enter(client.path());
        language.event(client.path(), event, List.of(Given.of(client.thing()), Given.of(about)), outcome);
    }

    private void unpublished(Client client, AppStream stream) {
        if (client.publishing().remove(stream.name())) {
            stream.publisher(Optional.empty());
            stream.deaf();
            tell(client.path(), "onUnpublish", Given.of(client.thing()), Given.of(stream.thing()));
            release(stream);
        }
    }

    private void release(AppStream stream) {
        if (directory.forget(stream)) {
            language.drop(stream.thing());
        }
    }

    private void subscribed(Client client, StreamName name, Promise<AmfValue> answer) {
        AppStream stream = directory.stream(name);
        Thing listener = Thing.of(AppStream.Listener.KIND, new AppStream.Listener(client, stream));
        language.keep(stream.thing());
        language.keep(listener);
        ask(client, "onSubscribe", listener, result -> {
            Optional<String> refusal = result.refusal("the application refuses this subscription");
            if (refusal.isPresent()) {
                language.drop(listener);
                release(stream);
                refuse(answer, refusal.get());
                return;
            }
            Optional.ofNullable(stream.listeners().put(client.id(), listener)).ifPresent(language::drop);
            client.playing().add(stream.name());
            directory.show(stream);
            answer.tryComplete(AmfValue.NULL);
        });
    }

    private void unsubscribed(Client client, AppStream stream) {
        Thing listener = stream.listeners().get(client.id());
        if (listener != null && client.playing().remove(stream.name())) {
            stream.listeners().remove(client.id());
            tell(client.path(), "onUnsubscribe", Given.of(client.thing()), Given.of(listener));
            language.drop(listener);
            release(stream);
        }
    }

    // -- shared objects

    private void shared(Client client, AppEvent.Shared share, Promise<AmfValue> answer) {
        List<Given> arguments =
                List.of(Given.of(client.thing()), Given.of(share.object().name()), Given.of(share.persistent()));
        language.event(client.path(), "onSharedObject", arguments, result -> {
            Optional<String> refusal = result.refusal("the application refuses this shared object");
            if (refusal.isPresent()) {
                refuse(answer, refusal.get());
            } else {
                answer.tryComplete(result.first());
            }
        });
    }

    @Override
    public void hear(SharedNews news) {
        if (!closed) {
            shared.hear(news);
        }
    }

    @Override
    public void missed() {
        if (!closed) {
            shared.beginAnew();
        }
    }

    // -- the end

    @Override
    public boolean exhausted() {
        return language.exhausted();
    }

    @Override
    public void close() {
        closed = true;
        shared.close();
        estate.closeAll();
        directory
                .everybody()
                .forEach(client -> client.publishing()
                        .forEach(name -> directory.known(name).ifPresent(AppStream::deaf)));
        List<Promise<AmfValue>> left = List.copyOf(unanswered);
        language.close();
        left.forEach(answer -> answer.tryFail(new Refusal(AppEvent.REFUSED, "the application ends")));
    }
}
