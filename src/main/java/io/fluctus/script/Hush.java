package io.fluctus.script;

import io.fluctus.bus.AppEvent;
import io.fluctus.bus.ClientWord;
import io.fluctus.bus.Refusal;
import io.fluctus.wire.AmfValue;
import io.vertx.core.Future;

/** A line to clients on which nothing is said while it is hushed: for a new version that meets those who are there. */
final class Hush implements Words {
    private final Words line;
    private boolean hushed;

    Hush(Words line) {
        this.line = line;
    }

    void during(Runnable action) {
        hushed = true;
        try {
            action.run();
        } finally {
            hushed = false;
        }
    }

    @Override
    public void tell(ClientWord word) {
        if (!hushed) {
            line.tell(word);
        }
    }

    @Override
    public Future<AmfValue> ask(ClientWord word) {
        return hushed
                ? Future.failedFuture(new Refusal(AppEvent.REFUSED, "the application is being loaded"))
                : line.ask(word);
    }
}
