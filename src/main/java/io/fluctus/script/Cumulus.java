package io.fluctus.script;

import io.fluctus.media.StreamName;
import io.fluctus.script.MediaDoor.Opened;
import io.fluctus.script.Thing.Arguments;
import io.fluctus.script.Thing.Given;
import io.fluctus.script.Thing.Kind;
import io.fluctus.wire.AmfJson;
import io.fluctus.wire.AmfValue;
import io.fluctus.wire.ProtocolException;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The gateway itself, as scripts see it: {@code cumulus}, also called {@code gateway}. */
final class Cumulus {
    static final Kind<Cumulus> KIND = new Kind<Cumulus>("cumulus")
            .part("clients", cumulus -> cumulus.directory.clients())
            .part("publications", cumulus -> cumulus.directory.publications())
            .property("configs", cumulus -> new Given.Plain(cumulus.configs))
            .property("epochTime", cumulus -> Given.of(cumulus.api.now()))
            .property("publicAddress", cumulus -> Given.of(cumulus.api.publicAddress()))
            .method("md5", (cumulus, given) -> digests("MD5", given))
            .method("sha256", (cumulus, given) -> digests("SHA-256", given))
            .method("toAMF", (cumulus, given) -> amf(3, given))
            .method("toAMF0", (cumulus, given) -> amf(0, given))
            .method("fromAMF", (cumulus, given) -> fromAmf(given))
            .method("absolutePath", Cumulus::absolutePath)
            .method("publish", Cumulus::publish)
            .method("record", Cumulus::record)
            .method(
                    "createTCPClient",
                    (cumulus, given) -> cumulus.sockets.orElseThrow().tcpClient())
            .method(
                    "createTCPServer",
                    (cumulus, given) -> cumulus.sockets.orElseThrow().tcpServer())
            .method(
                    "createUDPSocket",
                    (cumulus, given) -> cumulus.sockets.orElseThrow().udpSocket(given))
            .method(
                    "sendMail",
                    (cumulus, given) -> cumulus.sockets.orElseThrow().mail(given))
            .method("split", (cumulus, given) -> split(given))
            .method("sharedObject", Cumulus::sharedObject)
            .method("sharedObjects", (cumulus, given) -> cumulus.shared.list(given));

    /** Options of split. */
    private static final int IGNORE_EMPTY = 1;

    private static final int TRIM = 2;

    private final AppApi api;
    private final Directory directory;
    private final Estate estate;
    private final SharedUses shared;
    private final AmfValue configs;
    private Optional<Language> language = Optional.empty();
    private Optional<Sockets> sockets = Optional.empty();

    Cumulus(AppApi api, Directory directory, Estate estate, SharedUses shared) {
        this.api = api;
        this.directory = directory;
        this.estate = estate;
        this.shared = shared;
        this.configs = AmfJson.fromJson(api.configs());
    }

    /** The language in which it is shown, and what makes sockets. */
    void in(Language shown, Sockets made) {
        language = Optional.of(shown);
        sockets = Optional.of(made);
    }

    /** A stream of this application, published by itself until it is closed, or taken by another publisher. */
    private Given publish(Arguments given) {
        StreamName name = named(given.text(0));
        AppStream stream = directory.stream(name);
        if (!stream.isOver()) {
            throw new ProtocolException(name + " is published or played already");
        }
        Language shown = language.orElseThrow();
        Opened closing = stream::closeOutlet;
        estate.add(closing);
        stream.outlet(Optional.of(api.media().publish(name, why -> {
            estate.remove(closing);
            stream.outlet(Optional.empty());
            if (directory.forget(stream)) {
                shown.drop(stream.thing());
            }
            if (!why.isEmpty()) {
                api.log(AppApi.Level.WARN, name + " is not published any more: " + why);
            }
        })));
        directory.show(stream);
        shown.keep(stream.thing());
        return Given.of(stream.thing());
    }

    /** A stream of the application that runs. */
    private StreamName named(String name) {
        String path = estate.current();
        return StreamName.parse(path.isEmpty() ? name : path + "/" + name);
    }

    /** The name of a stream of this application, and whether it is recorded from now on. */
    private Given record(Arguments given) {
        StreamName name = named(given.text(0));
        boolean on = given.value(1).bool().orElse(true);
        return api.answer(given, "cumulus:record", () -> api.media().record(name, on));
    }

    private static Given digests(String algorithm, Arguments given) {
        List<Given> digests = new ArrayList<>();
        for (int i = 0; i < given.count(); i++) {
            digests.add(new Given.Binary(AppApi.digest(algorithm, given.bytes(i))));
        }
        return new Given.Several(digests);
    }

    private static Given amf(int encoding, Arguments given) {
        return new Given.Binary(AppApi.toAmf(encoding, given.from(0)).getBytes());
    }

    private static Given fromAmf(Arguments given) {
        return new Given.Several(Given.all(AppApi.fromAmf(Buffer.buffer(given.bytes(0)))));
    }

    /** Of the application at the first text, called by the second; persistent if so said. */
    private Given sharedObject(Arguments given) {
        boolean persistent = given.value(2).bool().orElse(false);
        return Given.of(shared.use(given.text(0), given.text(1), persistent));
    }

    private Given absolutePath(Arguments given) {
        String path = given.text(0);
        return Given.of(api.folder() + path + (path.isEmpty() || path.endsWith("/") ? "" : "/"));
    }

    /** Each character of the second text separates. */
    private static Given split(Arguments given) {
        String text = given.text(0);
        String separators = given.text(1);
        int options = (int) given.number(2, 0);
        List<Given> pieces = new ArrayList<>();
        int from = 0;
        for (int at = 0; at <= text.length(); at++) {
            if (at == text.length() || separators.indexOf(text.charAt(at)) >= 0) {
                String piece = text.substring(from, at);
                piece = (options & TRIM) == 0 ? piece : piece.strip();
                if (!piece.isEmpty() || (options & IGNORE_EMPTY) == 0) {
                    pieces.add(Given.of(piece));
                }
                from = at + 1;
            }
        }
        return new Given.Several(pieces);
    }
}
