package io.fluctus.script;

import io.fluctus.bus.AppEvent;
import io.fluctus.bus.ClientWord;
import io.fluctus.media.SharedName;
import io.fluctus.media.StreamName;
import io.fluctus.wire.Amf3;
import io.fluctus.wire.AmfValue;
import io.fluctus.wire.ByteReader;
import io.fluctus.wire.ByteWriter;
import io.fluctus.wire.ProtocolException;
import io.vertx.core.buffer.Buffer;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** One message between the gateway and the process of an isolated tree: a word and values, as a length and AMF3. */
record Frame(String word, List<AmfValue> values) {
    /** Bytes of one. */
    static final int MAX_BYTES = 16 * 1024 * 1024;

    static Frame of(String word, AmfValue... values) {
        return new Frame(word, List.of(values));
    }

    AmfValue value(int index) {
        return index < values.size() ? values.get(index) : AmfValue.NULL;
    }

    String text(int index) {
        return value(index).string().orElse("");
    }

    long number(int index) {
        return value(index).number().orElse(0.0).longValue();
    }

    boolean flag(int index) {
        return value(index).bool().orElse(false);
    }

    Buffer bytes(int index) {
        return value(index) instanceof AmfValue.Bytes bytes ? bytes.bytes() : Buffer.buffer();
    }

    List<AmfValue> items(int index) {
        return value(index) instanceof AmfValue.Array array ? array.items() : List.of();
    }

    static AmfValue array(List<AmfValue> values) {
        return new AmfValue.Array(values, Map.of());
    }

    // -- bytes

    void write(OutputStream out) throws IOException {
        ByteWriter bytes = new ByteWriter().u32(0);
        List<AmfValue> all = new ArrayList<>(values.size() + 1);
        all.add(AmfValue.of(word));
        all.addAll(values);
        Amf3.encode(array(all), bytes);
        Buffer frame = bytes.buffer().setInt(0, bytes.length() - Integer.BYTES);
        out.write(frame.getBytes());
        out.flush();
    }

    /** Throws EOFException at the end, ProtocolException for what is no frame. */
    static Frame read(DataInputStream in) throws IOException {
        int length = in.readInt();
        if (length < 0 || length > MAX_BYTES) {
            throw new ProtocolException("a frame of " + length + " bytes");
        }
        byte[] bytes = in.readNBytes(length);
        if (bytes.length < length) {
            throw new EOFException();
        }
        AmfValue value = Amf3.decode(new ByteReader(Buffer.buffer(bytes)));
        if (!(value instanceof AmfValue.Array array) || array.items().isEmpty()) {
            throw new ProtocolException("a frame without a word");
        }
        List<AmfValue> all = array.items();
        return new Frame(all.get(0).string().orElse(""), all.subList(1, all.size()));
    }

    // -- events of clients

    /** {@code number} is that of the answer. */
    static Frame of(long number, String path, AppEvent event) {
        List<AmfValue> values =
                new ArrayList<>(List.of(AmfValue.of(number), AmfValue.of(path), AmfValue.of(event.client())));
        if (event instanceof AppEvent.Connected connect) {
            AppEvent.Visitor visitor = connect.visitor();
            values.addAll(List.of(
                    AmfValue.of(visitor.protocol()),
                    AmfValue.of(visitor.address()),
                    new AmfValue.Bytes(visitor.peerId()),
                    AmfValue.of(visitor.query()),
                    AmfValue.Obj.of(visitor.properties()),
                    array(connect.arguments())));
        } else if (event instanceof AppEvent.Called call) {
            values.addAll(List.of(AmfValue.of(call.name()), array(call.arguments())));
        } else if (event instanceof AppEvent.Disconnected end) {
            values.add(AmfValue.of(end.failure()));
        } else if (event instanceof AppEvent.JoinedGroup joined) {
            values.add(new AmfValue.Bytes(joined.group()));
        } else if (event instanceof AppEvent.LeftGroup left) {
            values.add(new AmfValue.Bytes(left.group()));
        } else if (event instanceof AppEvent.RendezvousUnknown rendezvous) {
            values.add(new AmfValue.Bytes(rendezvous.peerId()));
        } else if (event instanceof AppEvent.Greeted hello) {
            values.addAll(List.of(AmfValue.of(hello.address()), AmfValue.of(hello.path())));
        } else if (event instanceof AppEvent.Shared shared) {
            SharedName object = shared.object();
            values.addAll(
                    List.of(AmfValue.of(object.app()), AmfValue.of(object.name()), AmfValue.of(shared.persistent())));
        } else {
            stream(event).ifPresent(name -> values.add(AmfValue.of(name.path())));
        }
        return new Frame(event.getClass().getSimpleName(), values);
    }

