package io.fluctus.hls;

import io.fluctus.container.Fmp4Writer;
import io.fluctus.container.Mp4Track;
import io.fluctus.container.Sample;
import io.fluctus.container.Sampler;
import io.fluctus.media.MediaPacket;
import io.fluctus.media.MediaPacket.Kind;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * One stream as segments and parts of fragmented MP4. A segment ends before a key frame; a discontinuity stands where the publisher,
 * a track or the time is another one. The video leads, or the sound where there is no video.
 */
final class Packager {
    /** The longest target duration: where key frames are rarer, segments begin without one. */
    static final int MAX_TARGET_SECONDS = 10;

    /** Half a second more still rounds to the target duration (RFC 8216 4.3.3.1). */
    private static final double ROUNDING = 0.49;

    /** A segment may be so much shorter than it is configured: key frames come a bit early, too. */
    private static final double EARLY = 0.1;

    /** A segment is shorter than this only before a discontinuity: numbers rise with the time of day and may not overtake it. */
    private static final double LEAST_SECONDS = 1;

    /** Time that passes without a sample: what follows does not continue what was before. */
    private static final double HOLE_SECONDS = 2;

    private static final double MILLIS = 1_000;

    /**
     * How it is cut.
     *
     * @param partSeconds 0: without parts
     * @param firstNumber media sequence number, and discontinuity sequence, to begin with
     */
    record Rules(int segmentSeconds, double partSeconds, int dvrSeconds, long firstNumber) {}

    private final Rules rules;
    private final Window window;
    private final Sampler video = new Sampler(Kind.VIDEO, 1);
    private final Sampler audio = new Sampler(Kind.AUDIO, 2);
    private final List<Sample> videoRun = new ArrayList<>();
    private final List<Sample> audioRun = new ArrayList<>();
    private List<Mp4Track> tracks = List.of();
    private int inits;
    private Optional<Segment> current = Optional.empty();
    private boolean videoLeads;
    private boolean videoExpected;
    private boolean audioInSegment;
    private boolean discontinuity;
    private long nextNumber;
    private long fragments;
    private long fence = -1;
    private double end = -1;
    private double keyAt;
    private double longestFrame;
    private int target;
    private double partTarget;
    private double partFrom;
    private double segmentFrom;
    private double anchor = Double.MAX_VALUE;
    private boolean over;

    Packager(Rules rules) {
        this.rules = rules;
        this.window = new Window(rules.dvrSeconds(), rules.firstNumber());
        this.nextNumber = rules.firstNumber();
        this.partTarget = rules.partSeconds();
    }

    /** The next packet; {@code wall} is milliseconds since 1970. Gives true when there is something new to fetch. */
    boolean receive(MediaPacket packet, long wall) {
        if (packet.kind() == Kind.UNPUBLISHED) {
            flush(wall);
            return true;
        }
        if (!packet.isMedia()) {
            return false;
        }
        videoExpected |= packet.kind() == Kind.VIDEO;
        long before = fragments;
        (packet.kind() == Kind.VIDEO ? video : audio).receive(packet).ifPresent(sample -> take(sample, wall));
        return fragments != before;
    }

    /** The publisher is gone: what is there is a segment. */
    private void flush(long wall) {
        video.flush().ifPresent(sample -> take(sample, wall));
        audio.flush().ifPresent(sample -> take(sample, wall));
        endSegment();
        discontinuity = true;
        videoExpected = false;
    }

    /** Nothing will follow. */
    void end() {
        over = true;
    }

    // -- cutting

    private void take(Sample taken, long wall) {
        if (taken.source().fence() < fence) {
            return; // of a publisher that was replaced
        }
        Sample sample = bounded(taken);
        if (breaks(sample)) {
            breakOff(sample);
        }
        boolean isVideo = sample.track().video();
        if (isVideo && !videoLeads || !isVideo && videoLeads && lead().isEmpty() && isSilent(sample)) {
            videoLeads = isVideo;
            partFrom = lead().isEmpty() ? sample.seconds() : lead().get(0).seconds();
        }
        if (isVideo == videoLeads) {
            cut(sample);
            keyAt = sample.key() ? sample.seconds() : keyAt;
            partFrom = lead().isEmpty() ? sample.seconds() : partFrom;
            end = sample.track().seconds(sample.end());
            longestFrame = Math.max(longestFrame, sample.track().seconds(sample.duration()));
        }
        audioInSegment |= !isVideo;
        anchor = Math.min(anchor, wall - sample.seconds() * MILLIS);
        run(isVideo).add(sample);
    }

    /** A frame that lasts as long as a hole is one frame and a hole. */
    private Sample bounded(Sample sample) {
        int timescale = sample.track().timescale();
        return sample.duration() > hole() * timescale
                ? sample.lasting((int) Math.min(timescale, Math.max(1, longestFrame * timescale)))
                : sample;
    }

    private double hole() {
        return target > 0 ? Math.min(HOLE_SECONDS, target + ROUNDING / 2) : HOLE_SECONDS;
    }

    private List<Sample> run(boolean ofVideo) {
        return ofVideo ? videoRun : audioRun;
    }

    private List<Sample> lead() {
        return run(videoLeads);
    }

    private static Mp4Track last(List<Sample> run) {
        return run.get(run.size() - 1).track();
    }

