package io.fluctus.record;

import static org.assertj.core.api.Assertions.assertThat;

import io.fluctus.Ffmpeg;
import io.fluctus.LiveGateway;
import io.vertx.core.json.JsonObject;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A gateway of its own process that ends while it records. */
class KilledGatewayIT {
    private static final Path JAR = Path.of("target", "fluctus.jar").toAbsolutePath();
    private static final Pattern RTMP = Pattern.compile("(rtmp://127\\.0\\.0\\.1:\\d+)");

    private Process gateway;
    private Process publisher;

    @TempDir
    Path folder;

    private String start(String format) throws Exception {
        List<String> command = new ArrayList<>(
                List.of(ProcessHandle.current().info().command().orElseThrow(), "-jar", JAR.toString(), "run"));
        for (String set : List.of(
                "rtmp.host=127.0.0.1",
                "rtmp.port=0",
                "rtmfp.host=127.0.0.1",
                "rtmfp.port=0",
                "web.host=127.0.0.1",
                "web.port=0",
                "record.streams=*",
                "record.format=" + format)) {
            command.addAll(List.of("--set", set));
        }
        gateway = new ProcessBuilder(command).directory(folder.toFile()).start();
        BufferedReader out =
                new BufferedReader(new InputStreamReader(gateway.getInputStream(), StandardCharsets.UTF_8));
        String line = out.readLine();
        while (line != null && !line.startsWith("ready")) {
            line = out.readLine();
        }
        Matcher rtmp = RTMP.matcher(String.valueOf(line));
        assertThat(rtmp.find()).as(line).isTrue();
        return rtmp.group(1);
    }

    private Optional<Path> recorded() {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(file -> file.toString().matches(".*\\.(mp4|flv)"))
                    .findFirst();
        } catch (java.io.IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static long size(Path file) {
        try {
            return Files.size(file);
        } catch (java.io.IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @ParameterizedTest
    @CsvSource({"mp4, true", "flv, true", "mp4, false", "flv, false"})
    void theFileOpensAndDecodesWithoutAnError(String format, boolean killed) throws Exception {
        try {
            String rtmp = start(format);
            List<String> arguments = new ArrayList<>(Ffmpeg.pattern(25, 25));
            arguments.addAll(List.of("-f", "flv", rtmp + "/live/cam"));
            publisher = Ffmpeg.start(arguments);
            LiveGateway.await(
                    "some seconds of file",
                    () -> recorded().map(KilledGatewayIT::size).orElse(0L) > 120_000);
            if (killed) {
                gateway.destroyForcibly();
            } else {
                gateway.destroy();
            }
            assertThat(gateway.waitFor(30, TimeUnit.SECONDS)).isTrue();
        } finally {
            gateway.destroyForcibly();
            publisher.destroyForcibly();
        }
        Path file = recorded().orElseThrow();
        JsonObject probed = Ffmpeg.probe(file.toString(), "-count_packets", "-show_format");
        assertThat(Integer.parseInt(
                        probed.getJsonArray("streams").getJsonObject(0).getString("nb_read_packets")))
                .isGreaterThan(25);
        if (!killed) {
            assertThat(Double.parseDouble(probed.getJsonObject("format").getString("duration")))
                    .isGreaterThan(1.0);
            assertThat(Ffmpeg.run("ffmpeg", 60, "-xerror", "-i", file.toString(), "-f", "null", "-")
                            .succeeded()
                            .err())
                    .isEmpty();
        }
        assertThat(Ffmpeg.run("ffmpeg", 60, "-i", file.toString(), "-f", "null", "-")
                        .exitCode())
                .isZero();
    }
}
