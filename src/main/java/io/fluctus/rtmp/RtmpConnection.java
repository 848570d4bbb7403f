package io.fluctus.rtmp;

import io.fluctus.netconnection.Answers;
import io.fluctus.netconnection.Event;
import io.fluctus.netconnection.Message;
import io.fluctus.netconnection.NetConnection;
import io.fluctus.netconnection.Status;
import io.fluctus.rtmp.ChunkReader.Limits;
import io.fluctus.rtmp.Patience.Step;
import io.fluctus.wire.AmfValue;
import io.fluctus.wire.ProtocolException;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * One RTMP peer without its socket: handshake, chunk stream, protocol control and the dialogue above them. The answers that change
 * what the peer may do are doors here; all others are the dialogue's own.
 */
public final class RtmpConnection implements Answers {
    /** What we tell the peer in Set Chunk Size: nearly every frame in one chunk. */
    public static final int OUT_CHUNK_SIZE = 60_000;

    /** Bytes, in Window Acknowledgement Size and Set Peer Bandwidth (5.4.4, 5.4.5), and the peer's until it names its own. */
    static final long WINDOW = 2_500_000;

    /** A peer with a smaller window is acknowledged as if it had this one. */
    static final long LEAST_WINDOW = 4_096;

    /** Bytes that may wait for {@link #poll}; a peer that has more of them coming is cut off. */
    static final int MAX_WAITING = 4 * 1024 * 1024;

    // 5.4.5
    private static final int HARD = 0;
    private static final int SOFT = 1;
    private static final int DYNAMIC = 2;

    private enum Use {
        PUBLISH_REQUESTED,
        PUBLISHING,
        PLAY_REQUESTED,
        PLAYING
    }

    private final boolean server;
    private final NetConnection dialogue;
    private final ChunkReader reader;
    private final Patience patience;
    private final Map<Integer, Use> uses = new HashMap<>(); // by message stream id
    private Handshake handshake; // null when done
    private Buffer out; // null: nothing
    private int outChunkSize = ChunkReader.DEFAULT_CHUNK_SIZE;
    private boolean connected;
    private boolean held;
    private boolean publishes; // or has done so
    private long now;

    private long bytesIn;
    private long acknowledged; // of bytesIn
    private long peerWindow = WINDOW;
    private long ownWindow = WINDOW;
    private int limitType = DYNAMIC;
    private boolean peerLimits;
    private boolean peerAcknowledges;
    private long peerAcknowledged; // modulo 2^32

    private RtmpConnection(boolean server, RandomGenerator random, long idlePublisherMillis, long now) {
        this.server = server;
        this.dialogue = server ? NetConnection.server() : NetConnection.client();
        this.handshake = server ? Handshake.server(random) : Handshake.client(random);
        this.now = now;
        reader = new ChunkReader(server ? Limits.BEFORE_CONNECT : Limits.MEDIA_HELD);
        patience = new Patience(idlePublisherMillis, now);
    }

    /** {@code now}, here and everywhere: milliseconds of any steady clock. */
    public static RtmpConnection server(RandomGenerator random, long now) {
        return server(random, Patience.IDLE_PUBLISHER, now);
    }

    /** {@code idlePublisherMillis}: a publisher that sends nothing for so long is cut off. */
    public static RtmpConnection server(RandomGenerator random, long idlePublisherMillis, long now) {
        return new RtmpConnection(true, random, idlePublisherMillis, now);
    }

    /** Its handshake waits at once; what the dialogue says leaves after it. */
    public static RtmpConnection client(RandomGenerator random, long now) {
        return new RtmpConnection(false, random, Patience.IDLE_PUBLISHER, now);
    }

    /**
     * Bytes of the peer in any split. Throws ProtocolException when the peer is to be cut off; what the same bytes said before the
     * fault is lost then. Poll afterwards.
     */
    public List<Event> receive(Buffer bytes, long now) {
        this.now = now;
        bytesIn += bytes.length();
        patience.heard(now);
        int start = handshake == null ? 0 : shakeHands(bytes);
        if (handshake != null) {
            return List.of();
        }
        List<Event> events = new ArrayList<>();
        reader.receive(bytes, start, now, message -> take(message.decode(), events));
        acknowledge();
        return events;
    }

