package io.fluctus.rtmp;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ChunkInterleavingTest {
    private static final int[] IDS = {3, 4, 63, 64, 319, 320, 65_599};
    private static final long[] DELTAS = {0, 1, 23, 40, 0xFFFFFE, 0xFFFFFF, 0x1000000, 0x7FFFFFFF, 0xFFFFFFFFL};

    /** A sender that uses every form of header that it may, and mixes its chunk streams as it likes. */
    private static final class Sender {
        private final Random random;
        private final boolean repeats; // the extended timestamp on fmt 3
        private final ChunkBytes chunks = new ChunkBytes();
        private final List<RawMessage> sent = new ArrayList<>();
        private final TreeMap<Integer, Stream> streams = new TreeMap<>();
        private int chunkSize = ChunkReader.DEFAULT_CHUNK_SIZE;

        Sender(long seed, boolean repeats) {
            random = new Random(seed);
            this.repeats = repeats;
        }

        void talk(int steps) {
            for (int i = 0; i < steps; i++) {
                if (random.nextInt(20) == 0) {
                    setChunkSize(4 + random.nextInt(300));
                }
                step(IDS[random.nextInt(IDS.length)]);
            }
            for (int id : streams.keySet()) {
                while (streams.get(id).unsent()) {
                    step(id);
                }
            }
        }

        private void setChunkSize(int size) {
            chunks.setChunkSize(size);
            sent.add(new RawMessage(
                    RawMessage.SET_CHUNK_SIZE, 0, 0, Buffer.buffer().appendInt(size)));
            chunkSize = size;
        }

        private void step(int id) {
            Stream s = streams.get(id);
            if (s == null) {
                s = new Stream();
                streams.put(id, s);
                begin(id, s, random.nextInt(2));
            } else if (s.unsent()) {
                fmt3(id, s);
            } else {
                begin(id, s, random.nextInt(4));
            }
            int end = Math.min(s.payload.length(), s.at + chunkSize);
            chunks.body(s.payload, s.at, end);
            s.at = end;
            if (!s.unsent()) {
                sent.add(new RawMessage(s.type, s.timestamp, s.streamId, s.payload));
            }
        }

        private void begin(int id, Stream s, int fmt) {
            if (fmt < 2) {
                s.type = random.nextBoolean() ? RawMessage.AUDIO : RawMessage.VIDEO;
                s.length = random.nextInt(700);
            }
            if (fmt < 3) {
                s.field = DELTAS[random.nextInt(DELTAS.length)];
                s.extended = s.field >= 0xFFFFFF;
                s.delta = fmt == 0 && s.extended ? 0 : s.field;
            }
            s.timestamp = fmt == 0 ? s.field : s.timestamp + s.delta & 0xFFFFFFFFL;
            s.streamId = fmt == 0 ? random.nextInt() : s.streamId;
            switch (fmt) {
                case 0 -> chunks.fmt0(id, s.field, s.length, s.type, s.streamId);
                case 1 -> chunks.fmt1(id, s.field, s.length, s.type);
                case 2 -> chunks.fmt2(id, s.field);
                default -> fmt3(id, s);
            }
            byte[] bytes = new byte[s.length];
            random.nextBytes(bytes);
            s.payload = Buffer.buffer(bytes);
            s.at = 0;
        }

        private void fmt3(int id, Stream s) {
            if (s.extended && repeats) {
                chunks.fmt3(id, s.field);
            } else {
                chunks.fmt3(id);
            }
        }
    }

    private static final class Stream {
        long timestamp;
        long delta;
        long field;
        boolean extended;
        int type;
        int length;
        int streamId;
        Buffer payload;
        int at;

        boolean unsent() {
            return at < payload.length();
        }
    }

    @ParameterizedTest
    @CsvSource({"true", "false"})
    void everyFormOfHeaderInEveryOrderReadsInAnySplit(boolean repeats) {
        for (int seed = 0; seed < 150; seed++) {
            Sender sender = new Sender(seed, repeats);
            sender.talk(100);
            Random cuts = new Random(seed);
            ChunkReader reader = new ChunkReader(ChunkReader.Limits.MEDIA);
            List<RawMessage> read = new ArrayList<>();
            Buffer bytes = sender.chunks.bytes;
            for (int at = 0; at < bytes.length(); ) {
                int end = Math.min(bytes.length(), at + 1 + cuts.nextInt(1 + seed * 3));
                reader.receive(bytes.slice(at, end), 0, seed, read::add);
                at = end;
            }
            assertThat(read).as("seed " + seed).isEqualTo(sender.sent);
        }
    }

    @Test
    void sixtyFourMessagesMayBeUnderWayAtOnce() {
        int parts = 5;
        ChunkBytes chunks = new ChunkBytes();
        List<RawMessage> expected = new ArrayList<>();
        for (int part = 0; part < parts; part++) {
            for (int id = 10; id < 74; id++) {
                Buffer payload = ChunkBytes.payload(128 * (parts - 1) + id);
                if (part == 0) {
                    chunks.fmt0(id, id, payload.length(), RawMessage.VIDEO, 1);
                } else {
                    chunks.fmt3(id);
                }
                chunks.body(payload, 128 * part, Math.min(128 * (part + 1), payload.length()));
                if (part == parts - 1) {
                    expected.add(new RawMessage(RawMessage.VIDEO, id, 1, payload));
                }
            }
        }
        List<RawMessage> read = new ArrayList<>();
        new ChunkReader(ChunkReader.Limits.CONNECTED).receive(chunks.bytes, 0, 0, read::add);
        assertThat(read).isEqualTo(expected);
    }
}
