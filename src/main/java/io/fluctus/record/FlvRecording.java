package io.fluctus.record;

import io.fluctus.container.FlvWriter;
import io.fluctus.media.MediaPacket;
import io.fluctus.media.MediaPacket.Kind;
import io.fluctus.media.MediaTag;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * FLV files, one for each so many milliseconds. Room for the metadata stands at the front of each; its duration and the places of
 * its key frames are written there when it ends.
 */
final class FlvRecording implements Recording {
    /** FLV 10.1 E.2: where the flags of the header stand. */
    private static final long FLAGS = 4;

    private static final int MAX_HEADERS = 16;

    private final long segmentMillis;
    private final Map<String, MediaPacket> headers = new LinkedHashMap<>();
    private FlvMetadata metadata = new FlvMetadata(Buffer.buffer());
    private Buffer said = Buffer.buffer();
    private boolean open;
    private boolean video;
    private boolean waits = true;
    private long origin;
    private long last;
    private long position;
    private boolean audioSeen;
    private boolean videoSeen;

    /** {@code segmentMillis} 0: one file for all. */
    FlvRecording(long segmentMillis) {
        this.segmentMillis = segmentMillis;
    }

    @Override
    public List<Step> receive(MediaPacket packet) {
        List<Step> steps = new ArrayList<>(1);
        if (packet.kind() == Kind.DATA) {
            data(packet, steps);
        } else if (packet.isMedia() && MediaTag.header(packet.kind(), packet.payload())) {
            header(packet, steps);
        } else if (packet.isMedia()) {
            media(packet, steps);
        }
        return steps;
    }

    @Override
    public void skip() {
        waits = true;
    }

    private void data(MediaPacket packet, List<Step> steps) {
        if (FlvMetadata.isMetadata(packet.payload())) {
            said = packet.payload();
        } else if (open && !waits) {
            write(packet, steps);
        }
    }

    private void header(MediaPacket packet, List<Step> steps) {
        video |= packet.kind() == Kind.VIDEO;
        String key = packet.kind()
                + (MediaTag.multitrack(packet.kind(), packet.payload()) ? headers.size() + "" : "")
                + MediaTag.sequenceHeader(packet.kind(), packet.payload());
        MediaPacket before = headers.get(key);
        if (before != null && before.payload().equals(packet.payload())) {
            return;
        }
        if (headers.size() < MAX_HEADERS || before != null) {
            headers.put(key, packet);
        }
        if (open) {
            write(packet, steps);
        }
    }

    private void media(MediaPacket packet, List<Step> steps) {
        boolean key = packet.kind() == Kind.VIDEO && MediaTag.keyFrame(packet.payload());
        video |= packet.kind() == Kind.VIDEO;
        boolean entry = key || !video;
        if (waits && !entry) {
            return;
        }
        if (open && entry && segmentMillis > 0 && packet.timestamp() - origin >= segmentMillis) {
            steps.addAll(end());
        }
        if (!open) {
            begin(packet.timestamp(), steps);
        }
        waits = false;
        if (key) {
            metadata.keyFrame(position, packet.timestamp() - origin);
        }
        audioSeen |= packet.kind() == Kind.AUDIO;
        videoSeen |= packet.kind() == Kind.VIDEO;
        write(packet, steps);
    }

    private void begin(long timestamp, List<Step> steps) {
        open = true;
        origin = timestamp;
        last = timestamp;
        metadata = new FlvMetadata(said);
        Buffer first = FlvWriter.header(true, true);
        FlvWriter.tag(MediaPacket.of(Kind.DATA, 0, metadata.encode(0, 0)), first);
        position = first.length();
        steps.add(new Step.Open());
        steps.add(new Step.Append(first));
        headers.values().forEach(header -> write(header, steps));
    }

    private void write(MediaPacket packet, List<Step> steps) {
        last = Math.max(last, packet.timestamp());
        long time = Math.max(0, packet.timestamp() - origin);
        Buffer tag = Buffer.buffer(packet.payload().length() + 16);
        FlvWriter.tag(MediaPacket.of(packet.kind(), time, packet.payload()), tag);
        position += tag.length();
        steps.add(new Step.Append(tag));
    }

    @Override
    public List<Step> end() {
        if (!open) {
            return List.of();
        }
        open = false;
        long millis = last - origin;
        Buffer tag = Buffer.buffer();
        FlvWriter.tag(MediaPacket.of(Kind.DATA, 0, metadata.encode(millis, position)), tag);
        Buffer flags = FlvWriter.header(audioSeen, videoSeen);
        audioSeen = false;
        videoSeen = false;
        return List.of(
                new Step.Patch(flags.length(), tag),
                new Step.Patch(FLAGS, flags.getBuffer((int) FLAGS, (int) FLAGS + 1)),
                new Step.Close(millis));
    }
}