    /** Everything that waits to be sent, as one buffer; null: nothing. */
    public Buffer poll() {
        drain();
        Buffer waiting = out;
        out = null;
        return waiting;
    }

    /**
     * Call about once a second when {@link #deadline} has passed: pings a peer in use (one that does nothing is cut off anyway),
     * and throws ProtocolException when a time-out has passed. Poll afterwards.
     */
    public List<Event> tick(long now) {
        this.now = now;
        patience.checkStep(now);
        if (connected && server && patience.step() == Step.IN_USE && patience.pingIsDue(publishes(), now)) {
            write(Message.UserControl.of(Message.UserControl.PING_REQUEST, now));
        }
        return List.of();
    }

    /** When {@link #tick} has something to do next, as far as is known now. */
    public long deadline() {
        return patience.deadline(publishes());
    }

    private boolean publishes() {
        return !uses.isEmpty() && uses.containsValue(Use.PUBLISHING);
    }

    /** The dialogue: its doors answer events; afterwards poll. For those that stand here too, use these. */
    @Override
    public NetConnection dialogue() {
        return dialogue;
    }

    // -- answers of a server

    /** As {@link #accept(Map)}, with nothing extra. */
    public List<Event> accept() {
        return accept(Map.of());
    }

    /**
     * Connect is accepted: Window Acknowledgement Size, Set Peer Bandwidth and Set Chunk Size leave before the dialogue's result, to
     * which {@code extra} members are added. As the doors below, it gives back what the peer has said in the meantime.
     */
    @Override
    public List<Event> accept(Map<String, AmfValue> extra) {
        if (patience.step() != Step.DECISION) {
            return List.of(); // nobody asked
        }
        connected = true;
        limit();
        write(new Message.WindowAcknowledgementSize(WINDOW));
        write(new Message.SetPeerBandwidth(WINDOW, DYNAMIC));
        setOutChunkSize();
        rest();
        return note(dialogue.accept(extra));
    }

    @Override
    public List<Event> acceptPublish(int streamId) {
        if (uses.replace(streamId, Use.PUBLISH_REQUESTED, Use.PUBLISHING)) {
            publishes = true;
            limit();
        }
        return note(dialogue.acceptPublish(streamId));
    }

    @Override
    public void rejectPublish(int streamId, Status status) {
        end(streamId);
        dialogue.rejectPublish(streamId, status);
    }

    @Override
    public List<Event> acceptPlay(int streamId) {
        uses.replace(streamId, Use.PLAY_REQUESTED, Use.PLAYING);
        return note(dialogue.acceptPlay(streamId));
    }

    @Override
    public void rejectPlay(int streamId, Status status) {
        end(streamId);
        dialogue.rejectPlay(streamId, status);
    }

    /** An application has a use for this connection: it need neither publish nor play. */
    @Override
    public void hold() {
        held = true;
        if (connected) {
            limit();
            rest();
        }
    }

    private void limit() {
        reader.limit(publishes ? held ? Limits.MEDIA_HELD : Limits.MEDIA : held ? Limits.HELD : Limits.CONNECTED);
    }

    @Override
    public void finishMedia(int streamId) {
        // One flow of bytes carries everything: nothing of this NetStream's own is left.
    }

    // -- what the shell wants to know

    /** Whether connect was accepted: by us, or in the client's role by the server. */
    public boolean connected() {
        return connected;
    }

    /** With what chunk size media for this peer are to be written. */
    public int outChunkSize() {
        return outChunkSize;
    }

    /**
     * 5.4.5: whether a peer that has set our bandwidth, and acknowledges what it gets, lets us send more. {@code sent}: all bytes to
     * it, with the handshake, which some peers count and others do not.
     */
    public boolean windowIsOpen(long sent) {
        if (!peerLimits || !peerAcknowledges) {
            return true;
        }
        int onTheWay = (int)
                (sent - Handshake.BYTES - peerAcknowledged); // modulo 2^32, and below 0 where it counts the handshake
        return onTheWay < Math.max(LEAST_WINDOW, ownWindow);
    }

    /** All bytes of the peer, with the handshake. */
    public long bytesIn() {
        return bytesIn;
    }

