package io.fluctus.wire;

import io.fluctus.wire.AmfGraph.Draft;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** AMF0 (Adobe "AMF 0", December 2007): bytes to {@link AmfValue} and back; a class name is data, never a class. */
public final class Amf0 {
    // 2.1 markers
    static final int NUMBER = 0x00;
    static final int BOOLEAN = 0x01;
    static final int STRING = 0x02;
    static final int OBJECT = 0x03;
    static final int MOVIECLIP = 0x04;
    static final int NULL = 0x05;
    static final int UNDEFINED = 0x06;
    static final int REFERENCE = 0x07;
    static final int ECMA_ARRAY = 0x08;
    static final int OBJECT_END = 0x09;
    static final int STRICT_ARRAY = 0x0A;
    static final int DATE = 0x0B;
    static final int LONG_STRING = 0x0C;
    static final int UNSUPPORTED = 0x0D;
    static final int RECORDSET = 0x0E;
    static final int XML_DOCUMENT = 0x0F;
    static final int TYPED_OBJECT = 0x10;
    static final int AVMPLUS_OBJECT = 0x11;

    private static final int MAX_U16 = 0xFFFF;

    private Amf0() {}

    /** Reads one value with tables of its own. */
    public static AmfValue decode(ByteReader in) {
        return new Reader(in).next();
    }

    /** Reads the values of one message: they share their tables of references, also those of the AMF3 values among them. */
    public static List<AmfValue> decodeAll(ByteReader in) {
        Reader reader = new Reader(in);
        List<AmfValue> values = new ArrayList<>();
        while (in.hasRemaining()) {
            values.add(reader.next());
        }
        return values;
    }

    /** As {@link #decodeAll}, for data messages: what stands before the first value that cannot be read is kept. */
    public static List<AmfValue> decodeReadable(ByteReader in) {
        Reader reader = new Reader(in);
        List<AmfValue> values = new ArrayList<>();
        try {
            while (in.hasRemaining()) {
                values.add(reader.next());
            }
        } catch (ProtocolException e) {
            return values;
        }
        return values;
    }

    /**
     * Writes one value with a table of its own. What AMF0 cannot say is written as the nearest thing it can: a vector as a strict
     * array, a dictionary as an object of those keys that are strings or numbers, an array with both parts as an ECMA array, an
     * integer as a number, and a byte array not at all (undefined where something must stand).
     */
    public static void encode(AmfValue value, ByteWriter out) {
        new Writer(out).write(value);
    }

    /**
     * Writes the values of one message, so that a cycle refers to the right entry of their common table. With
     * {@code objectEncoding} 0 (types 20 and 18) as {@link #encode}; with 3 (types 17 and 15, without their format byte) a value
     * that AMF0 cannot say exactly is written as AMF3 behind the marker 0x11.
     */
    public static void encodeAll(List<AmfValue> values, int objectEncoding, ByteWriter out) {
        Writer amf0 = new Writer(out);
        Amf3.Writer amf3 = new Amf3.Writer(out);
        for (AmfValue value : values) {
            if (objectEncoding == 0 || saysExactly(value, 0)) {
                amf0.write(value);
            } else {
                out.u8(AVMPLUS_OBJECT);
                amf3.write(value);
            }
        }
    }

    /** The payload of a data message (without format byte) rewritten for viewers that read AMF0 alone. */
    public static Buffer downgrade(Buffer payload) {
        ByteWriter out = new ByteWriter();
        encodeAll(decodeReadable(new ByteReader(payload)), 0, out);
        return out.buffer();
    }

    /** Whether AMF0 can say {@code value} so that it reads back as the same thing; too deep a value is left to the writer. */
    private static boolean saysExactly(AmfValue value, int depth) {
        if (value instanceof AmfValue.Bytes
                || value instanceof AmfValue.Vector
                || value instanceof AmfValue.Dictionary
                || value instanceof AmfValue.Xml x && !x.document()
                || value instanceof AmfValue.Obj o && Amf3.isExternal(o)
                || value instanceof AmfValue.Array both
                        && !both.items().isEmpty()
                        && !both.named().isEmpty()) {
            return false;
        }
        if (depth > AmfGraph.MAX_DEPTH) {
            return true;
        }
        List<AmfValue> items = value instanceof AmfValue.Array array ? array.items() : List.of();
        return items.stream().allMatch(item -> saysExactly(item, depth + 1))
                && value.members().values().stream().allMatch(member -> saysExactly(member, depth + 1));
    }