    private boolean breaks(Sample sample) {
        boolean isVideo = sample.track().video();
        List<Sample> run = run(isVideo);
        boolean otherTrack = !tracks.isEmpty() && !tracks.contains(sample.track())
                || !run.isEmpty() && !last(run).equals(sample.track());
        return otherTrack || sample.source().fence() != fence || end >= 0 && sample.seconds() - end > hole();
    }

    /** Video was announced and does not come: sound leads. */
    private boolean isSilent(Sample sound) {
        return !audioRun.isEmpty() && sound.seconds() - audioRun.get(0).seconds() > hole();
    }

    /** What follows does not continue what was: another segment, behind a discontinuity, maybe of other tracks. */
    private void breakOff(Sample sample) {
        boolean first = fence < 0;
        boolean otherPublisher = fence != sample.source().fence();
        endSegment();
        tracks = List.of();
        fence = sample.source().fence();
        videoLeads = sample.track().video() || otherPublisher && videoExpected;
        discontinuity = !first;
        end = -1;
        anchor = Double.MAX_VALUE;
    }

    /** The leading track's next sample ends a segment, a part or nothing. */
    private void cut(Sample sample) {
        if (current.isEmpty() && lead().isEmpty()) {
            return;
        }
        double segment = sample.seconds() - segmentStart();
        double duration = sample.track().seconds(sample.duration());
        double longest = (target > 0 ? target : MAX_TARGET_SECONDS) + ROUNDING;
        boolean due = segment >= rules.segmentSeconds() - EARLY
                || segment >= LEAST_SECONDS && segment + (sample.seconds() - keyAt) > longest;
        if (sample.key() && due || segment + duration > longest) {
            endSegment();
            dropSilentTrack();
        } else if (partTarget > 0 && sample.seconds() - partFrom + duration > partTarget + 1e-6) {
            endPart();
        }
    }

    private double segmentStart() {
        return current.isPresent() ? segmentFrom : partFrom;
    }

    /** A track that was promised and has nothing would hold up players: what follows is without it. */
    private void dropSilentTrack() {
        boolean silent = tracks.size() > 1 && !audioInSegment;
        if (silent) {
            tracks = List.of();
            discontinuity = true;
        }
        audioInSegment = false;
    }

    private void endPart() {
        List<Sample> lead = lead();
        if (lead.isEmpty()) {
            return;
        }
        if (tracks.isEmpty()) {
            begin();
        }
        Segment segment = current.orElseGet(this::open);
        List<List<Sample>> runs = new ArrayList<>(2);
        for (List<Sample> run : List.of(videoRun, audioRun)) {
            if (!run.isEmpty() && tracks.contains(run.get(0).track())) {
                runs.add(run);
            }
        }
        Buffer bytes = Fmp4Writer.fragment(++fragments, runs);
        segment.add(new Segment.Part(bytes, end - partFrom, lead.get(0).key()));
        videoRun.clear();
        audioRun.clear();
    }

    private Segment open() {
        Segment segment = new Segment(nextNumber++, discontinuity, inits);
        discontinuity = false;
        segmentFrom = partFrom;
        current = Optional.of(segment);
        return segment;
    }

    /** The tracks are those that have samples by now; the same tracks as before keep their initialization. */
    private void begin() {
        List<Mp4Track> present = new ArrayList<>(2);
        for (List<Sample> run : List.of(videoRun, audioRun)) {
            if (!run.isEmpty()) {
                present.add(last(run));
            }
        }
        tracks = present;
        Buffer init = Fmp4Writer.init(present);
        if (inits == 0 || !window.init(inits).map(init::equals).orElse(false)) {
            window.addInit(++inits, init);
        }
    }

    private void endSegment() {
        endPart();
        if (current.isEmpty()) {
            videoRun.clear();
            audioRun.clear();
            return;
        }
        Segment done = current.get();
        current = Optional.empty();
        done.complete(Math.round(anchor + segmentFrom * MILLIS));
        if (target == 0) {
            target = Math.min(MAX_TARGET_SECONDS, Math.max(rules.segmentSeconds(), (int) Math.round(done.seconds())));
            partTarget = partTarget > 0 ? Math.max(partTarget, longestFrame) : 0;
        }
        window.add(done, target);
    }

    // -- what is there

    /** Whether a playlist can be told: the target duration is known. */
    boolean ready() {
        return target > 0;
    }

    boolean over() {
        return over;
    }

    int target() {
        return target;
    }

    double partTarget() {
        return partTarget;
    }

    /** The segment that is being made; empty between two. */
    Optional<Segment> current() {
        return current;
    }

    /** Its number, or that of the next one. */
    long currentNumber() {
        return current.map(Segment::number).orElse(nextNumber);
    }

    /** Whether this part, or with -1 this whole segment, is there: what a blocking reload waits for. */
    boolean reached(long number, int part) {
        return currentNumber() > number
                || part >= 0
                        && currentNumber() == number
                        && current.map(s -> s.parts().size() > part).orElse(false);
    }

    Window window() {
        return window;
    }

    List<Mp4Track> tracks() {
        return tracks;
    }

    Optional<Buffer> part(long number, int index) {
        return current.filter(segment -> segment.number() == number)
                .or(() -> window.segment(number))
                .filter(segment -> index >= 0 && index < segment.parts().size())
                .map(segment -> segment.parts().get(index).bytes());
    }
}
