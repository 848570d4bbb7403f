package io.fluctus;

import io.fluctus.cli.ConfigFile;
import io.fluctus.config.Config;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What an administrator shows: the configured token, or one that was made at the first start and is kept in a file that only its
 * owner reads.
 *
 * @param made whether nobody configured it, so that its owner has to be told
 */
record AdminToken(String value, boolean made) {
    static final String FILE = "admin-token";

    private static final Logger LOG = LoggerFactory.getLogger("gateway");
    private static final int RANDOM_BYTES = 24;

    /** A longer file is none of ours. */
    private static final int MAX_FILE_BYTES = 258;

    private static final Pattern FORM = Pattern.compile("[\\p{Alnum}._~+/=-]{16,256}");

    /** {@code folder} is where the configuration lies. A token that cannot be kept holds until the end of the process. */
    static AdminToken of(Config config, Path folder, SecureRandom random) {
        if (!config.web().adminToken().isEmpty()) {
            return new AdminToken(config.web().adminToken(), false);
        }
        Path file = folder.resolve(FILE);
        try {
            return new AdminToken(read(file), true);
        } catch (NoSuchFileException e) {
            return new AdminToken(make(file, random), true);
        } catch (IOException e) {
            throw new StartException(
                    "cannot read the administrator's token in " + file + " (" + ConfigFile.why(e) + ")", e);
        }
    }

    private static String read(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            String text = new String(in.readNBytes(MAX_FILE_BYTES), StandardCharsets.UTF_8).strip();
            if (!FORM.matcher(text).matches()) {
                throw new IOException("it holds no token: delete it and a new one is made");
            }
            return text;
        }
    }

    private static String make(Path file, SecureRandom random) {
        byte[] bytes = new byte[RANDOM_BYTES];
        random.nextBytes(bytes);
        String token = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
        try {
            OwnerFile.write(file, token + "\n");
            return token;
        } catch (FileAlreadyExistsException e) {
            LOG.warn("another process just made {}: this one has a token of its own until it ends", file);
        } catch (IOException e) {
            LOG.warn(
                    "the administrator's token cannot be kept in {} ({}): the next start makes another",
                    file,
                    ConfigFile.why(e));
        }
        return token;
    }

    /** The configuration with this token in it. */
    Config in(Config config) {
        return config.withWeb(config.web().withAdminToken(value));
    }

    @Override
    public String toString() {
        return made ? "AdminToken[made]" : "AdminToken[configured]";
    }
}
