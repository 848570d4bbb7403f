package io.fluctus.netconnection;

import io.fluctus.media.SharedEvent;
import io.fluctus.wire.Amf0;
import io.fluctus.wire.AmfValue;
import io.fluctus.wire.ByteReader;
import io.fluctus.wire.ByteWriter;
import io.fluctus.wire.ProtocolException;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The body of a shared object message (RTMP 1.0 7.1.3), without the format byte of type 16: what is said about one object. The text draws
 * no widths; these are those of every implementation: {@code name str16 | version u32 | flags u32 | reserved u32}, then events of
 * {@code type u8 | length u32 | data}.
 *
 * @param version of the speaker's copy
 */
public record SharedObjectMessage(String name, long version, boolean persistent, List<SharedEvent> events) {
    /** Events of one message; unknown ones count. */
    static final int MAX_EVENTS = 1_024;

    /** Bytes in the name of an object, a slot or a handler. */
    static final int MAX_NAME = 255;

    /** Values that go with a handler. */
    static final int MAX_ARGUMENTS = 64;

    // 7.1.3
    private static final int USE = 1;
    private static final int RELEASE = 2;
    private static final int REQUEST_CHANGE = 3;
    private static final int CHANGE = 4;
    private static final int SUCCESS = 5;
    private static final int SEND_MESSAGE = 6;
    private static final int STATUS = 7;
    private static final int CLEAR = 8;
    private static final int REMOVE = 9;
    private static final int REQUEST_REMOVE = 10;
    private static final int USE_SUCCESS = 11;

    /** Not in the text; seen from clients that want everything removed. */
    private static final int REQUEST_CLEAR = 14;

    /** The bit that Flash and its servers write, and the one that HaishinKit writes; other bits occur and mean nothing known. */
    private static final int PERSISTENT = 0x00000002;

    private static final int PERSISTENT_FIRST_BYTE = 0x01000000;

    /** Stands for each byte that is not UTF-8, and is three bytes long itself. */
    private static final char UNREADABLE = '\uFFFD';

    public SharedObjectMessage {
        events = List.copyOf(events);
    }

    // -- reading

    /** Throws ProtocolException for what is cut short, too long, or does not fill the lengths that it announces. */
    static SharedObjectMessage decode(Buffer body) {
        ByteReader in = new ByteReader(body);
        String name = name(in);
        long version = in.u32();
        int flags = in.i32();
        in.skip(4);
        List<SharedEvent> events = new ArrayList<>();
        for (int count = 0; in.hasRemaining(); count++) {
            if (count >= MAX_EVENTS) {
                throw new ProtocolException("shared object message has more than " + MAX_EVENTS + " events");
            }
            int type = in.u8();
            long length = in.u32();
            if (length > in.remaining()) {
                throw new ProtocolException(
                        "shared object event announces " + length + " bytes where " + in.remaining() + " are left");
            }
            event(type, new ByteReader(in.bytes((int) length)), events);
        }
        boolean persistent = (flags & (PERSISTENT | PERSISTENT_FIRST_BYTE)) != 0;
        return new SharedObjectMessage(name, version, persistent, events);
    }

    private static void event(int type, ByteReader in, List<SharedEvent> events) {
        switch (type) {
            case USE -> events.add(SharedEvent.USE);
            case RELEASE -> events.add(SharedEvent.RELEASE);
            case REQUEST_CHANGE -> each(in, events, () -> new SharedEvent.RequestChange(name(in), Amf0.decode(in)));
            case CHANGE -> each(in, events, () -> new SharedEvent.Change(name(in), Amf0.decode(in)));
            case SUCCESS -> each(in, events, () -> new SharedEvent.Success(name(in)));
            case SEND_MESSAGE -> events.add(sendMessage(in));
            case STATUS -> events.add(new SharedEvent.Status(name(in), name(in)));
            case CLEAR, REQUEST_CLEAR -> events.add(SharedEvent.CLEAR);
            case REMOVE -> each(in, events, () -> new SharedEvent.Remove(name(in)));
            case REQUEST_REMOVE -> each(in, events, () -> new SharedEvent.RequestRemove(name(in)));
            case USE_SUCCESS -> events.add(SharedEvent.USE_SUCCESS);
            default -> in.skip(in.remaining()); // 12 and 13 are seen: nobody has told what they are
        }
        if (in.hasRemaining()) {
            throw new ProtocolException("shared object event " + type + " is longer than what it says");
        }
    }

