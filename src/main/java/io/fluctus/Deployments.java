package io.fluctus;

import io.fluctus.bus.Refusal;
import io.fluctus.cli.Version;
import io.fluctus.config.Nearest;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.lang.management.ManagementFactory;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What runs on this node, told to whoever asks at {@code deploy.<node>}, and changed while it runs: built-in verticles are deployed,
 * undeployed and given more or fewer instances. One that does not start is tried again, later and later. On one thread.
 */
final class Deployments {
    /** Changes that are remembered. */
    static final int MAX_HISTORY = 100;

    static final int MAX_INSTANCES = 64;

    /** The first pause before a verticle that did not start is tried again; each is twice the one before, up to the last. */
    static final long FIRST_RETRY_MILLIS = 1_000;

    static final long LAST_RETRY_MILLIS = 60_000;

    /** The others stand on these, and packets find them by their number. */
    private static final Set<String> FIXED = Set.of("access", "registry", "relay");

    /** Those whose instances share a port and know nothing of each other. */
    private static final Set<String> SCALED = Set.of("rtmp", "web");

    private static final int BAD_REQUEST = 400;
    private static final int NOT_FOUND = 404;
    private static final int CONFLICT = 409;

    /** Whose verticles they are. */
    interface House {
        /** Begins to end this node, and tells how far it is. */
        JsonObject drain();

        /** Other verticles run than before. */
        void changed(List<Verticles.Deployed> deployed);
    }

    private final Vertx vertx;
    private final String node;
    private final House house;
    private final Map<String, Unit> units = new LinkedHashMap<>();
    private final Deque<JsonObject> history = new ArrayDeque<>();

    /** One verticle of the table, whether it runs or not. */
    private static final class Unit {
        private final Verticles.Row row;
        private List<Verticles.Deployed> instances = new ArrayList<>();
        private int wanted;
        private int restarts;
        private boolean busy;

        private Unit(Verticles.Row row) {
            this.row = row;
        }
    }

    /** {@code rows} are all there are, {@code deployed} what runs. */
    Deployments(Vertx vertx, String node, List<Verticles.Row> rows, List<Verticles.Deployed> deployed, House house) {
        this.vertx = vertx;
        this.node = node;
        this.house = house;
        rows.forEach(row -> units.put(row.name(), new Unit(row)));
        deployed.forEach(running -> {
            Unit unit = units.get(running.name());
            unit.instances.add(running);
            unit.wanted++;
        });
        house.changed(deployed);
    }

    Future<JsonObject> answer(JsonObject question) {
        return switch (question.getString("op")) {
            case "list" -> Future.succeededFuture(list());
            case "deploy" -> deploy(unit(question), question);
            case "undeploy" -> undeploy(unit(question));
            case "drain" -> Future.succeededFuture(house.drain());
            default -> Future.failedFuture(new Refusal(BAD_REQUEST, "no such word to a node"));
        };
    }

    /** Everything that runs, in the order of the start. */
    List<Verticles.Deployed> deployed() {
        return units.values().stream().flatMap(unit -> unit.instances.stream()).toList();
    }

    private Unit unit(JsonObject question) {
        String name = question.getString("name");
        Unit unit = units.get(name);
        if (unit == null) {
            throw new Refusal(
                    NOT_FOUND,
                    "unknown verticle `" + name + "`: did you mean `" + Nearest.of(name, units.keySet()) + "`?");
        }
        if (FIXED.contains(name)) {
            throw new Refusal(CONFLICT, name + " stays as it was started: the others stand on it");
        }
        if (unit.busy) {
            throw new Refusal(CONFLICT, name + " is being changed");
        }
        return unit;
    }

    // -- changes