    private static final class Reader {
        private final ByteReader in;
        private final AmfGraph graph = new AmfGraph();
        private final List<Draft> table = new ArrayList<>();
        private final Amf3.Reader amf3;

        private Reader(ByteReader in) {
            this.in = in;
            this.amf3 = new Amf3.Reader(in, graph);
        }

        private AmfValue next() {
            return graph.build(value());
        }

        private Draft value() {
            graph.value();
            int marker = in.u8();
            switch (marker) {
                case NUMBER:
                    return graph.leaf(AmfValue.of(in.f64()), 0);
                case BOOLEAN:
                    return graph.leaf(AmfValue.of(in.u8() != 0), 0);
                case STRING:
                    return text(in.u16());
                case LONG_STRING:
                    return text(length());
                case XML_DOCUMENT:
                    int length = length();
                    return graph.leaf(new AmfValue.Xml(in.utf8(length), true), length);
                case NULL:
                    return graph.leaf(AmfValue.NULL, 0);
                case UNDEFINED:
                case UNSUPPORTED:
                    return graph.leaf(AmfValue.UNDEFINED, 0);
                case DATE:
                    return date();
                case REFERENCE:
                    return reference(in.u16());
                case AVMPLUS_OBJECT:
                    return amf3.value();
                default:
                    return container(marker);
            }
        }

        private Draft container(int marker) {
            switch (marker) {
                case OBJECT:
                    return members(begin("", (items, named) -> AmfValue.Obj.of(named)), false);
                case TYPED_OBJECT:
                    String className = in.utf8(in.u16());
                    return members(begin(className, (items, named) -> new AmfValue.Obj(className, named)), false);
                case ECMA_ARRAY:
                    in.skip(4); // 2.10: the count is a hint, and senders lie
                    return members(begin("", (items, named) -> new AmfValue.Ecma(named)), true);
                case STRICT_ARRAY:
                    return strictArray();
                case MOVIECLIP:
                case RECORDSET:
                    throw new ProtocolException("AMF0 marker " + marker + " is reserved");
                default:
                    throw new ProtocolException("AMF0 marker " + marker + " does not begin a value");
            }
        }

        private Draft text(int length) {
            return graph.leaf(AmfValue.of(in.utf8(length)), length);
        }

        private int length() {
            long length = in.u32();
            if (length > in.remaining()) {
                throw new ProtocolException(
                        "AMF0 announces " + length + " bytes where " + in.remaining() + " are left");
            }
            return (int) length;
        }

        /** 2.13: the time zone is reserved and means nothing. */
        private Draft date() {
            Draft date = graph.leaf(new AmfValue.Date(in.f64()), 0);
            in.i16();
            return date;
        }

        private Draft reference(int index) {
            if (index >= table.size()) {
                throw new ProtocolException("AMF0 reference " + index + " where " + table.size() + " are known");
            }
            return table.get(index);
        }

        /** 2.5: an empty name ends the members only together with the end marker; some senders forget both after an ECMA array. */
        private Draft members(Draft container, boolean mayEndWithMessage) {
            while (in.hasRemaining() || !mayEndWithMessage) {
                String name = in.utf8(in.u16());
                if (name.isEmpty() && (mayEndWithMessage && !in.hasRemaining() || in.peek() == OBJECT_END)) {
                    in.skip(Math.min(1, in.remaining()));
                    break;
                }
                container.put(name, value());
            }
            graph.close();
            return container;
        }

        private Draft strictArray() {
            long count = in.u32();
            if (count > in.remaining()) {
                throw new ProtocolException(
                        "AMF0 announces " + count + " items where " + in.remaining() + " bytes are left");
            }
            Draft array = begin("", AmfValue.Array::new);
            for (long i = 0; i < count; i++) {
                array.add(value());
            }
            graph.close();
            return array;
        }

        /** 2.9: objects and arrays enter the table of references, and do so before their children. */
        private Draft begin(String className, AmfGraph.Finish finish) {
            Draft container = graph.open(className, finish);
            table.add(container);
            return container;
        }
    }

    private static final class Writer {
        private final ByteWriter out;
        private final int[] path = new int[AmfGraph.MAX_DEPTH];
        private int depth;
        private int count;

