package io.fluctus.access;

import java.util.Locale;
import java.util.Optional;

/** Who may do what through the API; each may do what those before it may. */
enum Role {
    NOBODY,
    VIEWER,
    OPERATOR,
    ADMIN;

    static Optional<Role> of(String word) {
        for (Role role : values()) {
            if (role != NOBODY && role.word().equals(word)) {
                return Optional.of(role);
            }
        }
        return Optional.empty();
    }

    boolean includes(Role other) {
        return ordinal() >= other.ordinal();
    }

    String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
