package io.fluctus.bus;

import io.fluctus.media.StreamName;
import io.fluctus.wire.AmfValue;
import java.util.List;

/** A word of an application to one of its clients, sent to the verticle that holds it; {@code client} is the client's id on the bus. */
public sealed interface ClientWord {
    String client();

    /** Calls a function of the client and wants no answer. */
    record Tell(String client, String name, List<AmfValue> arguments) implements ClientWord {}

    /** Calls a function of the client; the answer is its result, or a {@link Refusal} when it fails, leaves or keeps silent. */
    record Call(String client, String name, List<AmfValue> arguments) implements ClientWord {}

    /** {@code onStatus} on the connection; an error if {@code error}. */
    record Say(String client, String code, String description, boolean error) implements ClientWord {}

    /** Says this error, then closes the connection. */
    record Close(String client, String code, String description) implements ClientWord {}

    /** What the client gets of a stream that it plays; also when this is said before it plays. */
    record Select(String client, StreamName stream, boolean audio, boolean video) implements ClientWord {}
}
