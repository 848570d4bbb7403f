package io.fluctus.cluster;

import io.fluctus.Gateway;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** One gateway of a cluster in a process of its own. */
final class Node implements AutoCloseable {
    static final String TOKEN = "a-token-for-tests-only";

    private static final HttpClient HTTP =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(1)).build();

    private final Process process;
    private final ConcurrentLinkedQueue<String> lines = new ConcurrentLinkedQueue<>();

    private Node(Process process) {
        this.process = process;
        Thread reader = new Thread(this::read, "output of a node");
        reader.setDaemon(true);
        reader.start();
    }

    /** Ports that are free now, for the places where nodes find each other. */
    static List<Integer> freePorts(int count) throws IOException {
        List<ServerSocket> sockets = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            sockets.add(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
        }
        List<Integer> ports = sockets.stream().map(ServerSocket::getLocalPort).toList();
        for (ServerSocket socket : sockets) {
            socket.close();
        }
        return ports;
    }

    /** Starts one; {@code options} follow those that put it on free ports of the loopback address. */
    static Node start(Path folder, int port, List<Integer> members, String... options) throws IOException {
        List<String> names =
                members.stream().map(member -> "127.0.0.1:" + member).toList();
        return start(folder, List.of(), "127.0.0.1", port, String.join(",", names), options);
    }

    /** As above, behind the words of {@code prefix}, such as a network namespace's, at an address of its own. */
    static Node start(Path folder, List<String> prefix, String host, int port, String members, String... options)
            throws IOException {
        Files.createDirectories(folder);
        List<String> command = new ArrayList<>(prefix);
        command.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-Xmx256m",
                "-cp",
                System.getProperty("java.class.path"),
                Gateway.class.getName(),
                "--cluster"));
        List<String> settings = List.of(
                "rtmp.host=" + host,
                "rtmp.port=0",
                "rtmp.instances=1",
                "rtmfp.host=" + host,
                "rtmfp.port=0",
                "web.host=" + host,
                "web.port=0",
                "web.instances=1",
                "web.adminToken=" + TOKEN,
                "cluster.host=" + host,
                "cluster.port=" + port,
                "cluster.members=" + members);
        settings.forEach(setting -> command.addAll(List.of("--set", setting)));
        command.addAll(List.of(options));
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true);
        builder.environment()
                .keySet()
                .removeIf(name -> name.startsWith("FLUCTUS_") || name.equals("JAVA_TOOL_OPTIONS"));
        return new Node(builder.start());
    }

    private void read() {
        try (BufferedReader out = process.inputReader()) {
            out.lines().forEach(lines::add);
        } catch (IOException | java.io.UncheckedIOException e) {
            lines.add("its output ended: " + e.getMessage());
        }
    }

    /** Looks again every 20 ms, for so many seconds at most; gives the milliseconds it took. */
    static long await(String what, int seconds, BooleanSupplier condition) throws InterruptedException {
        long began = System.nanoTime();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - began > TimeUnit.SECONDS.toNanos(seconds)) {
                throw new AssertionError("waited in vain for " + what);
            }
            TimeUnit.MILLISECONDS.sleep(20);
        }
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began);
    }

    /** Waits until it says that it is ready. */
    Node ready() throws InterruptedException {
        try {
            await("a node to start", 60, () -> line("ready").isPresent() || !process.isAlive());
        } catch (AssertionError late) {
            throw new AssertionError("it does not start: " + lines, late);
        }
        if (line("ready").isEmpty()) {
            throw new AssertionError("it ended: " + lines);
        }
        return this;
    }

    private Optional<String> line(String start) {
        return lines.stream().filter(line -> line.startsWith(start)).findFirst();
    }

    boolean said(String words) {
        return lines.stream().anyMatch(line -> line.contains(words));
    }

    List<String> lines() {
        return List.copyOf(lines);
    }

    private String url(String scheme) {
        for (String word : line("ready").orElseThrow().split(" ")) {
            if (word.startsWith(scheme + "://")) {
                return word;
            }
        }
        throw new AssertionError("no " + scheme + " door: " + lines);
    }

    String rtmp(String stream) {
        return url("rtmp") + "/" + stream;
    }

    String flv(String stream) {
        return url("http") + "/live/" + stream + ".flv";
    }

    HttpResponse<String> ask(String method, String path, String body) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create(url("http") + path))
                .timeout(Duration.ofSeconds(10))
                .header("Authorization", "Bearer " + TOKEN)
                .method(method, HttpRequest.BodyPublishers.ofString(body))
                .build();
        return HTTP.send(request, HttpResponse.BodyHandlers.ofString());
    }

    private String get(String path) {
        try {
            return ask("GET", path, "").body();
        } catch (Exception e) {
            throw new IllegalStateException(path, e);
        }
    }

    JsonArray streams() {
        return new JsonArray(get("/api/v1/streams"));
    }

    /** The stream as this node lists it. */
    Optional<JsonObject> stream(String name) {
        return streams().stream()
                .map(JsonObject.class::cast)
                .filter(stream -> stream.getString("name").equals(name))
                .findFirst();
    }

    /** Which node publishes a live stream, in this node's eyes; empty if none does. */
    Optional<String> ownerOf(String name) {
        return stream(name).filter(stream -> stream.getBoolean("live")).map(stream -> stream.getString("node"));
    }

    JsonArray nodes() {
        return new JsonArray(get("/api/v1/nodes"));
    }

    /** Its id in the cluster. */
    String id() {
        return new JsonObject(get("/api/v1/server")).getString("node");
    }

    boolean isAlive() {
        return process.isAlive();
    }

    int exitCode() throws InterruptedException {
        if (!process.waitFor(40, TimeUnit.SECONDS)) {
            throw new AssertionError("it does not end: " + lines);
        }
        return process.exitValue();
    }

    /** SIGTERM. */
    void stop() {
        process.destroy();
    }

    /** SIGKILL. */
    void kill() {
        process.destroyForcibly();
    }

    /** SIGSTOP. */
    void freeze() throws Exception {
        signal("STOP");
    }

    /** SIGCONT. */
    void thaw() throws Exception {
        signal("CONT");
    }

    private void signal(String name) throws Exception {
        new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                .start()
                .waitFor();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
