package io.fluctus.script;

import io.fluctus.script.Thing.Arguments;
import io.fluctus.script.Thing.Callback;
import io.fluctus.script.Thing.Given;
import io.fluctus.script.Thing.Kind;
import io.fluctus.wire.AmfValue;
import io.fluctus.wire.ProtocolException;
import io.vertx.core.Future;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.graalvm.polyglot.Value;
import org.graalvm.polyglot.proxy.ProxyArray;
import org.graalvm.polyglot.proxy.ProxyExecutable;
import org.graalvm.polyglot.proxy.ProxyIterable;
import org.graalvm.polyglot.proxy.ProxyIterator;
import org.graalvm.polyglot.proxy.ProxyObject;

/** The things of the model as JavaScript sees them: objects to which a script may add, and collections for {@code for..of}. */
final class JsFaces {
    /** What a script adds to one thing. */
    static final int MAX_ADDED = 1_000;

    private final JsValues values;
    private final Function<Future<AmfValue>, Object> promise;
    private final Caller caller;

    /** Calls a function that a script handed over. */
    interface Caller {
        void call(Value function, List<Given> arguments, Result.Outcome outcome);
    }

    /** {@code promise} makes one of JavaScript. */
    JsFaces(JsValues values, Function<Future<AmfValue>, Object> promise, Caller caller) {
        this.values = values;
        this.promise = promise;
        this.caller = caller;
    }

    /** What a function of a script is given. */
    Object show(Given given) {
        if (given instanceof Given.Plain plain) {
            return values.show(plain.value());
        }
        if (given instanceof Given.Binary binary) {
            return values.show(binary.bytes());
        }
        if (given instanceof Given.Entity entity) {
            return face(entity.thing());
        }
        if (given instanceof Given.Later later) {
            return promise.apply(later.answer());
        }
        List<Given> several = ((Given.Several) given).values();
        return several.size() == 1
                ? show(several.get(0))
                : ProxyArray.fromList(
                        new ArrayList<>(several.stream().map(this::show).toList()));
    }

    Object[] showAll(List<Given> all) {
        return all.stream().map(this::show).toArray();
    }

    Object face(Thing thing) {
        return thing.face().orElseGet(() -> {
            Object made = thing.kind().isCollection() ? new Collection(thing) : new Face(thing);
            thing.face(made);
            return made;
        });
    }

    /** The function of this name that a script put on the thing. */
    static Optional<Value> function(Thing thing, String name) {
        return thing.face()
                .filter(Face.class::isInstance)
                .map(face -> ((Face) face).added.get(name))
                .filter(Value::canExecute);
    }

    /** Whatever goes wrong in the gateway is an error that a script may catch, and shows it no object of Java. */
    private static Object guarded(java.util.function.Supplier<Object> action) {
        try {
            return action.get();
        } catch (ProtocolException e) {
            throw new IllegalArgumentException(e.getMessage());
        }
    }

    private final class Face implements ProxyObject, JsValues.Shown {
        private final Thing thing;
        private final Kind<?> kind;
        private final Map<String, Value> added = new LinkedHashMap<>(4);
        private final Map<String, Object> fixed =
                new HashMap<>(4); // methods, and properties that are objects of the model

        private Face(Thing thing) {
            this.thing = thing;
            this.kind = thing.kind();
        }

        @Override
        public Thing thing() {
            return thing;
        }

        @Override
        public Map<String, Value> added() {
            return added;
        }

        @Override
        public Object getMember(String name) {
            Value own = added.get(name);
            return own != null ? own : guarded(() -> given(name));
        }

        private Object given(String name) {
            int method = kind.methodNames().indexOf(name);
            if (method >= 0) {
                return fixed.computeIfAbsent(name, first ->
                        (ProxyExecutable) given -> guarded(() -> show(thing.call(method, new Handed(given)))));
            }
            if (kind.parts().contains(name)) {
                return fixed.computeIfAbsent(name, first -> show(thing.get(name)));
            }
            return show(thing.get(name));
        }

        @Override
        public Object getMemberKeys() {
            return ProxyArray.fromList(new ArrayList<>(added.keySet()));
        }

        @Override
        public boolean hasMember(String name) {
            return added.containsKey(name)
                    || kind.methodNames().contains(name)
                    || kind.properties().contains(name)
                    || kind.isOpen() && thing.get(name) != Given.NOTHING && !isNull(thing.get(name));
        }

        private boolean isNull(Given given) {
            return given instanceof Given.Plain plain && plain.value() instanceof AmfValue.Null;
        }

        @Override
        public void putMember(String name, Value value) {
            guarded(() -> {
                if (kind.writable().contains(name)) {
                    thing.set(name, JsValues.read(value));
                } else if (added.size() >= MAX_ADDED && !added.containsKey(name)) {
                    throw new ProtocolException("more than " + MAX_ADDED + " members");
                } else {
                    added.put(name, value);
                }
                return true;
            });
        }

