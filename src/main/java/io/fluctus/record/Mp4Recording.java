package io.fluctus.record;

import io.fluctus.container.Fmp4Writer;
import io.fluctus.container.Mp4Track;
import io.fluctus.container.Sample;
import io.fluctus.container.Sampler;
import io.fluctus.media.MediaPacket;
import io.fluctus.media.MediaPacket.Kind;
import io.fluctus.media.MediaTag;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Fragmented MP4 files, one for each so many milliseconds or when a track changes: a fragment from key frame to key frame, so that
 * a file which was cut anywhere plays up to its last whole fragment.
 */
final class Mp4Recording implements Recording {
    /** A fragment is at least so long. */
    private static final double MIN_FRAGMENT_SECONDS = 1;

    /** A fragment ends without a key frame at this length or size. */
    private static final double MAX_FRAGMENT_SECONDS = 5;

    private static final long MAX_FRAGMENT_BYTES = 8 * 1024 * 1024;

    private static final int VIDEO = 0;
    private static final int AUDIO = 1;
    private static final double MILLIS = 1_000;

    private final long segmentMillis;
    private final Sampler[] samplers = {new Sampler(Kind.VIDEO, 1), new Sampler(Kind.AUDIO, 2)};
    private final List<List<Sample>> runs = List.of(new ArrayList<>(), new ArrayList<>());
    private final long[] ends = new long[2];
    private List<Mp4Track> tracks = List.of();
    private boolean open;
    private boolean waits = true;
    private boolean video;
    private long bytes;
    private double origin;
    private double from;
    private long fragments;

    /** {@code segmentMillis} 0: one file for all. */
    Mp4Recording(long segmentMillis) {
        this.segmentMillis = segmentMillis;
    }

    @Override
    public List<Step> receive(MediaPacket packet) {
        if (!packet.isMedia()) {
            return List.of();
        }
        video |= packet.kind() == Kind.VIDEO;
        boolean header = MediaTag.header(packet.kind(), packet.payload());
        waits &= header || video && !(packet.kind() == Kind.VIDEO && MediaTag.keyFrame(packet.payload()));
        if (waits && !header) {
            return List.of();
        }
        List<Step> steps = new ArrayList<>(1);
        samplers[packet.kind() == Kind.VIDEO ? VIDEO : AUDIO].receive(packet).ifPresent(sample -> keep(sample, steps));
        return steps;
    }

    @Override
    public void skip() {
        waits = true;
    }

    private boolean empty() {
        return runs.get(VIDEO).isEmpty() && runs.get(AUDIO).isEmpty();
    }

    private void keep(Sample sample, List<Step> steps) {
        List<Sample> run = runs.get(sample.track().video() ? VIDEO : AUDIO);
        boolean mixed = !run.isEmpty() && !run.get(0).track().equals(sample.track());
        if (mixed || open && !tracks.contains(sample.track())) {
            write(steps);
            close(steps);
        } else if (!empty() && endsBefore(sample)) {
            write(steps);
        }
        if (empty()) {
            from = sample.seconds();
        }
        from = Math.min(from, sample.seconds());
        run.add(sample);
        bytes += sample.data().length();
    }

    private boolean endsBefore(Sample sample) {
        double seconds = sample.seconds() - from;
        boolean entry = video ? sample.track().video() && sample.key() : true;
        return entry && seconds >= MIN_FRAGMENT_SECONDS
                || seconds >= MAX_FRAGMENT_SECONDS
                || bytes >= MAX_FRAGMENT_BYTES;
    }

    private void write(List<Step> steps) {
        if (empty()) {
            return;
        }
        if (open && segmentMillis > 0 && (from - origin) * MILLIS >= segmentMillis && startsWithKey()) {
            close(steps);
        }
        if (!open) {
            begin(steps);
        }
        List<List<Sample>> written =
                runs.stream().filter(run -> !run.isEmpty()).map(this::rebased).toList();
        steps.add(new Step.Append(Fmp4Writer.fragment(++fragments, written)));
        runs.forEach(List::clear);
        bytes = 0;
    }

    private boolean startsWithKey() {
        return runs.get(VIDEO).isEmpty() ? !video : runs.get(VIDEO).get(0).key();
    }

    private void begin(List<Step> steps) {
        open = true;
        fragments = 0;
        origin = Math.floor(from * MILLIS) / MILLIS;
        ends[VIDEO] = 0;
        ends[AUDIO] = 0;
        tracks = runs.stream()
                .filter(run -> !run.isEmpty())
                .map(run -> run.get(0).track())
                .toList();
        steps.add(new Step.Open());
        steps.add(new Step.Append(Fmp4Writer.init(tracks)));
    }

    /** On the file's own time line, which begins at 0. */
    private List<Sample> rebased(List<Sample> run) {
        Mp4Track track = run.get(0).track();
        long start = track.units(Math.round(origin * MILLIS));
        List<Sample> rebased = run.stream().map(sample -> sample.earlier(start)).toList();
        ends[track.video() ? VIDEO : AUDIO] =
                (long) (track.seconds(rebased.get(rebased.size() - 1).end()) * MILLIS);
        return rebased;
    }

    private long millis() {
        return Math.max(ends[VIDEO], ends[AUDIO]);
    }

    private void close(List<Step> steps) {
        open = false;
        Buffer init = Fmp4Writer.init(tracks, millis());
        steps.add(new Step.Patch(0, init));
        steps.add(new Step.Close(millis()));
    }

    @Override
    public List<Step> end() {
        List<Step> steps = new ArrayList<>();
        Stream.of(samplers).forEach(sampler -> sampler.flush().ifPresent(sample -> keep(sample, steps)));
        write(steps);
        if (open) {
            close(steps);
        }
        return steps;
    }
}
