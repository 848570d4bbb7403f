package io.fluctus.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fluctus.config.Config;
import io.fluctus.config.ConfigException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A configuration file on the disk, and what its errors say. */
class ConfigFileTest {
    @TempDir
    Path folder;

    @Test
    void aFileIsRead() throws IOException {
        Path file = write("{\"rtmp\": {\"port\": 1936}}");
        assertThat(Config.from(ConfigFile.read(file)).rtmp().port()).isEqualTo(1936);
    }

    @Test
    void everyErrorBeginsWithTheFilesNameAndSaysWhere() throws IOException {
        Map<String, String> sentences = new LinkedHashMap<>();
        sentences.put("{\"rtmp\": {\"port\": 1936,}}", "is not JSON at line 1, column 24");
        sentences.put("{\n  \"rtmp\" 5\n}", "is not JSON at line 2, column 10");
        sentences.put("{\"rtmp\": {", "is not JSON at line 1, column 10");
        sentences.put("", "is not a JSON object");
        sentences.put("[1]", "is not a JSON object");
        sentences.put("{\"rtmp\": {\"prot\": 1}}", "unknown key `rtmp.prot`: did you mean `rtmp.port`?");
        for (Map.Entry<String, String> e : sentences.entrySet()) {
            Path file = write(e.getKey());
            assertThatThrownBy(() -> ConfigFile.read(file))
                    .as(e.getKey())
                    .isInstanceOf(ConfigException.class)
                    .hasMessage(file + ": " + e.getValue());
        }
    }

    @Test
    void aFileThatIsNotThereIsNamed() {
        Path file = folder.resolve("nowhere.json");
        assertThatThrownBy(() -> ConfigFile.read(file)).hasMessage(file + ": there is no such file");
        assertThatThrownBy(() -> ConfigFile.read(folder)).hasMessage(folder + ": cannot be read (Is a directory)");
    }

    @Test
    void aFileBeyondTheLimitIsRefusedUnread() throws IOException {
        Path file = write(" ".repeat(ConfigFile.MAX_BYTES - 2) + "{}");
        assertThat(ConfigFile.read(file)).isNotNull();
        Path larger = write(" ".repeat(ConfigFile.MAX_BYTES - 1) + "{}");
        assertThatThrownBy(() -> ConfigFile.read(larger)).hasMessage(larger + ": is larger than 1048576 bytes");
    }

    @Test
    void nestingWithoutEndIsRefused() throws IOException {
        Path file = write("{\"a\":".repeat(100_000));
        assertThatThrownBy(() -> ConfigFile.read(file)).isInstanceOf(ConfigException.class);
    }

    @Test
    void everyPrefixAndManyMutationsAreAConfigurationOrOneSentence() throws IOException {
        byte[] shipped = Files.readAllBytes(Run.USUAL_FILE);
        for (int length = 0; length < shipped.length; length++) {
            outcomeIsClear(Arrays.copyOf(shipped, length));
        }
        Random random = new Random(1935);
        for (int i = 0; i < 300; i++) {
            byte[] mutated = shipped.clone();
            for (int n = random.nextInt(4); n >= 0; n--) {
                mutated[random.nextInt(mutated.length)] = (byte) random.nextInt(256);
            }
            outcomeIsClear(mutated);
        }
    }

    private void outcomeIsClear(byte[] bytes) throws IOException {
        Path file = Files.write(folder.resolve("config.json"), bytes);
        try {
            Config.from(ConfigFile.read(file));
        } catch (ConfigException e) {
            assertThat(e).message().startsWith(file + ": ").hasSizeLessThan(400);
        }
    }

    @Test
    void whyAFileCannotBeUsedIsSaidInWords() {
        assertThat(ConfigFile.why(new NoSuchFileException("x"))).isEqualTo("no such file or directory");
        assertThat(ConfigFile.why(new AccessDeniedException("x"))).isEqualTo("permission denied");
        assertThat(ConfigFile.why(new FileSystemException("x", null, "Not a directory")))
                .isEqualTo("Not a directory");
        assertThat(ConfigFile.why(new IOException("disk full"))).isEqualTo("disk full");
        assertThat(ConfigFile.why(new FileSystemException("x"))).isEqualTo("java.nio.file.FileSystemException: x");
    }

    private Path write(String text) throws IOException {
        return Files.writeString(folder.resolve("config.json"), text);
    }
}
