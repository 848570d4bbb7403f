package io.fluctus.wire;

import io.vertx.core.buffer.Buffer;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;

/** One row of an AMF table: what a value is called, the value, and its bytes in hex (blanks only for the eye). */
record AmfCase(String name, AmfValue decoded, String encoded) {
    static Buffer hex(String hex) {
        return Buffer.buffer(HexFormat.of().parseHex(hex.replace(" ", "")));
    }

    static ByteReader reader(String hex) {
        return new ByteReader(hex(hex));
    }

    static String hex(Buffer bytes) {
        return HexFormat.of().withUpperCase().formatHex(bytes.getBytes());
    }

    Buffer bytes() {
        return hex(encoded);
    }

    static AmfValue obj(Object... namesAndValues) {
        return AmfValue.Obj.of(map(namesAndValues));
    }

    static Map<String, AmfValue> map(Object... namesAndValues) {
        Map<String, AmfValue> map = new LinkedHashMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            map.put((String) namesAndValues[i], (AmfValue) namesAndValues[i + 1]);
        }
        return map;
    }

    static String utf8(String text) {
        return hex(Buffer.buffer(text));
    }

    /** Hands every prefix of every row, then {@code rounds} rows with 1 to 3 bytes changed, to {@code reads}. */
    static void broken(Iterable<AmfCase> table, int rounds, Consumer<Buffer> reads) {
        for (AmfCase row : table) {
            for (int n = 0; n < row.bytes().length(); n++) {
                reads.accept(row.bytes().slice(0, n));
            }
        }
        Random random = new Random(20_261_123);
        for (int left = rounds; left > 0; ) {
            for (AmfCase row : table) {
                Buffer bytes = row.bytes();
                for (int changes = random.nextInt(3); changes >= 0; changes--) {
                    bytes.setByte(random.nextInt(bytes.length()), (byte) random.nextInt(256));
                }
                reads.accept(bytes);
                left--;
            }
        }
    }
}
