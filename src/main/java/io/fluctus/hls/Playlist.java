package io.fluctus.hls;

import io.fluctus.container.Mp4Track;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** Playlists as text: RFC 8216, and its second edition for parts, blocking reload and delta updates. */
final class Playlist {
    /** 8216bis 4.4.3.7: hints about the end of the playlist are in units of the part target. */
    private static final double PART_HOLD_BACK = 3;

    /** 8216bis 4.4.3.8: what is further than so many target durations from the end may be skipped. */
    private static final int SKIP_TARGETS = 6;

    /** Parts are listed for segments so many target durations from the end. */
    private static final int PART_TARGETS = 3;

    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern(
                    "yyyy-MM-dd'T'HH:mm:ss.SSS'Z'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    private final Packager packager;
    private final boolean low;
    private final StringBuilder out = new StringBuilder(4_096);

    private Playlist(Packager packager) {
        this.packager = packager;
        this.low = packager.partTarget() > 0 && !packager.over();
    }

    // -- the multivariant playlist

    /** One variant; {@code media} is the address of its playlist. */
    static String main(Packager packager, String media) {
        List<Segment> segments = packager.window().listed();
        double peak = 0;
        double bytes = 0;
        double seconds = 0;
        for (Segment segment : segments) {
            peak = Math.max(peak, segment.length() / Math.max(0.1, segment.seconds()));
            bytes += segment.length();
            seconds += segment.seconds();
        }
        String codecs = packager.tracks().stream().map(Mp4Track::codecs).collect(Collectors.joining(","));
        Optional<Mp4Track> video =
                packager.tracks().stream().filter(Mp4Track::video).findFirst();
        return "#EXTM3U\n#EXT-X-VERSION:9\n#EXT-X-STREAM-INF:BANDWIDTH=" + Math.max(1, Math.round(8 * peak))
                + ",AVERAGE-BANDWIDTH=" + Math.max(1, Math.round(8 * bytes / Math.max(0.1, seconds)))
                + (codecs.isEmpty() ? "" : ",CODECS=\"" + codecs + "\"")
                + video.map(v -> ",RESOLUTION=" + v.width() + "x" + v.height()).orElse("")
                + "\n" + media + "\n";
    }

    // -- the media playlist

    /** {@code skip}: as a delta update, where the playlist is long enough for one. */
    static String media(Packager packager, boolean skip) {
        return new Playlist(packager).write(skip);
    }

    private String write(boolean skip) {
        List<Segment> segments = packager.window().listed();
        long first =
                segments.isEmpty() ? packager.currentNumber() : segments.get(0).number();
        int skipped = skip ? skippable(segments) : 0;
        header(first);
        line("#EXT-X-DISCONTINUITY-SEQUENCE:" + packager.window().discontinuitySequence());
        if (skipped > 0) {
            line("#EXT-X-SKIP:SKIPPED-SEGMENTS=" + skipped);
        }
        int init = skipped > 0 ? segments.get(skipped - 1).init() : -1;
        double toEnd =
                segments.stream().skip(skipped).mapToDouble(Segment::seconds).sum();
        for (Segment segment : segments.subList(skipped, segments.size())) {
            begin(segment, init, Optional.of(segment.wall()));
            init = segment.init();
            if (low && toEnd <= PART_TARGETS * packager.target()) {
                parts(segment);
            }
            toEnd -= segment.seconds();
            line("#EXTINF:" + seconds(segment.seconds()) + ",");
            line(segment.number() + ".m4s");
        }
        if (packager.over()) {
            line("#EXT-X-ENDLIST");
        } else if (low) {
            tail(init);
        }
        return out.toString();
    }

    private void header(long first) {
        line("#EXTM3U");
        line("#EXT-X-VERSION:9");
        line("#EXT-X-TARGETDURATION:" + packager.target());
        if (low) {
            line("#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,CAN-SKIP-UNTIL="
                    + seconds(SKIP_TARGETS * packager.target()) + ",PART-HOLD-BACK="
                    + seconds(PART_HOLD_BACK * packager.partTarget()));
            line("#EXT-X-PART-INF:PART-TARGET=" + seconds(packager.partTarget()));
        } else {
            line("#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,CAN-SKIP-UNTIL="
                    + seconds(SKIP_TARGETS * packager.target()));
        }
        line("#EXT-X-MEDIA-SEQUENCE:" + first);
    }

    /** Segments that are further from the end than the skip boundary (8216bis 6.2.5.1). */
    private int skippable(List<Segment> segments) {
        double boundary = SKIP_TARGETS * packager.target();
        double toEnd = packager.current().map(Segment::seconds).orElse(0.0);
        int kept = segments.size();
        while (kept > 0 && toEnd < boundary) {
            toEnd += segments.get(--kept).seconds();
        }
        return kept;
    }

    private void begin(Segment segment, int init, Optional<Long> wall) {
        if (segment.discontinuity()) {
            line("#EXT-X-DISCONTINUITY");
        }
        if (segment.init() != init) {
            line("#EXT-X-MAP:URI=\"init-" + segment.init() + ".mp4\"");
        }
        wall.ifPresent(millis -> line("#EXT-X-PROGRAM-DATE-TIME:" + TIME.format(Instant.ofEpochMilli(millis))));
    }

    private void parts(Segment segment) {
        for (int i = 0; i < segment.parts().size(); i++) {
            Segment.Part part = segment.parts().get(i);
            line("#EXT-X-PART:DURATION=" + seconds(part.seconds()) + ",URI=\"" + segment.number() + "." + i + ".m4s\""
                    + (part.independent() ? ",INDEPENDENT=YES" : ""));
        }
    }

    /** The segment that is being made, and where its next part will be. */
    private void tail(int init) {
        packager.current().ifPresent(segment -> {
            begin(segment, init, Optional.empty());
            parts(segment);
        });
        int next = packager.current().map(segment -> segment.parts().size()).orElse(0);
        line("#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"" + packager.currentNumber() + "." + next + ".m4s\"");
    }

    private static String seconds(double value) {
        return String.format(Locale.ROOT, "%.5f", value);
    }

    private void line(String text) {
        out.append(text).append('\n');
    }
}
