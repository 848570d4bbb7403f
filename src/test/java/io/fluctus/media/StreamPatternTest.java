package io.fluctus.media;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class StreamPatternTest {
    @Test
    void aStarStandsForAnyCharactersAndEverythingElseForItself() {
        record Row(String pattern, String stream, boolean matches) {}
        List<Row> rows = List.of(
                new Row("", "live/a", false),
                new Row(" , ", "live/a", false),
                new Row("*", "live/a", true),
                new Row("live/*", "live/a", true),
                new Row("live/*", "live/a/b", true),
                new Row("live/*", "alive/a", false),
                new Row("live/*", "live", false),
                new Row("*/cam*", "live/cam1", true),
                new Row("li.e/a", "live/a", false),
                new Row("x, live/a", "live/a", true),
                new Row("cam1", "live/cam1", false));
        for (Row row : rows) {
            assertThat(StreamPattern.of(row.pattern).matches(StreamName.parse(row.stream)))
                    .as(row.toString())
                    .isEqualTo(row.matches);
        }
    }
}
