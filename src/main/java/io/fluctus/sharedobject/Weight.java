package io.fluctus.sharedobject;

import io.fluctus.wire.AmfValue;
import java.util.List;
import java.util.Map;

/**
 * What a value costs: about the bytes that it takes on the wire, with everything that is referred to counted wherever it stands. So a
 * small message cannot become a large object.
 */
final class Weight {
    private static final int NUMBER = 9;
    private static final int CONTAINER = 8;
    private static final int TEXT = 5;

    private Weight() {}

    static long of(AmfValue value) {
        if (value instanceof AmfValue.Str text) {
            return TEXT + of(text.value());
        }
        if (value instanceof AmfValue.Xml xml) {
            return TEXT + of(xml.text());
        }
        if (value instanceof AmfValue.Bytes bytes) {
            return TEXT + bytes.bytes().length();
        }
        if (value instanceof AmfValue.Array array) {
            return CONTAINER + of(array.items()) + of(array.named());
        }
        if (value instanceof AmfValue.Vector vector) {
            return CONTAINER + of(vector.className()) + of(vector.items());
        }
        if (value instanceof AmfValue.Dictionary dictionary) {
            return CONTAINER
                    + dictionary.entries().stream()
                            .mapToLong(entry -> of(entry.key()) + of(entry.value()))
                            .sum();
        }
        return value instanceof AmfValue.Obj object
                ? CONTAINER + of(object.className()) + of(object.members())
                : CONTAINER + NUMBER + of(value.members());
    }

    static long of(List<AmfValue> values) {
        long sum = 0;
        for (AmfValue value : values) {
            sum += of(value);
        }
        return sum;
    }

    private static long of(Map<String, AmfValue> members) {
        long sum = 0;
        for (Map.Entry<String, AmfValue> member : members.entrySet()) {
            sum += 2 + of(member.getKey()) + of(member.getValue());
        }
        return sum;
    }

    /** Bytes of UTF-8; a surrogate counts as two of the pair's four. */
    static long of(String text) {
        long bytes = text.length();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            bytes += c < 0x80 ? 0 : c < 0x800 || Character.isSurrogate(c) ? 1 : 2;
        }
        return bytes;
    }
}
