package io.fluctus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fluctus.Verticles.Deployed;
import io.fluctus.Verticles.Row;
import io.fluctus.config.ConfigException;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.io.IOException;
import java.net.ServerSocket;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.IntConsumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** How the table of verticles is deployed, what a failure is told, and how it ends. */
class VerticlesTest {
    private static Vertx vertx;

    private final List<String> seen = new CopyOnWriteArrayList<>();

    @BeforeAll
    static void start() {
        vertx = Vertx.builder()
                .with(new VertxOptions().setPreferNativeTransport(true))
                .build();
    }

    @AfterAll
    static void end() throws Exception {
        get(vertx.close());
    }

    @Test
    void rowsStartInOrderAndEndInReverse() throws Exception {
        List<Deployed> deployed =
                get(Verticles.deploy(vertx, List.of(row("registry", 1), row("relay", 2), row("rtmp", 1))));
        assertThat(seen).containsExactly("+registry", "+relay", "+relay", "+rtmp");
        seen.clear();
        get(Verticles.undeploy(vertx, deployed));
        assertThat(seen).containsExactly("-rtmp", "-relay", "-relay", "-registry");
    }

    @Test
    void aVerticleThatCannotEndDoesNotKeepTheOthers() throws Exception {
        Row stubborn = new Row("stubborn", 1, Optional.empty(), port -> new VerticleBase() {
            @Override
            public Future<?> stop() {
                return Future.failedFuture("no");
            }
        });
        List<Deployed> deployed = get(Verticles.deploy(vertx, List.of(row("relay", 1), stubborn)));
        seen.clear();
        get(Verticles.undeploy(vertx, deployed));
        assertThat(seen).containsExactly("-relay");
    }

    @Test
    void theDoorTellsThePortThatWasGiven() throws Exception {
        List<Deployed> deployed = get(Verticles.deploy(vertx, List.of(listening("rtmp", "127.0.0.1", 0))));
        Door door = deployed.get(0).door().orElseThrow();
        assertThat(door.port()).isBetween(1, 65535);
        assertThat(door.url("x")).isEqualTo("rtmp://127.0.0.1:" + door.port());
        get(Verticles.undeploy(vertx, deployed));
    }

    @Test
    void aPortInUseIsNamed() throws IOException {
        try (ServerSocket taken = new ServerSocket(0)) {
            int port = taken.getLocalPort();
            assertThatThrownBy(() -> get(Verticles.deploy(vertx, List.of(listening("rtmp", "0.0.0.0", port)))))
                    .cause()
                    .isInstanceOf(StartException.class)
                    .hasMessage("rtmp cannot listen on 0.0.0.0:" + port
                            + " (`rtmp.host`, `rtmp.port`): the port is in use");
        }
    }

    @Test
    void anAddressThatIsNotOursIsNamed() {
        assertThatThrownBy(() -> get(Verticles.deploy(vertx, List.of(listening("rtmp", "192.0.2.1", 0)))))
                .cause()
                .isInstanceOf(StartException.class)
                .message()
                .startsWith("rtmp cannot listen on 192.0.2.1:0 (`rtmp.host`, `rtmp.port`): ")
                .contains("Cannot assign requested address");
    }

    @Test
    void whatElseFailsIsToldWithTheVerticlesName() {
        Row broken = new Row("relay", 1, Optional.empty(), port -> new VerticleBase() {
            @Override
            public Future<?> start() {
                return Future.failedFuture(new IllegalStateException("no map"));
            }
        });
        assertThatThrownBy(() -> get(Verticles.deploy(vertx, List.of(broken, row("rtmp", 1)))))
                .cause()
                .hasMessage("relay did not start: no map");
        assertThat(seen).isEmpty();
    }

    @Test
    void verticlesAreChosenByName() {
        List<Row> rows = List.of(row("registry", 1), row("relay", 1), row("rtmp", 1));
        assertThat(Verticles.only(List.of(), rows)).isEqualTo(rows);
        assertThat(Verticles.only(List.of("rtmp", "registry"), rows))
                .extracting(Row::name)
                .containsExactly("registry", "relay", "rtmp");
        assertThatThrownBy(() -> Verticles.only(List.of("rtpm"), rows))
                .isInstanceOf(ConfigException.class)
                .hasMessage("unknown verticle `rtpm`: did you mean `rtmp`?");
    }

    private Row row(String name, int instances) {
        return new Row(name, instances, Optional.empty(), port -> new VerticleBase() {
            @Override
            public Future<?> start() {
                seen.add("+" + name);
                return Future.succeededFuture();
            }

            @Override
            public Future<?> stop() {
                seen.add("-" + name);
                return Future.succeededFuture();
            }
        });
    }

    private static Row listening(String name, String host, int port) {
        Door door = new Door(name, "rtmp", host, port);
        return new Row(name, 1, Optional.of(door), bound -> server(door, bound));
    }

    private static VerticleBase server(Door door, IntConsumer bound) {
        return new VerticleBase() {
            @Override
            public Future<?> start() {
                return vertx.createNetServer()
                        .connectHandler(socket -> socket.close())
                        .listen(door.port(), door.host())
                        .onSuccess(server -> bound.accept(server.actualPort()));
            }
        };
    }

    private static <T> T get(Future<T> future) throws ExecutionException, InterruptedException {
        try {
            return future.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
        } catch (java.util.concurrent.TimeoutException e) {
            throw new AssertionError("nothing happened", e);
        }
    }
}
