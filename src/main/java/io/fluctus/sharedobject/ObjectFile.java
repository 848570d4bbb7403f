package io.fluctus.sharedobject;

import io.fluctus.media.SharedName;
import io.fluctus.sharedobject.Slots.Image;
import io.fluctus.sharedobject.Slots.Slot;
import io.fluctus.wire.Amf3;
import io.fluctus.wire.AmfValue;
import io.fluctus.wire.ByteReader;
import io.fluctus.wire.ByteWriter;
import io.fluctus.wire.ProtocolException;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.CRC32;

/**
 * A shared object as a file: {@code "FSO1" | name str16 | version u32 | since u32 | slots u32 | removed u32}, then each slot as
 * {@code name str16 | version u32 | length u32 | value in AMF3}, each removed one as {@code name str16 | version u32}, and last the
 * CRC-32 of all that stands before it. AMF3 says every value exactly, AMF0's as well.
 */
final class ObjectFile {
    /** Bytes of a file: slots of the greatest weight, whose AMF3 is never longer, with all their names. */
    static final int MAX_BYTES = 4 * 1024 * 1024;

    private static final int MAGIC = 0x46534F31;
    private static final int CRC_BYTES = 4;

    private ObjectFile() {}

    static Buffer encode(SharedName name, Image image) {
        ByteWriter out = new ByteWriter().u32(MAGIC);
        text(name.name(), out);
        out.u32(image.version()).u32(image.since());
        out.u32(image.slots().size()).u32(image.removed().size());
        image.slots().forEach((slot, known) -> {
            text(slot, out);
            ByteWriter value = new ByteWriter();
            Amf3.encode(known.value(), value);
            out.u32(known.version()).u32(value.length()).bytes(value.buffer());
        });
        image.removed().forEach((slot, version) -> {
            text(slot, out);
            out.u32(version);
        });
        return out.u32(crc(out.buffer(), out.length())).buffer();
    }

    /** Throws ProtocolException for what is not, or no longer, the file of this object. */
    static Image decode(SharedName name, Buffer file) {
        int end = file.length() - CRC_BYTES;
        if (end < 0 || new ByteReader(file, end, file.length()).u32() != crc(file, end)) {
            throw new ProtocolException("is damaged");
        }
        ByteReader in = new ByteReader(file, 0, end);
        if (in.i32() != MAGIC || !text(in).equals(name.name())) {
            throw new ProtocolException("is not the file of this shared object");
        }
        long version = in.u32();
        long since = in.u32();
        long slots = in.u32();
        long removed = in.u32();
        Map<String, Slot> known = new LinkedHashMap<>();
        for (long i = 0; i < slots; i++) {
            String slot = text(in);
            long changed = in.u32();
            AmfValue value = Amf3.decode(new ByteReader(in.bytes(in.i32())));
            known.put(slot, new Slot(value, changed, Slots.cost(slot, value)));
        }
        Map<String, Long> gone = new LinkedHashMap<>();
        for (long i = 0; i < removed; i++) {
            gone.put(text(in), in.u32());
        }
        return new Image(version, since, known, gone);
    }

    private static long crc(Buffer bytes, int end) {
        CRC32 crc = new CRC32();
        crc.update(bytes.getBytes(0, end));
        return crc.getValue();
    }

    private static void text(String text, ByteWriter out) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        out.u16(utf8.length).bytes(utf8);
    }

    private static String text(ByteReader in) {
        return in.utf8(in.u16());
    }
}
