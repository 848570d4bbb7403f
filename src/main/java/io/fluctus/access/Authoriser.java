package io.fluctus.access;

import io.fluctus.config.Config;
import io.fluctus.guard.Guard;
import io.fluctus.guard.Network;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Optional;

/** The rules of this gateway, without the site's: one answer to every question of every protocol. */
final class Authoriser {
    static final String WRONG_ADDRESS = "this address may not use the gateway";

    /** Where nothing says who may publish. */
    static final String ONLY_LOCAL =
            "publishing is open to this machine only: set publish.key in config.json and publish as NAME?key=KEY";

    private final Config.Access config;
    private final String adminToken;
    private final boolean siteDecides;
    private final List<Network> allow;
    private final List<Network> deny;
    private final Keyring keys;
    private final Users users;
    private final Tokens tokens;
    private final Links links;
    private final Sessions sessions;
    private final List<Way> ways;

    /** Throws {@link io.fluctus.config.ConfigException} naming the key for rules that cannot be understood. */
    Authoriser(Config all, Sessions sessions) {
        config = all.access();
        adminToken = all.web().adminToken();
        siteDecides = !all.hooks().url().isEmpty() && all.hooks().actions().contains(Action.PUBLISH.word());
        allow = Guard.networks("access.allow", config.allow());
        deny = Guard.networks("access.deny", config.deny());
        keys = new Keyring(
                all.publish().key(),
                config.credentials().keys(),
                config.credentials().playKeys());
        users = new Users(config.credentials().users());
        tokens = new Tokens(config.tokens());
        links = new Links(config.credentials().signingKey());
        this.sessions = sessions;
        ways = List.of(keys, links, users, tokens);
    }

    Tokens tokens() {
        return tokens;
    }

    Links links() {
        return links;
    }

    /** Whether publishing is open to this machine alone, as no rule stands. */
    boolean onlyLocal() {
        return config.publish() == Config.Access.Publishing.AUTO && !siteDecides && !publishingRules();
    }

    private boolean publishingRules() {
        return ways.stream().anyMatch(Way::leadsToPublishing);
    }

    /** {@code seconds}: since 1970. Never {@link Ruling.Silent}. */
    Ruling decide(Question question, long seconds) {
        String host = question.who().host();
        if (!allow.isEmpty() && !Network.anyHolds(allow, host) || Network.anyHolds(deny, host)) {
            return new Ruling.Refused(WRONG_ADDRESS);
        }
        return switch (question.action()) {
            case PUBLISH -> publish(question, seconds);
            case PLAY -> play(question, seconds);
            case API -> api(question, seconds);
            default -> Ruling.Granted.to("host " + host);
        };
    }

    private Ruling publish(Question question, long seconds) {
        Ruling shown = judge(question, seconds);
        boolean open = config.publish() == Config.Access.Publishing.OPEN
                || config.publish() == Config.Access.Publishing.AUTO && !publishingRules() && siteDecides
                || onlyLocal() && question.who().local();
        if (shown instanceof Ruling.Granted) {
            return shown;
        }
        if (open) {
            return Ruling.Granted.to("host " + question.who().host());
        }
        if (onlyLocal()) {
            return new Ruling.Refused(ONLY_LOCAL);
        }
        return shown instanceof Ruling.Refused
                ? shown
                : new Ruling.Refused(
                        keys.leadsToPublishing()
                                ? Keyring.needsKey(Action.PUBLISH)
                                : "publishing is closed: show a key, a user and password, a token or a signed link");
    }

    private Ruling play(Question question, long seconds) {
        Ruling shown = judge(question, seconds);
        boolean keyed = keys.closes(question.stream());
        if (shown instanceof Ruling.Granted) {
            return shown;
        }
        Optional<Ruling.Granted> staff = staff(question.credentials(), seconds);
        if (staff.isPresent()) {
            return staff.get();
        }
        if (config.playOpen() && !keyed) {
            return Ruling.Granted.to("host " + question.who().host());
        }
        return shown instanceof Ruling.Refused
                ? shown
                : new Ruling.Refused(
                        keyed
                                ? Keyring.needsKey(Action.PLAY)
                                : "playing is closed: show a key, a user and password, a token or a signed link");
    }

    /** The first way that lets in; else what was wrong with the first thing that was shown. */
    private Ruling judge(Question question, long seconds) {
        Credentials shown = question.credentials();
        Ruling first = Ruling.SILENT;
        for (Way way : ways) {
            Ruling ruling = way.judge(question, shown, seconds);
            if (ruling instanceof Ruling.Granted) {
                return ruling;
            }
            first = first instanceof Ruling.Silent ? ruling : first;
        }
        return first;
    }

    // -- the API and the console

    private Ruling api(Question question, long seconds) {
        Role needed = Role.NOBODY.word().equals(question.detail())
                ? Role.NOBODY
                : Role.of(question.detail()).orElse(Role.ADMIN);
        if (needed == Role.NOBODY) {
            return Ruling.Granted.to("");
        }
        Ruling who = identify(question, seconds);
        if (who instanceof Ruling.Granted granted && !granted.role().includes(needed)) {
            return new Ruling.Refused("this needs the role " + needed.word());
        }
        return who instanceof Ruling.Silent ? new Ruling.Refused("this needs a token") : who;
    }

    /** Who shows the administrator's token, a session's, a user's password or a site's token. */
    private Ruling identify(Question question, long seconds) {
        Credentials shown = question.credentials();
        Optional<Ruling.Granted> staff = staff(shown, seconds);
        if (staff.isPresent()) {
            return staff.get();
        }
        Ruling user = users.judge(question, shown, seconds);
        Ruling site = user instanceof Ruling.Silent ? tokens.judge(question, shown, seconds) : user;
        return site instanceof Ruling.Silent && shown.has("token") ? new Ruling.Refused("the token is wrong") : site;
    }

    /** Who shows the administrator's token or a session's: they see every stream, too. */
    private Optional<Ruling.Granted> staff(Credentials shown, long seconds) {
        String token = shown.get("token");
        return !adminToken.isEmpty() && Secrets.same(token, adminToken)
                ? Optional.of(Ruling.Granted.to("administrator")
                        .named("administrator")
                        .as(Role.ADMIN))
                : sessions.of(token, seconds);
    }

    /** A user's name and password for the token of a session; refused to those without a role. */
    Ruling login(String user, String password, String host, long seconds) {
        Ruling known = users.identify(
                Credentials.of(
                        "",
                        new JsonObject()
                                .put(
                                        "arguments",
                                        new JsonObject().put("user", user).put("password", password))),
                host,
                seconds);
        return known instanceof Ruling.Granted granted && granted.role() == Role.NOBODY
                ? new Ruling.Refused("this user has no role in the API")
                : known;
    }
}
