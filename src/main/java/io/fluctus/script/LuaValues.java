package io.fluctus.script;

import io.fluctus.wire.AmfValue;
import io.fluctus.wire.ProtocolException;
import io.vertx.core.buffer.Buffer;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import party.iroiro.luajava.Lua;
import party.iroiro.luajava.Lua.LuaType;

/**
 * AMF values as Lua's and back, as Cumulus mapped them: arrays and objects are tables, a class name is {@code __type}, a date has
 * {@code __time} in milliseconds, a byte array is {@code __raw}. Only raw access: no script runs meanwhile.
 */
final class LuaValues {
    /** Tables inside each other; also what stops one that contains itself. */
    static final int MAX_DEPTH = 32;

    /** Values in what a script hands over at a time. */
    static final int MAX_VALUES = 10_000;

    /** Bytes of all strings in what a script hands over at a time. */
    static final int MAX_CONTENT = 4 * 1024 * 1024;

    /** Bytes of a string up to which the library's own conversion is tried. */
    private static final int MAX_PLAIN = 1024;

    /** Slots of the stack that each nested table needs. */
    private static final int SLOTS = 4;

    /** Slots of the stack that one exchange needs. */
    static final int HEADROOM = MAX_DEPTH * SLOTS;

    private static final String TYPE = "__type";
    private static final String TIME = "__time";
    private static final String RAW = "__raw";

    private final Lua lua;
    private int values;
    private int content;

    /** For one exchange with {@code lua}. */
    LuaValues(Lua lua) {
        this.lua = lua;
        lua.checkStack(HEADROOM);
    }

    // -- to Lua

    void pushAll(List<AmfValue> values) {
        lua.checkStack(values.size() + HEADROOM);
        values.forEach(this::push);
    }

    void push(AmfValue value) {
        if (value instanceof AmfValue.Str text) {
            push(text.value());
        } else if (value.number().isPresent()) {
            lua.push(value.number().get());
        } else if (value instanceof AmfValue.Bool flag) {
            lua.push(flag.value());
        } else if (value instanceof AmfValue.Xml xml) {
            push(xml.text());
        } else if (value instanceof AmfValue.Date date) {
            pushDate(date.millis());
        } else if (value instanceof AmfValue.Bytes bytes) {
            lua.createTable(0, 1);
            push(RAW);
            push(bytes.bytes().getBytes());
            lua.rawSet(-3);
        } else {
            pushContainer(value);
        }
    }

    private void pushContainer(AmfValue value) {
        if (value instanceof AmfValue.Array array) {
            pushItems(array.items(), array.named().size());
            pushMembers(array.named());
        } else if (value instanceof AmfValue.Vector vector) {
            pushItems(vector.items(), 0);
        } else if (value instanceof AmfValue.Dictionary dictionary) {
            lua.createTable(0, dictionary.entries().size());
            dictionary.entries().forEach(entry -> entry.keyText().ifPresent(key -> pushMember(key, entry.value())));
        } else if (value instanceof AmfValue.Obj || value instanceof AmfValue.Ecma) {
            lua.createTable(0, value.members().size());
            pushMembers(value.members());
            if (value instanceof AmfValue.Obj object && !object.className().isEmpty()) {
                pushMember(TYPE, AmfValue.of(object.className()));
            }
        } else {
            lua.pushNil(); // null, undefined, and a cycle, which has no other name here
        }
    }

    private void pushItems(List<AmfValue> items, int named) {
        lua.createTable(items.size(), named);
        for (int i = 0; i < items.size(); i++) {
            push(items.get(i));
            lua.rawSetI(-2, i + 1);
        }
    }

    private void pushMembers(Map<String, AmfValue> members) {
        members.forEach(this::pushMember);
    }

    private void pushMember(String name, AmfValue value) {
        push(name);
        push(value);
        lua.rawSet(-3);
    }

    private void pushDate(double millis) {
        lua.createTable(0, 9);
        pushMember(TIME, AmfValue.of(millis));
        if (!(Math.abs(millis) <= 8.64e15)) { // ECMAScript's range of dates, within Java's
            return;
        }
        ZonedDateTime time = Instant.ofEpochMilli((long) millis).atZone(ZoneOffset.UTC);
        pushMember("year", AmfValue.of(time.getYear()));
        pushMember("month", AmfValue.of(time.getMonthValue()));
        pushMember("day", AmfValue.of(time.getDayOfMonth()));
        pushMember("yday", AmfValue.of(time.getDayOfYear()));
        pushMember("wday", AmfValue.of(time.getDayOfWeek().getValue() % 7));
        pushMember("hour", AmfValue.of(time.getHour()));
        pushMember("min", AmfValue.of(time.getMinute()));
        pushMember("sec", AmfValue.of(time.getSecond()));
        pushMember("msec", AmfValue.of(time.getNano() / 1_000_000));
    }

