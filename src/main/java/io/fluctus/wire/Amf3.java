package io.fluctus.wire;

import io.fluctus.wire.AmfGraph.Draft;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/** AMF3 (Adobe "AMF 3", January 2013): bytes to {@link AmfValue} and back. A class name is data, never a class. */
public final class Amf3 {
    // 3.1 markers
    static final int UNDEFINED = 0x00;
    static final int NULL = 0x01;
    static final int FALSE = 0x02;
    static final int TRUE = 0x03;
    static final int INTEGER = 0x04;
    static final int DOUBLE = 0x05;
    static final int STRING = 0x06;
    static final int XML_DOCUMENT = 0x07;
    static final int DATE = 0x08;
    static final int ARRAY = 0x09;
    static final int OBJECT = 0x0A;
    static final int XML = 0x0B;
    static final int BYTE_ARRAY = 0x0C;
    static final int VECTOR_INT = 0x0D;
    static final int VECTOR_UINT = 0x0E;
    static final int VECTOR_DOUBLE = 0x0F;
    static final int VECTOR_OBJECT = 0x10;
    static final int DICTIONARY = 0x11;

    /** 3.6: the range of the integer type; the text's table of U29 prints a wrong maximum. */
    private static final int MIN_INTEGER = -(1 << 28);

    private static final int MAX_INTEGER = (1 << 28) - 1;

    /** Externalizable classes (3.12) whose bytes are one nested value, with the member it is kept under here. */
    private static final Map<String, String> EXTERNALS = Map.of(
            "flex.messaging.io.ArrayCollection", "source",
            "flex.messaging.io.ObjectProxy", "object");

    private Amf3() {}

    /** Reads one value with tables of its own. */
    public static AmfValue decode(ByteReader in) {
        AmfGraph graph = new AmfGraph();
        return graph.build(new Reader(in, graph).value());
    }

    /** Writes one value with tables of its own. */
    public static void encode(AmfValue value, ByteWriter out) {
        new Writer(out).write(value);
    }

    /** Whether {@code object} travels as an externalizable object of AMF3. */
    static boolean isExternal(AmfValue.Obj object) {
        String member = EXTERNALS.get(object.className());
        return member != null
                && object.members().size() == 1
                && object.members().containsKey(member);
    }

    /** 3.12: what the objects of one class have in common. */
    private record Traits(String className, boolean dynamic, boolean external, List<String> names) {}

    /** The reading side's tables, which live for one message (4.1). */
    static final class Reader {
        private final ByteReader in;
        private final AmfGraph graph;
        private final List<String> strings = new ArrayList<>();
        private final List<Draft> objects = new ArrayList<>();
        private final List<Traits> traits = new ArrayList<>();

        Reader(ByteReader in, AmfGraph graph) {
            this.in = in;
            this.graph = graph;
        }

        Draft value() {
            graph.value();
            int marker = in.u8();
            switch (marker) {
                case UNDEFINED:
                    return graph.leaf(AmfValue.UNDEFINED, 0);
                case NULL:
                    return graph.leaf(AmfValue.NULL, 0);
                case FALSE:
                case TRUE:
                    return graph.leaf(AmfValue.of(marker == TRUE), 0);
                case INTEGER:
                    // The only U29 with a sign: bit 28.
                    return graph.leaf(new AmfValue.Int(u29() << 3 >> 3), 0);
                case DOUBLE:
                    return graph.leaf(AmfValue.of(in.f64()), 0);
                case STRING:
                    String text = string();
                    return graph.leaf(AmfValue.of(text), text.length());
                default:
                    return complex(marker);
            }
        }

        /** The types that share the table of objects: a header whose low bit is 0 is an index into it. */
        private Draft complex(int marker) {
            if (marker > DICTIONARY) {
                throw new ProtocolException("AMF3 marker " + marker + " is unknown");
            }
            int header = u29();
            if ((header & 1) == 0) {
                return entry(objects, header >> 1);
            }
            int rest = header >> 1;
            switch (marker) {
                case DATE:
                    return remember(graph.leaf(new AmfValue.Date(in.f64()), 0));
                case XML_DOCUMENT:
                case XML:
                    return remember(graph.leaf(new AmfValue.Xml(in.utf8(rest), marker == XML_DOCUMENT), rest));
                case BYTE_ARRAY:
                    return remember(graph.leaf(new AmfValue.Bytes(in.bytes(rest).copy()), rest));
                case ARRAY:
                    return array(rest);
                case OBJECT:
                    return object(rest);
                case DICTIONARY:
                    return dictionary(rest);
                default:
                    return vector(marker, rest);
            }
        }

