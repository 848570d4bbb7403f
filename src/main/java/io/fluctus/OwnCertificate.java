package io.fluctus;

import io.fluctus.cli.ConfigFile;
import io.fluctus.config.Config;
import io.fluctus.config.ConfigException;
import io.fluctus.guard.Certificate;
import io.fluctus.guard.Network;
import java.io.IOException;
import java.io.StringWriter;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Date;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The certificate of the ports with TLS: the configured one, or one signed by itself, made at the first start and kept. */
final class OwnCertificate {
    static final String CHAIN_FILE = "tls-certificate.pem";
    static final String KEY_FILE = "tls-key.pem";

    private static final Logger LOG = LoggerFactory.getLogger("tls");

    /** Longer than any machine keeps its names; who wants a shorter time has a certificate of an authority. */
    private static final long DAYS = 3_650;

    private static final int SERIAL_BITS = 120;

    private OwnCertificate() {}

    /** Empty where no port has TLS. {@code folder} is where the configuration lies, {@code reachable} the host's address. */
    static Optional<Certificate> of(Config config, Path folder, String reachable) {
        Config.Tls tls = config.tls();
        if (tls.certificate().isEmpty() != tls.key().isEmpty()) {
            throw new ConfigException("`tls.certificate` and `tls.key` belong together: one of them is missing");
        }
        if (tls.rtmpsPort() < 0 && tls.httpsPort() < 0) {
            return Optional.empty();
        }
        if (!tls.certificate().isEmpty()) {
            return Optional.of(
                    new Certificate(readable("tls.certificate", tls.certificate()), readable("tls.key", tls.key())));
        }
        Path chain = folder.resolve(CHAIN_FILE);
        Path key = folder.resolve(KEY_FILE);
        if (!Files.exists(chain) || !Files.exists(key)) {
            make(chain, key, "Fluctus", names(reachable));
        }
        return Optional.of(new Certificate(chain, key));
    }

    private static Path readable(String path, String file) {
        if (!Files.isReadable(Path.of(file))) {
            throw new ConfigException("`" + path + "` is \"" + file + "\": there is no such file that can be read");
        }
        return Path.of(file);
    }

    private static Set<String> names(String reachable) {
        Set<String> names = new LinkedHashSet<>(List.of(reachable, "localhost", PublicAddress.LOOPBACK, "::1"));
        try {
            names.add(InetAddress.getLocalHost().getHostName());
        } catch (UnknownHostException e) {
            LOG.debug("this machine does not know its own name");
        }
        return names;
    }

    static void make(Path chain, Path key, String subject, Set<String> names) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            KeyPair pair = generator.generateKeyPair();
            X509Certificate certificate = sign(pair, subject, names);
            OwnerFile.write(key, pem(new JcaPKCS8Generator(pair.getPrivate(), null).generate()));
            Files.writeString(chain, pem(certificate));
            LOG.info(
                    "made a certificate for {} in {}, with the SHA-256 fingerprint {}",
                    String.join(", ", names),
                    chain,
                    fingerprint(certificate));
        } catch (IOException e) {
            throw new StartException("the certificate cannot be kept in " + chain + " (" + ConfigFile.why(e) + ")", e);
        } catch (GeneralSecurityException | OperatorCreationException e) {
            throw new StartException("no certificate can be made: " + e.getMessage(), e);
        }
    }

    private static X509Certificate sign(KeyPair pair, String subject, Set<String> names)
            throws GeneralSecurityException, OperatorCreationException, IOException {
        X500Name name = new X500Name("CN=" + subject);
        Instant now = Instant.now().truncatedTo(ChronoUnit.DAYS);
        GeneralName[] all = names.stream()
                .map(text -> new GeneralName(
                        Network.bytes(text).isPresent() ? GeneralName.iPAddress : GeneralName.dNSName, text))
                .toArray(GeneralName[]::new);
        JcaX509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                name,
                new BigInteger(SERIAL_BITS, new SecureRandom()),
                Date.from(now.minus(1, ChronoUnit.DAYS)),
                Date.from(now.plus(DAYS, ChronoUnit.DAYS)),
                name,
                pair.getPublic());
        builder.addExtension(Extension.subjectAlternativeName, false, new GeneralNames(all));
        builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
        return new JcaX509CertificateConverter()
                .getCertificate(builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(pair.getPrivate())));
    }

    private static String pem(Object value) throws IOException {
        StringWriter text = new StringWriter();
        try (JcaPEMWriter writer = new JcaPEMWriter(text)) {
            writer.writeObject(value);
        }
        return text.toString();
    }

    /** As browsers show it. */
    static String fingerprint(X509Certificate certificate) throws GeneralSecurityException {
        byte[] hash = MessageDigest.getInstance("SHA-256").digest(certificate.getEncoded());
        return HexFormat.ofDelimiter(":").formatHex(hash).toUpperCase(Locale.ROOT);
    }
}
