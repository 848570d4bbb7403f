package io.fluctus.netconnection;

import io.fluctus.media.MediaPacket;
import io.fluctus.wire.AmfValue;
import java.util.List;

/**
 * What the peer did, told upward by {@link NetConnection}. Those marked "answer" wait until the owner has decided and says so
 * through the named door; the dialogue goes on without waiting. {@code streamId} is the message stream id of the NetStream.
 */
public sealed interface Event {
    // -- NetConnection, server side

    /**
     * {@code connect} arrived. Answer: {@link NetConnection#accept} or {@link NetConnection#reject}.
     *
     * @param app the application without its query, cleaned of leading and trailing slashes
     * @param query what followed {@code ?} in app or tcUrl, or empty
     * @param properties the command object as sent
     * @param arguments the optional user arguments
     */
    record ConnectRequested(String app, String query, String tcUrl, AmfValue properties, List<AmfValue> arguments)
            implements Event {}

    /** An RPC for the application. Answer unless transactionId is 0: {@link NetConnection#result} or {@link NetConnection#error}. */
    record CallReceived(double transactionId, String name, List<AmfValue> arguments) implements Event {}

    /** The peer answered our call number {@code transactionId}; {@code values} is what follows the command object. */
    record CallAnswered(double transactionId, boolean success, List<AmfValue> values) implements Event {}

    // -- shared objects, both sides

    /** What the peer says about a shared object; nothing of it is answered here. */
    record SharedObjectReceived(SharedObjectMessage message) implements Event {}

    // -- NetStream, server side

    /**
     * {@code publish}. Answer: {@link NetConnection#acceptPublish} or {@link NetConnection#rejectPublish}; none once
     * {@link PublishStopped} has come for the same NetStream.
     *
     * @param name the stream's name without prefix ({@code mp4:}, {@code flv:}, ...) and query; joined to the application by a
     *     slash it is a valid {@link io.fluctus.media.StreamName}, and it may hold slashes itself ({@code studio/cam1})
     * @param type live, record or append
     */
    record PublishRequested(int streamId, String name, String query, String type) implements Event {}

    /**
     * {@code play}. Answer: {@link NetConnection#acceptPlay} or {@link NetConnection#rejectPlay}; none once
     * {@link PlayStopped} has come for the same NetStream.
     *
     * @param name as in {@link PublishRequested}
     * @param start milliseconds; -1 live only, -2 live or recorded
     * @param duration milliseconds; negative: to the end
     */
    record PlayRequested(int streamId, String name, String query, long start, long duration, boolean reset)
            implements Event {}

    /** A packet of the stream that the peer publishes; aggregates come apart, data messages as AMF0 without {@code @setDataFrame}. */
    record PacketReceived(int streamId, MediaPacket packet) implements Event {}

    /** {@code @clearDataFrame}: what the publisher stored under this handler's name is not for late joiners any more. */
    record DataFrameCleared(int streamId, String handler) implements Event {}

    /** The publisher said that it is done (FCUnpublish, closeStream, deleteStream or another publish): a clean end. */
    record PublishStopped(int streamId) implements Event {}

    /** The viewer said that it is done (closeStream, deleteStream, another play). */
    record PlayStopped(int streamId) implements Event {}

    /** {@code pause}: already answered to the peer; the owner stops or resumes sending. */
    record Paused(int streamId, boolean paused) implements Event {}

    /** {@code seek}, milliseconds: already answered to the peer; the owner of a file goes on from there, a live stream just goes on. */
    record Seeked(int streamId, long millis) implements Event {}

    /** {@code receiveAudio} / {@code receiveVideo}: what the viewer wants from now on. */
    record TracksSelected(int streamId, boolean audio, boolean video) implements Event {}

    /** User Control SetBufferLength, in milliseconds; what came before play is told when play is accepted. */
    record BufferLengthSet(int streamId, long millis) implements Event {}

    // -- client side

    /** Our {@code connect} was accepted; {@code information} is the object of the {@code _result}. */
    record Connected(AmfValue information) implements Event {}

    /** Our {@code connect} was refused. */
    record ConnectRefused(Status status) implements Event {}

    /** Our {@code createStream} was answered. */
    record StreamCreated(int streamId) implements Event {}

    /** {@code onStatus} on a NetStream or, with streamId 0, on the NetConnection. */
    record StatusReceived(int streamId, Status status) implements Event {}

    // -- both

    /** The connection is to end, by the peer's wish or for what it did: the owner closes it when everything has been sent. */
    record CloseRequested(String reason) implements Event {}
}
