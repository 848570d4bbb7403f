package io.fluctus.access;

import io.fluctus.bus.Refusal;
import io.fluctus.config.Config;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The site that decides and is told: its answers are kept as long as it says, its notices leave in order. */
final class Site {
    private static final Logger LOG = LoggerFactory.getLogger("access");

    private static final int NOT_FOUND = 404;

    /** Answers that are kept. */
    static final int MAX_ANSWERS = 10_000;

    /** What the client reads when the site does not decide. */
    static final String NO_ANSWER = "the site that decides cannot be asked now";

    private final Vertx vertx;
    private final Config.Hooks config;
    private final Set<String> actions;
    private final SiteCaller caller;
    private final Notices notices = new Notices();
    private final Recent<Ruling> answers = new Recent<>(MAX_ANSWERS);
    private long hits;
    private boolean wasReached = true;

    Site(Vertx vertx, Config.Hooks config) {
        this.vertx = vertx;
        this.config = config;
        this.actions = config.url().isEmpty() ? Set.of() : new TreeSet<>(config.actions());
        this.caller = new SiteCaller(vertx, config);
    }

    Future<Void> close() {
        return caller.close();
    }

    boolean hears(Action action) {
        return actions.contains(action.word());
    }

    /** Never fails: an answer that does not come is a ruling, too. */
    Future<Ruling> ask(Question question) {
        JsonObject request = request(question);
        String key = Secrets.fingerprint(keyOf(question, request));
        Optional<Ruling> kept = answers.get(key, now());
        if (kept.isPresent()) {
            hits++;
            return Future.succeededFuture(kept.get());
        }
        return caller.call(question.action(), request).map(answer -> {
            if (answer instanceof SiteAnswer.Decided decided) {
                noteReached(true, "");
                if (decided.maxAge() > 0) {
                    answers.put(key, decided.ruling(), now() + TimeUnit.SECONDS.toMillis(decided.maxAge()));
                }
                return decided.ruling();
            }
            noteReached(false, ((SiteAnswer.Failed) answer).why());
            return withoutAnswer(question.action());
        });
    }

    /** Playing, and connecting to play, may go on without the site, where it is set so; nothing else does. */
    private Ruling withoutAnswer(Action action) {
        boolean goesOn = config.playWithoutAnswer() && (action == Action.PLAY || action == Action.CONNECT);
        return goesOn ? Ruling.Granted.to("") : new Ruling.Refused(NO_ANSWER);
    }

    private void noteReached(boolean reached, String why) {
        if (reached != wasReached) {
            wasReached = reached;
            LOG.warn(reached ? "the site answers again" : "the site does not answer: {}", why);
        }
    }

    /** The same client with the same question gets the same answer; its port and its id make no difference. */
    private static String keyOf(Question question, JsonObject request) {
        JsonObject key = request.copy();
        List.of("client", "address", "at").forEach(key::remove);
        return key.encode() + question.shown().getString("authorization", "");
    }

    private static JsonObject request(Question question) {
        JsonObject shown = question.shown();
        JsonObject request = of(question.action(), question.who(), question.stream())
                .put("app", question.app())
                .put("local", question.who().local())
                .put("query", question.query())
                .put("connectQuery", shown.getString("query", ""))
                .put("arguments", shown.getJsonObject("arguments", new JsonObject()))
                .put("page", shown.getJsonObject("page", new JsonObject()));
        String authorization = shown.getString("authorization", "");
        if (!authorization.isEmpty()) {
            request.put("authorization", authorization);
        }
        return question.action() == Action.RPC ? request.put("method", question.detail()) : request;
    }

    private static JsonObject of(Action action, Question.Who who, String stream) {
        return new JsonObject()
                .put("action", action.word())
                .put("stream", stream)
                .put("client", who.client())
                .put("protocol", who.protocol())
                .put("host", who.host())
                .put("address", who.address())
                .put("at", System.currentTimeMillis());
    }

    // -- what it is told

    void tell(Attendance.Over over) {
        if (hears(over.action())) {
            tell(over.action(), of(over.action(), over.who(), over.stream()));
        }
    }

    void tellViewers(String stream, int viewers) {
        tell(
                Action.VIEWERS,
                new JsonObject()
                        .put("action", Action.VIEWERS.word())
                        .put("stream", stream)
                        .put("viewers", viewers)
                        .put("at", System.currentTimeMillis()));
    }

    private void tell(Action action, JsonObject request) {
        notices.add(new Notices.Notice(action, request));
        sendNext();
    }

    private void sendNext() {
        notices.next()
                .ifPresent(notice -> caller.call(notice.action(), notice.request())
                        .onSuccess(answer -> {
                            if (answer instanceof SiteAnswer.Decided) {
                                notices.arrived();
                                sendNext();
                            } else {
                                sendAgain(notices.failed());
                            }
                        }));
    }

    private void sendAgain(long millis) {
        if (millis == 0) {
            notices.again();
            sendNext();
        } else {
            vertx.setTimer(millis, timer -> {
                notices.again();
                sendNext();
            });
        }
    }

    // -- what people see

    /** A call that decides nothing: what the site makes of it stands in the deliveries. */
    Future<JsonObject> test(Action action) {
        if (config.url().isEmpty()) {
            return Future.failedFuture(new Refusal(NOT_FOUND, "there is no hooks.url"));
        }
        JsonObject request = of(
                        action, new Question.Who("test/0", "test", "127.0.0.1", "127.0.0.1:0", true), "test/test")
                .put("test", true);
        return caller.call(action, request)
                .map(answer -> caller.deliveries()
                        .toJson()
                        .getJsonObject(action.word())
                        .getJsonArray("deliveries")
                        .getJsonObject(0));
    }

    JsonObject toJson() {
        return new JsonObject()
                .put("configured", !config.url().isEmpty())
                .put("signed", !config.secret().isEmpty())
                .put("actions", List.copyOf(actions))
                .put("timeoutMillis", config.timeoutMillis())
                .put("reached", wasReached)
                .put("answersKept", answers.size())
                .put("answersFromMemory", hits)
                .put("noticesWaiting", notices.size())
                .put("noticesDelivered", notices.delivered())
                .put("noticesGivenUp", notices.givenUp())
                .put("hooks", caller.deliveries().toJson());
    }

    private static long now() {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
    }
}
