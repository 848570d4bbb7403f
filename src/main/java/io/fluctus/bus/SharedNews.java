package io.fluctus.bus;

import io.fluctus.media.SharedEvent;
import io.fluctus.media.SharedName;
import java.util.List;

/**
 * What is told of a shared object to those who use it at one verticle instance, in the order in which it happened.
 *
 * @param user the one it is for; with {@code others} the one it is not for, or empty
 * @param version of the object, all {@code events} done
 */
public record SharedNews(
        SharedName object, boolean persistent, long version, String user, boolean others, List<SharedEvent> events) {
    public SharedNews {
        events = List.copyOf(events);
    }
}
