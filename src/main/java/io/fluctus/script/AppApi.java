package io.fluctus.script;

import io.fluctus.bus.SharedWord;
import io.fluctus.wire.Amf0;
import io.fluctus.wire.Amf3;
import io.fluctus.wire.AmfValue;
import io.fluctus.wire.ByteReader;
import io.fluctus.wire.ByteWriter;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;

/** What an application may do, whatever its language: everything that leaves an engine leaves here. */
interface AppApi extends Words {
    /** How important a line of the log is. */
    enum Level {
        ERROR,
        WARN,
        INFO,
        DEBUG
    }

    /** Longest text of one line of the log. */
    int MAX_LINE = 2_000;

    void log(Level level, String text);

    /** To the owner of a shared object; what comes of it comes to {@link Engine#hear}. */
    void share(SharedWord word);

    /** The shared objects of the application at {@code path} that are in use; completes on any thread. */
    Future<AmfValue> sharedObjects(String path);

    /** The tree as a user of shared objects. */
    String user();

    /** Whether the application at {@code path} is one of this tree. */
    boolean owns(String path);

    /** Does it later on the tree's thread. */
    void later(Runnable action);

    /** {@code applications.configs}. */
    JsonObject configs();

    /** The folder of the applications, absolute, with a slash at its end. */
    String folder();

    /** {@code publicAddress}. */
    String publicAddress();

    /** Milliseconds since 1970. */
    default double now() {
        return System.currentTimeMillis();
    }

    /** The digest of {@code bytes}; {@code algorithm} is one that every Java has. */
    static byte[] digest(String algorithm, byte[] bytes) {
        try {
            return MessageDigest.getInstance(algorithm).digest(bytes);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has " + algorithm, e);
        }
    }

    /** The values one after the other, in AMF3, or in AMF0 for encoding 0. */
    static Buffer toAmf(int encoding, List<AmfValue> values) {
        ByteWriter out = new ByteWriter();
        for (AmfValue value : values) {
            if (encoding == 0) {
                Amf0.encode(value, out);
            } else {
                out.u8(AVMPLUS_OBJECT);
                Amf3.encode(value, out);
            }
        }
        return out.buffer();
    }

    /** What {@link #toAmf} wrote. Throws {@link io.fluctus.wire.ProtocolException}. */
    static List<AmfValue> fromAmf(Buffer bytes) {
        return Amf0.decodeAll(new ByteReader(bytes));
    }

    /** AMF0 3.1: an AMF3 value follows. */
    int AVMPLUS_OBJECT = 0x11;
}
