package io.fluctus.access;

import java.util.Locale;

/** What the authoriser is asked about, and what only the site is told. */
enum Action {
    CONNECT,
    PUBLISH,
    PLAY,
    RECORD,
    RPC,
    API,
    UNPUBLISH,
    STOP,
    VIEWERS;

    /** Throws IllegalArgumentException for a word that is none. */
    static Action of(String word) {
        return valueOf(word.toUpperCase(Locale.ROOT));
    }

    String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
