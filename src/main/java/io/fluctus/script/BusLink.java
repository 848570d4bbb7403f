package io.fluctus.script;

import io.fluctus.bus.Bus;
import io.fluctus.bus.Bus.Registration;
import io.fluctus.wire.AmfValue;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Function;

/** The event bus for applications, on the verticle's event loop: values go by reference to applications, as JSON to everybody else. */
final class BusLink {
    private final Bus bus;
    private final Context context;
    private final Map<String, Integer> consumed = new HashMap<>(); // by address: how many applications listen

    BusLink(Bus bus, Context context) {
        this.bus = bus;
        this.context = context;
    }

    /** The door for the applications of one tree. */
    BusDoor door(Executor tree) {
        return new BusDoor() {
            @Override
            public void send(String address, AmfValue value) {
                context.runOnContext(go -> bus.sendValue(address, value, consumed.containsKey(address)));
            }

            @Override
            public Future<AmfValue> request(String address, AmfValue value) {
                Promise<AmfValue> answer = Promise.promise();
                context.runOnContext(go -> bus.requestValue(address, value, consumed.containsKey(address))
                        .onComplete(answer));
                return answer.future();
            }

            @Override
            public void publish(String address, AmfValue value) {
                context.runOnContext(go -> bus.publishValue(address, value));
            }

            @Override
            public MediaDoor.Opened consume(String address, Function<AmfValue, Future<AmfValue>> consumer) {
                Consumer opened = new Consumer(address, value -> {
                    Promise<AmfValue> answer = Promise.promise();
                    tree.execute(() -> consumer.apply(value).onComplete(answer));
                    return answer.future();
                });
                context.runOnContext(go -> opened.open());
                return () -> context.runOnContext(go -> opened.close());
            }
        };
    }

    /** One application that listens to one address. */
    private final class Consumer {
        private final String address;
        private final Function<AmfValue, Future<AmfValue>> server;
        private Optional<Registration> registration = Optional.empty();
        private boolean closed;

        private Consumer(String address, Function<AmfValue, Future<AmfValue>> server) {
            this.address = address;
            this.server = server;
        }

        private void open() {
            if (!closed) {
                consumed.merge(address, 1, Integer::sum);
                registration = Optional.of(bus.serveValues(address, server));
            }
        }

        private void close() {
            if (!closed && registration.isPresent()) {
                consumed.computeIfPresent(address, (same, count) -> count == 1 ? null : count - 1);
                registration.get().close();
            }
            closed = true;
        }
    }
}