        private Draft array(int count) {
            atLeast(count, 1);
            Draft array = begin("", AmfValue.Array::new);
            members(array);
            for (int i = 0; i < count; i++) {
                array.add(value());
            }
            return end(array);
        }

        /** Name and value until the empty name: the named part of an array, the dynamic part of an object. */
        private void members(Draft container) {
            for (String name = name(); !name.isEmpty(); name = name()) {
                container.put(name, value());
            }
        }

        private Draft object(int header) {
            Traits type = (header & 1) == 0 ? entry(traits, header >> 1) : traits(header >> 1);
            Draft object = begin(type.className, (items, named) -> new AmfValue.Obj(type.className, named));
            if (type.external) {
                String member = EXTERNALS.get(type.className);
                if (member == null) {
                    // Its length stands nowhere, so what follows cannot be read either.
                    throw new ProtocolException("AMF3 externalizable object is of a class nobody here can read");
                }
                object.put(member, value());
                return end(object);
            }
            for (String name : type.names) {
                object.put(name, value());
            }
            if (type.dynamic) {
                members(object);
            }
            return end(object);
        }

        private Traits traits(int header) {
            boolean external = (header & 1) != 0;
            boolean dynamic = (header & 2) != 0;
            int count = external ? 0 : header >> 2;
            if (count > AmfGraph.MAX_NODES) {
                throw new ProtocolException("AMF3 traits have more than " + AmfGraph.MAX_NODES + " members");
            }
            atLeast(count, 1);
            String className = name();
            List<String> names = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                names.add(name());
            }
            Traits type = new Traits(className, dynamic, external, names);
            traits.add(type);
            return type;
        }

        private Draft dictionary(int count) {
            atLeast(count, 2);
            boolean weakKeys = in.u8() != 0;
            Draft dictionary = begin("", (items, named) -> new AmfValue.Dictionary(weakKeys, pairs(items)));
            for (int i = 0; i < count; i++) {
                dictionary.add(value());
                dictionary.add(value());
            }
            return end(dictionary);
        }

        private static List<AmfValue.Dictionary.Entry> pairs(List<AmfValue> items) {
            List<AmfValue.Dictionary.Entry> pairs = new ArrayList<>(items.size() / 2);
            for (int i = 0; i < items.size(); i += 2) {
                pairs.add(new AmfValue.Dictionary.Entry(items.get(i), items.get(i + 1)));
            }
            return pairs;
        }

        private Draft vector(int marker, int count) {
            atLeast(count, marker == VECTOR_OBJECT ? 1 : marker == VECTOR_DOUBLE ? 8 : 4);
            boolean fixed = in.u8() != 0;
            String className = marker == VECTOR_OBJECT ? name() : "";
            AmfValue.Vector.Kind kind = AmfValue.Vector.Kind.values()[marker - VECTOR_INT];
            Draft vector = begin(className, (items, named) -> new AmfValue.Vector(kind, fixed, className, items));
            for (int i = 0; i < count; i++) {
                vector.add(marker == VECTOR_OBJECT ? value() : number(marker));
            }
            return end(vector);
        }

        private Draft number(int marker) {
            graph.value();
            double number = marker == VECTOR_INT ? in.i32() : marker == VECTOR_UINT ? in.u32() : in.f64();
            return graph.leaf(AmfValue.of(number), 0);
        }

        /** A container takes its index before its children are read. */
        private Draft begin(String className, AmfGraph.Finish finish) {
            return remember(graph.open(className, finish));
        }

        private Draft end(Draft container) {
            graph.close();
            return container;
        }

        private Draft remember(Draft draft) {
            objects.add(draft);
            return draft;
        }

        private String name() {
            String name = string();
            if (name.length() > AmfGraph.MAX_NAME / 3
                    && name.getBytes(StandardCharsets.UTF_8).length > AmfGraph.MAX_NAME) {
                throw new ProtocolException("AMF3 name is longer than " + AmfGraph.MAX_NAME + " bytes");
            }
            return name;
        }

