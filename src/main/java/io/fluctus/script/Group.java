package io.fluctus.script;

import io.fluctus.script.Thing.Given;
import io.fluctus.script.Thing.Kind;
import io.vertx.core.buffer.Buffer;
import java.util.HexFormat;

/** A NetGroup that a client joins or leaves, as scripts see it. */
record Group(byte[] rawId) {
    private static final Kind<Group> KIND = new Kind<Group>("group")
            .property("id", group -> Given.of(HexFormat.of().formatHex(group.rawId)))
            .property("rawId", group -> new Given.Binary(group.rawId));

    static Thing of(Buffer id) {
        return Thing.of(KIND, new Group(id.getBytes()));
    }
}
