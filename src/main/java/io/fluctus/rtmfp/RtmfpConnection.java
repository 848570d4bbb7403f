package io.fluctus.rtmfp;

import io.fluctus.media.MediaPacket;
import io.fluctus.media.MediaPacket.Kind;
import io.fluctus.media.MediaTag;
import io.fluctus.netconnection.Answers;
import io.fluctus.netconnection.Event;
import io.fluctus.netconnection.Message;
import io.fluctus.netconnection.NetConnection;
import io.fluctus.netconnection.Status;
import io.fluctus.wire.AmfValue;
import io.fluctus.wire.ProtocolException;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The dialogue of one session (RFC 7425 5): flows become messages of NetStreams and back, one flow for each stream and kind of
 * message. Live media are late rather than lost for a while, then lost rather than late.
 */
public final class RtmfpConnection implements Answers {
    /** A frame that has not begun to leave by then never does, */
    private static final int MEDIA_START_BY = 1_000;

    /** and one that has not arrived by then is given up. */
    private static final int MEDIA_FINISH_BY = 1_800;

    /** Waiting bytes from which a viewer counts as not writable. */
    private static final int WRITABLE_BYTES = 512 * 1024;

    /** Addresses of a peer that are kept. */
    private static final int MAX_REPORTED = 4;

    /**
     * How often both sides shall show that they live, in milliseconds: the answer to setPeerInfo.
     *
     * @param publisher after this silence a publisher is gone
     */
    public record KeepAlive(long server, long peer, long publisher) {
        public static final KeepAlive DEFAULT =
                new KeepAlive(Params.KEEPALIVE_SERVER, Params.KEEPALIVE_PEER, Params.IDLE_PUBLISHER);
    }

    private final Session session;
    private final NetConnection dialogue;
    private final KeepAlive keepAlive;
    private final Lanes lanes;
    private final FlowSync sync = new FlowSync();
    private final Map<Integer, Receipt> keyFrames = new HashMap<>();
    private final Patience patience;
    private final Set<Integer> published = new HashSet<>();
    private long heard; // when the last event came
    private Optional<Long> farControl = Optional.empty();
    private Optional<List<Address>> reported = Optional.empty();

    private RtmfpConnection(Session session, NetConnection dialogue, KeepAlive keepAlive, long now) {
        this.patience = new Patience(now);
        this.session = session;
        this.lanes = new Lanes(session);
        this.dialogue = dialogue;
        this.keepAlive = keepAlive;
        session.keepAlive(keepAlive.server());
    }

    public static RtmfpConnection server(Session session, KeepAlive keepAlive, long now) {
        return new RtmfpConnection(session, NetConnection.server(), keepAlive, now);
    }

    public static RtmfpConnection client(Session session) {
        return new RtmfpConnection(session, NetConnection.client(), KeepAlive.DEFAULT, 0);
    }

    public Session session() {
        return session;
    }

    /** The dialogue: its doors answer events; afterwards {@link #flush}. */
    @Override
    public NetConnection dialogue() {
        return dialogue;
    }

    @Override
    public List<Event> accept(Map<String, AmfValue> extra) {
        patience.accepted(heard);
        return note(dialogue.accept(extra));
    }

    @Override
    public void hold() {
        patience.hold(heard);
    }

    @Override
    public List<Event> acceptPublish(int streamId) {
        published.add(streamId);
        watchPublisher();
        return note(dialogue.acceptPublish(streamId));
    }

    @Override
    public void rejectPublish(int streamId, Status status) {
        patience.end(streamId, heard);
        dialogue.rejectPublish(streamId, status);
    }

    @Override
    public List<Event> acceptPlay(int streamId) {
        return note(dialogue.acceptPlay(streamId));
    }

    @Override
    public void rejectPlay(int streamId, Status status) {
        patience.end(streamId, heard);
        dialogue.rejectPlay(streamId, status);
    }

    /** What the session told; throws ProtocolException when the peer is to be cut off. Flush afterwards. */
    public List<Event> receive(SessionEvent event, long now) {
        heard = now;
        if (event instanceof SessionEvent.FlowOpened opened) {
            open(opened.flow());
        } else if (event instanceof SessionEvent.MessageReceived received) {
            List<Event> events = new ArrayList<>();
            for (FlowSync.Due due : sync.receive(received.flow(), received.message(), now)) {
                events.addAll(receive(due.flow(), due.message(), now));
            }
            return note(events);
        } else if (event instanceof SessionEvent.FlowRefused refused) {
            lanes.forget(refused.flow());
        }
        return List.of();
    }

    private List<Event> note(List<Event> events) {
        for (Event event : events) {
            patience.note(event, heard);
            if (event instanceof Event.PublishStopped stopped && published.remove(stopped.streamId())) {
                watchPublisher();
            }
        }
        return events;
    }

    /** Who publishes is missed sooner. */
    private void watchPublisher() {
        if (published.isEmpty()) {
            session.keepAlive(keepAlive.server());
        } else {
            session.keepAlive(Math.min(keepAlive.server(), keepAlive.publisher() / 2), keepAlive.publisher());
        }
    }

    /** To be called about once a second on the server's side; throws ProtocolException for a peer that keeps us waiting. */
    public void tick(long now) {
        heard = now;
        patience.check(now);
    }