        private Writer(ByteWriter out) {
            this.out = out;
        }

        private void write(AmfValue value) {
            if (value instanceof AmfValue.Null) {
                out.u8(NULL);
            } else if (value instanceof AmfValue.Bool b) {
                out.u8(BOOLEAN).u8(b.value() ? 1 : 0);
            } else if (value instanceof AmfValue.Int i) {
                out.u8(NUMBER).f64(i.value());
            } else if (value instanceof AmfValue.Num n) {
                out.u8(NUMBER).f64(n.value());
            } else if (value instanceof AmfValue.Str s) {
                string(s.value());
            } else if (value instanceof AmfValue.Date d) {
                out.u8(DATE).f64(d.millis()).u16(0);
            } else if (value instanceof AmfValue.Xml x) {
                longText(XML_DOCUMENT, utf8(x.text()));
            } else if (value instanceof AmfValue.Cycle c) {
                cycle(c.up());
            } else if (value instanceof AmfValue.Undefined || value instanceof AmfValue.Bytes) {
                out.u8(UNDEFINED);
            } else {
                container(value);
            }
        }

        private void container(AmfValue value) {
            if (depth == AmfGraph.MAX_DEPTH) {
                throw AmfGraph.tooDeep();
            }
            path[depth++] = count++;
            if (value instanceof AmfValue.Obj o) {
                object(o);
            } else if (value instanceof AmfValue.Ecma e) {
                ecma(List.of(), e.members());
            } else if (value instanceof AmfValue.Vector v) {
                strict(v.items());
            } else if (value instanceof AmfValue.Dictionary d) {
                dictionary(d);
            } else if (value instanceof AmfValue.Array a) {
                if (a.named().isEmpty()) {
                    strict(a.items());
                } else {
                    ecma(a.items(), a.named());
                }
            }
            depth--;
        }

        private void object(AmfValue.Obj object) {
            if (object.className().isEmpty()) {
                out.u8(OBJECT);
            } else {
                out.u8(TYPED_OBJECT);
                name(object.className());
            }
            object.members().forEach(this::member);
            end();
        }

        /** What the dense part of AMF3's array becomes under the names of its indexes. */
        private void ecma(List<AmfValue> items, Map<String, AmfValue> members) {
            out.u8(ECMA_ARRAY).u32(items.size() + members.size());
            for (int i = 0; i < items.size(); i++) {
                member(Integer.toString(i), items.get(i));
            }
            members.forEach(this::member);
            end();
        }

        private void strict(List<AmfValue> items) {
            out.u8(STRICT_ARRAY).u32(items.size());
            items.forEach(this::write);
        }

        private void dictionary(AmfValue.Dictionary dictionary) {
            out.u8(OBJECT);
            for (AmfValue.Dictionary.Entry entry : dictionary.entries()) {
                entry.keyText().ifPresent(key -> member(key, entry.value()));
            }
            end();
        }

        private void member(String name, AmfValue value) {
            if (!(value instanceof AmfValue.Bytes)) {
                name(name);
                write(value);
            }
        }

        private void end() {
            out.u16(0).u8(OBJECT_END);
        }

        /** A reference; where the container it means was left behind or stands beyond the table's 65,536 entries, nothing. */
        private void cycle(int up) {
            int target = depth - up;
            if (up < 1 || target < 0 || path[target] > MAX_U16) {
                out.u8(UNDEFINED);
            } else {
                out.u8(REFERENCE).u16(path[target]);
            }
        }

        private void string(String text) {
            byte[] utf8 = utf8(text);
            if (utf8.length > MAX_U16) {
                longText(LONG_STRING, utf8);
            } else {
                out.u8(STRING).u16(utf8.length).bytes(utf8);
            }
        }

        private void longText(int marker, byte[] utf8) {
            out.u8(marker).u32(utf8.length).bytes(utf8);
        }

        private void name(String name) {
            byte[] utf8 = utf8(name);
            if (utf8.length > AmfGraph.MAX_NAME) {
                throw new ProtocolException("AMF0 name is longer than " + AmfGraph.MAX_NAME + " bytes");
            }
            out.u16(utf8.length).bytes(utf8);
        }

        private static byte[] utf8(String text) {
            return text.getBytes(StandardCharsets.UTF_8);
        }
    }
}
