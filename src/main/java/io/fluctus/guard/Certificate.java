package io.fluctus.guard;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.ServerSSLOptions;
import java.nio.file.Path;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The two PEM files of a server's certificate, and what follows when they change. */
public record Certificate(Path chain, Path key) {
    private static final Logger LOG = LoggerFactory.getLogger("tls");

    /** How often the files are looked at. */
    private static final long LOOK_MILLIS = 2_000;

    /** A longer file is no certificate and no key. */
    private static final int MAX_FILE = 1 << 20;

    /** Both files as they were read together. */
    private record Pair(Buffer chain, Buffer key) {
        private ServerSSLOptions options() {
            return new ServerSSLOptions()
                    .setKeyCertOptions(
                            new PemKeyCertOptions().addCertValue(chain).addKeyValue(key));
        }

        private boolean isSmall() {
            return chain.length() <= MAX_FILE && key.length() <= MAX_FILE;
        }

        @Override
        public String toString() {
            return "Pair[]";
        }
    }

    /** What a server listens with. Fails when the files cannot be read. */
    public Future<ServerSSLOptions> options(Vertx vertx) {
        return read(vertx).map(Pair::options);
    }

    private Future<Pair> read(Vertx vertx) {
        return Future.all(
                        vertx.fileSystem().readFile(chain.toString()),
                        vertx.fileSystem().readFile(key.toString()))
                .map(both -> new Pair(both.resultAt(0), both.resultAt(1)))
                .compose(pair -> pair.isSmall()
                        ? Future.succeededFuture(pair)
                        : Future.failedFuture("a file is larger than " + MAX_FILE + " bytes"));
    }

    /**
     * Gives new files to {@code server}, whose sessions go on with the old ones; files that do not fit together are left alone until
     * they do. The id of the timer is returned.
     */
    public long watch(Vertx vertx, Function<ServerSSLOptions, Future<Boolean>> server) {
        Watch watch = new Watch();
        read(vertx).onSuccess(pair -> watch.last = pair);
        return vertx.setPeriodic(
                LOOK_MILLIS,
                id -> read(vertx).onSuccess(pair -> {
                    if (watch.last != null && !pair.equals(watch.last)) {
                        watch.last = pair;
                        server.apply(pair.options())
                                .onSuccess(
                                        changed -> LOG.info("new connections get the changed certificate in {}", chain))
                                .onFailure(error -> LOG.warn(
                                        "the changed certificate in {} is not taken: {}", chain, error.getMessage()));
                    }
                }));
    }

    /** What was last given to the server, or tried. */
    private static final class Watch {
        private Pair last;
    }
}
