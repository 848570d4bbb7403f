package io.fluctus.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.fluctus.TestFlv;
import io.fluctus.media.MediaPacket;
import io.fluctus.media.MediaPacket.Kind;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What a viewer is told about what it received. */
class TallyTest {
    private static final long START = 5_000_000_000L;

    private final Tally tally = new Tally(START);

    private void at(long millis, MediaPacket packet) {
        tally.add(packet, START + TimeUnit.MILLISECONDS.toNanos(millis));
    }

    private JsonObject report(long millis) {
        return tally.report(START + TimeUnit.MILLISECONDS.toNanos(millis));
    }

    @Test
    void anEvenStreamHasNoGapsAndNoJitter() {
        at(90, TestFlv.metadata());
        at(90, TestFlv.videoHeader(0));
        at(90, TestFlv.audioHeader(0));
        for (int i = 0; i < 101; i++) {
            at(100 + 40L * i, TestFlv.video(i));
            at(100 + 40L * i, TestFlv.audio(i));
        }
        JsonObject report = report(4_200);
        assertThat(report.getDouble("seconds")).isEqualTo(4.2);
        assertThat(report.getLong("frames")).isEqualTo(202);
        assertThat(report.getDouble("firstKeyFrameMs")).isEqualTo(100.0);
        assertThat(report.getLong("dataMessages")).isEqualTo(1);
        JsonObject video = report.getJsonObject("video");
        assertThat(video.getString("codec")).isEqualTo("H.264");
        assertThat(video.getLong("frames")).isEqualTo(101);
        assertThat(video.getLong("firstTimestamp")).isZero();
        assertThat(video.getLong("lastTimestamp")).isEqualTo(4_000);
        assertThat(video.getLong("gaps")).isZero();
        assertThat(video.getLong("longestStepMs")).isEqualTo(40);
        assertThat(video.getLong("backwardSteps")).isZero();
        assertThat(video.getDouble("jitterMs")).isZero();
        long bytes = video.getLong("bytes") + report.getJsonObject("audio").getLong("bytes");
        assertThat(report.getLong("bytes")).isEqualTo(bytes);
        assertThat(report.getLong("kbps")).isEqualTo(bytes * 8 / 4_000);
    }

    @Test
    void gapsAndStepsBackAreCounted() {
        for (int number : new int[] {0, 1, 20, 19, 21, 22}) {
            at(0, TestFlv.video(number));
        }
        JsonObject video = report(1).getJsonObject("video");
        assertThat(video.getLong("gaps")).isEqualTo(1);
        assertThat(video.getLong("longestStepMs")).isEqualTo(19 * 40);
        assertThat(video.getLong("backwardSteps")).isEqualTo(1);
    }

    @Test
    void timeThatWrapsGoesOn() {
        at(0, MediaPacket.of(Kind.VIDEO, 0xFFFFFFF0L, TestFlv.video(0).payload()));
        at(40, MediaPacket.of(Kind.VIDEO, 24, TestFlv.video(1).payload()));
        JsonObject video = report(40).getJsonObject("video");
        assertThat(video.getLong("longestStepMs")).isEqualTo(40);
        assertThat(video.getLong("backwardSteps")).isZero();
    }

    @Test
    void whatComesUnevenlyJitters() {
        for (int i = 0; i < 500; i++) {
            at(40L * i + (i % 2 == 0 ? 0 : 10), TestFlv.audio(i));
        }
        assertThat(report(1).getJsonObject("audio").getDouble("jitterMs")).isBetween(9.0, 11.0);
    }

    @Test
    void aProbeTellsWhatTheStreamIs() {
        TestFlv.packets(51).forEach(packet -> at(packet.timestamp(), packet));
        JsonObject stream = tally.description();
        assertThat(stream.getJsonObject("video"))
                .isEqualTo(new JsonObject()
                        .put("codec", "H.264")
                        .put("width", 1280)
                        .put("height", 720)
                        .put("profile", 100)
                        .put("level", 31)
                        .put("kbps", stream.getJsonObject("video").getLong("kbps"))
                        .put("fps", 25.0));
        assertThat(stream.getJsonObject("video").getLong("kbps")).isBetween(80L, 90L);
        assertThat(stream.getJsonObject("audio").getInteger("sampleRate")).isEqualTo(44_100);
        assertThat(stream.getJsonObject("audio").getInteger("channels")).isEqualTo(2);
        assertThat(stream.getJsonObject("metadata").getInteger("width")).isEqualTo(1280);
    }

    @Test
    void nothingOfAMediumIsNothingInTheReport() {
        assertThat(tally.arrived()).isFalse();
        at(0, TestFlv.metadata());
        at(0, MediaPacket.of(Kind.AUDIO, 0, Buffer.buffer()));
        at(0, TestFlv.videoHeader(0));
        assertThat(tally.arrived()).as("headers alone are no stream").isFalse();
        at(0, TestFlv.audio(3));
        assertThat(tally.arrived()).isTrue();
        JsonObject report = report(0);
        assertThat(report.containsKey("firstKeyFrameMs")).isFalse();
        assertThat(report.getLong("kbps")).isZero();
    }

    @Test
    void brokenBytesAreDescribedAsUnknown() {
        at(0, MediaPacket.of(Kind.VIDEO, 0, Buffer.buffer(new byte[] {0x17})));
        at(0, MediaPacket.of(Kind.DATA, 0, Buffer.buffer(new byte[] {0x03, 0x55})));
        assertThat(tally.description().getJsonObject("video").getString("codec"))
                .isEqualTo("unknown");
        assertThat(tally.description().getJsonObject("metadata").containsKey("error"))
                .isTrue();
    }
}
