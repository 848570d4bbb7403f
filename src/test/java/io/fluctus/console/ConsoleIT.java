package io.fluctus.console;

import static org.assertj.core.api.Assertions.assertThat;

import io.fluctus.Ffmpeg;
import io.fluctus.LiveGateway;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What a person sees in a browser. */
class ConsoleIT {
    private static final String TOKEN = "a-token-of-the-administrator";
    private static final String ROW = "[...document.querySelectorAll('a.name')].map(a => a.textContent)";
    private static final String LATENCY = "parseFloat(document.querySelector('.stats dd').textContent)";

    private static Chromium chromium;
    private static LiveGateway gateway;

    private final List<Process> running = new ArrayList<>();

    @BeforeAll
    static void open() throws Exception {
        chromium = Chromium.start();
        gateway = new LiveGateway(new JsonObject()
                .put("demo", new JsonObject().put("enabled", true))
                .put("web", new JsonObject().put("adminToken", TOKEN))
                .put("stream", new JsonObject().put("holdSeconds", 1)));
        chromium.size(1280, 800);
    }

    @AfterAll
    static void close() throws Exception {
        if (gateway != null) {
            gateway.close();
        }
        if (chromium != null) {
            chromium.close();
        }
    }

    @AfterEach
    void end() {
        running.forEach(Process::destroyForcibly);
        chromium.eval("localStorage.clear()");
    }

    private Process publish(String stream, String... more) throws Exception {
        List<String> arguments = new ArrayList<>(Ffmpeg.pattern(25, 25));
        arguments.addAll(List.of(more));
        arguments.addAll(List.of("-f", "flv", gateway.rtmp(stream)));
        Process publisher = Ffmpeg.start(arguments);
        running.add(publisher);
        return publisher;
    }

    @Test
    void theFirstPageShowsTheDemoMovingAndAsksNobodyElse() {
        chromium.open(gateway.http(""));
        chromium.await(ROW + ".includes('demo/colorbars')");
        chromium.await("document.querySelector('video').currentTime > 0");
        double before = chromium.number("document.querySelector('video').currentTime");
        chromium.await("document.querySelector('video').currentTime > " + (before + 3), 6);
        chromium.await("document.querySelector('tbody').innerText.includes('H.264')");
        assertThat(chromium.text("tbody")).contains("640 × 360", "AAC", "25 fps", "demo");
        assertThat(chromium.errors()).isEmpty();
        assertThat(chromium.hosts()).containsExactly(gateway.http("").replaceAll("^http://|/$", ""));
    }

    @Test
    void aStreamAppearsWithinTwoSecondsAndDisappearsWhenItEnds() throws Exception {
        chromium.open(gateway.http(""));
        chromium.await(ROW + ".includes('demo/colorbars')");
        chromium.eval("window.seen = new Promise(done => { const look = () => " + ROW
                + ".includes('live/guest') ? done(Date.now()) : setTimeout(look, 20); look(); }); 0");
        Process publisher = publish("live/guest");
        long since = gateway.awaitStream("guest", stream -> true).getLong("since");
        assertThat(chromium.number("window.seen") - since).as("milliseconds").isLessThan(2_000);
        publisher.destroy();
        chromium.await("!" + ROW + ".includes('live/guest')");
        assertThat(chromium.errors()).isEmpty();
    }

    @Test
    void theStreamPagePlaysNearLiveAndTellsEverything() throws Exception {
        publish("live/near");
        gateway.awaitStream("near", stream -> stream.containsKey("video") && stream.containsKey("audio"));
        chromium.open(gateway.http("#/stream/live/near"));
        chromium.await("document.querySelector('video').currentTime > 0");
        chromium.await(LATENCY + " > 0");
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(Integer.getInteger("fluctus.latencySeconds", 10));
        double from = chromium.number("document.querySelector('video').currentTime");
        int looks = 0;
        while (System.nanoTime() < end) {
            assertThat(chromium.number(LATENCY)).as("seconds behind live").isLessThan(2.0);
            assertThat(chromium.number("new Promise(done => setTimeout(() => done(1), 200))"))
                    .isOne();
            looks++;
        }
        assertThat(looks).isGreaterThan(10);
        assertThat(chromium.number("document.querySelector('video').currentTime") - from)
                .isGreaterThan(looks * 0.2 * 0.8);
        chromium.await("document.querySelectorAll('.track').length === 3");
        assertThat(chromium.text(".tracks")).contains("H.264 (avc1)", "Baseline", "AAC (mp4a)", "LC", "Lavf");
        chromium.await("document.querySelector('.halves tbody').innerText.includes('flv')");
        assertThat(chromium.text(".fields"))
                .contains(
                        gateway.rtmp("live/near"),
                        gateway.http("live/live/near.flv"),
                        gateway.http("#/stream/live/near"));
        assertThat(chromium.number("document.querySelectorAll('canvas').length"))
                .isEqualTo(4);
        assertThat(chromium.requests().stream().filter(url -> url.startsWith("ws:")))
                .as("the feed and the picture, each opened once")
                .hasSize(2);
        assertThat(chromium.errors()).isEmpty();
    }

