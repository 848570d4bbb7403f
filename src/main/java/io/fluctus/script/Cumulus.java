package io.fluctus.script;

import io.fluctus.script.Thing.Arguments;
import io.fluctus.script.Thing.Given;
import io.fluctus.script.Thing.Kind;
import io.fluctus.wire.AmfJson;
import io.fluctus.wire.AmfValue;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;

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
            .method("split", (cumulus, given) -> split(given))
            .method("sharedObject", Cumulus::sharedObject)
            .method("sharedObjects", (cumulus, given) -> cumulus.shared.list(given));

    /** Options of split. */
    private static final int IGNORE_EMPTY = 1;

    private static final int TRIM = 2;

    private final AppApi api;
    private final Directory directory;
    private final SharedUses shared;
    private final AmfValue configs;

    Cumulus(AppApi api, Directory directory, SharedUses shared) {
        this.api = api;
        this.directory = directory;
        this.shared = shared;
        this.configs = AmfJson.fromJson(api.configs());
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
