package io.fluctus.script;

import io.fluctus.bus.AppEvent;
import io.fluctus.wire.AmfValue;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** What a call of a client costs within its tree, without the bus and the network: run by hand, prints a line for each language. */
final class CallSpeed {
    private static final int CALLS = 300_000;
    private static final int ROUNDS = 4;

    private CallSpeed() {}

    public static void main(String[] words) {
        for (Folder.Language language : Folder.Language.values()) {
            try (Theatre theatre = new Theatre(language, Budget.Limits.STANDARD)) {
                theatre.sample("echo").connect("", "c/1");
                for (int round = 1; round <= ROUNDS; round++) {
                    System.out.printf("%s round %d: %d ns a call%n", language, round, nanos(theatre));
                }
            }
        }
    }

    private static long nanos(Theatre theatre) {
        AppEvent event = new AppEvent.Called("c/1", "echo", List.of(AmfValue.of("hello")));
        long began = System.nanoTime();
        for (int i = 0; i < CALLS; i++) {
            if (!theatre.ask("", event).succeeded()) {
                throw new IllegalStateException("not answered at once");
            }
        }
        return (System.nanoTime() - began) / TimeUnit.NANOSECONDS.toNanos(CALLS);
    }
}
