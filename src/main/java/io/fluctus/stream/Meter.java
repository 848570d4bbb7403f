package io.fluctus.stream;

import io.fluctus.media.AudioConfig;
import io.fluctus.media.MediaPacket;
import io.fluctus.media.MediaPacket.Kind;
import io.fluctus.media.MediaTag;
import io.fluctus.media.VideoConfig;
import io.fluctus.wire.ProtocolException;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;

/** What a stream is made of and how fast it flows, as the API shows it. */
final class Meter {
    private final Track video = new Track();
    private final Track audio = new Track();
    private long bytesIn;
    private long keyFrameAt = -1;
    private long keyFrameInterval;

    /** The figures of one kind of media since the last report, and the header that describes it. */
    private static final class Track {
        private Buffer described = Buffer.buffer();
        private JsonObject description = new JsonObject();
        private long bytes;
        private int frames;
        private boolean seen;

        private void add(MediaPacket packet, boolean header) {
            seen = true;
            bytes += packet.payload().length();
            frames += header ? 0 : 1;
            if (header ? !described.equals(packet.payload()) : description.isEmpty()) {
                describe(packet);
            }
        }

        private void describe(MediaPacket packet) {
            described = packet.payload();
            try {
                MediaTag tag = MediaTag.decode(packet.kind(), packet.payload());
                if (!tag.isMetadata()) {
                    description = new JsonObject().put("codec", tag.codec().name());
                    tag.picture().ifPresent(this::describe);
                    tag.sound().ifPresent(this::describe);
                }
            } catch (ProtocolException e) {
                description = new JsonObject().put("codec", "unknown");
            }
        }

        private void describe(VideoConfig picture) {
            description.put("width", picture.width()).put("height", picture.height());
        }

        private void describe(AudioConfig sound) {
            description.put("sampleRate", sound.sampleRate()).put("channels", sound.channels());
        }

        private JsonObject report(long millis) {
            JsonObject report = description.copy().put("kbps", bytes * 8 / millis);
            bytes = 0;
            return report;
        }
    }

    void add(MediaPacket packet) {
        bytesIn += packet.payload().length();
        if (!packet.isMedia() || packet.payload().length() == 0) {
            return;
        }
        boolean header = MediaTag.header(packet.kind(), packet.payload());
        (packet.kind() == Kind.VIDEO ? video : audio).add(packet, header);
        if (packet.kind() == Kind.VIDEO && !header && MediaTag.keyFrame(packet.payload())) {
            keyFrameInterval = keyFrameAt < 0 ? 0 : packet.timestamp() - keyFrameAt;
            keyFrameAt = packet.timestamp();
        }
    }

    /** The figures of the last {@code millis} milliseconds; starts the next span. */
    JsonObject report(long millis) {
        JsonObject report = new JsonObject().put("bytesIn", bytesIn);
        if (video.seen) {
            report.put(
                    "video",
                    video.report(millis)
                            .put("fps", Math.round(video.frames * 1000.0 / millis))
                            .put("keyframeIntervalMs", keyFrameInterval));
        }
        if (audio.seen) {
            report.put("audio", audio.report(millis));
        }
        video.frames = 0;
        audio.frames = 0;
        return report;
    }
}