    private static Optional<StreamName> stream(AppEvent event) {
        if (event instanceof AppEvent.Published published) {
            return Optional.of(published.stream());
        }
        if (event instanceof AppEvent.Unpublished unpublished) {
            return Optional.of(unpublished.stream());
        }
        if (event instanceof AppEvent.Subscribed subscribed) {
            return Optional.of(subscribed.stream());
        }
        return event instanceof AppEvent.Unsubscribed unsubscribed
                ? Optional.of(unsubscribed.stream())
                : Optional.empty();
    }

    /** What {@link #of(long, String, AppEvent)} wrote; empty if this is another word. */
    Optional<AppEvent> event() {
        String client = text(2);
        return Optional.ofNullable(
                switch (word) {
                    case "Connected" ->
                        new AppEvent.Connected(
                                new AppEvent.Visitor(client, text(3), text(4), bytes(5), text(6), value(7).members()),
                                items(8));
                    case "Disconnected" -> new AppEvent.Disconnected(client, text(3));
                    case "Called" -> new AppEvent.Called(client, text(3), items(4));
                    case "JoinedGroup" -> new AppEvent.JoinedGroup(client, bytes(3));
                    case "LeftGroup" -> new AppEvent.LeftGroup(client, bytes(3));
                    case "RendezvousUnknown" -> new AppEvent.RendezvousUnknown(client, bytes(3));
                    case "Greeted" -> new AppEvent.Greeted(client, text(3), text(4));
                    case "Shared" -> new AppEvent.Shared(client, new SharedName(text(3), text(4)), flag(5));
                    case "Published" -> new AppEvent.Published(client, StreamName.parse(text(3)));
                    case "Unpublished" -> new AppEvent.Unpublished(client, StreamName.parse(text(3)));
                    case "Subscribed" -> new AppEvent.Subscribed(client, StreamName.parse(text(3)));
                    case "Unsubscribed" -> new AppEvent.Unsubscribed(client, StreamName.parse(text(3)));
                    default -> null;
                });
    }

    // -- words to clients

    /** {@code number} is that of the answer, or 0. */
    static Frame of(long number, ClientWord word) {
        AmfValue answer = AmfValue.of(number);
        AmfValue client = AmfValue.of(word.client());
        if (word instanceof ClientWord.Tell tell) {
            return of("Tell", answer, client, AmfValue.of(tell.name()), array(tell.arguments()));
        }
        if (word instanceof ClientWord.Call call) {
            return of("Call", answer, client, AmfValue.of(call.name()), array(call.arguments()));
        }
        if (word instanceof ClientWord.Say say) {
            return of(
                    "Say",
                    answer,
                    client,
                    AmfValue.of(say.code()),
                    AmfValue.of(say.description()),
                    AmfValue.of(say.error()));
        }
        if (word instanceof ClientWord.Select select) {
            return of(
                    "Select",
                    answer,
                    client,
                    AmfValue.of(select.stream().path()),
                    AmfValue.of(select.audio()),
                    AmfValue.of(select.video()));
        }
        ClientWord.Close close = (ClientWord.Close) word;
        return of("Close", answer, client, AmfValue.of(close.code()), AmfValue.of(close.description()));
    }

    /** What {@link #of(long, ClientWord)} wrote; empty if this is another word. */
    Optional<ClientWord> clientWord() {
        String client = text(1);
        return Optional.ofNullable(
                switch (word) {
                    case "Tell" -> new ClientWord.Tell(client, text(2), items(3));
                    case "Call" -> new ClientWord.Call(client, text(2), items(3));
                    case "Say" -> new ClientWord.Say(client, text(2), text(3), flag(4));
                    case "Select" -> new ClientWord.Select(client, StreamName.parse(text(2)), flag(3), flag(4));
                    case "Close" -> new ClientWord.Close(client, text(2), text(3));
                    default -> null;
                });
    }
}
