package io.fluctus;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The plan of the house, held: the arrows between rooms, no circles, purity, and a sentence for every room. */
class HouseTest {
    private static final String ROOT = "io.fluctus";
    private static final Pattern ROW_OF_THE_PLAN = Pattern.compile("\\| \\d \\| (\\S+) \\| .* \\| ([^|]+) \\|");
    private static final Path SOURCES = Path.of("src/main/java/io/fluctus");

    /** What each room may import; a room that is not here may not exist. */
    private static final Map<String, Set<String>> ARROWS = arrows();

    private static final Set<String> VALUE_TYPES = Set.of(
            "io.vertx.core.buffer.Buffer",
            "io.vertx.core.json.JsonObject",
            "io.vertx.core.json.JsonArray",
            "io.vertx.core.json.DecodeException",
            "io.vertx.core.shareddata.Shareable",
            "io.vertx.core.shareddata.ClusterSerializable",
            "io.vertx.codegen.annotations");

    private static final Set<String> ROOMS_OF_VERTX =
            Set.of("", "bus", "guard", "audience", "client", "script", "access", "web", "cli");
    private static final Set<String> NETTY_CLASSES = Set.of("rtmp.RtmpChannel", "rtmfp.DatagramIo", "web.LiveChannel");

    private static final JavaClasses CLASSES = new ClassFileImporter().importPath(Path.of("target/classes"));

    private static Map<String, Set<String>> arrows() {
        Map<String, Set<String>> arrows = new LinkedHashMap<>();
        arrows.put("wire", Set.of());
        arrows.put("config", Set.of());
        arrows.put("media", Set.of("wire"));
        arrows.put("netconnection", Set.of("wire", "media"));
        arrows.put("bus", Set.of("wire", "media"));
        arrows.put("container", Set.of("wire", "media"));
        arrows.put("guard", Set.of("config"));
        arrows.put("audience", Set.of("bus", "media", "config", "guard"));
        arrows.put("client", Set.of("wire", "media", "netconnection", "bus", "audience"));
        arrows.put("rtmp", Set.of("wire", "media", "netconnection", "bus", "audience", "client", "guard", "config"));
        arrows.put("rtmfp", Set.of("wire", "media", "netconnection", "bus", "audience", "client", "guard", "config"));
        arrows.put("stream", Set.of("wire", "media", "bus", "config"));
        arrows.put("access", Set.of("wire", "media", "bus", "container", "audience", "guard", "config"));
        arrows.put("web", Set.of("wire", "media", "bus", "container", "audience", "guard", "config"));
        arrows.put("script", Set.of("wire", "media", "bus", "container", "audience", "config"));
        arrows.put("sharedobject", Set.of("wire", "media", "bus", "config"));
        arrows.put("record", Set.of("wire", "media", "bus", "container", "config"));
        arrows.put("hls", Set.of("wire", "media", "bus", "container", "config"));
        arrows.put("demo", Set.of("wire", "media", "bus", "container", "config"));
        arrows.put("cli", Set.of("rtmp", "rtmfp", "netconnection", "container", "wire", "media", "config"));
        arrows.put(
                "",
                Set.of(
                        "rtmp",
                        "rtmfp",
                        "stream",
                        "access",
                        "web",
                        "script",
                        "sharedobject",
                        "record",
                        "hls",
                        "demo",
                        "cli",
                        "bus",
                        "guard",
                        "config"));
        return arrows;
    }

    @Test
    void arrowsFall() {
        List<String> wrong = new ArrayList<>();
        for (Dependency d : ours()) {
            String from = room(d.getOriginClass());
            String to = room(d.getTargetClass());
            if (!from.equals(to) && !ARROWS.getOrDefault(from, Set.of()).contains(to)) {
                wrong.add(d.getDescription());
            }
        }
        assertThat(wrong).isEmpty();
    }

    @Test
    void everyRoomStandsInThePlan() {
        Set<String> rooms = new TreeSet<>();
        CLASSES.forEach(c -> rooms.add(room(c)));
        assertThat(ARROWS.keySet()).containsAll(rooms);
    }

