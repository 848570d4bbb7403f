package io.fluctus.stream;

import io.fluctus.media.MediaPacket;
import io.fluctus.media.MediaPacket.Kind;
import io.fluctus.media.MediaTag;
import io.fluctus.media.Prelude;
import io.fluctus.media.Timeline;
import io.vertx.core.buffer.Buffer;
import java.util.Optional;
import java.util.function.LongSupplier;

/** One stream on its way from its publisher to everybody: the fence, the time line, the numbers and the prelude. */
final class Relay {
    private final LongSupplier numbers;
    private final Timeline timeline;
    private final Prelude prelude;
    private final Meter meter = new Meter();
    private long fence;
    private boolean live;
    private boolean awaitsKeyFrame;

    /**
     * {@code numbers} gives rising sequence numbers, {@code timeline} goes on where it is; {@code preludeBytes} bounds what late
     * joiners get.
     */
    Relay(LongSupplier numbers, Timeline timeline, int preludeBytes) {
        this.numbers = numbers;
        this.timeline = timeline;
        this.prelude = new Prelude(preludeBytes);
    }

    /** From now on only packets with this fence count. Gives the word for viewers when the stream was not live. */
    Optional<MediaPacket> open(long fence) {
        this.fence = fence;
        timeline.restart();
        prelude.restart();
        awaitsKeyFrame = true;
        if (live) {
            return Optional.empty();
        }
        live = true;
        return Optional.of(word(Kind.PUBLISHED));
    }

    /** The stream is over: the word for viewers. */
    MediaPacket end() {
        live = false;
        prelude.clear();
        return word(Kind.UNPUBLISHED);
    }

    /**
     * The packet as viewers get it; empty for one of a publisher that was replaced, and for a new publisher's video before its
     * first key frame. {@code now} is monotonic milliseconds.
     */
    Optional<MediaPacket> receive(MediaPacket in, long now) {
        if (!live || in.fence() != fence) {
            return Optional.empty();
        }
        boolean header = MediaTag.header(in.kind(), in.payload());
        if (in.kind() == Kind.VIDEO && !header && awaitsKeyFrame) {
            if (!MediaTag.keyFrame(in.payload())) {
                return Optional.empty();
            }
            awaitsKeyFrame = false;
        }
        boolean clock = in.isMedia() && !header;
        long timestamp = timeline.place(in.kind(), in.timestamp(), clock, now);
        MediaPacket out = new MediaPacket(in.kind(), timestamp, in.payload(), fence, numbers.getAsLong());
        prelude.add(out);
        meter.add(out);
        return Optional.of(out);
    }

    Prelude.Snapshot snapshot() {
        return prelude.snapshot(live);
    }

    long fence() {
        return fence;
    }

    Timeline timeline() {
        return timeline;
    }

    Meter meter() {
        return meter;
    }

    private MediaPacket word(Kind kind) {
        MediaPacket word = new MediaPacket(kind, timeline.position(), Buffer.buffer(), fence, numbers.getAsLong());
        prelude.add(word);
        return word;
    }
}
