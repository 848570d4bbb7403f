package io.fluctus.web;

import io.fluctus.audience.Encoding;
import io.fluctus.container.Fmp4Writer;
import io.fluctus.container.Mp4Track;
import io.fluctus.container.Sampler;
import io.fluctus.media.MediaPacket;
import io.fluctus.media.MediaPacket.Kind;
import io.fluctus.media.MediaTag;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Packets as fragments of MP4, one sample each, behind the initialization of these tracks. A sample's duration is that of the first
 * ones: the time of the next fragment is what counts.
 *
 * @param video the first sample of the picture, with its track and duration
 * @param audio the same of the sound
 */
record Mp4Encoding(Framing framing, Optional<Usual> video, Optional<Usual> audio) implements Encoding {
    /** A track, and how long its samples are. */
    record Usual(Mp4Track track, int duration) {}

    /**
     * The encoding for a stream of these headers that goes on with these packets; empty while they hold no frame, or, if it is to be
     * {@code whole}, none of a track that was announced.
     */
    static Optional<Mp4Encoding> of(
            Framing framing, List<MediaPacket> headers, List<MediaPacket> packets, boolean whole) {
        Optional<Usual> video = usual(Kind.VIDEO, 1, headers, packets);
        Optional<Usual> audio = usual(Kind.AUDIO, 2, headers, packets);
        boolean all = complete(Kind.VIDEO, video, headers) && complete(Kind.AUDIO, audio, headers);
        boolean any = video.isPresent() || audio.isPresent();
        return (all || !whole) && any ? Optional.of(new Mp4Encoding(framing, video, audio)) : Optional.empty();
    }

    private static boolean complete(Kind kind, Optional<Usual> usual, List<MediaPacket> headers) {
        return usual.isPresent() || headers.stream().noneMatch(header -> header.kind() == kind);
    }

    private static Optional<Usual> usual(Kind kind, int id, List<MediaPacket> headers, List<MediaPacket> packets) {
        Sampler sampler = new Sampler(kind, id);
        return Stream.concat(
                        Stream.concat(headers.stream(), packets.stream()).flatMap(p -> sampler.receive(p).stream()),
                        Stream.of(sampler).flatMap(s -> s.flush().stream()))
                .findFirst()
                .map(sample -> new Usual(sample.track(), sample.duration()));
    }

    /** The initialization, framed. */
    Buffer init() {
        List<Mp4Track> tracks = Stream.of(video, audio)
                .flatMap(Optional::stream)
                .map(Usual::track)
                .toList();
        Buffer out = Buffer.buffer();
        framing.frame(Fmp4Writer.init(tracks), out);
        return out;
    }

    @Override
    public void encode(MediaPacket packet, Buffer out) {
        Optional<Usual> usual =
                packet.kind() == Kind.VIDEO ? video : packet.kind() == Kind.AUDIO ? audio : Optional.empty();
        usual.flatMap(of -> Sampler.single(packet, of.track(), of.duration())).ifPresent(sample -> {
            Buffer fragment = Fmp4Writer.fragment(packet.sequence(), List.of(List.of(sample)));
            framing.frame(fragment, out);
        });
    }

    /** The packets among these that say what tracks there are. */
    static List<MediaPacket> headers(List<MediaPacket> packets) {
        List<MediaPacket> headers = new ArrayList<>(0);
        for (MediaPacket packet : packets) {
            if (packet.isMedia() && MediaTag.sequenceHeader(packet.kind(), packet.payload())) {
                headers.add(packet);
            }
        }
        return headers;
    }
}