    @Test
    void theReadmeDrawsTheSamePlan() throws IOException {
        Map<String, Set<String>> drawn = new TreeMap<>();
        for (String line : Files.readAllLines(Path.of("README.md"))) {
            Matcher row = ROW_OF_THE_PLAN.matcher(line);
            if (row.matches()) {
                Set<String> imports = new TreeSet<>(List.of(row.group(2).split(", ")));
                imports.remove("nothing");
                drawn.put(row.group(1).equals("(root)") ? "" : row.group(1).replace("`", ""), imports);
            }
        }
        assertThat(drawn).isEqualTo(ARROWS);
    }

    @Test
    void noFileImportsAFileThatImportsIt() {
        Map<String, Set<String>> graph = new TreeMap<>();
        for (Dependency d : ours()) {
            String from = file(d.getOriginClass());
            String to = file(d.getTargetClass());
            if (!from.equals(to)) {
                graph.computeIfAbsent(from, k -> new TreeSet<>()).add(to);
            }
        }
        assertThat(circle(graph)).isEmpty();
    }

    @Test
    void vertxStaysInTheShell() {
        List<String> wrong = new ArrayList<>();
        for (Dependency d : dependencies()) {
            String target = d.getTargetClass().getName();
            String file = file(d.getOriginClass());
            if (target.startsWith("io.vertx.")
                    && VALUE_TYPES.stream().noneMatch(target::startsWith)
                    && !ROOMS_OF_VERTX.contains(room(d.getOriginClass()))
                    && !file.endsWith("Verticle")
                    && !file.endsWith("Link")
                    && !file.endsWith("Peer")
                    && !NETTY_CLASSES.contains(file)) {
                wrong.add(d.getDescription());
            }
        }
        assertThat(wrong).isEmpty();
    }

    @Test
    void nettyStaysInTheAudienceAndOneClassOfEachDoor() {
        List<String> wrong = new ArrayList<>();
        for (Dependency d : dependencies()) {
            if (d.getTargetClass().getName().startsWith("io.netty.")
                    && !room(d.getOriginClass()).equals("audience")
                    && !NETTY_CLASSES.contains(file(d.getOriginClass()))) {
                wrong.add(d.getDescription());
            }
        }
        assertThat(wrong).isEmpty();
    }

    @Test
    void everyRoomHasItsSentence() throws IOException {
        try (Stream<Path> files = Files.walk(SOURCES)) {
            for (Path room : files.filter(Files::isDirectory).toList()) {
                assertThat(room.resolve("package-info.java"))
                        .content()
                        .as(room.toString())
                        .contains("/**");
            }
        }
    }

    private List<Dependency> ours() {
        return dependencies().stream()
                .filter(d -> d.getTargetClass().getPackageName().startsWith(ROOT))
                .toList();
    }

    private List<Dependency> dependencies() {
        return CLASSES.stream()
                .flatMap(c -> c.getDirectDependenciesFromSelf().stream())
                .toList();
    }

    private static String room(JavaClass c) {
        String name = c.getPackageName().substring(ROOT.length());
        int dot = name.indexOf('.', 1);
        return name.isEmpty() ? "" : name.substring(1, dot < 0 ? name.length() : dot);
    }

    private static String file(JavaClass c) {
        String name = c.getBaseComponentType().getName().substring(ROOT.length() + 1);
        int nested = name.indexOf('$');
        return nested < 0 ? name : name.substring(0, nested);
    }

    /** One circle of the graph as a path, or an empty list. */
    private static List<String> circle(Map<String, Set<String>> graph) {
        Set<String> done = new TreeSet<>();
        for (String start : graph.keySet()) {
            List<String> found = walk(graph, start, new ArrayList<>(), done);
            if (!found.isEmpty()) {
                return found;
            }
        }
        return List.of();
    }

    private static List<String> walk(Map<String, Set<String>> graph, String at, List<String> path, Set<String> done) {
        int seen = path.indexOf(at);
        if (seen >= 0) {
            return List.copyOf(path.subList(seen, path.size()));
        }
        if (done.contains(at)) {
            return List.of();
        }
        path.add(at);
        for (String next : graph.getOrDefault(at, Set.of())) {
            List<String> found = walk(graph, next, path, done);
            if (!found.isEmpty()) {
                return found;
            }
        }
        path.remove(path.size() - 1);
        done.add(at);
        return List.of();
    }
}
