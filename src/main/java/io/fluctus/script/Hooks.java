package io.fluctus.script;

import io.fluctus.media.MediaPacket;
import io.fluctus.script.Thing.Given;
import io.fluctus.wire.Amf0;
import io.fluctus.wire.AmfValue;
import io.fluctus.wire.ByteReader;
import io.fluctus.wire.ProtocolException;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** Media for those applications that have a function for it: the others hear none, and it costs nothing. */
final class Hooks {
    private static final String AUDIO = "onAudioPacket";
    private static final String VIDEO = "onVideoPacket";
    private static final String DATA = "onDataPacket";

    private final AppApi api;
    private final Language language;

    Hooks(AppApi api, Language language) {
        this.api = api;
        this.language = language;
    }

    /** Looks which functions the application of the publisher has now. */
    void attach(Client client, AppStream stream) {
        stream.deaf();
        Set<String> wanted = List.of(AUDIO, VIDEO, DATA).stream()
                .filter(hook -> language.hears(client.path(), hook))
                .collect(Collectors.toUnmodifiableSet());
        if (!wanted.isEmpty()) {
            stream.heard(api.media().hear(stream.name(), packet -> pass(wanted, client, stream, packet)));
        }
    }

    private void pass(Set<String> wanted, Client client, AppStream stream, MediaPacket packet) {
        String hook = switch (packet.kind()) {
            case AUDIO -> AUDIO;
            case VIDEO -> VIDEO;
            default -> DATA;
        };
        if (!wanted.contains(hook) || !stream.isHeard()) {
            return;
        }
        Given publisher = Given.of(client.thing());
        Given publication = Given.of(stream.thing());
        if (hook.equals(DATA)) {
            data(client, List.of(publisher, publication), packet);
            return;
        }
        Given time = Given.of((double) packet.timestamp());
        Given bytes = new Given.Binary(packet.payload().getBytes());
        language.event(client.path(), hook, List.of(publisher, publication, time, bytes), result -> {});
    }

    /** A message is its name and then values, which go on as bytes, as Cumulus had it: {@code cumulus:fromAMF} reads them. */
    private void data(Client client, List<Given> who, MediaPacket packet) {
        try {
            ByteReader in = new ByteReader(packet.payload());
            AmfValue name = Amf0.decode(in);
            byte[] rest = in.bytes(in.remaining()).getBytes();
            List<Given> arguments = List.of(who.get(0), who.get(1), new Given.Plain(name), new Given.Binary(rest));
            language.event(client.path(), DATA, arguments, result -> {});
        } catch (ProtocolException broken) {
            api.log(AppApi.Level.DEBUG, "a data message without a name: " + broken.getMessage());
        }
    }
}
