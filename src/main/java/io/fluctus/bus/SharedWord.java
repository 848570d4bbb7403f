package io.fluctus.bus;

import io.fluctus.media.SharedEvent;
import io.fluctus.media.SharedName;
import java.util.List;

/**
 * What a user says about a shared object, to the one who owns it.
 *
 * @param user its id on the bus: a client's, or one that an application has made up in the same form
 * @param persistent whether the user takes it for one that is kept on disk
 * @param version of the copy that the user holds; 0: none
 */
public record SharedWord(String user, SharedName object, boolean persistent, long version, List<SharedEvent> events) {
    public SharedWord {
        events = List.copyOf(events);
    }
}
