package io.fluctus.sharedobject;

import io.fluctus.bus.SharedNews;
import io.fluctus.media.SharedName;

/** What is to be done for shared objects outside of them. */
sealed interface Effect {
    /** To be told to the users at this verticle instance. */
    record Tell(String instance, SharedNews news) implements Effect {}

    /** To be read from disk; {@link SharedObjects#loaded} or {@link SharedObjects#notLoaded} is the answer. */
    record Load(SharedName name) implements Effect {}

    /** To be written to disk; {@link SharedObjects#saved} is the answer. */
    record Save(SharedName name, Slots.Image image) implements Effect {}

    /** To be deleted on disk; {@link SharedObjects#saved} is the answer. */
    record Erase(SharedName name) implements Effect {}
}
