package io.fluctus.bus;

import io.fluctus.media.SharedName;
import io.fluctus.media.StreamName;
import io.fluctus.wire.AmfValue;
import io.vertx.core.buffer.Buffer;
import java.util.List;
import java.util.Map;

/**
 * What a client does, told to the application of its path at {@link Address#app}. Those that are asked wait for the answer, a value
 * or a {@link Refusal}; the others are told. {@code client} is the client's id on the bus.
 */
public sealed interface AppEvent {
    /** The application says no; the sentence is for the client. */
    int REFUSED = 403;

    /** The application has no such method. */
    int UNKNOWN_METHOD = 404;

    /** There is no application at this path. */
    int NOBODY = 503;

    String client();

    /** Asked: may it connect? The answer's members are added to the result of connect. */
    record Connected(Visitor visitor, List<AmfValue> arguments) implements AppEvent {
        @Override
        public String client() {
            return visitor.client();
        }
    }

    /** Told, always, after each Connected that was not refused; {@code failure} is empty when the client left in order. */
    record Disconnected(String client, String failure) implements AppEvent {}

    /** Asked: an RPC. The answer is its result. */
    record Called(String client, String name, List<AmfValue> arguments) implements AppEvent {}

    /** Asked: may it publish this? */
    record Published(String client, StreamName stream) implements AppEvent {}

    /** Told, after each Published that was not refused. */
    record Unpublished(String client, StreamName stream) implements AppEvent {}

    /** Asked: may it play this? */
    record Subscribed(String client, StreamName stream) implements AppEvent {}

    /** Told, after each Subscribed that was not refused. */
    record Unsubscribed(String client, StreamName stream) implements AppEvent {}

    /** Asked: may it use this shared object? The text {@code read} as an answer: yes, but not change it. */
    record Shared(String client, SharedName object, boolean persistent) implements AppEvent {}

    /** Told: it is a member of this NetGroup, known by its id of 32 bytes. */
    record JoinedGroup(String client, Buffer group) implements AppEvent {}

    /** Told, after each JoinedGroup. */
    record LeftGroup(String client, Buffer group) implements AppEvent {}

    /**
     * Asked, at the root application: where is this RTMFP peer, which is not connected here? The answer is an array of
     * {@code host:port} in digits; anything else: nowhere. {@code client} is empty, as nobody knows who asks.
     */
    record RendezvousUnknown(String client, Buffer peerId) implements AppEvent {}

    /**
     * Asked, before an RTMFP client is answered for the first time: where shall it go? The answer is an array as above; anything
     * else: it may stay. {@code client} is empty. An application that never sends anybody away refuses with
     * {@link #UNKNOWN_METHOD}: it is not asked again for a while.
     *
     * @param path of the URI that the client looks for
     */
    record Greeted(String client, String address, String path) implements AppEvent {}

    /**
     * Who comes.
     *
     * @param protocol rtmp, rtmfp, ...
     * @param address the peer's, with its port
     * @param peerId the fingerprint that RTMFP knows it by, or empty
     * @param query what followed {@code ?} in the URL, or empty
     * @param properties what the client said of itself: pageUrl, swfUrl, flashVer, tcUrl, ...
     */
    record Visitor(
            String client,
            String protocol,
            String address,
            Buffer peerId,
            String query,
            Map<String, AmfValue> properties) {}
}
