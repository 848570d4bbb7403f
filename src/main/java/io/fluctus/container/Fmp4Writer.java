package io.fluctus.container;

import io.fluctus.wire.ByteWriter;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Fragmented MP4 (ISO/IEC 14496-12): an initialization, then fragments that each stand alone behind it. */
public final class Fmp4Writer {
    /** Of the movie as a whole: milliseconds. */
    private static final int MOVIE_TIMESCALE = 1_000;

    private static final int[] MATRIX = {0x00010000, 0, 0, 0, 0x00010000, 0, 0, 0, 0x40000000};
    private static final int UNDETERMINED = 0x55C4; // ISO 639-2 und, three letters of five bits
    private static final int NO_TRACK_YET = 0xFFFFFFFF;

    // 8.8.3.1: sample_depends_on and sample_is_non_sync_sample
    private static final int SYNC_SAMPLE = 0x02000000;
    private static final int NON_SYNC_SAMPLE = 0x01010000;

    // 8.8.7, 8.8.8: flags of tfhd and trun
    private static final int DEFAULT_BASE_IS_MOOF = 0x020000;
    private static final int DATA_OFFSET = 0x001;
    private static final int SAMPLE_DURATION = 0x100;
    private static final int SAMPLE_SIZE = 0x200;
    private static final int SAMPLE_FLAGS = 0x400;
    private static final int COMPOSITION_OFFSET = 0x800;
    private static final int AUDIO_RUN = DATA_OFFSET | SAMPLE_DURATION | SAMPLE_SIZE;
    private static final int VIDEO_RUN = AUDIO_RUN | SAMPLE_FLAGS | COMPOSITION_OFFSET;

    private static final int MFHD_BYTES = 16;
    private static final int TFHD_BYTES = 16;
    private static final int TFDT_BYTES = 20;
    private static final int TRUN_BYTES = 20;
    private static final int AUDIO_SAMPLE_BYTES = 8;
    private static final int VIDEO_SAMPLE_BYTES = 16;

    private Fmp4Writer() {}

    // -- the initialization

    /** The initialization of these tracks, 1 or more. */
    public static Buffer init(List<Mp4Track> tracks) {
        return init(tracks, 0);
    }

    /** As {@link #init(List)}, of a movie that lasts so many milliseconds, 0: nobody knows; as long as any other of these tracks. */
    public static Buffer init(List<Mp4Track> tracks, long millis) {
        Buffer mvex = Box.of("mvex", out -> {
            out.bytes(Box.full("mehd", 1, 0, box -> box.i64(millis)));
            tracks.forEach(track -> out.bytes(trex(track)));
        });
        Buffer moov = Box.of("moov", out -> {
            out.bytes(mvhd(millis));
            tracks.forEach(track -> out.bytes(trak(track, millis)));
            out.bytes(mvex);
        });
        return ftyp().appendBuffer(moov);
    }

    private static Buffer ftyp() {
        return Box.of("ftyp", out -> out.bytes(ascii("iso6")).u32(1).bytes(ascii("iso6mp41")));
    }

    private static Buffer mvhd(long millis) {
        return Box.full("mvhd", 1, 0, out -> {
            out.i64(0).i64(0).u32(MOVIE_TIMESCALE).i64(millis);
            out.u32(0x00010000).u16(0x0100).u16(0).i64(0); // rate, volume, reserved
            matrix(out);
            out.bytes(new byte[24]).u32(NO_TRACK_YET);
        });
    }

    private static void matrix(ByteWriter out) {
        for (int value : MATRIX) {
            out.u32(value);
        }
    }

    private static Buffer trak(Mp4Track track, long millis) {
        Buffer tkhd = Box.full(
                "tkhd",
                1,
                3,
                out -> { // enabled, in the movie
                    out.i64(0).i64(0).u32(track.id()).u32(0).i64(millis);
                    out.i64(0).u16(0).u16(0).u16(track.video() ? 0 : 0x0100).u16(0); // layer, group, volume
                    matrix(out);
                    out.u32((long) track.width() << 16).u32((long) track.height() << 16);
                });
        Buffer mdhd = Box.full(
                "mdhd",
                1,
                0,
                out -> out.i64(0)
                        .i64(0)
                        .u32(track.timescale())
                        .i64(0)
                        .u16(UNDETERMINED)
                        .u16(0));
        return Box.of("trak", tkhd, Box.of("mdia", mdhd, hdlr(track), minf(track)));
    }

