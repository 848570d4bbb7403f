package io.fluctus.cluster;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Network namespaces on one bridge, one for each node, which can be kept from seeing each other while the test sees them all. */
final class Namespaces implements AutoCloseable {
    private static final String NETWORK = "10.231.7.";
    private static final int FIRST_ADDRESS = 11;

    private final String mark = Long.toString(ProcessHandle.current().pid() % 10_000);
    private final int count;

    Namespaces(int count) {
        this.count = count;
    }

    /** Makes them; false where this machine does not allow it. */
    boolean open() throws Exception {
        if (!run("ip", "link", "add", bridge(), "type", "bridge")) {
            return false;
        }
        boolean made =
                run("ip", "addr", "add", NETWORK + "1/24", "dev", bridge()) && run("ip", "link", "set", bridge(), "up");
        for (int i = 0; i < count && made; i++) {
            String outer = "fv" + mark + i;
            String inner = "fi" + mark + i;
            made = run("ip", "netns", "add", name(i))
                    && run("ip", "link", "add", outer, "type", "veth", "peer", "name", inner)
                    && run("ip", "link", "set", inner, "netns", name(i))
                    && run("ip", "link", "set", outer, "master", bridge(), "up")
                    && inside(i, "ip", "addr", "add", host(i) + "/24", "dev", inner)
                    && inside(i, "ip", "link", "set", inner, "up")
                    && inside(i, "ip", "link", "set", "lo", "up");
        }
        return made;
    }

    private String bridge() {
        return "fb" + mark;
    }

    private String name(int i) {
        return "fluctus" + mark + i;
    }

    String host(int i) {
        return NETWORK + (FIRST_ADDRESS + i);
    }

    /** What a command begins with that runs in there. */
    List<String> prefix(int i) {
        return List.of("ip", "netns", "exec", name(i));
    }

    /** Two of them do not reach each other any more. */
    void part(int a, int b) throws Exception {
        inside(a, "ip", "route", "add", "blackhole", host(b) + "/32");
        inside(b, "ip", "route", "add", "blackhole", host(a) + "/32");
    }

    void heal(int a, int b) throws Exception {
        inside(a, "ip", "route", "del", "blackhole", host(b) + "/32");
        inside(b, "ip", "route", "del", "blackhole", host(a) + "/32");
    }

    private boolean inside(int i, String... command) throws Exception {
        List<String> all = new ArrayList<>(prefix(i));
        all.addAll(List.of(command));
        return run(all.toArray(String[]::new));
    }

    private static boolean run(String... command) throws Exception {
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            boolean worked = process.waitFor(10, TimeUnit.SECONDS) && process.exitValue() == 0;
            if (!worked) {
                System.out.println(String.join(" ", command) + ": " + said.strip());
            }
            return worked;
        } catch (IOException e) {
            System.out.println(command[0] + ": " + e.getMessage());
            return false;
        }
    }

    @Override
    public void close() throws Exception {
        for (int i = 0; i < count; i++) {
            run("ip", "netns", "del", name(i));
        }
        run("ip", "link", "del", bridge());
    }
}
