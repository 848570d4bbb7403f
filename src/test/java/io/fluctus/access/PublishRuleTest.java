package io.fluctus.access;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PublishRuleTest {
    @ParameterizedTest
    @CsvSource({
        "'', true, '', true",
        "'', false, '', false",
        "'', false, key=guess, false",
        "s3cret, true, '', false",
        "s3cret, false, key=s3cret, true",
        "s3cret, false, a=b&key=s3cret&c=d, true",
        "s3cret, false, key=s3cre, false",
        "s3cret, false, key=, false",
        "s3cret, false, monkey=s3cret, false",
    })
    void whoMayPublish(String key, boolean local, String query, boolean allowed) {
        assertThat(new PublishRule(key).refuse(local, query).isEmpty()).isEqualTo(allowed);
    }

    @Test
    void theRefusedReadsWhyAndWhichKeyToSet() {
        assertThat(new PublishRule("").refuse(false, ""))
                .contains(
                        "publishing is open to this machine only: set publish.key in config.json and publish as NAME?key=KEY");
        assertThat(new PublishRule("s3cret").refuse(false, "key=wrong"))
                .contains("publishing needs the key: publish as NAME?key=KEY");
    }

    @Test
    void theSameKeyOrWithoutKeysTheSameHostIsTheSamePublisher() {
        PublishRule keyed = new PublishRule("k");
        assertThat(keyed.credential("192.0.2.7", "key=k")).isEqualTo(keyed.credential("192.0.2.8", "key=k"));
        PublishRule open = new PublishRule("");
        assertThat(open.credential("192.0.2.7", "")).isNotEqualTo(open.credential("192.0.2.8", ""));
    }
}
