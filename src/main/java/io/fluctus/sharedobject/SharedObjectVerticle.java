package io.fluctus.sharedobject;

import io.fluctus.bus.Bus;
import io.fluctus.bus.Bus.Registration;
import io.fluctus.bus.Floodgate;
import io.fluctus.bus.SharedWord;
import io.fluctus.config.Config;
import io.fluctus.media.SharedName;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Owns the shared objects of a node: hears their users, tells them, and lets the disk work on a thread of its own. */
public final class SharedObjectVerticle extends VerticleBase {
    private static final Logger LOG = LoggerFactory.getLogger("shared");

    /** How often what has changed is written. */
    private static final long TICK_MILLIS = 1_000;

    private final Bus bus;
    private final SharedObjects objects;
    private final Disk disk;
    private final Floodgate floodgate = new Floodgate();
    private WorkerExecutor worker;
    private Registration service;
    private Future<?> written = Future.succeededFuture();

    /** Without a folder, persistent objects are refused. */
    public SharedObjectVerticle(Bus bus, Config.Applications config) {
        this.bus = bus;
        this.objects = new SharedObjects(!config.sharedObjects().isEmpty());
        this.disk = new Disk(Path.of(config.sharedObjects()).toAbsolutePath().normalize());
    }

    @Override
    public Future<?> start() {
        worker = vertx.createSharedWorkerExecutor("shared-objects", 1);
        service = bus.serveShared(this::take, this::answer);
        vertx.setPeriodic(TICK_MILLIS, timer -> {
            run(objects.tick());
            floodgate.leftOut(millis()).ifPresent(LOG::info);
        });
        return Future.succeededFuture();
    }

    @Override
    public Future<?> stop() {
        run(objects.finish());
        return service.close()
                .eventually(() -> written.transform(done -> Future.succeededFuture()))
                .eventually(worker::close);
    }

    private void take(SharedWord word) {
        run(objects.obey(word, seconds()));
    }

    /** {@code list}: the objects of {@code app} that are in use. */
    private JsonObject answer(JsonObject question) {
        return new JsonObject().put("objects", objects.list(question.getString("app", "")));
    }

    private void run(List<Effect> effects) {
        effects.forEach(this::run);
    }

    private void run(Effect effect) {
        if (effect instanceof Effect.Tell tell) {
            bus.tell(tell.instance(), tell.news());
        } else if (effect instanceof Effect.Load load) {
            worker.executeBlocking(() -> disk.load(load.name()), true)
                    .onSuccess(image -> run(objects.loaded(load.name(), image, seconds())))
                    .onFailure(error -> {
                        complain(load.name(), "cannot be read", error);
                        run(objects.notLoaded(load.name()));
                    });
        } else if (effect instanceof Effect.Save save) {
            write(save.name(), "cannot be written", () -> {
                disk.save(save.name(), save.image());
                return null;
            });
        } else if (effect instanceof Effect.Erase erase) {
            write(erase.name(), "cannot be deleted", () -> {
                disk.erase(erase.name());
                return null;
            });
        }
    }

    /** One after the other, also with those that load. */
    private void write(SharedName name, String fault, Callable<Void> work) {
        written = worker.executeBlocking(work, true)
                .onSuccess(done -> run(objects.saved(name, true)))
                .onFailure(error -> {
                    complain(name, fault, error);
                    run(objects.saved(name, false));
                });
    }

    private void complain(SharedName name, String fault, Throwable error) {
        String why = error instanceof IOException ? error.toString() : "a fault of the gateway itself: " + error;
        String line = "shared object " + name + " " + fault + ": " + why;
        if (floodgate.admits(line, millis())) {
            LOG.warn(line);
        }
    }

    /** Of the calendar: versions count on from it, so that they are never used again. */
    private static long seconds() {
        return TimeUnit.MILLISECONDS.toSeconds(System.currentTimeMillis());
    }

    private static long millis() {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
    }
}
