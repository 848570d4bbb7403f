package io.fluctus.netconnection;

import io.fluctus.wire.AmfValue;
import io.fluctus.wire.ProtocolException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The server's part of the dialogue: connect and what a client may say after it (RTMP 1.0 7.2.1). */
final class ServerSide implements Side {
    /** NetStreams open at a time. */
    static final int MAX_STREAMS = 32;

    /** Message stream ids are never given twice; RTMFP writes them in 24 bits. */
    static final int MAX_STREAM_ID = 0xFFFFFF;

    /** Commands and shared objects of a client that does not wait for connect's result; they are heard after it. */
    static final int MAX_HELD = 16;

    /** Characters in the name of a method. */
    static final int MAX_METHOD = 256;

    /** H.264 is sent by Flash from 3,5 on. */
    private static final String FMS_VERSION = "FMS/3,5,7,7009";

    private static final int CAPABILITIES = 31;
    private static final int AMF3 = 3;

    private enum Phase {
        NEW,
        ASKED,
        CONNECTED,
        CLOSED
    }

    private final String clientId;
    private final Outbox out;
    private final PendingCalls calls;
    private final Map<Integer, NetStream> streams = new LinkedHashMap<>();
    private final List<Message> held = new ArrayList<>();
    private Phase phase = Phase.NEW;
    private Map<String, AmfValue> properties = Map.of();
    private double connectId = 1;
    private String app = "";
    private String tcUrl = "";
    private boolean reconnects;
    private int objectEncoding;
    private int lastStreamId;
    private long bufferMillis;
    private boolean announced;
    private long ignored;

    ServerSide(String clientId, Outbox out, PendingCalls calls) {
        this.clientId = clientId;
        this.out = out;
        this.calls = calls;
    }

    @Override
    public int objectEncoding() {
        return objectEncoding;
    }

    long ignored() {
        return ignored + streams.values().stream().mapToLong(NetStream::ignored).sum();
    }

    @Override
    public void receive(Message message, List<Event> events) {
        switch (phase) {
            case NEW -> first(message, events);
            case ASKED -> early(message);
            case CONNECTED -> connected(message, events);
            case CLOSED -> {}
        }
    }

    private void first(Message message, List<Event> events) {
        if (message instanceof Message.Command command) {
            if (!command.name().equals("connect")) {
                throw new ProtocolException("the first command is not connect");
            }
            connect(command, events);
        } else if (MediaReader.isMedia(message)) {
            throw new ProtocolException("media before connect");
        } else if (message instanceof Message.SharedObject) {
            throw new ProtocolException("a shared object before connect");
        }
    }

    private void early(Message message) {
        if (message instanceof Message.Command) {
            hold(message);
        } else if (message instanceof Message.SharedObject shared) {
            hold(new Message.SharedObject(0, 0, shared.payload().copy(), shared.amf3()));
        } else {
            ignored++;
        }
    }

    private void hold(Message message) {
        if (held.size() >= MAX_HELD) {
            throw new ProtocolException("more than " + MAX_HELD + " commands before connect was answered");
        }
        held.add(message);
    }

    private void connected(Message message, List<Event> events) {
        if (message instanceof Message.Command command) {
            out.form(command.amf3());
            command(Call.of(command), events);
            return;
        }
        if (message instanceof Message.SharedObject shared) {
            events.add(new Event.SharedObjectReceived(SharedObjectMessage.decode(shared.payload())));
            return;
        }
        NetStream stream = streams.get(message.streamId());
        if (stream != null && MediaReader.isMedia(message)) {
            stream.media(message, events);
        } else {
            ignored++;
        }
    }

    // -- connect

    private void connect(Message.Command command, List<Event> events) {
        Call call = Call.of(command);
        out.form(command.amf3());
        properties = call.object().members();
        connectId = call.transactionId() > 0 ? call.transactionId() : 1;
        double encoding = member("objectEncoding").number().orElse(0.0);
        objectEncoding = encoding >= AMF3 ? AMF3 : 0;
        tcUrl = member("tcUrl").string().orElse("");
        phase = Phase.ASKED;
        try {
            StreamPath path = path();
            app = path.path();
            events.add(new Event.ConnectRequested(app, path.query(), tcUrl, call.object(), call.arguments()));
        } catch (ProtocolException unfit) {
            reject(Status.error(Status.CONNECT_INVALID_APP, unfit.getMessage()));
            events.add(new Event.CloseRequested(unfit.getMessage()));
        }
    }

    private StreamPath path() {
        if (member("app").string().isPresent()) {
            StreamPath path = StreamPath.ofApp(member("app").string().get());
            return path.query().isEmpty() ? new StreamPath(path.path(), StreamPath.queryOf(tcUrl)) : path;
        }
        if (tcUrl.isEmpty()) {
            throw new ProtocolException("connect names no application");
        }
        return StreamPath.ofUrl(tcUrl);
    }

