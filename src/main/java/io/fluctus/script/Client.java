package io.fluctus.script;

import io.fluctus.bus.AppEvent;
import io.fluctus.bus.AppEvent.Visitor;
import io.fluctus.bus.ClientWord;
import io.fluctus.media.StreamName;
import io.fluctus.script.Thing.Arguments;
import io.fluctus.script.Thing.Given;
import io.fluctus.script.Thing.Kind;
import io.fluctus.wire.AmfValue;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Who is connected, as scripts see it. */
final class Client {
    static final Kind<Client> KIND = new Kind<Client>("client")
            .part("writer", client -> client.writer)
            .property("rawId", client -> new Given.Binary(client.rawId))
            .property("elapsedFromReception", client -> Given.of(client.api.now() - client.received))
            .method("call", Client::call)
            .method("close", Client::close)
            .others((client, name) -> new Given.Plain(client.properties.getOrDefault(name, AmfValue.NULL)));

    private static final String CLOSED = "NetConnection.Connect.Closed";

    private final AppApi api;
    private final Words words;
    private final String key;
    private final String path;
    private final Map<String, AmfValue> properties;
    private final byte[] rawId;
    private final List<AmfValue> arguments;
    private final Thing thing;
    private final Thing writer;
    private final Set<StreamName> publishing = new HashSet<>(2);
    private final Set<StreamName> playing = new HashSet<>(2);
    private Optional<AmfValue> result = Optional.empty();
    private double received;

    /** {@code words} is its line. */
    Client(AppApi api, Words words, String path, AppEvent.Connected event) {
        Visitor visitor = event.visitor();
        this.api = api;
        this.words = words;
        this.key = visitor.client();
        this.path = path;
        this.properties = Visitors.properties(path, visitor);
        this.rawId = Visitors.rawId(visitor);
        this.arguments = event.arguments();
        this.received = api.now();
        this.thing = Thing.of(KIND, this);
        this.writer = Thing.of(FlowWriter.KIND, new FlowWriter(this));
    }

    Thing thing() {
        return thing;
    }

    /** Its id on the bus. */
    String key() {
        return key;
    }

    /** As scripts call it: 64 hexadecimal digits. */
    String id() {
        return HexFormat.of().formatHex(rawId);
    }

    /** Of its application. */
    String path() {
        return path;
    }

    List<AmfValue> arguments() {
        return arguments;
    }

    Set<StreamName> publishing() {
        return publishing;
    }

    Set<StreamName> playing() {
        return playing;
    }

    void heard() {
        received = api.now();
    }

    /** What {@code writeAMFResult} said while the call ran, once. */
    Optional<AmfValue> takeResult() {
        Optional<AmfValue> taken = result;
        result = Optional.empty();
        return taken;
    }

    private Given call(Arguments given) {
        return api.answer(
                given, "client:call", () -> words.ask(new ClientWord.Call(key, given.text(0), given.from(1))));
    }

    private Given close(Arguments given) {
        close(given.text(0), given.text(1));
        return Given.NOTHING;
    }

    /** What it gets of a stream that it plays. */
    void select(StreamName stream, boolean audio, boolean video) {
        words.tell(new ClientWord.Select(key, stream, audio, video));
    }

    void close(String code, String description) {
        words.tell(new ClientWord.Close(
                key,
                code.isEmpty() ? CLOSED : code,
                description.isEmpty() ? "closed by the application" : description));
    }

    /** How scripts write to a client. All writers of a client use its one connection. */
    static final class FlowWriter {
        static final Kind<FlowWriter> KIND = new Kind<FlowWriter>("writer")
                .property(
                        "reliable",
                        writer -> Given.of(writer.reliable),
                        (writer, value) -> writer.reliable = value.bool().orElse(true))
                .method("flush", (writer, given) -> Given.NOTHING)
                .method("close", (writer, given) -> Given.NOTHING)
                .method(
                        "newFlowWriter",
                        (writer, given) -> Given.of(Thing.of(FlowWriter.KIND, new FlowWriter(writer.client))))
                .method("writeAMFMessage", FlowWriter::message)
                .method("writeAMFResult", FlowWriter::result)
                .method("writeStatusResponse", FlowWriter::status);

        private final Client client;
        private boolean reliable = true;

        private FlowWriter(Client client) {
            this.client = client;
        }

        private Given message(Arguments given) {
            client.words.tell(new ClientWord.Tell(client.key, given.text(0), given.from(1)));
            return Given.NOTHING;
        }

        private Given result(Arguments given) {
            client.result = Optional.of(given.value(0));
            return Given.NOTHING;
        }

        private Given status(Arguments given) {
            client.words.tell(new ClientWord.Say(client.key, given.text(0), given.text(1), false));
            return Given.NOTHING;
        }
    }
}