        /** 1.3.2: by index, or inline and then remembered; the empty string is never in the table. */
        private String string() {
            int header = u29();
            if ((header & 1) == 0) {
                return entry(strings, header >> 1);
            }
            String text = in.utf8(header >> 1);
            if (!text.isEmpty()) {
                strings.add(text);
            }
            return text;
        }

        /** 1.3.1: three bytes of 7 bits with a continuation bit, then one of 8. */
        private int u29() {
            int value = 0;
            for (int i = 0; i < 3; i++) {
                int next = in.u8();
                value = value << 7 | next & 0x7F;
                if (next < 0x80) {
                    return value;
                }
            }
            return value << 8 | in.u8();
        }

        private static <T> T entry(List<T> table, int index) {
            if (index >= table.size()) {
                throw new ProtocolException("AMF3 reference " + index + " where " + table.size() + " are known");
            }
            return table.get(index);
        }

        private void atLeast(int count, int bytesEach) {
            if (count > in.remaining() / bytesEach) {
                throw new ProtocolException(
                        "AMF3 announces " + count + " items where " + in.remaining() + " bytes are left");
            }
        }
    }

    /** The writing side's tables, which live for one message. */
    static final class Writer {
        private static final int NOWHERE = Integer.MAX_VALUE;

        private final ByteWriter out;
        private final Map<String, Integer> strings = new HashMap<>();
        private final Map<Traits, Integer> traits = new HashMap<>();
        private final Map<AmfValue, Integer> objects = new IdentityHashMap<>();
        private final int[] pathIndex = new int[AmfGraph.MAX_DEPTH];
        private final int[] pathMarker = new int[AmfGraph.MAX_DEPTH];
        private int depth;
        private int count;
        private int lowestTarget = NOWHERE;

        Writer(ByteWriter out) {
            this.out = out;
        }

        void write(AmfValue value) {
            if (value instanceof AmfValue.Undefined) {
                out.u8(UNDEFINED);
            } else if (value instanceof AmfValue.Null) {
                out.u8(NULL);
            } else if (value instanceof AmfValue.Bool b) {
                out.u8(b.value() ? TRUE : FALSE);
            } else if (value instanceof AmfValue.Int i) {
                integer(i.value());
            } else if (value instanceof AmfValue.Num n) {
                out.u8(DOUBLE).f64(n.value());
            } else if (value instanceof AmfValue.Str s) {
                out.u8(STRING);
                string(s.value());
            } else if (value instanceof AmfValue.Cycle c) {
                cycle(c.up());
            } else {
                complex(value);
            }
        }

        private void integer(int value) {
            if (value < MIN_INTEGER || value > MAX_INTEGER) {
                out.u8(DOUBLE).f64(value);
            } else {
                out.u8(INTEGER);
                u29(value & 0x1FFFFFFF);
            }
        }

        /** A value taken out of its container may point above itself: nothing stands there any more. */
        private void cycle(int up) {
            int target = depth - up;
            if (up < 1 || target < 0) {
                out.u8(UNDEFINED);
                return;
            }
            out.u8(pathMarker[target]);
            u29(pathIndex[target] << 1);
            lowestTarget = Math.min(lowestTarget, target);
        }

        private void complex(AmfValue value) {
            int marker = marker(value);
            out.u8(marker);
            Integer known = objects.get(value);
            if (known != null) {
                u29(known << 1);
                return;
            }
            int index = count++;
            if (value instanceof AmfValue.Date || value instanceof AmfValue.Bytes || value instanceof AmfValue.Xml) {
                objects.put(value, index);
                body(value);
                return;
            }
            if (depth == AmfGraph.MAX_DEPTH) {
                throw AmfGraph.tooDeep();
            }
            int outerTarget = lowestTarget;
            lowestTarget = NOWHERE;
            pathMarker[depth] = marker;
            pathIndex[depth++] = index;
            body(value);
            depth--;
            if (lowestTarget >= depth) {
                objects.put(value, index);
            }
            lowestTarget = Math.min(lowestTarget, outerTarget);
        }

        private static int marker(AmfValue value) {
            if (value instanceof AmfValue.Obj) {
                return OBJECT;
            }
            if (value instanceof AmfValue.Vector v) {
                return VECTOR_INT + v.kind().ordinal();
            }
            if (value instanceof AmfValue.Dictionary) {
                return DICTIONARY;
            }
            if (value instanceof AmfValue.Date) {
                return DATE;
            }
            if (value instanceof AmfValue.Bytes) {
                return BYTE_ARRAY;
            }
            return value instanceof AmfValue.Xml x ? x.document() ? XML_DOCUMENT : XML : ARRAY;
        }

        private void body(AmfValue value) {
            if (value instanceof AmfValue.Obj o) {
                object(o);
            } else if (value instanceof AmfValue.Array a) {
                array(a.items(), a.named());
            } else if (value instanceof AmfValue.Ecma e) {
                array(List.of(), e.members());
            } else if (value instanceof AmfValue.Vector v) {
                vector(v);
            } else if (value instanceof AmfValue.Dictionary d) {
                dictionary(d);
            } else if (value instanceof AmfValue.Date d) {
                header(0);
                out.f64(d.millis());
            } else if (value instanceof AmfValue.Bytes b) {
                header(b.bytes().length());
                out.bytes(b.bytes());
            } else if (value instanceof AmfValue.Xml x) {
                text(x.text());
            }
        }

        private void array(List<AmfValue> items, Map<String, AmfValue> named) {
            header(items.size());
            members(named);
            items.forEach(this::write);
        }

        /** The empty name ends the list, so a member of that name cannot be said here. */
        private void members(Map<String, AmfValue> members) {
            for (Map.Entry<String, AmfValue> member : members.entrySet()) {
                if (!member.getKey().isEmpty()) {
                    string(member.getKey());
                    write(member.getValue());
                }
            }
            string("");
        }

        /** A plain object is dynamic; a typed one has sealed members, and so has one with a member of the empty name. */
        private void object(AmfValue.Obj object) {
            boolean external = isExternal(object);
            boolean dynamic = object.className().isEmpty() && !object.members().containsKey("");
            List<String> names = external || dynamic
                    ? List.of()
                    : List.copyOf(object.members().keySet());
            traits(new Traits(object.className(), dynamic, external, names));
            if (dynamic) {
                members(object.members());
            } else {
                object.members().values().forEach(this::write);
            }
        }

        private void traits(Traits type) {
            Integer known = traits.putIfAbsent(type, traits.size());
            if (known != null) {
                u29(known << 2 | 1);
                return;
            }
            u29(type.names.size() << 4 | (type.dynamic ? 8 : 0) | (type.external ? 4 : 0) | 3);
            string(type.className);
            type.names.forEach(this::string);
        }

        private void vector(AmfValue.Vector vector) {
            header(vector.items().size());
            out.u8(vector.fixed() ? 1 : 0);
            switch (vector.kind()) {
                case INT, UINT ->
                    vector.items()
                            .forEach(item -> out.u32(item.number().orElse(0.0).longValue()));
                case NUMBER ->
                    vector.items().forEach(item -> out.f64(item.number().orElse(Double.NaN)));
                case OBJECT -> {
                    string(vector.className());
                    vector.items().forEach(this::write);
                }
            }
        }

        private void dictionary(AmfValue.Dictionary dictionary) {
            header(dictionary.entries().size());
            out.u8(dictionary.weakKeys() ? 1 : 0);
            for (AmfValue.Dictionary.Entry entry : dictionary.entries()) {
                write(entry.key());
                write(entry.value());
            }
        }

        private void string(String text) {
            Integer known = text.isEmpty() ? null : strings.putIfAbsent(text, strings.size());
            if (known != null) {
                u29(known << 1);
            } else {
                text(text);
            }
        }

        private void text(String text) {
            byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
            header(utf8.length);
            out.bytes(utf8);
        }

        private void header(int value) {
            u29(value << 1 | 1);
        }

        private void u29(int value) {
            if (value > 0x1FFFFF) {
                out.u8(value >> 22 | 0x80).u8(value >> 15 | 0x80).u8(value >> 8 | 0x80);
                out.u8(value);
                return;
            }
            if (value > 0x3FFF) {
                out.u8(value >> 14 | 0x80);
            }
            if (value > 0x7F) {
                out.u8(value >> 7 | 0x80);
            }
            out.u8(value & 0x7F);
        }
    }
}