    private AmfValue member(String key) {
        return properties.getOrDefault(key, AmfValue.NULL);
    }

    /** What a client said while it waited is heard now. */
    List<Event> accept(Map<String, AmfValue> extra) {
        if (phase != Phase.ASKED) {
            return List.of();
        }
        phase = Phase.CONNECTED;
        Map<String, AmfValue> enhanced = Capabilities.answer(properties);
        reconnects = Capabilities.reconnects(properties);
        properties = Map.of(); // a thousand bytes for each of thousands of connections
        boolean rtmfp = tcUrl.startsWith("rtmfp:");
        Map<String, AmfValue> info = new LinkedHashMap<>();
        info.put("objectEncoding", AmfValue.of(objectEncoding));
        info.putAll(enhanced); // clients look for them in either object
        info.putAll(extra);
        Status success = Status.status(Status.CONNECT_SUCCESS, "Connection succeeded.");
        // RTMFP's clients take the first object for the information, and its servers have no probe of the bandwidth.
        out.command(0, "_result", connectId, rtmfp ? AmfValue.NULL : properties(enhanced), success.toAmf(info));
        if (!rtmfp) {
            out.command(0, "onBWDone", 0, AmfValue.NULL);
        }
        List<Event> events = new ArrayList<>();
        List<Message> waiting = List.copyOf(held);
        held.clear();
        waiting.forEach(message -> receive(message, events));
        return events;
    }

    private static AmfValue properties(Map<String, AmfValue> enhanced) {
        Map<String, AmfValue> members = new LinkedHashMap<>();
        members.put("fmsVer", AmfValue.of(FMS_VERSION));
        members.put("capabilities", AmfValue.of(CAPABILITIES));
        members.put("mode", AmfValue.of(1));
        members.putAll(enhanced);
        return AmfValue.Obj.of(members);
    }

    /** Before the connection stands {@code _error}, afterwards {@code onStatus}; then {@code close}. */
    void reject(Status status) {
        if (phase == Phase.ASKED) {
            out.error(connectId, status);
        } else if (phase == Phase.CONNECTED) {
            out.status(0, status, Map.of());
        } else {
            return;
        }
        out.command(0, "close", 0, AmfValue.NULL);
        out.close();
        phase = Phase.CLOSED;
        held.clear();
        streams.clear();
    }

    /** False for a client that did not say that it follows such a request (E-RTMP v2, "Reconnect Request"). */
    boolean requestReconnect(String newUrl, String description) {
        if (phase != Phase.CONNECTED || !reconnects) {
            return false;
        }
        Map<String, AmfValue> extra = newUrl.isEmpty() ? Map.of() : Map.of("tcUrl", AmfValue.of(newUrl));
        out.status(0, Status.status(Status.CONNECT_RECONNECT_REQUEST, description), extra);
        return true;
    }

    // -- commands

    /** What encoders and players ask by the way is answered in any order: an error ends ffmpeg and FMLE, silence stops Haivision. */
    private void command(Call call, List<Event> events) {
        switch (call.name()) {
            case "connect" -> connectedAlready(call, events);
            case "close" -> end("the peer said close", events);
            case "createStream" -> createStream(call);
            case "deleteStream" -> deleteStream(call, events);
            case "_result", "_error" -> answered(call, events);
            case "FCPublish" -> {
                announced = true;
                out.result(call.transactionId(), AmfValue.NULL);
            }
            case "FCUnpublish" -> unpublish(call, events);
            case "FCSubscribe" -> subscribed(call, "onFCSubscribe", Status.PLAY_START);
            case "FCUnsubscribe" -> subscribed(call, "onFCUnsubscribe", Status.PLAY_STOP);
            case "checkBandwidth" -> {
                out.result(call.transactionId(), AmfValue.NULL);
                out.command(0, "onBWDone", 0, AmfValue.NULL, zero(), zero(), zero(), zero());
            }
            case "getStreamLength" -> out.result(call.transactionId(), zero()); // seconds; live has none
            case "releaseStream",
                    "_checkbw",
                    "set_playlist",
                    "playlist_ready",
                    "secureTokenResponse",
                    "setPeerInfo",
                    "onStatus" -> out.result(call.transactionId(), AmfValue.NULL);
            default -> other(call, events);
        }
    }

