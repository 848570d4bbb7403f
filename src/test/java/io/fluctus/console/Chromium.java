package io.fluctus.console;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/** A headless Chromium with one page, driven over the DevTools protocol. */
final class Chromium implements AutoCloseable {
    private static final String REQUIRED = "fluctus.requireChromium";
    private static final List<String> NAMES = List.of("chromium", "chromium-browser", "google-chrome");
    private static final int PATIENCE_SECONDS = 20;

    private final Path profile;
    private final Process process;
    private final WebSocket socket;
    private final AtomicInteger lastId = new AtomicInteger();
    private final Map<Integer, CompletableFuture<JsonObject>> calls = new ConcurrentHashMap<>();
    private final List<String> errors = new CopyOnWriteArrayList<>();
    private final List<String> requests = new CopyOnWriteArrayList<>();
    private String session = "";
    private CompletableFuture<WebSocket> sent = CompletableFuture.completedFuture(null);

    private Chromium(Path program) throws Exception {
        profile = Files.createTempDirectory("fluctus-chromium");
        process = new ProcessBuilder(
                        program.toString(),
                        "--headless",
                        "--no-sandbox",
                        "--disable-gpu",
                        "--disable-quic",
                        "--no-first-run",
                        "--disable-background-networking",
                        "--disable-component-update",
                        "--disable-sync",
                        "--disable-dev-shm-usage",
                        "--autoplay-policy=no-user-gesture-required",
                        "--remote-debugging-port=0",
                        "--user-data-dir=" + profile)
                .redirectErrorStream(true)
                .redirectOutput(profile.resolve("output").toFile())
                .start();
        socket = connect();
        session = openPage();
        for (String domain : List.of("Page", "Runtime", "Network", "Log")) {
            call(domain + ".enable", new JsonObject());
        }
    }

    /** Starts one, or skips the test with one line where there is none; with -Dfluctus.requireChromium=true that fails. */
    static Chromium start() throws Exception {
        Optional<Path> program = Stream.of(System.getenv("PATH").split(":"))
                .flatMap(folder -> NAMES.stream().map(name -> Path.of(folder, name)))
                .filter(Files::isExecutable)
                .findFirst();
        if (program.isEmpty()) {
            String sentence = "there is no Chromium on this machine: the console is not tested in a browser";
            if (Boolean.getBoolean(REQUIRED)) {
                throw new AssertionError(sentence);
            }
            System.out.println("SKIPPED: " + sentence);
            Assumptions.abort(sentence);
        }
        return new Chromium(program.get());
    }

    /** Goes to an address and forgets what was seen before. */
    void open(String url) {
        call("Page.navigate", new JsonObject().put("url", "about:blank"));
        errors.clear();
        requests.clear();
        call("Page.navigate", new JsonObject().put("url", url));
        await("document.readyState === 'complete'");
    }

    /** The value of an expression, promises awaited. */
    Object eval(String expression) {
        JsonObject answer = call(
                "Runtime.evaluate",
                new JsonObject()
                        .put("expression", expression)
                        .put("awaitPromise", true)
                        .put("returnByValue", true));
        if (answer.containsKey("exceptionDetails")) {
            throw new AssertionError(
                    expression + ": " + answer.getJsonObject("exceptionDetails").encode());
        }
        return answer.getJsonObject("result").getValue("value");
    }

    double number(String expression) {
        return ((Number) eval(expression)).doubleValue();
    }

    String text(String selector) {
        return (String) eval("document.querySelector('" + selector + "')?.textContent ?? ''");
    }

    /** Waits until the expression is true. */
    void await(String expression) {
        await(expression, PATIENCE_SECONDS);
    }

    void await(String expression, int seconds) {
        Object found = eval("new Promise(done => { const end = Date.now() + " + seconds * 1000L
                + "; const look = () => { let seen = false; try { seen = !!(" + expression
                + "); } catch { seen = false; } if (seen || Date.now() > end) done(seen);"
                + " else setTimeout(look, 25); }; look(); })");
        if (!Boolean.TRUE.equals(found)) {
            throw new AssertionError("waited in vain for " + expression + "; errors " + errors + "; page: "
                    + eval("document.body.innerText.slice(0, 2000)"));
        }
    }

    void click(String selector) {
        eval("document.querySelector('" + selector + "').click()");
    }

    /** As a person types one key. */
    void press(String key) {
        JsonObject event = new JsonObject().put("key", key);
        if (key.length() == 1) {
            event.put("text", key);
        }
        call("Input.dispatchKeyEvent", event.copy().put("type", "keyDown"));
        event.remove("text");
        call("Input.dispatchKeyEvent", event.put("type", "keyUp"));
    }

