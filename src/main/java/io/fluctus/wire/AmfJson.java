package io.fluctus.wire;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * AMF values as JSON and back. JSON has less to say: undefined and cycles are absent (null inside an array), NaN and infinities
 * are null, a date is its milliseconds, bytes are base64url, a class name is lost, and an array with names is an object.
 */
public final class AmfJson {
    private static final double MAX_EXACT = 1L << 53;

    private AmfJson() {}

    /** JsonObject, JsonArray, String, Long, Double or Boolean; empty where JSON says null or nothing. */
    public static Optional<Object> toJson(AmfValue value) {
        if (value instanceof AmfValue.Bool b) {
            return Optional.of(b.value());
        }
        if (value instanceof AmfValue.Str s) {
            return Optional.of(s.value());
        }
        if (value instanceof AmfValue.Xml x) {
            return Optional.of(x.text());
        }
        if (value instanceof AmfValue.Date d) {
            return number(d.millis());
        }
        if (value instanceof AmfValue.Bytes b) {
            return Optional.of(Base64.getUrlEncoder()
                    .withoutPadding()
                    .encodeToString(b.bytes().getBytes()));
        }
        return value.number().isPresent() ? number(value.number().get()) : container(value);
    }

    /** Values in a row, such as the arguments of a call. */
    public static JsonArray toJson(List<AmfValue> values) {
        JsonArray array = new JsonArray();
        for (AmfValue value : values) {
            array.add(toJson(value).orElse(null));
        }
        return array;
    }

    /** Named values, such as the members of an object. */
    public static JsonObject toJson(Map<String, AmfValue> members) {
        JsonObject object = new JsonObject();
        members.forEach((name, value) -> put(object, name, value));
        return object;
    }

    private static Optional<Object> container(AmfValue value) {
        if (value instanceof AmfValue.Array a) {
            return Optional.of(a.named().isEmpty() ? toJson(a.items()) : indexed(a));
        }
        if (value instanceof AmfValue.Vector v) {
            return Optional.of(toJson(v.items()));
        }
        if (value instanceof AmfValue.Dictionary d) {
            return Optional.of(dictionary(d));
        }
        if (value instanceof AmfValue.Obj o && Amf3.isExternal(o)) {
            return toJson(o.members().values().iterator().next());
        }
        boolean named = value instanceof AmfValue.Obj || value instanceof AmfValue.Ecma;
        return named ? Optional.of(toJson(value.members())) : Optional.empty();
    }

    private static JsonObject indexed(AmfValue.Array array) {
        JsonObject object = new JsonObject();
        for (int i = 0; i < array.items().size(); i++) {
            put(object, Integer.toString(i), array.items().get(i));
        }
        array.named().forEach((name, value) -> put(object, name, value));
        return object;
    }

    private static JsonObject dictionary(AmfValue.Dictionary dictionary) {
        JsonObject object = new JsonObject();
        for (AmfValue.Dictionary.Entry entry : dictionary.entries()) {
            entry.keyText().ifPresent(key -> put(object, key, entry.value()));
        }
        return object;
    }

    private static void put(JsonObject object, String name, AmfValue value) {
        if (!(value instanceof AmfValue.Undefined) && !(value instanceof AmfValue.Cycle)) {
            object.put(name, toJson(value).orElse(null));
        }
    }

    private static Optional<Object> number(double value) {
        if (Double.isNaN(value) || Double.isInfinite(value)) {
            return Optional.empty();
        }
        boolean whole = value == Math.rint(value) && Math.abs(value) <= MAX_EXACT;
        return Optional.of(whole ? (Object) (long) value : (Object) value);
    }

    /**
     * A JSON value, its Java null included, as plain AMF: objects, strict arrays, strings, numbers, booleans; byte arrays and
     * buffers as bytes. Throws {@link ProtocolException} for one nested deeper than AMF may be or holding anything else.
     */
    public static AmfValue fromJson(Object json) {
        return fromJson(json, 1);
    }

    /** The elements of {@code array}, such as the arguments of a call. */
    public static List<AmfValue> allFromJson(JsonArray array) {
        return elements(array.getList(), 1);
    }

    private static AmfValue fromJson(Object json, int depth) {
        if (json instanceof String s) {
            return AmfValue.of(s);
        }
        if (json instanceof Number n) {
            return AmfValue.of(n.doubleValue());
        }
        if (json instanceof Boolean b) {
            return AmfValue.of(b);
        }
        if (json instanceof byte[] bytes) {
            return new AmfValue.Bytes(Buffer.buffer(bytes));
        }
        if (json instanceof Buffer bytes) {
            return new AmfValue.Bytes(bytes);
        }
        return json == null ? AmfValue.NULL : containerOf(json, depth);
    }

    private static AmfValue containerOf(Object json, int depth) {
        if (depth > AmfGraph.MAX_DEPTH) {
            throw AmfGraph.tooDeep();
        }
        if (json instanceof JsonArray array) {
            return new AmfValue.Array(elements(array.getList(), depth + 1), Map.of());
        }
        if (json instanceof List<?> list) {
            return new AmfValue.Array(elements(list, depth + 1), Map.of());
        }
        if (json instanceof JsonObject object) {
            return containerOf(object.getMap(), depth);
        }
        if (json instanceof Map<?, ?> map) {
            Map<String, AmfValue> members = new LinkedHashMap<>();
            map.forEach((name, value) -> members.put(String.valueOf(name), fromJson(value, depth + 1)));
            return AmfValue.Obj.of(members);
        }
        throw new ProtocolException("a " + json.getClass().getSimpleName() + " is no JSON value");
    }

    private static List<AmfValue> elements(List<?> list, int depth) {
        List<AmfValue> elements = new ArrayList<>(list.size());
        for (Object element : list) {
            elements.add(fromJson(element, depth));
        }
        return elements;
    }
}
