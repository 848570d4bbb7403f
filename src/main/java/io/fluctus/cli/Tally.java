package io.fluctus.cli;

import io.fluctus.media.AudioConfig;
import io.fluctus.media.MediaPacket;
import io.fluctus.media.MediaPacket.Kind;
import io.fluctus.media.MediaTag;
import io.fluctus.media.VideoConfig;
import io.fluctus.wire.Amf0;
import io.fluctus.wire.AmfJson;
import io.fluctus.wire.AmfValue;
import io.fluctus.wire.ByteReader;
import io.fluctus.wire.ProtocolException;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** The figures of a stream as one viewer receives it: what it is, how much of it came, and how evenly. */
final class Tally {
    /** A step between two packets of a track, in milliseconds, that counts as a gap. */
    static final long GAP_MILLIS = 500;

    /** RFC 3550 6.4.1: the share of the newest difference in the jitter. */
    private static final double JITTER_GAIN = 1.0 / 16;

    private static final double NANOS_PER_MILLI = 1e6;
    private static final String METADATA = "onMetaData";

    private final long began;
    private final Track video = new Track();
    private final Track audio = new Track();
    private Optional<Long> firstKeyFrame = Optional.empty();
    private JsonObject metadata = new JsonObject();
    private long dataMessages;

    /** One kind of media. */
    private static final class Track {
        private String codec = "";
        private Optional<VideoConfig> picture = Optional.empty();
        private Optional<AudioConfig> sound = Optional.empty();
        private long frames;
        private long bytes;
        private long first;
        private long last;
        private long arrived;
        private long gaps;
        private long longestStep;
        private long backward;
        private double jitter;

        private void add(MediaPacket packet, long nanos) {
            bytes += packet.payload().length();
            if (MediaTag.header(packet.kind(), packet.payload()) || codec.isEmpty()) {
                describe(packet);
            }
            if (!MediaTag.header(packet.kind(), packet.payload())) {
                time(packet.timestamp(), nanos);
            }
        }

        private void describe(MediaPacket packet) {
            try {
                MediaTag tag = MediaTag.decode(packet.kind(), packet.payload());
                codec = tag.codec().name().isEmpty() ? codec : tag.codec().name();
                picture = tag.picture().or(() -> picture);
                sound = tag.sound().or(() -> sound);
            } catch (ProtocolException e) {
                codec = codec.isEmpty() ? "unknown" : codec;
            }
        }

        private void time(long timestamp, long nanos) {
            if (frames++ == 0) {
                first = timestamp;
            } else {
                long step = (int) (timestamp - last); // 32 bits that wrap
                gaps += step > GAP_MILLIS ? 1 : 0;
                backward += step < 0 ? 1 : 0;
                longestStep = Math.max(longestStep, step);
                double difference = Math.abs((nanos - arrived) / NANOS_PER_MILLI - step);
                jitter += (difference - jitter) * JITTER_GAIN;
            }
            last = timestamp;
            arrived = nanos;
        }

        private long span() {
            return last - first;
        }

        private JsonObject figures() {
            return new JsonObject()
                    .put("codec", codec)
                    .put("frames", frames)
                    .put("bytes", bytes)
                    .put("firstTimestamp", first)
                    .put("lastTimestamp", last)
                    .put("gaps", gaps)
                    .put("longestStepMs", longestStep)
                    .put("backwardSteps", backward)
                    .put("jitterMs", tenths(jitter));
        }

        private JsonObject description() {
            JsonObject description = new JsonObject().put("codec", codec);
            picture.ifPresent(p -> description
                    .put("width", p.width())
                    .put("height", p.height())
                    .put("profile", p.profile())
                    .put("level", p.level()));
            sound.ifPresent(s -> description.put("sampleRate", s.sampleRate()).put("channels", s.channels()));
            return description.put("kbps", kbps(bytes, span()));
        }
    }

    /** {@code nanos}, here and below, is {@link System#nanoTime}. */
    Tally(long nanos) {
        began = nanos;
    }

    void add(MediaPacket packet, long nanos) {
        if (packet.kind() == Kind.DATA) {
            dataMessages++;
            readMetadata(packet);
        } else if (packet.isMedia() && packet.payload().length() > 0) {
            (packet.kind() == Kind.VIDEO ? video : audio).add(packet, nanos);
            if (firstKeyFrame.isEmpty() && packet.kind() == Kind.VIDEO && MediaTag.keyFrame(packet.payload())) {
                firstKeyFrame = Optional.of(nanos - began);
            }
        }
    }

    /** Whether audio or video came, more than its header. */
    boolean arrived() {
        return video.frames + audio.frames > 0;
    }

    long frames() {
        return video.frames + audio.frames;
    }

    /** Milliseconds of the stream that came, by its own clock. */
    long span() {
        return Math.max(video.span(), audio.span());
    }

    /** What a viewer received, as {@code play --json} prints it. */
    JsonObject report(long nanos) {
        JsonObject report = new JsonObject()
                .put("seconds", tenths((nanos - began) / NANOS_PER_MILLI / 1000))
                .put("frames", frames())
                .put("bytes", video.bytes + audio.bytes)
                .put("kbps", kbps(video.bytes + audio.bytes, span()))
                .put("dataMessages", dataMessages);
        firstKeyFrame.ifPresent(time -> report.put("firstKeyFrameMs", tenths(time / NANOS_PER_MILLI)));
        putTrack(report, "video", video, Track::figures);
        putTrack(report, "audio", audio, Track::figures);
        return report;
    }

    /** What the stream is, as {@code probe --json} prints it. */
    JsonObject description() {
        JsonObject description = new JsonObject();
        putTrack(description, "video", video, track -> {
            double fps = track.span() > 0 ? (track.frames - 1) * 1000.0 / track.span() : 0;
            return track.description().put("fps", tenths(fps));
        });
        putTrack(description, "audio", audio, Track::description);
        return description.put("metadata", metadata);
    }

    private static void putTrack(JsonObject to, String name, Track track, Function<Track, JsonObject> say) {
        if (!track.codec.isEmpty()) {
            to.put(name, say.apply(track));
        }
    }

    private void readMetadata(MediaPacket packet) {
        try {
            List<AmfValue> values = Amf0.decodeAll(new ByteReader(packet.payload()));
            if (values.size() > 1
                    && values.get(0).string().filter(METADATA::equals).isPresent()) {
                metadata = AmfJson.toJson(values.get(1).members());
            }
        } catch (ProtocolException e) {
            metadata = new JsonObject().put("error", e.getMessage());
        }
    }

    private static long kbps(long bytes, long millis) {
        return millis > 0 ? bytes * 8 / millis : 0;
    }

    private static double tenths(double value) {
        return Math.round(value * 10) / 10.0;
    }
}