    private void other(Call call, List<Event> events) {
        if (call.name().isEmpty() || call.name().length() > MAX_METHOD) {
            out.error(call.transactionId(), Status.methodNotFound(call.name()));
            return;
        }
        if (!NetStream.WORDS.contains(call.name())) {
            events.add(new Event.CallReceived(call.transactionId(), call.name(), call.arguments()));
            return;
        }
        NetStream stream = streams.get(call.streamId());
        if (stream != null) {
            stream.receive(call, events);
        } else if (call.name().startsWith("publish") || call.name().startsWith("play")) {
            out.status(call.streamId(), Status.error(Status.FAILED, "No NetStream has this id"), Map.of());
        }
    }

    private void connectedAlready(Call call, List<Event> events) {
        Status status = Status.error(Status.CONNECT_REJECTED, "Connected already");
        out.error(call.transactionId(), status);
        out.command(0, "close", 0, AmfValue.NULL);
        end("a second connect", events);
    }

    private void end(String reason, List<Event> events) {
        streams.values().forEach(stream -> stream.stop(events));
        streams.clear();
        out.close();
        phase = Phase.CLOSED;
        events.add(new Event.CloseRequested(reason));
    }

    private void createStream(Call call) {
        if (streams.size() >= MAX_STREAMS || lastStreamId >= MAX_STREAM_ID) {
            out.error(call.transactionId(), Status.error(Status.CALL_FAILED, "Too many NetStreams"));
            return;
        }
        int id = ++lastStreamId;
        streams.put(id, new NetStream(id, new NetStream.Connection(app, clientId, out), bufferMillis));
        // librtmfp asks with transaction 0, and waits for the answer all the same.
        out.command(0, "_result", call.transactionId(), AmfValue.NULL, AmfValue.of(id));
    }

    /** The id is an argument, as the command comes on message stream 0; there is no answer (7.2.2.3). */
    private void deleteStream(Call call, List<Event> events) {
        double id = call.argument(0).number().orElse(0.0);
        NetStream stream = id == (int) id ? streams.remove((int) id) : null;
        if (stream != null) {
            ignored += stream.ignored();
            stream.stop(events);
        }
    }

    private void answered(Call call, List<Event> events) {
        if (calls.answered(call.transactionId()).isPresent()) {
            boolean success = call.name().equals("_result");
            events.add(new Event.CallAnswered(call.transactionId(), success, call.answer()));
        }
    }

    /** The client names the stream, not the message stream id. */
    private void unpublish(Call call, List<Event> events) {
        Status status = Status.status(Status.UNPUBLISH_SUCCESS, "Stopped publishing");
        out.command(0, "onFCUnpublish", 0, AmfValue.NULL, status.toAmf(Map.of()));
        out.result(call.transactionId(), AmfValue.NULL);
        try {
            String name = StreamPath.ofStream(app, call.text(0).orElse("")).path();
            List.copyOf(streams.values()).stream()
                    .filter(stream -> stream.publishes(name))
                    .forEach(stream -> stream.close(events));
        } catch (ProtocolException unfit) {
            // Such a stream was never published, so there is nothing to end.
        }
    }

    private void subscribed(Call call, String answer, String code) {
        out.result(call.transactionId(), AmfValue.NULL);
        out.command(0, answer, 0, AmfValue.NULL, Status.status(code, answer).toAmf(Map.of()));
    }

    private static AmfValue zero() {
        return AmfValue.of(0);
    }

    // -- NetStreams

    @Override
    public void setBufferLength(int streamId, long millis, List<Event> events) {
        NetStream stream = streams.get(streamId);
        if (stream != null) {
            stream.setBufferLength(millis, events);
        } else if (streamId == 0) {
            bufferMillis = millis;
        }
    }

    List<Event> acceptPublish(int streamId) {
        NetStream stream = streams.get(streamId);
        return stream == null ? List.of() : stream.acceptPublish(announced);
    }

    List<Event> acceptPlay(int streamId) {
        NetStream stream = streams.get(streamId);
        return stream == null ? List.of() : stream.acceptPlay();
    }

    void rejectPublish(int streamId, Status status) {
        if (streams.containsKey(streamId)) {
            streams.get(streamId).rejectPublish(status);
        }
    }

    void rejectPlay(int streamId, Status status) {
        if (streams.containsKey(streamId)) {
            streams.get(streamId).rejectPlay(status);
        }
    }

    void published(int streamId) {
        if (streams.containsKey(streamId)) {
            streams.get(streamId).published();
        }
    }

    void unpublished(int streamId) {
        if (streams.containsKey(streamId)) {
            streams.get(streamId).unpublished();
        }
    }

    void status(int streamId, Status status) {
        if (phase != Phase.CONNECTED) {
            return;
        }
        if (streamId == 0) {
            out.status(0, status, Map.of());
        } else if (streams.containsKey(streamId)) {
            streams.get(streamId).status(status);
        }
    }
}
