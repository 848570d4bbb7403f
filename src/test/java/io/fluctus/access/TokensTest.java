package io.fluctus.access;

import static io.fluctus.access.Asked.question;
import static io.fluctus.access.Asked.word;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fluctus.config.Config;
import java.nio.charset.StandardCharsets;
import java.security.Key;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.jose4j.jwa.AlgorithmConstraints;
import org.jose4j.jwk.EcJwkGenerator;
import org.jose4j.jwk.JsonWebKey;
import org.jose4j.jwk.JsonWebKeySet;
import org.jose4j.jwk.OctetKeyPairJsonWebKey;
import org.jose4j.jwk.OkpJwkGenerator;
import org.jose4j.jwk.PublicJsonWebKey;
import org.jose4j.jwk.RsaJwkGenerator;
import org.jose4j.jws.JsonWebSignature;
import org.jose4j.jwt.JwtClaims;
import org.jose4j.jwt.NumericDate;
import org.jose4j.keys.EllipticCurves;
import org.jose4j.keys.HmacKey;
import org.jose4j.lang.JoseException;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tokens of a site: which are taken, and which of the known tricks are not. */
class TokensTest {
    private static final String SECRET = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    private static final long NOW = 1_700_000_000;
    private static PublicJsonWebKey rsa;
    private static PublicJsonWebKey ec;
    private static PublicJsonWebKey ed;

    private final Tokens tokens = new Tokens(new Config.Access.Tokens(SECRET, "keys.json", "", ""));

    @BeforeAll
    static void makeKeys() throws JoseException {
        rsa = named(RsaJwkGenerator.generateJwk(2048), "rsa");
        ec = named(EcJwkGenerator.generateJwk(EllipticCurves.P256), "ec");
        ed = named(OkpJwkGenerator.generateJwk(OctetKeyPairJsonWebKey.SUBTYPE_ED25519), "ed");
    }

    private static PublicJsonWebKey named(PublicJsonWebKey key, String kid) {
        key.setKeyId(kid);
        return key;
    }

    private static String jwks() {
        return new JsonWebKeySet(List.of(rsa, ec, ed)).toJson(JsonWebKey.OutputControlLevel.PUBLIC_ONLY);
    }

    private static JwtClaims claims() {
        JwtClaims claims = new JwtClaims();
        claims.setSubject("anna");
        claims.setExpirationTime(NumericDate.fromSeconds(NOW + 60));
        claims.setStringListClaim("play", "live/*");
        claims.setStringListClaim("publish", "live/anna");
        return claims;
    }

    private static String signed(JwtClaims claims, String algorithm, Key key, String kid) throws JoseException {
        JsonWebSignature signature = new JsonWebSignature();
        signature.setPayload(claims.toJson());
        signature.setAlgorithmHeaderValue(algorithm);
        signature.setAlgorithmConstraints(AlgorithmConstraints.NO_CONSTRAINTS);
        signature.setDoKeyValidation(false);
        signature.setKey(key);
        if (!kid.isEmpty()) {
            signature.setKeyIdHeaderValue(kid);
        }
        return signature.getCompactSerialization();
    }

    private static String withSecret(JwtClaims claims) throws JoseException {
        return signed(claims, "HS256", new HmacKey(SECRET.getBytes(StandardCharsets.UTF_8)), "");
    }

    private String judge(String action, String stream, String token, long seconds) {
        Question question = question(action, stream, "token=" + token);
        return word(tokens.judge(question, question.credentials(), seconds));
    }

    private String play(String token) {
        return judge("play", "live/cam", token, NOW);
    }

    @ParameterizedTest
    @ValueSource(strings = {"HS256", "HS384", "HS512"})
    void secretsSign(String algorithm) throws JoseException {
        assertThat(play(signed(claims(), algorithm, new HmacKey(SECRET.getBytes(StandardCharsets.UTF_8)), "")))
                .isEqualTo("granted");
    }

