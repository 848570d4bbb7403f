package io.fluctus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fluctus.config.Config;
import io.fluctus.config.ConfigException;
import io.fluctus.guard.Certificate;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The certificate of a gateway that was given none. */
class OwnCertificateTest {
    @TempDir
    Path folder;

    private static Config config(String json) {
        return Config.from(new JsonObject(json.replace('\'', '"')));
    }

    @Test
    void itIsForTheNamesOfTheHostAndKeptForItsOwner() throws Exception {
        Config config = config("{'rtmps': {'port': 0}}");
        Certificate made = OwnCertificate.of(config, folder, "tv.example.org").orElseThrow();
        X509Certificate read = read(made);
        assertThat(read.getSubjectAlternativeNames().toString()).contains("tv.example.org", "localhost", "127.0.0.1");
        read.verify(read.getPublicKey());
        read.checkValidity();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(made.key())))
                .isEqualTo("rw-------");
        assertThat(OwnCertificate.fingerprint(read)).matches("([0-9A-F]{2}:){31}[0-9A-F]{2}");
        assertThat(read(OwnCertificate.of(config, folder, "other.example.org").orElseThrow()))
                .as("the next start keeps it")
                .isEqualTo(read);
    }

    private static X509Certificate read(Certificate certificate) throws Exception {
        return (X509Certificate) CertificateFactory.getInstance("X.509")
                .generateCertificate(new ByteArrayInputStream(Files.readAllBytes(certificate.chain())));
    }

    @Test
    void withoutATlsPortNoneIsMade() throws Exception {
        assertThat(OwnCertificate.of(config("{}"), folder, "h")).isEmpty();
        try (var files = Files.list(folder)) {
            assertThat(files).isEmpty();
        }
    }

    @Test
    void halfACertificateStopsTheStart() {
        assertThatThrownBy(() -> OwnCertificate.of(config("{'tls': {'key': 'k.pem'}}"), folder, "h"))
                .isInstanceOf(ConfigException.class)
                .hasMessage("`tls.certificate` and `tls.key` belong together: one of them is missing");
    }

    @Test
    void aCertificateThatIsNotThereStopsTheStart() {
        assertThatThrownBy(() -> OwnCertificate.of(
                        config("{'https': {'port': 0}, 'tls': {'certificate': 'no.pem', 'key': 'no.pem'}}"),
                        folder,
                        "h"))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("`tls.certificate` is \"no.pem\"");
    }
}
