package io.fluctus.console;

import static org.assertj.core.api.Assertions.assertThat;

import io.fluctus.LiveGateway;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Every page in both themes at three widths, kept under {@code target/screenshots}; nothing is wider than its screen. */
class ScreenshotIT {
    private static final Path FOLDER = Path.of("target", "screenshots");
    private static final List<int[]> SIZES =
            List.of(new int[] {360, 740}, new int[] {1280, 800}, new int[] {3840, 2160});

    private static final Map<String, String> READY = Map.of(
            "streams",
                    "document.querySelector('video')?.currentTime > 0 && document.querySelector('.spark-line').getAttribute('d')",
            "stream/demo/colorbars",
                    "document.querySelector('video')?.currentTime > 1 && document.querySelector('.track')"
                            + " && document.querySelector('canvas') && document.querySelector('.qr')"
                            + " && document.querySelector('.halves tbody tr')",
            "groups", "document.querySelector('main section .soft:not([hidden])')",
            "server", "document.querySelector('.events time') && document.querySelector('tbody tr')",
            "start", "document.querySelector('.value').textContent.startsWith('rtmp')",
            "admin", "document.querySelector('input')");

    @Test
    void everyPageFitsEveryScreenInBothThemes() throws Exception {
        try (Chromium chromium = Chromium.start();
                LiveGateway gateway =
                        new LiveGateway(new JsonObject().put("demo", new JsonObject().put("enabled", true)))) {
            for (String page : List.of("streams", "stream/demo/colorbars", "groups", "server", "start", "admin")) {
                chromium.size(1280, 800);
                chromium.open(gateway.http("#/" + page));
                chromium.await(READY.get(page));
                shoot(chromium, page.replaceAll("/.*", ""));
                assertThat(chromium.errors()).as(page).isEmpty();
            }
            chromium.open(gateway.http("status"));
            shoot(chromium, "status");
        }
    }

    private static void shoot(Chromium chromium, String page) throws Exception {
        for (int[] size : SIZES) {
            for (String theme : List.of("light", "dark")) {
                chromium.size(size[0], size[1]);
                chromium.theme(theme);
                chromium.eval("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))");
                assertThat(chromium.number("document.documentElement.scrollWidth - innerWidth"))
                        .as("%s at %d px is wider than its screen", page, size[0])
                        .isLessThanOrEqualTo(0);
                chromium.screenshot(FOLDER.resolve(page + "-" + size[0] + "-" + theme + ".png"));
            }
        }
    }
}
