package io.fluctus.container;

import io.fluctus.media.MediaPacket;
import io.fluctus.media.MediaPacket.Kind;
import io.fluctus.media.MediaTag;
import io.fluctus.wire.ProtocolException;
import io.vertx.core.buffer.Buffer;
import java.util.Optional;

/**
 * One track's packets as samples: each is complete when the next one tells how long it lasted. Of a multitrack stream it is the
 * default track. Packets that cannot be read, of codecs that MP4 does not know, or before the first key frame give nothing.
 */
public final class Sampler {
    /** Seconds that one sample may last; what is longer is a hole in the stream and no sample's. */
    public static final int MAX_SAMPLE_SECONDS = 10;

    /** Audio goes on by its own samples until the packets' times, which are rounded, are this far away: one 20th of a second. */
    private static final int DRIFT_PER_SECOND = 20;

    private static final int FIRST_DURATION_PER_SECOND = 25;
    private static final int AAC_SAMPLES = 1024;
    private static final int SBR = 5;
    private static final int PARAMETRIC_STEREO = 29;
    private static final int NANOS_PER_UNIT = 1_000_000_000 / Mp4Track.VIDEO_TIMESCALE;

    private final Kind kind;
    private final int id;
    private Buffer headerBytes = Buffer.buffer();
    private Optional<MediaTag.Track> header = Optional.empty();
    private Optional<Mp4Track> track = Optional.empty();
    private Optional<Sample> pending = Optional.empty();
    private int pendingSamples;
    private int lastDuration;
    private long broken;

    /** {@code kind} is AUDIO or VIDEO, {@code id} the track's in the file. */
    public Sampler(Kind kind, int id) {
        this.kind = kind;
        this.id = id;
    }

    /** The frame of one packet by itself, as long as its like; empty where there is none. */
    public static Optional<Sample> single(MediaPacket packet, Mp4Track track, int duration) {
        if (packet.payload().length() == 0) {
            return Optional.empty();
        }
        try {
            MediaTag tag = MediaTag.decode(packet.kind(), packet.payload());
            return tag.track()
                    .filter(frame -> tag.packet() == MediaTag.Packet.CODED_FRAMES
                            && frame.body().length() > 0)
                    .map(frame -> new Sample(
                            track,
                            track.units(packet.timestamp()),
                            duration,
                            track.video() ? offset(tag) : 0,
                            !track.video() || tag.isKeyFrame(),
                            frame.body(),
                            packet));
        } catch (ProtocolException e) {
            return Optional.empty();
        }
    }

    /** Packets that could not be read. */
    public long broken() {
        return broken;
    }

    /** The sample before {@code packet}, which it completes. Packets of other kinds complete nothing. */
    public Optional<Sample> receive(MediaPacket packet) {
        if (packet.kind() != kind || packet.payload().length() == 0) {
            return Optional.empty();
        }
        try {
            return MediaTag.sequenceHeader(kind, packet.payload()) ? begin(packet) : sample(packet);
        } catch (ProtocolException | IndexOutOfBoundsException e) {
            broken++;
            return Optional.empty();
        }
    }

    /** The last sample, when no packet will follow; it lasts as long as the one before it. */
    public Optional<Sample> flush() {
        Optional<Sample> last = pending.map(sample -> sample.lasting(usualDuration(sample.track())));
        pending = Optional.empty();
        return last;
    }

    /** A sequence header that says the same again changes nothing: some encoders send it with every frame. */
    private Optional<Sample> begin(MediaPacket packet) {
        if (!packet.payload().equals(headerBytes)) {
            Optional<MediaTag.Track> said =
                    MediaTag.decode(kind, packet.payload()).track();
            if (said.filter(t -> t.body().length() > 0).isPresent()) {
                headerBytes = packet.payload();
                header = said;
                track = Optional.empty();
            }
        }
        return Optional.empty();
    }

    private Optional<Sample> sample(MediaPacket packet) {
        MediaTag tag = MediaTag.decode(kind, packet.payload());
        Optional<MediaTag.Track> frame = tag.track().filter(t -> t.body().length() > 0);
        if (tag.packet() != MediaTag.Packet.CODED_FRAMES || frame.isEmpty()) {
            return Optional.empty();
        }
        boolean key = kind == Kind.AUDIO || tag.isKeyFrame();
        if (track.isEmpty() && key) {
            track = SampleEntry.track(id, header, frame.get());
        }
        if (track.isEmpty()) {
            return Optional.empty();
        }
        int samples = kind == Kind.AUDIO ? samples(frame.get()) : 0;
        long time = forward(kind == Kind.VIDEO ? track.get().units(packet.timestamp()) : audioTime(packet, samples));
        int offset = kind == Kind.VIDEO ? offset(tag) : 0;
        Sample next = new Sample(track.get(), time, 0, offset, key, frame.get().body(), packet);
        Optional<Sample> done = pending.map(sample -> sample.lasting(durationUntil(sample, next)));
        pending = Optional.of(next);
        pendingSamples = samples;
        return done;
    }

    private static int offset(MediaTag tag) {
        return (int) (tag.compositionTime() * (Mp4Track.VIDEO_TIMESCALE / 1_000L) + tag.nanoOffset() / NANOS_PER_UNIT);
    }

    private int samples(MediaTag.Track frame) {
        return switch (frame.codec().fourCc()) {
            case "mp4a" ->
                header.flatMap(MediaTag.Track::sound)
                        .map(s ->
                                s.profile() == SBR || s.profile() == PARAMETRIC_STEREO ? 2 * AAC_SAMPLES : AAC_SAMPLES)
                        .orElse(0);
            case "Opus" -> AudioFrame.opus(frame.body()).samples();
            case "fLaC" -> AudioFrame.flac(frame.body()).samples();
            case ".mp3" -> AudioFrame.mp3(frame.body()).samples();
            case "ac-3" -> AudioFrame.ac3(frame.body(), false).samples();
            case "ec-3" -> AudioFrame.ac3(frame.body(), true).samples();
            default -> 0;
        };
    }

    /** Where the samples before it end, unless the packet's own time is too far from there. */
    private long audioTime(MediaPacket packet, int samples) {
        Mp4Track now = track.orElseThrow();
        long real = now.units(packet.timestamp());
        if (pendingSamples == 0 || pending.filter(p -> p.track().equals(now)).isEmpty()) {
            return real;
        }
        long expected = pending.get().time() + pendingSamples;
        if (Math.abs(real - expected) <= now.timescale() / DRIFT_PER_SECOND) {
            return expected;
        }
        return real > expected ? real : Math.max(real, expected - Math.max(1, samples / 2));
    }

    /** Times of decoding rise. */
    private long forward(long time) {
        return pending.filter(p -> p.track().equals(track.orElseThrow()))
                .map(p -> Math.max(time, p.time() + 1))
                .orElse(time);
    }

    private int durationUntil(Sample sample, Sample next) {
        long duration = next.time() - sample.time();
        boolean follows = sample.track().equals(next.track())
                && duration <= (long) MAX_SAMPLE_SECONDS * sample.track().timescale();
        if (follows) {
            lastDuration = (int) duration;
        }
        return follows ? (int) duration : usualDuration(sample.track());
    }

    private int usualDuration(Mp4Track of) {
        return pendingSamples > 0
                ? pendingSamples
                : lastDuration > 0 ? lastDuration : of.timescale() / FIRST_DURATION_PER_SECOND;
    }
}
