package io.fluctus.record;

import io.fluctus.wire.Amf0;
import io.fluctus.wire.AmfValue;
import io.fluctus.wire.ByteReader;
import io.fluctus.wire.ByteWriter;
import io.fluctus.wire.ProtocolException;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The onMetaData of a file: what the publisher said, the duration, and where key frames are; always of the same length. */
final class FlvMetadata {
    /** Bytes of the message, whatever it says: room for the key frames. */
    static final int BYTES = 32 * 1024;

    /** Key frames in the index; when there are more, every other one is left out. */
    static final int MAX_KEY_FRAMES = 1_200;

    /** Bytes of the publisher's own metadata; a larger one is left out. */
    private static final int MAX_SAID = 8 * 1024;

    private static final String NAME = "onMetaData";
    private static final String FILLER = "filler";

    /** AMF0 2.2: the marker and a double. */
    private static final int NUMBER_BYTES = 9;

    private static final double MILLIS = 1_000;

    private final Map<String, AmfValue> said;
    private final List<AmfValue> positions = new ArrayList<>();
    private final List<AmfValue> times = new ArrayList<>();
    private int every = 1;
    private int seen;

    /** {@code message} is the publisher's onMetaData, or empty. */
    FlvMetadata(Buffer message) {
        this.said = members(message);
    }

    static boolean isMetadata(Buffer message) {
        byte[] name = NAME.getBytes(StandardCharsets.US_ASCII);
        return message.length() >= 3 + name.length
                && message.getByte(0) == 2
                && message.getUnsignedShort(1) == name.length
                && message.getString(3, 3 + name.length).equals(NAME);
    }

    private static Map<String, AmfValue> members(Buffer message) {
        if (message.length() > MAX_SAID) {
            return Map.of();
        }
        try {
            return Amf0.decodeReadable(new ByteReader(message)).stream()
                    .map(AmfValue::members)
                    .filter(members -> !members.isEmpty())
                    .findFirst()
                    .orElse(Map.of());
        } catch (ProtocolException e) {
            return Map.of();
        }
    }

    /** A key frame's tag begins at {@code position} of the file. */
    void keyFrame(long position, long millis) {
        if (seen++ % every != 0) {
            return;
        }
        if (positions.size() == MAX_KEY_FRAMES) {
            thin(positions);
            thin(times);
            every *= 2;
        }
        positions.add(AmfValue.of(position));
        times.add(AmfValue.of(millis / MILLIS));
    }

    private static void thin(List<AmfValue> values) {
        for (int i = values.size() - 1; i > 0; i -= 2) {
            values.remove(i);
        }
    }

    /** The message of a file of so many milliseconds and bytes; 0: not known yet. */
    Buffer encode(long millis, long fileSize) {
        Map<String, AmfValue> members = new LinkedHashMap<>(said);
        members.put("duration", AmfValue.of(millis / MILLIS));
        members.put("filesize", AmfValue.of(fileSize));
        members.put("canSeekToEnd", AmfValue.of(true));
        members.put(
                "keyframes",
                AmfValue.Obj.of(Map.of(
                        "filepositions", new AmfValue.Array(positions, Map.of()),
                        "times", new AmfValue.Array(times, Map.of()))));
        fill(members, 0, 0);
        int room = BYTES - bytes(members).length();
        if (room < 0) {
            throw new IllegalStateException("the index of key frames is longer than its room by " + -room);
        }
        fill(members, room / NUMBER_BYTES, room % NUMBER_BYTES);
        return bytes(members);
    }

    /** Numbers and not a string: FFmpeg complains about one of more than 1,023 bytes. */
    private static void fill(Map<String, AmfValue> members, int numbers, int letters) {
        members.put(FILLER, new AmfValue.Array(Collections.nCopies(numbers, AmfValue.of(0)), Map.of()));
        members.put(FILLER + "End", AmfValue.of(" ".repeat(letters)));
    }

    private static Buffer bytes(Map<String, AmfValue> members) {
        ByteWriter out = new ByteWriter();
        Amf0.encodeAll(List.of(AmfValue.of(NAME), new AmfValue.Ecma(members)), 0, out);
        return out.buffer();
    }
}
