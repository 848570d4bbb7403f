package io.fluctus;

import static org.assertj.core.api.Assertions.assertThat;

import io.fluctus.config.Config;
import io.vertx.core.json.JsonObject;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a person reads when the gateway has started. */
class BannerTest {
    private static final Door RTMP = new Door("rtmp", "rtmp", "0.0.0.0", 1935);
    private static final Door WEB = new Door("web", "http", "0.0.0.0", 8080);

    private static final AdminToken MADE = new AdminToken("made-token-0123456", true);

    @Test
    void aTokenThatWasMadeIsALinkAndAConfiguredOneIsNotPrinted() {
        assertThat(lines("{}", WEB))
                .contains(
                        "  console  http://10.0.0.7:8080/",
                        "           as administrator: http://10.0.0.7:8080/#/admin/made-token-0123456");
        AdminToken configured = new AdminToken("hush-hush-hush-hush", false);
        List<String> lines = new Banner(Config.from(new JsonObject()), "10.0.0.7", List.of(WEB), configured).lines();
        assertThat(String.join("\n", lines))
                .contains("/")
                .doesNotContain("hush")
                .doesNotContain("administrator");
    }

    @Test
    void withoutAKeyOnePublishesFromThisMachineAndPlaysFromAnywhere() {
        List<String> lines = lines("{}", RTMP, WEB);
        assertThat(lines)
                .contains(
                        "  rtmp     rtmp://10.0.0.7:1935",
                        "  web      http://10.0.0.7:8080",
                        "           OBS, Settings, Stream, Custom: Server rtmp://127.0.0.1:1935/live  Stream Key cam1",
                        "           from this machine alone, as publish.key is not set",
                        "  play     ffplay rtmp://10.0.0.7:1935/live/cam1",
                        "           VLC, Open Network Stream: rtmp://10.0.0.7:1935/live/cam1",
                        "           HTTP-FLV: http://10.0.0.7:8080/live/live/cam1.flv");
        assertThat(lines.get(2))
                .startsWith("  publish  ffmpeg ")
                .endsWith(" -f flv \"rtmp://127.0.0.1:1935/live/cam1\"");
    }

    @Test
    void theKeyIsAPlaceholder() {
        List<String> lines = lines("{\"publish\": {\"key\": \"hush\"}}", RTMP);
        assertThat(String.join("\n", lines))
                .doesNotContain("hush")
                .contains("\"rtmp://10.0.0.7:1935/live/cam1?key=PUBLISH_KEY\"")
                .contains("Server rtmp://10.0.0.7:1935/live  Stream Key cam1?key=PUBLISH_KEY")
                .contains("PUBLISH_KEY is the value of publish.key");
    }

    @Test
    void onlyWhatIsThereIsTold() {
        assertThat(lines("{}")).isEmpty();
        assertThat(String.join("\n", lines("{}", WEB)))
                .doesNotContain("publish")
                .contains("  play     HTTP-FLV: http://");
        assertThat(String.join("\n", lines("{}", RTMP))).doesNotContain("HTTP-FLV");
    }

    @Test
    void readyIsOneLineWithEveryAddressAndTheTime() {
        Banner banner = new Banner(Config.from(new JsonObject()), "10.0.0.7", List.of(RTMP, WEB), MADE);
        assertThat(banner.ready("2026-11-23T15:50:00.123Z", 812))
                .isEqualTo("ready rtmp://10.0.0.7:1935 http://10.0.0.7:8080 at 2026-11-23T15:50:00.123Z after 812 ms");
    }

    @Test
    void aDoorOnOneAddressIsToldAsItIs() {
        assertThat(new Door("rtmp", "rtmp", "192.0.2.1", 1).url("10.0.0.7")).isEqualTo("rtmp://192.0.2.1:1");
        assertThat(new Door("rtmp", "rtmp", "::1", 1).url("10.0.0.7")).isEqualTo("rtmp://[::1]:1");
        assertThat(new Door("rtmp", "rtmp", "::", 1).url("2001:db8::7")).isEqualTo("rtmp://[2001:db8::7]:1");
        assertThat(RTMP.on(7).url("10.0.0.7")).isEqualTo("rtmp://10.0.0.7:7");
    }

    @Test
    void theConfiguredAddressIsTakenAndElseOneIsFound() {
        assertThat(PublicAddress.of("tv.example.org")).isEqualTo("tv.example.org");
        assertThat(PublicAddress.of("")).matches("\\d+\\.\\d+\\.\\d+\\.\\d+");
    }

    private static List<String> lines(String config, Door... doors) {
        return new Banner(Config.from(new JsonObject(config)), "10.0.0.7", List.of(doors), MADE).lines();
    }
}
