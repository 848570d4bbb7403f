package io.fluctus.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The README says what the table of keys says: no key is missing, none is told that does not exist. */
class DocumentationTest {
    private static final Path README = Path.of("README.md");
    private static final Pattern VARIABLE = Pattern.compile("FLUCTUS_[A-Z_]+[A-Z]");

    @Test
    void theReadmesTableIsTheTableOfKeys() throws IOException {
        List<String> lines = Files.readAllLines(README);
        int start = lines.indexOf("| key | default | allowed | what it is |");
        assertThat(start).as("the table's head").isPositive();
        List<String> rows = new ArrayList<>();
        for (int i = start + 2; lines.get(i).startsWith("|"); i++) {
            rows.add(lines.get(i));
        }
        assertThat(rows)
                .containsExactlyElementsOf(
                        Keys.all().stream().map(Key::markdown).toList());
    }

    @Test
    void everyVariableTheReadmeNamesExists() throws IOException {
        Matcher named = VARIABLE.matcher(Files.readString(README));
        int count = 0;
        for (; named.find(); count++) {
            assertThat(Keys.byVariable(named.group())).isNotNull();
        }
        assertThat(count).isPositive();
    }

    @Test
    void aDescriptionIsOneLineThatFitsATable() {
        for (Key key : Keys.all()) {
            assertThat(key.markdown()).doesNotContain("\n").hasSizeLessThan(220);
            assertThat(key.markdown().chars().filter(c -> c == '|').count()).isEqualTo(5);
            assertThat(key.description()).isNotBlank().doesNotEndWith(".");
        }
    }
}
