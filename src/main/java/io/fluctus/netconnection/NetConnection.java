package io.fluctus.netconnection;

import io.fluctus.media.MediaPacket;
import io.fluctus.media.SharedEvent;
import io.fluctus.wire.AmfValue;
import io.fluctus.wire.ByteReader;
import io.fluctus.wire.ProtocolException;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The NetConnection dialogue and its NetStreams, for the server's and the client's side, without a transport, a clock or a thread.
 * A door that belongs to the other side throws {@link IllegalStateException}; an answer that comes too late is ignored. Poll after
 * each door: when more than {@value Outbox#MAX_MESSAGES} messages wait, the next one is a ProtocolException.
 */
public final class NetConnection {
    /** Ping requests answered in a second; the others are not. */
    static final int MAX_PINGS = 50;

    /** Requests to publish, to play and for shared objects in a second: each costs more than a message. */
    static final int MAX_REQUESTS = 100;

    /** The {@code clientid} of every status when the owner names no other. */
    private static final String ANONYMOUS = "fluctus";

    private static final long SECOND = 1000;
    private static final int SET_BUFFER_LENGTH_BYTES = 8;
    private static final int PING_BYTES = 4;

    private final Outbox out = new Outbox();
    private final PendingCalls calls = new PendingCalls();
    private final Side side;
    private long pingsSince;
    private int pings;
    private long requestsSince;
    private int requests;

    private NetConnection(boolean server, String clientId) {
        side = server ? new ServerSide(clientId, out, calls) : new ClientSide(out, calls);
    }

    public static NetConnection server() {
        return server(ANONYMOUS);
    }

    /** {@code clientId} stands in the statuses of NetStreams. */
    public static NetConnection server(String clientId) {
        return new NetConnection(true, clientId);
    }

    public static NetConnection client() {
        return new NetConnection(false, ANONYMOUS);
    }

    /**
     * One message of the peer; what it means to the owner. Throws ProtocolException when the peer is to be cut off.
     *
     * @param now milliseconds of any steady clock
     */
    public List<Event> receive(Message message, long now) {
        List<Event> events = new ArrayList<>();
        if (message instanceof Message.UserControl control) {
            userControl(control, now, events);
        } else {
            side.receive(message, events);
            events.forEach(event -> countRequest(event, now));
        }
        return events;
    }

    private void countRequest(Event event, long now) {
        boolean uses = event instanceof Event.SharedObjectReceived shared
                && shared.message().events().contains(SharedEvent.USE);
        if (!(uses || event instanceof Event.PlayRequested || event instanceof Event.PublishRequested)) {
            return;
        }
        if (now - requestsSince >= SECOND) {
            requestsSince = now;
            requests = 0;
        }
        if (++requests > MAX_REQUESTS) {
            throw new ProtocolException(
                    "asks to publish, to play or for shared objects more than " + MAX_REQUESTS + " times in a second");
        }
    }

    /** The next message for the peer, or null: nothing. */
    public Message poll() {
        return out.poll();
    }

    /** 0 or 3, as agreed in connect. */
    public int objectEncoding() {
        return side.objectEncoding();
    }

    private void userControl(Message.UserControl control, long now, List<Event> events) {
        Buffer data = control.data();
        switch (control.event()) {
            case Message.UserControl.SET_BUFFER_LENGTH -> {
                if (data.length() >= SET_BUFFER_LENGTH_BYTES) {
                    ByteReader in = new ByteReader(data);
                    side.setBufferLength(in.i32(), in.u32(), events);
                }
            }
            case Message.UserControl.PING_REQUEST -> {
                if (data.length() >= PING_BYTES && pingIsDue(now)) {
                    out.add(new Message.UserControl(Message.UserControl.PING_RESPONSE, data.getBuffer(0, PING_BYTES)));
                }
            }
            default -> {} // Ping response: that it came is enough for the transport
        }
    }

    private boolean pingIsDue(long now) {
        if (now - pingsSince >= SECOND) {
            pingsSince = now;
            pings = 0;
        }
        return ++pings <= MAX_PINGS;
    }

    // -- server side: answers

    /** {@code _result} and onBWDone; what the client said while it waited comes back as events. */
    public List<Event> accept() {
        return accept(Map.of());
    }

    /** As {@link #accept()}; {@code extra} members are added to the information object of the result. */
    public List<Event> accept(Map<String, AmfValue> extra) {
        return asServer().accept(extra);
    }

    /**
     * {@code _error}, or {@code onStatus} once connect was accepted, then {@code close}; a CloseRequested event is not needed: the
     * owner closes after sending. Nothing is heard or said any more.
     */
    public void reject(Status status) {
        asServer().reject(status);
    }

    /** Answers a {@link Event.CallReceived}; nothing leaves for transaction 0. */
    public void result(double transactionId, AmfValue value) {
        out.result(transactionId, value);
    }

    /** As {@link #result}; when nobody knows the method the status is {@link Status#methodNotFound}. */
    public void error(double transactionId, Status status) {
        out.error(transactionId, status);
    }

    /** onFCPublish for those who said FCPublish, Publish.Start; comes back with what the peer has sent in the meantime. */
    public List<Event> acceptPublish(int streamId) {
        return asServer().acceptPublish(streamId);
    }

    /** The status; the owner closes after sending, as many encoders wait for ever otherwise. */
    public void rejectPublish(int streamId, Status status) {
        asServer().rejectPublish(streamId, status);
    }

    /**
     * StreamBegin, Play.Reset (when asked), Play.Start, |RtmpSampleAccess; comes back with what the viewer asked for before: buffer
     * length, tracks, pause.
     */
    public List<Event> acceptPlay(int streamId) {
        return asServer().acceptPlay(streamId);
    }

    public void rejectPlay(int streamId, Status status) {
        asServer().rejectPlay(streamId, status);
    }

    // -- server side: what happens to a stream

    /** Tells a viewer that a publisher came (back): StreamBegin, Play.PublishNotify. */
    public void published(int streamId) {
        asServer().published(streamId);
    }

    /** Tells a viewer that the publisher left for good: Play.UnpublishNotify, StreamEOF. */
    public void unpublished(int streamId) {
        asServer().unpublished(streamId);
    }

    /** Any other word on a NetStream, or on the NetConnection with streamId 0. */
    public void status(int streamId, Status status) {
        asServer().status(streamId, status);
    }

    /** Asks the client to connect anew, to {@code tcUrl} unless that is empty; false if it never said that it would. */
    public boolean requestReconnect(String tcUrl, String description) {
        return asServer().requestReconnect(tcUrl, description);
    }

    /** Messages with media that belonged to no publication. */
    public long ignored() {
        return asServer().ignored();
    }

    // -- both sides

    /**
     * Calls the peer; the answer comes as CallAnswered with the returned transaction id. Many peers never answer, so the owner keeps
     * a time-out: beyond {@value PendingCalls#MAX_PENDING} calls without an answer the oldest is forgotten.
     */
    public double call(String name, AmfValue... arguments) {
        double transactionId = calls.next(PendingCalls.Purpose.CALL);
        out.command(0, name, transactionId, withNull(arguments));
        return transactionId;
    }

    /** Calls the peer and wants no answer: transaction 0. */
    public void tell(String name, AmfValue... arguments) {
        out.command(0, name, 0, withNull(arguments));
    }

    /** Says something about a shared object; one encoded message may be said to many peers of one {@link #objectEncoding}. */
    public void share(Message.SharedObject message) {
        out.add(message);
    }

    private static AmfValue[] withNull(AmfValue... arguments) {
        AmfValue[] values = new AmfValue[arguments.length + 1];
        values[0] = AmfValue.NULL;
        System.arraycopy(arguments, 0, values, 1, arguments.length);
        return values;
    }

    // -- client side

    /** Sends connect. */
    public void connect(String app, String tcUrl, boolean publisher) {
        connect(app, tcUrl, publisher, Map.of());
    }

    /** Sends connect; {@code extra} members are added to the command object. */
    public void connect(String app, String tcUrl, boolean publisher, Map<String, AmfValue> extra) {
        asClient().connect(app, tcUrl, publisher, extra);
    }

    public void createStream() {
        asClient().createStream();
    }

    /** releaseStream, FCPublish and publish; {@code type} is live, record or append. */
    public void publish(int streamId, String name, String type) {
        asClient().publish(streamId, name, type);
    }

    /** play and SetBufferLength; {@code start} in milliseconds, -1 live only, -2 live or recorded. */
    public void play(int streamId, String name, long start) {
        asClient().play(streamId, name, start);
    }

    /** Sends a packet of the stream we publish. */
    public void send(int streamId, MediaPacket packet) {
        asClient().send(streamId, packet);
    }

    /** FCUnpublish and deleteStream, or deleteStream for a viewer. */
    public void deleteStream(int streamId) {
        asClient().deleteStream(streamId);
    }

    private ServerSide asServer() {
        if (side instanceof ServerSide server) {
            return server;
        }
        throw new IllegalStateException("a client has no such door");
    }

    private ClientSide asClient() {
        if (side instanceof ClientSide client) {
            return client;
        }
        throw new IllegalStateException("a server has no such door");
    }
}
