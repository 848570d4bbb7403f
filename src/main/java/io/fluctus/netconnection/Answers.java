package io.fluctus.netconnection;

import io.fluctus.wire.AmfValue;
import java.util.List;
import java.util.Map;

/**
 * The answers of a server that change what its peer may do. A connection gives them in place of its dialogue, as it has something of
 * its own to do about them. Those that answer with events give back what the peer has said in the meantime.
 */
public interface Answers {
    /** The dialogue, for all other answers. */
    NetConnection dialogue();

    /** Connect is accepted; {@code extra} members are added to the result. */
    List<Event> accept(Map<String, AmfValue> extra);

    /** An application has a use for the peer: it need neither publish nor play. */
    void hold();

    List<Event> acceptPublish(int streamId);

    void rejectPublish(int streamId, Status status);

    List<Event> acceptPlay(int streamId);

    void rejectPlay(int streamId, Status status);

    /** The peer plays nothing on this NetStream any more. */
    void finishMedia(int streamId);
}
