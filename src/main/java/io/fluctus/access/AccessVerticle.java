package io.fluctus.access;

import io.fluctus.bus.Address;
import io.fluctus.bus.Bus;
import io.fluctus.bus.Bus.Registration;
import io.fluctus.bus.Refusal;
import io.fluctus.config.Config;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.json.JsonObject;

/** Decides at {@link Address#ACCESS}: {@code {action, host, local, query}} is answered with the
 * credential, or refused with the reason; {@code local} says that the client is on this machine. */
public final class AccessVerticle extends VerticleBase {
    private static final int FORBIDDEN = 403;
    private static final int BAD_REQUEST = 400;

    private final Bus bus;
    private final PublishRule publish;
    private Registration service;

    public AccessVerticle(Bus bus, Config.Publish config) {
        this.bus = bus;
        this.publish = new PublishRule(config.key());
    }

    @Override
    public Future<?> start() {
        service = bus.serve(Address.ACCESS, this::decide);
        return Future.succeededFuture();
    }

    @Override
    public Future<?> stop() {
        return service.close();
    }

    private Future<JsonObject> decide(JsonObject question) {
        if (!"publish".equals(question.getString("action"))) {
            return Future.failedFuture(new Refusal(BAD_REQUEST, "no rule for this action"));
        }
        String query = question.getString("query");
        return publish.refuse(question.getBoolean("local"), query)
                .map(reason -> Future.<JsonObject>failedFuture(new Refusal(FORBIDDEN, reason)))
                .orElseGet(() -> Future.succeededFuture(
                        new JsonObject().put("credential", publish.credential(question.getString("host"), query))));
    }
}
