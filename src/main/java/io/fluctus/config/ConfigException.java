package io.fluctus.config;

/** The configuration is wrong: the sentence names the key or the file and says what would be right. It stops the start. */
public final class ConfigException extends RuntimeException {
    public ConfigException(String sentence) {
        super(sentence, null, false, false);
    }
}