    /** {@code instances}: how many it shall be; without it, as configured, or as they are. */
    private Future<JsonObject> deploy(Unit unit, JsonObject wish) {
        String name = unit.row.name();
        boolean runs = !unit.instances.isEmpty();
        int instances = wish.getInteger("instances", runs ? unit.instances.size() : unit.row.instances());
        if (instances < 1 || instances > MAX_INSTANCES) {
            throw new Refusal(BAD_REQUEST, "`instances` must be a whole number from 1 to " + MAX_INSTANCES);
        }
        if (!SCALED.contains(name) && instances != (runs ? unit.instances.size() : unit.row.instances())) {
            throw new Refusal(CONFLICT, "the instances of " + name + " are fixed at the start");
        }
        unit.wanted = instances;
        unit.busy = true;
        return grow(unit)
                .compose(done -> shrink(unit))
                .onFailure(error -> retry(unit, FIRST_RETRY_MILLIS))
                .onComplete(done -> {
                    unit.busy = false;
                    remember(done.failed() ? "failed" : "deployed", unit, done.cause());
                })
                .recover(error -> Future.failedFuture(new Refusal(CONFLICT, error.getMessage())))
                .map(done -> list());
    }

    private Future<JsonObject> undeploy(Unit unit) {
        unit.wanted = 0;
        unit.busy = true;
        return shrink(unit)
                .onComplete(done -> {
                    unit.busy = false;
                    remember("undeployed", unit, done.cause());
                })
                .map(done -> list());
    }

    private Future<Void> grow(Unit unit) {
        if (unit.instances.size() >= unit.wanted) {
            return Future.succeededFuture();
        }
        Verticles.Row one = unit.row.withInstances(1);
        return Verticles.deploy(vertx, List.of(one)).compose(added -> {
            unit.instances.addAll(added);
            return grow(unit);
        });
    }

    private Future<Void> shrink(Unit unit) {
        if (unit.instances.size() <= unit.wanted) {
            return Future.succeededFuture();
        }
        Verticles.Deployed last = unit.instances.remove(unit.instances.size() - 1);
        return Verticles.undeploy(vertx, List.of(last)).compose(done -> shrink(unit));
    }

    private void retry(Unit unit, long millis) {
        vertx.timer(millis).onSuccess(fired -> {
            if (unit.busy || unit.instances.size() >= unit.wanted) {
                return;
            }
            unit.busy = true;
            unit.restarts++;
            grow(unit).onComplete(done -> {
                unit.busy = false;
                remember(done.failed() ? "failed" : "deployed", unit, done.cause());
                if (done.failed()) {
                    retry(unit, Math.min(LAST_RETRY_MILLIS, 2 * millis));
                }
            });
        });
    }

    private void remember(String what, Unit unit, Throwable why) {
        JsonObject change = new JsonObject()
                .put("at", System.currentTimeMillis())
                .put("what", what)
                .put("name", unit.row.name())
                .put("instances", unit.instances.size());
        Optional.ofNullable(why).ifPresent(cause -> change.put("why", cause.getMessage()));
        history.addFirst(change);
        house.changed(deployed());
        if (history.size() > MAX_HISTORY) {
            history.removeLast();
        }
    }

    // -- what people see

    /**
     * Version, start (milliseconds since 1970), the verticles that run with their instances and ports, those that do not, and what was
     * changed, newest first.
     */
    private JsonObject list() {
        JsonArray verticles = new JsonArray();
        JsonArray others = new JsonArray();
        units.values().forEach(unit -> {
            if (unit.instances.isEmpty() && unit.wanted == 0) {
                others.add(unit.row.name());
            } else {
                verticles.add(told(unit));
            }
        });
        return new JsonObject()
                .put("node", node)
                .put("name", "Fluctus")
                .put("version", Version.number())
                .put("since", ManagementFactory.getRuntimeMXBean().getStartTime())
                .put("java", Runtime.version().toString())
                .put("verticles", verticles)
                .put("notRunning", others)
                .put("history", new JsonArray(List.copyOf(history)));
    }

    private static JsonObject told(Unit unit) {
        JsonObject verticle = new JsonObject()
                .put("name", unit.row.name())
                .put("instances", unit.instances.size())
                .put("restarts", unit.restarts);
        unit.instances.stream()
                .flatMap(running -> running.door().stream())
                .findFirst()
                .ifPresent(door -> verticle.put("port", door.port()));
        return verticle;
    }
}
