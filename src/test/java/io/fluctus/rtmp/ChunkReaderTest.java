package io.fluctus.rtmp;

import static io.fluctus.rtmp.ChunkBytes.payload;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fluctus.rtmp.ChunkReader.Limits;
import io.fluctus.wire.ProtocolException;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ChunkReaderTest {
    /** @param written the chunk size with which our writer makes the same bytes; 0: it never does */
    record Case(String name, List<RawMessage> decoded, Buffer encoded, int written) {
        @Override
        public String toString() {
            return name;
        }
    }

    private static final int AUDIO = RawMessage.AUDIO;
    private static final int VIDEO = RawMessage.VIDEO;

    private static RawMessage audio(long timestamp, int length) {
        return new RawMessage(AUDIO, timestamp, 1, payload(length));
    }

    private static RawMessage video(long timestamp, int length) {
        return new RawMessage(VIDEO, timestamp, 1, payload(length));
    }

    private static RawMessage control(int type, long value) {
        return new RawMessage(type, 0, 0, Buffer.buffer().appendInt((int) value));
    }

    private static Case of(String name, int written, ChunkBytes encoded, RawMessage... decoded) {
        return new Case(name, List.of(decoded), encoded.bytes, written);
    }

    private static ChunkBytes chunks() {
        return new ChunkBytes();
    }

    static List<Case> cases() {
        List<Case> all = new ArrayList<>();
        all.addAll(headers());
        all.addAll(repeats());
        all.addAll(extendedTimestamps());
        all.addAll(interleaved());
        return all;
    }

    private static List<Case> headers() {
        return List.of(
                of(
                        "an audio message in one chunk",
                        128,
                        chunks().fmt0(4, 40, 3, AUDIO, 1).body(payload(3)),
                        audio(40, 3)),
                of("silence: no payload", 128, chunks().fmt0(4, 40, 0, AUDIO, 1), audio(40, 0)),
                of(
                        "silence, then again by fmt 3",
                        0,
                        chunks().fmt0(4, 40, 0, AUDIO, 1).fmt3(4).fmt3(4),
                        audio(40, 0),
                        audio(80, 0),
                        audio(120, 0)),
                of("exactly one chunk", 128, chunks().fmt0(6, 0, 128, VIDEO, 1).body(payload(128)), video(0, 128)),
                of(
                        "one byte more",
                        128,
                        chunks().fmt0(6, 0, 129, VIDEO, 1)
                                .body(payload(129), 0, 128)
                                .fmt3(6)
                                .body(payload(129), 128, 129),
                        video(0, 129)),
                of(
                        "three chunks of 5",
                        5,
                        chunks().setChunkSize(5)
                                .fmt0(6, 7, 12, VIDEO, 1)
                                .body(payload(12), 0, 5)
                                .fmt3(6)
                                .body(payload(12), 5, 10)
                                .fmt3(6)
                                .body(payload(12), 10, 12),
                        control(RawMessage.SET_CHUNK_SIZE, 5),
                        video(7, 12)),
                of(
                        "the last id of one byte",
                        0,
                        chunks().fmt0(63, 1, 2, AUDIO, 1).body(payload(2)),
                        audio(1, 2)),
                of(
                        "the first and last id of two bytes",
                        0,
                        chunks().fmt0(64, 1, 2, AUDIO, 1)
                                .body(payload(2))
                                .fmt0(319, 5, 3, VIDEO, 1)
                                .body(payload(3)),
                        audio(1, 2),
                        video(5, 3)),
                of(
                        "ids of three bytes",
                        0,
                        chunks().fmt0(320, 1, 2, AUDIO, 1)
                                .body(payload(2))
                                .fmt0(65_599, 5, 3, VIDEO, 1)
                                .body(payload(3))
                                .fmt2(320, 10)
                                .body(payload(2)),
                        audio(1, 2),
                        video(5, 3),
                        audio(11, 2)),
                of(
                        "a message stream id counts from its low byte",
                        128,
                        chunks().fmt0(4, 40, 1, AUDIO, 0x01020304).body(payload(1)),
                        new RawMessage(AUDIO, 40, 0x01020304, payload(1))));
    }

    private static List<Case> repeats() {
        return List.of(
                of(
                        "fmt 1, 2 and 3 add to the time",
                        0,
                        chunks().fmt0(4, 1000, 2, AUDIO, 1)
                                .body(payload(2))
                                .fmt1(4, 20, 3, AUDIO)
                                .body(payload(3))
                                .fmt2(4, 30)
                                .body(payload(3))
                                .fmt3(4)
                                .body(payload(3)),
                        audio(1000, 2),
                        audio(1020, 3),
                        audio(1050, 3),
                        audio(1080, 3)),
                of(
                        "a fmt 3 message of two chunks",
                        0,
                        chunks().setChunkSize(2)
                                .fmt0(4, 0, 3, AUDIO, 1)
                                .body(payload(3), 0, 2)
                                .fmt3(4)
                                .body(payload(3), 2, 3)
                                .fmt2(4, 9)
                                .body(payload(3), 0, 2)
                                .fmt3(4)
                                .body(payload(3), 2, 3)
                                .fmt3(4)
                                .body(payload(3), 0, 2)
                                .fmt3(4)
                                .body(payload(3), 2, 3),
                        control(RawMessage.SET_CHUNK_SIZE, 2),
                        audio(0, 3),
                        audio(9, 3),
                        audio(18, 3)),
                of(
                        "a fresh chunk stream may begin with fmt 1",
                        0,
                        chunks().fmt1(2, 0, 4, RawMessage.ACKNOWLEDGEMENT)
                                .body(Buffer.buffer().appendInt(77)),
                        control(RawMessage.ACKNOWLEDGEMENT, 77)),
                of(
                        "a delta past 2^32 wraps",
                        0,
                        chunks().fmt0(4, 0xFFFFFFF0L, 1, AUDIO, 1)
                                .body(payload(1))
                                .fmt2(4, 0x20)
                                .body(payload(1)),
                        audio(0xFFFFFFF0L, 1),
                        audio(0x10, 1)));
    }

    private static List<Case> extendedTimestamps() {
        long late = 16_777_300;
        return List.of(
                of(
                        "0xFFFFFE needs no extension",
                        128,
                        chunks().fmt0(4, 0xFFFFFE, 1, AUDIO, 1).body(payload(1)),
                        audio(0xFFFFFE, 1)),
                of("0xFFFFFF does", 128, chunks().fmt0(4, 0xFFFFFF, 1, AUDIO, 1).body(payload(1)), audio(0xFFFFFF, 1)),
                of("2^32-1", 128, chunks().fmt0(4, 0xFFFFFFFFL, 1, AUDIO, 1).body(payload(1)), audio(0xFFFFFFFFL, 1)),
                of(
                        "fmt 3 repeats it",
                        5,
                        chunks().setChunkSize(5)
                                .fmt0(6, late, 12, VIDEO, 1)
                                .body(payload(12), 0, 5)
                                .fmt3(6, late)
                                .body(payload(12), 5, 10)
                                .fmt3(6, late)
                                .body(payload(12), 10, 12),
                        control(RawMessage.SET_CHUNK_SIZE, 5),
                        video(late, 12)),
                of(
                        "fmt 3 leaves it out",
                        0,
                        chunks().setChunkSize(5)
                                .fmt0(6, late, 12, VIDEO, 1)
                                .body(payload(12), 0, 5)
                                .fmt3(6)
                                .body(payload(12), 5, 10)
                                .fmt3(6)
                                .body(payload(12), 10, 12)
                                .fmt2(6, 40)
                                .body(payload(12), 0, 5)
                                .fmt3(6)
                                .body(payload(12), 5, 10)
                                .fmt3(6)
                                .body(payload(12), 10, 12),
                        control(RawMessage.SET_CHUNK_SIZE, 5),
                        video(late, 12),
                        video(late + 40, 12)),
                of("fmt 3 leaves it out and the payload looks like its start", 0, lookalike(late), lookalikes(late)),
                of(
                        "fmt 3 repeats an extended delta",
                        0,
                        chunks().fmt0(6, 10, 1, VIDEO, 1)
                                .body(payload(1))
                                .fmt1(6, late, 130, VIDEO)
                                .body(payload(130), 0, 128)
                                .fmt3(6, late)
                                .body(payload(130), 128, 130)
                                .fmt3(6, late)
                                .body(payload(130), 0, 128)
                                .fmt3(6, late)
                                .body(payload(130), 128, 130),
                        video(10, 1),
                        video(10 + late, 130),
                        video(10 + 2 * late, 130)),
                of(
                        "fmt 3 carries the time where the header had a delta",
                        0,
                        chunks().fmt0(6, 10, 1, VIDEO, 1)
                                .body(payload(1))
                                .fmt1(6, late, 130, VIDEO)
                                .body(payload(130), 0, 128)
                                .fmt3(6, 10 + late)
                                .body(payload(130), 128, 130)
                                .fmt3(6, 10 + 2 * late)
                                .body(payload(130), 0, 128)
                                .fmt3(6, 10 + 2 * late)
                                .body(payload(130), 128, 130),
                        video(10, 1),
                        video(10 + late, 130),
                        video(10 + 2 * late, 130)),
                of(
                        "fmt 3 after an extended time begins a message at the same time",
                        0,
                        chunks().fmt0(4, late, 2, AUDIO, 1)
                                .body(payload(2))
                                .fmt3(4, late)
                                .body(payload(2)),
                        audio(late, 2),
                        audio(late, 2)));
    }

    /** Continuations without the four bytes, whose payload begins with one, two or three of the bytes that could stand there. */
    private static ChunkBytes lookalike(long late) {
        Buffer time = Buffer.buffer().appendInt((int) late);
        ChunkBytes chunks = chunks().setChunkSize(5);
        chunks.fmt0(6, late, 8, VIDEO, 1).body(payload(5)).fmt3(6).body(time, 0, 3);
        chunks.setChunkSize(1).fmt0(6, late, 4, VIDEO, 1).body(time, 0, 1);
        for (int i = 1; i < 4; i++) {
            chunks.fmt3(6).body(time, 0, 1);
        }
        return chunks.fmt0(4, 5, 1, AUDIO, 1).body(payload(1));
    }

    private static RawMessage[] lookalikes(long late) {
        Buffer time = Buffer.buffer().appendInt((int) late);
        Buffer first = Buffer.buffer();
        for (int i = 0; i < 4; i++) {
            first.appendBuffer(time, 0, 1);
        }
        return new RawMessage[] {
            control(RawMessage.SET_CHUNK_SIZE, 5),
            new RawMessage(VIDEO, late, 1, payload(5).appendBuffer(time, 0, 3)),
            control(RawMessage.SET_CHUNK_SIZE, 1),
            new RawMessage(VIDEO, late, 1, first),
            audio(5, 1)
        };
    }

    private static List<Case> interleaved() {
        return List.of(
                of(
                        "two messages in turns",
                        0,
                        chunks().setChunkSize(4)
                                .fmt0(6, 1, 10, VIDEO, 1)
                                .body(payload(10), 0, 4)
                                .fmt0(4, 2, 6, AUDIO, 1)
                                .body(payload(6), 0, 4)
                                .fmt3(6)
                                .body(payload(10), 4, 8)
                                .fmt3(4)
                                .body(payload(6), 4, 6)
                                .fmt3(6)
                                .body(payload(10), 8, 10),
                        control(RawMessage.SET_CHUNK_SIZE, 4),
                        audio(2, 6),
                        video(1, 10)),
                of(
                        "Set Chunk Size between the chunks of a message",
                        0,
                        chunks().setChunkSize(4)
                                .fmt0(6, 1, 20, VIDEO, 1)
                                .body(payload(20), 0, 4)
                                .setChunkSize(10)
                                .fmt3(6)
                                .body(payload(20), 4, 14)
                                .setChunkSize(4)
                                .fmt3(6)
                                .body(payload(20), 14, 18)
                                .setChunkSize(0x7FFFFFFF)
                                .fmt3(6)
                                .body(payload(20), 18, 20),
                        control(RawMessage.SET_CHUNK_SIZE, 4),
                        control(RawMessage.SET_CHUNK_SIZE, 10),
                        control(RawMessage.SET_CHUNK_SIZE, 4),
                        control(RawMessage.SET_CHUNK_SIZE, 0x7FFFFFFF),
                        video(1, 20)),
                of(
                        "Abort drops a partial message",
                        0,
                        chunks().fmt0(6, 1, 200, VIDEO, 1)
                                .body(payload(200), 0, 128)
                                .abort(6)
                                .fmt0(6, 9, 3, VIDEO, 1)
                                .body(payload(3)),
                        control(RawMessage.ABORT, 6),
                        video(9, 3)),
                of(
                        "Abort of a chunk stream that is idle or unknown changes nothing",
                        0,
                        chunks().fmt0(6, 1, 3, VIDEO, 1)
                                .body(payload(3))
                                .abort(6)
                                .abort(99)
                                .abort(-1)
                                .fmt2(6, 4)
                                .body(payload(3)),
                        video(1, 3),
                        control(RawMessage.ABORT, 6),
                        control(RawMessage.ABORT, 99),
                        control(RawMessage.ABORT, -1),
                        video(5, 3)));
    }

    // -- the table, both ways

    @ParameterizedTest
    @MethodSource("cases")
    void readsWhole(Case c) {
        assertThat(read(c.encoded, c.encoded.length())).isEqualTo(c.decoded);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void readsOneByteAtATime(Case c) {
        assertThat(read(c.encoded, 1)).isEqualTo(c.decoded);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void readsEveryPrefixAndThenTheRest(Case c) {
        for (int cut = 0; cut <= c.encoded.length(); cut++) {
            ChunkReader reader = new ChunkReader(Limits.MEDIA);
            List<RawMessage> messages = new ArrayList<>();
            reader.receive(c.encoded.getBuffer(0, cut), 0, 0, messages::add);
            assertThat(c.decoded.subList(0, messages.size())).isEqualTo(messages);
            reader.receive(c.encoded, cut, 0, messages::add);
            assertThat(messages).as("cut at " + cut).isEqualTo(c.decoded);
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void writesTheSameBytes(Case c) {
        if (c.written == 0) {
            return;
        }
        Buffer out = Buffer.buffer();
        for (RawMessage message : c.decoded) {
            ChunkWriter.write(c.written, message, out);
        }
        assertThat(out).isEqualTo(c.encoded);
    }

    // -- what is refused

    @ParameterizedTest
    @ValueSource(ints = {2, 3})
    void aFreshChunkStreamNeedsALength(int fmt) {
        ChunkBytes bytes = fmt == 2 ? chunks().fmt2(7, 10) : chunks().fmt3(7);
        assertRefused(Limits.MEDIA, bytes, "begins chunk stream 7 with fmt " + fmt);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2})
    void aMessageDoesNotBeginWithinAnother(int fmt) {
        ChunkBytes bytes = chunks().fmt0(6, 1, 200, VIDEO, 1).body(payload(128));
        ChunkBytes next = switch (fmt) {
            case 0 -> bytes.fmt0(6, 1, 200, VIDEO, 1);
            case 1 -> bytes.fmt1(6, 1, 200, VIDEO);
            default -> bytes.fmt2(6, 1);
        };
        assertRefused(Limits.MEDIA, next, "within another");
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 0x80000000L, 0xFFFFFFFFL})
    void aChunkSizeIsOneToTwoToThe31Minus1(long size) {
        assertRefused(Limits.MEDIA, chunks().setChunkSize(size), "sets the chunk size to " + size);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 127, 128, 65_536, 16_777_215, 16_777_216, 2_147_483_647})
    void everyOtherChunkSizeHoldsUpToTheLongestMessage(long size) {
        ChunkReader reader = new ChunkReader(Limits.BEFORE_CONNECT);
        reader.receive(chunks().setChunkSize(size).bytes, 0, 0, m -> {});
        assertThat(reader.chunkSize()).isEqualTo((int) Math.min(size, 16_777_215));
    }

    @Test
    void controlMessagesThatAreTooShortAreRefused() {
        assertRefused(
                Limits.MEDIA,
                chunks().fmt0(2, 0, 3, RawMessage.SET_CHUNK_SIZE, 0).body(payload(3)),
                "needs 4 bytes");
        assertRefused(Limits.MEDIA, chunks().fmt0(2, 0, 0, RawMessage.ABORT, 0), "needs 4 bytes");
    }

    // -- limits

    @ParameterizedTest
    @MethodSource("lengthLimits")
    void aMessageIsRefusedByItsHeaderWhenItIsTooLong(LengthLimit limit) {
        ChunkReader reader = new ChunkReader(limit.limits);
        reader.receive(chunks().fmt0(6, 0, limit.bytes, limit.type, 1).bytes, 0, 0, m -> {});
        assertRefused(limit.limits, chunks().fmt0(6, 0, limit.bytes + 1, limit.type, 1), "announces a message");
        assertRefused(limit.limits, chunks().fmt1(6, 0, 0xFFFFFF, limit.type), "announces a message");
    }

    record LengthLimit(Limits limits, int type, int bytes) {}

    static List<LengthLimit> lengthLimits() {
        return List.of(
                new LengthLimit(Limits.BEFORE_CONNECT, RawMessage.COMMAND_AMF0, 65_536),
                new LengthLimit(Limits.BEFORE_CONNECT, VIDEO, 65_536),
                new LengthLimit(Limits.CONNECTED, RawMessage.COMMAND_AMF0, 1_048_576),
                new LengthLimit(Limits.CONNECTED, AUDIO, 8_388_608),
                new LengthLimit(Limits.MEDIA, RawMessage.DATA_AMF0, 1_048_576),
                new LengthLimit(Limits.MEDIA, RawMessage.AGGREGATE, 8_388_608),
                new LengthLimit(Limits.MEDIA, VIDEO, 8_388_608));
    }

    @Test
    void theLongestVideoMessageArrivesWhole() {
        Buffer payload = Buffer.buffer(new byte[8 * 1024 * 1024]);
        ChunkBytes bytes = chunks().setChunkSize(0xFFFFFF)
                .fmt0(6, 0, payload.length(), VIDEO, 1)
                .body(payload);
        List<RawMessage> messages = read(bytes.bytes, 65_536);
        assertThat(messages).hasSize(2);
        assertThat(messages.get(1).payload()).isEqualTo(payload);
    }

    @Test
    void eightChunkStreamsBeforeConnectAndOneHundredAndTwentyEightAfter() {
        assertRefused(Limits.BEFORE_CONNECT, partials(8, 1), 9, "more than 8 chunk streams");
        assertRefused(Limits.CONNECTED, partials(128, 1), 129, "more than 128 chunk streams");
        assertRefused(Limits.MEDIA, partials(128, 1), 129, "more than 128 chunk streams");
    }

    private static ChunkBytes partials(int count, int bytesEach) {
        ChunkBytes bytes = chunks().setChunkSize(bytesEach);
        for (int i = 1; i < count; i++) { // Set Chunk Size has opened the first
            bytes.fmt0(2 + i, 0, 60_000, VIDEO, 1).body(payload(bytesEach));
        }
        return bytes;
    }

    private static void assertRefused(Limits limits, ChunkBytes allowed, int nextId, String sentence) {
        ChunkReader reader = new ChunkReader(limits);
        reader.receive(allowed.bytes, 0, 0, m -> {});
        reader.receive(chunks().basic(0, nextId + 2).bytes, 0, 0, m -> {}); // incomplete: not yet judged
        assertThatThrownBy(() -> reader.receive(payload(11), 0, 0, m -> {}))
                .isInstanceOf(ProtocolException.class)
                .hasMessageContaining(sentence);
    }

    @Test
    void unfinishedMessagesHoldAQuarterMebibyteBeforePublishing() {
        for (Limits limits : List.of(Limits.BEFORE_CONNECT, Limits.CONNECTED)) {
            ChunkBytes held = partials(5, 65_536 - 6_000);
            int left = 256 * 1024 - 4 * (65_536 - 6_000);
            ChunkReader reader = new ChunkReader(limits);
            reader.receive(held.bytes, 0, 0, m -> {});
            reader.receive(chunks().fmt0(9, 0, 60_000, VIDEO, 1).body(payload(left)).bytes, 0, 0, m -> {});
            assertThatThrownBy(() -> reader.receive(payload(1), 0, 0, m -> {}))
                    .isInstanceOf(ProtocolException.class)
                    .hasMessageContaining("unfinished");
        }
    }

    @Test
    void unfinishedMessagesHoldSixteenMebibytesWhenPublishing() {
        ChunkReader reader = new ChunkReader(Limits.MEDIA);
        ChunkBytes bytes = chunks().setChunkSize(4 * 1024 * 1024);
        Buffer part = Buffer.buffer(new byte[4 * 1024 * 1024]);
        for (int i = 0; i < 4; i++) {
            bytes.fmt0(10 + i, 0, 8 * 1024 * 1024, VIDEO, 1).body(part);
        }
        reader.receive(bytes.bytes, 0, 0, m -> {});
        reader.receive(chunks().fmt0(4, 0, 1, AUDIO, 1).bytes, 0, 0, m -> {});
        assertThatThrownBy(() -> reader.receive(payload(1), 0, 0, m -> {})).hasMessageContaining("16777216");
    }

    @Test
    void anAbortedMessageHoldsNothing() {
        ChunkReader reader = new ChunkReader(Limits.CONNECTED);
        List<RawMessage> messages = new ArrayList<>();
        ChunkBytes bytes = chunks().setChunkSize(100_000);
        for (int i = 0; i < 20; i++) {
            bytes.fmt0(6, i, 200_000, VIDEO, 1).body(payload(100_000)).abort(6);
        }
        reader.receive(bytes.fmt0(6, 99, 3, VIDEO, 1).body(payload(3)).bytes, 0, 0, messages::add);
        assertThat(messages).hasSize(22).endsWith(video(99, 3));
    }

    @Test
    void tinyChunksAreReadOnABudgetOfOneSecond() {
        assertBudget(Limits.HELD, 200_000);
        assertBudget(Limits.MEDIA_HELD, 200_000);
        assertBudget(Limits.BEFORE_CONNECT, 4_000);
        assertBudget(Limits.CONNECTED, 4_000);
        assertBudget(Limits.MEDIA, 20_000);
    }

    private static void assertBudget(Limits limits, int chunks) {
        ChunkReader reader = new ChunkReader(limits);
        reader.receive(chunks().fmt0(4, 0, 0, AUDIO, 1).bytes, 0, 0, m -> {});
        Buffer silence = Buffer.buffer();
        for (int i = 1; i < chunks; i++) {
            silence.appendByte((byte) (3 << 6 | 4));
        }
        reader.receive(silence, 0, 999, m -> {});
        assertThatThrownBy(() -> reader.receive(silence.getBuffer(0, 1), 0, 999, m -> {}))
                .isInstanceOf(ProtocolException.class)
                .hasMessageContaining("more than " + chunks + " chunks under 128 bytes");

        reader.receive(silence.getBuffer(0, 1), 0, 1_000, m -> {});
    }

    @Test
    void fullChunksCostNoBudget() {
        ChunkReader reader = new ChunkReader(Limits.CONNECTED);
        ChunkBytes bytes = chunks().fmt0(4, 0, 128, AUDIO, 1).body(payload(128));
        for (int i = 0; i < 5_000; i++) {
            bytes.fmt3(4).body(payload(128));
        }
        reader.receive(bytes.bytes, 0, 0, m -> {});
    }

    @Test
    void wideningTheLimitsHoldsFromTheNextChunk() {
        ChunkReader reader = new ChunkReader(Limits.BEFORE_CONNECT);
        reader.receive(partials(8, 1).bytes, 0, 0, m -> {});
        reader.limit(Limits.CONNECTED);
        reader.receive(chunks().fmt0(90, 0, 100_000, VIDEO, 1).bytes, 0, 0, m -> {});
    }

    @Test
    void aDeclaredLengthTakesNoMemory() {
        List<ChunkReader> readers = new ArrayList<>();
        Buffer bytes = chunks().fmt0(6, 0, 8 * 1024 * 1024, VIDEO, 1).body(payload(1)).bytes;
        for (int i = 0; i < 2_000; i++) { // 16 GB if it were believed
            ChunkReader reader = new ChunkReader(Limits.MEDIA);
            reader.receive(bytes, 0, 0, m -> {});
            readers.add(reader);
        }
        assertThat(readers).hasSize(2_000);
    }

    // -- recorded connections

    static List<Recorded> recorded() {
        return Recorded.ALL;
    }

    @ParameterizedTest
    @MethodSource("recorded")
    void aRecordedConnectionReadsToItsLastByteInAnySplit(Recorded recorded) {
        Buffer chunks = recorded.chunks();
        List<RawMessage> whole = read(chunks, chunks.length());
        assertThat(Recorded.counts(whole)).isEqualTo(recorded.counts());
        assertThat(read(chunks, 1)).isEqualTo(whole);
        for (int seed = 0; seed < 20; seed++) {
            assertThat(readAtRandom(chunks, new Random(seed)))
                    .as("seed " + seed)
                    .isEqualTo(whole);
        }
    }

    @ParameterizedTest
    @MethodSource("recorded")
    void aRecordedConnectionSurvivesOurWriter(Recorded recorded) {
        List<RawMessage> messages = recorded.messages();
        Buffer out = Buffer.buffer();
        int chunkSize = ChunkReader.DEFAULT_CHUNK_SIZE;
        for (RawMessage message : messages) {
            ChunkWriter.write(chunkSize, message, out);
            chunkSize = message.type() == RawMessage.SET_CHUNK_SIZE
                    ? message.payload().getInt(0)
                    : chunkSize;
        }
        assertThat(read(out, 1_000)).isEqualTo(messages);
    }

    @Test
    void extendedTimestampsOfRealSendersKeepTheirTime() {
        assertThat(last(new Recorded("ffmpeg-publish-exttime-c2s", ""), AUDIO)).isEqualTo(16_778_577);
        assertThat(last(new Recorded("ffmpeg-publish-exttime2-c2s", ""), AUDIO)).isEqualTo(16_779_497);
        assertThat(last(new Recorded("librtmp-publish-exttime-c2s", ""), VIDEO)).isEqualTo(16_779_323);
        assertThat(last(new Recorded("ffmpeg-play-exttime-chunk128-s2c", ""), VIDEO))
                .isEqualTo(16_787_523);
        assertThat(last(new Recorded("rtmpdump-play-exttime-chunk128-s2c", ""), AUDIO))
                .isEqualTo(16_789_504);
    }

    private static long last(Recorded recorded, int type) {
        return recorded.messages().stream()
                .filter(m -> m.type() == type)
                .mapToLong(RawMessage::timestamp)
                .reduce((a, b) -> b)
                .orElseThrow();
    }

    @Test
    void mutationsOfRecordedConnectionsAreReadOrRefused() {
        Random random = new Random(20_000);
        List<Buffer> originals = Recorded.ALL.stream().map(Recorded::chunks).toList();
        int refused = 0;
        for (int i = 0; i < 20_000; i++) {
            Buffer bytes = mutate(originals.get(i % originals.size()), random);
            try {
                new ChunkReader(Limits.values()[i % 3]).receive(bytes, 0, 0, m -> {});
            } catch (ProtocolException e) {
                refused++;
            }
        }
        assertThat(refused).isBetween(1_000, 20_000);
    }

    /** Up to 2 kB from anywhere in the original's first part, with one to eight bytes changed. */
    private static Buffer mutate(Buffer original, Random random) {
        int end = Math.min(original.length(), 100 + random.nextInt(2_000));
        Buffer bytes = original.getBuffer(0, end);
        for (int i = 1 + random.nextInt(8); i > 0; i--) {
            bytes.setByte(random.nextInt(end), (byte) random.nextInt());
        }
        return bytes;
    }

    private static List<RawMessage> read(Buffer bytes, int step) {
        ChunkReader reader = new ChunkReader(Limits.MEDIA);
        List<RawMessage> messages = new ArrayList<>();
        for (int at = 0; at < bytes.length(); at += step) {
            reader.receive(bytes.slice(at, Math.min(bytes.length(), at + step)), 0, 0, messages::add);
        }
        return messages;
    }

    private static List<RawMessage> readAtRandom(Buffer bytes, Random random) {
        ChunkReader reader = new ChunkReader(Limits.MEDIA);
        List<RawMessage> messages = new ArrayList<>();
        int most = 1 + random.nextInt(5_000);
        for (int at = 0; at < bytes.length(); ) {
            int end = Math.min(bytes.length(), at + 1 + random.nextInt(most));
            reader.receive(bytes.slice(at, end), 0, 0, messages::add);
            at = end;
        }
        return messages;
    }

    private static void assertRefused(Limits limits, ChunkBytes bytes, String sentence) {
        ChunkReader reader = new ChunkReader(limits);
        assertThatThrownBy(() -> reader.receive(bytes.bytes, 0, 0, m -> {}))
                .isInstanceOf(ProtocolException.class)
                .hasMessageContaining(sentence);
    }
}
