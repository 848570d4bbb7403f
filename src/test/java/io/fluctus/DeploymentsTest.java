package io.fluctus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fluctus.Verticles.Deployed;
import io.fluctus.Verticles.Row;
import io.fluctus.bus.Refusal;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How verticles are deployed, undeployed and scaled while a node runs. */
class DeploymentsTest {
    private final Vertx vertx = Vertx.vertx();
    private final AtomicInteger webs = new AtomicInteger();
    private final AtomicInteger drains = new AtomicInteger();
    private volatile boolean broken;
    private volatile List<String> told = List.of();
    private Deployments deployments;

    @BeforeEach
    void start() throws Exception {
        List<Row> rows = List.of(
                counted("relay", new AtomicInteger()), counted("web", webs), counted("demo", new AtomicInteger()));
        List<Deployed> deployed = get(Verticles.deploy(vertx, rows.subList(0, 2)));
        deployments = new Deployments(vertx, "n", rows, deployed, new Deployments.House() {
            @Override
            public JsonObject drain() {
                return new JsonObject().put("times", drains.incrementAndGet());
            }

            @Override
            public void changed(List<Deployed> running) {
                told = running.stream().map(Deployed::name).toList();
            }
        });
    }

    @AfterEach
    void end() throws Exception {
        get(vertx.close());
    }

    private Row counted(String name, AtomicInteger running) {
        return new Row(name, 1, Optional.empty(), port -> new VerticleBase() {
            @Override
            public Future<?> start() {
                if (broken) {
                    return Future.failedFuture("no room");
                }
                running.incrementAndGet();
                return Future.succeededFuture();
            }

            @Override
            public Future<?> stop() {
                running.decrementAndGet();
                return Future.succeededFuture();
            }
        });
    }

    private static <T> T get(Future<T> future) throws Exception {
        return future.toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
    }

    private JsonObject say(String op, String name) throws Exception {
        return get(deployments.answer(new JsonObject().put("op", op).put("name", name)));
    }

    private JsonObject scale(String name, int instances) throws Exception {
        return get(deployments.answer(
                new JsonObject().put("op", "deploy").put("name", name).put("instances", instances)));
    }

    private static List<String> names(JsonArray verticles) {
        return verticles.stream().map(v -> ((JsonObject) v).getString("name")).toList();
    }

    @Test
    void whatRunsAndWhatDoesNotIsListed() throws Exception {
        JsonObject list = say("list", "");
        assertThat(list.getString("node")).isEqualTo("n");
        assertThat(names(list.getJsonArray("verticles"))).containsExactly("relay", "web");
        assertThat(list.getJsonArray("notRunning").getList()).isEqualTo(List.of("demo"));
        assertThat(list.getJsonArray("history")).isEmpty();
    }

    @Test
    void aVerticleIsDeployedAndUndeployed() throws Exception {
        assertThat(names(say("deploy", "demo").getJsonArray("verticles"))).contains("demo");
        assertThat(told).containsExactly("relay", "web", "demo");
        JsonObject list = say("undeploy", "demo");
        assertThat(told).containsExactly("relay", "web");
        assertThat(names(list.getJsonArray("verticles"))).doesNotContain("demo");
        assertThat(list.getJsonArray("history").stream().map(c -> ((JsonObject) c).getString("what")))
                .as("newest first")
                .containsExactly("undeployed", "deployed");
    }

    @Test
    void instancesGrowAndShrink() throws Exception {
        scale("web", 4);
        assertThat(webs).hasValue(4);
        scale("web", 2);
        assertThat(webs).hasValue(2);
        assertThat(deployments.deployed()).hasSize(3);
        say("undeploy", "web");
        assertThat(webs).hasValue(0);
    }

    @ParameterizedTest
    @CsvSource({
        "undeploy, relay, 1, 409, relay stays as it was started: the others stand on it",
        "deploy, demo, 2, 409, the instances of demo are fixed at the start",
        "deploy, web, 0, 400, `instances` must be a whole number from 1 to 64",
        "deploy, web, 65, 400, `instances` must be a whole number from 1 to 64",
        "deploy, wbe, 1, 404, unknown verticle `wbe`: did you mean `web`?",
    })
    void whatCannotBeIsRefused(String op, String name, int instances, int code, String sentence) {
        JsonObject wish = new JsonObject().put("op", op).put("name", name).put("instances", instances);
        assertThatThrownBy(() -> deployments.answer(wish))
                .hasMessage(sentence)
                .isInstanceOfSatisfying(
                        Refusal.class, refusal -> assertThat(refusal.code()).isEqualTo(code));
    }

    @Test
    void aVerticleThatDoesNotStartIsTriedAgain() throws Exception {
        broken = true;
        assertThatThrownBy(() -> say("deploy", "demo")).hasMessageContaining("demo did not start: no room");
        broken = false;
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(5);
        while (!names(say("list", "").getJsonArray("verticles")).contains("demo") || restarts() == 0) {
            assertThat(System.nanoTime()).as("it is tried again within 5 s").isLessThan(end);
            TimeUnit.MILLISECONDS.sleep(20);
        }
        assertThat(deployments.deployed()).extracting(Deployed::name).contains("demo");
    }

    private int restarts() throws Exception {
        return say("list", "").getJsonArray("verticles").stream()
                .map(JsonObject.class::cast)
                .filter(verticle -> verticle.getInteger("instances") > 0)
                .mapToInt(verticle -> verticle.getInteger("restarts"))
                .sum();
    }

    @Test
    void theHistoryIsBounded() throws Exception {
        for (int i = 0; i < Deployments.MAX_HISTORY + 5; i++) {
            scale("web", 1 + i % 2);
        }
        assertThat(say("list", "").getJsonArray("history")).hasSize(Deployments.MAX_HISTORY);
    }

    @Test
    void drainingIsPassedOn() throws Exception {
        assertThat(say("drain", "").getInteger("times")).isEqualTo(1);
        assertThat(drains).hasValue(1);
    }
}
