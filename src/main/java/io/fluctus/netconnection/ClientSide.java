package io.fluctus.netconnection;

import io.fluctus.media.MediaPacket;
import io.fluctus.wire.AmfValue;
import io.fluctus.wire.ByteWriter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The client's part of the dialogue: what a player, a publisher or a relay's link says to another server. */
final class ClientSide implements Side {
    private static final String FLASH_VERSION = "FMLE/3.0 (compatible; Fluctus)";

    /** How much a player wants to have in stock (RTMP 1.0 7.1.7), as ffmpeg asks for. */
    private static final int BUFFER_MILLIS = 3000;

    private static final int CAPABILITIES = 239;
    private static final int AUDIO_CODECS_ALL = 0x0FFF;
    private static final int VIDEO_CODECS_ALL = 0x00FF;
    private static final int CLIENT_SEEK = 1;
    private static final int WIRE_UNITS = 1000;

    private final Outbox out;
    private final PendingCalls calls;
    private final Map<Integer, String> published = new HashMap<>();
    private boolean closed;

    ClientSide(Outbox out, PendingCalls calls) {
        this.out = out;
        this.calls = calls;
    }

    /** We ask for AMF0 and so never agree on anything else. */
    @Override
    public int objectEncoding() {
        return 0;
    }

    @Override
    public void setBufferLength(int streamId, long millis, List<Event> events) {
        // a client's word; from a server it means nothing
    }

    @Override
    public void receive(Message message, List<Event> events) {
        if (closed) {
            return;
        }
        if (message instanceof Message.Command command) {
            command(Call.of(command), events);
        } else if (message instanceof Message.SharedObject shared) {
            events.add(new Event.SharedObjectReceived(SharedObjectMessage.decode(shared.payload())));
        } else if (MediaReader.isMedia(message)) {
            List<Event> read = new ArrayList<>();
            MediaReader.read(message, read);
            read.stream().filter(event -> !isRemark(event)).forEach(events::add);
        }
    }

    /** Data messages that servers address to Flash itself: they belong to no stream. */
    private static boolean isRemark(Event event) {
        if (!(event instanceof Event.PacketReceived received)
                || received.packet().kind() != MediaPacket.Kind.DATA) {
            return false;
        }
        String handler = ScriptData.decode(received.packet().payload(), false).handler();
        return handler.equals(ScriptData.SAMPLE_ACCESS) || handler.equals("onStatus");
    }

    private void command(Call call, List<Event> events) {
        switch (call.name()) {
            case "_result", "_error" -> answered(call, events);
            case "onStatus" -> events.add(new Event.StatusReceived(call.streamId(), status(call)));
            case "close" -> {
                closed = true;
                out.close();
                events.add(new Event.CloseRequested("the server said close"));
            }
            case "onBWDone", "onFCPublish", "onFCUnpublish", "onFCSubscribe", "onFCUnsubscribe" -> {}
            // The probe wants any answer at all, and goes on until it has one.
            case "onBWCheck", "_onbwcheck", "_onbwdone" -> out.result(call.transactionId(), AmfValue.NULL);
            default -> events.add(new Event.CallReceived(call.transactionId(), call.name(), call.arguments()));
        }
    }

    private void answered(Call call, List<Event> events) {
        boolean success = call.name().equals("_result");
        calls.answered(call.transactionId()).ifPresent(purpose -> {
            switch (purpose) {
                case CONNECT ->
                    events.add(
                            success
                                    ? new Event.Connected(call.answer().get(0))
                                    : new Event.ConnectRefused(status(call)));
                case CREATE_STREAM -> events.add(created(call, success));
                case CALL -> events.add(new Event.CallAnswered(call.transactionId(), success, call.answer()));
                case COURTESY -> {}
            }
        });
    }

    private static Event created(Call call, boolean success) {
        double id = call.answer().get(0).number().orElse(0.0);
        return success && id >= 1 && id <= Integer.MAX_VALUE
                ? new Event.StreamCreated((int) id)
                : new Event.StatusReceived(0, Status.error(Status.CALL_FAILED, "The server created no NetStream"));
    }

    private static Status status(Call call) {
        return Status.fromAmf(call.answer().get(0));
    }

    // -- what we say

    void connect(String app, String tcUrl, boolean publisher, Map<String, AmfValue> extra) {
        Map<String, AmfValue> members = new LinkedHashMap<>();
        members.put("app", AmfValue.of(app));
        if (publisher) {
            members.put("type", AmfValue.of("nonprivate"));
        }
        members.put("flashVer", AmfValue.of(FLASH_VERSION));
        members.put("tcUrl", AmfValue.of(tcUrl));
        members.put("fpad", AmfValue.of(false));
        members.put("capabilities", AmfValue.of(CAPABILITIES));
        members.put("audioCodecs", AmfValue.of(AUDIO_CODECS_ALL));
        members.put("videoCodecs", AmfValue.of(VIDEO_CODECS_ALL));
        members.put("videoFunction", AmfValue.of(CLIENT_SEEK));
        members.put("objectEncoding", AmfValue.of(0));
        members.putAll(Capabilities.offer());
        members.putAll(extra);
        out.command(0, "connect", calls.next(PendingCalls.Purpose.CONNECT), AmfValue.Obj.of(members));
    }

    void createStream() {
        out.command(0, "createStream", calls.next(PendingCalls.Purpose.CREATE_STREAM), AmfValue.NULL);
    }

    void publish(int streamId, String name, String type) {
        courtesy("releaseStream", name);
        courtesy("FCPublish", name);
        published.put(streamId, name);
        out.command(streamId, "publish", 0, AmfValue.NULL, AmfValue.of(name), AmfValue.of(type));
    }

    /** {@code start} goes out as every client writes it: -1000 for -1, -2000 for -2. */
    void play(int streamId, String name, long start) {
        double wire = start < 0 ? start * (double) WIRE_UNITS : start;
        out.command(streamId, "play", 0, AmfValue.NULL, AmfValue.of(name), AmfValue.of(wire));
        ByteWriter buffer = new ByteWriter().u32(streamId).u32(BUFFER_MILLIS);
        out.add(new Message.UserControl(Message.UserControl.SET_BUFFER_LENGTH, buffer.buffer()));
    }

    /** Metadata is wrapped so that the server keeps it for late joiners. */
    void send(int streamId, MediaPacket packet) {
        switch (packet.kind()) {
            case AUDIO -> out.add(new Message.Audio(streamId, packet.timestamp(), packet.payload()));
            case VIDEO -> out.add(new Message.Video(streamId, packet.timestamp(), packet.payload()));
            case DATA -> {
                ScriptData data = ScriptData.decode(packet.payload(), false);
                boolean kept = data.handler().equals(ScriptData.ON_META_DATA);
                out.add(new Message.Data(
                        streamId, packet.timestamp(), kept ? data.asDataFrame() : packet.payload(), false));
            }
            case PUBLISHED, UNPUBLISHED -> {} // said between rooms, not on the wire
        }
    }

    void deleteStream(int streamId) {
        String name = published.remove(streamId);
        if (name != null) {
            courtesy("FCUnpublish", name);
        }
        out.command(0, "deleteStream", 0, AmfValue.NULL, AmfValue.of(streamId));
    }

    private void courtesy(String command, String name) {
        out.command(0, command, calls.next(PendingCalls.Purpose.COURTESY), AmfValue.NULL, AmfValue.of(name));
    }
}
