package io.fluctus.media;

import io.fluctus.wire.ByteReader;
import io.fluctus.wire.ProtocolException;
import java.util.Optional;
import java.util.Set;

/** What a video sequence header says about the picture: its size in pixels, and profile and level as the codec numbers them. */
public record VideoConfig(int width, int height, int profile, int level) {
    private static final int MAX_SIDE = 65_535;

    /** H.264 7.3.2.1.1: the profiles whose parameter sets say more about chroma. */
    private static final Set<Integer> HIGH_PROFILES =
            Set.of(100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135);

    /** H.264 7.4.2.1.1: the most reference frames one cycle of picture order counts may list. */
    private static final int MAX_ORDER_COUNT_CYCLE = 255;

    private static final int HEVC_SPS = 33;
    private static final int OBU_SEQUENCE_HEADER = 1;

    /** AVCDecoderConfigurationRecord (ISO/IEC 14496-15 5.3.3.1); empty if it holds no sequence parameter set. */
    static Optional<VideoConfig> avc(ByteReader in) {
        in.skip(5);
        int count = in.u8() & 0x1F;
        return count == 0 ? Optional.empty() : Optional.of(avcSps(nalUnit(in)));
    }

    private static ByteReader nalUnit(ByteReader in) {
        return new ByteReader(in.bytes(in.u16()));
    }

    /** H.264 7.3.2.1.1. */
    private static VideoConfig avcSps(ByteReader nalUnit) {
        BitReader in = BitReader.nalUnit(nalUnit);
        in.skip(8);
        int profile = (int) in.bits(8);
        in.skip(8);
        int level = (int) in.bits(8);
        in.ue(); // seq_parameter_set_id
        long chroma = HIGH_PROFILES.contains(profile) ? avcChroma(in) : 1;
        in.ue(); // log2_max_frame_num_minus4
        avcOrderCount(in);
        in.ue(); // max_num_ref_frames
        in.skip(1);
        long macroblocks = in.ue() + 1;
        long mapUnits = in.ue() + 1;
        int fields = in.flag() ? 1 : 2; // frame_mbs_only_flag
        in.skip(fields == 1 ? 1 : 2);
        Crop crop = Crop.read(in);
        int unitX = chroma == 1 || chroma == 2 ? 2 : 1;
        int unitY = (chroma == 1 ? 2 : 1) * fields;
        long width = macroblocks * 16 - unitX * crop.horizontal;
        return sized(width, mapUnits * 16 * fields - unitY * crop.vertical, profile, level);
    }

    private static long avcChroma(BitReader in) {
        long chroma = in.ue(); // chroma_format_idc
        if (chroma == 3) {
            in.skip(1);
        }
        in.ue(); // bit_depth_luma_minus8
        in.ue(); // bit_depth_chroma_minus8
        in.skip(1);
        if (in.flag()) { // seq_scaling_matrix_present_flag
            int lists = chroma == 3 ? 12 : 8;
            for (int i = 0; i < lists; i++) {
                if (in.flag()) {
                    avcScalingList(in, i < 6 ? 16 : 64);
                }
            }
        }
        return chroma;
    }

    /** H.264 7.3.2.1.1.1. */
    private static void avcScalingList(BitReader in, int size) {
        long next = 8;
        for (int i = 0; i < size && next != 0; i++) {
            next = next + in.se() & 0xFF;
        }
    }

    private static void avcOrderCount(BitReader in) {
        long type = in.ue(); // pic_order_cnt_type
        if (type == 0) {
            in.ue();
        } else if (type == 1) {
            in.skip(1);
            in.se();
            in.se();
            long cycle = in.ue();
            if (cycle > MAX_ORDER_COUNT_CYCLE) {
                throw new ProtocolException("H.264 parameter set lists " + cycle + " reference frames in a cycle");
            }
            for (long i = 0; i < cycle; i++) {
                in.se();
            }
        }
    }

    /** HEVCDecoderConfigurationRecord (ISO/IEC 14496-15 8.3.3.1); empty if it holds no sequence parameter set. */
    static Optional<VideoConfig> hevc(ByteReader in) {
        in.skip(1);
        int profile = in.u8() & 0x1F;
        in.skip(10);
        int level = in.u8();
        in.skip(9);
        for (int arrays = in.u8(); arrays > 0; arrays--) {
            int type = in.u8() & 0x3F;
            for (int count = in.u16(); count > 0; count--) {
                ByteReader nalUnit = nalUnit(in);
                if (type == HEVC_SPS) {
                    return Optional.of(hevcSps(nalUnit, profile, level));
                }
            }
        }
        return Optional.empty();
    }