    // -- inside

    private int shakeHands(Buffer bytes) {
        int end = handshake.receive(bytes);
        pollHandshake();
        if (handshake.done()) {
            handshake = null;
            acknowledged = Handshake.BYTES;
            patience.enter(Step.CONNECT, now);
        }
        return end;
    }

    private void pollHandshake() {
        Buffer said = handshake.poll();
        if (said != null) {
            out = out == null ? said : out.appendBuffer(said);
        }
    }

    private void take(Message message, List<Event> events) {
        if (message instanceof Message.WindowAcknowledgementSize m) {
            peerWindow = Math.max(LEAST_WINDOW, m.size());
        } else if (message instanceof Message.SetPeerBandwidth m) {
            setWindow(m);
        } else if (message instanceof Message.Acknowledgement m) {
            peerAcknowledges = true;
            peerAcknowledged = m.sequenceNumber();
        } else if (message instanceof Message.UserControl || !(message instanceof Message.Control)) {
            events.addAll(note(dialogue.receive(message, now)));
            drain();
        } // Set Chunk Size and Abort were the reader's
        if (out != null && out.length() > MAX_WAITING) {
            throw new ProtocolException("more than " + MAX_WAITING + " bytes wait for the peer");
        }
    }

    /** 5.4.5: a dynamic limit is a hard one if the last one was hard; a changed window is announced. */
    private void setWindow(Message.SetPeerBandwidth limit) {
        boolean hard = limit.limitType() == HARD || limit.limitType() == DYNAMIC && limitType == HARD;
        boolean soft = limit.limitType() == SOFT;
        if (limit.size() == 0 || !hard && !soft) {
            return;
        }
        peerLimits = true;
        limitType = hard ? HARD : SOFT;
        long window = hard ? limit.size() : Math.min(limit.size(), ownWindow);
        if (window != ownWindow) {
            ownWindow = window;
            write(new Message.WindowAcknowledgementSize(window));
        }
    }

    /** 5.4.3, at half the window: some publishers stop as soon as a whole one is open. Counts from the end of the handshake. */
    private void acknowledge() {
        if (bytesIn - acknowledged >= peerWindow / 2) {
            acknowledged = bytesIn;
            write(new Message.Acknowledgement(bytesIn - Handshake.BYTES & 0xFFFFFFFFL));
        }
    }

    private List<Event> note(List<Event> events) {
        for (Event event : events) {
            if (event instanceof Event.ConnectRequested) {
                patience.enter(Step.DECISION, now);
            } else if (event instanceof Event.Connected) {
                connected = true;
                patience.enter(Step.IN_USE, now);
                setOutChunkSize();
            } else if (event instanceof Event.PublishRequested e) {
                begin(e.streamId(), Use.PUBLISH_REQUESTED);
            } else if (event instanceof Event.PlayRequested e) {
                begin(e.streamId(), Use.PLAY_REQUESTED);
            } else if (event instanceof Event.PublishStopped e) {
                end(e.streamId());
            } else if (event instanceof Event.PlayStopped e) {
                end(e.streamId());
            } else if (event instanceof Event.CallReceived && connected && server) {
                rest();
            }
        }
        return events;
    }

    private void begin(int streamId, Use use) {
        uses.put(streamId, use);
        patience.enter(Step.IN_USE, now);
    }

    private void end(int streamId) {
        if (uses.remove(streamId) != null) {
            rest();
        }
    }

    private void rest() {
        patience.enter(held || !uses.isEmpty() ? Step.IN_USE : Step.IDLE, now);
    }

    private void setOutChunkSize() {
        write(new Message.SetChunkSize(OUT_CHUNK_SIZE));
        outChunkSize = OUT_CHUNK_SIZE;
    }

    /** What the dialogue says, once it may. */
    private void drain() {
        if (handshake != null) {
            pollHandshake();
            return;
        }
        for (Message message = dialogue.poll(); message != null; message = dialogue.poll()) {
            write(message);
        }
    }

    private void write(Message message) {
        if (out == null) {
            out = Buffer.buffer();
        }
        ChunkWriter.write(outChunkSize, RawMessage.encode(message), out);
    }
}
