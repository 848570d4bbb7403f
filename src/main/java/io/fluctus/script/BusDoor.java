package io.fluctus.script;

import io.fluctus.wire.AmfValue;
import io.vertx.core.Future;
import java.util.function.Function;

/** The event bus, as applications reach it: addresses that begin with {@code app.}, on this node. */
interface BusDoor {
    void send(String address, AmfValue value);

    /** Completes on any thread. */
    Future<AmfValue> request(String address, AmfValue value);

    void publish(String address, AmfValue value);

    /** {@code consumer} is called on the tree's thread; its answer goes to who asked. */
    MediaDoor.Opened consume(String address, Function<AmfValue, Future<AmfValue>> consumer);
}
