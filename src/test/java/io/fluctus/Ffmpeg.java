package io.fluctus;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.net.JarURLConnection;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/** The real ffmpeg and ffprobe out of the test dependency, unpacked once, run as processes. */
public final class Ffmpeg {
    private static final String RESOURCES = "org/bytedeco/ffmpeg/linux-x86_64-gpl/";
    private static final Path FOLDER = Path.of("target", "ffmpeg").toAbsolutePath();

    /**
     * Libraries for sound and windows that the packaged libavdevice asks the machine for and that a bare machine lacks. The tests
     * use no device, so any library under these names lets it load.
     */
    private static final List<String> UNUSED =
            List.of("libpulse.so.0", "libasound.so.2", "libxcb.so.1", "libxcb-shm.so.0", "libudev.so.1");

    private static final String STAND_IN = "libva-drm.so.2";

    private Ffmpeg() {}

    /** What a program printed and how it ended. */
    public record Result(int exitCode, String out, String err) {
        public Result succeeded() {
            assertThat(exitCode).as(err).isZero();
            return this;
        }
    }

    /** A test pattern of H.264 and AAC, from {@code lavfi}, as an endless real-time source: input and encoder arguments. */
    public static List<String> pattern(int fps, int keyFrameEvery) {
        return List.of(
                "-re",
                "-f",
                "lavfi",
                "-i",
                "testsrc2=size=320x180:rate=" + fps,
                "-re",
                "-f",
                "lavfi",
                "-i",
                "sine=frequency=440:sample_rate=44100",
                "-c:v",
                "libx264",
                "-preset",
                "ultrafast",
                "-tune",
                "zerolatency",
                "-pix_fmt",
                "yuv420p",
                "-g",
                "" + keyFrameEvery,
                "-b:v",
                "300k",
                "-c:a",
                "aac",
                "-b:a",
                "64k");
    }

    /** Starts {@code ffmpeg}, or skips the test with one line where the machine cannot run it. */
    public static Process start(List<String> arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of("-hide_banner", "-nostdin", "-loglevel", "warning"));
        command.addAll(arguments);
        return process("ffmpeg", command)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(Files.createTempFile(folder(), "ffmpeg-", ".err").toFile())
                .start();
    }

    public static Result run(String program, int seconds, String... arguments) throws Exception {
        Path out = Files.createTempFile(folder(), program, ".out");
        Path err = Files.createTempFile(folder(), program, ".err");
        List<String> command = new ArrayList<>(List.of("-hide_banner", "-loglevel", "warning"));
        command.addAll(List.of(arguments));
        Process process = process(program, command)
                .redirectOutput(out.toFile())
                .redirectError(err.toFile())
                .start();
        try {
            assertThat(process.waitFor(seconds, TimeUnit.SECONDS))
                    .as("%s %s ends within %d s", program, command, seconds)
                    .isTrue();
            return new Result(process.exitValue(), Files.readString(out), complaints(Files.readString(err)));
        } finally {
            process.destroyForcibly();
        }
    }

    /** What {@code ffprobe} says about {@code url} as JSON. */
    public static JsonObject probe(String url, String... arguments) throws Exception {
        List<String> all = new ArrayList<>(
                List.of("-of", "json", "-analyzeduration", "2000000", "-probesize", "500000", "-show_streams"));
        all.addAll(List.of(arguments));
        all.add(url);
        return new JsonObject(
                run("ffprobe", 30, all.toArray(String[]::new)).succeeded().out());
    }

    private static ProcessBuilder process(String program, List<String> arguments) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(folder().resolve(program).toString());
        command.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("LD_LIBRARY_PATH", folder().toString());
        builder.redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()));
        return builder;
    }

    /** The loader's word about the stand-ins is none of ffmpeg's. */
    private static String complaints(String err) {
        return err.lines()
                .filter(line -> !line.contains("no version information available"))
                .reduce("", (all, line) -> all + line + "\n");
    }

    private static synchronized Path folder() throws IOException {
        URL program = Ffmpeg.class.getClassLoader().getResource(RESOURCES + "ffmpeg");
        boolean linux = System.getProperty("os.name").equals("Linux")
                && System.getProperty("os.arch").equals("amd64");
        if (program == null || !linux) {
            System.out.println("SKIPPED: the packaged ffmpeg runs on Linux x86-64 only");
            Assumptions.abort("the packaged ffmpeg runs on Linux x86-64 only");
        }
        Path done = FOLDER.resolve("unpacked");
        if (!Files.exists(done)) {
            Files.createDirectories(FOLDER);
            unpack(program);
            Files.writeString(done, "", StandardCharsets.UTF_8);
        }
        return FOLDER;
    }

    private static void unpack(URL program) throws IOException {
        var jar = ((JarURLConnection) program.openConnection()).getJarFile();
        for (var entry : (Iterable<java.util.jar.JarEntry>) jar.stream()::iterator) {
            if (entry.getName().startsWith(RESOURCES) && !entry.isDirectory()) {
                Path file = FOLDER.resolve(entry.getName().substring(RESOURCES.length()));
                try (InputStream in = jar.getInputStream(entry)) {
                    Files.copy(in, file, StandardCopyOption.REPLACE_EXISTING);
                }
                assertThat(file.toFile().setExecutable(true)).isTrue();
            }
        }
        for (String library : UNUSED) {
            try {
                Files.createSymbolicLink(FOLDER.resolve(library), Path.of(STAND_IN));
            } catch (FileAlreadyExistsException e) {
                // An earlier, interrupted run made it.
                continue;
            }
        }
    }
}
