package io.fluctus.script;

import io.fluctus.bus.AppEvent;
import io.fluctus.bus.SharedNews;
import io.fluctus.wire.AmfValue;
import io.vertx.core.Promise;
import java.util.Optional;

/** One state of a language with the applications of a tree in it; everything happens on the tree's thread. */
interface Engine extends AutoCloseable {
    /**
     * A version of an application.
     *
     * @param path where clients find it; empty for the root
     * @param parent the path of the application above it that it inherits from
     * @param name of the file, for messages
     * @param serving false: it is there for others to inherit from, and hears no events itself
     */
    record Source(String path, Optional<String> parent, String name, byte[] text, boolean serving) {}

    /** Runs it instead of the version before, which goes on if this one fails: the sentence says where and why. */
    Optional<String> load(Source source);

    void unload(String path);

    /** Tells the application at {@code path} what happened; {@code answer} may be completed later, on this thread. */
    void handle(String path, AppEvent event, Promise<AmfValue> answer);

    /** What is told of the shared objects that the applications use. */
    void hear(SharedNews news);

    /** Some of it was lost. */
    void missed();

    /** What is to be done regularly: {@code onManage}. */
    void manage();

    /** Whether it holds more memory than it may: it is to be replaced then. */
    boolean exhausted();

    @Override
    void close();
}
