package io.fluctus.media;

import io.fluctus.wire.ProtocolException;
import java.nio.charset.StandardCharsets;

/**
 * The name of a shared object among all of a node: the application whose clients hold it, and its name there, which is segments as an
 * application's. So it is safe as a path.
 */
public record SharedName(String app, String name) {
    /** Bytes of UTF-8 in {@code name}: with what is added, it is a file's name. */
    public static final int MAX_BYTES = 200;

    /** Throws {@link ProtocolException} with a sentence for a name outside the rule. */
    public SharedName {
        StreamName.checkApp(app);
        if (name.isEmpty() || name.getBytes(StandardCharsets.UTF_8).length > MAX_BYTES) {
            throw new ProtocolException("shared object's name is not 1 to " + MAX_BYTES + " bytes");
        }
        if (!StreamName.areSegments(name)) {
            throw new ProtocolException("shared object's name is not segments of letters, digits or ._~-");
        }
    }

    @Override
    public String toString() {
        return app.isEmpty() ? name : app + ":" + name;
    }
}
