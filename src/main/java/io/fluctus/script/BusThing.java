package io.fluctus.script;

import io.fluctus.bus.AppEvent;
import io.fluctus.bus.Refusal;
import io.fluctus.script.Result.State;
import io.fluctus.script.Thing.Arguments;
import io.fluctus.script.Thing.Callback;
import io.fluctus.script.Thing.Given;
import io.fluctus.script.Thing.Kind;
import io.fluctus.wire.AmfValue;
import io.fluctus.wire.ProtocolException;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.List;
import java.util.Optional;

/** {@code bus}, as scripts see it: words to and from other applications and verticles. */
final class BusThing {
    static final Kind<BusThing> KIND = new Kind<BusThing>("bus")
            .method("send", BusThing::send)
            .method("publish", BusThing::publish)
            .method("request", BusThing::request)
            .method("consumer", BusThing::consumer);

    private static final String PREFIX = "app.";
    private static final int MAX_ADDRESS = 256;

    private final AppApi api;
    private final Estate estate;

    BusThing(AppApi api, Estate estate) {
        this.api = api;
        this.estate = estate;
    }

    private static String address(Arguments given) {
        String address = given.text(0);
        if (!address.startsWith(PREFIX) || address.length() > MAX_ADDRESS) {
            throw new ProtocolException("addresses begin with app. and have at most " + MAX_ADDRESS + " characters");
        }
        return address;
    }

    private Given send(Arguments given) {
        api.bus().send(address(given), given.value(1));
        return Given.NOTHING;
    }

    private Given publish(Arguments given) {
        api.bus().publish(address(given), given.value(1));
        return Given.NOTHING;
    }

    private Given request(Arguments given) {
        String address = address(given);
        return api.answer(given, "bus:request", () -> api.bus().request(address, given.value(1)));
    }

    /** The function's result is the answer; {@code close} of what is given back ends it. */
    private Given consumer(Arguments given) {
        String address = address(given);
        Callback function = given.function(1).orElseThrow(() -> new ProtocolException("bus:consumer needs a function"));
        String path = estate.current();
        Consumer consumer = new Consumer(estate, function);
        estate.add(consumer);
        consumer.opened = Optional.of(api.bus().consume(address, value -> {
            estate.enter(path);
            return answer(function, value);
        }));
        return Given.of(Thing.of(CONSUMER, consumer));
    }

    private static Future<AmfValue> answer(Callback function, AmfValue value) {
        Promise<AmfValue> answer = Promise.promise();
        function.call(List.of(new Given.Plain(value)), result -> settle(answer, result));
        return answer.future();
    }

    private static void settle(Promise<AmfValue> answer, Result result) {
        Optional<String> refusal = result.refusal("refused");
        if (result.state() == State.DONE && refusal.isEmpty()) {
            answer.tryComplete(result.first());
        } else {
            answer.tryFail(new Refusal(AppEvent.REFUSED, refusal.orElse("the consumer failed")));
        }
    }

    private static final Kind<Consumer> CONSUMER = new Kind<Consumer>("consumer").method("close", (consumer, given) -> {
        consumer.close();
        return Given.NOTHING;
    });

    /** Something that listens. */
    private static final class Consumer implements MediaDoor.Opened {
        private final Estate estate;
        private final Callback function;
        private Optional<MediaDoor.Opened> opened = Optional.empty();

        private Consumer(Estate estate, Callback function) {
            this.estate = estate;
            this.function = function;
        }

        @Override
        public void close() {
            estate.remove(this);
            opened.ifPresent(MediaDoor.Opened::close);
            function.close();
        }
    }
}
