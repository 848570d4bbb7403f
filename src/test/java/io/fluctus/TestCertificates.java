package io.fluctus;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;

/** Certificates as the gateway makes them, under any name. */
public final class TestCertificates {
    private TestCertificates() {}

    public static void write(Path chain, Path key, String name) throws Exception {
        Files.deleteIfExists(key);
        OwnCertificate.make(chain, key, name, Set.of("localhost", "127.0.0.1"));
    }
}
