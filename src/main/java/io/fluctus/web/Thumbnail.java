package io.fluctus.web;

import io.fluctus.container.Fmp4Writer;
import io.fluctus.container.Sample;
import io.fluctus.container.Sampler;
import io.fluctus.media.MediaPacket;
import io.fluctus.media.MediaPacket.Kind;
import io.fluctus.media.MediaTag;
import io.fluctus.media.Prelude;
import io.vertx.core.buffer.Buffer;
import java.util.List;
import java.util.Optional;

/** A stream's last key frame as an MP4 file of one picture, which a browser decodes by itself. */
final class Thumbnail {
    private Thumbnail() {}

    /** Empty where there is no key frame, or of a codec that MP4 does not know. */
    static Optional<Buffer> of(Prelude.Snapshot prelude) {
        Sampler sampler = new Sampler(Kind.VIDEO, 1);
        for (MediaPacket packet : prelude.packets()) {
            sampler.receive(packet);
            if (packet.kind() == Kind.VIDEO && MediaTag.keyFrame(packet.payload())) {
                return sampler.flush().map(Thumbnail::file);
            }
        }
        return Optional.empty();
    }

    private static Buffer file(Sample picture) {
        Sample alone = picture.alone();
        return Fmp4Writer.init(List.of(alone.track())).appendBuffer(Fmp4Writer.fragment(1, List.of(List.of(alone))));
    }
}
