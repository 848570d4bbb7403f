package io.fluctus.netconnection;

import io.fluctus.media.MediaPacket;
import io.vertx.core.buffer.Buffer;
import java.util.List;

/** Messages that carry media, as the packets that travel on. */
final class MediaReader {
    private MediaReader() {}

    static boolean isMedia(Message message) {
        return size(message) >= 0;
    }

    /** Bytes of the payload, or -1 for a message that carries no media. */
    static int size(Message message) {
        if (message instanceof Message.Audio audio) {
            return audio.payload().length();
        }
        if (message instanceof Message.Video video) {
            return video.payload().length();
        }
        if (message instanceof Message.Data data) {
            return data.payload().length();
        }
        return message instanceof Message.Aggregate aggregate
                ? aggregate.payload().length()
                : -1;
    }

    /** Bytes of the packets that {@link #read} made. */
    static int size(List<Event> read) {
        return read.stream()
                .mapToInt(event -> event instanceof Event.PacketReceived received
                        ? received.packet().payload().length()
                        : 0)
                .sum();
    }

    /** Appends what {@code message} holds as {@link Event.PacketReceived} and {@link Event.DataFrameCleared}. */
    static void read(Message message, List<Event> events) {
        if (message instanceof Message.Audio audio) {
            events.add(packet(message, MediaPacket.Kind.AUDIO, audio.payload()));
        } else if (message instanceof Message.Video video) {
            events.add(packet(message, MediaPacket.Kind.VIDEO, video.payload()));
        } else if (message instanceof Message.Data data) {
            data(data, events);
        } else if (message instanceof Message.Aggregate aggregate) {
            AggregateReader.decode(aggregate).forEach(part -> read(part, events));
        }
    }

    private static Event packet(Message message, MediaPacket.Kind kind, Buffer payload) {
        return new Event.PacketReceived(
                message.streamId(), MediaPacket.of(kind, message.timestamp() & 0xFFFFFFFFL, payload));
    }

    private static void data(Message.Data data, List<Event> events) {
        if (data.payload().length() == 0) {
            return;
        }
        ScriptData script = ScriptData.decode(data.payload(), data.amf3());
        switch (script.handler()) {
            case ScriptData.SET_DATA_FRAME ->
                events.add(packet(data, MediaPacket.Kind.DATA, script.argument().payload()));
            case ScriptData.CLEAR_DATA_FRAME ->
                events.add(new Event.DataFrameCleared(
                        data.streamId(), script.argument().handler()));
            default -> events.add(packet(data, MediaPacket.Kind.DATA, script.payload()));
        }
    }
}
