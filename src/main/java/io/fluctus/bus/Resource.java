package io.fluctus.bus;

import io.vertx.core.buffer.Buffer;

/**
 * What one room makes and another serves over HTTP; passed by reference and never changed.
 *
 * @param maxAgeSeconds how long it may be kept by caches; 0: asked for again each time
 */
public record Resource(int status, String type, int maxAgeSeconds, Buffer body) {
    /** Why there is nothing, in a sentence. */
    public static Resource refusal(int status, String sentence) {
        return new Resource(status, "", 0, Buffer.buffer(sentence));
    }

    public boolean isRefusal() {
        return type.isEmpty();
    }
}
