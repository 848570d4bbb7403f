package io.fluctus.container;

import io.fluctus.media.VideoConfig;
import io.vertx.core.buffer.Buffer;
import java.util.Optional;

/** The uncompressed header of a VP9 key frame (VP9 bitstream 6.2), as far as the size of the picture. */
final class Vp9Frame {
    private static final int SYNC_CODE = 0x498342;
    private static final int COLOUR_SPACE_RGB = 7;

    /** Bits up to the height, at most. */
    private static final int LONGEST = 12;

    private Vp9Frame() {}

    /** Empty for anything but a key frame. */
    static Optional<VideoConfig> picture(Buffer frame) {
        if (frame.length() < LONGEST) {
            return Optional.empty();
        }
        Bits in = new Bits(frame);
        int marker = in.take(2);
        int profile = in.take(1) | in.take(1) << 1;
        in.take(profile == 3 ? 1 : 0);
        boolean existing = in.take(1) == 1;
        boolean inter = in.take(1) == 1;
        in.take(2); // show_frame, error_resilient_mode
        if (marker != 2 || existing || inter || in.take(24) != SYNC_CODE) {
            return Optional.empty();
        }
        in.take(profile >= 2 ? 1 : 0); // ten_or_twelve_bit
        boolean rgb = in.take(3) == COLOUR_SPACE_RGB;
        boolean odd = profile == 1 || profile == 3;
        in.take(rgb ? odd ? 1 : 0 : odd ? 4 : 1);
        int width = in.take(16) + 1;
        int height = in.take(16) + 1;
        return Optional.of(new VideoConfig(width, height, profile, 0));
    }

    /** Bits, highest first. */
    private static final class Bits {
        private final Buffer bytes;
        private int at;

        private Bits(Buffer bytes) {
            this.bytes = bytes;
        }

        private int take(int count) {
            int value = 0;
            for (int i = 0; i < count; i++, at++) {
                value = value << 1 | bytes.getByte(at >> 3) >> 7 - (at & 7) & 1;
            }
            return value;
        }
    }
}
