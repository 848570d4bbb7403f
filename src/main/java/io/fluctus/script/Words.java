package io.fluctus.script;

import io.fluctus.bus.ClientWord;
import io.fluctus.wire.AmfValue;
import io.vertx.core.Future;

/** The line of an application to its clients. */
interface Words {
    /** To a client, without an answer. */
    void tell(ClientWord word);

    /** To a client; completes on any thread. */
    Future<AmfValue> ask(ClientWord word);
}
