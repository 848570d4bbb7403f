package io.fluctus.netconnection;

import io.fluctus.wire.AmfValue;
import io.fluctus.wire.ProtocolException;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.Queue;

/** The messages that wait for the peer, in order, and the forms in which commands are written. */
final class Outbox {
    /** More waiting messages than this mean that the owner cannot get rid of them: the peer is cut off. */
    static final int MAX_MESSAGES = 1024;

    private final Queue<Message> messages = new ArrayDeque<>();
    private boolean amf3;
    private boolean closed;

    /** Commands leave in the form in which the peer's last one came: type 17 if {@code amf3}, else 20. */
    void form(boolean amf3) {
        this.amf3 = amf3;
    }

    void add(Message message) {
        if (closed) {
            return;
        }
        if (messages.size() >= MAX_MESSAGES) {
            throw new ProtocolException("more than " + MAX_MESSAGES + " messages wait for the peer");
        }
        messages.add(message);
    }

    /** The last word has been said: what waits still leaves, nothing comes after it. */
    void close() {
        closed = true;
    }

    /** Null: nothing. */
    Message poll() {
        return messages.poll();
    }

    /** {@code values} begin with the command object. */
    void command(int streamId, String name, double transactionId, AmfValue... values) {
        add(new Message.Command(streamId, 0, name, transactionId, List.of(values), amf3));
    }

    /** {@code _result}, unless nobody waits for it. */
    void result(double transactionId, AmfValue value) {
        if (transactionId > 0) {
            command(0, "_result", transactionId, AmfValue.NULL, value);
        }
    }

    /** {@code _error}, unless nobody waits for it. */
    void error(double transactionId, Status status) {
        if (transactionId > 0) {
            command(0, "_error", transactionId, AmfValue.NULL, status.toAmf(Map.of()));
        }
    }

    /** {@code onStatus} on the NetStream's own message stream (7.2.2), or on 0 for the NetConnection. */
    void status(int streamId, Status status, Map<String, AmfValue> extra) {
        command(streamId, "onStatus", 0, AmfValue.NULL, status.toAmf(extra));
    }

    void userControl(int event, long value) {
        add(Message.UserControl.of(event, value));
    }
}
