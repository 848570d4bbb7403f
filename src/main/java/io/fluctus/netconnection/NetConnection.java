package io.fluctus.netconnection;

import io.fluctus.media.MediaPacket;
import io.fluctus.wire.AmfValue;
import java.util.List;

/** The NetConnection dialogue and its NetStreams, for the server's and the client's side, without a transport, a clock or a thread. */
public final class NetConnection {
    private NetConnection() {}

    public static NetConnection server() {
        throw new UnsupportedOperationException();
    }

    public static NetConnection client() {
        throw new UnsupportedOperationException();
    }

    /** One message of the peer; what it means to the owner. Throws ProtocolException when the peer is to be cut off. */
    public List<Event> receive(Message message, long now) {
        throw new UnsupportedOperationException();
    }

    /** The next message for the peer, or null: nothing. */
    public Message poll() {
        throw new UnsupportedOperationException();
    }

    /** 0 or 3, as agreed in connect. */
    public int objectEncoding() {
        throw new UnsupportedOperationException();
    }

    // -- server side: answers

    public void accept() {}

    /** {@code _error}, then {@code close}; a CloseRequested event is not needed: the owner closes after sending. */
    public void reject(Status status) {}

    public void result(double transactionId, AmfValue value) {}

    public void error(double transactionId, Status status) {}

    public void acceptPublish(int streamId) {}

    public void rejectPublish(int streamId, Status status) {}

    /** StreamBegin, Play.Reset (when asked), Play.Start, |RtmpSampleAccess. */
    public void acceptPlay(int streamId) {}

    public void rejectPlay(int streamId, Status status) {}

    // -- server side: what happens to a stream

    /** Tells a viewer that a publisher came (back): StreamBegin, Play.PublishNotify. */
    public void published(int streamId) {}

    /** Tells a viewer that the publisher left for good: Play.UnpublishNotify, StreamEOF. */
    public void unpublished(int streamId) {}

    /** Any other word on a NetStream, or on the NetConnection with streamId 0. */
    public void status(int streamId, Status status) {}

    // -- both sides

    /** Calls the peer; the answer comes as CallAnswered with the returned transaction id. */
    public double call(String name, AmfValue... arguments) {
        throw new UnsupportedOperationException();
    }

    // -- client side

    /** Sends connect; {@code extra} members are added to the command object. */
    public void connect(String app, String tcUrl, boolean publisher) {}

    public void createStream() {}

    /** releaseStream, FCPublish and publish. */
    public void publish(int streamId, String name, String type) {}

    public void play(int streamId, String name, long start) {}

    /** Sends a packet of the stream we publish. */
    public void send(int streamId, MediaPacket packet) {}

    /** FCUnpublish and deleteStream, or deleteStream for a viewer. */
    public void deleteStream(int streamId) {}
}
