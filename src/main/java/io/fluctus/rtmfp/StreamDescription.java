package io.fluctus.rtmfp;

import io.fluctus.wire.ByteReader;
import io.fluctus.wire.ByteWriter;
import io.fluctus.wire.ProtocolException;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;

/**
 * A publication in a group: its name, the random key that tells it from others of that name, and how it is spread. Who passes it on
 * says the same bytes again.
 *
 * @param window milliseconds for which fragments are kept and looked for
 * @param updatePeriod milliseconds between two maps of what somebody holds
 * @param fetchPeriod milliseconds to wait for a push before asking
 * @param encoded the whole as it was said
 */
record StreamDescription(
        String name, Buffer key, int window, int updatePeriod, int fetchPeriod, boolean mapToAll, Buffer encoded) {
    static final int DEFAULT_WINDOW = 8_000;
    static final int DEFAULT_UPDATE_PERIOD = 100;
    static final int DEFAULT_FETCH_PERIOD = 2_500;

    /** librtmfp reads the length as one byte. */
    static final int MAX_NAME = 125;

    private static final int NAME = 0x00;
    private static final int KEY = 0x01;
    private static final int UNKNOWN_FLAG = 0x02;
    private static final int WINDOW = 0x03;
    private static final int UNKNOWN_NUMBER = 0x04;
    private static final int UPDATE_PERIOD = 0x05;
    private static final int MAP_TO_ALL = 0x06;
    private static final int FETCH_PERIOD = 0x07;

    /** What everybody says for {@link #UNKNOWN_NUMBER}. */
    private static final long USUAL_NUMBER = 300_000;

    private static final int MAX_WINDOW = 60_000;
    private static final int MIN_PERIOD = 50;
    private static final int MAX_PERIOD = 10_000;

    /** A publication of ours with the usual properties. */
    static StreamDescription of(String name, Buffer key) {
        return of(name, key, DEFAULT_FETCH_PERIOD);
    }

    static StreamDescription of(String name, Buffer key, int fetchPeriod) {
        ByteWriter out = new ByteWriter();
        Option.of(NAME, Buffer.buffer(name)).encode(out);
        Option.of(KEY, key).encode(out);
        Option.of(UNKNOWN_FLAG).encode(out);
        number(WINDOW, DEFAULT_WINDOW, out);
        number(UNKNOWN_NUMBER, USUAL_NUMBER, out);
        number(UPDATE_PERIOD, DEFAULT_UPDATE_PERIOD, out);
        number(FETCH_PERIOD, fetchPeriod, out);
        return decode(new ByteReader(out.buffer()));
    }

    private static void number(int type, long value, ByteWriter out) {
        ByteWriter number = new ByteWriter();
        Vlu.write(number, value);
        Option.of(type, number.buffer()).encode(out);
    }

    static StreamDescription decode(ByteReader in) {
        String name = "";
        Buffer key = Buffer.buffer();
        int window = DEFAULT_WINDOW;
        int update = DEFAULT_UPDATE_PERIOD;
        int fetch = DEFAULT_FETCH_PERIOD;
        boolean all = false;
        Buffer rest = in.bytes(in.remaining());
        for (Option option : Option.decodeAll(new ByteReader(rest))) {
            switch ((int) Math.min(option.type(), Integer.MAX_VALUE)) {
                case NAME -> name = option.value().toString(StandardCharsets.UTF_8);
                case KEY -> key = option.value();
                case WINDOW -> window = bounded(option, MIN_PERIOD, MAX_WINDOW);
                case UPDATE_PERIOD -> update = bounded(option, MIN_PERIOD, MAX_PERIOD);
                case FETCH_PERIOD -> fetch = bounded(option, MIN_PERIOD, MAX_PERIOD);
                case MAP_TO_ALL -> all = true;
                default -> {} // passed on with the rest
            }
        }
        if (name.isEmpty() || name.length() > MAX_NAME || key.length() != Epd.FINGERPRINT_LENGTH) {
            throw new ProtocolException("a stream without a good name or key");
        }
        return new StreamDescription(name, key.copy(), window, update, fetch, all, rest.copy());
    }

    private static int bounded(Option option, int min, int max) {
        long value = Vlu.read(new ByteReader(option.value()));
        return (int) Math.max(min, Math.min(max, value));
    }

    void encode(ByteWriter out) {
        out.bytes(encoded);
    }
}
