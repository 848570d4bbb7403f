package io.fluctus.script;

import io.fluctus.wire.AmfValue;
import io.vertx.core.Future;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Function;

/**
 * One object of the model that scripts see, such as a client or a stream: its members are written here in Java, once, and every
 * language shows them in its own way. What a script adds to it stays in the language.
 */
final class Thing {
    private static final Kind<NavigableMap<String, Thing>> COLLECTION =
            new Kind<NavigableMap<String, Thing>>("collection").items(items -> items);

    private static final int RAW_ID = 32;

    private final Bound<?> bound;
    private Optional<Object> face = Optional.empty();

    private record Bound<T>(Kind<T> kind, T target) {
        private Given get(String name) {
            Function<T, Given> property = kind.properties.get(name);
            return property == null ? kind.others.apply(target, name) : property.apply(target);
        }

        private Given call(int method, Arguments arguments) {
            return kind.methods.get(method).call(target, arguments);
        }

        private void set(String name, AmfValue value) {
            kind.writers.get(name).write(target, value);
        }

        private NavigableMap<String, Thing> items() {
            return kind.items.orElseThrow().apply(target);
        }
    }

    private <T> Thing(Kind<T> kind, T target) {
        this.bound = new Bound<>(kind, target);
    }

    static <T> Thing of(Kind<T> kind, T target) {
        return new Thing(kind, target);
    }

    /** A live view of {@code items}. */
    static Thing collection(NavigableMap<String, Thing> items) {
        return of(COLLECTION, items);
    }

    Kind<?> kind() {
        return bound.kind;
    }

    /** What stands for it in the language: the language's own business. */
    Optional<Object> face() {
        return face;
    }

    void face(Object face) {
        this.face = Optional.of(face);
    }

    /** What is behind it, if it is of this class. */
    <T> Optional<T> as(Class<T> type) {
        return type.isInstance(bound.target) ? Optional.of(type.cast(bound.target)) : Optional.empty();
    }

    Given get(String name) {
        return bound.get(name);
    }

    /** Sets one of {@link Kind#writable}. */
    void set(String name, AmfValue value) {
        bound.set(name, value);
    }

    /** Calls a method by its place in {@link Kind#methodNames}. Throws ProtocolException for wrong arguments. */
    Given call(int method, Arguments arguments) {
        return bound.call(method, arguments);
    }

    /** Of a collection: its items in the order of their keys, live. */
    NavigableMap<String, Thing> items() {
        return bound.items();
    }

    /** Of a collection: the item of this key, which may be the 32 bytes that its hexadecimal key says. */
    Optional<Thing> item(byte[] key) {
        Thing found = items().get(new String(key, StandardCharsets.UTF_8));
        return found == null && key.length == RAW_ID
                ? Optional.ofNullable(items().get(HexFormat.of().formatHex(key)))
                : Optional.ofNullable(found);
    }

    // -- what goes to scripts and comes from them

    /** What the model hands to a script. */
    sealed interface Given {
        Given NOTHING = new Plain(AmfValue.NULL);

        record Plain(AmfValue value) implements Given {}

        /** Bytes, in languages that have them. */
        record Binary(byte[] bytes) implements Given {}

        record Entity(Thing thing) implements Given {}

        /** Several results of a function. */
        record Several(List<Given> values) implements Given {}

        /** A result that comes later: the value, or the reason why there is none. Completes on any thread. */
        record Later(Future<AmfValue> answer) implements Given {}

        static Given of(String text) {
            return new Plain(AmfValue.of(text));
        }

        static Given of(double number) {
            return new Plain(AmfValue.of(number));
        }

        static Given of(boolean flag) {
            return new Plain(AmfValue.of(flag));
        }

        static Given of(Thing thing) {
            return new Entity(thing);
        }

        static Given of(Optional<Thing> thing) {
            return thing.<Given>map(Entity::new).orElse(NOTHING);
        }

