package io.fluctus.netconnection;

import io.fluctus.media.MediaPacket;
import io.fluctus.wire.AmfValue;
import io.fluctus.wire.ByteReader;
import io.fluctus.wire.ByteWriter;
import io.vertx.core.buffer.Buffer;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Messages and events as one line of words each, so that a dialogue is a table that people can read. */
final class Words {
    private Words() {}

    /** {@code 1 publish 5 null s1 live}, {@code 1 audio @20 af01}, {@code bufferLength 1 3000}, {@code ping 01020304}. */
    static Message message(String line) {
        String[] words = line.split(" ");
        if (words[0].equals("bufferLength")) {
            Buffer data = new ByteWriter()
                    .u32(Long.parseLong(words[1]))
                    .u32(Long.parseLong(words[2]))
                    .buffer();
            return new Message.UserControl(Message.UserControl.SET_BUFFER_LENGTH, data);
        }
        if (words[0].equals("ping")) {
            return new Message.UserControl(Message.UserControl.PING_REQUEST, hex(words[1]));
        }
        int streamId = Integer.parseInt(words[0]);
        if (words.length > 2 && words[2].startsWith("@")) {
            return media(streamId, words);
        }
        List<AmfValue> values = new ArrayList<>();
        for (int i = 3; i < words.length; i++) {
            values.add(value(words[i]));
        }
        boolean amf3 = words[1].endsWith("^3");
        String name = words[1].replace("^3", "");
        return new Message.Command(streamId, 0, name, Double.parseDouble(words[2]), values, amf3);
    }

    private static Message media(int streamId, String[] words) {
        long time = Long.parseLong(words[2].substring(1));
        switch (words[1]) {
            case "audio":
                return new Message.Audio(streamId, time, hex(words[3]));
            case "video":
                return new Message.Video(streamId, time, hex(words[3]));
            default:
                ByteWriter out = new ByteWriter();
                for (int i = 3; i < words.length; i++) {
                    amf0(value(words[i]), out);
                }
                return new Message.Data(streamId, time, out.buffer(), words[1].equals("data^3"));
        }
    }

    static Buffer data(String... words) {
        ByteWriter out = new ByteWriter();
        for (String word : words) {
            amf0(value(word), out);
        }
        return out.buffer();
    }

    static AmfValue value(String word) {
        switch (word) {
            case "null":
                return AmfValue.NULL;
            case "{}":
                return AmfValue.Obj.of(Map.of());
            case "\"\"":
                return AmfValue.of("");
            case "true", "false":
                return AmfValue.of(Boolean.parseBoolean(word));
            default:
                return word.matches("-?\\d+(\\.\\d+)?(e\\d+)?|NaN|-?Infinity")
                        ? AmfValue.of(Double.parseDouble(word))
                        : AmfValue.of(word);
        }
    }

    static Buffer hex(String hex) {
        return Buffer.buffer(HexFormat.of().parseHex(hex.equals("-") ? "" : hex));
    }

    static String of(Message message) {
        if (message instanceof Message.Command c) {
            String values = c.values().stream().map(Words::of).collect(Collectors.joining(" "));
            return (c.streamId() + " " + c.name() + (c.amf3() ? "^3 " : " ") + of(AmfValue.of(c.transactionId())) + " "
                            + values)
                    .trim();
        }
        if (message instanceof Message.UserControl u) {
            String name = switch (u.event()) {
                case Message.UserControl.STREAM_BEGIN -> "StreamBegin ";
                case Message.UserControl.STREAM_EOF -> "StreamEOF ";
                case Message.UserControl.PING_RESPONSE -> "pong ";
                case Message.UserControl.SET_BUFFER_LENGTH -> "bufferLength ";
                default -> "event" + u.event() + " ";
            };
            ByteReader in = new ByteReader(u.data());
            return name + in.u32() + (in.hasRemaining() ? " " + in.u32() : "");
        }
        if (message instanceof Message.Data d) {
            return d.streamId() + " data @" + d.timestamp() + " " + data(d.payload());
        }
        if (message instanceof Message.Audio a) {
            return a.streamId() + " audio @" + a.timestamp() + " " + hex(a.payload());
        }
        if (message instanceof Message.Video v) {
            return v.streamId() + " video @" + v.timestamp() + " " + hex(v.payload());
        }
        return message.toString();
    }

