package io.fluctus.access;

import io.fluctus.config.Config;
import java.nio.charset.StandardCharsets;
import java.security.Key;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jose4j.jwa.AlgorithmConstraints;
import org.jose4j.jwa.AlgorithmConstraints.ConstraintType;
import org.jose4j.jwk.JsonWebKey;
import org.jose4j.jwk.JsonWebKeySet;
import org.jose4j.jwk.OctetSequenceJsonWebKey;
import org.jose4j.jwk.VerificationJwkSelector;
import org.jose4j.jws.JsonWebSignature;
import org.jose4j.jwt.JwtClaims;
import org.jose4j.jwt.MalformedClaimException;
import org.jose4j.jwt.NumericDate;
import org.jose4j.jwt.consumer.ErrorCodes;
import org.jose4j.jwt.consumer.InvalidJwtException;
import org.jose4j.jwt.consumer.JwtConsumer;
import org.jose4j.jwt.consumer.JwtConsumerBuilder;
import org.jose4j.jwx.JsonWebStructure;
import org.jose4j.keys.HmacKey;
import org.jose4j.lang.JoseException;
import org.jose4j.lang.UnresolvableKeyException;

/**
 * Tokens (JWT, RFC 7519) that a site signs: with a shared secret, or with a private key whose public one stands in a JWKS. An
 * algorithm is bound to its kind of key, so that no public key is taken for a secret, and {@code kid} only chooses among known keys.
 */
final class Tokens implements Way {
    /** Verified tokens that are remembered: a signature takes a hundred times longer than a look. */
    static final int MAX_REMEMBERED = 2_000;

    /** Keys of one JWKS. */
    static final int MAX_KEYS = 100;

    private static final String[] WITH_SECRET = {"HS256", "HS384", "HS512"};
    private static final String[] WITH_PUBLIC_KEY = {
        "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"
    };
    private static final String SECRET_PREFIX = "HS";

    private final Config.Access.Tokens config;
    private final Recent<Token> known = new Recent<>(MAX_REMEMBERED);
    private final VerificationJwkSelector selector = new VerificationJwkSelector();
    private List<JsonWebKey> keys = List.of();

    /** What a verified token says, but for its times. */
    private record Token(String subject, String name, Role role, Scope publish, Scope play, Ruling.Bounds bounds) {}

    Tokens(Config.Access.Tokens config) {
        this.config = config;
    }

    boolean exist() {
        return !config.secret().isEmpty() || !config.jwks().isEmpty();
    }

    @Override
    public boolean leadsToPublishing() {
        return exist();
    }

    /** The public keys that hold from now on. Throws {@link IllegalArgumentException} for what is no JWKS. */
    void publicKeys(String jwks) {
        try {
            List<JsonWebKey> read = new JsonWebKeySet(jwks).getJsonWebKeys();
            List<JsonWebKey> taken = new ArrayList<>();
            for (JsonWebKey key : read.subList(0, Math.min(read.size(), MAX_KEYS))) {
                if (!key.getKeyType().equals(OctetSequenceJsonWebKey.KEY_TYPE)) { // a secret is none to publish
                    taken.add(key);
                }
            }
            keys = List.copyOf(taken);
            known.clear();
        } catch (JoseException e) {
            throw new IllegalArgumentException("it is no JWKS", e);
        }
    }

    int publicKeys() {
        return keys.size();
    }

    @Override
    public Ruling judge(Question question, Credentials shown, long seconds) {
        if (!exist() || !shown.has("token")) {
            return Ruling.SILENT;
        }
        try {
            Token token = verified(shown.get("token"), seconds);
            boolean allowed = switch (question.action()) {
                case PUBLISH -> token.publish.holds(question.stream());
                case PLAY -> token.play.holds(question.stream());
                default -> true;
            };
            return allowed
                    ? granted(token)
                    : new Ruling.Refused(
                            "the token does not allow to " + question.action().word() + " this stream");
        } catch (InvalidJwtException e) {
            return new Ruling.Refused(sentence(e));
        } catch (MalformedClaimException | IllegalArgumentException e) {
            return new Ruling.Refused("the token's claims cannot be understood");
        }
    }