    /** H.265 7.3.2.2.1. */
    private static VideoConfig hevcSps(ByteReader nalUnit, int profile, int level) {
        BitReader in = BitReader.nalUnit(nalUnit);
        in.skip(16 + 4);
        int subLayers = (int) in.bits(3); // sps_max_sub_layers_minus1
        in.skip(1);
        hevcProfileTierLevel(in, subLayers);
        in.ue(); // sps_seq_parameter_set_id
        long chroma = in.ue();
        if (chroma == 3) {
            in.skip(1);
        }
        long width = in.ue();
        long height = in.ue();
        Crop crop = Crop.read(in);
        int unitX = chroma == 1 || chroma == 2 ? 2 : 1;
        int unitY = chroma == 1 ? 2 : 1;
        return sized(width - unitX * crop.horizontal, height - unitY * crop.vertical, profile, level);
    }

    /** H.265 7.3.3. */
    private static void hevcProfileTierLevel(BitReader in, int subLayers) {
        in.skip(88 + 8);
        if (subLayers == 0) {
            return;
        }
        int bits = 0;
        for (int i = 0; i < 8; i++) {
            boolean profilePresent = in.flag() && i < subLayers;
            boolean levelPresent = in.flag() && i < subLayers;
            bits += (profilePresent ? 88 : 0) + (levelPresent ? 8 : 0);
        }
        in.skip(bits);
    }

    /** AV1CodecConfigurationRecord (AV1 in ISOBMFF 2.3.3); empty if no sequence header stands in it. */
    static Optional<VideoConfig> av1(ByteReader in) {
        in.skip(1);
        int profileAndLevel = in.u8();
        in.skip(2);
        while (in.hasRemaining()) {
            int header = in.u8();
            in.skip((header & 4) == 0 ? 0 : 1); // obu_extension_flag
            int length = (header & 2) == 0 ? in.remaining() : leb128(in); // obu_has_size_field
            ByteReader obu = new ByteReader(in.bytes(length));
            if ((header >> 3 & 0xF) == OBU_SEQUENCE_HEADER) {
                return Optional.of(av1SequenceHeader(obu, profileAndLevel >> 5, profileAndLevel & 0x1F));
            }
        }
        return Optional.empty();
    }

    /** AV1 4.10.5; four bytes say more than a message may hold. */
    private static int leb128(ByteReader in) {
        int value = 0;
        for (int shift = 0; shift < 28; shift += 7) {
            int next = in.u8();
            value |= (next & 0x7F) << shift;
            if (next < 0x80) {
                return value;
            }
        }
        throw new ProtocolException("AV1 size is longer than 4 bytes");
    }

    /** AV1 5.5.1. */
    private static VideoConfig av1SequenceHeader(ByteReader obu, int profile, int level) {
        BitReader in = BitReader.plain(obu);
        in.skip(3 + 1);
        if (in.flag()) { // reduced_still_picture_header
            in.skip(5);
        } else {
            int delayBits = in.flag() ? av1Timing(in) : 0;
            av1OperatingPoints(in, delayBits);
        }
        int widthBits = (int) in.bits(4) + 1;
        int heightBits = (int) in.bits(4) + 1;
        long width = in.bits(widthBits) + 1;
        return sized(width, in.bits(heightBits) + 1, profile, level);
    }

    /** AV1 5.5.3 and 5.5.4: the bits of a decoder buffer delay, 0 without a decoder model. */
    private static int av1Timing(BitReader in) {
        in.skip(32 + 32);
        if (in.flag()) { // equal_picture_interval
            in.ue();
        }
        if (!in.flag()) { // decoder_model_info_present_flag
            return 0;
        }
        int delayBits = (int) in.bits(5) + 1;
        in.skip(32 + 5 + 5);
        return delayBits;
    }

    private static void av1OperatingPoints(BitReader in, int delayBits) {
        boolean displayDelay = in.flag(); // initial_display_delay_present_flag
        for (long left = in.bits(5); left >= 0; left--) {
            in.skip(12);
            if (in.bits(5) > 7) { // seq_level_idx
                in.skip(1);
            }
            if (delayBits > 0 && in.flag()) {
                in.skip(2 * delayBits + 1);
            }
            if (displayDelay && in.flag()) {
                in.skip(4);
            }
        }
    }

    private static VideoConfig sized(long width, long height, int profile, int level) {
        if (width < 1 || height < 1 || width > MAX_SIDE || height > MAX_SIDE) {
            throw new ProtocolException("a picture of " + width + " by " + height + " pixels is out of range");
        }
        return new VideoConfig((int) width, (int) height, profile, level);
    }

    /** What the cropping or conformance window takes away on both sides, in chroma units. */
    private record Crop(long horizontal, long vertical) {
        static Crop read(BitReader in) {
            return in.flag() ? new Crop(in.ue() + in.ue(), in.ue() + in.ue()) : new Crop(0, 0);
        }
    }
}
