package io.fluctus.container;

import static org.assertj.core.api.Assertions.assertThat;

import io.fluctus.Ffmpeg;
import io.fluctus.media.MediaPacket;
import io.fluctus.media.MediaPacket.Kind;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What ffmpeg publishes in each codec, written as fragmented MP4 and read by ffprobe and ffmpeg. */
class Fmp4IT {
    private record Codecs(String video, String audio, List<String> options) {
        @Override
        public String toString() {
            return video + " " + audio;
        }
    }

    @TempDir
    Path folder;

    static Stream<Codecs> codecs() {
        return Stream.of(
                new Codecs(
                        "h264", "aac", List.of("-c:v", "libx264", "-bf", "2", "-preset", "ultrafast", "-c:a", "aac")),
                new Codecs("h264", "mp3", List.of("-c:v", "libx264", "-c:a", "libmp3lame", "-ar", "44100")),
                new Codecs("hevc", "opus", List.of("-c:v", "libx265", "-preset", "ultrafast", "-c:a", "libopus")),
                new Codecs("av1", "flac", List.of("-c:v", "libsvtav1", "-preset", "12", "-c:a", "flac")),
                new Codecs(
                        "vp9",
                        "ac3",
                        List.of("-c:v", "libvpx-vp9", "-cpu-used", "8", "-deadline", "realtime", "-c:a", "ac3")),
                new Codecs("h264", "eac3", List.of("-c:v", "libx264", "-preset", "ultrafast", "-c:a", "eac3")));
    }

    private Path make(Codecs codecs) throws Exception {
        Path flv = folder.resolve("source.flv");
        List<String> make = new ArrayList<>(List.of(
                "-y",
                "-f",
                "lavfi",
                "-i",
                "testsrc2=size=320x180:rate=25",
                "-f",
                "lavfi",
                "-i",
                "sine=frequency=440:sample_rate=48000",
                "-pix_fmt",
                "yuv420p",
                "-g",
                "25",
                "-t",
                "3"));
        make.addAll(codecs.options());
        make.add(flv.toString());
        Ffmpeg.run("ffmpeg", 60, make.toArray(String[]::new)).succeeded();
        return flv;
    }

    /** A fragment for each second of the file, in order. */
    private static Buffer fragmented(List<MediaPacket> packets) {
        Sampler video = new Sampler(Kind.VIDEO, 1);
        Sampler audio = new Sampler(Kind.AUDIO, 2);
        List<Sample> samples = new ArrayList<>();
        for (MediaPacket packet : packets) {
            Stream.of(video.receive(packet), audio.receive(packet)).forEach(done -> done.ifPresent(samples::add));
        }
        Stream.of(video.flush(), audio.flush()).forEach(done -> done.ifPresent(samples::add));
        assertThat(video.broken() + audio.broken()).isZero();
        List<Mp4Track> tracks = samples.stream()
                .map(Sample::track)
                .distinct()
                .sorted(Comparator.comparing(Mp4Track::id))
                .toList();
        Buffer out = Fmp4Writer.init(tracks);
        for (int second = 0; second < 4; second++) {
            int now = second;
            List<List<Sample>> runs = tracks.stream()
                    .map(track -> samples.stream()
                            .filter(s -> s.track().equals(track) && (int) s.seconds() == now)
                            .toList())
                    .filter(run -> !run.isEmpty())
                    .toList();
            if (!runs.isEmpty()) {
                out.appendBuffer(Fmp4Writer.fragment(second + 1, runs));
            }
        }
        return out;
    }

    /** Stream and hash of every packet, without times. */
    private static String hashes(Path file) throws Exception {
        Ffmpeg.Result result = Ffmpeg.run(
                        "ffmpeg", 30, "-i", file.toString(), "-map", "0", "-c", "copy", "-f", "framemd5", "-")
                .succeeded();
        return result.out()
                .lines()
                .filter(line -> !line.startsWith("#"))
                .map(line -> line.split(","))
                .map(fields -> fields[0] + fields[4] + fields[5])
                .sorted()
                .collect(Collectors.joining("\n"));
    }

    @ParameterizedTest
    @MethodSource("codecs")
    void everyFrameOfEachCodecComesOutAsItWentIn(Codecs codecs) throws Exception {
        Path flv = make(codecs);
        Path mp4 = folder.resolve("written.mp4");
        Files.write(
                mp4,
                fragmented(new FlvReader().receive(Buffer.buffer(Files.readAllBytes(flv))))
                        .getBytes());
        JsonObject probed = Ffmpeg.probe(mp4.toString(), "-count_packets");
        assertThat(probed.getJsonArray("streams").stream().map(s -> ((JsonObject) s).getString("codec_name")))
                .containsExactly(codecs.video(), codecs.audio());
        assertThat(probed.getJsonArray("streams").getJsonObject(0).getString("nb_read_packets"))
                .isEqualTo("75");
        assertThat(hashes(mp4)).isEqualTo(hashes(flv));
        Ffmpeg.Result decoded = Ffmpeg.run("ffmpeg", 60, "-xerror", "-i", mp4.toString(), "-f", "null", "-")
                .succeeded();
        assertThat(decoded.err()).isEmpty();
    }
}