        @Override
        public boolean removeMember(String name) {
            return added.remove(name) != null;
        }
    }

    /** Walked with {@code for..of}, asked with {@code get(key)} or called. */
    private final class Collection implements ProxyObject, ProxyIterable, ProxyExecutable, JsValues.Shown {
        private final Thing thing;

        private Collection(Thing thing) {
            this.thing = thing;
        }

        @Override
        public Thing thing() {
            return thing;
        }

        @Override
        public Map<String, Value> added() {
            return Map.of();
        }

        @Override
        public Object execute(Value... given) {
            return find(new Handed(given).bytes(0));
        }

        private Object find(byte[] key) {
            return thing.item(key).map(JsFaces.this::face).orElse(null);
        }

        @Override
        public Object getIterator() {
            return new Walk(thing, Map.Entry::getValue);
        }

        @Override
        public Object getMember(String name) {
            return switch (name) {
                case "count" -> thing.items().size();
                case "get" -> (ProxyExecutable) given -> find(new Handed(given).bytes(0));
                case "pairs" -> (ProxyExecutable) given -> new Pairs();
                default -> find(name.getBytes(StandardCharsets.UTF_8));
            };
        }

        /** {@code [key, item]} each. */
        private final class Pairs implements ProxyIterable {
            @Override
            public Object getIterator() {
                return new Walk(thing, entry -> entry);
            }
        }

        @Override
        public Object getMemberKeys() {
            return ProxyArray.fromList(new ArrayList<>(thing.items().keySet()));
        }

        @Override
        public boolean hasMember(String name) {
            return List.of("count", "get", "pairs").contains(name)
                    || thing.items().containsKey(name);
        }

        @Override
        public void putMember(String name, Value value) {
            throw new UnsupportedOperationException("this collection is the gateway's");
        }
    }

    /** Goes on from key to key, so that nothing is copied and whoever leaves meanwhile does no harm. */
    private final class Walk implements ProxyIterator {
        private final Thing collection;
        private final Function<Map.Entry<String, Thing>, Object> item;
        private Optional<String> at = Optional.empty();

        private Walk(Thing collection, Function<Map.Entry<String, Thing>, Object> item) {
            this.collection = collection;
            this.item = item;
        }

        private Optional<Map.Entry<String, Thing>> next() {
            return Optional.ofNullable(
                    at.isEmpty()
                            ? collection.items().firstEntry()
                            : collection.items().higherEntry(at.get()));
        }

        @Override
        public boolean hasNext() {
            return next().isPresent();
        }

        @Override
        public Object getNext() {
            Map.Entry<String, Thing> entry = next().orElseThrow(java.util.NoSuchElementException::new);
            at = Optional.of(entry.getKey());
            Object got = item.apply(entry);
            return got instanceof Thing thing
                    ? face(thing)
                    : ProxyArray.fromArray(entry.getKey(), face(entry.getValue()));
        }
    }

    /** What a script handed over. */
    private final class Handed implements Arguments {
        private final Value[] given;

        private Handed(Value[] given) {
            this.given = given;
        }

        @Override
        public int count() {
            return given.length;
        }

        @Override
        public AmfValue value(int index) {
            return index < given.length ? JsValues.read(given[index]) : AmfValue.NULL;
        }

        @Override
        public String text(int index) {
            AmfValue value = value(index);
            if (value instanceof AmfValue.Null) {
                return "";
            }
            return value.string()
                    .or(() -> value.number().map(LuaValues::digits))
                    .orElseThrow(() -> new ProtocolException("a string is expected"));
        }

        @Override
        public byte[] bytes(int index) {
            AmfValue value = value(index);
            return value instanceof AmfValue.Bytes raw
                    ? raw.bytes().getBytes()
                    : text(index).getBytes(StandardCharsets.UTF_8);
        }

        @Override
        public boolean isFunction(int index) {
            return index < given.length
                    && given[index].canExecute()
                    && thing(index).isEmpty();
        }

        @Override
        public boolean isBytes(int index) {
            return value(index) instanceof AmfValue.Bytes;
        }

        @Override
        public Optional<Callback> function(int index) {
            return isFunction(index) ? Optional.of(new HandedFunction(given[index])) : Optional.empty();
        }

        @Override
        public Optional<Thing> thing(int index) {
            return index < given.length
                            && given[index].isProxyObject()
                            && given[index].asProxyObject() instanceof JsValues.Shown shown
                    ? Optional.of(shown.thing())
                    : Optional.empty();
        }

        @Override
        public boolean canWait() {
            return true;
        }
    }

    private final class HandedFunction implements Callback {
        private final Value function;
        private boolean over;

        private HandedFunction(Value function) {
            this.function = function;
        }

        @Override
        public void call(List<Given> arguments, Result.Outcome outcome) {
            if (over) {
                outcome.ended(Result.failed("the function is gone"));
            } else {
                caller.call(function, arguments, outcome);
            }
        }

        @Override
        public void close() {
            over = true;
        }
    }
}