    private interface Part {
        SharedEvent read();
    }

    /** Some senders put several slots into one event. */
    private static void each(ByteReader in, List<SharedEvent> events, Part part) {
        do {
            if (events.size() >= MAX_EVENTS) {
                throw new ProtocolException("shared object message names more than " + MAX_EVENTS + " slots");
            }
            events.add(part.read());
        } while (in.hasRemaining());
    }

    /** The handler is a whole AMF string, unlike every other name here. */
    private static SharedEvent sendMessage(ByteReader in) {
        List<AmfValue> values = Amf0.decodeAll(in);
        String handler = values.isEmpty() ? "" : values.get(0).string().orElse("");
        if (handler.isEmpty() || handler.length() > MAX_NAME || values.size() > 1 + MAX_ARGUMENTS) {
            throw new ProtocolException(
                    "shared object's Send Message names no handler, or has more than " + MAX_ARGUMENTS + " arguments");
        }
        return new SharedEvent.SendMessage(handler, values.subList(1, values.size()));
    }

    private static String name(ByteReader in) {
        int length = in.u16();
        if (length == 0 || length > MAX_NAME) {
            throw new ProtocolException(
                    "name in a shared object message has " + length + " bytes, not 1 to " + MAX_NAME);
        }
        String name = in.utf8(length);
        if (name.indexOf(UNREADABLE) >= 0) {
            throw new ProtocolException("name in a shared object message is not UTF-8");
        }
        return name;
    }

    // -- writing

    /** Type 16 for those who agreed on {@code objectEncoding} 3, else 19. */
    public Message.SharedObject encode(int objectEncoding) {
        ByteWriter out = new ByteWriter();
        name(name, out);
        out.u32(version).u32(persistent ? PERSISTENT : 0).u32(0);
        for (SharedEvent event : events) {
            ByteWriter data = new ByteWriter();
            int type = write(event, objectEncoding, data);
            out.u8(type).u32(data.length()).bytes(data.buffer());
        }
        return new Message.SharedObject(0, 0, out.buffer(), objectEncoding != 0);
    }

    private static int write(SharedEvent event, int objectEncoding, ByteWriter out) {
        if (event instanceof SharedEvent.RequestChange change) {
            slot(change.slot(), change.value(), objectEncoding, out);
            return REQUEST_CHANGE;
        }
        if (event instanceof SharedEvent.Change change) {
            slot(change.slot(), change.value(), objectEncoding, out);
            return CHANGE;
        }
        if (event instanceof SharedEvent.Success success) {
            name(success.slot(), out);
            return SUCCESS;
        }
        if (event instanceof SharedEvent.SendMessage message) {
            List<AmfValue> values = new ArrayList<>();
            values.add(AmfValue.of(message.handler()));
            values.addAll(message.arguments());
            Amf0.encodeAll(values, objectEncoding, out);
            return SEND_MESSAGE;
        }
        if (event instanceof SharedEvent.Status status) {
            name(status.code(), out);
            name(status.level(), out);
            return STATUS;
        }
        if (event instanceof SharedEvent.Remove remove) {
            name(remove.slot(), out);
            return REMOVE;
        }
        if (event instanceof SharedEvent.RequestRemove remove) {
            name(remove.slot(), out);
            return REQUEST_REMOVE;
        }
        return bare(event);
    }

    private static int bare(SharedEvent event) {
        if (event instanceof SharedEvent.Use) {
            return USE;
        }
        if (event instanceof SharedEvent.Release) {
            return RELEASE;
        }
        return event instanceof SharedEvent.Clear ? CLEAR : USE_SUCCESS;
    }

    /** Tables of references are this event's own: how far others' reach is told nowhere. */
    private static void slot(String slot, AmfValue value, int objectEncoding, ByteWriter out) {
        name(slot, out);
        Amf0.encodeAll(List.of(value), objectEncoding, out);
    }

    private static void name(String name, ByteWriter out) {
        byte[] utf8 = name.getBytes(StandardCharsets.UTF_8);
        out.u16(utf8.length).bytes(utf8);
    }
}
