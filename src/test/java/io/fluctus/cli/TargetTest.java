package io.fluctus.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fluctus.cli.Target.Transport;
import io.fluctus.config.ConfigException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** URLs as people type them. */
class TargetTest {
    @ParameterizedTest
    @CsvSource({
        "rtmp://h/live/cam1,               h, 1935, live,      cam1,              rtmp://h/live",
        "rtmp://h:19350/live/cam1,         h, 19350, live,     cam1,              rtmp://h:19350/live",
        "rtmp://h/games/chess/cam1?key=a,  h, 1935, games/chess, cam1?key=a,      rtmp://h/games/chess",
        "rtmp://h/cam1,                    h, 1935, '',        cam1,              rtmp://h/",
        "rtmp://h//live/cam1,              h, 1935, live,      cam1,              rtmp://h/live",
        "rtmp://[::1]:1936/live/cam1,  [::1], 1936, live,      cam1,              'rtmp://[::1]:1936/live'"
    })
    void anRtmpUrlNamesApplicationAndStream(
            String url, String host, int port, String app, String stream, String tcUrl) {
        Target target = Target.parse(url);
        assertThat(target).isEqualTo(new Target(Transport.RTMP, host, port, app, stream, ""));
        assertThat(target.tcUrl()).isEqualTo(tcUrl);
    }

    @Test
    void anRtmfpUrlIsReadLikeAnRtmpUrl() {
        Target target = Target.parse("rtmfp://h/live/cam1?key=a");
        assertThat(target).isEqualTo(new Target(Transport.RTMFP, "h", 1935, "live", "cam1?key=a", ""));
        assertThat(target.tcUrl()).isEqualTo("rtmfp://h/live");
        assertThat(Target.parse("rtmfp://h:1936/cam1").tcUrl()).isEqualTo("rtmfp://h:1936/");
        assertThat(Target.application("rtmfp://h/games?a=b").app()).isEqualTo("games?a=b");
    }

    @ParameterizedTest
    @CsvSource({
        "http://h/live/live/cam1.flv,        HTTP, 80,   /live/live/cam1.flv",
        "http://h:8080/live/c%C3%A4m.flv?a=b, HTTP, 8080, /live/c%C3%A4m.flv?a=b",
        "ws://h:8080/live/cam1.flv,          WS,   8080, /live/cam1.flv",
        "ws://h,                             WS,   80,   /"
    })
    void everyOtherUrlIsAskedForAsItStands(String url, Transport transport, int port, String resource) {
        assertThat(Target.parse(url)).isEqualTo(new Target(transport, "h", port, "", "", resource));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "rtmps://h/live/cam1 | `rtmps://h/live/cam1`: rtmps is not spoken yet; rtmp, rtmfp, http and ws are",
                "https://h/          | `https://h/`: https is not spoken yet; rtmp, rtmfp, http and ws are",
                "srt://h:1           | `srt://h:1`: only rtmp, rtmfp, http and ws are spoken",
                "cam1                | `cam1`: only rtmp, rtmfp, http and ws are spoken",
                "rtmp:///live/cam1   | `rtmp:///live/cam1` names no host",
                "rtmp://h            | `rtmp://h` names no stream: rtmp://HOST/APPLICATION/STREAM",
                "rtmp://h/live/      | `rtmp://h/live/` names no stream: rtmp://HOST/APPLICATION/STREAM",
                "rtmp://h/a b        | `rtmp://h/a b` is no URL: Illegal character in path"
            })
    void whatCannotBeUsedIsToldInASentence(String url, String sentence) {
        assertThatThrownBy(() -> Target.parse(url))
                .isInstanceOf(ConfigException.class)
                .hasMessage(sentence);
    }

    @Test
    void anAddressOfVersion6LosesItsBrackets() {
        assertThat(Target.parse("ws://[::1]/x").address()).isEqualTo("::1");
        assertThat(Target.parse("ws://h/x").address()).isEqualTo("h");
    }
}
