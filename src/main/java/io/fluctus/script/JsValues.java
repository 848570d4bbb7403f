package io.fluctus.script;

import io.fluctus.wire.AmfValue;
import io.fluctus.wire.ProtocolException;
import io.vertx.core.buffer.Buffer;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.graalvm.polyglot.Context;
import org.graalvm.polyglot.Value;

/**
 * AMF values as JavaScript's and back: objects and arrays are its own, a class name is {@code __type}, a date is a Date, bytes are a
 * Uint8Array. Getters of a script may run while its values are read.
 */
final class JsValues {
    /** Objects inside each other; also what stops one that contains itself. */
    static final int MAX_DEPTH = LuaValues.MAX_DEPTH;

    /** Values in what a script hands over at a time. */
    static final int MAX_VALUES = LuaValues.MAX_VALUES;

    /** Bytes, and characters of all strings, in what a script hands over at a time. */
    static final int MAX_CONTENT = LuaValues.MAX_CONTENT;

    private static final Pattern INDEX = Pattern.compile("\\d+");
    private static final String TYPE = "__type";

    private final Value makeObject;
    private final Value makeArray;
    private final Value makeDate;
    private final Value makeBytes;

    /** What a script has added to something that is shown to it. */
    interface Shown {
        Thing thing();

        Map<String, Value> added();
    }

    JsValues(Context context) {
        makeObject = context.eval("js", "() => ({})");
        makeArray = context.eval("js", "() => []");
        makeDate = context.eval("js", "millis => new Date(millis)");
        makeBytes = context.eval("js", "buffer => new Uint8Array(new Uint8Array(new ArrayBuffer(buffer)))");
    }

    // -- to JavaScript

    /** What a function of a script is given. */
    Object show(AmfValue value) {
        if (value instanceof AmfValue.Str text) {
            return text.value();
        }
        if (value.number().isPresent()) {
            return number(value.number().get());
        }
        if (value instanceof AmfValue.Bool flag) {
            return flag.value();
        }
        if (value instanceof AmfValue.Xml xml) {
            return xml.text();
        }
        if (value instanceof AmfValue.Date date) {
            return makeDate.execute(date.millis());
        }
        return value instanceof AmfValue.Bytes bytes ? show(bytes.bytes().getBytes()) : container(value);
    }

    /** A whole number shows itself as one. */
    private static Object number(double value) {
        int whole = (int) value;
        return whole == value && (whole != 0 || 1 / value > 0) ? (Object) whole : (Object) value;
    }

    Object show(byte[] bytes) {
        return makeBytes.execute(ByteBuffer.wrap(bytes));
    }

    private Object container(AmfValue value) {
        if (value instanceof AmfValue.Array array) {
            return named(array(array.items()), array.named());
        }
        if (value instanceof AmfValue.Vector vector) {
            return array(vector.items());
        }
        if (value instanceof AmfValue.Dictionary dictionary) {
            Value object = makeObject.execute();
            dictionary
                    .entries()
                    .forEach(entry -> entry.keyText().ifPresent(key -> object.putMember(key, show(entry.value()))));
            return object;
        }
        if (value instanceof AmfValue.Obj object) {
            Value shown = named(makeObject.execute(), object.members());
            if (!object.className().isEmpty()) {
                shown.putMember(TYPE, object.className());
            }
            return shown;
        }
        return value instanceof AmfValue.Ecma ? named(makeObject.execute(), value.members()) : null;
    }

    private Value array(List<AmfValue> items) {
        Value array = makeArray.execute();
        for (int i = 0; i < items.size(); i++) {
            array.setArrayElement(i, show(items.get(i)));
        }
        return array;
    }

    private Value named(Value container, Map<String, AmfValue> members) {
        members.forEach((name, member) -> container.putMember(name, show(member)));
        return container;
    }

    // -- from JavaScript

    /** Throws {@link ProtocolException} for what is too deep or too much; a function is null. */
    static AmfValue read(Value value) {
        return new Reading().read(value, 0);
    }

    private static final class Reading {
        private int values;
        private long content;

