package io.fluctus.live;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The packed jar as an operator starts and stops it. */
class StartIT {
    private static final Path JAR = Path.of("target", "fluctus.jar").toAbsolutePath();

    @TempDir
    Path folder;

    private Process start(String... options) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                ProcessHandle.current().info().command().orElseThrow(),
                "-jar",
                JAR.toString(),
                "run",
                "--set",
                "rtmp.host=127.0.0.1",
                "--set",
                "rtmfp.host=127.0.0.1",
                "--set",
                "rtmfp.port=0",
                "--set",
                "web.host=127.0.0.1"));
        command.addAll(List.of(options));
        return new ProcessBuilder(command).directory(folder.toFile()).start();
    }

    private static String lineWith(String word, Process process) throws IOException {
        BufferedReader out =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        for (String line = out.readLine(); line != null; line = out.readLine()) {
            if (line.startsWith(word)) {
                return line;
            }
        }
        throw new AssertionError("ended without saying " + word + ": "
                + new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8));
    }

    @Test
    void itSaysReadyWithEveryAddressAndEndsASigtermWithCode0() throws Exception {
        Path pidfile = folder.resolve("fluctus.pid");
        Process gateway = start("--set", "rtmp.port=0", "--set", "web.port=0", "--pidfile", pidfile.toString());
        try {
            assertThat(lineWith("ready", gateway))
                    .containsPattern("rtmp://127.0.0.1:\\d+ rtmfp://127.0.0.1:\\d+ http://127.0.0.1:\\d+ ");
            assertThat(Files.readString(pidfile).strip()).isEqualTo("" + gateway.pid());
            gateway.destroy();
            assertThat(gateway.waitFor(30, TimeUnit.SECONDS)).isTrue();
            assertThat(gateway.exitValue()).isZero();
            assertThat(pidfile).doesNotExist();
        } finally {
            gateway.destroyForcibly();
        }
    }

    @Test
    void aPortInUseIsNamedAndTheExitCodeSaysThatItFailed() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            Process gateway = start("--set", "rtmp.port=" + taken.getLocalPort(), "--set", "web.port=0");
            assertThat(gateway.waitFor(30, TimeUnit.SECONDS)).isTrue();
            assertThat(gateway.exitValue()).isEqualTo(1);
            assertThat(new String(gateway.getErrorStream().readAllBytes(), StandardCharsets.UTF_8))
                    .contains("127.0.0.1:" + taken.getLocalPort())
                    .contains("rtmp.port")
                    .contains("the port is in use")
                    .doesNotContain("\tat ");
        }
    }

    @Test
    void aVerticleThatDoesNotExistIsNamed() throws Exception {
        Process gateway = start("--verticles", "rtpm");
        assertThat(gateway.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(gateway.exitValue()).isEqualTo(2);
        assertThat(new String(gateway.getErrorStream().readAllBytes(), StandardCharsets.UTF_8))
                .contains("unknown verticle `rtpm`: did you mean `rtmp`?");
    }
}