    @ParameterizedTest
    @ValueSource(strings = {"RS256", "PS384", "RS512", "ES256", "EdDSA"})
    void keysOfTheJwksSign(String algorithm) throws JoseException {
        tokens.publicKeys(jwks());
        PublicJsonWebKey key = algorithm.startsWith("Ed") ? ed : algorithm.startsWith("ES") ? ec : rsa;
        assertThat(play(signed(claims(), algorithm, key.getPrivateKey(), key.getKeyId())))
                .isEqualTo("granted");
        assertThat(play(signed(claims(), algorithm, key.getPrivateKey(), ""))).isEqualTo("granted");
    }

    @Test
    void claimsNameWhatMayBePlayedAndPublished() throws JoseException {
        String token = withSecret(claims());
        assertThat(judge("play", "live/cam", token, NOW)).isEqualTo("granted");
        assertThat(judge("play", "vod/cam", token, NOW)).isEqualTo("the token does not allow to play this stream");
        assertThat(judge("publish", "live/anna", token, NOW)).isEqualTo("granted");
        assertThat(judge("publish", "live/cam", token, NOW))
                .isEqualTo("the token does not allow to publish this stream");
    }

    @Test
    void aTokenSaysWhoItIsAndHowMuchHeMay() throws JoseException {
        JwtClaims claims = claims();
        claims.setStringClaim("name", "Anna B");
        claims.setStringClaim("role", "operator");
        claims.setClaim("kbps", 800);
        claims.setClaim("seconds", 3600);
        claims.setClaim("viewers", -5);
        Question question = question("play", "live/cam", "token=" + withSecret(claims));
        Ruling.Granted granted = (Ruling.Granted) tokens.judge(question, question.credentials(), NOW);
        assertThat(granted.name()).isEqualTo("Anna B");
        assertThat(granted.role()).isEqualTo(Role.OPERATOR);
        assertThat(granted.credential()).isEqualTo("token anna");
        assertThat(granted.bounds()).isEqualTo(new Ruling.Bounds(800, 3600, 0));
    }

    @Test
    void aTokenEndsInItsSecond() throws JoseException {
        String token = withSecret(claims());
        for (int again = 0; again < 2; again++) { // the second time it is remembered
            assertThat(judge("play", "live/cam", token, NOW + 59)).isEqualTo("granted");
            assertThat(judge("play", "live/cam", token, NOW + 60)).isEqualTo("the token has expired");
        }
    }

    @Test
    void timesThatDoNotHold() throws JoseException {
        JwtClaims forever = claims();
        forever.unsetClaim("exp");
        assertThat(play(withSecret(forever))).isEqualTo("the token does not say when it expires");
        JwtClaims later = claims();
        later.setNotBefore(NumericDate.fromSeconds(NOW + 30));
        assertThat(play(withSecret(later))).isEqualTo("the token is not valid yet");
    }

    @Test
    void algNoneIsNoSignature() throws JoseException {
        String header = base64("{\"alg\":\"none\"}");
        assertThat(play(header + "." + base64(claims().toJson()) + "."))
                .isEqualTo("the token is not signed by the site");
        String upper = base64("{\"alg\":\"NONE\"}");
        assertThat(play(upper + "." + base64(claims().toJson()) + "."))
                .isEqualTo("the token is not signed by the site");
    }

    @Test
    void aPublicKeyIsNeverTakenForASecret() throws JoseException {
        tokens.publicKeys(jwks());
        for (byte[] known : List.of(
                rsa.getPublicKey().getEncoded(),
                jwks().getBytes(StandardCharsets.UTF_8),
                pem(rsa).getBytes(StandardCharsets.UTF_8))) {
            assertThat(play(signed(claims(), "HS256", new HmacKey(known), "rsa")))
                    .isEqualTo("the token is not signed by the site");
        }
    }

