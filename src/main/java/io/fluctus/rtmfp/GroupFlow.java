package io.fluctus.rtmfp;

import io.fluctus.wire.ByteWriter;
import io.vertx.core.buffer.Buffer;
import java.util.Optional;

/** The flows of NetGroups by their metadata: one between member and server, the others between members. */
enum GroupFlow {
    /** Member and server: joining, and who else is there. */
    SERVER(0x4743, -1),
    /** The main flow of two members. */
    REPORT(0x4752, 0x1c),
    /** Which fragments of one stream a member has and wants. */
    MEDIA_REPORT(0x4752, 0x11),
    /** Fragments of one stream. */
    MEDIA(0x4752, 0x12);

    private final Buffer metadata;

    GroupFlow(int signature, int kind) {
        ByteWriter out = new ByteWriter().u16(signature);
        this.metadata = kind < 0 ? out.buffer() : out.u8(kind).buffer();
    }

    Buffer metadata() {
        return metadata;
    }

    /** Empty for a flow of any other kind. */
    static Optional<GroupFlow> of(Buffer metadata) {
        for (GroupFlow flow : values()) {
            if (flow.metadata.equals(metadata)) {
                return Optional.of(flow);
            }
        }
        return Optional.empty();
    }
}