    private void open(RecvFlow flow) {
        Optional<FlowMetadata> metadata = FlowMetadata.decode(flow.metadata());
        if (metadata.isEmpty()) {
            session.reject(flow, 0);
            return;
        }
        if (metadata.get().streamId() == 0 && farControl.isEmpty()) {
            farControl = Optional.of(flow.id());
        }
        flow.order(metadata.get().order());
    }

    private List<Event> receive(RecvFlow flow, Buffer bytes, long now) {
        Optional<FlowMetadata> metadata = FlowMetadata.decode(flow.metadata());
        if (bytes.length() == 0 || metadata.isEmpty()) {
            return List.of();
        }
        Message message = FlowMessage.read(bytes).decode(metadata.get().streamId());
        List<Event> events = dialogue.receive(message, now);
        if (message instanceof Message.Command command && command.name().equals("setPeerInfo")) {
            reported = Optional.of(addressesOf(command));
            patience.hold(now); // for other peers
            flush(now);
            Buffer answer =
                    FlowMessage.keepalive(keepAlive.server(), keepAlive.peer()).write();
            write(lane(0, SendFlow.Priority.COMMAND), answer, Delivery.RELIABLE, now);
        }
        return events;
    }

    /** RFC 7425 5.3.4: what the peer knows of its own addresses; those that nobody can send to are left out. */
    private static List<Address> addressesOf(Message.Command setPeerInfo) {
        return setPeerInfo.values().stream()
                .flatMap(value -> value.string().stream())
                .flatMap(text -> Address.parse(text).stream())
                .filter(Address::isUsable)
                .limit(MAX_REPORTED)
                .toList();
    }

    /** Whether others may be told of the peer: it has said setPeerInfo. */
    public boolean isIntroducible() {
        return reported.isPresent() && session.isOpen();
    }

    /** Where the peer can be reached: as seen from here first, then as it says itself (RFC 7016 3.5.1.4). */
    public List<Address> addresses() {
        List<Address> addresses = new ArrayList<>();
        addresses.add(new Address(session.peer(), Address.OBSERVED));
        reported.ifPresent(addresses::addAll);
        return addresses;
    }

    /** Hands what the dialogue has to say to the session. */
    public void flush(long now) {
        for (Message message = dialogue.poll(); message != null; message = dialogue.poll()) {
            if (message instanceof Message.Audio audio) {
                send(audio.streamId(), MediaPacket.of(Kind.AUDIO, audio.timestamp(), audio.payload()), now);
            } else if (message instanceof Message.Video video) {
                send(video.streamId(), MediaPacket.of(Kind.VIDEO, video.timestamp(), video.payload()), now);
            } else {
                SendFlow.Priority priority =
                        message instanceof Message.Data ? SendFlow.Priority.DATA : SendFlow.Priority.COMMAND;
                SendFlow lane = lane(message.streamId(), priority);
                write(lane, FlowMessage.encode(message).write(), Delivery.RELIABLE, now);
            }
        }
    }

    /** Sends a packet of a stream that the peer plays or that we publish. */
    public void send(int streamId, MediaPacket packet, long now) {
        send(streamId, packet, FlowMessage.of(packet).write(), now);
    }

    /** As above, with the message that many viewers share. */
    void send(int streamId, MediaPacket packet, Buffer message, long now) {
        switch (packet.kind()) {
            case AUDIO:
                boolean configuration = MediaTag.header(Kind.AUDIO, packet.payload());
                write(
                        lane(streamId, SendFlow.Priority.AUDIO),
                        message,
                        configuration ? Delivery.RELIABLE : live(now),
                        now);
                break;
            case VIDEO:
                sendVideo(streamId, packet.payload(), message, now);
                break;
            default:
                write(lane(streamId, SendFlow.Priority.DATA), message, Delivery.RELIABLE, now);
        }
    }

    /** A key frame is worth sending until the next one is there; what is built on an abandoned frame falls with it. */
    private void sendVideo(int streamId, Buffer payload, Buffer message, long now) {
        SendFlow lane = lane(streamId, SendFlow.Priority.VIDEO);
        if (MediaTag.header(Kind.VIDEO, payload)) {
            write(lane, message, Delivery.RELIABLE, now);
        } else if (MediaTag.keyFrame(payload)) {
            Receipt before = keyFrames.put(streamId, write(lane, message, Delivery.RELIABLE, now));
            if (before != null) {
                before.finishBy(now + MEDIA_FINISH_BY);
            }
        } else {
            write(lane, message, live(now).dependentOnPrevious(), now);
        }
    }

    private static Delivery live(long now) {
        return new Delivery(now + MEDIA_START_BY, now + MEDIA_FINISH_BY, true, false);
    }

    private SendFlow lane(int streamId, SendFlow.Priority kind) {
        return lanes.open(streamId, kind, farControl);
    }

    private Receipt write(SendFlow lane, Buffer message, Delivery delivery, long now) {
        Receipt receipt = session.write(lane, message, delivery, now);
        if (lane.isFailed()) {
            lanes.forget(lane);
            if (lane.priority() == SendFlow.Priority.COMMAND) {
                throw new ProtocolException("does not take what it is told");
            }
        }
        return receipt;
    }

    /** Ends the flows of a NetStream, as far as they carry media. */
    @Override
    public void finishMedia(int streamId) {
        lanes.takeMedia(streamId, session::finish);
        keyFrames.remove(streamId);
    }

    /** Bytes that wait or are under way. */
    public int queuedBytes() {
        return lanes.queuedBytes();
    }

    /** Whether a viewer can take more. */
    public boolean writable() {
        return queuedBytes() < WRITABLE_BYTES;
    }
}