    @Test
    void aPlayerThatFellBehindCatchesUp() {
        chromium.open(gateway.http("#/stream/demo/colorbars"));
        chromium.await("document.querySelector('video').currentTime > 3");
        chromium.eval("document.querySelector('video').currentTime -= 2.2");
        chromium.await("document.querySelector('video').playbackRate > 1", 5);
        chromium.eval("document.querySelector('video').currentTime -= 1; 0");
        chromium.press("l");
        chromium.await(LATENCY + " < 1.2", 5);
        assertThat(chromium.errors()).isEmpty();
    }

    @Test
    void liveGoesOnWhenNothingArrivesAndSpeedDoesNotFlutter() {
        chromium.open(gateway.http("#/start"));
        assertThat((String) chromium.eval("import('/parts/live-edge.js').then(({ LiveEdge }) => {"
                        + " const edge = new LiveEdge(); const seen = [];"
                        + " edge.heard(10, 100); seen.push(edge.latency(9.5, 100), edge.latency(9.5, 103));"
                        + " edge.heard(14, 103); seen.push(edge.latency(13, 103));"
                        + " const speed = (...state) => edge.decide(...state).rate;"
                        + " seen.push(speed(0.8, 2, 1), speed(1.1, 2, 1), speed(1.4, 2, 1), speed(1.1, 2, 1.08));"
                        + " seen.push(speed(0.8, 2, 1.08), speed(3, 2, 1), speed(3, 0.1, 1.25));"
                        + " seen.push(edge.decide(7, 5, 1).jump, edge.decide(7, 0.1, 1).jump);"
                        + " return seen.join(' '); })"))
                .isEqualTo("0.5 3.5 1 1 1 1.08 1.08 1 1.25 1 true false");
    }

    @Test
    void hostileWordsStayWords() throws Exception {
        String hostile = "<img src=x onerror=window.pwned=1>\u202E\"'><script>window.pwned=1</script>";
        publish("live/hostile", "-metadata", "title=" + hostile, "-metadata", "comment=" + "x".repeat(10_000));
        gateway.awaitStream("hostile", stream -> stream.containsKey("video"));
        gateway.tell(
                new JsonObject().put("type", hostile).put("stream", hostile).put("at", System.currentTimeMillis()));
        gateway.tell(new JsonObject()
                .put("type", "publish")
                .put("stream", hostile)
                .put("protocol", hostile)
                .put("address", hostile)
                .put("at", System.currentTimeMillis()));
        chromium.open(gateway.http("#/stream/live/hostile"));
        chromium.await("document.querySelector('.tracks').textContent.includes('onerror')");
        chromium.open(gateway.http("#/server"));
        chromium.await("document.querySelector('.events').textContent.includes('onerror')");
        chromium.eval("location.hash = '#/stream/" + "%3Cimg%20src=x%20onerror=window.pwned=1%3E'; 0");
        chromium.await("document.querySelector('h1').textContent.includes('onerror')");
        assertThat(chromium.eval("window.pwned === undefined && !document.querySelector('img[src=x]')"))
                .isEqualTo(true);
        chromium.open(gateway.http("status"));
        assertThat(chromium.text("table:last-of-type") + chromium.text("body")).contains("onerror");
        assertThat(chromium.eval("window.pwned === undefined && !document.querySelector('img')"))
                .isEqualTo(true);
    }

