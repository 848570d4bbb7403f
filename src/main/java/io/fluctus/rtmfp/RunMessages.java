package io.fluctus.rtmfp;

import io.fluctus.audience.Run;
import io.vertx.core.buffer.Buffer;
import java.util.List;

/** The messages of the last run, made once for all viewers of an instance that get it one after the other. */
final class RunMessages {
    private Run run;
    private List<Buffer> messages = List.of();

    List<Buffer> of(Run asked) {
        if (asked != run) {
            run = asked;
            messages = asked.packets().stream()
                    .map(packet -> FlowMessage.of(packet).write())
                    .toList();
        }
        return messages;
    }
}
