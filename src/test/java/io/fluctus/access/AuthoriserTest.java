package io.fluctus.access;

import static io.fluctus.access.Asked.api;
import static io.fluctus.access.Asked.from;
import static io.fluctus.access.Asked.json;
import static io.fluctus.access.Asked.question;
import static io.fluctus.access.Asked.rules;
import static io.fluctus.access.Asked.word;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fluctus.config.ConfigException;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The rules of the gateway without a site: who may what, and what the refused read. */
class AuthoriserTest {
    private static final String ADDRESS = Asked.HOST;

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                // rules | host is local | query | word
                "{} | true | `` | granted",
                "{} | false | `` | publishing is open to this machine only: set publish.key in config.json and publish as NAME?key=KEY",
                "{} | false | key=guess | publishing is open to this machine only: set publish.key in config.json and publish as NAME?key=KEY",
                "{'publish': {'key': 's3cret'}} | true | `` | publishing needs the key: publish as NAME?key=KEY",
                "{'publish': {'key': 's3cret'}} | false | key=s3cret | granted",
                "{'publish': {'key': 's3cret'}} | false | a=b&key=s3cret&c=d | granted",
                "{'publish': {'key': 's3cret'}} | false | key=s3%63ret | granted",
                "{'publish': {'key': 's3cret'}} | false | key=s3cre | publishing needs the key: publish as NAME?key=KEY",
                "{'publish': {'key': 's3cret'}} | false | key= | publishing needs the key: publish as NAME?key=KEY",
                "{'publish': {'key': 's3cret'}} | false | monkey=s3cret | publishing needs the key: publish as NAME?key=KEY",
                "{'publish': {'key': 's3cret'}} | false | key=wrong&key=s3cret | publishing needs the key: publish as NAME?key=KEY",
                "{'access': {'keys': {'live/*': 'one', 'live/cam': ['two', 'three']}}} | false | key=one | granted",
                "{'access': {'keys': {'live/*': 'one', 'live/cam': ['two', 'three']}}} | false | key=three | granted",
                "{'access': {'keys': {'live/other': 'one'}}} | false | key=one | publishing needs the key: publish as NAME?key=KEY",
                "{'access': {'publish': 'open'}} | false | `` | granted",
                "{'access': {'publish': 'open'}, 'publish': {'key': 'k'}} | false | key=wrong | granted",
                "{'access': {'publish': 'closed'}} | true | `` | publishing is closed: show a key, a user and password, a token or a signed link",
                "{'access': {'users': {'a': {'password': 'password', 'publish': ['live/*']}}}} | true | `` | publishing is closed: show a key, a user and password, a token or a signed link",
                "{'access': {'users': {'a': {'password': 'password', 'role': 'admin'}}}} | true | `` | granted",
                "{'access': {'signingKey': '0123456789abcdef'}} | true | `` | publishing is closed: show a key, a user and password, a token or a signed link",
                "{'access': {'tokenSecret': '0123456789abcdef0123456789abcdef'}} | true | `` | publishing is closed: show a key, a user and password, a token or a signed link",
                "{'hooks': {'url': 'http://127.0.0.1/'}} | false | `` | granted",
                "{'hooks': {'url': 'http://127.0.0.1/', 'actions': 'play'}} | false | `` | publishing is open to this machine only: set publish.key in config.json and publish as NAME?key=KEY",
                "{'hooks': {'url': 'http://127.0.0.1/'}, 'publish': {'key': 'k'}} | true | `` | publishing needs the key: publish as NAME?key=KEY",
            })
    void whoMayPublish(String config, boolean local, String query, String word) {
        Question question = Question.of(Asked.body("publish", "live/cam", query).put("local", local));
        assertThat(word(rules(config).decide(question, 0))).isEqualTo(word);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{} | `` | granted",
                "{} | key=whatever | granted",
                "{'publish': {'key': 's3cret'}} | `` | granted",
                "{'access': {'play': 'closed'}} | `` | playing is closed: show a key, a user and password, a token or a signed link",
                "{'access': {'playKeys': {'live/cam': 'p'}}} | `` | playing needs a key: play NAME?key=KEY",
                "{'access': {'playKeys': {'live/cam': 'p'}}} | key=p | granted",
                "{'access': {'playKeys': {'live/cam': 'p'}}} | key=q | playing needs a key: play NAME?key=KEY",
                "{'access': {'playKeys': {'live/other': 'p'}}} | `` | granted",
                "{'access': {'keys': {'*': 'p'}, 'play': 'closed'}} | key=p | playing is closed: show a key, a user and password, a token or a signed link",
                "{'access': {'play': 'closed', 'users': {'a': {'password': 'password', 'play': 'live/*'}}}} | user=a&password=password | granted",
                "{'access': {'play': 'closed', 'users': {'a': {'password': 'password', 'play': 'live/*'}}}} | user=a&password=wrong | the user or the password is wrong",
                "{'access': {'play': 'closed', 'users': {'a': {'password': 'password', 'play': 'vod/*'}}}} | user=a&password=password | this user may not play this stream",
                "{'access': {'play': 'closed', 'users': {'a': {'password': 'password', 'play': 'live/*'}}}} | user=b&password=password | the user or the password is wrong",
                "{'access': {'play': 'closed'}, 'web': {'adminToken': 'the-administrator'}} | token=the-administrator | granted",
                "{'access': {'play': 'closed'}, 'web': {'adminToken': 'the-administrator'}} | token=another | playing is closed: show a key, a user and password, a token or a signed link",
            })
    void whoMayPlay(String config, String query, String word) {
        assertThat(word(rules(config).decide(question("play", "live/cam", query), 0)))
                .isEqualTo(word);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "'deny': '192.0.2.0/24' | 192.0.2.7 | false",
                "'deny': '192.0.2.0/24' | 192.0.3.7 | true",
                "'allow': '10.0.0.0/8, 2001:db8::/32' | 10.200.1.1 | true",
                "'allow': '10.0.0.0/8, 2001:db8::/32' | 2001:db8::5 | true",
                "'allow': '10.0.0.0/8, 2001:db8::/32' | 2001:db9::5 | false",
                "'allow': '10.0.0.0/8, 2001:db8::/32' | 127.0.0.1 | false",
                "'allow': '10.0.0.0/8', 'deny': '10.1.2.3' | 10.1.2.3 | false",
            })
    void theAddressDecidesBeforeEverythingElse(String access, String host, boolean allowed) {
        Authoriser rules = rules("{'access': {" + access + ", 'publish': 'open'}}");
        for (String action : new String[] {"connect", "publish", "play", "rpc", "record", "api"}) {
            Question question = from(host, true, action, "live/cam");
            String said = word(rules.decide(question, 0));
            if (allowed) {
                assertThat(said).as(action).isNotEqualTo(Authoriser.WRONG_ADDRESS);
            } else {
                assertThat(said).as(action).isEqualTo(Authoriser.WRONG_ADDRESS);
            }
        }
    }

    @Test
    void tokensAndKeysMayStandInEveryPlace() {
        Authoriser rules = rules(
                "{'publish': {'key': 'k'}, 'access': {'users': {'a': {'password': 'password'," + "'publish': '*'}}}}");
        JsonObject inConnect = Asked.body("publish", "live/cam", "").put("shown", json("{'query': 'x=1&key=k'}"));
        JsonObject asArgument = Asked.body("publish", "live/cam", "").put("shown", json("{'arguments': {'key': 'k'}}"));
        String basic = Base64.getEncoder().encodeToString("a:password".getBytes(StandardCharsets.UTF_8));
        JsonObject inHeader = Asked.body("publish", "live/cam", "")
                .put("shown", new JsonObject().put("authorization", "basic " + basic));
        for (JsonObject body : new JsonObject[] {inConnect, asArgument, inHeader}) {
            assertThat(word(rules.decide(Question.of(body), 0))).isEqualTo("granted");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "admin, Bearer the-administrator, granted",
        "operator, bearer the-administrator, granted",
        "admin, Bearer the-administrato, the token is wrong",
        "admin, '', this needs a token",
        "admin, Basic dmlld2VyMTpwYXNzd29yZA==, this needs the role admin",
        "operator, Basic dmlld2VyMTpwYXNzd29yZA==, this needs the role operator",
        "viewer, Basic dmlld2VyMTpwYXNzd29yZA==, granted",
        "viewer, Basic ???, the user or the password is wrong",
        "viewer, Basic bm9ib2R5OnBhc3N3b3Jk, this needs the role viewer",
        "nonsense, Basic dmlld2VyMTpwYXNzd29yZA==, this needs the role admin",
    })
    void rolesOfTheApi(String role, String authorization, String word) {
        Authoriser rules = rules("{'web': {'adminToken': 'the-administrator'}, 'access': {'users': {"
                + "'viewer1': {'password': 'password', 'role': 'viewer'}, 'nobody': {'password': 'password'}}}}");
        assertThat(word(rules.decide(api(role, authorization), 0))).isEqualTo(word);
    }

    @Test
    void withoutAnAdministratorsTokenNoTokenIsOne() {
        assertThat(word(rules("{}").decide(api("viewer", "Bearer "), 0))).isEqualTo("the token is wrong");
    }

    @Test
    void theSameKeyOrWithoutKeysTheSameHostIsTheSamePublisher() {
        Authoriser keyed = rules("{'access': {'keys': {'*': ['k', 'l']}}}");
        assertThat(credential(keyed, "192.0.2.7", "key=k")).isEqualTo(credential(keyed, "192.0.2.8", "key=k"));
        assertThat(credential(keyed, "192.0.2.7", "key=k")).isNotEqualTo(credential(keyed, "192.0.2.7", "key=l"));
        Authoriser open = rules("{'access': {'publish': 'open'}}");
        assertThat(credential(open, "192.0.2.7", "")).isNotEqualTo(credential(open, "192.0.2.8", ""));
    }

    @Test
    void noSecretCanBeReadFromACredential() {
        assertThat(credential(rules("{'publish': {'key': 's3cret'}}"), ADDRESS, "key=s3cret"))
                .doesNotContain("s3cret");
    }

    private static String credential(Authoriser rules, String host, String query) {
        Question question = Question.of(Asked.body("publish", "live/cam", query).put("host", host));
        return ((Ruling.Granted) rules.decide(question, 0)).credential();
    }

    @Test
    void twentyWrongPasswordsOfAnAccountFromAnAddressAreFollowedByAQuarterOfAnHour() {
        Authoriser rules = rules("{'access': {'users': {'anna': {'password': 'password', 'role': 'admin'}}}}");
        for (int i = 0; i < Throttle.TRIES; i++) {
            assertThat(word(rules.login("anna", "guess " + i, ADDRESS, i)))
                    .isEqualTo("the user or the password is wrong");
        }
        assertThat(word(rules.login("anna", "password", ADDRESS, 20))).isEqualTo(Users.TOO_OFTEN);
        assertThat(word(rules.login("anna", "password", "192.0.2.8", 20))).isEqualTo("granted");
        long last = Throttle.TRIES - 1;
        assertThat(word(rules.login("anna", "password", ADDRESS, last + 899))).isEqualTo(Users.TOO_OFTEN);
        assertThat(word(rules.login("anna", "password", ADDRESS, last + 900))).isEqualTo("granted");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "'users': {'a': 1} | what is no object",
                "'users': {'a': {'password': 'short'}} | no password of at least 8 characters",
                "'users': {'a': {'password': 'password', 'role': 'root'}} | a role other than viewer, operator and admin",
                "'users': {'a': {'password': 'password', 'publish': 7}} | a \"publish\" that is no list of streams",
                "'users': {'a': {'password': 'password', 'plays': '*'}} | the unknown key \"plays\"",
                "'keys': {'live/*': ''} | what is no key",
                "'playKeys': {'live/*': [1]} | what is no key",
                "'allow': '10.0.0.0/33' | holds \"10.0.0.0/33\"",
                "'deny': 'cafe' | holds \"cafe\"",
            })
    void aWrongRuleStopsTheStartAndTellsNoSecret(String access, String said) {
        assertThatThrownBy(() -> rules("{'access': {" + access + "}}"))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining(said)
                .hasMessageNotContaining("short");
    }
}
