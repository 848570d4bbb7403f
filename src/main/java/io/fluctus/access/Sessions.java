package io.fluctus.access;

import java.security.SecureRandom;
import java.util.Base64;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Who has shown a password to the console and now shows a token instead; kept in memory alone, so a restart ends them. */
final class Sessions {
    static final long SECONDS = TimeUnit.HOURS.toSeconds(12);

    /** Sessions at a time; the one that is least used ends for one more. */
    static final int MAX = 1_000;

    private static final int TOKEN_BYTES = 24;

    private final SecureRandom random;
    private final Recent<Ruling.Granted> sessions = new Recent<>(MAX);

    Sessions(SecureRandom random) {
        this.random = random;
    }

    /** A new token for one who was identified. */
    String open(Ruling.Granted who, long seconds) {
        byte[] bytes = new byte[TOKEN_BYTES];
        random.nextBytes(bytes);
        String token = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
        sessions.put(Secrets.fingerprint(token), who, seconds + SECONDS);
        return token;
    }

    Optional<Ruling.Granted> of(String token, long seconds) {
        return token.isEmpty() ? Optional.empty() : sessions.get(Secrets.fingerprint(token), seconds);
    }

    void close(String token) {
        sessions.remove(Secrets.fingerprint(token));
    }
}
