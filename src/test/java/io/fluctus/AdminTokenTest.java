package io.fluctus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fluctus.config.Config;
import io.vertx.core.json.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where the administrator's token comes from and who may read it. */
class AdminTokenTest {
    private final SecureRandom random = new SecureRandom();

    @TempDir
    Path folder;

    @Test
    void theConfiguredTokenHoldsAndNothingIsWritten() {
        Config config = Config.from(new JsonObject("{\"web\": {\"adminToken\": \"mine\"}}"));
        AdminToken token = AdminToken.of(config, folder, random);
        assertThat(token.value()).isEqualTo("mine");
        assertThat(token.made()).isFalse();
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void theFirstStartMakesOneThatOnlyItsOwnerReads() throws Exception {
        AdminToken token = AdminToken.of(defaults(), folder, random);
        Path file = folder.resolve(AdminToken.FILE);
        assertThat(token.made()).isTrue();
        assertThat(token.value()).matches("[A-Za-z0-9_-]{32}");
        assertThat(Files.readString(file)).isEqualTo(token.value() + "\n");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
    }

    @Test
    void theNextStartFindsIt() {
        AdminToken first = AdminToken.of(defaults(), folder, random);
        assertThat(AdminToken.of(defaults(), folder, random)).isEqualTo(first);
    }

    @Test
    void aFileWithoutATokenStopsTheStart() throws Exception {
        Path file = folder.resolve(AdminToken.FILE);
        for (String text : new String[] {"", "short", "with a space in the middle", "x".repeat(300)}) {
            Files.writeString(file, text);
            assertThatThrownBy(() -> AdminToken.of(defaults(), folder, random))
                    .isInstanceOf(StartException.class)
                    .hasMessage("cannot read the administrator's token in " + file
                            + " (it holds no token: delete it and a new one is made)");
        }
    }

    @Test
    void aTokenThatCannotBeKeptHoldsForThisRun() {
        AdminToken token = AdminToken.of(defaults(), folder.resolve("nowhere"), random);
        assertThat(token.made()).isTrue();
        assertThat(token.in(defaults()).web().adminToken()).isEqualTo(token.value());
    }

    @Test
    void itIsNotPrinted() {
        AdminToken token = AdminToken.of(defaults(), folder, random);
        assertThat(token.toString()).doesNotContain(token.value());
        assertThat(token.in(defaults()).toString()).doesNotContain(token.value());
    }

    private static Config defaults() {
        return Config.from(new JsonObject());
    }
}
