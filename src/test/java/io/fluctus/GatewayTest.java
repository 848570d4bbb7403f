package io.fluctus;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The gateway as a process of its own: how it starts, ends and fails. */
class GatewayTest {
    private static final long PATIENCE_SECONDS = 20;

    @TempDir
    Path folder;

    @Test
    void aTerminatedGatewayEndsWithCodeZeroAndWithoutItsPidfile() throws Exception {
        Path pidfile = folder.resolve("fluctus.pid");
        Path logs = folder.resolve("logs");
        Process gateway = start(
                "--set",
                "rtmp.port=0",
                "--set",
                "web.port=0",
                "--set",
                "logs.directory=" + logs,
                "--pidfile",
                pidfile.toString());
        try (BufferedReader out = gateway.inputReader()) {
            List<String> lines = new ArrayList<>();
            do {
                lines.add(String.valueOf(out.readLine()));
            } while (!lines.get(lines.size() - 1).startsWith("ready") && gateway.isAlive());
            assertThat(lines.get(0))
                    .startsWith("Fluctus ")
                    .endsWith("configuration: built-in defaults, as there is no ./config.json");
            assertThat(lines.get(lines.size() - 1)).matches("ready .*at \\d{4}-\\d\\d-\\d\\dT\\S+Z after \\d+ ms");
            assertThat(Files.readString(pidfile).strip()).isEqualTo(Long.toString(gateway.pid()));
            gateway.toHandle().destroy();
            assertThat(out.lines()).anyMatch(line -> line.endsWith(" INFO gateway ends"));
            assertThat(code(gateway)).isZero();
            assertThat(pidfile).doesNotExist();
            assertThat(logs.resolve("fluctus.log")).content().contains(" INFO gateway ends");
            assertThat(errors(gateway)).isEmpty();
        } finally {
            gateway.destroyForcibly();
        }
    }

    @Test
    void aGatewayThatCannotStartSaysWhyInOneSentence() throws Exception {
        Path nowhere = folder.resolve("nowhere/fluctus.pid");
        Process gateway = start("--set", "rtmp.port=0", "--set", "web.port=0", "--pidfile", nowhere.toString());
        assertThat(code(gateway)).isEqualTo(1);
        assertThat(errors(gateway))
                .containsExactly("fluctus: cannot write the process id to " + nowhere + " (no such file or directory)");
    }

    @Test
    void aWrongConfigurationIsToldBeforeAnythingStarts() throws Exception {
        Process gateway = start("--set", "logs.level=loud");
        assertThat(code(gateway)).isEqualTo(2);
        assertThat(errors(gateway))
                .containsExactly("fluctus: `logs.level` is \"loud\": it must be one of error, warn, info, debug");
    }

    /** In an empty folder, so that no config.json is near. */
    private Process start(String... args) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                Gateway.class.getName()));
        command.addAll(List.of(args));
        ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile());
        builder.environment()
                .keySet()
                .removeIf(name -> name.startsWith("FLUCTUS_") || name.equals("JAVA_TOOL_OPTIONS"));
        return builder.start();
    }

    private static int code(Process process) throws InterruptedException {
        assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
        return process.exitValue();
    }

    private static List<String> errors(Process process) {
        try (BufferedReader err = process.errorReader()) {
            return err.lines().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