    @Test
    void kickNeedsTheTokenAndThenWorks() throws Exception {
        Process publisher = publish("live/kicked");
        gateway.awaitStream("kicked", stream -> stream.containsKey("video"));
        chromium.open(gateway.http("#/stream/live/kicked"));
        chromium.await("document.querySelector('.head .danger') && !document.querySelector('.head .danger').hidden");
        chromium.click(".head .danger");
        chromium.await("document.querySelector('dialog').textContent.includes('token')");
        chromium.click("dialog .primary");
        chromium.await("location.hash === '#/admin'");
        chromium.eval("location.hash = '#/admin/" + TOKEN + "'; 0");
        chromium.await("location.hash === '#/streams' && localStorage.length > 0");
        assertThat((String) chromium.eval("location.href")).doesNotContain(TOKEN);
        chromium.eval("location.hash = '#/stream/live/kicked'; 0");
        chromium.await("document.querySelector('.head .danger') && !document.querySelector('.head .danger').hidden");
        assertThat(publisher.isAlive()).isTrue();
        chromium.click(".head .danger");
        chromium.await("document.querySelector('dialog .danger')");
        chromium.click("dialog .danger");
        assertThat(publisher.waitFor(10, TimeUnit.SECONDS))
                .as("the publisher was closed")
                .isTrue();
        chromium.await("document.querySelector('.notices').textContent.includes('Kicked the publisher')");
        assertThat(chromium.errors()).isEmpty();
    }

    @Test
    void aPrivateGatewayShowsItselfToTheAdministratorAlone() throws Exception {
        JsonObject web = new JsonObject().put("adminToken", TOKEN).put("private", true);
        JsonObject demo = new JsonObject().put("enabled", true);
        try (LiveGateway closed =
                new LiveGateway(new JsonObject().put("demo", demo).put("web", web))) {
            chromium.open(closed.http(""));
            chromium.await("document.querySelector('.strip.shown')?.textContent.includes('private')");
            assertThat(chromium.text("body")).doesNotContain("colorbars");
            chromium.open(closed.http("#/admin/" + TOKEN));
            chromium.await("document.querySelector('video')?.currentTime > 0");
            assertThat(chromium.errors()).isEmpty();
        }
    }

    @Test
    void aPageThatIsLeftWatchesNoMore() throws Exception {
        chromium.open(gateway.http("#/stream/demo/colorbars"));
        gateway.awaitStream("colorbars", s -> s.getJsonObject("viewers").getInteger("flv", 0) == 1);
        chromium.open(gateway.http("status"));
        gateway.awaitStream("colorbars", s -> s.getJsonObject("viewers").getInteger("total") == 0);
    }

    @Test
    void pagesMayChangeWhileAPictureIsStillOpening() {
        chromium.open(gateway.http(""));
        chromium.await("document.querySelector('video')?.currentTime > 0");
        for (int i = 0; i < 12; i++) {
            chromium.eval(
                    "location.hash = '#/stream/demo/colorbars'; new Promise(done => setTimeout(done, " + i * 5 + "))");
            chromium.eval("location.hash = '#/streams'; new Promise(done => setTimeout(done, " + i * 7 + "))");
        }
        chromium.await("document.querySelector('video')?.currentTime > 0.5");
        assertThat(chromium.errors()).isEmpty();
    }

    @Test
    void figuresAreNeverStaleWithoutSayingSo() throws Exception {
        try (LiveGateway other = new LiveGateway(new JsonObject().put("demo", new JsonObject().put("enabled", true)))) {
            chromium.open(other.http("#/server"));
            chromium.await("document.querySelector('tbody tr')");
            assertThat(chromium.text(".strip")).isEmpty();
        }
        chromium.await("document.querySelector('.strip.shown')?.textContent.includes('No connection')");
        assertThat(chromium.eval("document.documentElement.classList.contains('stale')"))
                .isEqualTo(true);
    }

    @Test
    void everyPageIsReachedByKeys() {
        chromium.open(gateway.http(""));
        chromium.await(ROW + ".includes('demo/colorbars')");
        chromium.press("2");
        chromium.await("document.querySelector('h1').textContent === 'Server'");
        chromium.press("3");
        chromium.await("document.querySelector('h1').textContent === 'First run'");
        chromium.press("4");
        chromium.await("document.querySelector('h1').textContent === 'Groups'");
        chromium.press("1");
        chromium.await(ROW + ".includes('demo/colorbars')");
        chromium.press("ArrowDown");
        chromium.await("document.activeElement.className === 'name'");
        chromium.press("/");
        chromium.await("document.activeElement.type === 'search'");
        chromium.eval("document.activeElement.blur()");
        chromium.press("?");
        chromium.await("document.querySelector('dialog[open]')");
        assertThat(chromium.errors()).isEmpty();
    }
}
