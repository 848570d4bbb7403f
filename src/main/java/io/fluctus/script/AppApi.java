package io.fluctus.script;

import io.fluctus.bus.SharedWord;
import io.fluctus.script.Thing.Arguments;
import io.fluctus.script.Thing.Callback;
import io.fluctus.script.Thing.Given;
import io.fluctus.wire.Amf0;
import io.fluctus.wire.Amf3;
import io.fluctus.wire.AmfValue;
import io.fluctus.wire.ByteReader;
import io.fluctus.wire.ByteWriter;
import io.fluctus.wire.ProtocolException;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

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

    MediaDoor media();

    BusDoor bus();

    NetworkDoor network();

    /**
     * An answer that comes later: to the function that ends the arguments, as the answer or nothing and the reason; without such a
     * function the script waits for it. {@code member} is how the script called it.
     */
    default Given answer(Arguments given, String member, Supplier<Future<AmfValue>> question) {
        Optional<Callback> last = given.last();
        if (last.isEmpty()) {
            if (!given.canWait()) {
                throw new ProtocolException(
                        "here, " + member + " needs a function for the answer as its last argument");
            }
            return new Given.Later(question.get());
        }
        Callback function = last.get();
        question.get()
                .onSuccess(value -> later(() -> finish(function, List.of(new Given.Plain(value)))))
                .onFailure(error -> later(() ->
                        finish(function, List.of(Given.NOTHING, Given.of(String.valueOf(error.getMessage()))))));
        return Given.NOTHING;
    }

    private static void finish(Callback function, List<Given> answer) {
        function.call(answer, result -> {});
        function.close();
    }

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
