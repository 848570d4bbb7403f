package io.fluctus;

import io.fluctus.bus.Address;
import io.fluctus.bus.Bus;
import io.fluctus.bus.Bus.Registration;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The end of a node whose clients shall go on at another one: newcomers are refused, the others are sent there and given time. */
final class Drain {
    /** What clients get to move; of the 30 s that a SIGTERM may take, the rest is for those that do not. */
    static final long SECONDS = 15;

    private static final Logger LOG = LoggerFactory.getLogger("gateway");
    private static final long LOOK_MILLIS = 250;

    private final Vertx vertx;
    private final Bus bus;
    private final Promise<Void> over = Promise.promise();
    private final Map<String, Integer> connections = new HashMap<>();
    private final Registration figures;
    private long since;

    /** Call on the context that {@link #begin} is called on. */
    Drain(Vertx vertx, Bus bus) {
        this.vertx = vertx;
        this.bus = bus;
        this.figures = bus.listen(Address.stats(bus.node()), report -> {
            if (report.containsKey("connections")) {
                connections.put(report.getString("source"), report.getInteger("connections"));
            }
        });
    }

    /** Whether there is another node to go to. */
    Future<Boolean> possible() {
        return others().map(urls -> !urls.isEmpty()).otherwise(false);
    }

    /** The doors of other nodes that take newcomers. */
    private Future<JsonArray> others() {
        return bus.request(Address.REGISTRY, new JsonObject().put("op", "nodes"))
                .map(answer -> {
                    JsonArray urls = new JsonArray();
                    JsonArray nodes = answer.getJsonArray("nodes");
                    for (int i = 0; i < nodes.size(); i++) {
                        JsonObject node = nodes.getJsonObject(i);
                        String url =
                                node.getJsonObject("doors", new JsonObject()).getString("rtmp", "");
                        if (!node.getBoolean("here") && !node.getBoolean("draining", false) && !url.isEmpty()) {
                            urls.add(url);
                        }
                    }
                    return urls;
                });
    }

    /** Completes when nobody is connected any more, or the time is over; again and again the same. */
    Future<Void> begin() {
        if (since == 0) {
            since = System.nanoTime();
            LOG.info("drains: {} connections are asked to go elsewhere", left());
            JsonObject about = new JsonObject().put("draining", true);
            bus.request(Address.REGISTRY, new JsonObject().put("op", "describe").put("about", about));
            others().otherwise(new JsonArray()).onSuccess(urls -> {
                bus.publishHere(Address.DRAIN, new JsonObject().put("rtmp", urls));
                // The figures of a second that began after the word to the doors.
                vertx.timer(2, TimeUnit.SECONDS).onSuccess(fired -> look());
            });
        }
        return over.future();
    }

    private void look() {
        if (left() == 0 || millis() > TimeUnit.SECONDS.toMillis(SECONDS)) {
            LOG.info("drained after {} ms, {} connections are left", millis(), left());
            figures.close();
            over.tryComplete();
        } else {
            vertx.timer(LOOK_MILLIS).onSuccess(fired -> look());
        }
    }

    /** {@code draining}, for how many {@code millis}, and the {@code connections} that are left. */
    JsonObject progress() {
        return new JsonObject()
                .put("draining", since != 0)
                .put("millis", since == 0 ? 0 : millis())
                .put("connections", left());
    }

    private int left() {
        return connections.values().stream().mapToInt(Integer::intValue).sum();
    }

    private long millis() {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - since);
    }
}