    void size(int width, int height) {
        call(
                "Emulation.setDeviceMetricsOverride",
                new JsonObject()
                        .put("width", width)
                        .put("height", height)
                        .put("deviceScaleFactor", 1)
                        .put("mobile", false));
    }

    /** {@code light} or {@code dark}. */
    void theme(String name) {
        JsonObject feature =
                new JsonObject().put("name", "prefers-color-scheme").put("value", name);
        call("Emulation.setEmulatedMedia", new JsonObject().put("features", new JsonArray().add(feature)));
    }

    /** The whole page, however long. */
    void screenshot(Path file) throws IOException {
        String data = call("Page.captureScreenshot", new JsonObject().put("captureBeyondViewport", true))
                .getString("data");
        Files.createDirectories(file.getParent());
        Files.write(file, Base64.getDecoder().decode(data));
    }

    /** What the page's console, its scripts, its policy and its network complained of. */
    List<String> errors() {
        return List.copyOf(errors);
    }

    List<String> requests() {
        return List.copyOf(requests);
    }

    // -- the protocol

    private WebSocket connect() throws Exception {
        Path port = profile.resolve("DevToolsActivePort");
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (!Files.exists(port) || Files.readAllLines(port).size() < 2) {
            if (System.nanoTime() > end || !process.isAlive()) {
                throw new AssertionError("Chromium did not start: " + Files.readString(profile.resolve("output")));
            }
            TimeUnit.MILLISECONDS.sleep(20);
        }
        List<String> lines = Files.readAllLines(port);
        URI address = URI.create("ws://127.0.0.1:" + lines.get(0) + lines.get(1));
        return HttpClient.newHttpClient()
                .newWebSocketBuilder()
                .buildAsync(address, new Ear())
                .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    /** Joins the parts of each message. */
    private final class Ear implements WebSocket.Listener {
        private final StringBuilder text = new StringBuilder();

        @Override
        public CompletionStage<?> onText(WebSocket from, CharSequence part, boolean last) {
            text.append(part);
            if (last) {
                hear(new JsonObject(text.toString()));
                text.setLength(0);
            }
            from.request(1);
            return null;
        }
    }

    private String openPage() {
        String target = call("Target.createTarget", new JsonObject().put("url", "about:blank"))
                .getString("targetId");
        return call(
                        "Target.attachToTarget",
                        new JsonObject().put("targetId", target).put("flatten", true))
                .getString("sessionId");
    }

    private JsonObject call(String method, JsonObject params) {
        int id = lastId.incrementAndGet();
        CompletableFuture<JsonObject> answer = new CompletableFuture<>();
        calls.put(id, answer);
        JsonObject message =
                new JsonObject().put("id", id).put("method", method).put("params", params);
        if (!session.isEmpty()) {
            message.put("sessionId", session);
        }
        sent = sent.thenCompose(before -> socket.sendText(message.encode(), true));
        return answer.orTimeout(2 * PATIENCE_SECONDS, TimeUnit.SECONDS).join();
    }

    private void hear(JsonObject message) {
        if (message.containsKey("id")) {
            CompletableFuture<JsonObject> call = calls.remove(message.getInteger("id"));
            if (message.containsKey("error")) {
                call.completeExceptionally(
                        new AssertionError(message.getJsonObject("error").encode()));
            } else {
                call.complete(message.getJsonObject("result"));
            }
            return;
        }
        JsonObject params = message.getJsonObject("params");
        switch (message.getString("method", "")) {
            case "Runtime.exceptionThrown" -> errors.add(params.encode());
            case "Runtime.consoleAPICalled" -> {
                if (List.of("error", "warning", "assert").contains(params.getString("type"))) {
                    errors.add(params.encode());
                }
            }
            case "Log.entryAdded" -> {
                JsonObject entry = params.getJsonObject("entry");
                if (entry.getString("level").equals("error")) {
                    errors.add(entry.encode());
                }
            }
            case "Network.requestWillBeSent" ->
                requests.add(params.getJsonObject("request").getString("url"));
            case "Network.webSocketCreated" -> requests.add(params.getString("url"));
            default -> {
                // Much happens in a browser that no test asks about.
            }
        }
    }

    /** The hosts that the page asked, without data and blobs. */
    List<String> hosts() {
        return requests.stream()
                .filter(url -> !url.startsWith("data:") && !url.startsWith("blob:") && !url.startsWith("about:"))
                .map(url -> URI.create(url).getAuthority())
                .distinct()
                .toList();
    }

    @Override
    public void close() throws Exception {
        process.destroy();
        if (!process.waitFor(5, TimeUnit.SECONDS)) {
            process.destroyForcibly().waitFor();
        }
        try (Stream<Path> files = Files.walk(profile)) {
            files.sorted(Comparator.reverseOrder())
                    .forEach(file -> file.toFile().delete());
        }
    }
}
