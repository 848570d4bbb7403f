package io.fluctus.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.buffer.Buffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What an answer of a site means. */
class SiteAnswerTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "200 | `` | granted",
                "204 | `` | granted",
                "200 | {} | granted",
                "200 | {'allow': true} | granted",
                "200 | {'allow': false} | the site refuses",
                "200 | {'allow': false, 'reason': 'not paid'} | not paid",
                "200 | {'allow': false, 'reason': 7} | the site refuses",
                "200 | {'allow': 'yes'} | failed: its `allow` is neither true nor false",
                "200 | {'allow': null} | failed: its `allow` is neither true nor false",
                "200 | {'allow': 0} | failed: its `allow` is neither true nor false",
                "200 | <html>Welcome</html> | failed: its answer is no JSON object",
                "200 | [true] | failed: its answer is no JSON object",
                "200 | 0 | failed: its answer is no JSON object",
                "200 | {'stream': '../x'} | failed: its `stream` is no name of a stream",
                "200 | {'stream': 5} | failed: its `stream` is no name of a stream",
                "301 | `` | failed: it redirects, which is not followed",
                "302 | {'allow': true} | failed: it redirects, which is not followed",
                "400 | `` | the site refuses",
                "401 | {'reason': 'no such key'} | no such key",
                "403 | {'allow': true} | the site refuses",
                "404 | <html>not found</html> | the site refuses",
                "408 | `` | failed: it answers with status 408",
                "429 | `` | failed: it answers with status 429",
                "500 | {'allow': true} | failed: it answers with status 500",
                "503 | `` | failed: it answers with status 503",
                "101 | `` | failed: it answers with status 101",
            })
    void anAnswerAllowsRefusesOrIsNone(int status, String body, String word) {
        SiteAnswer answer = SiteAnswer.of(status, "", Buffer.buffer(body.replace('\'', '"')));
        String said = answer instanceof SiteAnswer.Decided decided
                ? Asked.word(decided.ruling())
                : "failed: " + ((SiteAnswer.Failed) answer).why();
        assertThat(said).isEqualTo(word);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "`` | {} | 0",
                "max-age=60 | {} | 60",
                "private, MAX-AGE=60 | {} | 60",
                "no-store | {} | 0",
                "s-maxage=9 | {} | 0",
                "max-age=999999999 | {} | 3600",
                "max-age=60 | {'maxAge': 5} | 5",
                "`` | {'maxAge': -5} | 0",
                "`` | {'maxAge': 1e12} | 3600",
                "`` | {'maxAge': 'long'} | 0",
            })
    void anAnswerIsKeptAsLongAsItSays(String header, String body, int seconds) {
        SiteAnswer answer = SiteAnswer.of(200, header, Buffer.buffer(body.replace('\'', '"')));
        assertThat(((SiteAnswer.Decided) answer).maxAge()).isEqualTo(seconds);
    }

    @Test
    void whatIsGrantedMayBeBounded() {
        SiteAnswer answer = SiteAnswer.of(
                200,
                "",
                Buffer.buffer("{\"stream\":\"tv/news\",\"name\":\"Anna\",\"credential\":\"u7\",\"kbps\":900,"
                        + "\"seconds\":60,\"viewers\":3}"));
        Ruling.Granted granted = (Ruling.Granted) ((SiteAnswer.Decided) answer).ruling();
        assertThat(granted)
                .isEqualTo(new Ruling.Granted("tv/news", "Anna", "u7", Role.NOBODY, new Ruling.Bounds(900, 60, 3)));
    }

    @Test
    void aReasonIsOneShortLine() {
        SiteAnswer answer = SiteAnswer.of(403, "", Buffer.buffer("{\"reason\":\"a\\nb" + "x".repeat(10_000) + "\"}"));
        String reason = Asked.word(((SiteAnswer.Decided) answer).ruling());
        assertThat(reason).hasSize(SiteAnswer.MAX_TEXT).startsWith("a b").doesNotContain("\n");
    }
}
