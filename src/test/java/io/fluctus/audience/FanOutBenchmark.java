package io.fluctus.audience;

import io.fluctus.bus.Bus;
import io.fluctus.config.Config;
import io.fluctus.guard.Shares;
import io.fluctus.media.MediaPacket;
import io.fluctus.media.MediaPacket.Kind;
import io.fluctus.media.Packets;
import io.fluctus.media.Prelude;
import io.fluctus.media.StreamName;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/**
 * What one packet costs to fan out, in time and in bytes allocated, by the number of viewers; without sockets. Its main method runs it
 * with the GC profiler: {@code gc.alloc.rate.norm} shall not grow with the viewers.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 3, time = 2)
@Fork(1)
public class FanOutBenchmark {
    private static final StreamName CAM = StreamName.parse("live/cam");

    @Param({"10", "100", "1000"})
    public int viewers;

    private final Vertx vertx = Vertx.vertx();
    private final Bus bus = new Bus(vertx, "n", 1);
    private final Context context = vertx.getOrCreateContext();
    private final Semaphore lastHasIt = new Semaphore(0);
    private long sequence;

    @Setup
    public void join() throws InterruptedException {
        bus.serveRelay(0, stream -> new Prelude.Snapshot(true, sequence, List.of()), word -> new JsonObject());
        Config config = Config.from(new JsonObject().put("fanout", new JsonObject().put("gatherMillis", 0)));
        context.runOnContext(v -> {
            Audiences audiences =
                    new Audiences(vertx, bus, config, new Shares(config.limits().kbps()), "test.0");
            for (int i = 0; i < viewers; i++) {
                audiences.join(CAM, new Sink(i == viewers - 1 ? lastHasIt::release : () -> {}));
            }
        });
        settle();
        settle(); // the prelude is there, and all are seated
    }

    /** One packet to all of them: ends when the last one has it. */
    @Benchmark
    public void packet() throws InterruptedException {
        MediaPacket packet =
                MediaPacket.of(Kind.AUDIO, sequence, Packets.audio(0).payload());
        bus.outlet(CAM, Packets.numbered(packet, ++sequence));
        lastHasIt.acquire();
    }

    private void settle() throws InterruptedException {
        CountDownLatch done = new CountDownLatch(1);
        context.runOnContext(v -> done.countDown());
        done.await();
    }

    @TearDown
    public void close() throws Exception {
        vertx.close().toCompletionStage().toCompletableFuture().get(5, TimeUnit.SECONDS);
    }

    public static void main(String[] arguments) throws RunnerException {
        new Runner(new OptionsBuilder()
                        .include(FanOutBenchmark.class.getSimpleName())
                        .addProfiler(GCProfiler.class)
                        .build())
                .run();
    }
}
