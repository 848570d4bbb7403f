package io.fluctus;

import io.fluctus.bus.Refusal;
import io.fluctus.cli.Version;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.lang.management.ManagementFactory;
import java.util.List;

/** What runs on this node, told to whoever asks at {@code deploy.<node>}. */
record Deployments(String node, List<Verticles.Row> rows, List<Verticles.Deployed> deployed) {
    private static final int BAD_REQUEST = 400;

    /** {@code {op: "list"}}: version, start (milliseconds since 1970), and the verticles with their instances and ports. */
    Future<JsonObject> answer(JsonObject question) {
        if (!"list".equals(question.getString("op"))) {
            return Future.failedFuture(new Refusal(BAD_REQUEST, "no such word to a node"));
        }
        JsonArray verticles = new JsonArray();
        for (int i = 0; i < deployed.size(); i++) {
            JsonObject verticle = new JsonObject()
                    .put("name", deployed.get(i).name())
                    .put("instances", rows.get(i).instances());
            deployed.get(i).door().ifPresent(door -> verticle.put("port", door.port()));
            verticles.add(verticle);
        }
        return Future.succeededFuture(new JsonObject()
                .put("node", node)
                .put("name", "Fluctus")
                .put("version", Version.number())
                .put("since", ManagementFactory.getRuntimeMXBean().getStartTime())
                .put("java", Runtime.version().toString())
                .put("verticles", verticles));
    }
}
