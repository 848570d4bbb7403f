package io.fluctus.access;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Who may publish: with a key, everybody who gives it; without one, this machine only. */
final class PublishRule {
    private static final Pattern KEY = Pattern.compile("(?:^|&)key=([^&]*)");

    private final String key;

    PublishRule(String key) {
        this.key = key;
    }

    /** Empty when one on this machine, or not, may publish with {@code query}; else the sentence for the one refused. */
    Optional<String> refuse(boolean local, String query) {
        if (key.isEmpty()) {
            return local
                    ? Optional.empty()
                    : Optional.of("publishing is open to this machine only: set publish.key in config.json and "
                            + "publish as NAME?key=KEY");
        }
        return given(query).filter(this::equalsKey).isPresent()
                ? Optional.empty()
                : Optional.of("publishing needs the key: publish as NAME?key=KEY");
    }

    /** What makes two publishers the same one: the key where one is used, else the host. */
    String credential(String host, String query) {
        return key.isEmpty() ? "host " + host : "key " + given(query).orElse("");
    }

    private static Optional<String> given(String query) {
        Matcher matcher = KEY.matcher(query);
        return matcher.find() ? Optional.of(matcher.group(1)) : Optional.empty();
    }

    /** Takes the same time for every wrong key. */
    private boolean equalsKey(String given) {
        return MessageDigest.isEqual(given.getBytes(StandardCharsets.UTF_8), key.getBytes(StandardCharsets.UTF_8));
    }
}
