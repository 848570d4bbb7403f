package io.fluctus.web;

import io.fluctus.audience.Run;
import io.fluctus.media.MediaPacket;
import io.fluctus.media.MediaPacket.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What one player gets of a live stream, and what it has got so far. */
sealed interface LiveForm {
    /** What the figures count its viewers as. */
    String name();

    /** Sends what comes first. */
    void begin(LiveChannel channel);

    /** Sends the next packets. */
    void deliver(Run run, LiveChannel channel);

    /** FLV tags. */
    record Flv(FlvEncoding encoding) implements LiveForm {
        Flv(Framing framing) {
            this(new FlvEncoding(framing));
        }

        @Override
        public String name() {
            return "flv";
        }

        @Override
        public void begin(LiveChannel channel) {
            channel.write(encoding.header());
        }

        @Override
        public void deliver(Run run, LiveChannel channel) {
            channel.write(run, encoding);
        }
    }

    /** Fragments of MP4, behind an initialization for each change of the tracks. */
    final class Mp4 implements LiveForm {
        /** Runs after which a track that was announced and has no frame is not waited for any more. */
        private static final int PATIENCE_RUNS = 100;

        private final Framing framing;
        private final List<MediaPacket> headers = new ArrayList<>(2);
        private Optional<Mp4Encoding> encoding = Optional.empty();
        private int waited;

        Mp4(Framing framing) {
            this.framing = framing;
        }

        @Override
        public String name() {
            return "mp4";
        }

        @Override
        public void begin(LiveChannel channel) {
            // The initialization needs the headers, which come with the first packets.
        }

        @Override
        public void deliver(Run run, LiveChannel channel) {
            Mp4Encoding.headers(run.packets()).forEach(this::keep);
            if (encoding.isEmpty()) {
                boolean all = ++waited < PATIENCE_RUNS;
                encoding = Mp4Encoding.of(framing, headers, run.packets(), all);
                encoding.ifPresent(now -> channel.write(now.init()));
            }
            encoding.ifPresent(now -> channel.write(run, now));
        }

        private void keep(MediaPacket header) {
            Kind kind = header.kind();
            boolean same = headers.stream()
                    .anyMatch(h -> h.kind() == kind && h.payload().equals(header.payload()));
            if (!same) {
                headers.removeIf(h -> h.kind() == kind);
                headers.add(header);
                encoding = Optional.empty();
                waited = 0;
            }
        }
    }
}