        static List<Given> all(List<AmfValue> values) {
            List<Given> all = new ArrayList<>(values.size());
            values.forEach(value -> all.add(new Plain(value)));
            return all;
        }
    }

    /** What a script hands to a function, from 0; what is not there is null. Throws ProtocolException for what is no value. */
    interface Arguments {
        int count();

        AmfValue value(int index);

        /** Text of a string or number; empty text for what is not there. */
        String text(int index);

        /** The bytes of a string, or of a byte array. */
        byte[] bytes(int index);

        boolean isFunction(int index);

        /** Whether it is bytes: in Lua, every string. */
        boolean isBytes(int index);

        /** To be closed when it will not be called any more. */
        Optional<Callback> function(int index);

        Optional<Thing> thing(int index);

        /** Whether the script can wait here for a {@link Given.Later}. */
        boolean canWait();

        default double number(int index, double otherwise) {
            return value(index).number().orElse(otherwise);
        }

        /** The values from {@code first} on, without a function that ends them. */
        default List<AmfValue> from(int first) {
            int end = count() > first && isFunction(count() - 1) ? count() - 1 : count();
            List<AmfValue> values = new ArrayList<>(Math.max(0, end - first));
            for (int i = first; i < end; i++) {
                values.add(value(i));
            }
            return values;
        }

        /** The function that ends the arguments, for an answer that comes later. */
        default Optional<Callback> last() {
            return count() == 0 ? Optional.empty() : function(count() - 1);
        }
    }

    /** A function of a script that was handed over; on the tree's thread only. */
    interface Callback {
        void call(List<Given> arguments, Result.Outcome outcome);

        /** It will not be called any more. */
        void close();
    }

    // -- what it has

    /** A function of the model. */
    interface Method<T> {
        Given call(T target, Arguments arguments);
    }

    /** Takes what a script assigns. */
    interface Writer<T> {
        void write(T target, AmfValue value);
    }

    /** What all things of one kind have; made once. */
    static final class Kind<T> {
        private final String name;
        private final Map<String, Function<T, Given>> properties = new LinkedHashMap<>();
        private final Set<String> parts = new LinkedHashSet<>();
        private final Map<String, Writer<T>> writers = new LinkedHashMap<>();
        private final List<String> methodNames = new ArrayList<>();
        private final List<Method<T>> methods = new ArrayList<>();
        private Optional<Function<T, NavigableMap<String, Thing>>> items = Optional.empty();
        private BiFunction<T, String, Given> others = (target, other) -> Given.NOTHING;
        private boolean open;

        Kind(String name) {
            this.name = name;
        }

        Kind<T> property(String called, Function<T, Given> reader) {
            properties.put(called, reader);
            return this;
        }

        /** A property that is the same object for ever. */
        Kind<T> part(String called, Function<T, Thing> reader) {
            parts.add(called);
            return property(called, target -> Given.of(reader.apply(target)));
        }

        Kind<T> property(String called, Function<T, Given> reader, Writer<T> writer) {
            writers.put(called, writer);
            return property(called, reader);
        }

        Kind<T> method(String called, Method<T> method) {
            methodNames.add(called);
            methods.add(method);
            return this;
        }

        Kind<T> items(Function<T, NavigableMap<String, Thing>> reader) {
            items = Optional.of(reader);
            return property("count", target -> Given.of(reader.apply(target).size()));
        }

        /** Properties whose names are known at run time only. */
        Kind<T> others(BiFunction<T, String, Given> reader) {
            others = reader;
            open = true;
            return this;
        }

        String name() {
            return name;
        }

        Set<String> properties() {
            return properties.keySet();
        }

        Set<String> parts() {
            return parts;
        }

        Set<String> writable() {
            return writers.keySet();
        }

        List<String> methodNames() {
            return methodNames;
        }

        boolean isCollection() {
            return items.isPresent();
        }

        boolean isOpen() {
            return open;
        }
    }
}
