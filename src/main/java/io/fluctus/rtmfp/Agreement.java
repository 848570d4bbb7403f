package io.fluctus.rtmfp;

import io.vertx.core.buffer.Buffer;
import java.util.Optional;
import java.util.random.RandomGenerator;

/** A Diffie-Hellman computation that a handshake waits for: to be run away from the event loop, and delivered back. */
public record Agreement(int sessionId, Optional<DhGroup.KeyPair> staticKey, Keying.FarKey far) {

    /** The expensive part: up to two exponentiations. */
    public Result compute(RandomGenerator random) {
        if (!far.group().isAcceptable(far.publicValue())) {
            return new Result(sessionId, Buffer.buffer(), Optional.empty());
        }
        DhGroup.KeyPair own = staticKey.orElseGet(() -> far.group().generate(random));
        return new Result(sessionId, own.publicValue(), own.agree(far.publicValue()));
    }

    /** Our public value and the secret; no secret if the far public value is not to be trusted. */
    public record Result(int sessionId, Buffer publicValue, Optional<Buffer> secret) {}
}