    private static Buffer hdlr(Mp4Track track) {
        return Box.full(
                "hdlr",
                0,
                0,
                out -> out.u32(0)
                        .bytes(ascii(track.video() ? "vide" : "soun"))
                        .bytes(new byte[12])
                        .bytes(ascii(track.video() ? "video" : "audio"))
                        .u8(0));
    }

    private static Buffer minf(Mp4Track track) {
        Buffer media =
                track.video() ? Box.full("vmhd", 0, 1, out -> out.i64(0)) : Box.full("smhd", 0, 0, out -> out.u32(0));
        Buffer inThisFile = Box.full("url ", 0, 1, out -> {});
        Buffer dref = Box.full("dref", 0, 0, out -> out.u32(1).bytes(inThisFile));
        Buffer stbl = Box.of(
                "stbl",
                Box.full("stsd", 0, 0, out -> out.u32(1).bytes(track.entry())),
                Box.full("stts", 0, 0, out -> out.u32(0)),
                Box.full("stsc", 0, 0, out -> out.u32(0)),
                Box.full("stsz", 0, 0, out -> out.i64(0)),
                Box.full("stco", 0, 0, out -> out.u32(0)));
        return Box.of("minf", media, Box.of("dinf", dref), stbl);
    }

    private static Buffer trex(Mp4Track track) {
        int flags = track.video() ? NON_SYNC_SAMPLE : SYNC_SAMPLE;
        return Box.full(
                "trex",
                0,
                0,
                out -> out.u32(track.id())
                        .u32(1) // sample_description_index
                        .u32(0)
                        .u32(0)
                        .u32(flags));
    }

    private static byte[] ascii(String letters) {
        return letters.getBytes(StandardCharsets.US_ASCII);
    }

    // -- fragments

    /**
     * A fragment: one moof and its mdat.
     *
     * @param sequence rises by one from fragment to fragment
     * @param runs samples in a row, each run of one track and not empty
     */
    public static Buffer fragment(long sequence, List<List<Sample>> runs) {
        int moof = Box.HEADER + MFHD_BYTES;
        long data = Box.HEADER;
        for (List<Sample> run : runs) {
            moof += trafBytes(run);
            data += dataBytes(run);
        }
        Buffer out = Buffer.buffer(Math.toIntExact(moof + data));
        header(out, moof, "moof");
        header(out, MFHD_BYTES, "mfhd");
        out.appendInt(0).appendInt((int) sequence);
        int offset = moof + Box.HEADER;
        for (List<Sample> run : runs) {
            traf(run, offset, out);
            offset += (int) dataBytes(run);
        }
        header(out, (int) data, "mdat");
        runs.forEach(run -> run.forEach(sample -> out.appendBuffer(sample.data())));
        return out;
    }

    private static void header(Buffer out, int size, String type) {
        out.appendInt(size).appendString(type);
    }

    private static long dataBytes(List<Sample> run) {
        long bytes = 0;
        for (Sample sample : run) {
            bytes += sample.data().length();
        }
        return bytes;
    }

    private static int trunBytes(List<Sample> run) {
        int each = run.get(0).track().video() ? VIDEO_SAMPLE_BYTES : AUDIO_SAMPLE_BYTES;
        return TRUN_BYTES + each * run.size();
    }

    private static int trafBytes(List<Sample> run) {
        return Box.HEADER + TFHD_BYTES + TFDT_BYTES + trunBytes(run);
    }

    private static void traf(List<Sample> run, int dataOffset, Buffer out) {
        Mp4Track track = run.get(0).track();
        header(out, trafBytes(run), "traf");
        header(out, TFHD_BYTES, "tfhd");
        out.appendInt(DEFAULT_BASE_IS_MOOF).appendInt(track.id());
        header(out, TFDT_BYTES, "tfdt");
        out.appendInt(1 << 24).appendLong(run.get(0).time());
        header(out, trunBytes(run), "trun");
        out.appendInt(1 << 24 | (track.video() ? VIDEO_RUN : AUDIO_RUN))
                .appendInt(run.size())
                .appendInt(dataOffset);
        for (Sample sample : run) {
            out.appendInt(sample.duration()).appendInt(sample.data().length());
            if (track.video()) {
                out.appendInt(sample.key() ? SYNC_SAMPLE : NON_SYNC_SAMPLE).appendInt(sample.offset());
            }
        }
    }
}