    /** The name of the event and its components: {@code PublishRequested 1 s1 - live}. */
    static String of(Event event) {
        try {
            StringBuilder line = new StringBuilder(event.getClass().getSimpleName());
            for (RecordComponent component : event.getClass().getRecordComponents()) {
                line.append(' ').append(plain(component.getAccessor().invoke(event)));
            }
            return line.toString();
        } catch (ReflectiveOperationException e) {
            throw new AssertionError(e);
        }
    }

    private static String plain(Object value) {
        if (value instanceof AmfValue amf) {
            return of(amf);
        }
        if (value instanceof MediaPacket p) {
            boolean data = p.kind() == MediaPacket.Kind.DATA;
            return p.kind() + " @" + p.timestamp() + " " + (data ? data(p.payload()) : hex(p.payload()));
        }
        if (value instanceof Collection<?> list) {
            return list.stream().map(Words::plain).collect(Collectors.joining(",", "[", "]"));
        }
        if (value instanceof Status status) {
            return status.code().isEmpty() ? "-" : status.code();
        }
        if (value instanceof Double number) {
            return of(AmfValue.of(number));
        }
        return value.toString().isEmpty() ? "-" : value.toString();
    }

    static String of(AmfValue value) {
        if (value instanceof AmfValue.Null) {
            return "null";
        }
        if (value instanceof AmfValue.Undefined) {
            return "undefined";
        }
        if (value.number().isPresent()) {
            double number = value.number().get();
            return number == (long) number ? Long.toString((long) number) : Double.toString(number);
        }
        if (value instanceof AmfValue.Array array) {
            return array.items().stream().map(Words::of).collect(Collectors.joining(",", "[", "]"));
        }
        Map<String, AmfValue> members = value.members();
        if (members.containsKey("code")) {
            return of(members.get("code"));
        }
        return value.string()
                .map(s -> s.isEmpty() ? "\"\"" : s)
                .or(() -> value.bool().map(String::valueOf))
                .orElseGet(() -> members.entrySet().stream()
                        .map(e -> e.getKey() + "=" + of(e.getValue()))
                        .collect(Collectors.joining(",", "{", "}")));
    }

    private static String hex(Buffer bytes) {
        return bytes.length() == 0 ? "-" : HexFormat.of().formatHex(bytes.getBytes());
    }

    /** The few AMF0 types that the tables use, written and read apart from the code under test. */
    private static void amf0(AmfValue value, ByteWriter out) {
        if (value.number().isPresent()) {
            out.u8(0).f64(value.number().get());
        } else if (value.bool().isPresent()) {
            out.u8(1).u8(value.bool().get() ? 1 : 0);
        } else if (value.string().isPresent()) {
            byte[] text = value.string().get().getBytes(java.nio.charset.StandardCharsets.UTF_8);
            out.u8(2).u16(text.length).bytes(text);
        } else {
            out.u8(5);
        }
    }

    private static String data(Buffer payload) {
        ByteReader in = new ByteReader(payload);
        List<String> words = new ArrayList<>();
        while (in.hasRemaining()) {
            switch (in.u8()) {
                case 0 -> words.add(of(AmfValue.of(in.f64())));
                case 1 -> words.add(String.valueOf(in.u8() != 0));
                case 2 -> words.add(in.utf8(in.u16()));
                case 5 -> words.add("null");
                default -> throw new AssertionError("not in the tables: " + hex(payload));
            }
        }
        return String.join(" ", words);
    }
}
