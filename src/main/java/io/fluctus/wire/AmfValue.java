package io.fluctus.wire;

import io.vertx.core.buffer.Buffer;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One immutable value of AMF0 or AMF3 (Adobe "AMF 0" 2.1, "AMF 3" 3.1); {@link Amf0} and {@link Amf3} read and write it.
 * A value that was referred to twice is one shared instance; a value that contains itself holds a {@link Cycle} in that place.
 */
public sealed interface AmfValue {
    Undefined UNDEFINED = new Undefined();
    Null NULL = new Null();

    record Undefined() implements AmfValue {}

    record Null() implements AmfValue {}

    record Bool(boolean value) implements AmfValue {}

    /** A double, the only number of AMF0. */
    record Num(double value) implements AmfValue {}

    /** AMF3's 29-bit integer, -2^28 .. 2^28-1; AMF0 writes it as a number. */
    record Int(int value) implements AmfValue {}

    record Str(String value) implements AmfValue {}

    /** XML kept as text and never parsed; {@code document} tells XMLDocument (AMF0 0x0F, AMF3 0x07) from XML (AMF3 0x0B). */
    record Xml(String text, boolean document) implements AmfValue {}

    /** Milliseconds since 1970 UTC, as sent: NaN and negative values occur. */
    record Date(double millis) implements AmfValue {}

    record Bytes(Buffer bytes) implements AmfValue {}

    /** AMF0's strict array and the dense part of AMF3's array, together with its named part (AMF0's ECMA array has that alone). */
    record Array(List<AmfValue> items, Map<String, AmfValue> named) implements AmfValue {
        public Array {
            items = List.copyOf(items);
            named = ordered(named);
        }

        /** An AMF0 strict array. */
        public static Array of(AmfValue... items) {
            return new Array(List.of(items), Map.of());
        }
    }

    /** AMF0's ECMA array: named values only. AMF3 reads and writes it as an {@link Array} with no dense part. */
    record Ecma(Map<String, AmfValue> members) implements AmfValue {
        public Ecma {
            members = ordered(members);
        }
    }

    /** An object; {@code className} is empty for a plain one. Property order is kept. */
    record Obj(String className, Map<String, AmfValue> members) implements AmfValue {
        public Obj {
            members = ordered(members);
        }

        public static Obj of(Map<String, AmfValue> members) {
            return new Obj("", members);
        }
    }

    /** A typed vector of AMF3: {@code INT} and {@code UINT} hold {@link Num}, as 32 bits unsigned do not fit {@link Int}. */
    record Vector(Kind kind, boolean fixed, String className, List<AmfValue> items) implements AmfValue {
        public enum Kind {
            INT,
            UINT,
            NUMBER,
            OBJECT
        }

        public Vector {
            items = List.copyOf(items);
        }
    }

    /** AMF3's Dictionary: any value may be a key, so it is kept as pairs. */
    record Dictionary(boolean weakKeys, List<Entry> entries) implements AmfValue {
        public record Entry(AmfValue key, AmfValue value) {
            /** The key as a name for formats that have no other: a string, or a number as ECMAScript prints it; else empty. */
            public Optional<String> keyText() {
                return key.string().or(() -> key.number().map(AmfValue::digits));
            }
        }

        public Dictionary {
            entries = List.copyOf(entries);
        }
    }

    /** Stands where a value contains itself: {@code up} containers above this place (1 is the direct parent). */
    record Cycle(int up) implements AmfValue {}

    static AmfValue of(double value) {
        return new Num(value);
    }

    static AmfValue of(boolean value) {
        return new Bool(value);
    }

    static AmfValue of(String value) {
        return new Str(value);
    }

    /** The number in {@link Num} or {@link Int}. */
    default Optional<Double> number() {
        if (this instanceof Num n) {
            return Optional.of(n.value);
        }
        return this instanceof Int i ? Optional.of((double) i.value) : Optional.empty();
    }

    default Optional<String> string() {
        return this instanceof Str s ? Optional.of(s.value) : Optional.empty();
    }

    default Optional<Boolean> bool() {
        return this instanceof Bool b ? Optional.of(b.value) : Optional.empty();
    }

    /** The named members of an object, ECMA array or array; empty for every other value. */
    default Map<String, AmfValue> members() {
        if (this instanceof Obj o) {
            return o.members;
        }
        if (this instanceof Ecma e) {
            return e.members;
        }
        return this instanceof Array a ? a.named : Map.of();
    }

    private static String digits(double number) {
        return number == Math.rint(number) && Math.abs(number) < 1e15
                ? Long.toString((long) number)
                : Double.toString(number);
    }

    private static Map<String, AmfValue> ordered(Map<String, AmfValue> members) {
        return Collections.unmodifiableMap(new LinkedHashMap<>(members));
    }
}