    /** The library passes strings in the JVM's own UTF-8, which differs from the real one in NUL and beyond 16 bits. */
    void push(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) == 0 || Character.isSurrogate(text.charAt(i))) {
                push(text.getBytes(StandardCharsets.UTF_8));
                return;
            }
        }
        lua.push(text);
    }

    /** The library has no door for bytes, so they come as the constant of a chunk of code. */
    void push(byte[] bytes) {
        Buffer code = Buffer.buffer(bytes.length + 16).appendString("return \"");
        for (byte b : bytes) {
            switch (b) {
                case 0 -> code.appendString("\\000");
                case '\n' -> code.appendString("\\n");
                case '\r' -> code.appendString("\\r");
                case '"', '\\' -> code.appendByte((byte) '\\').appendByte(b);
                default -> code.appendByte(b);
            }
        }
        byte[] source = code.appendByte((byte) '"').getBytes();
        ByteBuffer direct = ByteBuffer.allocateDirect(source.length);
        direct.put(source).flip();
        lua.load(direct, "=bytes");
        lua.pCall(0, 1);
    }

    // -- from Lua

    /** The values from {@code first} to the top of the stack, or the first of them. */
    List<AmfValue> readFrom(int first, int most) {
        int top = Math.min(lua.getTop(), first + most - 1);
        List<AmfValue> all = new ArrayList<>(Math.max(0, top - first + 1));
        for (int i = first; i <= top; i++) {
            all.add(read(i));
        }
        return all;
    }

    /** Throws {@link ProtocolException} for what is too deep or too much; a function is null. */
    AmfValue read(int index) {
        return read(index, 0);
    }

    private AmfValue read(int index, int depth) {
        if (++values > MAX_VALUES) {
            throw new ProtocolException("more than " + MAX_VALUES + " values at a time");
        }
        LuaType type = lua.type(index);
        if (type == LuaType.STRING) {
            return AmfValue.of(text(index));
        }
        if (type == LuaType.NUMBER) {
            return AmfValue.of(lua.toNumber(index));
        }
        if (type == LuaType.BOOLEAN) {
            return AmfValue.of(lua.toBoolean(index));
        }
        return type == LuaType.TABLE ? table(index, depth + 1) : AmfValue.NULL;
    }

    private AmfValue table(int index, int depth) {
        if (depth > MAX_DEPTH) {
            throw new ProtocolException("a table is nested deeper than " + MAX_DEPTH + ", or contains itself");
        }
        AmfValue[] items = new AmfValue[Math.min(lua.rawLength(index), MAX_VALUES)];
        Map<String, AmfValue> named = new LinkedHashMap<>();
        lua.pushNil();
        while (lua.next(index) != 0) {
            int value = lua.getTop();
            LuaType type = lua.type(value);
            if (type == LuaType.TABLE || type == LuaType.STRING || type == LuaType.NUMBER || type == LuaType.BOOLEAN) {
                put(value - 1, items, named, value, depth);
            }
            lua.setTop(value - 1);
        }
        return container(items, named);
    }

    private void put(int key, AmfValue[] items, Map<String, AmfValue> named, int value, int depth) {
        if (lua.type(key) == LuaType.STRING) {
            String name = text(key);
            named.put(name, name.equals(RAW) ? raw(value) : read(value, depth));
        } else if (lua.type(key) == LuaType.NUMBER) {
            double number = lua.toNumber(key);
            if (number >= 1 && number <= items.length && number == (int) number) {
                items[(int) number - 1] = read(value, depth);
            } else {
                named.put(digits(number), read(value, depth));
            }
        }
    }

    private AmfValue raw(int value) {
        return lua.type(value) == LuaType.STRING ? new AmfValue.Bytes(Buffer.buffer(bytes(value))) : AmfValue.NULL;
    }

    private static AmfValue container(AmfValue[] items, Map<String, AmfValue> named) {
        if (named.get(RAW) instanceof AmfValue.Bytes bytes) {
            return bytes;
        }
        if (named.get(TIME) != null && named.get(TIME).number().isPresent()) {
            return new AmfValue.Date(named.get(TIME).number().get());
        }
        AmfValue type = named.remove(TYPE);
        String className = type == null ? "" : type.string().orElse("");
        if (!named.isEmpty() && items.length == 0 || !className.isEmpty()) {
            return new AmfValue.Obj(className, named);
        }
        for (int i = 0; i < items.length; i++) {
            items[i] = items[i] == null ? AmfValue.NULL : items[i];
        }
        return new AmfValue.Array(List.of(items), named);
    }

    static String digits(double number) {
        return number == Math.rint(number) && Math.abs(number) < 1e15
                ? Long.toString((long) number)
                : Double.toString(number);
    }

    /** The string at {@code index}; what is not UTF-8 becomes U+FFFD. */
    String text(int index) {
        int length = lua.rawLength(index);
        if (length > MAX_PLAIN) {
            return new String(bytes(index), StandardCharsets.UTF_8);
        }
        String text = lua.toString(index); // faster, and right where one byte is one character
        if (text.length() != length || !isAscii(text)) {
            return new String(bytes(index), StandardCharsets.UTF_8);
        }
        count(length);
        return text;
    }

    byte[] bytes(int index) {
        count(lua.rawLength(index));
        byte[] bytes = new byte[lua.rawLength(index)];
        if (bytes.length > 0) {
            lua.toBuffer(index).get(bytes);
        }
        return bytes;
    }

    private static boolean isAscii(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) >= 0x80) {
                return false;
            }
        }
        return true;
    }

    private void count(int length) {
        if (length > MAX_CONTENT - content) {
            throw new ProtocolException("more than " + MAX_CONTENT + " bytes at a time");
        }
        content += length;
    }
}
