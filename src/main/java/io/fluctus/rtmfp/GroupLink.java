package io.fluctus.rtmfp;

import io.vertx.core.buffer.Buffer;
import java.util.Optional;

/** A session with another member of a group, as the group uses it: flows are numbers, ours and the far end's counted apart. */
interface GroupLink {
    /** The far member's id. */
    Buffer farPeer();

    /** Where the far member is seen. */
    Address farAddress();

    /** What only both ends know, of this end and of the far one. */
    Buffer nearNonce();

    Buffer farNonce();

    boolean isInitiator();

    /** Opens a flow of ours, in answer to one of the far end's or not. */
    long open(GroupFlow kind, Optional<Long> association);

    void write(long flow, Buffer message, Worth worth);

    /** Ends a flow of ours. */
    void finish(long flow);

    /** Refuses a flow of the far end's. */
    void reject(long farFlow);

    /** What waits to be sent or acknowledged. */
    int queuedBytes();

    /** Parts from the far member. */
    void close();

    /** How much a message is worth: for ever, or only while it is new. */
    enum Worth {
        RELIABLE,
        WHILE_NEW
    }
}
