package io.fluctus.console;

import static org.assertj.core.api.Assertions.assertThat;

import io.fluctus.Ffmpeg;
import io.fluctus.LiveGateway;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** HLS in a real browser: hls.js by itself, and the console's player where it needs HLS. */
class HlsPlayerIT {
    /** How long a picture is watched; more than a check needs with -Dfluctus.hlsSeconds=60. */
    private static final int SECONDS = Integer.getInteger("fluctus.hlsSeconds", 8);

    private static Chromium chromium;
    private static LiveGateway gateway;
    private static Process publisher;

    @BeforeAll
    static void open() throws Exception {
        chromium = Chromium.start();
        gateway = new LiveGateway(new JsonObject());
        List<String> arguments = new ArrayList<>(Ffmpeg.pattern(25, 25));
        arguments.addAll(List.of("-f", "flv", gateway.rtmp("live/cam")));
        publisher = Ffmpeg.start(arguments);
        gateway.awaitStream("cam", stream -> stream.containsKey("video") && stream.containsKey("audio"));
        chromium.size(1280, 800);
    }

    @AfterAll
    static void close() throws Exception {
        if (publisher != null) {
            publisher.destroyForcibly();
        }
        if (gateway != null) {
            gateway.close();
        }
        if (chromium != null) {
            chromium.close();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void hlsJsPlaysAndWithSegmentsItNeverStalls(boolean low) throws Exception {
        chromium.open(gateway.http("#/admin"));
        chromium.eval("import('/vendor/hls/hls.light.min.mjs').then(({default: Hls}) => {"
                + "const video = document.createElement('video'); video.muted = true; document.body.append(video);"
                + "window.hls = new Hls({enableWorker: false, lowLatencyMode: " + low + "});"
                + "window.stalls = 0; window.problems = [];"
                + "hls.on(Hls.Events.ERROR, (e, data) => problems.push(data.details));"
                + "video.onplaying = () => { video.onwaiting = () => stalls++; };"
                + "hls.attachMedia(video); hls.loadSource('/live/live/cam/index.m3u8'); video.play(); return 1; })");
        chromium.await("document.querySelector('video').currentTime > 0.5");
        chromium.eval("stalls = 0; problems.length = 0; 0");
        double from = chromium.number("document.querySelector('video').currentTime");
        double worst = 0;
        long begin = System.nanoTime();
        while (System.nanoTime() - begin < TimeUnit.SECONDS.toNanos(SECONDS)) {
            chromium.eval("new Promise(done => setTimeout(() => done(1), 250))");
            worst = Math.max(worst, chromium.number("hls.latency"));
        }
        double seconds = (System.nanoTime() - begin) / 1e9;
        System.out.printf(
                "hls.js %s: %.0f s, %.0f stalls, at most %.2f s behind live%n",
                low ? "with parts" : "with segments", seconds, chromium.number("stalls"), worst);
        double played = chromium.number("document.querySelector('video').currentTime") - from;
        assertThat(played).as("it goes on").isPositive();
        if (low) {
            return; // with parts hls.js stalls, by no known measure: docs/hls.md; the line above says how often
        }
        assertThat(played).isBetween(seconds - 1.5, seconds + 1.5);
        assertThat(chromium.eval("JSON.stringify(problems)")).isEqualTo("[]");
        assertThat(chromium.number("stalls")).isZero();
        assertThat(worst).as("seconds behind live").isLessThan(10);
        assertThat(chromium.errors()).isEmpty();
    }

    @Test
    void thePlayerGoesBackInTimeAndToLiveAgain() throws Exception {
        chromium.open(gateway.http("#/stream/live/cam"));
        chromium.await("document.querySelector('video').currentTime > 0");
        chromium.await(
                "fetch('/live/live/cam/media.m3u8').then(r => r.text()).then(t => t.split('#EXTINF').length > 5)");
        String behind = "parseFloat(document.querySelector('.stats dd').textContent)";
        chromium.eval(
                "[...document.querySelectorAll('.controls button')].find(b => b.textContent.includes('Back')).click(); 0");
        chromium.await(behind + " > 3 && !document.querySelector('video').paused");
        chromium.eval(
                "[...document.querySelectorAll('.controls button')].find(b => b.textContent.includes('live')).click(); 0");
        chromium.await(behind + " < 2 && document.querySelector('video').currentTime > 0");
        assertThat(chromium.errors()).isEmpty();
    }

    @Test
    void theLastPictureIsShownByTheBrowser() {
        chromium.open(gateway.http("#/admin"));
        assertThat(chromium.number(
                        "new Promise(done => { const video = document.createElement('video'); video.muted = true;"
                                + "video.onloadeddata = () => done(video.videoWidth); video.onerror = () => done(-1);"
                                + "video.src = '/api/v1/thumbnails/live/cam'; video.load(); })"))
                .isEqualTo(320);
    }

    @Test
    void aVideoElementPlaysTheLiveFile() {
        chromium.open(gateway.http("#/admin"));
        chromium.eval("const live = document.createElement('video'); live.muted = true; document.body.append(live);"
                + "live.src = '/live/live/cam.mp4'; live.play().catch(() => {}); 0");
        chromium.await("document.querySelector('video').currentTime > 2");
    }
}
