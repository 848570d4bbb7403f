package io.fluctus.access;

import io.fluctus.bus.Address;
import io.fluctus.bus.Bus;
import io.fluctus.bus.Bus.Registration;
import io.fluctus.bus.Floodgate;
import io.fluctus.bus.Refusal;
import io.fluctus.bus.Verdict;
import io.fluctus.config.Config;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.json.JsonObject;
import java.security.SecureRandom;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The authoriser at {@link Address#ACCESS}, one instance a node: {@code ask} is answered with a {@link Verdict} or refused,
 * {@code end} gives back what was granted; the other words are the API's.
 */
public final class AccessVerticle extends VerticleBase {
    private static final Logger LOG = LoggerFactory.getLogger("access");

    private static final int BAD_REQUEST = 400;
    private static final int UNAUTHORIZED = 401;
    private static final int FORBIDDEN = 403;
    private static final int TOO_MANY = 429;
    private static final int UNAVAILABLE = 503;

    private static final long TICK_MILLIS = 1_000;

    /** How often the site is told of viewers. */
    private static final long VIEWERS_MILLIS = 10_000;

    /** Streams whose viewers are told of at a time; those that are left out are told of when they change again. */
    private static final int MAX_TOLD = 1_000;

    /** How long a link may be good for. */
    private static final long MAX_LINK_SECONDS = TimeUnit.DAYS.toSeconds(366);

    private final Bus bus;
    private final Config config;
    private final Sessions sessions = new Sessions(new SecureRandom());
    private final Authoriser authoriser;
    private final Attendance attendance;
    private final Floodgate floodgate = new Floodgate();
    private Site site;
    private Jwks jwks;
    private Registration service;
    private long denied;

    /** Throws {@link io.fluctus.config.ConfigException} naming the key for rules that cannot be understood. */
    public AccessVerticle(Bus bus, Config config) {
        this.bus = bus;
        this.config = config;
        this.authoriser = new Authoriser(config, sessions);
        this.attendance = new Attendance(config.limits());
    }

    /** Whether publishing is open to this machine alone, as no rule stands. */
    public static boolean onlyThisMachinePublishes(Config config) {
        return new Authoriser(config, new Sessions(new SecureRandom())).onlyLocal();
    }

    @Override
    public Future<?> start() {
        site = new Site(vertx, config.hooks());
        jwks = new Jwks(vertx, config.access().tokens().jwks(), authoriser.tokens());
        service = bus.serve(Address.ACCESS, this::answer);
        vertx.setPeriodic(TICK_MILLIS, timer -> tick());
        if (site.hears(Action.VIEWERS)) {
            vertx.setPeriodic(
                    VIEWERS_MILLIS,
                    timer -> attendance.changedViewers().entrySet().stream()
                            .limit(MAX_TOLD)
                            .forEach(entry -> site.tellViewers(entry.getKey(), entry.getValue())));
        }
        if (authoriser.onlyLocal()) {
            LOG.info(
                    "publishing is open to this machine only: set publish.key in config.json to open it, or see docs/access.md");
        }
        return jwks.start();
    }

    @Override
    public Future<?> stop() {
        return Future.all(service.close(), site.close(), jwks.close());
    }

    private void tick() {
        attendance.expired(monotonic()).forEach(client -> kick(client, "its time is over"));
        floodgate.leftOut(monotonic()).ifPresent(LOG::info);
        if (!site.hears(Action.VIEWERS)) {
            attendance.changedViewers(); // or they would be remembered for nobody
        }
    }

    private void kick(String client, String reason) {
        bus.send(
                Address.client(client),
                new JsonObject().put("op", "kick").put("client", client).put("reason", reason));
    }

    private Future<JsonObject> answer(JsonObject body) {
        try {
            return switch (body.getString("op", "")) {
                case "ask" -> ask(Question.of(body));
                case "end" -> end(body);
                case "login" -> login(body);
                case "logout" -> logout(body);
                case "link" -> link(body);
                case "state" -> Future.succeededFuture(state());
                case "hooks" -> Future.succeededFuture(site.toJson());
                case "test" -> site.test(Action.of(body.getString("action")));
                default -> Future.failedFuture(new Refusal(BAD_REQUEST, "no such word to access"));
            };
        } catch (IllegalArgumentException | NullPointerException | ClassCastException e) {
            return Future.failedFuture(new Refusal(BAD_REQUEST, "the question cannot be understood"));
        }
    }

    // -- who may what

    private Future<JsonObject> ask(Question question) {
        Ruling own = authoriser.decide(question, seconds());
        if (own instanceof Ruling.Refused && namesUnknownKey(question)) {
            return jwks.read().compose(read -> rule(question, authoriser.decide(question, seconds())));
        }
        return rule(question, own);
    }

    private boolean namesUnknownKey(Question question) {
        return jwks.isDue()
                && authoriser
                        .tokens()
                        .unknownKey(question.credentials().get("token"))
                        .isPresent();
    }

    private Future<JsonObject> rule(Question question, Ruling own) {
        if (!(own instanceof Ruling.Granted granted)) {
            return refuse(question, ((Ruling.Refused) own).reason());
        }
        if (question.action() == Action.API) {
            return Future.succeededFuture(verdict(granted));
        }
        if (attendance.isFull()) {
            return Future.failedFuture(new Refusal(UNAVAILABLE, "the gateway has as many clients as it can count"));
        }
        Attendance.Stay stay = attendance.enter(question.who());
        if (!site.hears(question.action())) {
            return admit(stay, question, granted);
        }
        return site.ask(question).compose(ruling -> {
            if (ruling instanceof Ruling.Refused refused) {
                return refuse(question, refused.reason());
            }
            return attendance.isHere(stay)
                    ? admit(stay, question, merged(granted, (Ruling.Granted) ruling))
                    : Future.failedFuture(new Refusal(FORBIDDEN, "the client is gone"));
        });
    }

    /** The site's word counts where it says one. */
    private static Ruling.Granted merged(Ruling.Granted own, Ruling.Granted site) {
        return new Ruling.Granted(
                site.stream().isEmpty() ? own.stream() : site.stream(),
                site.name().isEmpty() ? own.name() : site.name(),
                site.credential().isEmpty() ? own.credential() : "site " + site.credential(),
                own.role(),
                new Ruling.Bounds(
                        site.bounds().kbps() == 0
                                ? own.bounds().kbps()
                                : site.bounds().kbps(),
                        site.bounds().seconds() == 0
                                ? own.bounds().seconds()
                                : site.bounds().seconds(),
                        site.bounds().viewers() == 0
                                ? own.bounds().viewers()
                                : site.bounds().viewers()));
    }

    private Future<JsonObject> admit(Attendance.Stay stay, Question question, Ruling.Granted granted) {
        String stream = granted.stream().isEmpty() ? question.stream() : granted.stream();
        return attendance
                .admit(stay, question, stream, granted.bounds(), monotonic())
                .map(full -> this.refuse(question, full))
                .orElseGet(() -> Future.succeededFuture(verdict(granted)));
    }

    private JsonObject verdict(Ruling.Granted granted) {
        return new Verdict(
                        granted.stream(),
                        granted.name(),
                        granted.credential(),
                        granted.bounds().kbps(),
                        site.hears(Action.RPC),
                        granted.role().word())
                .toJson();
    }

    private Future<JsonObject> refuse(Question question, String reason) {
        denied++;
        String line = question + " refused: " + reason;
        if (floodgate.admitsFrom(question.who().host(), line, monotonic())) {
            bus.publish(
                    Address.EVENTS,
                    new JsonObject()
                            .put("type", "denied")
                            .put("action", question.action().word())
                            .put("stream", question.stream())
                            .put("address", question.who().host())
                            .put("reason", reason)
                            .put("node", bus.node())
                            .put("at", System.currentTimeMillis()));
        }
        int code =
                question.action() == Action.API && !reason.startsWith("this needs the role") ? UNAUTHORIZED : FORBIDDEN;
        return Future.failedFuture(new Refusal(reason.equals(Users.TOO_OFTEN) ? TOO_MANY : code, reason));
    }

    private Future<JsonObject> end(JsonObject body) {
        String client = body.getString("client");
        Action action = Action.of(body.getString("action"));
        (action == Action.CONNECT
                        ? attendance.disconnected(client)
                        : attendance.ended(action, client, body.getString("stream")))
                .forEach(site::tell);
        return Future.succeededFuture(new JsonObject());
    }

    // -- what the API asks

    private Future<JsonObject> login(JsonObject body) {
        Ruling ruling =
                authoriser.login(body.getString("user"), body.getString("password"), body.getString("host"), seconds());
        if (ruling instanceof Ruling.Granted granted) {
            return Future.succeededFuture(new JsonObject()
                    .put("token", sessions.open(granted, seconds()))
                    .put("role", granted.role().word())
                    .put("name", granted.name())
                    .put("seconds", Sessions.SECONDS));
        }
        String reason = ((Ruling.Refused) ruling).reason();
        LOG.info("{} may not log in: {}", body.getString("host"), reason);
        return Future.failedFuture(new Refusal(reason.equals(Users.TOO_OFTEN) ? TOO_MANY : UNAUTHORIZED, reason));
    }

    private Future<JsonObject> logout(JsonObject body) {
        sessions.close(body.getString("token"));
        return Future.succeededFuture(new JsonObject());
    }

    /** {@code {action, stream, seconds, address}}: what follows {@code ?} in a link that is good for so long. */
    private Future<JsonObject> link(JsonObject body) {
        Action action = Action.of(body.getString("action"));
        long seconds = body.getLong("seconds");
        if (!authoriser.links().exist()) {
            return Future.failedFuture(new Refusal(BAD_REQUEST, "there is no access.signingKey"));
        }
        if (seconds < 1 || seconds > MAX_LINK_SECONDS || action != Action.PLAY && action != Action.PUBLISH) {
            return Future.failedFuture(
                    new Refusal(BAD_REQUEST, "a link is to play or publish, for 1 s to " + MAX_LINK_SECONDS + " s"));
        }
        long until = seconds() + seconds;
        String query = authoriser.links().make(action, body.getString("stream"), until, body.getString("address", ""));
        return Future.succeededFuture(new JsonObject().put("query", query).put("expires", until));
    }

    private JsonObject state() {
        return new JsonObject()
                .put("onlyLocal", authoriser.onlyLocal())
                .put("playOpen", config.access().playOpen())
                .put("publicKeys", authoriser.tokens().publicKeys())
                .put("clients", attendance.clients())
                .put("applications", new JsonObject(Map.copyOf(attendance.connections())))
                .put("viewers", new JsonObject(Map.copyOf(attendance.viewers())))
                .put("denied", denied)
                .put("refusedForRoom", attendance.refused());
    }

    private static long seconds() {
        return TimeUnit.MILLISECONDS.toSeconds(System.currentTimeMillis());
    }

    private static long monotonic() {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
    }
}
