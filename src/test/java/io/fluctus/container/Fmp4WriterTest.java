package io.fluctus.container;

import static org.assertj.core.api.Assertions.assertThat;

import io.fluctus.TestFlv;
import io.fluctus.media.MediaPacket;
import io.fluctus.media.MediaPacket.Kind;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class Fmp4WriterTest {
    private static List<Sample> samples(Kind kind, int id, int frames) {
        Sampler sampler = new Sampler(kind, id);
        List<Sample> samples = new ArrayList<>();
        for (MediaPacket packet : TestFlv.packets(frames)) {
            sampler.receive(packet).ifPresent(samples::add);
        }
        sampler.flush().ifPresent(samples::add);
        return samples;
    }

    @Test
    void theInitializationHoldsEveryTrackWithItsCodec() {
        Mp4Track video = samples(Kind.VIDEO, 1, 1).get(0).track();
        Mp4Track audio = samples(Kind.AUDIO, 2, 1).get(0).track();
        List<Boxes> init = Boxes.of(Fmp4Writer.init(List.of(video, audio)));
        assertThat(init.stream().map(Boxes::type)).containsExactly("ftyp", "moov");
        List<Boxes> entries = Boxes.find(init, "moov/trak/mdia/minf/stbl/stsd");
        assertThat(entries.stream().map(stsd -> stsd.content().getString(12, 16)))
                .containsExactly("avc1", "mp4a");
        assertThat(entries.get(0).content().getUnsignedShort(8 + 8 + 24))
                .as("width")
                .isEqualTo(1280);
        assertThat(entries.get(0).content().getUnsignedShort(8 + 8 + 26))
                .as("height")
                .isEqualTo(720);
        assertThat(Boxes.find(init, "moov/trak/mdia/mdhd").stream()
                        .map(mdhd -> mdhd.content().getInt(20)))
                .containsExactly(90_000, 44_100);
        assertThat(Boxes.find(init, "moov/mvex/trex").stream()
                        .map(trex -> trex.content().getInt(4)))
                .containsExactly(1, 2);
    }

    @Test
    void anInitializationIsAsLongWhateverTheDuration() {
        List<Mp4Track> tracks = List.of(samples(Kind.VIDEO, 1, 1).get(0).track());
        Buffer unknown = Fmp4Writer.init(tracks);
        Buffer known = Fmp4Writer.init(tracks, Long.MAX_VALUE);
        assertThat(known.length()).isEqualTo(unknown.length());
        assertThat(Boxes.one(known, "moov/mvex/mehd").content().getLong(4)).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void aFragmentPointsAtTheDataOfEveryRun() {
        List<Sample> video = samples(Kind.VIDEO, 1, 5);
        List<Sample> audio = samples(Kind.AUDIO, 2, 5);
        Buffer fragment = Fmp4Writer.fragment(7, List.of(video, audio));
        List<Boxes> boxes = Boxes.of(fragment);
        assertThat(boxes.stream().map(Boxes::type)).containsExactly("moof", "mdat");
        assertThat(Boxes.one(fragment, "moof/mfhd").content().getInt(4)).isEqualTo(7);
        List<Boxes> truns = Boxes.find(boxes, "moof/traf/trun");
        List<List<Sample>> runs = List.of(video, audio);
        for (int i = 0; i < 2; i++) {
            int at = truns.get(i).content().getInt(8);
            for (Sample sample : runs.get(i)) {
                int end = at + sample.data().length();
                assertThat(fragment.getBuffer(at, end)).isEqualTo(sample.data());
                at = end;
            }
        }
        assertThat(boxes.get(1).content().length())
                .isEqualTo(runs.stream()
                        .flatMap(List::stream)
                        .mapToInt(s -> s.data().length())
                        .sum());
    }

    @Test
    void aRunTellsDurationSizeKeyAndOffsetOfEachSample() {
        Mp4Track track = samples(Kind.VIDEO, 1, 1).get(0).track();
        MediaPacket none = TestFlv.video(0);
        List<Sample> run = List.of(
                new Sample(track, 900, 3600, 7200, true, Buffer.buffer("key"), none),
                new Sample(track, 4500, 1, -90, false, Buffer.buffer("other"), none));
        Buffer fragment = Fmp4Writer.fragment(1, List.of(run));
        Buffer trun = Boxes.one(fragment, "moof/traf/trun").content();
        assertThat(Boxes.one(fragment, "moof/traf/tfdt").content().getLong(4)).isEqualTo(900);
        assertThat(trun.getUnsignedByte(0)).as("version, for signed offsets").isOne();
        assertThat(List.of(trun.getInt(12), trun.getInt(16), trun.getInt(20), trun.getInt(24)))
                .containsExactly(3600, 3, 0x02000000, 7200);
        assertThat(List.of(trun.getInt(28), trun.getInt(32), trun.getInt(36), trun.getInt(40)))
                .containsExactly(1, 5, 0x01010000, -90);
    }
}