        private AmfValue read(Value value, int depth) {
            if (++values > MAX_VALUES) {
                throw new ProtocolException("more than " + MAX_VALUES + " values at a time");
            }
            if (value.isString()) {
                String text = value.asString();
                count(text.length());
                return AmfValue.of(text);
            }
            if (value.isNumber()) {
                return AmfValue.of(
                        value.fitsInDouble()
                                ? value.asDouble()
                                : value.asBigInteger().doubleValue());
            }
            if (value.isBoolean()) {
                return AmfValue.of(value.asBoolean());
            }
            if (value.isNull() || value.canExecute()) {
                return AmfValue.NULL;
            }
            if (depth >= MAX_DEPTH) {
                throw new ProtocolException("an object is nested deeper than " + MAX_DEPTH + ", or contains itself");
            }
            return value.isInstant()
                    ? new AmfValue.Date(value.asInstant().toEpochMilli())
                    : container(value, depth + 1);
        }

        private void count(long length) {
            content += length;
            if (content > MAX_CONTENT) {
                throw new ProtocolException("more than " + MAX_CONTENT + " bytes at a time");
            }
        }

        private AmfValue container(Value value, int depth) {
            if (value.isProxyObject()) {
                return value.asProxyObject() instanceof Shown shown
                        ? AmfValue.Obj.of(members(shown.added(), depth))
                        : AmfValue.NULL;
            }
            if (value.hasBufferElements()) {
                return bytes(value, 0, value.getBufferSize());
            }
            if (value.hasArrayElements() && isBytes(value)) {
                Value buffer = value.getMember("buffer");
                return bytes(
                        buffer,
                        value.getMember("byteOffset").asLong(),
                        value.getMember("byteLength").asLong());
            }
            if (value.hasHashEntries()) {
                return map(value, depth);
            }
            if (value.hasArrayElements()) {
                return array(value, depth);
            }
            return object(value, depth);
        }

        private static boolean isBytes(Value value) {
            Value type = value.getMetaObject();
            return type != null && type.getMetaSimpleName().equals("Uint8Array");
        }

        private AmfValue bytes(Value buffer, long from, long length) {
            count(length);
            byte[] bytes = new byte[(int) length];
            buffer.readBuffer(from, bytes, 0, bytes.length);
            return new AmfValue.Bytes(Buffer.buffer(bytes));
        }

        private AmfValue map(Value map, int depth) {
            Map<String, AmfValue> members = new LinkedHashMap<>();
            for (Value entries = map.getHashEntriesIterator(); entries.hasIteratorNextElement(); ) {
                Value entry = entries.getIteratorNextElement();
                members.put(entry.getArrayElement(0).toString(), read(entry.getArrayElement(1), depth));
            }
            return AmfValue.Obj.of(members);
        }

        private AmfValue array(Value array, int depth) {
            long size = array.getArraySize();
            if (size > MAX_VALUES) {
                throw new ProtocolException("more than " + MAX_VALUES + " values at a time");
            }
            List<AmfValue> items = new ArrayList<>((int) size);
            for (long i = 0; i < size; i++) {
                items.add(read(array.getArrayElement(i), depth));
            }
            Map<String, AmfValue> named = new LinkedHashMap<>();
            for (String name : array.getMemberKeys()) {
                if (!INDEX.matcher(name).matches()) {
                    put(named, name, array.getMember(name), depth);
                }
            }
            return new AmfValue.Array(items, named);
        }

        private AmfValue object(Value object, int depth) {
            Map<String, AmfValue> members = members(object, depth);
            AmfValue type = members.remove(TYPE);
            return new AmfValue.Obj(type == null ? "" : type.string().orElse(""), members);
        }

        private Map<String, AmfValue> members(Value object, int depth) {
            Map<String, AmfValue> members = new LinkedHashMap<>();
            for (String name : object.getMemberKeys()) {
                put(members, name, object.getMember(name), depth);
            }
            return members;
        }

        private Map<String, AmfValue> members(Map<String, Value> added, int depth) {
            Map<String, AmfValue> members = new LinkedHashMap<>();
            added.forEach((name, value) -> put(members, name, value, depth));
            return members;
        }

        private void put(Map<String, AmfValue> members, String name, Value value, int depth) {
            if (!value.canExecute()) {
                count(name.length());
                members.put(name, read(value, depth));
            }
        }
    }
}