    private static Ruling granted(Token token) {
        return Ruling.Granted.to("token " + token.subject)
                .named(token.name)
                .as(token.role)
                .within(token.bounds);
    }

    private Token verified(String jwt, long seconds) throws InvalidJwtException, MalformedClaimException {
        String print = Secrets.fingerprint(jwt);
        Optional<Token> seen = known.get(print, seconds);
        if (seen.isPresent()) {
            return seen.get();
        }
        JwtClaims claims = consumer(seconds).processToClaims(jwt);
        Token token = read(claims, print);
        known.put(print, token, claims.getExpirationTime().getValue() - 1);
        return token;
    }

    private JwtConsumer consumer(long seconds) {
        JwtConsumerBuilder builder = new JwtConsumerBuilder()
                .setRequireExpirationTime()
                .setEvaluationTime(NumericDate.fromSeconds(seconds))
                .setVerificationKeyResolver((signature, nested) -> keyOf(signature))
                .setJwsAlgorithmConstraints(allowed());
        if (!config.audience().isEmpty()) {
            builder.setExpectedAudience(config.audience());
        }
        if (!config.issuer().isEmpty()) {
            builder.setExpectedIssuer(config.issuer());
        }
        return builder.build();
    }

    private AlgorithmConstraints allowed() {
        List<String> names = new ArrayList<>();
        if (!config.secret().isEmpty()) {
            names.addAll(List.of(WITH_SECRET));
        }
        if (!config.jwks().isEmpty()) {
            names.addAll(List.of(WITH_PUBLIC_KEY));
        }
        return new AlgorithmConstraints(ConstraintType.PERMIT, names.toArray(String[]::new));
    }

    private Key keyOf(JsonWebSignature signature) throws UnresolvableKeyException {
        if (signature.getAlgorithmHeaderValue().startsWith(SECRET_PREFIX)) {
            return new HmacKey(config.secret().getBytes(StandardCharsets.UTF_8));
        }
        try {
            JsonWebKey key = selector.select(signature, keys);
            if (key != null) {
                return key.getKey();
            }
        } catch (JoseException e) {
            throw new UnresolvableKeyException("no key of the JWKS fits", e);
        }
        throw new UnresolvableKeyException("no key of the JWKS fits");
    }

    private static Token read(JwtClaims claims, String print) throws MalformedClaimException {
        String subject = claims.getSubject() == null ? print : claims.getSubject();
        String name = claims.hasClaim("name") ? claims.getStringClaimValue("name") : claims.getSubject();
        Map<String, Object> all = claims.getClaimsMap();
        Object role = all.get("role");
        return new Token(
                subject,
                name == null ? "" : name,
                role instanceof String word ? Role.of(word).orElse(Role.NOBODY) : Role.NOBODY,
                scope(all.get("publish")),
                scope(all.get("play")),
                Ruling.Bounds.of(all.get("kbps"), all.get("seconds"), all.get("viewers")));
    }

    private static Scope scope(Object claim) {
        return Scope.of(claim).orElseThrow(() -> new IllegalArgumentException("no list of streams"));
    }

    /** For the client: which of the checks failed, and nothing of the token. */
    private static String sentence(InvalidJwtException e) {
        if (e.hasErrorCode(ErrorCodes.EXPIRED)) {
            return "the token has expired";
        }
        if (e.hasErrorCode(ErrorCodes.NOT_YET_VALID)) {
            return "the token is not valid yet";
        }
        if (e.hasErrorCode(ErrorCodes.AUDIENCE_INVALID) || e.hasErrorCode(ErrorCodes.AUDIENCE_MISSING)) {
            return "the token is for somebody else";
        }
        if (e.hasErrorCode(ErrorCodes.EXPIRATION_MISSING)) {
            return "the token does not say when it expires";
        }
        return "the token is not signed by the site";
    }

    /** The key that a token names, so that one that is not known yet can be fetched; empty if there is none. */
    Optional<String> unknownKey(String jwt) {
        try {
            String kid = JsonWebStructure.fromCompactSerialization(jwt).getKeyIdHeaderValue();
            boolean have = kid == null || keys.stream().anyMatch(key -> kid.equals(key.getKeyId()));
            return have ? Optional.empty() : Optional.of(kid);
        } catch (JoseException e) {
            return Optional.empty();
        }
    }
}