    @Test
    void aSecretInAPublishedJwksIsNone() throws JoseException {
        String leaked = "{\"keys\":[{\"kty\":\"oct\",\"kid\":\"s\",\"k\":\"" + base64("x".repeat(64)) + "\"}]}";
        tokens.publicKeys(leaked);
        assertThat(tokens.publicKeys()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"../../../etc/passwd", "/dev/null", "http://127.0.0.1/key", "' or 1=1", ""})
    void aKidOnlyChoosesAmongKnownKeys(String kid) throws JoseException {
        tokens.publicKeys(jwks());
        PublicJsonWebKey other = RsaJwkGenerator.generateJwk(2048);
        assertThat(play(signed(claims(), "RS256", other.getPrivateKey(), kid)))
                .isEqualTo("the token is not signed by the site");
    }

    @Test
    void aTokenThatBringsItsOwnKeyBringsNothing() throws JoseException {
        PublicJsonWebKey own = EcJwkGenerator.generateJwk(EllipticCurves.P256);
        JsonWebSignature signature = new JsonWebSignature();
        signature.setPayload(claims().toJson());
        signature.setAlgorithmHeaderValue("ES256");
        signature.setKey(own.getPrivateKey());
        signature.setJwkHeader(own);
        tokens.publicKeys(jwks());
        assertThat(play(signature.getCompactSerialization())).isEqualTo("the token is not signed by the site");
    }

    @Test
    void theAudienceMustBeOurs() throws JoseException {
        JwtClaims claims = claims();
        claims.setAudience("somebody else");
        assertThat(play(withSecret(claims))).isEqualTo("the token is for somebody else");
        Tokens ours = new Tokens(new Config.Access.Tokens(SECRET, "", "gateway", "site"));
        claims.setIssuer("site");
        assertThat(judge(ours, withSecret(claims))).isEqualTo("the token is for somebody else");
        claims.setAudience("gateway");
        assertThat(judge(ours, withSecret(claims))).isEqualTo("granted");
        claims.setIssuer("another site");
        assertThat(judge(ours, withSecret(claims))).isEqualTo("the token is not signed by the site");
    }

    private static String judge(Tokens tokens, String token) {
        Question question = question("play", "live/cam", "token=" + token);
        return word(tokens.judge(question, question.credentials(), NOW));
    }

    @Test
    void whatIsNoTokenIsNotSigned() {
        for (String text : new String[] {"", "x", "a.b.c", "....", "eyJ.eyJ.sig", "\u0000"}) {
            assertThat(play(text)).as(text).isEqualTo("the token is not signed by the site");
        }
    }

    @Test
    void claimsOfTheWrongKindAreRefused() throws JoseException {
        JwtClaims claims = claims();
        claims.setClaim("play", Map.of("live", true));
        assertThat(play(withSecret(claims))).isEqualTo("the token's claims cannot be understood");
    }

    @Test
    void newKeysHoldInsteadOfTheOldOnes() throws JoseException {
        tokens.publicKeys(jwks());
        String token = signed(claims(), "ES256", ec.getPrivateKey(), "ec");
        assertThat(play(token)).isEqualTo("granted");
        assertThat(tokens.unknownKey(token)).isEmpty();
        tokens.publicKeys("{\"keys\":[]}");
        assertThat(play(token)).isEqualTo("the token is not signed by the site");
        assertThat(tokens.unknownKey(token)).contains("ec");
        assertThatThrownBy(() -> tokens.publicKeys("<html>")).isInstanceOf(IllegalArgumentException.class);
    }

    private static String pem(PublicJsonWebKey key) {
        return "-----BEGIN PUBLIC KEY-----\n"
                + Base64.getMimeEncoder().encodeToString(key.getPublicKey().getEncoded())
                + "\n-----END PUBLIC KEY-----\n";
    }

    private static String base64(String text) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void withoutASecretAndKeysNoTokenIsLookedAt() throws JoseException {
        Tokens none = new Tokens(new Config.Access.Tokens("", "", "", ""));
        assertThat(judge(none, withSecret(claims()))).isEqualTo("silent");
    }
}
